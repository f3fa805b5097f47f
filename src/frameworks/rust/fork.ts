/** Both sides of a condition, where what they give does not matter. */
import type { Ev } from '../../program/ev.js';
import type { F } from '../../program/formula.js';
import { NONE } from '../../program/make.js';

export function fork(ev: Ev, c: F, then: () => void, otherwise: () => void = () => undefined): void {
  const run = (fn: () => void) => () => {
    fn();
    return NONE;
  };
  ev.branch(c, run(then), run(otherwise));
}
