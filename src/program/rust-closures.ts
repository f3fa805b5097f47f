/** Closures that a library calls, followed for what they do to the variables around them: `filter(|x| { found = true; .. })`. */
import { callback } from './calls.js';
import { reachesOut } from './captured.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs, atom, NONE } from './make.js';
import { elementOf } from './patterns.js';
import type { CallArgs, Val } from './values.js';

/** Runs the closures among the arguments that assign to variables of the code around them; whether they are called at all is not known. */
export function calledBack(ev: Ev, recv: Val, a: CallArgs, place: Place): void {
  for (const f of a.pos) {
    if (ev.dead || f.t !== 'fn' || !reachesOut(f.def)) continue;
    const given = mkArgs(f.def.params.map(() => elementOf(recv)));
    ev.branch(
      atom('iterates', [recv], place),
      () => callback(ev, f, given, place),
      () => NONE,
    );
  }
}
