/**
 * Flask, with the extensions that route by themselves. What only code can say: prefixes along nested blueprints, hooks of the
 * application and of every blueprint on the way, class-based views, error handlers that rewrite what was raised.
 */
import { Responses } from '../../../infer/responses.js';
import type { PackModels } from '../../../packs/models.js';
import { callback } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import { PLACED, spend } from '../../../program/effort.js';
import type { Ev } from '../../../program/ev.js';
import { type Place, TRUE } from '../../../program/formula.js';
import { registrars, runUncalled } from '../../../program/link.js';
import { setAttribute } from '../../../program/python.js';
import { args as mkArgs, map, NONE, STR } from '../../../program/make.js';
import type { CallArgs, CallVal, FnVal, Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, Route } from '../../types.js';
import { guardsAbove } from '../above.js';
import { handlerOf, innermost, literal, stubOf, urlValue } from '../common.js';
import { useSignals } from '../signals.js';
import { whenOf } from '../fastapi/paths.js';
import { handled } from './errors.js';
import { runHook } from './hooks.js';
import { join, parseRule, type Rule } from './paths.js';
import { type Gateway, gatewayAround, throughWsgi } from '../gateways.js';
import { type Hook, type Node, placeOf, type Registered, Registry } from './registry.js';
import { orphans, unseen } from './unseen.js';
import { usePermissions } from './permissions.js';
import { csrfOf, replies, usePrincipal, useVerifiers } from './replies.js';
import { injected, noted, type View, viewsOf } from './views.js';

const REGISTRARS = new Set([
  'Flask',
  'Blueprint',
  'register_blueprint',
  'add_url_rule',
  'add_resource',
  'before_request',
  'register_error_handler',
  'errorhandler',
  'add_namespace',
  'init_app',
  'as_view',
  'route',
]);
const USED = /^(flask\.(Flask|Blueprint)|flask_rest(ful|x|plus)\.(Api|Namespace)|flask_smorest\.Api)$/;

const MENTIONS = /\b(flask|apiflask|quart)(_\w+)?\b/i;

export const flask: Adapter = {
  name: 'flask',
  mentions: MENTIONS,
  language: 'python',
  uses: ev => {
    if (!ev.program.files.some(f => MENTIONS.test(f.text))) return false;
    runUncalled(ev, REGISTRARS, applications);
    // A factory that was called without its blueprints is called with them by somebody else.
    if (orphans(new Registry(ev)).size > 0) runUncalled(ev, registrars(ev, REGISTRARS), applications);
    return ev.events.some(
      c =>
        USED.test(c.path) ||
        /^flask\.(Flask|Blueprint)\(\)/.test(c.path) ||
        (c.fn?.t === 'class' && libraryBases(c.fn).some(b => USED.test(ev.models.canonical(b)))),
    );
  },
  find,
};

const applications = (name: string): string | undefined =>
  /^(app|application|flask_app|server)$/.test(name) ? 'flask.Flask()' : undefined;

/** One place where a node's routes are reachable. */
interface Mounted {
  node: Node;
  /** Prefix of the blueprint, without that of an Api in it. */
  prefix: string;
  /** A prefix on the way is not literal. */
  dynamic: boolean;
  /** Names of the blueprints, for endpoint names. */
  names: string[];
  /** From the application inwards. */
  chain: Node[];
  place: Place;
}

/** What all routes of one analysis share. */
interface Shared {
  ev: Ev;
  found: Found;
  views: Map<string, Val>;
  urls: Map<string, string>;
  replaced: ReadonlyMap<string, Val>;
  covered: readonly CallVal[];
  noted: readonly CallVal[];
  gateways: ReadonlyMap<Node | undefined, Gateway | undefined>;
  strict: boolean;
  responses: Responses;
  csrf: ReturnType<typeof csrfOf>;
  isRoute: (p: Place) => boolean;
  seen: Set<string>;
  mounted: Mounted[];
  chains: WeakMap<Route, Mounted>;
}

