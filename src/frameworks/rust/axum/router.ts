/** Routers: what a builder chain of axum (and of the crates that mirror it) registers, and which layers cover what. */
import { PLACED, spend } from '../../../program/effort.js';
import type { Ev } from '../../../program/ev.js';
import type { F, Place } from '../../../program/formula.js';
import type { CallVal, Val } from '../../../program/values.js';
import type { IneffectiveNote } from '../../types.js';
import { chainRoot, placeOf } from '../chain.js';
import { major } from '../extract.js';
import { leftOutOf } from '../notes.js';
import { joinText, mountedText } from '../text.js';
import { join as joinEndpoints, isMethodRouter, methodsOf } from './methods.js';
import { ADDS, emptyRouter, type Endpoint, type Layered, type Router, undescribed, withGap } from './model.js';
import { openApiRoutes, resource, typedPath } from './mirrors.js';
import { join, template } from './paths.js';

const ROOT = /(^|::)(Router|ApiRouter|OpenApiRouter)::(new|default|with_openapi|with_state)$/;
const RESOURCE = /(^|::)Resource::(named|new)$/;
const SAME =
  /^(into_make_service|into_make_service_with_connect_info|into_service|into_axum|finish_api|finish_api_with|clone|boxed|into|with_graceful_shutdown|without_v07_checks|method_not_allowed_fallback|reset_fallback|as_service|handle_error|into_router|tcp_nodelay|with_path_items|nest_openapi|map_request|map_err|boxed_clone|boxed_clone_sync|boxed_local)$/;

/** Does a method of this name, called on a router or a service made from one, give such again? */
const STAYS = (name: string): boolean => !/^(split_for_parts|oneshot|call|ready|has_routes|get_openapi)$/.test(name);

/** Is this value a router (or a service made from one)? */
export function isRouter(v: Val | undefined, depth = 0): boolean {
  if (!v || depth > 60) return false;
  switch (v.t) {
    case 'phi':
      return isRouter(v.a, depth + 1) || isRouter(v.b, depth + 1);
    case 'variant':
      return (v.tag === 'Ok' || v.tag === 'Some') && isRouter(v.fields.get('0'), depth + 1);
    case 'item':
      return v.of.t === 'call' && /^split_for_parts$/.test(v.of.name) && v.key.t === 'const' && v.key.v === 0;
    case 'op':
      return v.op === 'ok' && isRouter(v.args[0], depth + 1);
    case 'call': {
      if (isMethodRouter(v)) return false;
      const root = chainRoot(v);
      if (root.t === 'phi' || root.t === 'item' || root.t === 'op' || root.t === 'variant')
        return isRouter(root, depth + 1) && v.name !== 'split_for_parts';
      if (root.t === 'call' && (ROOT.test(root.path) || RESOURCE.test(root.path))) return STAYS(v.name);
      // `layer.layer(app).into_make_service()`: the chain starts at the layer, and goes on with the router in it.
      return wrapped(v) !== undefined || (v.recv !== undefined && STAYS(v.name) && isRouter(v.recv, depth + 1));
    }
    default:
      return false;
  }
}

/** The router inside `layer.layer(app)`, `ServiceBuilder::new()..service(app)`, `Router::from(app)`, `into_make_service(app)`. */
function wrapped(v: CallVal): Val | undefined {
  const a = v.args.pos[0];
  if (!a || a.t === 'const') return undefined;
  if (v.recv && !/^(layer|service|named_layer)$/.test(v.name)) return undefined;
  if (!v.recv && !/(^|::)(from|into_make_service\w*|into_service|new|boxed)$/.test(v.path)) return undefined;
  return isRouter(a, 40) ? a : undefined;
}

export interface Walk {
  ev: Ev;
  minor: number;
  /** Calls that took part in something that is served. */
  seen: Set<CallVal>;
  /** What was read already: where a layer is added under a condition, both sides go on from the same router. */
  known: Map<Val, Router>[];
}

