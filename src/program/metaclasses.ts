/** `class C(metaclass=M)`: what a metaclass of the application makes of the classes that are defined with it. */
import { callFunction } from './calls.js';
import { mro } from './classes.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { map, native, seq, STR } from './make.js';
import type { CallArgs, Cls, Val } from './values.js';

/** The classes that are being made, and by what, the innermost last. */
const making: { cls: Cls; meta: Cls }[] = [];

/** Lets the metaclass of `cls`, its own or that of a base, do with the members what it does. */
export function shape(ev: Ev, cls: Cls, place: Place): void {
  const meta = mro(cls)
    .map(c => (c.t === 'class' ? c.keywords?.get('metaclass') : undefined))
    .find(m => m !== undefined);
  if (meta?.t !== 'class') return;
  const [make, init] = [meta.members.get('__new__'), meta.members.get('__init__')];
  const kw = new Map([...(cls.keywords ?? [])].filter(([name]) => name !== 'metaclass'));
  const given: CallArgs = { pos: [STR(cls.name), seq('tuple', cls.bases), map(new Map(cls.scope.vars))], kw };
  making.push({ cls, meta });
  try {
    if (make?.t === 'fn') callFunction(ev, { ...make, self: meta, role: 'class' }, given, place);
    if (init?.t === 'fn') callFunction(ev, { ...init, self: cls }, given, place);
  } finally {
    making.pop();
  }
}

/** `super().__new__` in a metaclass `of` the application: the class that is being made, with the members that are handed on. */
export function typeNew(ev: Ev, of: Cls): Val | undefined {
  const last = making.at(-1);
  const cls = last && mro(last.meta).includes(of) ? last.cls : undefined;
  return (
    cls &&
    native('__new__', a => {
      const members = a.pos.find(x => x.t === 'map');
      for (const [name, v] of members?.t === 'map' ? members.entries : []) {
        if (cls.scope.vars.get(name) === v) continue;
        ev.write(cls.scope.vars, name, v);
        ev.write(cls.members, name, v);
      }
      return cls;
    })
  );
}
