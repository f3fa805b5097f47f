/** The routes of an application: routers and mounts followed to the end, prefixes joined, layers gathered. */
import { libraryBases } from '../../../program/classes.js';
import { PLACED, spend } from '../../../program/effort.js';
import type { Ev, GapNote } from '../../../program/ev.js';
import { and, type F, FALSE, not, type Place, TRUE } from '../../../program/formula.js';
import { unknown } from '../../../program/make.js';
import type { CallArgs, CallVal, Val } from '../../../program/values.js';
import { satisfies } from '../../../project/versions.js';
import type { LayerScope } from '../../types.js';
import { isFound } from '../common.js';
import { dependency } from './params.js';
import { behindSetting, textOf, UNPLACED } from '../text.js';
import { arg, type Entry, type MiddlewareEntry, type Node, type Registry, type RouteEntry } from './registry.js';
import type { Dep } from './solve.js';

/** One route with all that stands around it. */
export interface Flat {
  entry: RouteEntry;
  /** Raw template with its prefixes. */
  path: string;
  deps: Dep[];
  /** From the outermost application to the one that holds the route. */
  apps: Node[];
  /** Middleware of mounts and single routes, outermost first. */
  extra: MiddlewareEntry[];
  /** The class that handles the request before the dependencies do, where it is not the library's. */
  routeClass: Val | undefined;
  pc: F;
}
/** A mounted application that only serves files. */
export interface StaticMount {
  path: string;
  place: Place;
  apps: Node[];
}

export interface Flattened {
  routes: Flat[];
  statics: StaticMount[];
  /** Every application with its whole prefix, for its documentation pages. */
  apps: { app: Node; prefix: string; chain: Node[] }[];
  gaps: GapNote[];
}

interface At {
  prefix: string;
  deps: Dep[];
  apps: Node[];
  extra: MiddlewareEntry[];
  pc: F;
  seen: readonly Node[];
  /** Inclusions that copied what was there: what is registered later is not a part of it. */
  copied: readonly CallVal[];
}

export function flatten(ev: Ev, reg: Registry): Flattened {
  const out: Flattened = { routes: [], statics: [], apps: [], gaps: [] };
  // Until 0.137 an inclusion copies the routes that the router has by then.
  const copies = !satisfies(ev.program.versions.get('fastapi'), '>=0.137');
  const gap = (why: GapNote['why'], says: string, place: Place): void => {
    out.gaps.push({ why, says, place, hides: ['endpoints'] });
  };

  const pathOf = (v: Val, place: Place, what: string): string => {
    const t = textOf(v);
    if (t !== undefined) return t;
    const behind = what === 'this route' ? behindSetting(v) || undefined : behindSetting(v);
    gap('dynamic-path', behind === undefined ? `the path of ${what} is computed` : UNPLACED, place);
    return behind ?? '/{?}';
  };
  const prefixOf = (v: Val | undefined, place: Place, what: string): string => (v ? pathOf(v, place, what) : '');

  const visit = (n: Node, at: At): void => {
    if (at.seen.includes(n) || at.seen.length > 30) return;
    spend(PLACED * (1 + n.entries.length));
    const own = { ...at, seen: [...at.seen, n] };
    if (n.kind === 'app') {
      own.apps = [...at.apps, n];
      out.apps.push({ app: n, prefix: at.prefix, chain: own.apps });
    } else own.prefix = at.prefix + prefixOf(n.args.kw.get('prefix'), n.place, 'this router');
    own.deps = [...at.deps, ...depsOf(n.args, n.kind === 'app' ? 'app' : 'router', n.place)];
    for (const e of n.entries) if (!own.copied.some(c => follows(e, c))) entry(n, e, own);
  };

  const entry = (n: Node, e: Entry, at: At): void => {
    const pc = and(at.pc, e.pc);
    if (e.t === 'route') {
      out.routes.push({
        entry: e,
        path: at.prefix + pathOf(e.path, e.place, 'this route'),
        deps: e.plain ? [] : [...at.deps, ...depsOf(e.args, 'endpoint', e.place)],
        apps: at.apps,
        extra: [...at.extra, ...middlewareOf(e.args)],
        routeClass: e.args.kw.get('route_class_override') ?? n.routeClass,
        pc,
      });
      return;
    }
    if (e.t === 'include') {
      for (const r of alternatives(e.router)) {
        const node = reg.node(r);
        if (!node) gap('dynamic-route', 'a router that is included here is not known', e.place);
        // Routers that nobody includes are what an application finds that includes whatever its modules hold.
        const found = node ? [node] : isFound(r) && finds.size === 1 ? all.filter(isLeft) : [];
        for (const x of found) {
          x.attached = true;
          visit(x, {
            ...at,
            prefix: at.prefix + prefixOf(arg(e.args, 1, 'prefix'), e.place, 'this inclusion'),
            deps: [...at.deps, ...depsOf(e.args, 'router', e.place)],
            copied: copies && e.made ? [...at.copied, e.made] : at.copied,
            pc,
          });
        }
      }
      return;
    }
    const prefix = (at.prefix + prefixOf(e.path, e.place, 'this mount')).replace(/\/+$/, '');
    const extra = [...at.extra, ...middlewareOf(e.args)];
    const below = { ...at, prefix, deps: [], extra, pc };
    const routes = e.args.kw.get('routes');
    for (const inner of reg.entriesOf(routes)) entry(n, inner, below);
    if (!e.app) return;
    for (const a of alternatives(e.app)) {
      const node = reg.node(a);
      if (node) visit(node, below);
      else if (isStatic(ev, a)) out.statics.push({ path: `${prefix}/{path:path}`, place: e.place, apps: at.apps });
      else if (a.t !== 'ext' && a.t !== 'call') gap('dynamic-route', 'an application that is mounted here is not known', e.place);
      else
        gap(
          'dynamic-route',
          `\`${a.t === 'call' ? a.name : (a.path.split('.').at(-1) as string)}\` is mounted here; its routes cannot be seen`,
          e.place,
        );
    }
  };

  const all = [...reg.nodes.values()];
  // Where routers are included that are found while the application runs. Of several places each has prefixes and guards of its own: which
  // router is found where is not known, and no guard is claimed that may be that of others.
  const finds = new Set<string>();
  const isLeft = (n: Node): boolean => n.kind === 'router' && !n.attached && n.entries.length > 0;
  for (const n of all) {
    for (const e of n.entries) {
      const target = e.t === 'include' ? e.router : e.t === 'mount' ? e.app : undefined;
      for (const t of target ? alternatives(target) : []) {
        const node = reg.node(t);
        if (node) node.attached = true;
        else if (e.t === 'include' && isFound(t)) finds.add(`${e.place.file}:${e.place.at}`);
      }
    }
  }
  const apps = all.filter(n => n.kind === 'app' && !n.attached);
  const start: At = { prefix: '', deps: [], apps: [], extra: [], pc: TRUE, seen: [], copied: [] };
  for (const a of apps) visit(a, start);
  if (!all.some(n => n.kind === 'app')) {
    // A package of routers without the application that includes them: what it holds is shown as it stands.
    for (const r of all.filter(x => !x.attached)) {
      if (r.entries.length === 0) continue;
      out.gaps.push({
        why: 'dynamic-route',
        says: 'no application includes this router; its prefix and the guards around it are not known',
        place: r.place,
        hides: ['guards'],
      });
      visit(r, start);
    }
  }
  return out;
}

