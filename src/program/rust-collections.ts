/**
 * Collections of Rust that are filled step by step. What is put in on the way that made one is known to be in it; what is put in under a
 * condition, or in a loop whose rounds are not known, may be.
 */
import type { Ev } from './ev.js';
import { keyOf } from './expressions.js';
import { type F, not, or, since } from './formula.js';
import { bool, constant, map, None_, op, seq } from './make.js';
import type { CallArgs, Val } from './values.js';

type Seq = Val & { t: 'seq' };
type MapVal = Val & { t: 'map' };

const MADE =
  /(^|::)(Vec|VecDeque|LinkedList|HashSet|BTreeSet|IndexSet|HashMap|BTreeMap|IndexMap)::(new|with_capacity|default|from|from_iter)$/;

/** `Vec::new()`, `HashMap::from([..])`; undefined where it makes no collection, or one of unknown content. */
export function collection(ev: Ev, path: string, a: CallArgs): Val | undefined {
  const m = MADE.exec(path);
  if (!m || /^(dashmap|moka)\b/.test(path)) return undefined;
  const name = m[2] as string;
  const first = a.pos[0];
  const keyed = name.endsWith('Map');
  if (m[3] === 'from' || m[3] === 'from_iter') {
    if (first?.t !== 'seq') return undefined;
    return keyed ? asMap(first) : born(ev, seq(name.endsWith('Set') ? 'set' : 'list', [...first.items], first.rest));
  }
  return keyed ? born(ev, map()) : born(ev, seq(name.endsWith('Set') ? 'set' : 'list', []));
}

/** Where a collection was made, and under which conditions something was put into it since; undefined where that is not followed any more. */
interface Filling {
  from: F;
  when: F[] | undefined;
}
const fillings = new WeakMap<Val, Filling>();

/** Takes note of where a collection is made. */
export function born<T extends Seq | MapVal>(ev: Ev, v: T): T {
  ev.journal.born(v);
  fillings.set(v, { from: ev.pc, when: [] });
  return v;
}

/** A collection of its own with the same content. */
export const copied = (ev: Ev, v: Seq | MapVal): Val =>
  v.t === 'seq'
    ? born(ev, seq(v.kind, [...v.items], v.rest))
    : born(ev, { ...map(new Map(v.entries), v.rest), ...(v.keys ? { keys: new Map(v.keys) } : {}) });

/** Pairs as the map that they are collected into; undefined where a key is not known. */
function asMap(pairs: Seq): MapVal | undefined {
  if (pairs.rest) return undefined;
  const out = map();
  for (const p of pairs.items) {
    const k = p.t === 'seq' && p.items.length === 2 ? keyOf(p.items[0] as Val) : undefined;
    if (k === undefined || p.t !== 'seq') return undefined;
    out.entries.set(k, p.items[1] as Val);
    (out.keys ??= new Map()).set(k, p.items[0] as Val);
  }
  return out;
}

/** What else may be in it, from now on. */
export function mayHold(ev: Ev, v: Seq | MapVal, x: Val): void {
  const f = fillings.get(v);
  if (f?.when) f.when.push(since(ev.pc, f.from));
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
  if (k === undefined || !ev.journal.isHere(v)) return mayHold(ev, v, x);
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
  if (f) f.when = undefined;
}

/** Is nothing in it? Undefined where its content was not followed. */
export function isEmpty(v: Seq | MapVal): Val | undefined {
  const f = fillings.get(v);
  if ((v.t === 'seq' ? v.items.length : v.entries.size) > 0) return f && !f.when ? undefined : constant(false);
  if (!v.rest) return constant(true);
  return f?.when?.length ? bool(not(or(f.when))) : undefined;
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
