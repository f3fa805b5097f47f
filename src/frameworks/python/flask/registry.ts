/** What was registered on which application, blueprint, Api and namespace, read from the log of library calls. */
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { type Place, TRUE } from '../../../program/formula.js';
import type { CallVal, Cls, Val } from '../../../program/values.js';
import { behindSetting, textOf, UNPLACED } from '../text.js';
import { adminRoutes } from './admin.js';
import { argumentsOf, constructorArgs, methodsOrNone, seqItems, strictness } from './arguments.js';
import { classRoutes, registering } from './classful.js';
import { isCallable, isFound, literal } from '../common.js';
import { type Kind, kindsIn } from './kinds.js';

export interface Registered {
  /** undefined: not literal. */
  rule: string | undefined;
  methods: string[] | undefined;
  endpoint: string | undefined;
  view: Val;
  event: CallVal;
  strict?: boolean;
}

export interface Hook {
  value: Val;
  event: CallVal;
}

export interface ErrorHandler {
  /** Status or exception class. */
  on: Val;
  handler: Val;
}

/** What is registered on another one, and how. */
interface Child {
  key: string;
  prefix: string | undefined;
  given: boolean;
  name: string | undefined;
  event: CallVal;
}

/** An application, a blueprint, or an Api or namespace of the extensions that route on their behalf. */
export interface Node {
  key: string;
  kind: Kind;
  name: string;
  /** The prefix given where it was made; undefined: there is one, and it is not literal. */
  prefix: string | undefined;
  value: Val;
  routes: Registered[];
  before: Hook[];
  preprocessors: Hook[];
  /** Those that a blueprint registers for all requests. */
  beforeApp: Hook[];
  preprocessorsApp: Hook[];
  errors: ErrorHandler[];
  errorsApp: ErrorHandler[];
  children: Child[];
  /** Where it registers what is only known when it runs. */
  found: Omit<Child, 'key'>[];
  /** Flask-RESTful: decorators of the Api or namespace. */
  decorators: Val[];
  /** A parameter that stands for an application which somebody else makes. */
  parameter: boolean;
  static: boolean;
}

const VERBS = ['get', 'post', 'put', 'delete', 'patch'];
export class Registry {
  readonly nodes = new Map<string, Node>();
  /** Views that were put in the place of those that are registered, by the name of the endpoint; where that is not known, `covered`. */
  readonly replaced = new Map<string, Val>();
  readonly covered: CallVal[] = [];
  /** What was noted on views in the table of an application. */
  readonly noted: CallVal[] = [];
  /** Applications that a dispatcher serves under a prefix. */
  readonly mounts = new Map<string, string>();
  private readonly tied = new Set<number>();
  private readonly classes: { n: Node; cls: Cls; event: CallVal }[] = [];
  /** What was registered and is not read. */
  readonly unread: { says: string; event: CallVal }[] = [];

  private readonly kindOf: (v: Val) => Kind | undefined;

  constructor(private readonly ev: Ev) {
    this.kindOf = kindsIn(ev);
    for (const c of ev.events) if (c.name === 'init_app' && c.recv) this.tied.add(c.recv.id);
    for (const c of ev.events) this.read(c);
    for (const n of [...this.nodes.values()]) this.assigned(n);
    for (const { app, route } of adminRoutes(ev)) {
      const n = this.node(app) ?? [...this.nodes.values()].find(x => x.kind === 'app');
      if (n) n.routes.push(route);
      else this.unread.push({ says: `the view at ${route.rule} belongs to no application that can be seen`, event: route.event });
    }
    for (const { n, cls, event } of this.classes) n.routes.push(...classRoutes(ev, cls, event));
    this.adopt();
    this.discover();
  }