export const walkFor = (ev: Ev): Walk => ({ ev, minor: major(ev), seen: new Set(), known: [new Map(), new Map()] });

/** What `v` registers. `top` says that nothing is put around it. */
export function routerOf(w: Walk, v: Val, top: boolean, depth = 0): Router {
  if (depth > 400) return emptyRouter();
  const known = w.known[top ? 1 : 0] as Map<Val, Router>;
  const before = known.get(v);
  if (before) return before;
  let r = built(w, v, top, depth);
  const notes = leftOutOf(w.ev, v, /^(route_)?layer$/);
  if (notes.length > 0) r = { ...r, endpoints: r.endpoints.map(e => ({ ...e, notes: [...e.notes, ...notes] })) };
  known.set(v, r);
  return r;
}

function built(w: Walk, v: Val, top: boolean, depth: number): Router {
  spend(PLACED);
  switch (v.t) {
    case 'phi':
      return alternatives(v.c, routerOf(w, v.a, top, depth + 1), routerOf(w, v.b, top, depth + 1));
    case 'variant':
      return v.fields.get('0') ? routerOf(w, v.fields.get('0') as Val, top, depth + 1) : emptyRouter();
    case 'op':
      return v.args[0] ? routerOf(w, v.args[0], top, depth + 1) : emptyRouter();
    case 'item':
      return v.of.t === 'call' && v.of.recv ? routerOf(w, v.of.recv, top, depth + 1) : emptyRouter();
    case 'call':
      break;
    default:
      return {
        ...emptyRouter(),
        gaps: [
          { why: 'dynamic-route', says: 'a router that is not known is added here', place: placeOf(v), hides: ['endpoints', 'guards'] },
        ],
      };
  }
  w.seen.add(v);
  const inner = wrapped(v);
  if (inner && !(v.recv && isRouter(v.recv))) {
    const r = placed(routerOf(w, inner, top, depth + 1), v.place);
    return v.recv ? covered(r, { val: v.recv, place: v.place, scope: top ? 'app' : 'router', strip: '' }, true) : r;
  }
  if (!v.recv) {
    if (RESOURCE.test(v.path)) return emptyRouter();
    if (ROOT.test(v.path)) return emptyRouter();
    return {
      ...emptyRouter(),
      gaps: [
        { why: 'dynamic-route', says: `\`${v.path}\` gives a router that is not known`, place: v.place, hides: ['endpoints', 'guards'] },
      ],
    };
  }
  return step(w, v, placed(routerOf(w, v.recv, top, depth + 1), v.place), top, depth);
}

