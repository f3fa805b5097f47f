/** axum 0.5 to 0.8: routers that reach a server, and the way of a request through their layers. */
import { at } from '../../../facts/types.js';
import type { Ev } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { NONE, STR } from '../../../program/make.js';
import type { CallVal, FnVal, Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, IneffectiveNote, Route } from '../../types.js';
import { throughout } from '../around.js';
import { placeOf } from '../chain.js';
import { makers, start } from '../entry.js';
import { major } from '../extract.js';
import { notesFor } from '../notes.js';
import { answer, rendered } from '../render.js';
import { installServices } from './services.js';
import { beginRequest, installRust, seenPath } from '../request.js';
import { routeOf } from '../route.js';
import { settled } from '../settings.js';
import { mostCovered } from './again.js';
import { callService, callWith, fromFn, runLayer } from './layers.js';
import type { Endpoint, Layered, Router } from './model.js';
import { join, tidy, written } from './paths.js';
import { isRouter, placed, routerOf, type Walk, walkFor } from './router.js';
import { fork } from '../fork.js';

/** Methods that build on a router; every other call that takes one serves it. */
const BUILDS =
  /^(route|api_route|nest|nest_service|nest_api_service|merge|layer|route_layer|fallback|fallback_service|with_state|service|into_make_service|into_make_service_with_connect_info|into_service|split_for_parts|finish_api|from|new|clone|insert|push|fold|for_each|map|Some|Ok|method_not_allowed_fallback)$/;

export const axum: Adapter = {
  name: 'axum',
  mentions: /\b(axum|aide|utoipa_axum|axum_extra)\b/,
  language: 'rust',
  uses: ev => ['axum', 'aide', 'utoipa-axum', 'axum-extra'].some(p => ev.program.versions.has(p)),
  find,
};

function find(ev: Ev): Found {
  installRust(ev);
  installServices(ev);
  const started = start(ev);
  const w = walkFor(ev);
  const roots = new Map<Val, Place>();
  const serve = (v: Val | undefined, by: Place): void => {
    if (v && isRouter(v) && !roots.has(v)) roots.set(v, by);
  };
  for (const e of started.events) {
    if (e.recv && isRouter(e.recv) && /^(oneshot|call)$/.test(e.name)) serve(e.recv, e.place);
    if (isRouter(e) || BUILDS.test(e.name)) continue;
    for (const a of e.args.pos) serve(a, e.place);
  }
  for (const v of started.values) serve(v, START);
  const beside = roots.size > 0 ? started.apart.filter(v => isRouter(v) && !roots.has(v)) : [];
  if (roots.size === 0) for (const v of started.apart) serve(v, START);
  const served = roots.size > 0;
  if (roots.size === 0) for (const v of outermost(started.events)) serve(v, placeOf(v));
  if (roots.size === 0)
    for (const m of makers(ev, t => /(^|::)(Router|ApiRouter|OpenApiRouter)$/.test(t.path) && !t.cls)) serve(m.value, placeOf(m.fn));
  const read = [...roots].map(([r, by]) => placed(routerOf(w, r, true), by.at ? by : START));
  const routers = served ? [...read, ...beside.map(r => alone(placed(routerOf(w, r, true), START)))] : detached(read);
  // What answers unknown paths is no endpoint, unless the router has nothing else.
  const all = routers.flatMap(r => [...r.endpoints, ...(r.fallback ? [r.fallback] : [])]);
  const written = all.filter(e => !e.fallback);
  const endpoints = mostCovered(written.length ? written : all);
  const unattached = forgotten(w, started.events);
  const routes = endpoints.map(e => toRoute(ev, e, unattached, endpoints));
  return { routes, gaps: told(routers.flatMap(r => r.gaps)), render: rendered };
}

/**
 * Where no server was seen, the largest router is taken for the application. What stands beside it may be a part of it whose way there
 * was not understood: where the application has layers, it is not known whether they cover such a part, too.
 */
function detached(routers: Router[]): Router[] {
  const [main, ...others] = [...routers].sort((a, b) => b.endpoints.length - a.endpoints.length);
  if (!main?.endpoints.some(e => e.layers.length > 0)) return routers;
  const apart = new Set(others);
  return routers.map(r => (apart.has(r) ? alone(r) : r));
}

/** Nothing was seen to serve this router, or to make it a part of one that is served. */
const alone = (r: Router): Router => ({ ...r, endpoints: r.endpoints.map(e => ({ ...e, apart: true })) });

/** What hides nothing is told once, where it stands first. */
function told(gaps: Router['gaps']): Router['gaps'] {
  const said = new Set<string>();
  return gaps.filter(g => g.hides.length > 0 || (!said.has(g.says) && said.add(g.says)));
}

/** Where nothing says where. */
const START: Place = { file: 0, at: at(1, 1) };

/** Routers that are no part of another one: what is handed to a server of the application's own keeps no trace of who serves it. */
function outermost(events: readonly CallVal[]): Val[] {
  const all = new Set(events.filter(e => isRouter(e)));
  const parts = new Set<Val>();
  const visit = (v: Val | undefined): void => {
    if (!v || parts.has(v)) return;
    parts.add(v);
    if (v.t === 'phi') [v.a, v.b].forEach(visit);
    else if (v.t === 'call') [v.recv, ...v.args.pos].forEach(visit);
    else if (v.t === 'item') visit(v.of);
    else if (v.t === 'op') v.args.forEach(visit);
    else if (v.t === 'variant') visit(v.fields.get('0'));
  };
  for (const e of all) [e.recv, ...e.args.pos].forEach(visit);
  return [...all].filter(e => !parts.has(e));
}

