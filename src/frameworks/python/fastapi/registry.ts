/** What an application registered on its FastAPI and Starlette objects, read from the calls that its modules made. */
import { call } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { atomsOf, type F, type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, seq, STR } from '../../../program/make.js';
import { isLibraryRouter, libraryRoutes } from './libraries.js';
import type { CallArgs, CallVal, FnVal, Val } from '../../../program/values.js';

const OWNER = /^(fastapi\.FastAPI|fastapi\.APIRouter|starlette\.applications\.Starlette|starlette\.routing\.Router)$/;
const METHOD =
  /^(?:fastapi\.FastAPI|fastapi\.APIRouter|starlette\.applications\.Starlette|starlette\.routing\.Router)\(\)(?:\.router)?\.(\w+|routes\.(?:append|extend|insert))(\(\))?$/;
const OVERRIDES = /^fastapi\.FastAPI\(\)\.dependency_overrides\[\]=$/;
/** What is put in place of a check only at times (while the application is developed, say) takes no protection away. */
const always = (f: F): boolean => atomsOf(f).every(a => a.kind === 'raises');
const VERBS = new Set(['get', 'post', 'put', 'delete', 'patch', 'options', 'head', 'trace']);

/** When and where something was registered, as far as it was by a call. */
interface Registered {
  made?: CallVal;
}

export interface RouteEntry extends Registered {
  t: 'route';
  path: Val;
  /** undefined = the framework's default. */
  methods: Val | string[] | undefined;
  handler: Val;
  args: CallArgs;
  place: Place;
  pc: F;
  ws: boolean;
  /** Starlette's own routes take the request and no dependencies. */
  plain: boolean;
}
export interface IncludeEntry extends Registered {
  t: 'include';
  router: Val;
  args: CallArgs;
  place: Place;
  pc: F;
}
export interface MountEntry extends Registered {
  t: 'mount';
  path: Val;
  app: Val | undefined;
  args: CallArgs;
  place: Place;
  pc: F;
}
export type Entry = RouteEntry | IncludeEntry | MountEntry;

export interface MiddlewareEntry {
  /** A class (instantiated with the inner application) or, for `fn`, a function of request and `call_next`. */
  cls?: Val;
  fn?: Val;
  args: CallArgs;
  place: Place;
}

/** An application or a router. */
export interface Node {
  id: number;
  kind: 'app' | 'router';
  fastapi: boolean;
  args: CallArgs;
  place: Place;
  entries: Entry[];
  /** In the order of registration: the last one is the outermost. */
  middleware: MiddlewareEntry[];
  handlers: { key: Val; fn: Val }[];
  /** What stands for which dependency, whatever the settings say. */
  overrides: { of: Val; by: Val }[];
  /** The class of the routes that are registered here, where it is not the library's. */
  routeClass: Val | undefined;
  /** Somebody mounts or includes it. */
  attached: boolean;
  /** The call that made it. */
  made?: CallVal;
}

export class Registry {
  readonly nodes = new Map<number, Node>();

  /** Where the call stands that is being read: of what is only handed in, it is the first that is known. */
  private at: Place = { file: 0, at: 0 };

  constructor(private readonly ev: Ev) {
    for (const c of [...ev.events]) {
      this.at = c.place;
      const [of, by] = c.args.pos;
      if (OVERRIDES.test(c.path) && of && by && always(c.pc)) this.node(c.recv)?.overrides.push({ of, by });
      else if (OWNER.test(c.path) && c.fn?.t !== 'class') this.node(c);
      else this.register(c);
    }
  }

  /** The application or router that `v` is, if it is one. */
  node(v: Val | undefined): Node | undefined {
    if (!v) return undefined;
    if (v.t === 'late') return this.node(v.get());
    if (v.t === 'attr' && (v.name === 'router' || v.name === 'app')) return this.node(v.of);
    const known = this.nodes.get(v.id);
    if (known) return known;
    const path = ownerOf(this.ev, v);
    if (path === undefined) return undefined;
    const n: Node = {
      id: v.id,
      kind: /FastAPI|Starlette/.test(path) ? 'app' : 'router',
      fastapi: path.startsWith('fastapi'),
      args: constructorArgs(v),
      place: v.t === 'call' || v.t === 'obj' ? v.place : this.at,
      entries: [],
      middleware: [],
      handlers: [],
      overrides: [],
      routeClass: constructorArgs(v).kw.get('route_class') ?? ('store' in v ? v.store?.get('route_class') : undefined),
      attached: false,
      ...(v.t === 'call' ? { made: v } : {}),
    };
    this.nodes.set(v.id, n);
    this.readArguments(n);
    return n;
  }