  /** The node that `v` is, made when first seen; undefined for anything else. */
  node(v: Val | undefined): Node | undefined {
    if (!v) return undefined;
    if (v.t === 'late') return this.node(v.get());
    const known = this.nodes.get(String(v.id));
    if (known) return known;
    const kind = this.kindOf(v);
    // A parameter of a registrar that nobody calls stands for the application.
    const parameter = v.t === 'sym';
    if (!kind && !(parameter && v.path === undefined && !v.ty && /app|server|flask/i.test(v.name))) return undefined;
    const args = constructorArgs(v);
    const given =
      args.kw.get('url_prefix') ??
      args.kw.get('prefix') ??
      args.kw.get('path') ??
      (kind === 'namespace' ? args.pos[2] : kind === 'api' ? args.pos[1] : undefined);
    const name = textOf(args.kw.get('name') ?? args.pos[0]) ?? '';
    const folder = args.kw.get('static_folder');
    const n: Node = {
      key: String(v.id),
      kind: kind ?? 'app',
      name: kind === 'blueprint' ? name : '',
      prefix: given === undefined ? (kind === 'namespace' && name !== '' ? `/${name}` : '') : textOf(given),
      value: v,
      routes: [],
      before: [],
      preprocessors: [],
      beforeApp: [],
      preprocessorsApp: [],
      errors: [],
      errorsApp: [],
      children: [],
      found: [],
      decorators: seqItems(args.kw.get('decorators')),
      parameter,
      static: !(folder?.t === 'const' && folder.v === null),
    };
    this.nodes.set(n.key, n);
    if (kind === 'api' && v.t !== 'sym') {
      const target = this.node(args.pos[0] ?? args.kw.get('app') ?? args.kw.get('blueprint'));
      if (target && target !== n)
        target.children.push({ key: n.key, prefix: undefined, given: false, name: undefined, event: eventOf(v, n) });
    }
    return n;
  }

  private read(c: CallVal): void {
    const [target, second] = c.args.pos;
    if (c.path === 'werkzeug.middleware.dispatcher.DispatcherMiddleware' || c.path === 'werkzeug.wsgi.DispatcherMiddleware') {
      const table = second ?? c.args.kw.get('mounts');
      if (table?.t === 'map')
        for (const [prefix, app] of table.entries) {
          const n = this.node(app.t === 'attr' && app.name === 'wsgi_app' ? app.of : app);
          if (n) this.mounts.set(n.key, prefix);
        }
      return;
    }
    if (c.fn?.t === 'call' && c.name === '()') {
      // `@app.route("/x")` applied to a function.
      const n = this.node(c.fn.recv);
      if (n && target) this.decorated(n, c.fn, target, c);
      else if (target && isRouting(c.fn) && !OTHERS.test(c.path))
        this.unread.push({ says: `the route \`${literal(c.fn.args.pos[0]) ?? ''}\` is made by a library that is not described`, event: c });
      return;
    }
    if (c.path === 'flask.Flask().view_functions[]=') {
      const name = literal(target);
      if (name === undefined) this.covered.push(c);
      else if (second) this.replaced.set(name, second);
      return;
    }
    if (c.path === 'flask.Flask().view_functions[].=') {
      this.noted.push(c);
      return;
    }
    if (c.name === 'append' || c.name === 'extend') {
      this.table(c);
      return;
    }
    const n = this.node(c.recv);
    if (n) this.direct(n, c, target);
    else if (registering(this.ev, c)) this.classful(c);
    else if (c.name === 'register' && c.recv?.t === 'class' && libraryBases(c.recv).some(b => /^flask_classy\./.test(b)))
      this.unread.push({ says: `the routes of \`${c.recv.name}\` follow from the names of its methods, which is not read`, event: c });
    else if (unseen(c) && this.bound(c.recv))
      this.unread.push({ says: `\`${c.name}\` of a library that is not described may register routes`, event: c });
    else if (/^flask_rest(ful|x|plus)\.Api$/.test(c.path)) this.node(c);
  }

  /** Is it an extension that was made with an application or a part of one, or tied to one later? */
  private bound(v: Val | undefined): boolean {
    const made = argumentsOf(v);
    return v !== undefined && (this.tied.has(v.id) || [...made.pos, ...made.kw.values()].some(x => this.node(x) !== undefined));
  }

  /** A class that registers its methods. */
  private classful(c: CallVal): void {
    const [cls, n] = [registering(this.ev, c), this.node(c.args.pos[0] ?? c.args.kw.get('app'))];
    if (cls && n) this.classes.push({ n, cls, event: c });
    else this.unread.push({ says: `the routes of \`${cls?.name}\` belong to nothing that can be seen`, event: c });
  }

  /** The text of a path, without the setting that it may begin with. */
  private rule(v: Val | undefined, event: CallVal): string | undefined {
    return textOf(v) ?? (this.behind(v, event) || undefined);
  }

  private behind(v: Val | undefined, event: CallVal): string | undefined {
    const behind = behindSetting(v);
    if (behind !== undefined && !this.unread.some(u => u.says === UNPLACED)) this.unread.push({ says: UNPLACED, event });
    return behind;
  }

