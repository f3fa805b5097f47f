/** Conditions over values: truth, absence, equality, membership; and the two sides of an Option or Result. */
import { flagOf, isSet, leavesOf, mapped } from './alternatives.js';
import { and, type F, not, or, type Place, TRUE, FALSE } from './formula.js';
import { isIn, partly, someIn } from './filling.js';
import { atom, bool, constant, NONE, op, phi, prov, seq, STR } from './make.js';
import { beyondLeast, compare, isFiltered, isRaised, MIRRORED, touched } from './counts.js';
import { keyOf } from './keys.js';
import { before, least, ordinal } from './ranks.js';
import { readAs, readWhole } from './readings.js';
import { ofSets } from './sets.js';
import { byTheSame, whichNames } from './tables.js';
import { Prov, type Ty, type Val } from './values.js';

/** Conditional values share parts: what was asked of one is remembered, and comparisons of two go only so deep. */
const DEEP = 12;
const truths = new WeakMap<Val, F>();
const failures = new WeakMap<Val, F>();

function remembered(memo: WeakMap<Val, F>, v: Val, compute: () => F): F {
  let f = memo.get(v);
  if (!f) memo.set(v, (f = compute()));
  return f;
}
const fromBool = (b: boolean): F => (b ? TRUE : FALSE);
/** `c ? a : b`, without repeating `c` where the alternatives make that needless (`l and r` is `l` where that is false). */
export function either(c: F, a: F, b: F): F {
  if (a === b) return a;
  if (a === TRUE || a === c) return or([c, b]);
  if (b === TRUE) return or([not(c), a]);
  if (a === FALSE) return and(not(c), b);
  if (b === FALSE || b === c) return and(c, a);
  return or([and(c, a), and(not(c), b)]);
}

/** Is `v` true in a condition? */
export function truthy(v: Val, at: Place, depth = 0): F {
  switch (v.t) {
    case 'const':
      return fromBool(v.v !== null && v.v !== false && v.v !== 0 && v.v !== '');
    case 'bool':
      return v.f;
    case 'seq':
      return or([someIn(v), v.rest ? there(v.rest, at) : FALSE]);
    case 'map':
      return v.entries.size > 0 ? (v.someIf ?? TRUE) : v.rest ? atom('truthy', [v.rest], at) : FALSE;
    case 'phi':
      return depth > 200
        ? atom('truthy', [v], at)
        : remembered(
            truths,
            v,
            () => whichNames(v, x => truthy(x, at, depth + 1), at) ?? either(v.c, truthy(v.a, at, depth + 1), truthy(v.b, at, depth + 1)),
          );
    case 'variant':
      return v.tag === 'None' || v.tag === 'Err' ? FALSE : TRUE;
    case 'op':
      if (v.op === 'rows') return not(fails(v, at));
      if (isFiltered(v)) return truthy(v.args[0] as Val, at);
      if (isRaised(v)) return beyondLeast('>', v, constant(0)) ?? atom('truthy', [v], at);
      if (v.op === '|' && v.args.length === 2) return or(v.args.map(x => truthy(x, at, depth + 1)));
      // A text or collection is true when it is not empty, in whichever language it is asked.
      return (v.op === 'not' || v.op === 'is_empty') && v.args.length === 1
        ? not(truthy(v.args[0] as Val, at, depth + 1))
        : atom('truthy', [v], at);
    case 'fn':
    case 'class':
    case 'module':
    case 'native':
    case 'obj':
    case 'coro':
    case 'super':
      return TRUE;
    case 'sym':
      return v.filled ? TRUE : atom('truthy', [v], at);
    case 'call':
      // A row is there or not, and has no other truth.
      return v.present ? TRUE : v.query?.misses === 'none' && !v.name.startsWith('scalar') ? not(fails(v, at)) : atom('truthy', [v], at);
    default:
      return atom('truthy', [v], at);
  }
}

