/**
 * Collections of Rust that are filled step by step. What is put in on the way that made one is known to be in it; what is put in under a
 * condition, or in a loop whose rounds are not known, may be.
 */
import type { Ev } from './ev.js';
import { keyOf } from './keys.js';
import { and, type F, not, or, type Place, since, TRUE } from './formula.js';
import { atom, bool, constant, map, NONE, None_, op, phi, seq, Some, STR } from './make.js';
import { concrete, equal, member } from './ops.js';
import { type CallArgs, nextId, type Val } from './values.js';

type Seq = Val & { t: 'seq' };
type MapVal = Val & { t: 'map' };

const MADE =
  /(^|::)(Vec|VecDeque|LinkedList|HashSet|BTreeSet|IndexSet|HashMap|BTreeMap|IndexMap)::(new|with_capacity|default|from|from_iter)$/;

/** A text with nothing in it yet, as its path says. */
export const NEW_TEXT = /^(std::string::)?String::(new|with_capacity)$/;

/** `Vec::new()`, `HashMap::from([..])`, `String::new()`; undefined where it makes no collection, or one of unknown content. */
export function collection(ev: Ev, path: string, a: CallArgs): Val | undefined {
  if (NEW_TEXT.test(path)) return STR('');
  const m = MADE.exec(path);
  if (!m || /^(dashmap|moka)\b/.test(path)) return undefined;
  const name = m[2] as string;
  const first = a.pos[0];
  const keyed = name.endsWith('Map');
  if (m[3] === 'from' || m[3] === 'from_iter') {
    if (first?.t !== 'seq') return undefined;
    return keyed ? asMap(ev, first) : born(ev, seq(name.endsWith('Set') ? 'set' : 'list', [...first.items], first.rest));
  }
  return keyed ? born(ev, map()) : born(ev, seq(name.endsWith('Set') ? 'set' : 'list', []));
}

/** What is in a collection where `when` holds; of a map, under `key`. */
export interface Part {
  when: F;
  x: Val;
  key?: Val | undefined;
}

/** Where a collection was made, and what was put into it under conditions since; undefined where that is not followed any more. */
interface Filling {
  from: F;
  parts: readonly Part[] | undefined;
  /** Something may have been taken out of it. */
  less?: true;
}
const fillings = new WeakMap<Val, Filling>();

/** Takes note of where a collection is made. */
export function born<T extends Seq | MapVal>(ev: Ev, v: T, parts: readonly Part[] | undefined = v.rest ? undefined : []): T {
  ev.journal.born(v);
  fillings.set(v, { from: ev.pc, parts });
  return v;
}

/** What may be in `v` besides what is known to be in it; undefined where that is not followed. */
export const partsOf = (v: Seq | MapVal): readonly Part[] | undefined => (v.rest ? fillings.get(v)?.parts : []);

/** A collection of its own with the same content. */
export const copied = (ev: Ev, v: Seq | MapVal): Seq | MapVal =>
  v.t === 'seq'
    ? born(ev, seq(v.kind, [...v.items], v.rest), partsOf(v))
    : born(ev, { ...map(new Map(v.entries), v.rest), ...(v.keys ? { keys: new Map(v.keys) } : {}) }, partsOf(v));

/** A list of what is known to be in it, and of what is in it under conditions. */
export const listed = (ev: Ev, items: Val[], parts: readonly Part[]): Seq =>
  born(ev, seq('list', items, parts.length > 0 ? op('either', [...new Set(parts.map(p => p.x))]) : undefined), parts);

/** Pairs as the map that they are collected into; undefined where a key is not known. */
function asMap(ev: Ev, pairs: Seq): MapVal | undefined {
  if (pairs.rest) return undefined;
  const out = map();
  for (const p of pairs.items) {
    const k = p.t === 'seq' && p.items.length === 2 ? keyOf(p.items[0] as Val) : undefined;
    if (k === undefined || p.t !== 'seq') return undefined;
    out.entries.set(k, p.items[1] as Val);
    (out.keys ??= new Map()).set(k, p.items[0] as Val);
  }
  return born(ev, out);
}