export function alternatives(v: Val, depth = 0): Val[] {
  if (v.t === 'phi' && depth < 20) return [...alternatives(v.a, depth + 1), ...alternatives(v.b, depth + 1)];
  if (v.t === 'late') {
    const x = v.get();
    return x ? alternatives(x, depth + 1) : [v];
  }
  return [v];
}

/** Was `e` registered after the call `c`, by the same piece of code? Of others the order is not known for sure. */
const follows = (e: Entry, c: CallVal): boolean =>
  e.made !== undefined && e.made.seq > c.seq && e.made.frame === c.frame && e.made.place.file === c.place.file;

/** `dependencies=[Depends(f), ..]`; what is no list that can be read may hold a guard. */
function depsOf(a: CallArgs, scope: LayerScope, at: Place): Dep[] {
  const one = (v: Val, when: F): Dep[] => {
    if (when === FALSE) return [];
    if (v.t === 'phi') return [...one(v.a, and(when, v.c)), ...one(v.b, and(when, not(v.c)))];
    if (v.t === 'const') return [];
    if (v.t === 'seq') return [...v.items.flatMap(i => one(i, when)), ...(v.rest ? one(v.rest, when) : [])];
    const d = v.t === 'op' && v.op === 'generic' ? v.args.find(x => isDepends(x)) : v;
    const dep = d?.t === 'call' && isDepends(d) ? arg(d.args, 0, 'dependency') : undefined;
    const known = d?.t === 'call' && dep ? { dep, ...dependency(d.args), place: d.place ?? at } : undefined;
    const opaque = { dep: unknown('what the application puts there cannot be read', at), scopes: [], cached: false, place: at };
    return [{ ...(known ?? opaque), scope, ...(when === TRUE ? {} : { when }) }];
  };
  const list = a.kw.get('dependencies');
  return list ? one(list, TRUE) : [];
}
const isDepends = (v: Val): boolean => v.t === 'call' && /^fastapi\.(Depends|Security)$/.test(v.path);

function middlewareOf(a: CallArgs): MiddlewareEntry[] {
  const ms = a.kw.get('middleware');
  if (ms?.t !== 'seq') return [];
  return ms.items.flatMap((m): MiddlewareEntry[] => {
    if (m.t !== 'call') return [];
    const cls = arg(m.args, 0, 'cls');
    return cls ? [{ cls, args: { ...m.args, pos: m.args.pos.slice(1) }, place: m.place }] : [];
  });
}

const STATIC = /(^|\.)StaticFiles$/;
const isStatic = (ev: Ev, v: Val): boolean =>
  v.t === 'call' ? STATIC.test(v.path) : v.t === 'obj' ? libraryBases(v.cls).some(b => STATIC.test(ev.models.canonical(b))) : false;