  private decorated(n: Node, by: CallVal, target: Val, c: CallVal): void {
    const word = by.name;
    if (word === 'route' || VERBS.includes(word)) {
      const rules = n.kind === 'api' || n.kind === 'namespace' ? by.args.pos : [by.args.pos[0] ?? by.args.kw.get('rule')];
      const methods = word !== 'route' ? [word.toUpperCase()] : methodsOrNone(by.args.kw.get('methods'));
      for (const r of rules)
        n.routes.push({
          rule: this.rule(r, c),
          methods,
          endpoint: literal(by.args.kw.get('endpoint')),
          view: target,
          event: c,
          ...strictness(by.args),
        });
    } else if (word === 'errorhandler')
      n.errors.push({ on: by.args.pos[0] ?? by.args.kw.get('code_or_exception') ?? target, handler: target });
    else if (word === 'app_errorhandler') n.errorsApp.push({ on: by.args.pos[0] ?? target, handler: target });
    else if (word === 'resource' && isCallable(target))
      for (const r of by.args.pos)
        n.routes.push({ rule: this.rule(r, c), methods: undefined, endpoint: literal(by.args.kw.get('endpoint')), view: target, event: c });
    else if (word === 'endpoint')
      for (const r of n.routes) if (r.endpoint === literal(by.args.pos[0]) && r.view.t === 'const') r.view = target;
  }

  private direct(n: Node, c: CallVal, target: Val | undefined): void {
    const a = c.args;
    switch (c.name) {
      case 'add_url_rule': {
        const view = a.kw.get('view_func') ?? a.pos[2];
        n.routes.push({
          rule: this.rule(a.pos[0] ?? a.kw.get('rule'), c),
          methods: methodsOrNone(a.kw.get('methods')),
          endpoint: literal(a.pos[1] ?? a.kw.get('endpoint')),
          view: view ?? { t: 'const', v: null, id: 0, p: 0 },
          event: c,
          ...strictness(a),
        });
        return;
      }
      case 'add_resource':
      case '_register_view':
        if (target)
          for (const u of n.kind === 'namespace' || c.name === 'add_resource' ? a.pos.slice(1) : [])
            n.routes.push({ rule: this.rule(u, c), methods: undefined, endpoint: literal(a.kw.get('endpoint')), view: target, event: c });
        return;
      case 'register_blueprint':
      case 'register_api':
      case 'register_api_view':
      case 'add_namespace': {
        const child = this.node(target);
        if (!child && target) this.unread.push({ says: 'what is registered here is not known, nor are its routes', event: c });
        const prefix = a.kw.get('url_prefix') ?? a.kw.get('path') ?? (c.name === 'add_namespace' ? a.pos[1] : undefined);
        const none = prefix === undefined || (prefix.t === 'const' && prefix.v === null);
        const how = {
          prefix: none ? undefined : (textOf(prefix) ?? this.behind(prefix, c)),
          given: !none,
          name: literal(a.kw.get('name')),
          event: c,
        };
        if (child) n.children.push({ key: child.key, ...how });
        else if (target && isFound(target)) n.found.push(how);
        return;
      }
      case 'namespace': {
        const made = this.node(c);
        if (made) n.children.push({ key: made.key, prefix: undefined, given: false, name: undefined, event: c });
        return;
      }
      case 'init_app': {
        const app = this.node(target);
        if (app && n.kind === 'api') app.children.push({ key: n.key, prefix: undefined, given: false, name: undefined, event: c });
        return;
      }
      case 'before_request':
        if (isCallable(target)) n.before.push({ value: target, event: c });
        return;
      case 'before_app_request':
        if (isCallable(target)) n.beforeApp.push({ value: target, event: c });
        return;
      case 'url_value_preprocessor':
        if (isCallable(target)) n.preprocessors.push({ value: target, event: c });
        return;
      case 'app_url_value_preprocessor':
        if (isCallable(target)) n.preprocessorsApp.push({ value: target, event: c });
        return;
      // Used without a code by Flask-RESTX; a plain function is no key.
      case 'register_error_handler':
        if (target && a.pos[1]) n.errors.push({ on: target, handler: a.pos[1] });
        return;
      default:
    }
  }

