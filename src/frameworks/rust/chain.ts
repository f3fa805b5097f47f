/** Builder chains: `Router::new().route(..).layer(..)` is a chain of calls, each the receiver of the next. */
import type { Place } from '../../program/formula.js';
import type { Val } from '../../program/values.js';

/** Where a chain of method calls starts. */
export function chainRoot(v: Val): Val {
  let r = v;
  for (let i = 0; r.t === 'call' && r.recv && i < 5000; i++) r = r.recv;
  return r;
}

/** The place that a value remembers. */
export function placeOf(v: Val): Place {
  switch (v.t) {
    case 'call':
    case 'coro':
    case 'obj':
    case 'class':
    case 'unknown':
      return v.place;
    case 'fn':
      return { file: v.module.file, at: v.def.at };
    case 'variant':
      return v.place ?? { file: 0, at: 0 };
    case 'native':
      return v.of ? placeOf(v.of) : { file: 0, at: 0 };
    case 'phi':
      return placeOf(v.a);
    default:
      return { file: 0, at: 0 };
  }
}
