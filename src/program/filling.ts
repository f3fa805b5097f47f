/** What code puts into collections, and variables, under conditions: what there is where its branches meet. */
import type { Ev } from './ev.js';
import { and, type F, FALSE, not, or, TRUE } from './formula.js';
import { request } from './intern.js';
import { bool, constant, None_, op, phi } from './make.js';
import type { Val } from './values.js';

type Collection = Val & { t: 'seq' | 'map' };

/** An element that is there where `c` holds. */
export const perhaps = (x: Val, c: F): Val => (c === TRUE ? x : op('where', [x, bool(c)]));

/** What an element is, and where it is there. */
export function partly(x: Val): { it: Val; when: F } {
  const [it, when] = x.t === 'op' && x.op === 'where' ? x.args : [];
  if (!it || (when?.t !== 'bool' && when?.t !== 'const')) return { it: x, when: TRUE };
  const inner = partly(it);
  return { it: inner.it, when: and(inner.when, when.t === 'bool' ? when.f : when.v === true ? TRUE : FALSE) };
}

/** Elements as they are, whether they are there or not. */
export const bare = (xs: readonly Val[]): Val[] => xs.map(x => partly(x).it);

/** Whether any of `xs` is there. */
export const anyOf = (xs: readonly Val[]): F => or(xs.map(x => partly(x).when));

/** Whether there is anything in `v`, of which all parts are known. */
export const someIn = (v: Collection): F => and(v.someIf ?? TRUE, v.t === 'seq' ? anyOf(v.items) : v.entries.size > 0 ? TRUE : FALSE);

/** Takes note that something is put into `v`, or may be: where `some` holds. Of what a request puts into a list each element says where it is there. */
export function fill(ev: Ev, v: Collection, some: F = TRUE): void {
  if (v.t === 'seq' && ev.request) return;
  const before = someIn(v);
  if (before !== TRUE && some !== FALSE) ev.journal.write(v as unknown as Record<string, unknown>, 'someIf', or([before, some]));
}

/** How many things are in `v`, of which there are `n` at most. */
export function counted(v: Collection, n: number): Val {
  const some = someIn(v);
  if (n === 0 || some === TRUE) return v.t === 'seq' && v.items.some(x => partly(x).when !== TRUE) ? op('len', [v]) : constant(n);
  return phi(some, constant(n), constant(0));
}

/** Takes note that `key` is put into `v`: under the condition under which that is done, where it was not in it before. */
export function has(ev: Ev, v: Val & { t: 'map' }, key: string): void {
  // What was there before the request is shared: others may have put it in.
  if (v.id < request.since || !ev.request || ev.journal.isOwn(v.entries)) return;
  const known = v.has?.get(key);
  if (known === undefined ? !v.entries.has(key) : known !== TRUE) ev.write((v.has ??= new Map()), key, TRUE, v);
}

/** Where `key` is in `v`, of which it is an entry. */
export const isIn = (v: Val & { t: 'map' }, key: string): F => v.has?.get(key) ?? TRUE;

/** So many elements are told apart by where they are there. */
const TOLD_APART = 200;

/** What is in a list after a branch that put into it; what both sides found there is there anyway. */
function parts(c: F, x: readonly Val[], y: readonly Val[]): readonly Val[] {
  const least = Math.min(x.length, y.length);
  let head = 0;
  while (head < least && x[head] === y[head]) head++;
  let tail = 0;
  while (tail < least - head && x.at(-1 - tail) === y.at(-1 - tail)) tail++;
  const own = (of: readonly Val[], when: F): Val[] => of.slice(head, of.length - tail).map(e => perhaps(e, when));
  const all = [...x.slice(0, head), ...own(x, c), ...own(y, not(c)), ...x.slice(x.length - tail)];
  return all.length <= TOLD_APART ? all : x.length >= y.length ? x : y;
}

/** What stands in a place after a branch: `x` where `c` holds, else `y`; undefined where there was nothing. */
export function merged(c: F, x: unknown, y: unknown): unknown {
  if (x === y) return x;
  if (isCondition(x) || isCondition(y)) return or([and(c, conditionOf(x)), and(not(c), conditionOf(y))]);
  // A flag that nobody raised is not raised.
  if (x === undefined) return optional(y) ? phi(c, None_, y) : isYes(y) ? phi(c, constant(false), y) : y;
  if (y === undefined) return optional(x) ? phi(c, x, None_) : isYes(x) ? phi(c, x, constant(false)) : x;
  // What is put together while the application starts is all that a request may find.
  if (Array.isArray(x) && Array.isArray(y)) return request.runs ? parts(c, x, y) : x.length >= y.length ? x : y;
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
