/** Which handlers a router holds at the time when a layer is put on it. */
import { baseName, type Fn, moduleOf, type RustApp } from './rust-app.js';
import { type Source, type Syn, above, all, field, named, text, walk } from './syntax.js';

/** `.layer(..)`, `.route_layer(..)`, `.wrap(..)` with a guard of the application in it. */
export interface Layer {
  source: Source;
  /** The whole call, with its receiver. */
  call: Syn;
  /** What of the application it runs. */
  runs: Fn[];
  /** The handlers that it stands before. */
  covers: Set<Fn>;
}

/** `.route("/x", get(list).post(create))`, or `.service(list)`. */
export interface Route {
  source: Source;
  call: Syn;
  handlers: Fn[];
}

const LAYERS = new Set(['layer', 'route_layer', 'wrap']);
const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'any', 'head', 'options', 'to']);

export class Routers {
  readonly layers: Layer[] = [];
  readonly routes: Route[] = [];

  constructor(private readonly app: RustApp) {
    for (const s of app.sources.values())
      for (const call of all(s.root, 'call_expression')) {
        const name = methodName(s, call);
        if (name === 'route' || name === 'service') {
          const own = name === 'route' ? this.ofMethodRouter(s, argument(call, 1)) : this.attributed(s, argument(call, 0));
          if (own.length > 0) this.routes.push({ source: s, call, handlers: own });
        }
        if (name && LAYERS.has(name)) this.layer(s, call, name);
      }
  }

  private layer(source: Source, call: Syn, name: string): void {
    const runs = this.guardsIn(source, argument(call, 0));
    if (runs.length === 0) return;
    // In actix a wrap covers its whole node, wherever in the chain it stands; in axum what was added before.
    const covered = name === 'wrap' ? outermost(call) : receiver(call);
    this.layers.push({ source, call, runs, covers: new Set(covered ? this.handlers(source, covered) : []) });
  }

  /** Functions of the application that the argument of a layer runs: names, and types that are extractors. */
  private guardsIn(s: Source, arg: Syn | undefined): Fn[] {
    if (!arg) return [];
    if (arg.type === 'identifier') {
      const value = local(s, arg);
      if (value && value !== arg) return this.guardsIn(s, value);
    }
    return [...walk(arg)].flatMap(n => {
      if (n.type === 'type_arguments') return named(n).flatMap(t => this.app.extractors(s, t));
      if (/identifier$/.test(n.type) && n.parent?.type === 'arguments') return this.namedFn(s, n);
      if (n.type === 'identifier' || n.type === 'struct_expression') {
        const name = baseName(text(s, n.type === 'identifier' ? n : field(n, 'name')));
        return this.app.fns.filter(f => f.name === 'call' && f.self?.startsWith(name));
      }
      return [];
    });
  }

  /** All handlers registered in a router expression. */
  handlers(s: Source, n: Syn, depth = 0): Fn[] {
    if (depth > 40) return [];
    if (n.type === 'identifier') {
      const value = local(s, n);
      return value ? this.handlers(s, value, depth + 1) : this.attributed(s, n);
    }
    if (n.type !== 'call_expression') return [];
    const name = methodName(s, n);
    if (!name) return this.returned(s, n, depth);
    const before = this.handlers(s, receiver(n)!, depth + 1);
    const deeper = (arg: Syn | undefined): Fn[] => (arg ? this.handlers(s, arg, depth + 1) : []);
    switch (name) {
      case 'route':
        return [...before, ...this.ofMethodRouter(s, argument(n, 1) ?? argument(n, 0))];
      case 'nest':
        return [...before, ...deeper(argument(n, 1))];
      case 'merge':
        return [...before, ...deeper(argument(n, 0))];
      case 'service':
        return [...before, ...deeper(argument(n, 0))];
      case 'configure':
        return [...before, ...this.configured(s, argument(n, 0), depth)];
      default:
        return METHODS.has(name) ? [...before, ...this.ofMethodRouter(s, n)] : before;
    }
  }

  /** `users::router(state)`: what the function returns. */
  private returned(s: Source, call: Syn, depth: number): Fn[] {
    for (const f of this.namedFn(s, field(call, 'function'))) {
      const result = named(f.body).at(-1);
      const found = result ? this.handlers(f.source, result, depth + 1) : [];
      if (found.length > 0) return found;
    }
    return [];
  }

  /** `.configure(users::routes)`: everything that the function registers. */
  private configured(s: Source, arg: Syn | undefined, depth: number): Fn[] {
    return this.namedFn(s, arg).flatMap(f => {
      const chains = all(f.body, 'call_expression').filter(c => c.parent?.type !== 'field_expression' && methodName(f.source, c));
      return chains.filter(c => c.parent?.type !== 'arguments').flatMap(c => this.handlers(f.source, c, depth + 1));
    });
  }

  private namedFn(s: Source, n: Syn | undefined): Fn[] {
    if (!n) return [];
    const parts = text(s, n).split('::');
    const module = parts.slice(0, -1).filter(p => !/^(crate|self|super)$/.test(p));
    if (module.length === 0) return this.app.free(s, parts.at(-1)!);
    const found = this.app.fns.filter(f => !f.self && f.name === parts.at(-1));
    // A module may be known by another name, or from elsewhere: as much of the path as tells the candidates apart.
    for (let n = 0; n < module.length; n++) {
      const here = found.filter(
        f =>
          moduleOf(f.source.path)
            .slice(n - module.length)
            .join('::') === module.slice(n).join('::'),
      );
      if (here.length > 0) return here;
    }
    return [];
  }

  private ofMethodRouter(s: Source, n: Syn | undefined): Fn[] {
    if (!n) return [];
    return all(n, 'call_expression').flatMap(c => {
      const fn = field(c, 'function');
      const name = fn?.type === 'field_expression' ? text(s, field(fn, 'field')) : baseName(text(s, fn));
      const handler = METHODS.has(name) ? argument(c, 0) : undefined;
      return handler && /identifier$/.test(handler.type) ? this.namedFn(s, handler) : [];
    });
  }

  /** `.service(list_users)` with the route in an attribute above the function. */
  private attributed(s: Source, n: Syn | undefined): Fn[] {
    return n && /identifier$/.test(n.type) ? this.namedFn(s, n) : [];
  }
}

export const argument = (call: Syn, i: number): Syn | undefined => named(field(call, 'arguments'))[i];
export const receiver = (call: Syn): Syn | undefined => field(calleeOf(call), 'value');
export function methodName(s: Source, call: Syn): string | undefined {
  const fn = calleeOf(call);
  return fn?.type === 'field_expression' ? text(s, field(fn, 'field')) : undefined;
}

/** What is called, without the types that are written behind its name. */
function calleeOf(call: Syn): Syn | undefined {
  const fn = field(call, 'function');
  return fn?.type === 'generic_function' ? field(fn, 'function') : fn;
}

/** The chain that a call is a link of, up to its last call. */
export function outermost(call: Syn): Syn {
  let n = call;
  while (n.parent?.type === 'field_expression' && n.parent.parent?.type === 'call_expression') n = n.parent.parent;
  return n;
}

/** The value of a local variable: the last `let` of that name before its use. */
function local(s: Source, use: Syn): Syn | undefined {
  const fn = above(use, 'function_item');
  const lets = all(fn, 'let_declaration').filter(l => l.end <= use.start && text(s, field(l, 'pattern')) === text(s, use));
  return field(lets.at(-1), 'value');
}
