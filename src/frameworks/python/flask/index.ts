/**
 * Flask, with the extensions that route by themselves. What only code can say: prefixes along nested blueprints, hooks of the
 * application and of every blueprint on the way, class-based views, error handlers that rewrite what was raised.
 */
import { callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { runUncalled } from '../../../program/link.js';
import { args, map, NONE, STR } from '../../../program/make.js';
import { quietly } from '../../../program/rust.js';
import { inherits } from '../../../program/statements.js';
import type { Place } from '../../../program/formula.js';
import type { CallVal, Val } from '../../../program/values.js';
import { hook } from '../../layers.js';
import { sampleRequest } from '../../request.js';
import type { Adapter, Found, Route } from '../../types.js';
import { handlerOf, innermost, isCallable, keywords, literal, stubOf } from '../common.js';
import { join, parseRule } from './paths.js';
import { type Node, type Registered, Registry } from './registry.js';
import { loginReply } from './login.js';
import { classOf, verbsOf, viewOf } from './views.js';

const REGISTRARS = new Set(['Flask', 'Blueprint', 'register_blueprint', 'add_url_rule', 'add_resource', 'before_request', 'register_error_handler', 'errorhandler', 'add_namespace', 'init_app']);

export const flask: Adapter = {
  name: 'flask',
  language: 'python',
  uses: ev => {
    if (!ev.program.files.some(f => /\bflask\b/i.test(f.text))) return false;
    runUncalled(ev, REGISTRARS);
    return ev.events.some(c => /^(flask|apiflask)\.(Flask|Blueprint|APIFlask)$/.test(c.path) || /^flask\.Flask\(\)/.test(c.path));
  },
  find,
};

/** One place where a node's routes are reachable. */
interface Mounted {
  node: Node;
  prefix: string;
  /** Names of the blueprints, for endpoint names. */
  names: string[];
  chain: Node[];
}

function find(ev: Ev): Found {
  const registry = new Registry(v => ev.program.pathOf(v));
  for (const c of ev.events) registry.read(c);
  const found: Found = { routes: [], gaps: [] };
  const nodes = [...registry.nodes.values()];
  const childKeys = new Set(nodes.flatMap(n => n.children.map(c => c.key)));
  const mounted: Mounted[] = [];
  for (const n of nodes) {
    if (childKeys.has(n.key)) continue;
    if (n.kind === 'app') walk(registry, n, '', [], [], mounted, new Set());
    else if (n.routes.length > 0) found.gaps.push({ why: 'dynamic-route', says: `the blueprint \`${n.name}\` is never registered on an application that can be seen`, place: (n.routes[0] as Registered).event.place, hides: ['endpoints'] });
  }
  // Hooks that a blueprint registers for all requests, and those of applications that a registrar got as a parameter.
  const global = mounted.flatMap(m => m.node.beforeApp);
  const unnamed = nodes.filter(n => n.kind === 'app');
  const views = new Map<string, Val>();
  const urls = new Map<string, string>();
  const strict = !ev.events.some(c => c.path.endsWith('strict_slashes=')) && !ev.program.files.some(f => /strict_slashes\s*=\s*False/.test(f.text));
  for (const m of mounted) for (const r of m.node.routes) routesOf(ev, m, r, found, unnamed, global, views, urls, strict);
  const first = nodes.find(n => n.kind === 'app');
  if (first && found.routes.length) found.routes.push(staticRoute(found.routes[0] as Route));
  const errors = [...new Set(mounted.map(m => m.node))].flatMap(n => n.errors.map(e => ({ ...e, node: n })));
  const login = loginReply(ev, name => urls.get(name));
  found.onError = (e, raised, route) => {
    const by = login(raised);
    if (by) return by;
    const own = errors.filter(x => x.everywhere || (chains.get(route) ?? []).includes(x.node));
    const hit = own.find(x => x.on.t !== 'const' && inherits(e, raised, x.on));
    return hit ? quietly(e, () => callback(e, hit.handler, args([raised]), route.location)) : undefined;
  };
  found.endpointPath = name => urls.get(name);
  return found;
}

const chains = new WeakMap<Route, readonly Node[]>();

function walk(registry: Registry, n: Node, prefix: string, names: string[], chain: Node[], out: Mounted[], seen: Set<string>): void {
  if (seen.has(n.key)) return;
  const inside = new Set([...seen, n.key]);
  out.push({ node: n, prefix, names, chain: [...chain, n] });
  for (const c of n.children) {
    const child = registry.nodes.get(c.key);
    // The prefix given at registration replaces the blueprint's own.
    if (child) walk(registry, child, join(prefix, c.prefix ?? child.prefix), child.name && child.kind === 'blueprint' ? [...names, child.name] : names, [...chain, n], out, inside);
  }
}

function routesOf(ev: Ev, m: Mounted, r: Registered, found: Found, apps: Node[], global: Node['before'], views: Map<string, Val>, urls: Map<string, string>, strict: boolean): void {
  if (r.rule === undefined) {
    found.gaps.push({ why: 'dynamic-path', says: 'the rule of this route is not a literal', place: r.event.place, hides: ['endpoints'] });
    return;
  }
  const rule = parseRule(join(m.prefix, r.rule));
  const cls = classOf(r.view);
  const entries = cls
    ? verbsOf(cls.cls, r.methods).map(v => ({ method: v.method, handler: viewOf(ev, cls.cls, cls.init, v.method, v.body, m.node.decorators, r.event.place), body: v.body }))
    : isCallable(r.view) ? (r.methods ?? ['GET']).filter(x => x !== 'HEAD' && x !== 'OPTIONS').map(method => ({ method, handler: r.view, body: undefined })) : [];
  if (entries.length === 0) {
    found.gaps.push({ why: 'unresolved-handler', says: 'the view of this route is not known', place: r.event.place, hides: ['endpoints'] });
    return;
  }
  const inner = innermost(r.view);
  const short = r.endpoint ?? (cls && r.view.t === 'call' ? literal(r.view.args.pos[0]) : undefined) ?? (inner.t === 'fn' ? inner.def.name : cls ? cls.cls.name.toLowerCase() : '');
  const endpoint = [...m.names, short].join('.');
  urls.set(endpoint, rule.path);
  views.set(endpoint, r.view);
  for (const e of entries) {
    const named = handlerOf(ev, e.body ?? e.handler, r.event.place);
    const sample = sampleRequest(e.method, rule.path, rule.numeric);
    const stub = stubOf(e.body ?? e.handler);
    const hooks = [...new Set([...m.chain.filter(n => n.kind === 'app'), ...apps])].flatMap(n => n.before);
    const own = m.chain.filter(n => n.kind === 'blueprint').flatMap(n => n.before);
    const route: Route = {
      framework: 'flask', method: e.method, path: rule.path, slash: !strict ? 'both' : rule.slash ? 'redirect' : 'exact', handler: e.handler, handlerName: named.name, location: named.place, route: r.event.place,
      ...(e.body ? { body: e.body.def } : {}), ineffective: [], gaps: [], inputs: rule.params.map(name => ({ name, in: 'path' as const, required: true })), ...(stub ? { stub } : {}),
      run: v => {
        v.request = { method: sample.method, path: sample.path, endpoint: STR(endpoint), blueprint: m.names.length ? STR(m.names.join('.')) : NONE };
        v.write(v.globals, 'flask.current_app.view_functions', map(new Map(views)));
        v.write(v.globals, 'flask.request.view_args', map(new Map(keywords(rule.params).kw)));
        for (const h of [...hooks, ...global]) run(v, h, 'app');
        for (const h of own) run(v, h, 'router');
        if (v.dead) return;
        const out = callback(v, e.handler, keywords(rule.params), r.event.place);
        v.exit('return', out, named.place);
      },
    };
    chains.set(route, m.chain);
    found.routes.push(route);
  }
}

function run(ev: Ev, h: { value: Val; event: CallVal }, scope: 'app' | 'router'): void {
  if (ev.dead) return;
  const { name, place } = handlerOf(ev, h.value, h.event.place);
  hook(ev, h.value, args(), scope, name.split('.').at(-1) ?? name, place satisfies Place);
}

const staticRoute = (model: Route): Route => ({
  ...model, method: 'GET', path: '/static/{filename*}', handlerName: 'flask.static', implicit: true, inputs: [], ineffective: [], gaps: [], slash: 'exact',
  run: ev => ev.exit('return', NONE, model.route),
});
