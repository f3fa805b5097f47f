/** What code gives that is left on several ways: a call by its returns, a labelled block or a loop by `break`. */
import type { Exit } from './ev.js';
import { beyond, type F, FALSE, since } from './formula.js';
import { phi } from './make.js';
import type { Val } from './values.js';

/**
 * The value of code that began under `base` and came to its end under `end`, with `last`, or was left by those of its `exits` that are its
 * `own`; undefined where it was neither.
 */
export function given(exits: readonly Exit[], own: (e: Exit) => boolean, end: F, last: Val, base: F): Val | undefined {
  let value: Val | undefined = end === FALSE ? undefined : last;
  // What led to the last one, until it is told from another.
  let way: F | undefined = end;
  // Mostly there is one value to give.
  const mine = exits.filter(own);
  const one = value ?? mine[0]?.val;
  if (mine.every(e => e.val === one)) return one;
  // Each of them is asked about when none before it was taken: what it says only to exclude those need not be said.
  const settled = new Set<F>();
  const conditions = exits.map(e => beyond(since(e.cond, base), settled));
  for (let i = exits.length - 1; i >= 0; i--) {
    const e = exits[i] as Exit;
    if (!own(e)) continue;
    if (value === undefined) {
      value = e.val;
      way = e.cond;
      continue;
    }
    value = phi(conditions[i] as F, e.val, value, way && since(way, base));
    way = undefined;
  }
  return value;
}
