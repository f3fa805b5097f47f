/** The request of one endpoint: what is known of it, and what closing a connection means. */
import { REQUEST } from '../../../packs/types.js';
import { external } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { attr, map, native, NONE, phi, STR, sym } from '../../../program/make.js';
import { Prov, type SymVal, type Val } from '../../../program/values.js';
import type { Template } from './paths.js';
import { textOf } from '../text.js';
import type { Home, Urls } from './urls.js';

/**
 * The handshake was answered. A connection that is closed before that is refused; so is one that is closed with another code than
 * those of an end or of the server's own trouble (RFC 6455, 7.4.1).
 */
const ACCEPTED = '@accepted';
const CLOSED = '@closed';
/** The dictionary that a request is made from, by which `rules/python/starlette.yml` knows what is read from it. */
const SCOPE = 'starlette.requests.Request().scope';
const ENDED: ReadonlySet<unknown> = new Set([1000, 1001, 1011, 1012, 1013]);

/** The request, or the connection of a WebSocket, as the code is given it. */
export function requestValue(
  ev: Ev,
  ws: boolean,
  now: { method: Val; path: Val },
  urls: Urls,
  home: Home,
  { names, filled }: Template,
): SymVal {
  // What middleware and dependencies note down holds for those that follow.
  const state = ev.outlives(new Map());
  const store = ev.outlives(
    new Map<string, Val>([
      ['state', sym('state', Prov.None, { path: 'starlette.datastructures.State()', present: true, store: state })],
      ['method', now.method],
      ['url', sym('url', Prov.Header, { path: 'starlette.datastructures.URL()', present: true, store: new Map([['path', now.path]]) })],
      ['url_for', native('url_for', a => urls.of(textOf(a.pos[0]), a.kw, home))],
      [
        'path_params',
        {
          t: 'map',
          entries: new Map(names.map(n => [n, sym(n, Prov.Input, { present: true, ...(filled.has(n) ? { filled: true } : {}) })])),
          id: 0,
        },
      ],
    ]),
  );
  if (ws) {
    store.set(CLOSED, NONE);
    store.set(
      'accept',
      native('accept', () => (ev.write(store, ACCEPTED, NONE), NONE)),
    );
    store.set(
      'close',
      native('close', (a, place) => {
        const code = a.kw.get('code') ?? a.pos[0];
        const n = code?.t === 'ext' ? Number(/WS_(\d+)_/.exec(code.path)?.[1]) : code?.t === 'const' ? code.v : undefined;
        const ends = store.has(ACCEPTED) && (code === undefined || ENDED.has(n));
        if (!ends) ev.write(store, CLOSED, external(ev, 'starlette.websockets.WebSocket().close', undefined, undefined, a, place, 'close'));
        return NONE;
      }),
    );
  }
  const scope = ev.outlives(
    new Map<string, Val>([
      ['type', STR(ws ? 'websocket' : 'http')],
      ['method', now.method],
      ['path', now.path],
      ['raw_path', now.path],
      // The dictionary that `request.state` shows as an object; what the application's lifespan has put there is not known.
      ['headers', attr(sym('headers', Prov.Header, { path: 'starlette.datastructures.Headers()', present: true }), 'raw')],
      ['state', map(state, sym('state', Prov.None, { path: 'starlette.datastructures.State()', present: true }))],
      ['path_params', store.get('path_params') as Val],
    ]),
  );
  // What else the server and those before have put there, such as the version of HTTP, is not empty for that it is not listed here.
  store.set('scope', map(scope, sym('scope', Prov.None, { path: SCOPE, present: true })));
  const request = sym('request', Prov.None, {
    path: ws ? 'starlette.websockets.WebSocket()' : 'starlette.requests.Request()',
    present: true,
    store,
  });
  scope.set(REQUEST, request);
  return request;
}

/** Who asks and what he may do, where middleware has put it into the scope that the request is made from. */
export function readScope(ev: Ev, request: SymVal): void {
  const scope = request.store?.get('scope');
  if (scope?.t !== 'map' || !request.store) return;
  for (const name of ['user', 'auth', 'session']) {
    const v = scope.entries.get(name);
    if (v && request.store.get(name) !== v) ev.write(request.store, name, v);
  }
}

/** What `v`, the answer, becomes where the connection was closed. */
export function unlessClosed(request: SymVal, v: Val): Val {
  const or = (closed: Val | undefined): Val =>
    closed?.t === 'phi' ? phi(closed.c, or(closed.a), or(closed.b)) : closed?.t === 'call' ? closed : v;
  return or(request.store?.get(CLOSED));
}