/** What else may be in it, from now on. */
export function mayHold(ev: Ev, v: Seq | MapVal, x: Val, key?: Val, when: F = TRUE): void {
  const f = fillings.get(v);
  if (f?.parts && !ev.trying) {
    const part: Part = { when: and(since(ev.pc, f.from), when), x, key };
    f.parts = [...f.parts, part];
    for (const l of ev.journal.running) l.filled(part, f.from);
  }
  ev.journal.write(v as unknown as Record<string, unknown>, 'rest', v.rest ? op('either', [v.rest, x]) : x);
}

/** Puts `items` into a list or set. */
export function put(ev: Ev, v: Seq, items: readonly Val[]): void {
  if (ev.journal.isHere(v)) ev.journal.write(v as unknown as Record<string, unknown>, 'items', [...v.items, ...items]);
  else for (const x of items) mayHold(ev, v, x);
}

/** Puts `x` under `key`. */
export function putAt(ev: Ev, v: MapVal, key: Val, x: Val): void {
  const k = keyOf(key);
  if (k === undefined || !ev.journal.isHere(v)) return mayHold(ev, v, x, key);
  ev.write(v.entries, k, x, v);
  (v.keys ??= new Map()).set(k, key);
}

/** Methods after which it is not known any more what is in it. */
const CHANGES =
  /^(entry|append|extend_from_slice|retain|retain_mut|remove|remove_entry|swap_remove|pop|pop_front|pop_back|pop_first|pop_last|clear|truncate|resize|split_off|get_or_insert_with|try_insert|replace)$/;
const ADDS = /^(entry|append|extend_from_slice|resize|get_or_insert_with|try_insert)$/;

/** Takes note that a method changes the collection in a way that is not followed. */
export function changes(ev: Ev, v: Seq | MapVal, name: string, a: CallArgs): void {
  if (!CHANGES.test(name)) return;
  const inside = v.t === 'seq' ? v.items : [...v.entries.values()];
  // Where nothing was in it, there is nothing to take out of it.
  if (!ADDS.test(name) && inside.length === 0 && !v.rest) return;
  mayHold(ev, v, op('changed', [...inside.slice(0, 16), ...a.pos]));
  const f = fillings.get(v);
  if (f) Object.assign(f, { parts: undefined, less: true });
}

/** Is `x` in it, or is there something under the key `x`? Undefined where that is not followed. */
export function holds(v: Seq | MapVal, x: Val, place: Place): F | undefined {
  const parts = v.rest && partsOf(v);
  if (!parts) return undefined;
  const known = member(x, { ...v, rest: undefined, id: nextId() }, place);
  const is = (y: Val): F => (concrete(y) || !concrete(x) ? equal(x, y, place) : atom('in', [x, y], place));
  return or([known, ...parts.map(p => and(p.when, is((v.t === 'map' ? p.key : p.x) ?? NONE)))]);
}

/** What is under the key `x` of a map, as an Option; undefined where that is not followed. */
export function under(v: MapVal, x: Val, place: Place): Val | undefined {
  const parts = v.rest && partsOf(v);
  const k = keyOf(x);
  if (!parts || k === undefined || !parts.every(p => p.key && concrete(p.key))) return undefined;
  const first = v.entries.get(k);
  return parts.reduce((before: Val, p) => phi(and(p.when, equal(x, p.key as Val, place)), Some(p.x), before), first ? Some(first) : None_);
}

/** Is nothing in it? Undefined where its content was not followed. */
export function isEmpty(v: Seq | MapVal): Val | undefined {
  const f = fillings.get(v);
  if ((v.t === 'seq' ? v.items.length : v.entries.size) > 0) return f?.less ? undefined : constant(false);
  if (!v.rest) return constant(true);
  return f?.parts?.length ? bool(not(or(f.parts.map(p => p.when)))) : undefined;
}

/** What the default value of a type that is not known answers: nothing is in it. */
export function ofDefault(v: Val, name: string): Val | undefined {
  if (v.t !== 'op' || v.op !== 'default') return undefined;
  if (/^(get|first|last|next|remove|pop|get_mut|nth|find|max|min)$/.test(name)) return None_;
  if (/^(contains|contains_key|any)$/.test(name)) return constant(false);
  if (name === 'is_empty' || name === 'all') return constant(true);
  if (name === 'len' || name === 'count') return constant(0);
  return undefined;
}
