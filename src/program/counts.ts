/** How many there are, held against a number. */
import { leavesOf, mapped } from './alternatives.js';
import { partly } from './filling.js';
import { type F, FALSE, not, type Place, TRUE } from './formula.js';
import { constant, op } from './make.js';
import { fails, truthy } from './ops.js';
import type { Val } from './values.js';

export const compare: Record<string, (a: string | number, b: string | number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

export const MIRRORED: Record<string, string> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/**
 * How many rows a statement changed, or how many of a list fit, held against a number: that there are none is what asking for one
 * fails with. `undefined` for anything else.
 */
export function touched(o: string, a: Val, b: Val, at: Place): F | undefined {
  const counted = b.t === 'const' && typeof b.v === 'number' ? (isFiltered(a) ? a : (rowsOf(a) ?? fittingIn(a))) : undefined;
  if (!counted) return undefined;
  const some = [0, 1].map(n => (o === '==' ? n === (b as { v: number }).v : compare[o]?.(n, (b as { v: number }).v)));
  if (some[0] === some[1]) return undefined;
  const none = isFiltered(a) ? not(truthy(a, at)) : fails(counted, at);
  return some[0] ? none : not(none);
}

/** Is it how many of a known list fit? */
export const isFiltered = (v: Val): boolean => {
  const of = v.t === 'op' && v.op === 'len' ? v.args[0] : undefined;
  return of?.t === 'seq' && [...of.items, ...(of.rest ? [of.rest] : [])].every(x => partly(x).when !== TRUE);
};

/** What `v` counts the rows of: some libraries give the number itself (`execute(..)?`), some an object that has it. */
const rowsOf = (v: Val): Val | undefined =>
  v.t === 'op' && v.op === 'rows'
    ? v
    : v.t === 'op' && v.op === 'ok' && v.args[0]?.t === 'call' && v.args[0].query !== undefined
      ? op('rows', [v.args[0]])
      : undefined;

/** What `v` counts where it says how many of an unknown list were left by `filter`. */
function fittingIn(v: Val): Val | undefined {
  const list = v.t === 'op' && v.op === 'len' ? v.args[0] : undefined;
  return list && sought(list);
}

/** The first of those that `filter` left of an unknown list. */
export function sought(list: Val): Val | undefined {
  const where = list.t === 'op' && list.op === 'iter' ? list.args[0] : undefined;
  return where?.t === 'op' && where.op === 'where' ? op('find', where.args) : undefined;
}

/**
 * A number that a loop raised by `step`, where one round stood for all: it is `v` and `step` at least. `undefined` where `v` is no number that
 * is known, or may be made smaller.
 */
export function raised(v: Val, step: Val): Val | undefined {
  if (step.t !== 'const' || typeof step.v !== 'number' || step.v <= 0) return undefined;
  const by = step.v;
  const from = leavesOf(v).map(least);
  return from.includes(undefined) ? undefined : mapped(v, x => op(AT_LEAST, [constant((least(x) as number) + by)]));
}

const AT_LEAST = 'at-least';

/** The least that a number is. */
function least(v: Val): number | undefined {
  const x = v.t === 'op' && v.op === AT_LEAST ? v.args[0] : v;
  return x?.t === 'const' && typeof x.v === 'number' ? x.v : undefined;
}

/** Was it raised by a loop? */
export const isRaised = (v: Val): boolean => v.t === 'op' && v.op === AT_LEAST;

/** A number that a loop raised held against another one; `undefined` where that depends on the rounds, and for anything else. */
export function beyondLeast(o: string, a: Val, b: Val): F | undefined {
  const from = isRaised(a) ? least(a) : undefined;
  if (from === undefined || b.t !== 'const' || typeof b.v !== 'number') return undefined;
  const above = from > b.v;
  switch (o) {
    case '==':
    case '<=':
      return above ? FALSE : undefined;
    case '<':
      return from >= b.v ? FALSE : undefined;
    case '>':
      return above ? TRUE : undefined;
    default:
      return from >= b.v ? TRUE : undefined;
  }
}
