/** `impl Deref` of the application: what a value does not have itself, it has by what it stands for. */
import { callFunction } from './calls.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs } from './make.js';
import { typeOfValue } from './rust-types.js';
import type { Val } from './values.js';

/** What `*v` is; undefined where the application does not say. */
export function dereferenced(ev: Ev, v: Val, place: Place): Val | undefined {
  if (v.t === 'phi' || v.t === 'class') return undefined;
  for (const i of typeOfValue(v)?.cls?.impls ?? []) {
    const deref = i.trait && /(^|::)Deref$/.test(i.trait.path) ? i.members.get('deref') : undefined;
    if (deref?.t !== 'fn' || ev.frame?.def === deref.def) continue;
    const of = callFunction(ev, { ...deref, self: v }, mkArgs(), place);
    return of === v ? undefined : of;
  }
  return undefined;
}
