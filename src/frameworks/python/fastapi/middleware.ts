/** Middleware: classes with `dispatch`, functions, and pure ASGI callables. */
import { call, callback, external } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { args as mkArgs, ext, native, NONE, obj, phi, sym } from '../../../program/make.js';
import { inheritedAs } from '../../../program/python.js';
import { inherits } from '../../../program/tries.js';
import { Prov, type SymVal, type Val } from '../../../program/values.js';
import { around, layer } from '../../layers.js';
import { type Gateway, isClear } from '../gateways.js';
import type { MiddlewareEntry } from './registry.js';

const AUTHENTICATION = 'starlette.middleware.authentication.AuthenticationMiddleware';
const FAILED = ext('starlette.authentication.AuthenticationError');
const BASE_HTTP = 'starlette.middleware.base.BaseHTTPMiddleware';

/** Runs one middleware around the rest of the request. `ws`: those for HTTP only are passed by. */
export function through(ev: Ev, m: MiddlewareEntry, request: SymVal, ws: boolean): void {
  if (ev.dead) return;
  if (m.fn) {
    if (!ws)
      around(ev, 'middleware', 'app', nameOf(m.fn), placeOf(m.fn, m.place), next =>
        callback(ev, m.fn as Val, mkArgs([request, next]), m.place),
      );
    return;
  }
  const cls = m.cls?.t === 'late' ? m.cls.get() : m.cls;
  if (!cls) return;
  if (cls.t === 'class') {
    const http = libraryBases(cls).some(b => ev.models.canonical(b) === BASE_HTTP);
    if (http && ws) return;
    around(ev, 'middleware', 'app', cls.name, methodPlace(cls, http ? 'dispatch' : '__call__', m.place), next => {
      const inner = native('app', () => (next.t === 'native' ? next.call(mkArgs(), m.place) : NONE));
      const instance = call(ev, cls, { pos: [inner, ...m.args.pos], kw: m.args.kw }, m.place);
      if (instance.t !== 'obj') return NONE;
      if (!instance.fields.has('app')) instance.fields.set('app', inner);
      const dispatch = instance.cls.members.get(http ? 'dispatch' : '__call__');
      if (dispatch?.t !== 'fn') return next.t === 'native' ? next.call(mkArgs(), m.place) : NONE;
      if (http) return callback(ev, { ...dispatch, self: instance }, mkArgs([request, next]), m.place);
      return asgi(ev, { ...dispatch, self: instance }, request, m.place, next);
    });
    return;
  }
  if (cls.t === 'ext' && ev.models.canonical(cls.path) === AUTHENTICATION) {
    authentication(ev, m, request);
    return;
  }
  // A library: its row says whether it refuses anything.
  if (cls.t === 'ext') {
    layer(ev, 'middleware', 'app', cls.path.split('.').at(-1) as string, m.place, () => {
      const c = call(ev, cls, mkArgs([], m.args.kw), m.place);
      return c;
    });
    return;
  }
  if (cls.t === 'fn' || cls.t === 'native') {
    // A function from an application to an application.
    around(ev, 'middleware', 'app', nameOf(cls), placeOf(cls, m.place), next => {
      const wrapped = call(ev, cls, { pos: [next, ...m.args.pos], kw: m.args.kw }, m.place);
      return wrapped.t === 'fn' ? asgi(ev, wrapped, request, m.place, next) : next.t === 'native' ? next.call(mkArgs(), m.place) : NONE;
    });
    return;
  }
  // Of a plugin that is looked up when the application starts nothing is presumed, as of any library that nobody has described.
  if (cls.t === 'call' || cls.t === 'attr' || cls.t === 'item') return;
  ev.gap('unknown-middleware', 'a middleware that is added here is not known', m.place);
}

/** Runs what stands around the whole application, as the server sees it. */
export function throughGateway(ev: Ev, gateway: Gateway, request: SymVal): void {
  if (!isClear(ev, gateway)) return;
  const { fn, name } = gateway;
  const place = { file: fn.module.file, at: fn.def.at };
  around(ev, 'middleware', 'app', name, place, next => asgi(ev, fn, request, place, next));
}

