/** What an `App` registers: scopes, resources, routes and annotated functions, with the middleware around each. */
import type { Expr } from '../../../facts/types.js';
import { predicate } from './predicates.js';
import { callback } from '../../../program/calls.js';
import type { CallVal, FnVal, Val } from '../../../program/values.js';
import { Prov } from '../../../program/values.js';
import { PLACED, spend } from '../../../program/effort.js';
import { type Ev, type GapNote, quietly } from '../../../program/ev.js';
import { evaluate } from '../../../program/expressions.js';
import { and, type F, not, type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, op, STR, sym } from '../../../program/make.js';
import type { IneffectiveNote, LayerScope } from '../../types.js';
import { ADDS, type Layered, undescribed, withGap } from '../axum/model.js';
import { chainRoot, placeOf } from '../chain.js';
import { markPath } from '../marks.js';
import { leftOutOf } from '../notes.js';
import { joinText } from '../text.js';
import { joined, pattern, scopedBy, under } from './paths.js';
import { chainOf, type Entry, entry, METHODS, methodsIn, rootName, rootOf, routeValue, type Single, type Tree } from './routes.js';

interface Item extends Tree {
  /** Everything below this prefix ends here, found or not. */
  claims?: string;
  /** This very path ends here, whatever the method. */
  owns?: string;
  /** What is wrapped around it, and under which prefix. */
  wrapped?: { prefix: string; wraps: Layered[] };
}

/** Is this value an application under construction? */
export const isApp = (v: Val, depth = 0): boolean =>
  v.t === 'phi' ? depth < 20 && (isApp(v.a, depth + 1) || isApp(v.b, depth + 1)) : v.t === 'call' && /(^|::)App::new$/.test(rootName(v));

export function appOf(ev: Ev, v: Val, depth = 0): Tree {
  if (v.t === 'phi' && depth < 20) return either(v.c, appOf(ev, v.a, depth + 1), appOf(ev, v.b, depth + 1));
  const root = rootOf(v);
  const below = root.t === 'phi' && depth < 20 ? appOf(ev, root, depth + 1) : { entries: [], gaps: [] };
  return node(ev, chainOf(v), '', 'app', [{ entries: below.entries, gaps: below.gaps }]);
}

/** Values that the application hands to every request. */
export const dataOf = (v: Val): Val[] => chainOf(v.t === 'phi' ? v.a : v).flatMap(given);

function given(c: CallVal): Val[] {
  if (!/^(app_data|data|register_data)$/.test(c.name)) return [];
  const x = c.args.pos[0];
  return x?.t === 'call' && /(^|::)(Data|ThinData)(::(new|from))?$/.test(x.path) && x.args.pos[0] ? [x.args.pos[0]] : x ? [x] : [];
}

function either(c: F, a: Tree, b: Tree): Tree {
  const key = (e: Entry): string => `${e.method} ${e.path} ${String(e.route.at)}`;
  const right = new Map(b.entries.map(e => [key(e), e]));
  const left = new Set(a.entries.map(key));
  const cond = (f: F, e: Entry): Entry => ({ ...e, cond: e.cond ? and(f, e.cond) : f });
  const both = (x: Entry, y: Entry): Entry => ({
    ...x,
    layers: [
      ...x.layers.map(l => (y.layers.some(m => m.val === l.val) ? l : { ...l, cond: c })),
      ...y.layers.filter(m => !x.layers.some(l => l.val === m.val)).map(l => ({ ...l, cond: not(c) })),
    ],
  });
  return {
    entries: [
      ...a.entries.map(e => {
        const o = right.get(key(e));
        return o ? both(e, o) : cond(c, e);
      }),
      ...b.entries.filter(e => !left.has(key(e))).map(e => cond(not(c), e)),
    ],
    gaps: [...a.gaps, ...b.gaps],
  };
}

