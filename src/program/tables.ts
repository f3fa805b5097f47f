/**
 * Tables, and what stands for one: `RANKS[role]`, `match role { .. }`, `ORDER.index(role)`. What is asked of what one of them gives for a
 * name that is not known is asked as one question: which names will do.
 */
import { type F, FALSE, not, type Place, TRUE } from './formula.js';
import { keyOf } from './keys.js';
import { atom, constant, op, phi, seq, STR, unitVariant } from './make.js';
import { concrete, equal, member } from './ops.js';
import type { Cls, Val } from './values.js';

/** So many names are told apart. */
const NAMES = 24;

/** What a table of constants has under a key that is not known: what it has for each of its keys, else `otherwise`. */
export function chosenFrom(of: Val & { t: 'map' }, key: Val, otherwise: Val, place: Place): Val | undefined {
  const keys = [...of.entries.keys()].map(k => of.keys?.get(k) ?? STR(k));
  const values = [...of.entries.values()];
  if (of.rest || keys.length === 0 || keys.length > NAMES || !keys.every(isName) || !values.every(isFixed)) return undefined;
  return keys.reduceRight((rest, k, i) => phi(equal(key, k, place), values[i] as Val, rest), otherwise);
}

/** Where `x` stands in a list of names. */
export function placeIn(of: Val & { t: 'seq' }, x: Val, place: Place): Val | undefined {
  if (of.rest || of.items.length < 2 || of.items.length > NAMES || !of.items.every(isName)) return undefined;
  if (concrete(x)) {
    const i = of.items.findIndex(name => keyOf(name) === keyOf(x));
    return i < 0 ? undefined : constant(i);
  }
  return of.items.reduceRight((rest, name, i) => phi(equal(x, name, place), constant(i), rest), unlisted([of, x]));
}

/** What a table gives for what it does not have: nothing, since asking for it fails. */
export const unlisted = (vs: Val[]): Val => op('either', vs);
export const isUnlisted = (v: Val): boolean => v.t === 'op' && v.op === 'either';

const isName = (v: Val): boolean => (v.t === 'const' && (typeof v.v === 'string' || typeof v.v === 'number')) || isMember(v);
const isMember = (v: Val): v is Val & { t: 'variant' } => v.t === 'variant' && v.cls !== undefined && closed(v.cls);

/** A number or a flag, or names: what is said by a text is not chosen to be held against others. */
const isFixed = (v: Val): boolean =>
  (v.t === 'const' && typeof v.v !== 'string') || (v.t === 'seq' && !v.rest && v.items.every(isName)) || isMember(v);

/** Is it an enum whose members carry nothing? */
const closed = (cls: Cls): boolean =>
  cls.variants !== undefined &&
  cls.variants.size > 1 &&
  cls.variants.size <= NAMES &&
  [...cls.variants.values()].every(v => v.fields.length === 0);

/** The members of an enum whose members carry nothing; none for anything else. */
export function membersOf(cls: Cls | undefined): Val[] {
  if (!cls || !closed(cls)) return [];
  return [...(cls.variants as Map<string, unknown>).keys()].map(tag => {
    const m = cls.members.get(tag);
    return m?.t === 'variant' ? m : unitVariant(cls, tag);
  });
}

/** What `v` is asked to be. */
interface Among {
  of: Val;
  names: readonly Val[];
}

/** The question whether something is one of several names; undefined for any other. */
function amongOf(f: F): Among | undefined {
  if (f.f === 'or') {
    const all = f.xs.map(amongOf);
    const [first] = all;
    return first && all.every(x => x?.of === first.of) ? { of: first.of, names: all.flatMap(x => x?.names ?? []) } : undefined;
  }
  if (f.f !== 'atom' || f.args.length !== 2) return undefined;
  const [x, y] = f.args as [Val, Val];
  if (f.kind === 'eq')
    return isName(y) && !concrete(x) ? { of: x, names: [y] } : isName(x) && !concrete(y) ? { of: y, names: [x] } : undefined;
  if (f.kind === 'in' && y.t === 'seq' && !y.rest && y.items.every(isName) && !concrete(x)) return { of: x, names: y.items };
  return undefined;
}

const lists = new WeakMap<Val, Map<string, Val>>();

