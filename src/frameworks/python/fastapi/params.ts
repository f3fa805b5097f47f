/** What the parameters of a dependency or handler ask for: other dependencies, the request, or input. */
import type { Expr, Param } from '../../../facts/types.js';
import { leavesOf } from '../../../program/alternatives.js';
import { libraryBases } from '../../../program/classes.js';
import { type Ev, quietly } from '../../../program/ev.js';
import { evaluate } from '../../../program/expressions.js';
import type { Place } from '../../../program/formula.js';
import { parametersOf } from '../../../program/python-inspect.js';
import { pyName } from '../../../program/python.js';
import type { CallArgs, Cls, FnVal, Scope, Val } from '../../../program/values.js';
import { arg } from './registry.js';
import { textOf } from '../text.js';

type InputPlace = 'path' | 'query' | 'header' | 'cookie' | 'json' | 'form' | 'file' | 'body';

export type Spec = { name: string; place: Place } & (
  | { k: 'dep'; dep: Val | undefined; scopes: string[]; cached: boolean }
  | { k: 'request' | 'websocket' | 'response' | 'background' | 'scopes' }
  | {
      k: 'input';
      in: InputPlace;
      alias: string;
      required: boolean;
      fallback: Val | undefined;
      cls: Cls | undefined;
      type: string | undefined;
    }
  /** What a container of dependencies gives: an object of the application's own. */
  | { k: 'injected'; cls: Cls | undefined }
  /** A constant default on a parameter that no request fills. */
  | { k: 'skip' }
);

const SIGNATURE = '__signature__';
const MARKER = /^fastapi\.(Depends|Security|Query|Path|Body|Header|Cookie|Form|File)$/;
/** Marks of parameters that no request fills. */
const INJECTED = /^(dishka(\.integrations\.\w+)?\.FromDishka|that_depends\.\w+|wireup\.Inject(ed)?|fastapi_injector\.Injected)$/;
const SPECIAL: Record<string, Spec['k']> = {
  __proto__: null as never,
  'starlette.requests.Request': 'request',
  'starlette.requests.HTTPConnection': 'request',
  'starlette.websockets.WebSocket': 'websocket',
  'starlette.responses.Response': 'response',
  'starlette.background.BackgroundTasks': 'background',
  'fastapi.security.SecurityScopes': 'scopes',
};
const IN: Record<string, InputPlace> = {
  Query: 'query',
  Path: 'path',
  Body: 'json',
  Header: 'header',
  Cookie: 'cookie',
  Form: 'form',
  File: 'file',
};

export interface Signature {
  specs: Spec[];
  place: Place;
  name: string;
}

/** The function whose signature the framework reads: `functools.wraps` leads to the decorated one. */
export function innermost(v: Val): Val {
  let x = v;
  for (let i = 0; i < 50; i++) {
    if (x.t === 'fn' && x.wraps && hides(x)) x = keepSelf(x, x.wraps.inner);
    else if (x.t === 'native' && x.of) x = x.of;
    else if (x.t === 'late') x = x.get() ?? x;
    else return x;
  }
  return x;
}
const hides = (x: FnVal): boolean =>
  !x.attrs?.has(SIGNATURE) && (x.wraps?.shown === true || x.def.params.some(p => p.kind === 'starstar' || p.kind === 'star'));
const keepSelf = (outer: FnVal, inner: Val): Val =>
  inner.t === 'fn' && outer.self && !inner.self ? { ...inner, self: outer.self } : inner;

export const definitionOf = (v: Val): FnVal | undefined => {
  let x: Val = v;
  for (let i = 0; i < 50; i++) {
    if (x.t === 'fn') {
      if (!x.wraps) return x;
      x = x.wraps.inner;
    } else if (x.t === 'native' && x.of) x = x.of;
    else return undefined;
  }
  return undefined;
};