/** One node of the tree: what it registers, in order, and what is wrapped around all of it wherever that stands. */
function node(ev: Ev, calls: CallVal[], prefix: string, scope: LayerScope, before: Item[] = []): Tree & { wraps?: Layered[] } {
  const items: Item[] = [...before];
  const wraps: Layered[] = [];
  const guards: Layered[] = [];
  const gaps: GapNote[] = [];
  for (const c of calls) {
    const [first, second] = c.args.pos;
    if (!c.recv) continue;
    if (!BUILDS.test(c.name) && !ADDS.test(c.name)) gaps.push(undescribed(c.name, HERE, c.place));
    if (c.name === 'wrap' && first) wraps.push({ val: first, place: c.place, scope, strip: '' });
    else if (c.name === 'wrap_fn' && first) wraps.push({ val: op('wrap_fn', [first]), place: c.place, scope, strip: '' });
    else if (c.name === 'guard' && first) guards.push(predicate(first, c.place, scope));
    else items.push(...registered(ev, c, first, second, prefix));
  }
  // What answers unknown paths is no endpoint, unless the application has nothing else.
  const rest = calls.find(c => c.name === 'default_service');
  if (rest?.args.pos[0] && scope === 'app' && items.every(i => i.entries.length + i.gaps.length === 0))
    items.push(routeAt(ev, STR('/{path:.*}'), rest.args.pos[0], prefix, rest));
  spend(PLACED * (1 + items.length));
  const tree = reachable(beside(items));
  const onError = handlersIn(calls);
  const first = calls[0]?.recv;
  const notes = [...(first ? [first] : []), ...calls].flatMap(c => leftOutOf(ev, c, /^wrap(_fn)?$/));
  const around = (e: Entry): Entry =>
    gaps.reduce(withGap, configuredBy(onError, { ...e, layers: [...e.layers, ...wraps, ...guards], notes: [...e.notes, ...notes] }));
  return { entries: tree.entries.map(around), gaps: tree.gaps, ...(wraps.length > 0 ? { wraps } : {}) };
}

/** What is called on an application or a scope and changes nothing else than is read here. */
const BUILDS =
  /^(wrap|wrap_fn|guard|route|service|use_jwt|configure|app_data|data|data_factory|register_data|default_service|external_resource|name|into_utoipa_app|into_app|openapi|openapi_service|map|split_for_parts|document|wrap_api|with_\w*json_spec\w*|build|build_with|clone)$/;

const HERE = 'an application or a scope';

/** Below the path of a scope, and not in it: what is wrapped around the scope does not cover that. */
function beside(items: Item[]): Item[] {
  const scopes = items.filter(i => i.wrapped);
  if (scopes.length === 0) return items;
  const notes = (e: Entry, of: Item): IneffectiveNote[] =>
    scopes.flatMap(({ wrapped, entries }) =>
      wrapped && entries !== of.entries && under(wrapped.prefix, e.path)
        ? wrapped.wraps.map(l => ({
            guard: l.val,
            name: 'wrap',
            reason: 'layer-order',
            place: l.place,
            says: 'what is wrapped around a scope covers that scope, and nothing that is registered beside it',
            ...(entries.length > 0 ? { elsewhere: true } : {}),
          }))
        : [],
    );
  return items.map(i => ({ ...i, entries: i.entries.map(e => ({ ...e, notes: [...e.notes, ...notes(e, i)] })) }));
}

/** `.app_data(web::JsonConfig::default().error_handler(f))`: the innermost one that there is holds. */
function handlersIn(calls: readonly CallVal[]): Map<string, Val> {
  const out = new Map<string, Val>();
  for (const c of calls) {
    const config = c.name === 'app_data' ? c.args.pos[0] : undefined;
    const of = config && /(^|::)(Json|Form|Query|Path)Config(::|$)/.exec(rootName(config))?.[2];
    const handler = of && chainOf(config).find(x => x.name === 'error_handler')?.args.pos[0];
    if (handler) out.set(of, handler);
  }
  return out;
}

const configuredBy = (outer: Map<string, Val>, e: Entry): Entry =>
  outer.size > 0 ? { ...e, onError: new Map([...outer, ...(e.onError ?? [])]) } : e;

function registered(ev: Ev, c: CallVal, first: Val | undefined, second: Val | undefined, prefix: string): Item[] {
  switch (c.name) {
    case 'route':
      return first && second ? [routeAt(ev, first, second, prefix, c)] : [];
    case 'service':
      return first ? serviceOf(ev, first, prefix, c) : [];
    // actix-jwt-auth-middleware: a service together with what checks the token before it.
    case 'use_jwt':
      return first && second ? serviceOf(ev, second, prefix, c).map(i => behind(i, first, c.place)) : [];
    case 'configure':
      return first ? configured(ev, first, prefix, c) : [];
    default:
      return BUILDS.test(c.name) ? [] : [{ entries: [], gaps: [{ ...undescribed(c.name, HERE, c.place), hides: ['endpoints'] }] }];
  }
}