function find(ev: Ev): Found {
  useVerifiers(ev, ev.models as PackModels);
  usePrincipal(ev);
  usePermissions(ev, ev.models as PackModels);
  useSignals(ev, ev.models as PackModels);
  const registry = new Registry(ev);
  const found: Found = { routes: [], gaps: [] };
  const nodes = [...registry.nodes.values()];
  const inside = new Set(nodes.flatMap(n => n.children.map(c => c.key)));
  const mounted: Mounted[] = [];
  for (const n of nodes) {
    if (inside.has(n.key)) continue;
    if (n.kind === 'app')
      walk(
        registry,
        n,
        { node: n, prefix: registry.mounts.get(n.key) ?? '', dynamic: false, names: [], chain: [n], place: placeOf(n) },
        mounted,
        new Set(),
      );
  }
  for (const u of registry.unread) found.gaps.push({ why: 'dynamic-route', says: u.says, place: u.event.place, hides: ['endpoints'] });
  found.gaps.push(...unseen(registry, ev));
  const registered = new Set(nodes.flatMap(n => n.routes.map(r => `${r.event.place.file}:${r.event.place.at}`)));
  const shared: Shared = {
    ev,
    found,
    views: new Map(),
    urls: new Map(),
    replaced: registry.replaced,
    covered: registry.covered,
    noted: registry.noted,
    gateways: new Map(mounted.filter(m => m.chain.length === 1).map(m => [m.node, gatewayAround(ev, m.node.value)])),
    responses: new Responses(ev.models as PackModels, v => ev.program.pathOf(v)),
    csrf: csrfOf(ev.events),
    strict: !ev.program.files.some(f => /strict_slashes\s*=\s*False/.test(f.text) && /url_map\.strict_slashes/.test(f.text)),
    isRoute: p => registered.has(`${p.file}:${p.at}`),
    seen: new Set(),
    mounted,
    chains: new WeakMap(),
  };
  // A view that was taken out of the table before something else was put there.
  (ev.models as PackModels).told.set('flask.Flask().view_functions[]', c => {
    const view = c.fn?.t === 'item' ? shared.views.get(literal(c.fn.key) ?? '') : undefined;
    return view && callback(ev, view, c.args, c.place);
  });
  for (const m of mounted) for (const r of m.node.routes) routesOf(shared, m, r);
  for (const m of mounted)
    if (m.node.kind === 'app' && m.node.static && !m.node.parameter && found.routes.length > 0) found.routes.push(staticRoute(shared, m));

  const url = (name: string, blueprint: string | undefined): string | undefined =>
    shared.urls.get(name.startsWith('.') ? `${blueprint ?? ''}${name}`.replace(/^\./, '') : name);
  const reply = replies(ev, url);
  found.onError = (e, raised, route) => {
    const m = shared.chains.get(route);
    const own = reply(raised, m && blueprintOf(m));
    if (own) return own;
    if (!m) return undefined;
    const root = m.chain[0] as Node;
    const global = mounted.filter(x => x.chain[0] === root).flatMap(x => x.node.errorsApp);
    const tables = [
      ...m.chain
        .slice(1)
        .reverse()
        .map(n => n.errors),
      [...root.errors, ...global],
    ];
    return handled(e, tables, raised, shared.responses, route.location);
  };
  // What stands behind the name of the endpoint was put together with it: a query, an anchor.
  found.endpointPath = name => {
    const [, endpoint = '', rest = ''] = /^([\w.:-]*)(.*)$/.exec(name) ?? [];
    const to = url(endpoint, undefined) ?? [...shared.urls].find(([k]) => endpoint.startsWith('.') && k.endsWith(endpoint))?.[1];
    return to === undefined ? undefined : to + rest;
  };
  return found;
}

const blueprintOf = (m: Mounted): string | undefined => (m.names.length > 0 ? m.names.join('.') : undefined);

function walk(registry: Registry, n: Node, m: Mounted, out: Mounted[], seen: ReadonlySet<string>): void {
  if (seen.has(n.key)) return;
  spend(PLACED * (1 + n.routes.length));
  out.push(m);
  const inside = new Set([...seen, n.key]);
  for (const c of n.children) {
    const child = registry.nodes.get(c.key);
    if (!child) continue;
    // The prefix given at registration replaces the blueprint's own.
    const prefix = c.given ? c.prefix : child.prefix;
    const name = c.name ?? child.name;
    walk(
      registry,
      child,
      {
        node: child,
        prefix: join(m.prefix, prefix ?? ''),
        dynamic: m.dynamic || prefix === undefined,
        names: child.kind === 'blueprint' && name !== '' ? [...m.names, name] : m.names,
        chain: [...m.chain, child],
        place: c.event.place,
      },
      out,
      inside,
    );
  }
}