/** What calling `callable` takes; undefined for code that cannot be seen. */
export function signature(ev: Ev, callable: Val, pathNames: ReadonlySet<string>): Signature | undefined {
  const v = innermost(callable);
  switch (v.t) {
    case 'fn':
      return fromFunction(ev, v, pathNames);
    case 'class': {
      const init = v.members.get('__init__');
      if (init?.t === 'fn') return { ...fromFunction(ev, { ...init, self: init.self ?? v }, pathNames), place: v.place, name: v.name };
      const specs = [...(v.annotations ?? [])].map(([name, a]) =>
        specOf(ev, name, { file: v.module.file, at: a.at }, declared(ev, a.ann, v.scope), a.value, pathNames),
      );
      return { specs, place: v.place, name: v.name };
    }
    case 'obj': {
      const m = v.cls.members.get('__call__');
      if (m?.t !== 'fn') return undefined;
      const own = { ...m, self: v };
      return { ...(made(ev, v.fields, own, pathNames) ?? fromFunction(ev, own, pathNames)), name: v.cls.name };
    }
    case 'phi': {
      // Wrappers that differ (one for coroutines, one for the rest) show the signature of the one function that they wrap.
      const all = leavesOf(v).map(innermost);
      return all[0] && all.every(x => x.t === 'fn' && x.id === all[0]?.id) ? signature(ev, all[0], pathNames) : undefined;
    }
    default:
      return undefined;
  }
}

/** The signature that was made at run time for `fn`, or for the object that is called by it. */
function made(ev: Ev, from: ReadonlyMap<string, Val> | undefined, fn: FnVal, pathNames: ReadonlySet<string>): Signature | undefined {
  const parameters = parametersOf(from?.get(SIGNATURE));
  if (!parameters) return undefined;
  const place = { file: fn.module.file, at: fn.def.at };
  const specs = parameters
    .slice(from === fn.attrs && isBound(fn) ? 1 : 0)
    .filter(p => !p.kind.startsWith('VAR_'))
    .map(p => specOf(ev, p.name, place, p.annotation ? unwrap(p.annotation) : NOTHING, p.default, pathNames));
  return { specs, place, name: fn.def.name || '<lambda>' };
}

/** A method has been given its first parameter. */
const isBound = (fn: FnVal): boolean => fn.self !== undefined && fn.role !== 'static';

function fromFunction(ev: Ev, fn: FnVal, pathNames: ReadonlySet<string>): Signature {
  const own = made(ev, fn.attrs, fn, pathNames);
  if (own) return own;
  const params = fn.def.params.filter(p => p.kind !== 'star' && p.kind !== 'starstar');
  if (isBound(fn)) params.shift();
  params.splice(0, fn.bound?.pos.length ?? 0);
  const place = { file: fn.module.file, at: fn.def.at };
  const specs = params.filter(p => !(p.pat.p === 'bind' && fn.bound?.kw.has(p.pat.name))).map(p => fromParam(ev, p, fn, pathNames));
  return { specs, place, name: fn.def.name || '<lambda>' };
}

function fromParam(ev: Ev, p: Param, fn: FnVal, pathNames: ReadonlySet<string>): Spec {
  const name = p.pat.p === 'bind' ? p.pat.name : '_';
  const fallback = p.default ? quietly(ev, () => evaluate(ev, p.default as Expr, fn.scope)) : undefined;
  return specOf(ev, name, { file: fn.module.file, at: p.at }, declared(ev, p.ann, fn.scope), fallback, pathNames);
}

interface Declared {
  /** The type without `Annotated`, `Optional` and the like. */
  type: Val | undefined;
  meta: Val[];
  nullable: boolean;
  list: boolean;
}

const NOTHING: Declared = { type: undefined, meta: [], nullable: false, list: false };

function declared(ev: Ev, ann: Expr | undefined, scope: Scope): Declared {
  if (!ann) return NOTHING;
  const v = quietly(ev, () => {
    if (ann.k === 'lit' && typeof ann.v === 'string')
      return /^[A-Za-z_]\w*$/.test(ann.v)
        ? pyName(ev, ann.v, scope, ev.place(scope.module, ann.at))
        : evaluate(ev, { k: 'lit', v: null, at: ann.at }, scope);
    return evaluate(ev, ann, scope);
  });
  return unwrap(v);
}

function unwrap(v: Val, depth = 0): Declared {
  const plain = { type: v, meta: [] as Val[], nullable: false, list: false };
  if (depth > 12) return plain;
  if (v.t === 'late') {
    const x = v.get();
    return x ? unwrap(x, depth + 1) : plain;
  }
  if (v.t !== 'op') return plain;
  if (v.op === '|') {
    const some = v.args.filter(a => !(a.t === 'const' && a.v === null)).map(a => unwrap(a, depth + 1));
    const first = some[0];
    return first ? { ...first, nullable: some.length < v.args.length || first.nullable, meta: some.flatMap(s => s.meta) } : plain;
  }
  if (v.op !== 'generic') return plain;
  const [head, inner, ...rest] = v.args;
  const path = head?.t === 'ext' ? head.path : '';
  if (!inner) return plain;
  if (/\bAnnotated$/.test(path)) {
    const d = unwrap(inner, depth + 1);
    return { ...d, meta: [...d.meta, ...rest] };
  }
  if (INJECTED.test(path)) return { ...plain, type: inner, meta: [head as Val] };
  if (/\b(Optional|Union)$/.test(path)) return { ...unwrap(inner, depth + 1), nullable: true };
  if (/\b(List|list|Set|set|Sequence|tuple|Tuple)$/.test(path)) return { ...unwrap(inner, depth + 1), list: true };
  return { ...plain, type: head };
}

