/** How many there are, held against a number. */
import { partly } from './filling.js';
import { type F, not, type Place, TRUE } from './formula.js';
import { op } from './make.js';
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