function step(w: Walk, v: CallVal, base: Router, top: boolean, depth: number): Router {
  const [first, second] = v.args.pos;
  switch (v.name) {
    case 'route':
    case 'api_route':
    case 'api_route_with':
    case 'api_route_with_tsr':
    case 'route_with_tsr':
    case 'route_service':
    case 'route_service_with_tsr':
      return first && second ? add(base, route(w, v, first, second)) : base;
    case 'routes':
      return first ? add(base, openApiRoutes(w, first, v)) : base;
    case 'nest':
    case 'nest_service':
    case 'nest_api_service': {
      if (!first || !second) return base;
      const prefix = joinText(first);
      if (prefix === undefined) {
        const inner = isRouter(second) ? routerOf(w, second, false, depth + 1) : emptyRouter();
        return add(base, { endpoints: inner.endpoints, gaps: [...inner.gaps, mounted('a nested router', v)] });
      }
      if (!isRouter(second)) return add(base, { endpoints: [subtree(w, prefix, second, v)], gaps: [] });
      return add(base, nested(w, prefix, placed(routerOf(w, second, false, depth + 1), v.place)));
    }
    case 'merge': {
      if (!first) return base;
      if (!isRouter(first)) return opaque(base, first, v);
      const other = placed(routerOf(w, first, false, depth + 1), v.place);
      const fallback = base.fallback ?? other.fallback;
      return { ...add(base, other), ...(fallback ? { fallback } : {}) };
    }
    case 'layer':
    case 'route_layer': {
      if (!first) return base;
      const l: Layered = { val: first, place: v.place, scope: top ? 'app' : 'router', strip: '' };
      return covered(base, l, v.name === 'layer');
    }
    case 'fallback':
    case 'fallback_service': {
      if (!first) return base;
      if (isRouter(first)) return behind(base, placed(routerOf(w, first, false, depth + 1), v.place));
      const e = { ...endpoint('*', '/{path*}', first, v), fallback: true };
      return { ...base, fallback: v.name === 'fallback_service' || !isHandler(first) ? { ...e, service: true } : e };
    }
    case 'with_state':
      return {
        ...base,
        endpoints: base.endpoints.map(e => (e.state || !first ? e : { ...e, state: first })),
        ...(base.fallback && first ? { fallback: { ...base.fallback, state: base.fallback.state ?? first } } : {}),
      };
    default:
      break;
  }
  const typed = /^typed_(\w+)$/.exec(v.name);
  if (typed && first) return add(base, typedPath(w, typed[1] as string, first, v));
  const root = chainRoot(v);
  if (root.t === 'call' && RESOURCE.test(root.path)) return add(base, resource(root, v));
  if (SAME.test(v.name)) return base;
  // An extension method of a library on a router may add routes, and stand around those that there are.
  const gap = undescribed(v.name, 'a router', v.place);
  return {
    ...base,
    endpoints: ADDS.test(v.name) ? base.endpoints : base.endpoints.map(e => withGap(e, gap)),
    gaps: [...base.gaps, { ...gap, hides: ['endpoints'] }],
  };
}

/** Where the application is mounted is a matter of its deployment: its paths are told without it. */
const mounted = (what: string, v: CallVal): Router['gaps'][number] => ({
  why: 'dynamic-path',
  says: `the prefix of ${what} is a setting: the paths stand without it`,
  place: v.place,
  hides: [],
});

const isHandler = (v: Val): boolean => v.t === 'fn' || v.t === 'phi' || (v.t === 'call' && v.name === 'layer') || v.t === 'native';

export const endpoint = (method: string, path: string, handler: Val, at: CallVal): Endpoint => ({
  method,
  path,
  handler,
  layers: [],
  route: at.place,
  run: at.pc,
  strip: '',
  notes: [],
  slash: 'exact',
});

/** A router as the fallback of another one: it is asked for the paths that the other one has no route for. */
function behind(base: Router, inner: Router): Router {
  const taken = new Set(base.endpoints.map(e => e.path));
  const endpoints = inner.endpoints.filter(e => !taken.has(e.path)).map(e => ({ ...e, behind: true }));
  return { ...add(base, { endpoints, gaps: inner.gaps }), ...(inner.fallback ? { fallback: inner.fallback } : {}) };
}

/** Adds what `more` has; layers that were added before do not cover it. */
function add(base: Router, more: { endpoints: Endpoint[]; gaps: Router['gaps'] }): Router {
  const notes = base.before.map(
    ({ layer, empty }): IneffectiveNote => ({
      guard: layer.val,
      name: 'layer',
      reason: 'layer-order',
      place: layer.place,
      ...(empty
        ? { says: 'the layer is added while the router has no routes, and covers none of those that are added after it' }
        : { says: 'the layer covers the routes that were added before it, and none of those that are added after it', elsewhere: true }),
    }),
  );
  const late = notes.length === 0 ? more.endpoints : more.endpoints.map(e => ({ ...e, notes: [...e.notes, ...notes] }));
  return { ...base, endpoints: [...base.endpoints, ...late], gaps: [...base.gaps, ...more.gaps] };
}