/** Is there any of what stands for elements unknown in number? */
export function there(rest: Val, at: Place): F {
  const { when } = partly(rest);
  return when === TRUE ? atom('iterates', [rest], at) : when;
}

/** Is `v` None, Err, absent? */
export function fails(v: Val, at: Place, depth = 0): F {
  switch (v.t) {
    case 'const':
      return fromBool(v.v === null);
    case 'variant':
      return fromBool(v.tag === 'None' || v.tag === 'Err');
    case 'phi':
      return depth > 200
        ? atom('fails', [v], at)
        : remembered(failures, v, () => {
            const absent = either(v.c, fails(v.a, at, depth + 1), fails(v.b, at, depth + 1));
            const read = readWhole(v, absent);
            return read ? atom('fails', [read], at) : absent;
          });
    case 'sym':
    case 'call':
      return v.present ? FALSE : atom('fails', [v], at);
    case 'bool':
    case 'seq':
    case 'map':
    case 'fn':
    case 'class':
    case 'module':
    case 'native':
    case 'obj':
    case 'coro':
    case 'super':
      return FALSE;
    default:
      return atom('fails', [v], at);
  }
}

export interface Fallible {
  fail: F;
  /** The value inside `Some`/`Ok`. */
  ok: Val;
  /** The value inside `Err`; undefined for `None` or when not known. */
  err: Val | undefined;
  kind: 'Option' | 'Result' | undefined;
}

/** The two sides of an Option or Result. A value that is neither is taken as its own success. */
const halves = new WeakMap<Val, Fallible>();

export function split(v: Val, at: Place, depth = 0): Fallible {
  if (v.t !== 'phi') return splitOne(v, at, depth);
  let s = halves.get(v);
  if (!s) halves.set(v, (s = splitOne(v, at, depth)));
  return s;
}

function splitOne(v: Val, at: Place, depth: number): Fallible {
  if (v.t === 'variant' && (v.of === 'Option' || v.of === 'Result')) {
    const inner = v.fields.get('0') ?? NONE;
    const kind = v.of;
    return v.tag === 'Ok' || v.tag === 'Some'
      ? { fail: FALSE, ok: inner, err: undefined, kind }
      : { fail: TRUE, ok: inner, err: v.tag === 'Err' ? inner : undefined, kind };
  }
  if (v.t === 'phi' && depth < 200) {
    const a = split(v.a, at, depth + 1);
    const b = split(v.b, at, depth + 1);
    const fail = either(v.c, a.fail, b.fail);
    const read = readWhole(v, fail);
    return {
      fail: read ? atom('fails', [read], at) : fail,
      ok: read ?? (a.fail === TRUE ? b.ok : b.fail === TRUE ? a.ok : phi(v.c, a.ok, b.ok)),
      err: a.err && b.err ? phi(v.c, a.err, b.err) : (a.err ?? b.err),
      kind: a.kind ?? b.kind,
    };
  }
  if (v.t === 'const' && v.v === null) return { fail: TRUE, ok: v, err: undefined, kind: 'Option' };
  if (v.t === 'const' || v.t === 'obj' || v.t === 'seq' || v.t === 'map' || v.t === 'bool' || v.t === 'fn' || v.t === 'class')
    return { fail: FALSE, ok: v, err: undefined, kind: undefined };
  const ty = 'ty' in v && v.ty && !Array.isArray(v.ty) ? v.ty : undefined;
  const kind = /(^|::)(Option|Result)$/.exec(ty?.path ?? '')?.[2] as 'Option' | 'Result' | undefined;
  const okTy = kind && ty?.args[0];
  const errTy = kind === 'Result' && ty ? (ty.args[1] ?? errorBeside(ty)) : undefined;
  return { fail: fails(v, at), ok: op('ok', [v], okTy), err: kind === 'Option' ? undefined : op('err', [v], errTy), kind };
}