function toRoute(ev: Ev, e: Endpoint, unattached: Forgotten[], all: Endpoint[]): Route {
  const resolved = e.service === true || e.handler.t === 'native' || e.handler.t === 'obj';
  const made = routeOf(ev, e, resolved, placeOf(e.handler).at ? placeOf(e.handler) : e.route, {
    framework: 'axum',
    run: x => throughout(x, () => run(x, e)),
    ineffective: notesOf(ev, e, unattached, all),
  });
  if (!e.apart) return made;
  const says = 'the router of this endpoint was found apart from that of the application: what is put around it is not known';
  return { ...made, gaps: [...made.gaps, { why: 'dynamic-route', says, place: e.route, hides: ['endpoints', 'guards'] }] };
}

/** The state that a router was given, as it is by default; made once. */
function stateFor(v: Val): Val {
  let s = states.get(v);
  if (!s) states.set(v, (s = settled(v)));
  return s;
}
const states = new WeakMap<Val, Val>();

/** One request: the layers from the outside in, then the handler. */
function run(ev: Ev, e: Endpoint): void {
  const sample = sampleRequest(e.method, tidy(e.path));
  const whole = sample.path.t === 'const' ? String(sample.path.v) : '/';
  const inside = (strip: string): string => {
    const cut = strip === '' ? '' : (sampleRequest(e.method, strip).path as Val & { t: 'const' }).v;
    return whole.slice(String(cut ?? '').length) || '/';
  };
  beginRequest(ev, e.method === 'WS' ? 'GET' : e.method, whole, e.state && stateFor(e.state), written(tidy(e.path), major(ev)));
  ev.request = { method: sample.method, path: STR(whole) };
  for (const l of [...e.layers].reverse()) {
    if (ev.dead) return;
    seenPath(ev, inside(l.strip));
    runCovered(ev, l);
  }
  if (ev.dead) return;
  seenPath(ev, inside(e.strip));
  handle(ev, e);
}

function runCovered(ev: Ev, l: Layered): void {
  const go = (): Val => {
    runLayer(ev, l.val, { scope: l.scope, place: l.place });
    return NONE;
  };
  if (l.cond) ev.branch(l.cond, go, () => NONE);
  else go();
}

function handle(ev: Ev, e: Endpoint): void {
  const h = e.handler;
  if (h.t === 'phi') {
    fork(
      ev,
      h.c,
      () => handle(ev, { ...e, handler: h.a }),
      () => handle(ev, { ...e, handler: h.b }),
    );
    return;
  }
  const own = placeOf(h);
  const place = own.at ? own : e.route;
  if (h.t === 'fn') {
    const v = callHandler(ev, h, place);
    answer(ev, v, place);
    return;
  }
  if (h.t === 'obj') {
    const v = layer(ev, 'handler', 'endpoint', h.cls.name, place, () => callService(ev, h, NONE));
    answer(ev, v, place);
    return;
  }
  ev.exit('return', NONE, place);
}

/** Extractors run in the order of the parameters, then the body. */
function callHandler(ev: Ev, fn: FnVal, place: Place): Val {
  return layer(ev, 'handler', 'endpoint', fn.def.name || 'closure', place, () => callWith(ev, fn, place));
}

// ------------------------------------------------------------------------------------------------ guards that are none

interface Forgotten {
  layer: Layered;
  endpoints: Endpoint[];
}

/** Layers on a router whose result goes nowhere: a guarded copy that is never served. */
function forgotten(w: Walk, events: CallVal[]): Forgotten[] {
  const out: Forgotten[] = [];
  const used = new Set(w.seen);
  for (const e of events) {
    if ((e.name !== 'layer' && e.name !== 'route_layer') || used.has(e) || !e.recv || !isRouter(e.recv) || !e.args.pos[0]) continue;
    const r = routerOf({ ...w, seen: new Set(), known: [new Map(), new Map()] }, e.recv, false);
    out.push({ layer: { val: e.args.pos[0], place: e.place, scope: 'router', strip: '' }, endpoints: r.endpoints });
  }
  return out;
}

function notesOf(ev: Ev, e: Endpoint, unattached: Forgotten[], all: Endpoint[]): IneffectiveNote[] {
  const copies = unattached
    .filter(f => f.endpoints.some(x => x.handler === e.handler && x.method === e.method && e.path.endsWith(join('', x.path))))
    .map(
      (f): IneffectiveNote => ({
        guard: f.layer.val,
        name: 'layer',
        reason: 'not-registered',
        place: f.layer.place,
        says: 'the guarded copy of the router is never served',
      }),
    );
  return notesFor(
    ev,
    e,
    all,
    {
      web: 'axum',
      begin: x => beginRequest(x, e.method, '/', e.state && stateFor(e.state)),
      layer: (x, l) => runLayer(x, l.val, { scope: 'router', place: l.place }),
      around: (x, fn) => fromFn(x, fn, { scope: 'router', place: placeOf(fn) }),
    },
    copies,
  );
}