/** Is `of` one of `names`? The same question, in whatever order they are named. */
export function oneOf(of: Val, names: readonly Val[], place: Place): F {
  const all = new Map(names.map(n => [keyOf(n) as string, n]));
  const [one] = all.values();
  if (!one) return FALSE;
  if (all.size === 1) return equal(of, one, place);
  if (one.t === 'variant' && all.size === membersOf(one.cls).length) return TRUE;
  let known = lists.get(of);
  if (!known) lists.set(of, (known = new Map()));
  const key = [...all.keys()].sort().join('\n');
  const list = known.get(key) ?? seq('set', [...all.values()]);
  known.set(key, list);
  return atom('in', [of, list], place);
}

/** `l or r`, where both ask whether the same thing is one of several names. */
export function eitherName(l: F, r: F, place: Place): F | undefined {
  const [a, b] = [amongOf(l), amongOf(r)];
  return a && b && a.of === b.of ? oneOf(a.of, [...a.names, ...b.names], place) : undefined;
}

/** What is chosen by each of the names that something may have, and where it has none of them. */
interface Choice {
  of: Val;
  by: Map<string, { name: Val; val: Val }>;
  rest: Val | undefined;
}
const read = new WeakMap<Val, Choice | null>();

function choiceOf(v: Val & { t: 'phi' }): Choice | undefined {
  let known = read.get(v);
  if (known === undefined) read.set(v, (known = chosenBy(v) ?? null));
  return known ?? undefined;
}

function chosenBy(v: Val & { t: 'phi' }): Choice | undefined {
  const by: Choice['by'] = new Map();
  let of: Val | undefined;
  let x: Val = v;
  while (x.t === 'phi') {
    const asked = amongOf(x.c);
    const denied = asked ? undefined : x.c.f === 'not' ? amongOf(x.c.x) : undefined;
    const { of: what, names } = asked ?? denied ?? { of: undefined, names: [] };
    const [val, rest]: [Val, Val] = denied ? [x.b, x.a] : [x.a, x.b];
    if (!what || (of && what !== of) || val.t === 'phi' || by.size + names.length > NAMES) return undefined;
    of = what;
    for (const name of names) {
      const key = keyOf(name) as string;
      if (!by.has(key)) by.set(key, { name, val });
    }
    x = rest;
  }
  if (!of || by.size < 2) return undefined;
  let rest: Val | undefined = isUnlisted(x) ? undefined : x;
  const [first] = by.values();
  // Of an enum it is known what else there is.
  const members = first?.name.t === 'variant' ? membersOf(first.name.cls) : [];
  if (members.length > 0 && rest) {
    for (const name of members) if (!by.has(keyOf(name) as string)) by.set(keyOf(name) as string, { name, val: rest });
    rest = undefined;
  }
  return { of, by, rest };
}

/**
 * `ask` of what is chosen by a name, as the question which names will do; undefined where `v` is chosen otherwise, or some answer depends on more.
 * @param upper whether those names are told that make it hold, where it is known of all that there are; otherwise those that do not
 */
export function whichNames(v: Val & { t: 'phi' }, ask: (x: Val) => F, place: Place, upper = true): F | undefined {
  const choice = choiceOf(v);
  if (!choice) return undefined;
  const [yes, no]: [Val[], Val[]] = [[], []];
  for (const { name, val } of choice.by.values()) {
    const f = ask(val);
    if (f !== TRUE && f !== FALSE) return undefined;
    (f === TRUE ? yes : no).push(name);
  }
  const rest = choice.rest && ask(choice.rest);
  if (rest && rest !== TRUE && rest !== FALSE) return undefined;
  if (no.length === 0 && rest !== FALSE) return TRUE;
  if (yes.length === 0 && rest !== TRUE) return FALSE;
  return rest === TRUE || (!rest && !upper) ? not(oneOf(choice.of, no, place)) : oneOf(choice.of, yes, place);
}

/** What two values are chosen by, where the same table gives both: they compare as their names do. */
export function byTheSame(a: Val, b: Val): [Val, Val] | undefined {
  const [x, y] = [a, b].map(v => (v.t === 'phi' ? choiceOf(v) : undefined));
  if (!x || !y || x.of === y.of || x.by.size !== y.by.size) return undefined;
  const same = [...x.by].every(([k, { val }]) => {
    const other = y.by.get(k)?.val;
    return val.t === 'const' && other?.t === 'const' && other.v === val.v;
  });
  return same ? [x.of, y.of] : undefined;
}

/** The question for which names the list that is chosen by them holds `x`. */
export const namesHaving = (lists: Val & { t: 'phi' }, x: Val, place: Place): F | undefined =>
  whichNames(lists, list => member(x, list, place), place);