  /** `routes=[..]`, `middleware=[..]`, `exception_handlers={..}` of a constructor. */
  private readArguments(n: Node): void {
    const a = n.args;
    const routes = a.kw.get('routes') ?? (n.fastapi ? undefined : a.pos.find(p => p.t === 'seq'));
    n.entries.push(...this.entriesOf(routes));
    const ms = a.kw.get('middleware');
    // The first of the list is the outermost.
    if (ms?.t === 'seq') for (const m of [...ms.items].reverse()) if (m.t === 'call') n.middleware.push(asMiddleware(m.args, m.place));
    const made = n.made && isLibraryRouter(n.made.path) ? libraryRoutes(this.ev, n.made) : undefined;
    if (made) {
      n.args = { ...a, kw: new Map([...a.kw, ['prefix', STR(made.prefix)]]) };
      n.entries.push(...made.routes);
    }
    const hs = a.kw.get('exception_handlers');
    if (hs?.t === 'map') for (const [k, fn] of hs.entries) n.handlers.push({ key: keyValue(hs, k), fn });
  }

  /** Entries of a list of `Route`, `Mount`, `WebSocketRoute`, `APIRoute`, `Host`. */
  entriesOf(list: Val | undefined): Entry[] {
    if (list?.t !== 'seq') return [];
    return list.items.flatMap(i => (i.t === 'call' ? (this.entryOf(i) ?? []) : []));
  }

  private entryOf(c: CallVal): Entry | undefined {
    const kind = /^(?:starlette|fastapi)\.routing\.(Route|Mount|WebSocketRoute|APIRoute|APIWebSocketRoute|Host)$/.exec(c.path)?.[1];
    if (kind === undefined) return undefined;
    const path = arg(c.args, 0, 'path') ?? { t: 'const', v: '', id: 0, p: 0 };
    if (kind === 'Mount') return { t: 'mount', path, app: arg(c.args, 1, 'app'), args: c.args, place: c.place, pc: TRUE };
    if (kind === 'Host')
      return { t: 'mount', path: { t: 'const', v: '', id: 0, p: 0 }, app: arg(c.args, 1, 'app'), args: c.args, place: c.place, pc: TRUE };
    const handler = arg(c.args, 1, 'endpoint');
    if (!handler) return undefined;
    return {
      t: 'route',
      path,
      methods: c.args.kw.get('methods'),
      handler,
      args: c.args,
      place: c.place,
      pc: TRUE,
      ws: kind.includes('WebSocket'),
      plain: !kind.startsWith('API'),
    };
  }

  /** The application's own method of the router that `factory` was called on, where it replaces that of the library. */
  private override(factory: CallVal, name: string): Val | undefined {
    const of = receiver(factory);
    const m = of?.t === 'obj' ? of.cls.members.get(name) : undefined;
    return of && m?.t === 'fn' && !within(factory, m) ? { ...m, self: of } : undefined;
  }

  /** Registers what `fn` does in the place of the call `c`. */
  private again(c: CallVal, fn: () => void): void {
    const { ev } = this;
    const from = ev.events.length;
    ev.reset();
    ev.pc = c.pc;
    fn();
    ev.reset();
    for (const e of ev.events.slice(from)) this.register(e);
  }