/** All that an item holds, with one more middleware around it. */
const behind = (i: Item, val: Val, place: Place): Item => ({
  ...i,
  entries: i.entries.map(e => ({ ...e, layers: [...e.layers, { val, place, scope: 'router', strip: '' }] })),
});

/** The first entry that matches wins; a scope that was entered does not give the request back. */
function reachable(items: Item[]): Tree {
  const out: Tree = { entries: [], gaps: [] };
  const claimed: string[] = [];
  const owned = new Set<string>();
  const seen = new Set<string>();
  for (const i of items) {
    out.gaps.push(...i.gaps);
    for (const e of i.entries) {
      const shape = e.path.replace(/\{[^}*]*\}/g, '{}');
      const key = `${e.method} ${shape}`;
      if (e.cond === undefined && (claimed.some(p => under(p, e.path)) || owned.has(shape) || seen.has(key))) continue;
      out.entries.push(e);
    }
    // Methods of one resource belong together; only what comes after it is hidden.
    for (const e of i.entries) if (!e.cond) seen.add(`${e.method} ${e.path.replace(/\{[^}*]*\}/g, '{}')}`);
    if (i.claims !== undefined) claimed.push(i.claims);
    if (i.owns !== undefined) owned.add(i.owns.replace(/\{[^}*]*\}/g, '{}'));
  }
  return out;
}

const gap = (why: GapNote['why'], says: string, place: Place): Item => ({
  entries: [],
  gaps: [{ why, says, place, hides: ['endpoints', 'guards'] }],
});

const unmounted = (place: Place): GapNote => ({
  why: 'dynamic-path',
  says: 'the prefix of a scope is a setting: the paths stand without it',
  place,
  hides: ['endpoints'],
});

function configured(ev: Ev, f: Val, prefix: string, at: CallVal): Item[] {
  if (f.t === 'phi')
    return [
      either(
        f.c,
        { entries: configured(ev, f.a, prefix, at).flatMap(i => i.entries), gaps: [] },
        { entries: configured(ev, f.b, prefix, at).flatMap(i => i.entries), gaps: [] },
      ),
    ];
  if (f.t !== 'fn' && f.t !== 'native') return [gap('dynamic-route', 'what is configured here is not known', at.place)];
  return itemsOf(ev, configuring(ev, f, at), prefix);
}

/** What a function registers that a library is handed which builds the application, and what it gives to every request. */
export function hostedTree(ev: Ev, f: FnVal, to: CallVal): Tree & { data: Val[] } {
  const calls = configuring(ev, f, to);
  return { ...reachable(itemsOf(ev, calls, '')), data: calls.flatMap(given) };
}

/** What a configure function calls on what it is given. */
function configuring(ev: Ev, f: Val, at: CallVal): CallVal[] {
  const cfg = sym('cfg', Prov.None, { path: 'actix_web::web::ServiceConfig()' });
  const from = ev.events.length;
  quietly(ev, () => callback(ev, f, mkArgs([cfg]), at.place));
  return ev.events.slice(from).filter(e => e.recv !== undefined && isOn(e, cfg));
}

/** Is this called on `cfg`, perhaps after one of several chains of calls on it? */
function isOn(v: Val, cfg: Val, depth = 0): boolean {
  const r = chainRoot(v);
  return r.t === 'phi' ? depth < 20 && (isOn(r.a, cfg, depth + 1) || isOn(r.b, cfg, depth + 1)) : r.id === cfg.id;
}

const itemsOf = (ev: Ev, calls: CallVal[], prefix: string): Item[] =>
  calls.flatMap(c => {
    const items = registered(ev, c, c.args.pos[0], c.args.pos[1], prefix);
    const cond = c.pc;
    return cond === TRUE
      ? items
      : items.map((i): Item => ({ entries: i.entries.map(e => ({ ...e, cond: e.cond ? and(cond, e.cond) : cond })), gaps: i.gaps }));
  });

