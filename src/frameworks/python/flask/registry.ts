/** What was registered on which application and blueprint, read from the log of library calls. */
import type { CallVal, Val } from '../../../program/values.js';
import { isCallable, literal, methodsOf } from '../common.js';

export interface Registered {
  rule: string | undefined;
  methods: string[] | undefined;
  endpoint: string | undefined;
  view: Val;
  event: CallVal;
}

/** An application or a blueprint. */
export interface Node {
  key: string;
  kind: 'app' | 'blueprint';
  name: string;
  prefix: string;
  routes: Registered[];
  before: { value: Val; event: CallVal }[];
  /** `before_app_request` of a blueprint: for all requests. */
  beforeApp: { value: Val; event: CallVal }[];
  errors: { on: Val; handler: Val; everywhere: boolean }[];
  children: { key: string; prefix: string | undefined; event: CallVal }[];
  /** Flask-RESTful: decorators of the Api. */
  decorators: Val[];
  strict: boolean;
}

const VERBS = ['get', 'post', 'put', 'delete', 'patch'];
const NODE = /^(flask\.Flask|flask\.Blueprint|flask_smorest\.Blueprint|apiflask\.APIFlask|apiflask\.APIBlueprint|flask_restful\.Api|flask_restx\.Api|flask_restx\.Namespace)$/;

export class Registry {
  readonly nodes = new Map<string, Node>();

  constructor(private readonly pathOf: (v: Val) => string | undefined) {}

  node(v: Val | undefined): Node | undefined {
    if (!v) return undefined;
    const path = (this.pathOf(v) ?? '').replace(/\(\)$/, '');
    const known = NODE.test(path);
    // A parameter of a registrar that nobody calls stands for the application.
    if (!known && !(v.t === 'sym' && v.path === undefined && /app|server|flask/i.test(v.name))) return undefined;
    const key = `${String(v.id)}`;
    let n = this.nodes.get(key);
    if (!n) {
      const call = v.t === 'call' ? v : undefined;
      const kw = call?.args.kw;
      n = {
        key, kind: /Blueprint|Namespace$/.test(path) ? 'blueprint' : 'app', name: literal(call?.args.pos[0] ?? kw?.get('name')) ?? '', prefix: literal(kw?.get('url_prefix') ?? kw?.get('prefix') ?? kw?.get('path')) ?? '',
        routes: [], before: [], beforeApp: [], errors: [], children: [], decorators: seqItems(kw?.get('decorators')), strict: true,
      };
      this.nodes.set(key, n);
      if (/Api$/.test(path)) this.mountApi(n, call);
      if (/Namespace$/.test(path) && n.prefix === '') n.prefix = `/${n.name}`;
    }
    return n;
  }

  /** An Api belongs to the application or blueprint that it was made with. */
  private mountApi(api: Node, call: CallVal | undefined): void {
    const target = this.node(call?.args.pos[0] ?? call?.args.kw.get('app'));
    const prefix = literal(call?.args.kw.get('prefix'));
    api.prefix = '';
    api.kind = 'blueprint';
    if (target && call) target.children.push({ key: api.key, prefix: prefix ?? '', event: call });
  }

  read(c: CallVal): void {
    const name = c.name === '()' ? '' : c.name;
    const target = c.args.pos[0];
    if (c.fn?.t === 'call' && c.path.endsWith('()')) {
      // `@app.route("/x")` applied to a function.
      const by = c.fn;
      const n = this.node(by.recv);
      if (!n || !target) return;
      const word = by.name;
      if ((word === 'route' || VERBS.includes(word)) && isCallable(target)) n.routes.push(this.route(by, target, word, c));
      else if (word === 'errorhandler' || word === 'app_errorhandler') n.errors.push({ on: by.args.pos[0] ?? target, handler: target, everywhere: n.kind === 'app' || word === 'app_errorhandler' });
      else if (word === 'resource' && isCallable(target)) for (const r of by.args.pos) n.routes.push({ rule: literal(r), methods: undefined, endpoint: undefined, view: target, event: c });
      return;
    }
    const n = this.node(c.recv);
    if (!n) return;
    switch (name) {
      case 'add_url_rule': {
        const view = c.args.kw.get('view_func') ?? c.args.pos[2];
        if (view) n.routes.push({ rule: literal(c.args.pos[0] ?? c.args.kw.get('rule')), methods: c.args.kw.has('methods') ? methodsOf(c.args.kw.get('methods'), []) : undefined, endpoint: literal(c.args.pos[1] ?? c.args.kw.get('endpoint')), view, event: c });
        return;
      }
      case 'add_resource': if (target) for (const u of c.args.pos.slice(1)) n.routes.push({ rule: literal(u), methods: undefined, endpoint: literal(c.args.kw.get('endpoint')), view: target, event: c }); return;
      case 'register_blueprint': case 'add_namespace': case 'init_app': {
        const child = this.node(target);
        const prefix = c.args.kw.get('url_prefix') ?? c.args.kw.get('path') ?? (name === 'add_namespace' ? c.args.pos[1] : undefined);
        if (name === 'init_app') { if (child && child !== n) child.children.push({ key: n.key, prefix: n.prefix, event: c }); } else if (child) n.children.push({ key: child.key, prefix: literal(prefix), event: c });
        return;
      }
      case 'before_request': if (isCallable(target)) (n.before).push({ value: target, event: c }); return;
      case 'before_app_request': if (isCallable(target)) n.beforeApp.push({ value: target, event: c }); return;
      case 'url_value_preprocessor': return;
      case 'register_error_handler': if (target && c.args.pos[1]) n.errors.push({ on: target, handler: c.args.pos[1], everywhere: n.kind === 'app' }); return;
      default:
    }
  }

  private route(by: CallVal, view: Val, word: string, event: CallVal): Registered {
    const methods = word === 'route' ? (by.args.kw.has('methods') ? methodsOf(by.args.kw.get('methods'), []) : undefined) : [word.toUpperCase()];
    return { rule: literal(by.args.pos[0] ?? by.args.kw.get('rule')), methods, endpoint: literal(by.args.kw.get('endpoint')), view, event };
  }
}

export const seqItems = (v: Val | undefined): Val[] => (v?.t === 'seq' ? v.items : []);
