/**
 * FastAPI and Starlette. What only code can say: routers included and applications mounted at any depth, each with its dependencies;
 * dependencies of dependencies, resolved in order and once for each request; middleware, whose last one added is the outermost;
 * exception handlers of the application that holds the route.
 */
import { Responses } from '../../../infer/responses.js';
import type { PackModels } from '../../../packs/models.js';
import { leavesOf } from '../../../program/alternatives.js';
import { callback, external } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { runUncalled } from '../../../program/link.js';
import { args as mkArgs, constant, native, NONE, phi, prov, sym } from '../../../program/make.js';
import { fails } from '../../../program/ops.js';
import { type Cls, Prov, type SymVal, type Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, Route } from '../../types.js';
import { beside, handlerOf, stubOf } from '../common.js';
import { guardsAbove } from '../above.js';
import { type Gateway, gatewayOf } from '../gateways.js';
import { endpointsOf } from './endpoints.js';
import { handled } from './errors.js';
import { type Flat, flatten } from './flatten.js';
import { through, throughGateway, throughRoute } from './middleware.js';
import { definitionOf, signature } from './params.js';
import { template, whenOf } from './paths.js';
import { textOf } from '../text.js';
import { type Node, Registry } from './registry.js';
import { readScope, requestValue, unlessClosed } from './request.js';
import { solve, solveParams, type Solving, validate } from './solve.js';
import { type Home, Urls } from './urls.js';

const REGISTRARS = new Set([
  'FastAPI',
  'APIRouter',
  'Starlette',
  'include_router',
  'add_api_route',
  'api_route',
  'add_route',
  'mount',
  'add_middleware',
  'add_exception_handler',
  'exception_handler',
]);
const USED = /^(fastapi\.(FastAPI|APIRouter)|starlette\.(applications\.Starlette|routing\.(Router|Route|Mount)))$/;

const MENTIONS = /\b(fastapi|starlette)\b/;

export const fastapi: Adapter = {
  name: 'fastapi',
  mentions: MENTIONS,
  language: 'python',
  uses: ev => {
    if (!ev.program.files.some(f => MENTIONS.test(f.text))) return false;
    runUncalled(ev, REGISTRARS);
    return ev.events.some(
      c => USED.test(c.path) || (c.fn?.t === 'class' && libraryBases(c.fn).some(b => USED.test(ev.models.canonical(b)))),
    );
  },
  find,
};

/** What is known of a route beside what everybody may see. */
interface Way {
  home: Home;
  request: SymVal;
}

function find(ev: Ev): Found {
  const reg = new Registry(ev);
  const all = flatten(ev, reg);
  const responses = new Responses(ev.models as PackModels, v => ev.program.pathOf(v));
  const ways = new WeakMap<Route, Way>();
  const found: Found = { routes: [], gaps: all.gaps };
  const urls = new Urls(all.routes);
  const registered = new Set(all.routes.map(f => `${f.entry.place.file}:${f.entry.place.at}`));
  const isRoute = (p: Place): boolean => registered.has(`${p.file}:${p.at}`);

  const gateways = new Map([...new Set(all.routes.map(r => r.apps[0]))].map(a => [a, a && gatewayOf(ev, v => v.id === a.id, 'asgi')]));
  const twins = new Map<string, { raw: string; route: Route }>();
  for (const flat of all.routes) {
    for (const one of endpointsOf(ev, flat)) {
      const r = makeRoute(ev, flat, one.method, one.handler, urls, ways, responses, gateways.get(flat.apps[0]));
      const twin = twins.get(`${r.method} ${r.path} ${r.handlerName}`);
      // The same handler with and without a slash at the end, or registered twice: one endpoint.
      if (twin && twin.raw.replace(/\/$/, '') === flat.path.replace(/\/$/, '')) {
        if (twin.raw !== flat.path) twin.route.slash = 'both';
        continue;
      }
      twins.set(`${r.method} ${r.path} ${r.handlerName}`, { raw: flat.path, route: r });
      r.ineffective.push(...guardsAbove(ev, one.handler, flat.entry.place, isRoute, responses));
      found.routes.push(r);
    }
  }
  const generated = (path: string, place: Place, apps: Node[]): Route => implicit(path, place, apps, urls, ways, gateways.get(apps[0]));
  for (const { app, prefix, chain } of all.apps)
    if (app.fastapi) found.routes.push(...documentation(app).map(path => generated(prefix + path, app.place, chain)));
  for (const s of all.statics) found.routes.push(generated(s.path, s.place, s.apps));

  found.onError = (e, raised, route) => {
    const way = ways.get(route);
    const named = raised.t === 'sym' && raised.path === '@reply' ? textOf(raised.store?.get('endpoint')) : undefined;
    if (way && named) return redirected(urls.of(named, new Map(), way.home));
    const app = way?.home.apps.at(-1);
    return way && app ? handled(e, app, raised, way.request, v => responses.answer(v, true).status) : undefined;
  };
  return found;
}