  /** `app.before_request_funcs.setdefault(None, []).append(f)`. */
  private table(c: CallVal): void {
    const fn = c.args.pos[0];
    let v = c.recv;
    let key: Val | undefined;
    for (let i = 0; v && i < 4; i++) {
      if (v.t === 'attr' && v.name === 'before_request_funcs') {
        const n = this.node(v.of);
        if (!n || !fn) return;
        const name = literal(key);
        const owner = name === undefined ? n : ([...this.nodes.values()].find(x => x.kind === 'blueprint' && x.name === name) ?? n);
        for (const f of fn.t === 'seq' ? fn.items : [fn]) if (isCallable(f)) owner.before.push({ value: f, event: c });
        return;
      }
      if (v.t === 'call') key = v.args.pos[0];
      else if (v.t === 'item') key = v.key;
      v = v.t === 'call' ? v.recv : v.t === 'attr' || v.t === 'item' ? v.of : undefined;
    }
  }

  /** `app.before_request_funcs = {None: [f]}` and view functions that were replaced. */
  private assigned(n: Node): void {
    const store = n.value.t === 'call' || n.value.t === 'sym' ? n.value.store : n.value.t === 'obj' ? n.value.fields : undefined;
    const hooks = store?.get('before_request_funcs');
    if (hooks?.t === 'map')
      for (const v of hooks.entries.values())
        for (const f of seqItems(v)) if (isCallable(f)) n.before.push({ value: f, event: eventOf(n.value, n) });
  }

  /** What was registered on a parameter belongs to the application that there is. */
  private adopt(): void {
    const apps = [...this.nodes.values()].filter(n => n.kind === 'app');
    const real = apps.filter(n => !n.parameter);
    const home = real.find(n => n.routes.length + n.children.length > 0) ?? real[0];
    if (!home) return;
    for (const p of apps) {
      if (!p.parameter) continue;
      for (const field of [
        'routes',
        'before',
        'beforeApp',
        'preprocessors',
        'preprocessorsApp',
        'errors',
        'errorsApp',
        'children',
        'found',
      ] as const)
        (home[field] as unknown[]).push(...p[field]);
      this.nodes.delete(p.key);
    }
  }

  /** Blueprints that nobody registers are what an application finds that registers whatever its modules hold. */
  private discover(): void {
    const finder = [...this.nodes.values()].find(n => n.kind === 'app' && n.found.length > 0);
    const how = finder?.found[0];
    if (!finder || !how) return;
    const registered = new Set([...this.nodes.values()].flatMap(n => n.children.map(c => c.key)));
    for (const n of this.nodes.values())
      if (n.kind === 'blueprint' && !registered.has(n.key) && n.routes.length + n.children.length > 0)
        finder.children.push({ key: n.key, ...how });
  }
}

/** Libraries whose routes other adapters read, or that route nothing. */
const OTHERS = /^(fastapi|starlette|bottle|flask_admin|flask_appbuilder|typer|click|pytest|unittest|celery)\b/;

/** `@x.route("/y")` of something that no adapter knows. */
const isRouting = (by: CallVal): boolean =>
  (by.name === 'route' || VERBS.includes(by.name)) && (literal(by.args.pos[0]) ?? '').startsWith('/') && by.recv !== undefined;

const ADDS = /^(add|create|register)_?(model_?)?(views?|api|apis|resources?|endpoints?|routes?|controllers?|pages?|blueprints?)$/;

/** A call that gives a class or function of the application to a library, by a name that speaks of routes. */
const unseen = (c: CallVal): boolean => {
  const given = [...c.args.pos, ...c.args.kw.values()];
  const adds = ADDS.test(c.name) || (c.name === 'route' && given.some(x => literal(x)?.startsWith('/')));
  return adds && !OTHERS.test(c.path) && given.some(x => x.t === 'seq' || isCallable(x));
};

export const placeOf = (n: Node): Place =>
  n.value.t === 'call' || n.value.t === 'obj' ? n.value.place : (n.routes[0]?.event.place ?? { file: 0, at: 0 });

/** The call that made `v`, as the place of what has no registration of its own. */
function eventOf(v: Val, n: Node): CallVal {
  if (v.t === 'call') return v;
  const place = v.t === 'obj' ? v.place : { file: 0, at: 0 };
  return { t: 'call', path: n.kind, name: n.kind, args: { pos: [], kw: new Map() }, place, pc: TRUE, seq: 0, id: 0 };
}
