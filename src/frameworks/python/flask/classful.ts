/**
 * Classes of Flask-Classful, whose routes follow from the names and parameters of their methods: `FlaskView.register(app)` makes one of
 * every public method, under what the class says of its base and prefix.
 */
import type { FnDef, Param } from '../../../facts/types.js';
import { callback } from '../../../program/calls.js';
import { instantiate, libraryBases } from '../../../program/classes.js';
import { type Ev, quietly } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { args as mkArgs, native, NONE, STR } from '../../../program/make.js';
import { decorate } from '../../../program/python-decorators.js';
import { bindMethod, nameOfValue } from '../../../program/python-views.js';
import type { CallArgs, CallVal, Cls, Val } from '../../../program/values.js';
import { hook } from '../../layers.js';
import { handlerOf, innermost, literal, methodsOf } from '../common.js';
import { strictness } from './arguments.js';
import { isReply } from './hooks.js';

/** One route of a class. */
export interface ClassRoute {
  /** undefined: not literal. */
  rule: string | undefined;
  methods: string[];
  endpoint: string;
  view: Val;
  event: CallVal;
  strict?: boolean;
}

const VIEW = 'flask_classful.FlaskView';

/** Methods that are known by their names alone. */
const SPECIAL: ReadonlyMap<string, string[]> = new Map([
  ['get', ['GET']],
  ['put', ['PUT']],
  ['patch', ['PATCH']],
  ['post', ['POST']],
  ['delete', ['DELETE']],
  ['index', ['GET']],
]);

/** What the base class has itself is no view. */
const OWN = /^(_.*|before_.*|after_.*|register|parse_options|make_proxy_method|build_rule|build_route_name|(get|default)_route_base)$/;

/** Converters of the URL that follow from the type of a parameter. */
const HINTS: Readonly<Record<string, string>> = { str: 'string:', int: 'int:', float: 'float:', UUID: 'uuid:' };

/** The class that registers its routes here; undefined for any other call. */
export const registering = (ev: Ev, c: CallVal): Cls | undefined =>
  c.name === 'register' && c.recv?.t === 'class' && libraryBases(c.recv).some(b => ev.models.canonical(b) === VIEW) ? c.recv : undefined;

/** The routes that `cls.register(..)` makes. */
export function classRoutes(ev: Ev, cls: Cls, event: CallVal): ClassRoute[] {
  const a = event.args;
  const given = (name: string, at: number): Val | undefined => {
    const v = a.kw.get(name) ?? a.pos[at];
    return v && isNone(v) ? undefined : v;
  };
  const member = (name: string): Val | undefined => cls.members.get(name);
  const flag = (v: Val | undefined, otherwise: boolean): boolean => (v?.t === 'const' && v.v !== null ? v.v === true : otherwise);
  const slash = flag(given('trailing_slash', 4) ?? member('trailing_slash'), true);
  const dashed = flag(given('method_dashified', 5) ?? member('method_dashified'), false);
  const base = textOr(given('route_base', 1) ?? member('route_base'), baseOf(cls.name));
  const prefix = textOr(given('route_prefix', 3) ?? member('route_prefix'), '');
  const from = given('base_class', 6);
  const others = new Set([...names(member('excluded_methods')), ...(from?.t === 'class' ? from.members.keys() : [])]);
  const filled = new Set(['self', ...names(member('base_args')), ...argumentsIn(base ?? '')]);
  const special = member('special_methods');
  const verbs = special?.t === 'map' ? new Map([...special.entries].map(([k, v]) => [k, methodsOf(v, ['GET'])])) : SPECIAL;
  const join = (rule: string | undefined, of?: FnDef): string | undefined =>
    prefix === undefined || base === undefined || rule === undefined
      ? undefined
      : `/${[prefix, base.replace(/^\/+|\/+$/g, ''), rule, ...(of ? segments(of.params, filled) : [])].filter(Boolean).join('/')}`.replace(
          /\/{2,}/g,
          '/',
        );
  const ended = (rule: string | undefined): string | undefined => (slash && rule !== undefined && !rule.endsWith('/') ? `${rule}/` : rule);
  const marks = marked(ev);
  const out: ClassRoute[] = [];
  for (const [name, m] of cls.members) {
    const fn = innermost(m);
    if (OWN.test(name) || others.has(name) || fn.t !== 'fn' || fn.role !== undefined || fn.owner === undefined) continue;
    const { routes = [], verbs: said } = marks.get(fn.def) ?? {};
    const view = viewOf(ev, cls, name, m, given('init_argument', 7), event.place);
    const shared = { view, event, ...strictness(a) };
    const endpoint = `${cls.name}:${name}`;
    routes.forEach(({ rule, by }, i) => {
      const own = literal(by.kw.get('endpoint')) ?? (routes.length > 1 ? `${endpoint}_${i}` : endpoint);
      out.push({ ...shared, rule: join(rule), methods: methodsOf(by.kw.get('methods'), ['GET']), endpoint: own, ...strictness(by) });
    });
    if (routes.length > 0) continue;
    const verb = verbs.get(name);
    const inspected = flag(member('inspect_args'), true) ? fn.def : undefined;
    if (verb) {
      const rule = join('/', inspected);
      out.push({ ...shared, rule: slash || rule === '/' ? ended(rule) : rule?.replace(/\/+$/, ''), methods: verb, endpoint });
    } else {
      const rule = join(`/${dashed ? name.replaceAll('_', '-') : name}${slash ? '/' : ''}`, inspected);
      out.push({ ...shared, rule: ended(rule), methods: said ?? methodsOf(member('default_methods'), ['GET']), endpoint });
    }
  }
  return out;
}