function makeRoute(
  ev: Ev,
  flat: Flat,
  method: string,
  handler: Val,
  urls: Urls,
  ways: WeakMap<Route, Way>,
  responses: Responses,
  gateway: Gateway | undefined,
): Route {
  const t = template(flat.path);
  const pathNames = new Set(t.names);
  const named = handlerOf(ev, handler, flat.entry.place);
  const sig = flat.entry.plain ? undefined : signature(ev, handler, pathNames);
  const when = whenOf(ev, flat.pc);
  const stub = stubOf(handler);
  const known = leavesOf(handler).every(h => h.t === 'fn' || h.t === 'native' || h.t === 'obj' || h.t === 'class');
  const inputs: Route['inputs'] = (sig?.specs ?? []).flatMap(s =>
    s.k === 'input' ? [{ name: s.alias, in: s.in, required: s.required, ...(s.type ? { type: s.type } : {}) }] : [],
  );
  for (const n of t.names) if (!inputs.some(i => i.in === 'path' && i.name === n)) inputs.push({ name: n, in: 'path', required: true });
  const slashes = flat.apps.at(-1)?.args.kw.get('redirect_slashes');
  const route: Route = {
    framework: 'fastapi',
    method,
    path: t.path,
    slash: slashes?.t === 'const' && slashes.v === false ? 'exact' : 'redirect',
    handler,
    handlerName: named.name,
    location: named.place,
    route: flat.entry.place,
    ineffective: [],
    inputs,
    gaps: known
      ? []
      : [
          {
            why: 'unresolved-handler',
            says: 'the handler of this route cannot be seen',
            place: flat.entry.place,
            hides: ['guards', 'outcomes', 'effects'],
          },
        ],
    ...(when ? { when } : {}),
    ...(stub ? { stub } : {}),
    run: e => {
      const sample = sampleRequest(method, t.path, t.numeric);
      e.request = { method: sample.method, path: sample.path };
      const request = requestValue(e, method === 'WS', e.request, urls, flat, t);
      ways.set(route, { home: flat, request });
      if (gateway) throughGateway(e, gateway, request);
      runRequest(e, flat, method, handler, request, pathNames, named, responses);
    },
  };
  return route;
}

function runRequest(
  ev: Ev,
  flat: Flat,
  method: string,
  handler: Val,
  request: SymVal,
  pathNames: ReadonlySet<string>,
  named: { name: string; place: Place },
  responses: Responses,
): void {
  const ws = method === 'WS';
  throughApps(ev, flat.apps, request, ws);
  for (const m of flat.extra) through(ev, m, request, ws);
  if (!ws) throughRoute(ev, flat.routeClass, request, flat.entry.place);
  if (ev.dead) return;
  const { entry } = flat;
  const { place } = named;
  if (entry.plain) {
    const v = layer(ev, 'handler', 'endpoint', named.name, place, () => callback(ev, handler, mkArgs([request]), place));
    if (!ev.dead) ev.exit('return', unlessClosed(request, v), place);
    return;
  }
  const response = sym('response', Prov.None, {
    path: 'starlette.responses.Response()',
    present: true,
    store: ev.outlives(new Map([['status_code', NONE]])),
  });
  const s: Solving = {
    ev,
    request,
    response,
    pathNames,
    ws,
    cache: new Map(),
    checked: [],
    overrides: flat.apps.flatMap(a => a.overrides),
  };
  for (const d of flat.deps) {
    solve(s, d);
    if (ev.dead) return;
  }
  const sig = signature(ev, handler, pathNames);
  const owner = ownerOf(s, handler);
  const args = sig
    ? solveParams(
        s,
        sig.specs.filter(p => !(owner && p === sig.specs[0])),
        [],
        'endpoint',
      )
    : mkArgs();
  validate(s, place);
  if (ev.dead) return;
  // A handler that is given an identity that may be missing serves both those who have one and those who have none.
  for (const p of sig?.specs ?? []) {
    const v = p.k === 'dep' ? args.kw.get(p.name) : undefined;
    if (v && prov(v) & Prov.Credential && maybeAbsent(v, p.place))
      (ev.models as PackModels).optional.push({ name: p.name, place: p.place });
  }
  if (owner) args.pos.unshift(owner);
  const v = layer(ev, 'handler', 'endpoint', named.name, place, () => callback(ev, handler, args, place));
  if (ev.dead) return;
  const cls = entry.args.kw.get('response_class');
  const set = response.store?.get('status_code') ?? NONE;
  ev.exit(
    'return',
    beside(unlessClosed(request, v), [set], (x, status) => sent(ev, x, status, cls, place, responses)),
    place,
  );
}

