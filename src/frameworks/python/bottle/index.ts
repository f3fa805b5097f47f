/**
 * Bottle. What only code can say: every application object (and the default one) has its routes, plugins, hooks and error handlers; a route may carry
 * its own plugins and skip others; a mounted application brings its routes along and, since 0.13, loses its hooks.
 */
import { call, callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { TRUE } from '../../../program/formula.js';
import { runUncalled } from '../../../program/link.js';
import { args, constant, map, NONE, seq, sym } from '../../../program/make.js';
import { libraryBases } from '../../../program/classes.js';
import { satisfies } from '../../../project/versions.js';
import { type CallArgs, type CallVal, Prov, type Val } from '../../../program/values.js';
import { Responses } from '../../../infer/responses.js';
import type { PackModels } from '../../../packs/models.js';
import type { Place } from '../../../program/formula.js';
import { layer } from '../../layers.js';
import { guardsAbove } from '../above.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, Route } from '../../types.js';
import { beside, handlerOf, isCallable, keywords, literal, methodsOf, stubOf } from '../common.js';
import { type Gateway, gatewayOf, throughWsgi } from '../gateways.js';
import { textOf, UNPLACED } from '../text.js';
import { useCork } from './cork.js';
import { handled } from './errors.js';
import { fromSignature, parseRule, type Rules, rulesOf } from './paths.js';

const VERBS = ['get', 'post', 'put', 'delete', 'patch'];
const DEFAULT = 'default';

interface App {
  routes: { rules: Rules; methods: string[]; handler: Val; config: Map<string, Val>; event: CallVal }[];
  plugins: { value: Val; name: string | undefined; event: CallVal }[];
  hooks: { value: Val; event: CallVal }[];
  /** Error handlers by status. */
  errors: Map<number, Val>;
  mounts: { prefix: string; app: string; event: CallVal }[];
  merges: string[];
}

const MENTIONS = /\bbottle\b/;

export const bottle: Adapter = {
  name: 'bottle',
  mentions: MENTIONS,
  language: 'python',
  uses: ev => ev.program.files.some(f => MENTIONS.test(f.text)) && imports(ev),
  find,
};

const imports = (ev: Ev): boolean => {
  runUncalled(ev, REGISTRARS);
  return ev.events.some(c => /^bottle\./.test(c.path));
};

const REGISTRARS = new Set(['route', 'add_route', 'mount', 'merge', 'install', 'Bottle', 'add_hook']);

function find(ev: Ev): Found {
  const apps = new Map<string, App>();
  const app = (key: string): App => {
    let a = apps.get(key);
    if (!a) apps.set(key, (a = { routes: [], plugins: [], hooks: [], errors: new Map(), mounts: [], merges: [] }));
    return a;
  };
  const found: Found = { routes: [], gaps: [] };
  for (const c of ev.events) register(ev, c, app, found);
  watchLocation(ev, ev.models as PackModels);
  useCork(ev.models as PackModels, ev);

  const mounted = new Set([...apps.values()].flatMap(a => [...a.mounts.map(m => m.app), ...a.merges]));
  const responses = new Responses(ev.models as PackModels, v => ev.program.pathOf(v));
  const errors = new WeakMap<Route, ReadonlyMap<number, Val>>();
  for (const [key, root] of apps) {
    if (mounted.has(key)) continue;
    const from = found.routes.length;
    collect(ev, apps, key, '', [], [], found, new Set());
    const gateway = found.routes.length > from ? gatewayOf(ev, v => keyOf(v) === key, 'wsgi') : undefined;
    for (const r of found.routes.slice(from)) {
      errors.set(r, root.errors);
      if (gateway) gateways.set(r, gateway);
    }
  }
  found.onError = (e, raised, of) => handled(e, errors.get(of) ?? new Map<number, Val>(), raised, responses, isOwn, of.location);
  return found;
}

/** What a request of a route has to get through before it reaches the application. */
const gateways = new WeakMap<Route, Gateway>();

/** The application a registration speaks to: the default one for module-level functions. */
function appKey(c: CallVal): string | undefined {
  if (/^bottle\.\w+$/.test(c.path)) return DEFAULT;
  return c.recv ? keyOf(c.recv) : undefined;
}

function keyOf(v: Val): string | undefined {
  if (v.t === 'call' && /^bottle\.(default_app|app)(\.push)?$/.test(v.path)) return DEFAULT;
  if (v.t === 'call' && v.path === 'bottle.Bottle') return `app${v.id}`;
  if (v.t === 'obj' || v.t === 'sym') return `app${v.id}`;
  return undefined;
}

function register(ev: Ev, c: CallVal, app: (key: string) => App, found: Found): void {
  const name = c.path.split('.').at(-1) ?? '';
  const decorated = /^bottle\.(?:Bottle\(\)\.)?(\w+)\(\)$/.exec(c.path);
  if (decorated && c.fn?.t === 'call') {
    const word = decorated[1] as string;
    const target = c.args.pos[0];
    const key = appKey(c.fn);
    if (!key || !isCallable(target)) return;
    if (word === 'route' || VERBS.includes(word)) addRoute(c, c.fn, target, word, app(key));
    else if (word === 'hook' && literal(c.fn.args.pos[0]) === 'before_request') app(key).hooks.push({ value: target, event: c });
    else if (word === 'error') app(key).errors.set(codeOf(c.fn.args), target);
    return;
  }
  // The library's own words, spoken to something that is not known.
  if (c.path === '?.route' && c.args.kw.has('callback'))
    found.gaps.push({ why: 'dynamic-route', says: 'the application of these routes is not known', place: c.place, hides: ['endpoints'] });
  if (!/^bottle\.(Bottle\(\)\.)?\w+$/.test(c.path)) return;
  const key = appKey(c);
  if (!key) return;
  switch (name) {
    case 'route':
    case 'get':
    case 'post':
    case 'put':
    case 'delete':
    case 'patch': {
      const callback_ = c.args.kw.get('callback') ?? (c.args.pos.length > 2 ? c.args.pos[2] : undefined);
      // `@route` without parentheses gets the function itself as its path.
      if (isCallable(c.args.pos[0])) addRoute(c, { ...c, args: args([], c.args.kw) }, c.args.pos[0], name, app(key));
      else if (isCallable(callback_)) addRoute(c, c, callback_, name, app(key));
      else if (callback_)
        found.gaps.push({
          why: 'unresolved-handler',
          says: 'the callback of this route is not known',
          place: c.place,
          hides: ['endpoints'],
        });
      return;
    }
    case 'add_route': {
      const r = c.args.pos[0];
      if (r?.t !== 'call' || r.path !== 'bottle.Route') return;
      const [, rule, method, handler] = r.args.pos;
      const h = handler ?? r.args.kw.get('callback');
      if (isCallable(h))
        app(key).routes.push({
          rules: rulesOf(rule ?? r.args.kw.get('rule')),
          methods: methodsOf(method ?? r.args.kw.get('method'), ['GET']),
          handler: h,
          config: r.args.kw,
          event: c,
        });
      return;
    }
    case 'install':
      if (c.args.pos[0]) app(key).plugins.push({ value: c.args.pos[0], name: undefined, event: c });
      return;
    case 'add_hook':
      if (literal(c.args.pos[0]) === 'before_request' && c.args.pos[1]) app(key).hooks.push({ value: c.args.pos[1], event: c });
      return;
    case 'mount': {
      const [a, b] = c.args.pos;
      const prefix = textOf(a) ?? textOf(b);
      const sub = a && keyOf(a) ? a : b;
      const child = sub && keyOf(sub);
      if (prefix !== undefined && child) app(key).mounts.push({ prefix, app: child, event: c });
      else found.gaps.push({ why: 'dynamic-route', says: 'a mounted application that is not known', place: c.place, hides: ['endpoints'] });
      return;
    }
    case 'merge': {
      const child = c.args.pos[0] && keyOf(c.args.pos[0]);
      if (child) app(key).merges.push(child);
      return;
    }
    default:
      void ev;
  }
}

/** `@error(404)`; 500 where no status is given. */
function codeOf(a: CallArgs): number {
  const v = a.kw.get('code') ?? a.pos[0];
  return v?.t === 'const' && typeof v.v === 'number' ? v.v : 500;
}

function addRoute(event: CallVal, config: CallVal, handler: Val, word: string, app: App): void {
  const given = config.args.kw.get('path') ?? config.args.pos[0];
  const methods = word === 'route' ? methodsOf(config.args.kw.get('method') ?? config.args.pos[1], ['GET']) : [word.toUpperCase()];
  const none = given === undefined || (given.t === 'const' && given.v === null);
  const rules = none ? { texts: fromSignature(handler) } : rulesOf(given);
  app.routes.push({ rules, methods, handler, config: config.args.kw, event });
}

function collect(
  ev: Ev,
  apps: Map<string, App>,
  key: string,
  prefix: string,
  hooks: App['hooks'],
  plugins: App['plugins'],
  found: Found,
  seen: Set<string>,
): void {
  const a = apps.get(key);
  if (!a || seen.has(key)) return;
  seen.add(key);
  // Since 0.13 the routes of a mounted application run on the parent: its own hooks no longer fire, its plugins do.
  const lost = prefix !== '' && satisfies(ev.program.versions.get('bottle'), '>=0.13');
  const allHooks = lost ? hooks : [...hooks, ...a.hooks];
  const allPlugins = prefix === '' ? [...plugins, ...a.plugins] : a.plugins;
  for (const r of a.routes) {
    const { texts, unread } = r.rules;
    if (unread !== undefined && !(unread === UNPLACED && found.gaps.some(g => g.says === UNPLACED)))
      found.gaps.push({ why: 'dynamic-path', says: unread, place: r.event.place, hides: ['endpoints'] });
    for (const rule of texts)
      for (const m of r.methods) found.routes.push(route(ev, prefix + rule, m, r, allHooks, allPlugins, lost ? a.hooks : []));
  }
  for (const m of a.mounts) collect(ev, apps, m.app, prefix + m.prefix.replace(/\/$/, ''), allHooks, plugins, found, seen);
  for (const m of a.merges) collect(ev, apps, m, prefix, allHooks, [], found, seen);
}

/** Does a decorator at this place register a route? */
const isRegistration = (ev: Ev, p: Place): boolean =>
  ev.events.some(
    c => c.place.at === p.at && c.place.file === p.file && /^bottle\.(Bottle\(\)\.)?(route|get|post|put|delete|patch)$/.test(c.path),
  );

function route(
  ev: Ev,
  rule: string,
  method: string,
  r: App['routes'][number],
  hooks: App['hooks'],
  plugins: App['plugins'],
  lost: App['hooks'],
): Route {
  const parsed = parseRule(rule);
  const own = config(r.config.get('apply'));
  const skip = r.config.get('skip');
  const wrapped = [...plugins.filter(p => !skips(skip, p.value)).map(p => p.value), ...(skip?.t === 'const' && skip.v === true ? [] : own)];
  const { name, place } = handlerOf(ev, r.handler, r.event.place);
  const sample = sampleRequest(method === 'ANY' ? '*' : method, parsed.path, parsed.numeric);
  const path = parsed.path === '' ? '/' : parsed.path;
  const stub = stubOf(r.handler);
  const out: Route = {
    framework: 'bottle',
    method: method === 'ANY' ? '*' : method,
    path: path.length > 1 ? path.replace(/\/+$/, '') || '/' : path,
    slash: 'exact',
    handler: r.handler,
    handlerName: name,
    location: place,
    route: r.event.place,
    ineffective: [
      ...lost.map(h => ({
        guard: h.value,
        name: handlerOf(ev, h.value, h.event.place).name,
        reason: 'not-registered' as const,
        place: h.event.place,
        says: 'hooks of a mounted application do not run',
      })),
      ...guardsAbove(
        ev,
        r.handler,
        r.event.place,
        p => isRegistration(ev, p),
        new Responses(ev.models as PackModels, v => ev.program.pathOf(v)),
      ),
    ],
    inputs: parsed.params.map(p => ({ name: p, in: 'path' as const, required: true })),
    gaps: [],
    ...(stub ? { stub } : {}),
    run: e => {
      e.request = { method: sample.method, path: sample.path };
      const gateway = gateways.get(out);
      if (gateway) throughWsgi(e, gateway, 'bottle', e.models as PackModels);
      if (e.dead) return;
      e.write(e.globals, STATUS, NONE);
      e.write(e.globals, LOCATION, NONE);
      for (const h of hooks) {
        const { name: hookName, place: at } = handlerOf(e, h.value, h.event.place);
        // What a hook returns is ignored: only raising diverts.
        layer(e, 'hook', 'app', hookName, at, () => callback(e, h.value, args(), at));
        if (e.dead) return;
      }
      let handler = r.handler;
      const context = contextOf(rule, method, r);
      for (const p of [...wrapped].reverse()) handler = plugin(e, p, handler, r.event, context);
      const v = callback(e, handler, keywords(parsed.params), r.event.place);
      e.exit('return', beside(v, [e.globals.get(STATUS) ?? NONE, e.globals.get(LOCATION) ?? NONE], answered), place);
    },
  };
  return out;
}

/** The status of the running response, which everything is sent with but a response of its own. */
const STATUS = 'bottle.response.status';
const OWN = /^bottle\.(HTTPResponse|HTTPError|static_file)$/;

/** Where it sends the client, when that is set beside the status. */
const LOCATION = 'bottle.response.headers.Location';

function answered(v: Val, status: Val | undefined, location: Val | undefined): Val {
  if (status === undefined || isOwn(v)) return v;
  return seq('tuple', [v, status, ...(location ? [map(new Map([['Location', location]]))] : [])]);
}

/** Notes a `Location` that is set on the running response, in whichever way. */
function watchLocation(ev: Ev, models: PackModels): void {
  const set = (key: Val | undefined, v: Val | undefined): void => {
    if (v && ev.request && literal(key)?.toLowerCase() === 'location') ev.write(ev.globals, LOCATION, v);
  };
  for (const name of ['set_header', 'add_header'])
    models.told.set(`bottle.response.${name}`, c => {
      set(c.args.pos[0], c.args.pos[1]);
      return NONE;
    });
  models.stored.set('bottle.response.headers', set);
}

/** A response that is sent as it is. */
const isOwn = (v: Val): boolean => (v.t === 'call' ? OWN.test(v.path) : v.t === 'obj' && libraryBases(v.cls).some(b => OWN.test(b)));

const config = (v: Val | undefined): Val[] => (v === undefined ? [] : v.t === 'seq' ? v.items : [v]);

function skips(skip: Val | undefined, plugin: Val): boolean {
  if (!skip) return false;
  if (skip.t === 'const') return skip.v === true || nameOf(plugin) === skip.v;
  if (skip.t === 'seq') return skip.items.some(s => skips(s, plugin));
  return skip === plugin || (skip.t === 'class' && plugin.t === 'obj' && plugin.cls === skip);
}
const nameOf = (v: Val): unknown =>
  v.t === 'obj' ? ((v.fields.get('name') ?? v.cls.members.get('name')) as { v?: unknown } | undefined)?.v : undefined;

/** What a plugin learns of the route: its rule, its method, and what was given with it. */
function contextOf(rule: string, method: string, r: App['routes'][number]): Val {
  const given = map(new Map([...r.config].filter(([k]) => !OF_ROUTE.has(k))));
  return sym('route', Prov.None, {
    path: 'bottle.Route()',
    present: true,
    store: new Map<string, Val>([
      ['rule', constant(rule)],
      ['method', constant(method)],
      ['callback', r.handler],
      ['name', r.config.get('name') ?? NONE],
      ['config', given],
    ]),
  });
}
const OF_ROUTE = new Set(['path', 'method', 'callback', 'name', 'apply', 'skip']);

/** A plugin wraps the handler: an object with `apply`, or any decorator. */
function plugin(ev: Ev, p: Val, handler: Val, event: CallVal, context: Val): Val {
  const apply = p.t === 'obj' ? p.cls.members.get('apply') : undefined;
  const pc = ev.pc;
  const out =
    apply?.t === 'fn'
      ? call(ev, { ...apply, self: p }, args([handler, context]), event.place)
      : p.t === 'obj' || p.t === 'fn' || p.t === 'native' || (p.t === 'call' && p.fn)
        ? call(ev, p, args([handler]), event.place)
        : handler;
  ev.pc = pc === TRUE ? pc : ev.pc;
  if (out.t !== 'fn' || handler.t !== 'fn' || out.def === handler.def) return out.t === 'fn' || out.t === 'native' ? out : handler;
  const by = p.t === 'obj' ? p.cls.name : p.t === 'fn' ? p.def.name : 'plugin';
  return { ...out, wraps: { by, place: event.place, inner: handler } };
}
