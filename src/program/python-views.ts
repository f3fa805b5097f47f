/** Views that are classes: what `as_view()` makes of one, and how a request finds the method for its verb. */
import { leavesOf, mapped } from './alternatives.js';
import { callback } from './calls.js';
import { instantiate } from './classes.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs, constant, native, NONE, STR, sym } from './make.js';
import { decorate } from './python-decorators.js';
import { type CallArgs, type Cls, type FnVal, Prov, type Val } from './values.js';

const items = (v: Val | undefined): Val[] => (v?.t === 'seq' ? v.items : []);

/**
 * The function that a class-based view is registered as: a new instance for each request, then its dispatch; around it the
 * class's `decorators`, the first of which is the innermost.
 * @param name the name of the view, kept as the name of the value
 */
export function asView(ev: Ev, cls: Cls, name: string, init: CallArgs, place: Place): Val {
  const run = (a: CallArgs, at: Place): Val => {
    const self = instantiate(ev, cls, init, at);
    if (ev.dead) return NONE;
    const own = cls.members.get('dispatch_request');
    return own?.t === 'fn' || own?.t === 'native' ? callback(ev, bindMethod(own, self), a, at) : dispatch(ev, self, cls, a, at);
  };
  let view: Val = native(name, run, cls);
  for (const d of items(cls.members.get('decorators'))) view = decorate(ev, d, view, nameOfValue(d), place);
  return view;
}

/** Calls the method of `self` that answers the running request's verb, behind the class's `method_decorators`. */
export function dispatch(ev: Ev, self: Val, cls: Cls, a: CallArgs, place: Place): Val {
  const verb = ev.request?.method.t === 'const' ? String(ev.request.method.v).toLowerCase() : 'get';
  const method = cls.members.get(verb) ?? (verb === 'head' ? cls.members.get('get') : undefined);
  if (!method || !leavesOf(method).some(m => m.t === 'fn' || m.t === 'native')) {
    ev.exit(
      'raise',
      sym('reply', Prov.None, {
        path: '@reply',
        store: new Map([
          ['by', STR('dispatch')],
          ['status', constant(405)],
        ]),
      }),
      place,
    );
    return NONE;
  }
  let target: Val = mapped(method, m => bindMethod(m, self));
  const per = cls.members.get('method_decorators');
  for (const d of per?.t === 'map' ? items(per.entries.get(verb)) : items(per)) target = decorate(ev, d, target, nameOfValue(d), place);
  return callback(ev, target, a, place);
}

/** A method, decorated or not, on the instance that it is called on. */
export const bindMethod = (m: Val, self: Val): Val =>
  m.t === 'fn' ? { ...m, self } : m.t === 'native' ? native(m.name, (a, at) => m.call({ ...a, pos: [self, ...a.pos] }, at), m.of) : m;

/** `agents_only = role_required(Role.AGENT)`: the module's own name for what a factory made. */
const nameIn = (d: FnVal): string | undefined =>
  [...d.module.scope.vars].find(([name, v]) => v.t === 'fn' && v.id === d.id && name !== d.def.name)?.[0];

/** The name that a reader knows a decorator by. */
export function nameOfValue(d: Val): string {
  switch (d.t) {
    case 'fn':
      return nameIn(d) ?? (d.def.name || (d.wraps?.by ?? 'decorator'));
    case 'call':
      return d.name === '()' && d.fn ? nameOfValue(d.fn) : d.name;
    case 'ext':
      return d.path.split('.').at(-1) ?? d.path;
    case 'attr':
      return d.name;
    case 'native':
      return d.name;
    case 'obj':
      return d.cls.name;
    default:
      return 'decorator';
  }
}

/** `V.as_view(..)` and a dispatch that only the library defines; declines everything else. */
export function viewMethod(ev: Ev, of: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  if (name === 'as_view' && of.t === 'class') {
    const given = a.pos[0] ?? a.kw.get('name');
    const kw = new Map(a.kw);
    kw.delete('name');
    return asView(ev, of, given?.t === 'const' ? String(given.v) : of.name.toLowerCase(), mkArgs(a.pos.slice(1), kw), place);
  }
  if (name === 'dispatch_request' && of.t === 'obj' && ev.request) return dispatch(ev, of, of.cls, a, place);
  return undefined;
}
