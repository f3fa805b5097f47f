/** What reading a member of an instance gives: methods that know it, properties, descriptors. */
import { call } from './calls.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs, native, NONE } from './make.js';
import type { Val } from './values.js';

/** What a descriptor gives that was made where the class was; undefined where `m` is none. */
export function got(ev: Ev, m: Val, self: Val, cls: Val, place: Place): Val | undefined {
  const get = m.t === 'obj' ? m.cls.members.get('__get__') : undefined;
  return get?.t === 'fn' ? call(ev, { ...get, self: m }, mkArgs([self, cls]), place) : undefined;
}

/** What `self.name` is where the class has `m` under that name. */
export function bound(ev: Ev, m: Val, self: Val, place: Place): Val {
  // A method behind a guard of a library.
  if (m.t === 'native' && m.of?.t === 'fn' && m.of.owner && m.of.role !== 'static')
    return native(m.name, (a, at) => m.call({ ...a, pos: [self, ...a.pos] }, at), m.of);
  if (m.t !== 'fn') return got(ev, m, self, self.t === 'obj' ? self.cls : NONE, place) ?? m;
  if (m.role === 'static') return m;
  if (m.role === 'property') return call(ev, { ...m, self, role: undefined }, mkArgs(), place);
  return { ...m, self: m.role === 'class' && self.t === 'obj' ? self.cls : self };
}

/** Is it a function of the application, within what libraries put around it? */
export const standsFor = (v: Val): boolean => v.t === 'native' && v.of !== undefined && (v.of.t === 'fn' || standsFor(v.of));