/** A library's own `Result` fails with the `Error` that stands beside it. */
const errorBeside = (t: Ty): Ty | undefined =>
  t.path.endsWith('::Result') ? { path: t.path.replace(/Result$/, 'Error'), args: [] } : undefined;

const sameTag = (a: Val & { t: 'variant' }, b: Val & { t: 'variant' }): boolean => a.of === b.of && a.tag === b.tag;

/** Values of which nothing is known but where they come from. */
const ASKED: ReadonlySet<Val['t']> = new Set(['attr', 'item', 'call', 'sym', 'op']);

/** `a == b`. */
export function equal(a: Val, b: Val, at: Place, depth = 0): F {
  if (a === b && a.t !== 'unknown') return TRUE;
  if (a.t === 'const' && b.t === 'const') return fromBool(a.v === b.v);
  const [readA, readB] = [readAs(a, b), readAs(b, a)];
  if (readA !== a || readB !== b) return equal(readA, readB, at, depth);
  if (perhapsSent(a, b) || perhapsSent(b, a)) return a.id < b.id ? atom('eq', [a, b], at) : atom('eq', [b, a], at);
  if (depth < DEEP) {
    if (a.t === 'phi')
      return whichNames(a, x => equal(x, b, at, depth + 1), at) ?? either(a.c, equal(a.a, b, at, depth + 1), equal(a.b, b, at, depth + 1));
    if (b.t === 'phi')
      return whichNames(b, x => equal(a, x, at, depth + 1), at) ?? either(b.c, equal(a, b.a, at, depth + 1), equal(a, b.b, at, depth + 1));
  }
  if (a.t === 'bool' && b.t === 'const') return b.v === true ? a.f : b.v === false ? not(a.f) : FALSE;
  if (b.t === 'bool' && a.t === 'const') return equal(b, a, at, depth);
  if (a.t === 'const' && a.v === null) return fails(b, at);
  if (b.t === 'const' && b.v === null) return fails(a, at);
  if (flagOf(b) !== undefined) return flagged(a, flagOf(b) === true, at);
  if (flagOf(a) !== undefined) return flagged(b, flagOf(a) === true, at);
  const [mask, number] = a.t === 'const' ? [b, a] : [a, b];
  const bit = isSet(mask, number);
  if (bit !== undefined) return bit ? truthy(mask, at) : not(truthy(mask, at));
  const counted = beyondLeast('==', mask, number) ?? touched('==', mask, number, at);
  if (counted) return counted;
  // `user.is_admin is False` asks what `not user.is_admin` does.
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const)
    if (y.t === 'const' && typeof y.v === 'boolean' && ASKED.has(x.t)) return y.v ? truthy(x, at) : not(truthy(x, at));
  if (a.t === 'variant' && b.t === 'variant') {
    if (!sameTag(a, b)) return FALSE;
    let f: F = TRUE;
    for (const [k, x] of a.fields) {
      const y = b.fields.get(k);
      if (k !== 'value' && y) f = and(f, equal(x, y, at, depth + 1));
    }
    return f;
  }
  // A Python enum member compares equal to its value when the enum is a str or int one; harmless otherwise.
  if (a.t === 'variant' && a.fields.has('value') && b.t === 'const') return equal(a.fields.get('value') as Val, b, at, depth + 1);
  if (b.t === 'variant' && b.fields.has('value') && a.t === 'const') return equal(b, a, at, depth);
  if (a.t === 'seq' && b.t === 'seq' && !a.rest && !b.rest) {
    if (a.items.length !== b.items.length) return FALSE;
    let f: F = TRUE;
    a.items.forEach((x, i) => {
      f = and(f, equal(x, b.items[i] as Val, at, depth + 1));
    });
    return f;
  }
  // What a library's constant is, is not read: it may be this literal.
  if (concrete(a) && concrete(b) && !((a.t === 'ext' && b.t === 'const') || (a.t === 'const' && b.t === 'ext'))) {
    if (a.t !== b.t) return FALSE;
    if (a.t === 'ext' && b.t === 'ext') return fromBool(a.path === b.path);
    if (a.t === 'class' || a.t === 'fn' || a.t === 'module') return fromBool(a === b);
  }
  return a.id < b.id ? atom('eq', [a, b], at) : atom('eq', [b, a], at);
}

