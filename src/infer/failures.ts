/** From an error back to what failed with it. */
import type { Atom } from '../program/formula.js';
import type { Val } from '../program/values.js';

/** What failed with the error that `v` is, or is a part or a property of. */
export function failed(v: Val): Val | undefined {
  let x: Val | undefined = v;
  for (let i = 0; x && i < 20; i++)
    if (x.t === 'op' && x.op === 'err') return x.args[0];
    else if (x.t === 'attr' || x.t === 'item') x = x.of;
    else if (x.t === 'call') x = x.recv;
    else if (x.t === 'op') x = x.args[0];
    else return undefined;
  return undefined;
}

/** What raised the exception of a library that `v` is a part of. */
export const raisedBy = (v: Val): Val | undefined =>
  v.t === 'attr' || v.t === 'item' ? raisedBy(v.of) : v.t === 'sym' && v.path === '?' ? v.store?.get('call') : undefined;

/** That something was raised, whatever it was. */
const isAnything = (a: Atom): boolean => a.kind === 'raises' && a.name === undefined;

/** Is it said that there is no such row? Where all errors are alike, only of a query that is known to raise one then. */
export const misses = (run: Val, a: Atom): boolean => !isAnything(a) || (run.t === 'call' && run.query?.misses === 'fails');