function routesOf(s: Shared, m: Mounted, r: Registered): void {
  if (r.rule === undefined || m.dynamic) {
    s.found.gaps.push({
      why: 'dynamic-path',
      says: r.rule === undefined ? 'the rule of this route is not a literal' : 'the prefix of this route is not a literal',
      place: r.event.place,
      hides: ['endpoints'],
    });
    return;
  }
  const rule = parseRule(join(m.prefix, r.rule));
  const around = m.chain.flatMap(n => n.decorators);
  const views = viewsOf(s.ev, r.view, r.methods, around, r.event.place);
  // What an Api puts around its views may exempt them.
  if (around.length > 0) s.csrf = csrfOf(s.ev.events);
  const endpoint = [...m.names, r.endpoint ?? views?.name ?? ''].join('.');
  if (!s.urls.has(endpoint)) s.urls.set(endpoint, rule.path);
  if (!views) {
    s.found.gaps.push({
      why: 'unresolved-handler',
      says: `the view of ${rule.path} is not known`,
      place: r.event.place,
      hides: ['endpoints'],
    });
    return;
  }
  s.views.set(endpoint, noted(s.ev, views.value, endpoint, s.noted, r.event.pc));
  const instead = s.replaced.get(endpoint);
  for (const registered of views.all) {
    const own = registered.body ?? innermost(registered.handler);
    const v = instead ? { ...registered, handler: instead, ...(own.t === 'fn' ? { body: own } : {}) } : registered;
    // A factory that is called for several servers registers the same routes again.
    const key = `${v.method} ${rule.path} ${r.event.place.file}:${r.event.place.at}`;
    if (s.seen.has(key)) continue;
    s.seen.add(key);
    s.found.routes.push(route(s, m, r, rule, v, endpoint));
  }
}

function route(s: Shared, m: Mounted, r: Registered, rule: Rule, v: View, endpoint: string): Route {
  const at = r.event.place;
  const named = handlerOf(s.ev, v.body ?? v.handler, at);
  const sample = sampleRequest(v.method, rule.path, rule.numeric);
  const stub = stubOf(v.body ?? v.handler);
  const when = whenOf(s.ev, r.event.pc);
  const hooks = hooksOf(s, m);
  const protectedByToken = s.csrf.at !== undefined && /^(POST|PUT|PATCH|DELETE)$/.test(v.method) && !exempt(s, m, r.view);
  const out: Route = {
    framework: 'flask',
    method: v.method,
    path: rule.path,
    slash: !(r.strict ?? s.strict) ? 'both' : rule.slash ? 'redirect' : 'exact',
    handler: v.handler,
    handlerName: named.name,
    location: named.place,
    route: at,
    ...(v.body ? { body: v.body.def } : {}),
    ineffective: guardsAbove(s.ev, v.handler, at, s.isRoute, s.responses),
    gaps: s.covered.map(c => ({
      why: 'unknown-decorator',
      says: 'what is put around views here is not known',
      place: c.place,
      hides: ['guards'],
    })),
    inputs: rule.params.map(name => ({ name, in: 'path' as const, required: true })),
    ...(stub ? { stub } : {}),
    ...(when ? { when } : {}),
    run: ev => {
      ev.request = {
        method: sample.method,
        path: sample.path,
        endpoint: STR(endpoint),
        blueprint: m.names.length ? STR(m.names.join('.')) : NONE,
      };
      const values = map(new Map(rule.params.map(n => [n, urlValue(n, rule.texts.has(n))])));
      const home = m.chain[0]?.value;
      const kept = home?.t === 'call' ? home.store : home?.t === 'obj' ? home.fields : undefined;
      if ((home?.t === 'call' || home?.t === 'obj') && !kept?.has('view_functions'))
        setAttribute(ev, home, 'view_functions', map(new Map(s.views)), at);
      ev.write(ev.globals, 'flask.current_app.view_functions', map(new Map(s.views)));
      ev.write(ev.globals, 'flask.request.view_args', values);
      // What extensions left on the application is found there by whoever asks for the current one.
      for (const [name, x] of (home?.t === 'obj' ? home.fields : home?.t === 'call' || home?.t === 'sym' ? home.store : undefined) ?? [])
        if (name !== 'config' && !name.startsWith('__')) ev.write(ev.globals, ev.models.canonical(`flask.current_app.${name}`), x);
      const gateway = s.gateways.get(m.chain[0]);
      if (gateway) throughWsgi(ev, gateway, 'flask', ev.models as PackModels);
      if (ev.dead) return;
      if (protectedByToken && s.csrf.at) {
        const token = s.csrf.at;
        layer(
          ev,
          'hook',
          'app',
          'CSRFProtect',
          token.place,
          () => (
            (ev.models as PackModels).refuse(ev, 'flask_wtf.csrf.CSRFProtect', { kind: 'csrf', status: 400 }, mkArgs(), token.place), NONE
          ),
        );
      }
      for (const h of hooks.values) runHook(ev, h.hook, h.scope, mkArgs([STR(endpoint), values]), r.event.pc);
      for (const h of hooks.before) runHook(ev, h.hook, h.scope, mkArgs(), r.event.pc);
      if (ev.dead) return;
      const kw: CallArgs = { pos: [], kw: new Map(values.entries) };
      const result = callback(ev, v.handler, injected(v.body ?? innermost(v.handler), kw), at);
      ev.exit('return', result, named.place);
    },
  };
  s.chains.set(out, m);
  return out;
}