function serviceOf(ev: Ev, v: Val, prefix: string, at: CallVal): Item[] {
  switch (v.t) {
    case 'seq':
      return v.items.flatMap(x => serviceOf(ev, x, prefix, at));
    case 'phi': {
      const tree = (x: Val): Tree => reachable(serviceOf(ev, x, prefix, at));
      return [either(v.c, tree(v.a), tree(v.b))];
    }
    case 'fn':
      return annotated(ev, v, prefix, at);
    case 'call':
      break;
    case 'variant':
      return v.fields.get('0') ? serviceOf(ev, v.fields.get('0') as Val, prefix, at) : [];
    default:
      return [gap('dynamic-route', 'a service that is not known is registered here', at.place)];
  }
  const root = rootName(v);
  const calls = chainOf(v);
  const arg = (calls[0] as CallVal).args.pos[0];
  if (/(^|::)services!$/.test(v.path)) return v.args.pos.flatMap(x => serviceOf(ev, x, prefix, at));
  if (/(^|::)(scope|Scope::new)$/.test(root)) {
    const text = arg && joinText(arg);
    // Where the application is mounted is a matter of its deployment: its paths are told without it.
    const p = pattern(text ?? '');
    const whole = joined(prefix, p.path);
    const tree = node(ev, calls.slice(1), whole, 'router');
    const guarded = calls.some(c => c.name === 'guard');
    return [
      {
        entries: tree.entries.map(e => ({ ...e, numeric: new Set([...e.numeric, ...p.numeric]) })),
        gaps: [...tree.gaps, ...(text === undefined ? [unmounted(at.place)] : [])],
        ...(guarded || text === undefined ? {} : { claims: whole }),
        ...(tree.wraps ? { wrapped: { prefix: whole, wraps: tree.wraps } } : {}),
      },
    ];
  }
  if (/(^|::)(resource|Resource::new)$/.test(root)) return resource(ev, calls, arg, prefix, at);
  if (/(^|::)(Files|ResourceFiles)::new$/.test(root)) {
    const text = arg && joinText(arg);
    return [{ entries: [{ ...entry('GET', `${joined(prefix, text ?? '')}/{path*}`, v, at.place), service: true }], gaps: [] }];
  }
  // Pages that show the documentation.
  if (/(^|::)(SwaggerUi|Redoc|RapiDoc|Scalar|Swagger)(::|$)/.test(root)) {
    const text = calls.map(c => c.args.pos[0] && joinText(c.args.pos[0])).find(t => t?.startsWith('/'));
    return text === undefined ? [] : [{ entries: [{ ...entry('GET', joined(prefix, text), v, at.place), service: true }], gaps: [] }];
  }
  if (/(^|::)web::redirect$/.test(root)) {
    const text = arg && joinText(arg);
    return text === undefined ? [] : [{ entries: [{ ...entry('*', joined(prefix, text), v, at.place), service: true }], gaps: [] }];
  }
  return [gap('dynamic-route', `\`${root || 'a service'}\` is registered here, and what it answers is not known`, at.place)];
}

/** What is called on a resource, beside the methods of requests. */
const ON_RESOURCES = /^(wrap|wrap_fn|guard|add_guards|route|to|to_async|app_data|data|register_data|default_service|name|clone)$/;

const single = (method: string, handler: Val, place: Place): Single => ({ method, handler, place, layers: [], notes: [], gaps: [] });

