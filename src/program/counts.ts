/** How many there are, held against a number. */
import { partly } from './filling.js';
import { type F, not, type Place, TRUE } from './formula.js';
import { op } from './make.js';
import { compare, fails, truthy } from './ops.js';
import type { Val } from './values.js';

/**
 * How many rows a statement changed, or how many of a list fit, held against a number: none of them is what a row that is not there fails
 * with. `undefined` for anything else.
 */
export function touched(o: string, a: Val, b: Val, at: Place): F | undefined {
  const statement = b.t === 'const' && typeof b.v === 'number' ? (isFiltered(a) ? a : rowsOf(a)) : undefined;
  if (!statement) return undefined;
  const some = [0, 1].map(n => (o === '==' ? n === (b as { v: number }).v : compare[o]?.(n, (b as { v: number }).v)));
  if (some[0] === some[1]) return undefined;
  const none = statement === a && isFiltered(a) ? not(truthy(a, at)) : fails(statement, at);
  return some[0] ? none : not(none);
}

/** Is it how many of a list fit? */
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
