/** Which endpoints a registered route stands for: one for each method, or for each verb that a class defines. */
import { callback } from '../../../program/calls.js';
import { instantiate, libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { args as mkArgs, native, NONE, sym } from '../../../program/make.js';
import { pyAttribute } from '../../../program/python.js';
import { bindMethod } from '../../../program/python-views.js';
import { type Cls, Prov, type Val } from '../../../program/values.js';
import { methodsOf } from '../common.js';
import type { Flat } from './flatten.js';

const HTTP_VERBS = ['get', 'post', 'put', 'delete', 'patch', 'options'];

/** A route of Starlette may name a class: one endpoint for each verb that it defines. */
export function endpointsOf(ev: Ev, flat: Flat): { method: string; handler: Val }[] {
  const { entry } = flat;
  const h = entry.handler.t === 'late' ? (entry.handler.get() ?? entry.handler) : entry.handler;
  const inherits = (name: RegExp): boolean => h.t === 'class' && libraryBases(h).some(b => name.test(ev.models.canonical(b)));
  if (entry.ws) return [{ method: 'WS', handler: h.t === 'class' && inherits(/WebSocketEndpoint$/) ? connection(ev, h) : h }];
  if (h.t === 'class' && inherits(/HTTPEndpoint$/)) {
    return HTTP_VERBS.flatMap(v => {
      const m = h.members.get(v);
      return m?.t === 'fn' || m?.t === 'native'
        ? [{ method: v.toUpperCase(), handler: bindMethod(m, instantiate(ev, h, mkArgs(), h.place)) }]
        : [];
    });
  }
  const methods = Array.isArray(entry.methods) ? entry.methods : methodsOf(entry.methods, ['GET']);
  return methods.map(method => ({ method, handler: h }));
}

/** A class that holds a connection: it is asked when one is made, which it accepts where it does not say otherwise, and for each message. */
function connection(ev: Ev, cls: Cls): Val {
  const own = (name: string): Val | undefined => {
    const m = cls.members.get(name);
    return m?.t === 'fn' || m?.t === 'native' ? m : undefined;
  };
  return native(
    cls.name,
    (a, place) => {
      const [socket] = a.pos;
      if (!socket) return NONE;
      const self = instantiate(ev, cls, mkArgs(), place);
      const connect = own('on_connect');
      callback(ev, connect ? bindMethod(connect, self) : pyAttribute(ev, socket, 'accept', place), mkArgs(connect ? [socket] : []), place);
      const receive = own('on_receive');
      if (receive && !ev.dead) callback(ev, bindMethod(receive, self), mkArgs([socket, sym('data', Prov.Input, { present: true })]), place);
      return NONE;
    },
    own('on_connect') ?? own('on_receive') ?? cls,
  );
}