/**
 * The application's own backend is asked who the caller is. Only `AuthenticationError` ends the request there: with 400, or with what
 * `on_error` makes of it.
 */
function authentication(ev: Ev, m: MiddlewareEntry, request: SymVal): void {
  const backend = m.args.kw.get('backend') ?? m.args.pos[0];
  const own = backend?.t === 'obj' ? backend.cls.members.get('authenticate') : undefined;
  if (backend?.t !== 'obj' || own?.t !== 'fn') return;
  const from = ev.sink.length;
  layer(ev, 'middleware', 'app', backend.cls.name, placeOf(own, m.place), () =>
    callback(ev, { ...own, self: backend }, mkArgs([request]), m.place),
  );
  const answer = m.args.kw.get('on_error') ?? m.args.pos[1];
  if (!answer) return;
  const { pc, sink } = ev;
  for (const e of sink.slice(from)) {
    if (e.kind !== 'raise' || !inherits(ev, e.val, FAILED)) continue;
    // It is called once the backend has given up: what it does is under the condition of that.
    Object.assign(ev, { pc: e.cond, sink: [] });
    const v = callback(ev, answer, mkArgs([request, e.val]), m.place);
    if (!ev.dead) Object.assign(e, { kind: 'return', val: v });
  }
  Object.assign(ev, { pc, sink });
}

/** A class of routes that handles the request itself, around what the library would do. */
export function throughRoute(ev: Ev, routeClass: Val | undefined, request: SymVal, place: Place): void {
  const cls = routeClass?.t === 'late' ? routeClass.get() : routeClass;
  const own = cls?.t === 'class' ? cls.members.get('get_route_handler') : undefined;
  if (cls?.t !== 'class' || own?.t !== 'fn') return;
  around(ev, 'middleware', 'router', cls.name, placeOf(own, place), next => {
    const self = obj(cls, place);
    self.fields.set(
      inheritedAs('get_route_handler'),
      native('get_route_handler', () => next),
    );
    return callback(ev, callback(ev, { ...own, self }, mkArgs(), place), mkArgs([request]), place);
  });
}

const RESPONSE = /Response$/;

/** `app(scope, receive, send)`: what was sent is the answer. */
function asgi(ev: Ev, fn: Val, request: SymVal, place: Place, next: Val): Val {
  let answer: Val | undefined;
  const put = (v: Val): void => {
    answer = answer === undefined ? v : phi(ev.pc, v, answer);
  };
  const send = native('send', a => {
    const m = a.pos[0];
    const status = m?.t === 'map' ? m.entries.get('status') : undefined;
    if (status && m?.t === 'map' && m.entries.get('type')?.t === 'const')
      put(sym('reply', Prov.None, { path: '@reply', store: new Map([['status', status]]) }));
    return NONE;
  });
  const scope = request.store?.get('scope') ?? NONE;
  if (scope.t === 'map' && !scope.entries.has('headers'))
    scope.entries.set('headers', external(ev, 'starlette.requests.Request().headers', undefined, request, mkArgs(), place, 'headers'));
  const before = ev.events.length;
  callback(ev, fn, mkArgs([scope, native('receive', () => sym('message', Prov.Input)), send]), place);
  for (const c of ev.events.slice(before)) {
    if (c.args.pos[2] !== send) continue;
    // `await JSONResponse(..)(scope, receive, send)` answers; any other library application hands on to the one that it was given.
    if (c.fn?.t === 'call' && RESPONSE.test(c.fn.path)) answer = answer === undefined ? c.fn : phi(c.pc, c.fn, answer);
    else if (next.t === 'native') {
      const after = ev.pc;
      ev.pc = c.pc;
      next.call(mkArgs(), place);
      ev.pc = after;
    }
  }
  return answer ?? NONE;
}

const nameOf = (v: Val): string => (v.t === 'fn' ? v.def.name || '<lambda>' : v.t === 'native' ? v.name : 'middleware');
const placeOf = (v: Val, or: Place): Place => (v.t === 'fn' ? { file: v.module.file, at: v.def.at } : or);
const methodPlace = (cls: Val & { t: 'class' }, name: string, or: Place): Place => {
  const m = cls.members.get(name);
  return m?.t === 'fn' ? placeOf(m, or) : or;
};