function flagged(v: Val, on: boolean, at: Place): F {
  const { fail, ok } = split(v, at);
  return and(not(fail), on ? truthy(ok, at) : not(truthy(ok, at)));
}

/** A literal, or the default of a type. */
export const isFixed = (v: Val): boolean =>
  (v.t === 'const' && v.v !== null) || (v.t === 'op' && v.op === 'default' && v.args.length === 0);

/** Is it what was sent, as it was sent, or something else that is written down where nothing was? */
export const isAsSent = (v: Val): boolean => leavesOf(v).every(x => x.t === 'sym' || x.t === 'const');

/** A credential, or something fixed where none was sent, held against what is kept: one question about the credential. */
const perhapsSent = (v: Val, kept: Val): boolean => {
  if (v.t !== 'phi' || (prov(v) & Prov.Credential) === 0 || prov(kept) === 0 || prov(kept) & (Prov.Credential | Prov.Input)) return false;
  // What is set is never nothing; what is found may be.
  const given = (x: Val): boolean => isFixed(x) || (x.t === 'const' && prov(kept) === Prov.Setting && isAsSent(v));
  const fixed = leavesOf(v).filter(given);
  return fixed.length > 0 && fixed.length < leavesOf(v).length && leavesOf(kept).every(x => !concrete(x));
};

export const concrete = (v: Val): boolean =>
  v.t === 'const' || v.t === 'variant' || v.t === 'seq' || v.t === 'fn' || v.t === 'class' || v.t === 'ext' || v.t === 'module';

/** `x in container`. */
export function member(x: Val, container: Val, at: Place, depth = 0): F {
  if (!concrete(container) && container.t !== 'map' && perhapsSent(x, container)) return atom('in', [x, container], at);
  if (depth < DEEP && x.t === 'phi')
    return (
      whichNames(x, y => member(y, container, at, depth + 1), at) ??
      either(x.c, member(x.a, container, at, depth + 1), member(x.b, container, at, depth + 1))
    );
  switch (container.t) {
    case 'seq': {
      if (container.items.length > 200) break;
      const among = or(
        container.items.map(i => {
          const { it, when } = partly(i);
          return and(when, equal(x, it, at, depth + 1));
        }),
      );
      // One question with alternatives reads better than many questions: `role in {"admin", "owner"}`.
      if (!concrete(x) && container.items.length > 1 && !container.rest && container.items.every(concrete))
        return atom('in', [x, container], at);
      const sure = and(container.someIf ?? TRUE, among);
      return container.rest ? or([sure, atom('in', [x, container.rest], at)]) : sure;
    }
    case 'map': {
      const key = keyOf(x);
      if (key !== undefined) {
        if (container.entries.has(key)) return and(container.someIf ?? TRUE, isIn(container, key));
        if (container.rest) return atom('in', [x, container.rest], at);
        // A member of an enum may be a text as well.
        if (x.t !== 'variant') return FALSE;
      }
      break;
    }
    case 'const':
      if (x.t === 'const' && typeof container.v === 'string' && typeof x.v === 'string') return fromBool(container.v.includes(x.v));
      break;
    case 'phi':
      if (depth < DEEP)
        return (
          whichNames(container, y => member(x, y, at, depth + 1), at) ??
          either(container.c, member(x, container.a, at, depth + 1), member(x, container.b, at, depth + 1))
        );
      break;
    default:
      break;
  }
  return atom('in', [x, container], at);
}