interface Scoped {
  hook: Hook;
  scope: 'app' | 'router';
}

/** Hooks in the order in which a request meets them: those of the application, then of the blueprints from the outside in. */
function hooksOf(s: Shared, m: Mounted): { values: Scoped[]; before: Scoped[] } {
  const root = m.chain[0];
  const family = s.mounted.filter(x => x.chain[0] === root);
  const global = (own: readonly Hook[], key: 'beforeApp' | 'preprocessorsApp'): Scoped[] => {
    const late = [...new Set(family.map(x => x.node))].flatMap(n => n[key]);
    return [...new Set([...own, ...late])].map(hook => ({ hook, scope: 'app' as const }));
  };
  const inner = [...new Set(m.chain.slice(1))];
  return {
    values: [
      ...global(root?.preprocessors ?? [], 'preprocessorsApp'),
      ...inner.flatMap(n => n.preprocessors.map(hook => ({ hook, scope: 'router' as const }))),
    ],
    before: [...global(root?.before ?? [], 'beforeApp'), ...inner.flatMap(n => n.before.map(hook => ({ hook, scope: 'router' as const })))],
  };
}

function exempt(s: Shared, m: Mounted, view: Val): boolean {
  const own = innermost(view);
  const name = own.t === 'fn' ? `${own.module.name}.${own.def.name}` : undefined;
  return s.csrf.exempt.some(
    x =>
      m.chain.some(n => n.value === x || n.value.id === x.id) ||
      innermost(x) === own ||
      sameFunction(innermost(x), own) ||
      (name !== undefined && literal(x) === name),
  );
}
const sameFunction = (a: Val, b: Val): boolean => a.t === 'fn' && b.t === 'fn' && (a satisfies FnVal).def === b.def;

function staticRoute(s: Shared, m: Mounted): Route {
  const model = s.found.routes[0] as Route;
  const hooks = hooksOf(s, m);
  const out: Route = {
    framework: 'flask',
    method: 'GET',
    path: parseRule(join(m.prefix, '/static/<path:filename>')).path,
    slash: 'exact',
    handler: model.handler,
    handlerName: 'flask.static',
    location: m.place,
    route: m.place,
    implicit: true,
    inputs: [{ name: 'filename', in: 'path', required: true }],
    ineffective: [],
    gaps: [],
    run: ev => {
      const sample = sampleRequest('GET', '/static/{filename*}');
      ev.request = { method: sample.method, path: sample.path, endpoint: STR('static'), blueprint: NONE };
      const gateway = s.gateways.get(m.chain[0]);
      if (gateway) throughWsgi(ev, gateway, 'flask', ev.models as PackModels);
      for (const h of hooks.before) runHook(ev, h.hook, h.scope, mkArgs(), TRUE);
      if (!ev.dead) ev.exit('return', NONE, m.place);
    },
  };
  s.chains.set(out, m);
  return out;
}