/** A handler in a class body (class-based views): an instance whose dependencies are class attributes. */
function ownerOf(s: Solving, handler: Val): Val | undefined {
  const fn = definitionOf(handler);
  const cls: Cls | undefined = fn?.owner;
  if (!cls || !fn || (fn.self ?? (handler.t === 'fn' ? handler.self : undefined)) !== undefined || fn.role === 'static') return undefined;
  const sig = signature(s.ev, { ...cls, members: new Map([...cls.members].filter(([k]) => k !== '__init__')) }, s.pathNames);
  const init = signature(s.ev, cls, s.pathNames);
  const own = sym(cls.name, Prov.None, { ty: { path: cls.name, cls, args: [] }, present: true, store: new Map() });
  for (const x of [sig, init])
    for (const [k, v] of x
      ? solveParams(
          s,
          x.specs.filter(p => p.k === 'dep'),
          [],
          'router',
        ).kw
      : [])
      own.store?.set(k, v);
  for (const [k, v] of cls.members) {
    if (v.t !== 'call' || v.path !== 'fastapi.Depends' || own.store?.has(k) || !v.args.pos[0]) continue;
    own.store?.set(k, solve(s, { dep: v.args.pos[0], scopes: [], cached: true, place: v.place, scope: 'router' }));
  }
  return own;
}

const redirected = (to: Val): Val =>
  sym('reply', Prov.None, {
    path: '@reply',
    store: new Map([
      ['status', constant(303)],
      ['redirect', to],
    ]),
  });

const maybeAbsent = (v: Val, at: Place): boolean => v.t === 'phi' && !/^(true|false)$/.test(fails(v, at).f);

/** What leaves the application when a handler returns `v`: anything but a response is serialised and sent with the usual status. */
function sent(ev: Ev, v: Val, set: Val | undefined, cls: Val | undefined, place: Place, responses: Responses): Val {
  if (v.t === 'phi') return phi(v.c, sent(ev, v.a, set, cls, place, responses), sent(ev, v.b, set, cls, place, responses));
  const path = v.t === 'call' ? v.path : v.t === 'obj' ? (libraryBases(v.cls)[0] ?? '') : '';
  const error = v.t === 'call' || v.t === 'obj' ? /HTTPException$/.test(ev.models.canonical(path)) : v.t === 'class' || v.t === 'ext';
  const data = error || v.t === 'seq' || v.t === 'variant';
  if (cls?.t === 'ext' && /RedirectResponse$/.test(cls.path) && (v.t === 'const' || v.t === 'op' || v.t === 'sym'))
    return external(ev, cls.path, cls, undefined, mkArgs([v]), place, 'RedirectResponse');
  if (!data && v.t === 'call' && responses.answer(v, false).status !== undefined) return v;
  if (set) return sym('reply', Prov.None, { path: '@reply', store: new Map([['status', set]]) });
  return data ? sym('body', prov(v)) : v;
}

/** The paths of the pages that FastAPI adds by itself; no dependency of the application applies to them, its middleware does. */
function documentation(app: Node): string[] {
  const page = (name: string, usual: string): string | undefined => {
    const v = app.args.kw.get(name);
    if (!v) return usual;
    return v.t === 'const' && v.v === null ? undefined : (textOf(v) ?? usual);
  };
  const openapi = page('openapi_url', '/openapi.json');
  if (openapi === undefined || openapi === '') return [];
  const docs = page('docs_url', '/docs');
  const redoc = page('redoc_url', '/redoc');
  return [openapi, ...(docs ? [docs, `${docs}/oauth2-redirect`] : []), ...(redoc ? [redoc] : [])];
}

function implicit(raw: string, place: Place, apps: Node[], urls: Urls, ways: WeakMap<Route, Way>, gateway: Gateway | undefined): Route {
  const t = template(raw);
  const handler = native('generated', () => NONE);
  const home = { path: raw, apps };
  const route: Route = {
    framework: 'fastapi',
    method: 'GET',
    path: t.path,
    slash: 'exact',
    handler,
    handlerName: 'generated',
    location: place,
    route: place,
    implicit: true,
    ineffective: [],
    inputs: [],
    gaps: [],
    run: e => {
      const sample = sampleRequest('GET', t.path, t.numeric);
      e.request = { method: sample.method, path: sample.path };
      const request = requestValue(e, false, e.request, urls, home, t);
      ways.set(route, { home, request });
      if (gateway) throughGateway(e, gateway, request);
      throughApps(e, apps, request, false);
      if (!e.dead) e.exit('return', NONE, place);
    },
  };
  return route;
}

/** The middleware of the applications around a route. */
function throughApps(ev: Ev, apps: readonly Node[], request: SymVal, ws: boolean): void {
  for (const [i, app] of apps.entries()) {
    const from = ev.sink.length;
    for (const m of [...app.middleware].reverse()) {
      through(ev, m, request, ws);
      readScope(ev, request);
    }
    // Middleware stands outside of the exception handlers: what it raises is a failure of the server.
    if (i === 0)
      for (const e of ev.sink.slice(from))
        if (e.kind === 'raise' && !(e.val.t === 'sym' && e.val.path === '@reply'))
          e.val = sym('exception', prov(e.val), { path: 'builtins.Exception()' });
  }
}