const isNone = (v: Val): boolean => v.t === 'const' && v.v === null;
/** A text of the class; undefined where it is given and not literal. */
const textOr = (v: Val | undefined, otherwise: string): string | undefined => (v && !isNone(v) ? literal(v) : otherwise);
const names = (v: Val | undefined): string[] => (v?.t === 'seq' ? v.items.flatMap(x => literal(x) ?? []) : []);
const argumentsIn = (rule: string): string[] => [...rule.matchAll(/<(?:[^<>]*:)?(\w+)>/g)].map(m => m[1] as string);

/** `OpenOrdersView` is served under `open-orders`. */
const baseOf = (name: string): string =>
  name
    .replace(/View$/, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** What must be given stands in the URL; what has a default is asked of the query. */
const segments = (params: readonly Param[], filled: ReadonlySet<string>): string[] =>
  params.flatMap(p => {
    if (p.pat.p !== 'bind' || filled.has(p.pat.name) || p.default !== undefined || (p.kind !== 'pos' && p.kind !== 'posonly')) return [];
    const hint = p.ann?.k === 'name' ? p.ann.id : p.ann?.k === 'member' ? p.ann.name : '';
    return [`<${Object.hasOwn(HINTS, hint) ? HINTS[hint] : ''}${p.pat.name}>`];
  });

interface Marked {
  routes: { rule: string | undefined; by: CallArgs }[];
  verbs?: string[];
}

/** What `@route(rule)` and `@method(verb)` were said of. The decorators of a function apply from the inside out, and so do its rules. */
function marked(ev: Ev): Map<FnDef, Marked> {
  const out = new Map<FnDef, Marked>();
  for (const c of ev.events) {
    const what = c.fn?.t === 'call' ? /^flask_classful\.(route|method)$/.exec(ev.models.canonical(c.fn.path))?.[1] : undefined;
    const fn = c.args.pos[0] && innermost(c.args.pos[0]);
    if (c.fn?.t !== 'call' || what === undefined || fn?.t !== 'fn') continue;
    const known = out.get(fn.def) ?? { routes: [] };
    out.set(fn.def, known);
    const first = literal(c.fn.args.pos[0] ?? c.fn.args.kw.get(what === 'route' ? 'rule' : 'method'));
    if (what === 'route') known.routes.push({ rule: first, by: c.fn.args });
    else known.verbs = [...(known.verbs ?? []), ...(first === undefined ? [] : [first.toUpperCase()])];
  }
  return out;
}

/**
 * The method of one instance, within the decorators of the class, the first of which is the outermost; around all of it what the class has
 * before and after its methods. How the answer is written (`representations`) decides nothing.
 */
function viewOf(ev: Ev, cls: Cls, name: string, m: Val, init: Val | undefined, place: Place): Val {
  const self = quietly(ev, () => instantiate(ev, cls, mkArgs(init ? [init] : []), place));
  let view = bindMethod(m, self);
  const decorators = cls.members.get('decorators');
  for (const d of decorators?.t === 'seq' ? [...decorators.items].reverse() : []) view = decorate(ev, d, view, nameOfValue(d), place);
  const own = (h: string): Val | undefined => {
    const x = cls.members.get(h);
    return x?.t === 'fn' || x?.t === 'native' ? bindMethod(x, self) : undefined;
  };
  const before = ['before_request', `before_${name}`].flatMap(h => own(h) ?? []);
  const after = [`after_${name}`, 'after_request'].flatMap(h => own(h) ?? []);
  if (before.length + after.length === 0) return view;
  const named = (h: Val, given: Val[]): Val[] => (h.t === 'fn' && /_request$/.test(h.def.name) ? [STR(name), ...given] : given);
  return native(
    name,
    (a, at) => {
      for (const h of before) {
        const where = handlerOf(ev, h, at).place;
        hook(ev, h, { ...a, pos: named(h, []) }, 'endpoint', nameOfValue(h), where, c => isReply(ev, c));
        if (ev.dead) return NONE;
      }
      let answer = callback(ev, view, a, at);
      for (const h of after) if (!ev.dead) answer = callback(ev, h, mkArgs(named(h, [answer])), at);
      return answer;
    },
    view,
  );
}
