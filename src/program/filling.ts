/** What code puts into collections, and variables, under conditions: what there is where its branches meet. */
import type { Ev } from './ev.js';
import { and, type F, FALSE, not, or, TRUE } from './formula.js';
import { constant, None_, phi } from './make.js';
import type { Val } from './values.js';

type Collection = Val & { t: 'seq' | 'map' };

/** Whether there is anything in `v`, of which all parts are known. */
export const someIn = (v: Collection): F => ((v.t === 'seq' ? v.items.length : v.entries.size) > 0 ? (v.someIf ?? TRUE) : FALSE);

/** Takes note that something is put into `v`, or may be: where `some` holds. */
export function fill(ev: Ev, v: Collection, some: F = TRUE): void {
  const before = someIn(v);
  if (before !== TRUE && some !== FALSE) ev.journal.write(v as unknown as Record<string, unknown>, 'someIf', or([before, some]));
}

/** How many things are in `v`, of which there are `n` at most. */
export const counted = (v: Collection, n: number): Val => {
  const some = someIn(v);
  return n > 0 && some !== TRUE ? phi(some, constant(n), constant(0)) : constant(n);
};

/** What stands in a place after a branch: `x` where `c` holds, else `y`; undefined where there was nothing. */
export function merged(c: F, x: unknown, y: unknown): unknown {
  if (isCondition(x) || isCondition(y)) return or([and(c, conditionOf(x)), and(not(c), conditionOf(y))]);
  // A flag that nobody raised is not raised.
  if (x === undefined) return optional(y) ? phi(c, None_, y) : isYes(y) ? phi(c, constant(false), y) : y;
  if (y === undefined) return optional(x) ? phi(c, x, None_) : isYes(x) ? phi(c, x, constant(false)) : x;
  if (Array.isArray(x) && Array.isArray(y)) return x.length >= y.length ? x : y;
  if (typeof x === 'object' && typeof y === 'object') return phi(c, x as Val, y as Val);
  return x;
}

/** An Option that only one branch put somewhere: after the other one it is not there. */
const optional = (v: unknown): v is Val => {
  const x = v as Val;
  return (x.t === 'variant' && x.of === 'Option') || (x.t === 'phi' && optional(x.a) && optional(x.b));
};

const isYes = (v: unknown): v is Val => {
  const x = v as Val;
  return x.t === 'const' && x.v === true;
};

const isCondition = (v: unknown): v is F => typeof v === 'object' && v !== null && !('t' in v) && 'f' in v;
/** A collection of which nothing was noted was empty. */
const conditionOf = (v: unknown): F => (isCondition(v) ? v : FALSE);