function resource(ev: Ev, calls: CallVal[], arg: Val | undefined, prefix: string, at: CallVal): Item[] {
  const texts = arg?.t === 'seq' ? arg.items.map(x => joinText(x)) : [arg && joinText(arg)];
  const wraps: Layered[] = [];
  const guards: Layered[] = [];
  const found: Single[] = [];
  const around: GapNote[] = [];
  const gaps: GapNote[] = [];
  for (const c of calls.slice(1)) {
    if (!ON_RESOURCES.test(c.name) && !METHODS.test(c.name)) around.push(undescribed(c.name, 'a resource', c.place));
    const first = c.args.pos[0];
    if (!first) continue;
    if (c.name === 'wrap') wraps.push({ val: first, place: c.place, scope: 'endpoint', strip: '' });
    else if (c.name === 'wrap_fn') wraps.push({ val: op('wrap_fn', [first]), place: c.place, scope: 'endpoint', strip: '' });
    else if (c.name === 'guard') guards.push(predicate(first, c.place, 'endpoint'));
    else if (c.name === 'route') {
      const routes = routeValue(ev, first);
      if (routes.length === 0) gaps.push(...gap('unresolved-handler', 'a route of a resource is not known', c.place).gaps);
      found.push(...routes);
    } else if (c.name === 'to' || c.name === 'to_async') found.push(single('*', first, c.place));
    else if (METHODS.test(c.name)) found.push(single(c.name.toUpperCase(), first, c.place));
  }
  const notes = calls.flatMap(c => leftOutOf(ev, c, /^wrap(_fn)?$/));
  const methods = calls.flatMap(c => (c.name === 'guard' ? c.args.pos.flatMap(g => methodsIn(g)) : []));
  return texts.map((text): Item => {
    if (text === undefined) return gap('dynamic-path', 'the path of a resource is not literal', at.place);
    const path = joined(prefix, text);
    const guarded = calls.some(c => c.name === 'guard');
    const onError = handlersIn(calls);
    const entries = found.flatMap(f =>
      (f.method === '*' && methods.length ? methods : [f.method]).map(m =>
        [...f.gaps, ...around].reduce(
          withGap,
          configuredBy(onError, entry(m, path, f.handler, f.place, [...f.layers, ...wraps, ...guards], [...f.notes, ...notes])),
        ),
      ),
    );
    return {
      entries,
      gaps: [...gaps, ...around.map((g): GapNote => ({ ...g, hides: ['endpoints'] }))],
      ...(guarded ? {} : { owns: pattern(path).path }),
    };
  });
}

function routeAt(ev: Ev, path: Val, route: Val, prefix: string, at: CallVal): Item {
  const text = joinText(path);
  if (text === undefined) return gap('dynamic-path', 'the path of a route is not literal', at.place);
  const rs = routeValue(ev, route);
  if (rs.length === 0) return gap('unresolved-handler', `the handler of \`${text}\` is not known`, at.place);
  const entries = rs.map(r => r.gaps.reduce(withGap, entry(r.method, joined(prefix, text), r.handler, at.place, r.layers, r.notes)));
  return { entries, gaps: [] };
}

/** The path of a route attribute: its literal, or what `path = ".."` says: a path, or in variants of the macro an expression. */
function pathOf(ev: Ev, e: Expr & { k: 'call' }, fn: FnVal, where: number): string | undefined {
  const text = (e.args.find(a => a.name === undefined) ?? e.args.find(a => a.name === 'path'))?.value;
  if (text?.k !== 'lit' || typeof text.v !== 'string') return undefined;
  if (text.v === '' || /^[/{]/.test(text.v) || e.args.some(a => a.name === undefined)) return text.v;
  const parsed = ev.program.rustText?.expr(text.v, where);
  return parsed && joinText(quietly(ev, () => evaluate(ev, parsed, fn.scope)));
}

/** `#[get("/path", wrap = "..")] async fn h(..)`, registered by `.service(h)`. */
function annotated(ev: Ev, fn: FnVal, outer: string, at: CallVal): Item[] {
  const out: Item[] = [];
  const prefix = joined(outer, scopedBy(ev, fn));
  for (const m of fn.def.marks) {
    const e = m.expr;
    if (e.k !== 'call') continue;
    const path = markPath(ev, e, fn);
    const name = path.split('::').at(-1) ?? '';
    if (!METHODS.test(name) && name !== 'route') continue;
    const text = pathOf(ev, e, fn, m.at);
    if (text === undefined) continue;
    const given = (key: string): Expr[] => e.args.filter(a => a.name === key).map(a => a.value);
    const methods = METHODS.test(name)
      ? [name.toUpperCase()]
      : given('method').flatMap(x => (x.k === 'lit' ? [String(x.v).toUpperCase()] : []));
    const place: Place = { file: fn.module.file, at: m.at };
    const named = (key: string): Val[] =>
      given(key).flatMap(w => {
        const parsed = w.k === 'lit' ? ev.program.rustText?.expr(String(w.v), m.at) : w;
        return parsed ? [quietly(ev, () => evaluate(ev, parsed, fn.scope))] : [];
      });
    const layers: Layered[] = [
      ...named('wrap').map((val): Layered => ({ val, place, scope: 'endpoint', strip: '' })),
      ...named('guard').map(g => predicate(g, place, 'endpoint')),
    ];
    out.push({ entries: methods.map(method => entry(method, joined(prefix, text), fn, at.place, layers)), gaps: [] });
  }
  return out.length ? out : [gap('unresolved-handler', `\`${fn.def.name}\` is registered and has no route attribute`, placeOf(fn))];
}