function specOf(ev: Ev, name: string, place: Place, d: Declared, fallback: Val | undefined, pathNames: ReadonlySet<string>): Spec {
  const marks = [...(fallback ? [fallback] : []), ...[...d.meta].reverse()];
  const mark = marks.find((m): m is Val & { t: 'call' } => m.t === 'call' && MARKER.test(m.path));
  const kind = mark ? (MARKER.exec(mark.path)?.[1] as string) : undefined;
  if (mark && (kind === 'Depends' || kind === 'Security'))
    return { k: 'dep', name, place, ...dependency(mark.args), dep: arg(mark.args, 0, 'dependency') ?? d.type };
  if (d.meta.some(m => INJECTED.test(m.t === 'ext' || m.t === 'call' ? m.path : '')))
    return { k: 'injected', name, place, cls: d.type?.t === 'class' ? d.type : undefined };
  const path = d.type
    ? d.type.t === 'ext'
      ? d.type.path
      : d.type.t === 'class'
        ? libraryBases(d.type).find(b => SPECIAL[b])
        : undefined
    : undefined;
  const special = path === undefined ? undefined : SPECIAL[ev.models.canonical(path)];
  if (special && !kind) return { k: special, name, place } as Spec;
  const own = fallback && fallback !== mark ? fallback : undefined;
  return inputSpec(name, place, d, kind, mark?.args, own, mark === fallback && mark !== undefined, pathNames);
}

function inputSpec(
  name: string,
  place: Place,
  d: Declared,
  kind: string | undefined,
  a: CallArgs | undefined,
  own: Val | undefined,
  inDefault: boolean,
  pathNames: ReadonlySet<string>,
): Spec {
  const given = a ? (a.kw.get('default') ?? (inDefault ? a.pos[0] : undefined)) : undefined;
  const literal = own ?? given;
  const required =
    literal === undefined
      ? !a?.kw.has('default_factory')
      : (literal.t === 'ext' && /Ellipsis$/.test(literal.path)) || (literal.t === 'const' && literal.v === '...');
  const cls = d.type?.t === 'class' ? d.type : undefined;
  const lib = d.type?.t === 'ext' ? d.type.path : '';
  const enumerated = cls?.variants !== undefined;
  let at: InputPlace = 'query';
  if (kind) at = IN[kind] as InputPlace;
  else if (pathNames.has(name)) at = 'path';
  else if (/UploadFile$/.test(lib)) at = 'file';
  else if ((cls && !enumerated && !isScalar(cls)) || /\b(dict|Dict|Any|Mapping|Body)$/.test(lib)) at = 'json';
  const alias =
    textOf(a?.kw.get('alias')) ??
    (at === 'header' && textOf(a?.kw.get('convert_underscores')) !== 'false' ? name.replaceAll('_', '-') : name);
  const type = cls?.name ?? (lib ? lib.split('.').at(-1) : undefined);
  return {
    k: 'input',
    name,
    place,
    in: at,
    alias,
    required,
    fallback: required ? undefined : literal,
    cls: enumerated || isScalar(cls) ? undefined : cls,
    type,
  };
}

/** Classes of the application that travel as text. */
const isScalar = (c: Cls | undefined): boolean => c !== undefined && libraryBases(c).some(b => /^builtins\.(str|int|float)$/.test(b));

/** Scopes and caching of a `Depends` or `Security`. */
export function dependency(a: CallArgs): { scopes: string[]; cached: boolean } {
  const s = a.kw.get('scopes') ?? a.pos[1];
  const cache = a.kw.get('use_cache');
  return {
    scopes: s?.t === 'seq' ? s.items.map(textOf).filter((x): x is string => x !== undefined) : [],
    cached: !(cache?.t === 'const' && cache.v === false),
  };
}
