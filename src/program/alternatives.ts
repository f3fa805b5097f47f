/**
 * A conditional value (`phi`) is a graph whose parts are shared: after n branches that a value ran through it can have 2^n
 * paths to a handful of alternatives. Whoever asks about the alternatives asks here, so that each is asked once.
 */
import type { Ev } from './ev.js';
import { and, type F, FALSE, not, or, TRUE } from './formula.js';
import { NONE, phi } from './make.js';
import type { Val } from './values.js';

export type Phi = Val & { t: 'phi' };

/** So many paths are walked one by one, as the code took them: what a path decides is lost where paths are joined. */
const ONE_BY_ONE = 1024;

const counted = new WeakMap<Val, number>();

function paths(v: Val): number {
  if (v.t !== 'phi') return 1;
  let n = counted.get(v);
  if (n === undefined) counted.set(v, (n = Math.min(paths(v.a) + paths(v.b), Number.MAX_SAFE_INTEGER)));
  return n;
}

/** Are there more paths to the alternatives of `v` than should be walked? */
export const tangled = (v: Val): boolean => paths(v) > ONE_BY_ONE;

/** The parts of `v`, each once, in the order of the code. */
function parts(v: Val): Set<Val> {
  const seen = new Set<Val>();
  const visit = (x: Val): void => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x.t !== 'phi') return;
    visit(x.a);
    visit(x.b);
  };
  visit(v);
  return seen;
}

/** The alternatives of `v`, each once, in the order of the code; `v` itself when it is not conditional. */
export const leavesOf = (v: Val): Val[] => [...parts(v)].filter(x => x.t !== 'phi');

/** The conditions that a truth value is made of. */
export const conditionsOf = (v: Val): F[] => [...parts(v)].flatMap(x => (x.t === 'phi' ? [x.c] : x.t === 'bool' ? [x.f] : []));

/** The alternatives of `v`, each once, with the condition under which it is the value. */
export function alternatives(v: Val): { val: Val; cond: F }[] {
  const order: Val[] = [];
  const seen = new Set<Val>();
  const visit = (x: Val): void => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x.t === 'phi') {
      visit(x.b);
      visit(x.a);
    }
    order.push(x);
  };
  visit(v);
  const reached = new Map<Val, F[]>([[v, [TRUE]]]);
  const out: { val: Val; cond: F }[] = [];
  for (const x of order.reverse()) {
    const cond = or(reached.get(x) ?? [FALSE]);
    if (x.t !== 'phi') {
      out.push({ val: x, cond });
      continue;
    }
    for (const [y, c] of [
      [x.a, x.c],
      [x.b, x.otherwise ?? not(x.c)],
    ] as const) {
      const known = reached.get(y);
      if (known) known.push(and(cond, c));
      else reached.set(y, [and(cond, c)]);
    }
  }
  return out;
}

/**
 * `f` of every alternative, evaluated where that alternative is the value.
 * @param ends nothing goes on after `f`: what led to the last alternative is said of it, too, before that none of the others is the value.
 *   It is the same, and more plainly what it comes under
 */
export function onEach(ev: Ev, v: Phi, f: (x: Val) => Val, ends = false): Val {
  const base = ev.pc;
  const last = (x: Val, led: F | undefined, others: F): Val => {
    if (ends && led) ev.pc = and(and(base, led), others);
    return ev.dead ? NONE : f(x);
  };
  if (!tangled(v))
    return ev.branch(
      v.c,
      () => f(v.a),
      () => last(v.b, v.otherwise, not(v.c)),
    );
  const all = alternatives(v);
  const from = (i: number): Val => {
    const { val, cond } = all[i] as { val: Val; cond: F };
    return i === all.length - 1
      ? last(val, cond, TRUE)
      : ev.branch(
          cond,
          () => f(val),
          () => from(i + 1),
        );
  };
  return from(0);
}

/** The same condition over `f` of every alternative; `f` only looks. */
export function mapped(v: Val, f: (x: Val) => Val, done = new Map<Val, Val>()): Val {
  if (v.t !== 'phi') return f(v);
  let out = done.get(v);
  if (!out) done.set(v, (out = phi(v.c, mapped(v.a, f, done), mapped(v.b, f, done), v.otherwise)));
  return out;
}

/** What is left of `v` when only the alternatives that `fits` accepts can be; undefined when none can. */
export function kept(v: Val, fits: (x: Val) => boolean, done = new Map<Val, Val | undefined>()): Val | undefined {
  if (v.t !== 'phi') return fits(v) ? v : undefined;
  if (!done.has(v)) {
    const a = kept(v.a, fits, done);
    const b = kept(v.b, fits, done);
    done.set(v, a && b ? (a === v.a && b === v.b ? v : phi(v.c, a, b, v.otherwise)) : (a ?? b));
  }
  return done.get(v);
}

/** `Some(true)` says of a switch that it is there, and on. */
export function flagOf(v: Val): boolean | undefined {
  const inner = v.t === 'variant' && v.tag === 'Some' ? v.fields.get('0') : undefined;
  return inner?.t === 'const' && typeof inner.v === 'boolean' ? inner.v : undefined;
}

/**
 * Bits of a mask, compared with a number: whether that says that they are set. `rights & WRITE == WRITE` and `rights & WRITE != 0` ask the
 * same; undefined for anything else.
 */
export function isSet(v: Val, number: Val): boolean | undefined {
  if (v.t !== 'op' || v.op !== '&') return undefined;
  if (number.t !== 'const') return v.args.includes(number) ? true : undefined;
  const bit = v.args.find(x => x.t === 'const' && typeof x.v === 'number');
  if (!bit) return number.v === 0 ? false : undefined;
  if (bit.t !== 'const' || typeof bit.v !== 'number' || bit.v <= 0 || (bit.v & (bit.v - 1)) !== 0) return undefined;
  return number.v === bit.v ? true : number.v === 0 ? false : undefined;
}