/** `a < b` and its kin. Enum variants with known positions compare by declaration order, as derived orderings do. */
export function less(o: string, a: Val, b: Val, at: Place, depth = 0): F {
  const x = ordinal(a);
  const y = ordinal(b);
  if (x !== undefined && y !== undefined && typeof x === typeof y)
    return fromBool((compare[o] as (a: unknown, b: unknown) => boolean)(x, y));
  const over = before(a, b);
  if (over !== undefined) return fromBool(o.startsWith('<') === over);
  // Nothing ranks below the least.
  if (o === '<' && least(b)) return FALSE;
  if (o === '>=' && least(b)) return TRUE;
  // What is not above the least is the least itself.
  if (o === '<=' && least(b)) return equal(a, b, at);
  if (o === '>' && least(b)) return not(equal(a, b, at));
  const [readA, readB] = [readAs(a, b), readAs(b, a)];
  if (readA !== a || readB !== b) return atom('lt', [readA, readB], at, o);
  const mirrored = MIRRORED[o] as string;
  const counted = beyondLeast(o, a, b) ?? beyondLeast(mirrored, b, a) ?? touched(o, a, b, at) ?? touched(mirrored, b, a, at);
  if (counted) return counted;
  if (depth < DEEP) {
    const named = byTheSame(a, b);
    if (named) return less(o, ...named, at, depth + 1);
    if (a.t === 'phi')
      return (
        whichNames(a, x => less(o, x, b, at, depth + 1), at, o.startsWith('>')) ??
        either(a.c, less(o, a.a, b, at, depth + 1), less(o, a.b, b, at, depth + 1))
      );
    if (b.t === 'phi')
      return (
        whichNames(b, x => less(o, a, x, at, depth + 1), at, o.startsWith('<')) ??
        either(b.c, less(o, a, b.a, at, depth + 1), less(o, a, b.b, at, depth + 1))
      );
  }
  return atom('lt', [a, b], at, o);
}

/** So many alternatives are added to one by one: with every further condition there may be twice as many. */
const ADDED_TO = 32;

/** Arithmetic and string operators on what is known; an `op` value otherwise. */
export function arithmetic(o: string, a: Val, b: Val): Val {
  if (a.t === 'const' && b.t === 'const') {
    const x = a.v;
    const y = b.v;
    if (o === '+' && typeof x === 'string' && typeof y === 'string') return STR(x + y);
    if (typeof x === 'number' && typeof y === 'number') {
      switch (o) {
        case '+':
          return constant(x + y);
        case '-':
          return constant(x - y);
        case '*':
          return constant(x * y);
        case '%':
          return y ? constant(((x % y) + y) % y) : op(o, [a, b]);
        case '//':
          return y ? constant(Math.floor(x / y)) : op(o, [a, b]);
        case '&':
          return constant(x & y);
        case '|':
          return constant(x | y);
        case '<<':
          return constant(x * 2 ** y);
        default:
          break;
      }
    }
    if (o === '*' && typeof x === 'string' && typeof y === 'number' && x.length * y < 1000) return STR(x.repeat(Math.max(0, y)));
  }
  if (o === '+' && a.t === 'seq' && b.t === 'seq') return seq(a.kind, [...a.items, ...b.items], a.rest ?? b.rest);
  if (a.t === 'seq' && b.t === 'seq' && o !== '+') return ofSets(o, a, b) ?? op(o, [a, b]);
  if (o === '+' && a.t === 'phi' && b.t === 'const' && leavesOf(a).length <= ADDED_TO) return mapped(a, x => arithmetic(o, x, b));
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const)
    if (x.t === 'const' && typeof x.v === 'boolean' && (o === '|' || o === '&')) return x.v === (o === '|') ? x : y;
  if (a.t === 'bool' && b.t === 'bool') {
    if (o === '&') return bool(and(a.f, b.f));
    if (o === '|') return bool(or([a.f, b.f]));
  }
  return op(o, [a, b]);
}