  private register(c: CallVal): void {
    const m = METHOD.exec(c.path);
    if (!m) return;
    const name = m[1] as string;
    const factory = m[2] !== undefined && c.fn?.t === 'call' ? c.fn : undefined;
    const n = this.node(factory ? receiver(factory) : receiver(c));
    if (!n) return;
    const first = c.args.pos[0];
    const base = { args: c.args, place: c.place, pc: c.pc, made: c };
    if (factory) {
      if (!first) return;
      const path = arg(factory.args, 0, 'path') ?? { t: 'const' as const, v: '', id: 0, p: 0 };
      const own = VERBS.has(name) ? this.override(factory, 'api_route') : undefined;
      const add = VERBS.has(name) || name === 'api_route' ? this.override(factory, 'add_api_route') : undefined;
      const verbs: Val | undefined = VERBS.has(name) ? seq('list', [STR(name.toUpperCase())]) : factory.args.kw.get('methods');
      const kw = new Map([...factory.args.kw, ...(verbs ? [['methods', verbs] as const] : [])]);
      kw.delete('path');
      // The verbs ask the router's `api_route`, and that its `add_api_route`: a class of the application may have its own.
      if (own) return this.again(c, () => call(this.ev, call(this.ev, own, { pos: [path], kw }, c.place), mkArgs([first]), c.place));
      if (add) return this.again(c, () => call(this.ev, add, { pos: [path, first], kw }, c.place));
      const route = { t: 'route' as const, path, handler: first, args: factory.args, place: c.place, pc: c.pc, made: c };
      if (VERBS.has(name)) n.entries.push({ ...route, methods: [name.toUpperCase()], ws: false, plain: false });
      else if (name === 'api_route') n.entries.push({ ...route, methods: factory.args.kw.get('methods'), ws: false, plain: false });
      else if (name === 'route') n.entries.push({ ...route, methods: arg(factory.args, 1, 'methods'), ws: false, plain: true });
      else if (name === 'websocket') n.entries.push({ ...route, methods: undefined, ws: true, plain: false });
      else if (name === 'websocket_route') n.entries.push({ ...route, methods: undefined, ws: true, plain: true });
      else if (name === 'middleware') n.middleware.push({ fn: first, args: mkArgs(), place: c.place });
      else if (name === 'exception_handler' && factory.args.pos[0]) n.handlers.push({ key: factory.args.pos[0], fn: first });
      return;
    }
    switch (name) {
      case 'add_api_route':
      case 'add_api_websocket_route':
      case 'add_route':
      case 'add_websocket_route': {
        const path = arg(c.args, 0, 'path');
        const handler = arg(c.args, 1, 'endpoint') ?? c.args.kw.get('route');
        if (!path || !handler) return;
        const plain = !name.includes('api');
        const methods = plain ? arg(c.args, 2, 'methods') : c.args.kw.get('methods');
        n.entries.push({ t: 'route', path, handler, methods, ws: name.includes('websocket'), plain, ...base });
        return;
      }
      case 'include_router': {
        const router = arg(c.args, 0, 'router');
        if (router) n.entries.push({ t: 'include', router, ...base });
        return;
      }
      case 'mount':
      case 'host':
        n.entries.push({
          t: 'mount',
          path: (name === 'mount' ? arg(c.args, 0, 'path') : undefined) ?? { t: 'const', v: '', id: 0, p: 0 },
          app: arg(c.args, 1, 'app'),
          ...base,
        });
        return;
      case 'add_middleware':
        n.middleware.push(asMiddleware(c.args, c.place));
        return;
      case 'add_exception_handler': {
        const [key, fn] = [arg(c.args, 0, 'exc_class_or_status_code'), arg(c.args, 1, 'handler')];
        if (key && fn) n.handlers.push({ key, fn });
        return;
      }
      case 'routes.append': {
        const e = first?.t === 'call' ? this.entryOf(first) : undefined;
        if (e) n.entries.push(e);
        return;
      }
      case 'routes.extend':
        n.entries.push(...this.entriesOf(first));
        return;
      case 'routes.insert': {
        const e = c.args.pos[1]?.t === 'call' ? this.entryOf(c.args.pos[1]) : undefined;
        if (e) n.entries.unshift(e);
        return;
      }
      default:
        return;
    }
  }
}

/** Was the call made by `m` itself, or by what it called? */
const within = (c: CallVal, m: FnVal): boolean => {
  for (let f = c.frame; f; f = f.parent) if (f.def === m.def) return true;
  return false;
};

/** Argument by position or name. */
export const arg = (a: CallArgs, i: number, name: string): Val | undefined => a.kw.get(name) ?? a.pos[i];

const receiver = (c: CallVal): Val | undefined => {
  let r = c.recv;
  while (r?.t === 'attr' && (r.name === 'routes' || r.name === 'router')) r = r.of;
  return r;
};

function asMiddleware(a: CallArgs, place: Place): MiddlewareEntry {
  const cls = arg(a, 0, 'middleware_class') ?? a.kw.get('cls');
  const kw = new Map(a.kw);
  kw.delete('middleware_class');
  kw.delete('cls');
  const fn = kw.get('dispatch');
  if (cls?.t === 'ext' && fn && /BaseHTTPMiddleware$/.test(cls.path)) return { fn, args: mkArgs(), place };
  return { ...(cls ? { cls } : {}), args: mkArgs(a.pos.slice(a.kw.has('middleware_class') ? 0 : 1), kw), place };
}

function ownerOf(ev: Ev, v: Val): string | undefined {
  if (v.t === 'call') return OWNER.test(v.path) ? v.path : isLibraryRouter(v.path) ? 'fastapi.APIRouter' : undefined;
  if (v.t === 'obj')
    return libraryBases(v.cls)
      .map(p => ev.models.canonical(p))
      .find(p => OWNER.test(p));
  const path = v.t === 'sym' || v.t === 'attr' || v.t === 'op' || v.t === 'item' ? ev.program.pathOf(v) : undefined;
  return path?.endsWith('()') && OWNER.test(path.slice(0, -2)) ? path.slice(0, -2) : undefined;
}

/** Arguments that a constructor got; those of the application's own subclasses are kept on the instance, whatever it is set to later. */
function constructorArgs(v: Val): CallArgs {
  if (v.t === 'call') return v.args;
  if (v.t !== 'obj') return mkArgs();
  const pos = v.fields.get('__args__');
  const kw = v.fields.get('__kwargs__');
  return mkArgs(pos?.t === 'seq' ? pos.items : [], new Map([...v.fields, ...(kw?.t === 'map' ? kw.entries : [])]));
}

const keyValue = (m: Val & { t: 'map' }, k: string): Val =>
  m.keys?.get(k) ?? { t: 'const', v: /^\d+$/.test(k) ? Number(k) : k, id: 0, p: 0 };
