/** `contextvars`: what a request notes down where later code of the same request finds it. */
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { native, NONE, sym } from './make.js';
import { type CallArgs, Prov, type Val } from './values.js';

const VALUE = '@value';

/** A variable; asked for where nothing was set, it is its default, or the one that the caller gives. */
function contextVar(ev: Ev, a: CallArgs, _place: Place): Val {
  const store = ev.outlives(new Map<string, Val>());
  const usual = a.kw.get('default');
  const name = a.pos[0]?.t === 'const' ? String(a.pos[0].v) : 'context';
  const unset = usual ?? sym(name, Prov.State);
  store.set(
    'get',
    native('get', b => store.get(VALUE) ?? b.pos[0] ?? unset),
  );
  store.set(
    'set',
    native('set', b => {
      const old = store.get(VALUE);
      ev.write(store, VALUE, b.pos[0] ?? NONE);
      return sym('token', Prov.None, { present: true, store: new Map(old ? [['old_value', old]] : []) });
    }),
  );
  store.set(
    'reset',
    native('reset', () => NONE),
  );
  return sym(name, Prov.None, { path: 'contextvars.ContextVar()', present: true, store });
}

export const CONTEXTVARS = { 'contextvars.ContextVar': contextVar };