function covered(r: Router, l: Layered, fallbackToo: boolean): Router {
  return {
    ...r,
    before: [...r.before, { layer: l, empty: r.endpoints.length === 0 && fallbackToo }],
    endpoints: r.endpoints.map(e => (e.behind && !fallbackToo ? e : { ...e, layers: [...e.layers, l] })),
    ...(r.fallback && fallbackToo ? { fallback: { ...r.fallback, layers: [...r.fallback.layers, l] } } : {}),
  };
}

function route(w: Walk, v: CallVal, path: Val, methods: Val): { endpoints: Endpoint[]; gaps: Router['gaps'] } {
  const whole = joinText(path);
  const text = whole ?? mountedText(path);
  if (text === undefined)
    return {
      endpoints: [],
      gaps: [{ why: 'dynamic-path', says: 'the path of a route is not literal', place: v.place, hides: ['endpoints', 'guards'] }],
    };
  const t = template(text, w.minor);
  const service = v.name.startsWith('route_service');
  const m =
    service && !isMethodRouter(methods)
      ? { endpoints: [{ ...endpoint('*', t, methods, v), service: true }], gaps: [] }
      : methodsOf(w.ev, methods);
  const slash = v.name.endsWith('tsr') || w.minor <= 5 ? ('redirect' as const) : ('exact' as const);
  const gaps =
    m.endpoints.length === 0
      ? [
          {
            why: 'unresolved-handler' as const,
            says: `the handlers of \`${text}\` are not known`,
            place: v.place,
            hides: ['endpoints' as const, 'guards' as const],
          },
        ]
      : m.gaps;
  return {
    endpoints: m.endpoints.map(e => ({ ...e, path: t, slash, route: e.route.at ? e.route : v.place })),
    gaps: whole === undefined ? [...gaps, mounted('a route', v)] : gaps,
  };
}

/** A value that is no router may have no place of its own: what is not known about it is said where it is added. */
export const placed = (r: Router, at: Place): Router =>
  r.gaps.some(g => !g.place.at) ? { ...r, gaps: r.gaps.map(g => (g.place.at ? g : { ...g, place: at })) } : r;

function nested(w: Walk, prefix: string, inner: Router): Router {
  spend(PLACED * (1 + inner.endpoints.length));
  const p = template(prefix, w.minor);
  const whole = p.endsWith('/') ? p.slice(0, -1) : p;
  const under = (e: Endpoint): Endpoint => ({
    ...e,
    path: join(p, e.path),
    strip: `${whole}${e.strip}`,
    layers: e.layers.map(l => ({ ...l, strip: `${whole}${l.strip}` })),
  });
  // A nested fallback answers what is under the prefix.
  return { gaps: inner.gaps, before: [], endpoints: [...inner.endpoints, ...(inner.fallback ? [inner.fallback] : [])].map(under) };
}

function subtree(w: Walk, prefix: string, service: Val, v: CallVal): Endpoint {
  const p = template(prefix, w.minor);
  return { ...endpoint('*', join(p, '/{path*}'), service, v), service: true, strip: p };
}

/** Something is merged that is no router of this framework: documentation pages are, and add routes of their own. */
function opaque(base: Router, what: Val, v: CallVal): Router {
  const root = chainRoot(what);
  const path = root.t === 'call' ? root.path : '';
  if (/(^|::)(SwaggerUi|Redoc|RapiDoc|Scalar|Swagger)(::|$)/.test(path)) return base;
  return {
    ...base,
    gaps: [
      ...base.gaps,
      { why: 'dynamic-route', says: 'a router that is not known is merged here', place: v.place, hides: ['endpoints', 'guards'] },
    ],
  };
}

function alternatives(c: F, a: Router, b: Router): Router {
  const fallback = a.fallback ?? b.fallback;
  return {
    endpoints: joinEndpoints(c, a.endpoints, b.endpoints),
    gaps: [...a.gaps, ...b.gaps],
    before: a.before.filter(l => b.before.some(m => m.layer.val === l.layer.val)),
    ...(fallback ? { fallback } : {}),
  };
}
