/** Resolving dependencies as a request does: in order, each once, what they raise first. */
import { PackModels } from '../../../packs/models.js';
import { provenance } from '../../../packs/provenance.js';
import { call, callback, external } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { and, type F, type Place } from '../../../program/formula.js';
import { args as mkArgs, atom, NONE, op, phi, seq, STR, sym } from '../../../program/make.js';
import { fails } from '../../../program/ops.js';
import { STANDARD_MODULES } from '../../../program/python-standard.js';
import { untilYield } from '../../../program/python-generators.js';
import { type CallArgs, type Cls, Prov, type SymVal, type Val } from '../../../program/values.js';
import { isFound } from '../common.js';
import { layer } from '../../layers.js';
import type { LayerScope } from '../../types.js';
import { innermost, signature, type Spec } from './params.js';

const SCHEME =
  /^fastapi\.security\.(OAuth2PasswordBearer|OAuth2AuthorizationCodeBearer|OAuth2|HTTPBearer|HTTPBasic|HTTPDigest|HTTPBase|APIKeyHeader|APIKeyCookie|APIKeyQuery|OpenIdConnect)$/;

/** One request on its way through the dependencies of a route. */
export interface Solving {
  ev: Ev;
  request: SymVal;
  response: SymVal;
  pathNames: ReadonlySet<string>;
  ws: boolean;
  cache: Map<string, Val>;
  /** What stands for which dependency. */
  overrides: readonly { of: Val; by: Val }[];
  /** Values that the framework validates before it calls the handler. */
  checked: Val[];
}

export interface Dep {
  dep: Val;
  scopes: string[];
  cached: boolean;
  place: Place;
  scope: LayerScope;
  /** A setting may leave it out. */
  when?: F;
  /** The parameter that what it gives is for; none where it is there to be run only. */
  as?: string;
}

/** Is a dependency one that the application looks up while it runs, by a name or a key that is not known? */
const isComputed = (v: Val): boolean =>
  v.t === 'op'
    ? v.args.every(x => x.t !== 'ext' && (x.t !== 'call' || isFound(x)))
    : (v.t === 'call' || v.t === 'attr' || v.t === 'item') && isFound(v);

const keyOf = (v: Val, scopes: readonly string[]): string =>
  `${v.id}:${v.t === 'fn' && v.self ? v.self.id : ''}:${[...scopes].sort().join()}`;

export function solve(s: Solving, d: Dep): Val {
  const { ev } = s;
  if (ev.dead) return NONE;
  const { when, ...always } = d;
  if (when)
    return ev.branch(
      when,
      () => solve(s, always),
      () => NONE,
    );
  const asked = d.dep.t === 'late' ? (d.dep.get() ?? d.dep) : (shared(d.dep) ?? d.dep);
  const v = s.overrides.findLast(o => isSame(o.of, asked))?.by ?? asked;
  if (v.t === 'phi')
    return ev.branch(
      v.c,
      () => solve(s, { ...d, dep: v.a }),
      () => solve(s, { ...d, dep: v.b }),
    );
  const key = keyOf(v, d.scopes);
  const known = d.cached ? s.cache.get(key) : undefined;
  if (known) return known;
  const out = run(s, { ...d, dep: v });
  s.cache.set(key, out);
  return out;
}

const isSame = (a: Val, b: Val): boolean =>
  a.id === b.id || (a.t === 'fn' && b.t === 'fn' && a.def === b.def && a.scope === b.scope && a.self?.id === b.self?.id);

/** `Depends(self.scheme)` on an instance that is not known, where its class holds the scheme for all. */
function shared(v: Val): Val | undefined {
  const ty = v.t === 'attr' && 'ty' in v.of ? v.of.ty : undefined;
  const m = v.t === 'attr' && ty && !Array.isArray(ty) ? ty.cls?.members.get(v.name) : undefined;
  return m?.t === 'call' || m?.t === 'obj' ? m : undefined;
}

function run(s: Solving, d: Dep): Val {
  const { ev } = s;
  const scheme = schemeOf(ev, d.dep);
  if (scheme) return layer(ev, 'dependency', d.scope, scheme.name, d.place, () => credential(s, d, scheme));
  const sig = signature(ev, d.dep, s.pathNames);
  if (!sig) {
    if (d.dep.t === 'unknown') ev.gap('unresolved-call', `a dependency is not known: ${d.dep.why}`, d.place);
    else if (isComputed(d.dep))
      ev.gap('unresolved-call', 'a dependency is not known: which one it is only shows while the application runs', d.place);
    const foreign = undescribed(ev, d);
    if (foreign !== undefined) ev.gap('unresolved-call', `\`${foreign}\` is a dependency of a library that is not described`, d.place);
    return layer(ev, 'dependency', d.scope, nameOf(d.dep), d.place, () => callback(ev, d.dep, mkArgs(), d.place));
  }
  const args = solveParams(s, sig.specs, d.scopes, d.scope);
  if (ev.dead) return NONE;
  return layer(ev, 'dependency', d.scope, sig.name, sig.place, () => invoke(ev, d.dep, args, d.place));
}

/**
 * The path of a dependency of a library, where no pack says what it does, and it may turn somebody away: it is there for nothing else, or what
 * it gives goes by such a name. What merely provides something is presumed not to, as any other call of a library is.
 */
function undescribed(ev: Ev, { dep, as }: Dep): string | undefined {
  const path = dep.t === 'ext' || dep.t === 'call' || dep.t === 'attr' ? ev.program.pathOf(dep) : undefined;
  if (path === undefined || path.startsWith('?') || STANDARD_MODULES.has(path.split('.')[0] as string)) return undefined;
  if (/^(builtins|fastapi|starlette)\b/.test(path) || (as !== undefined && !IDENTITY.test(as) && !IDENTITY.test(path))) return undefined;
  const { models } = ev;
  return models instanceof PackModels && [path, `${path}()`, path.replace(/\(\)$/, '')].some(p => models.row(p)) ? undefined : path;
}

const IDENTITY = /user|auth|login|token|claims|permission|role|scope|principal|identity|guard/i;

/** Calls a dependency; a generator gives what it yields. */
function invoke(ev: Ev, dep: Val, args: CallArgs, place: Place): Val {
  const inner = innermost(dep);
  if (inner.t === 'fn' && inner.def.generator) return callback(ev, { ...inner, def: untilYield(inner.def) }, args, place);
  if (inner.t === 'obj') {
    const m = inner.cls.members.get('__call__');
    if (m?.t === 'fn' && m.def.generator) return callback(ev, { ...m, self: inner, def: untilYield(m.def) }, args, place);
  }
  return callback(ev, dep, args, place);
}

/** Keyword arguments for a callable. What it asks of the input is checked only after all dependencies have run. */
export function solveParams(s: Solving, specs: readonly Spec[], scopes: readonly string[], scope: LayerScope): CallArgs {
  const kw = new Map<string, Val>();
  const inputs: (Spec & { k: 'input' })[] = [];
  for (const p of specs) {
    if (s.ev.dead) break;
    switch (p.k) {
      case 'dep': {
        if (!p.dep) break;
        kw.set(p.name, solve(s, { dep: p.dep, scopes: [...scopes, ...p.scopes], cached: p.cached, place: p.place, scope, as: p.name }));
        break;
      }
      case 'request':
      case 'websocket':
        kw.set(p.name, s.request);
        break;
      case 'response':
        kw.set(p.name, s.response);
        break;
      case 'background':
        kw.set(p.name, sym('background', Prov.None, { path: 'starlette.background.BackgroundTasks()', present: true }));
        break;
      case 'scopes':
        kw.set(p.name, scopesValue(scopes));
        break;
      case 'injected':
        kw.set(p.name, sym(p.name, Prov.None, { present: true, ...(p.cls ? { ty: { path: p.cls.name, cls: p.cls, args: [] } } : {}) }));
        break;
      case 'input':
        inputs.push(p);
        break;
      default:
        break;
    }
  }
  for (const p of inputs) if (!s.ev.dead) kw.set(p.name, input(s, p));
  return mkArgs([], kw);
}

function scopesValue(scopes: readonly string[]): Val {
  const unique = [...new Set(scopes)];
  return sym('security_scopes', Prov.None, {
    path: 'fastapi.security.SecurityScopes()',
    present: true,
    store: new Map<string, Val>([
      ['scopes', seq('list', unique.map(STR))],
      ['scope_str', STR(unique.join(' '))],
    ]),
  });
}

const READ: Partial<Record<string, string>> = {
  header: 'starlette.requests.Request().headers.get',
  cookie: 'starlette.requests.Request().cookies.get',
};
/** Whoever opens a connection from a browser can say who he is in its URL only. */
const CONNECTING: Partial<Record<string, string>> = {
  query: 'starlette.websockets.WebSocket().query_params.get',
  path: 'starlette.websockets.WebSocket().path_params.get',
};

function input(s: Solving, p: Spec & { k: 'input' }): Val {
  const { ev } = s;
  const names = s.ws && provenance('connection', p.alias) === Prov.Credential;
  const path = (names ? CONNECTING[p.in] : undefined) ?? READ[p.in];
  if (path !== undefined) {
    const v = external(ev, path, undefined, s.request, mkArgs([STR(p.alias)]), p.place, 'get');
    if (p.required) {
      invalid(s, fails(v, p.place), p.place, p.name);
      return v;
    }
    return absentIs(v, p.fallback, p.place);
  }
  const ty = p.cls ? { ty: { path: p.cls.name, cls: p.cls, args: [] } } : {};
  const filled = p.in === 'path' && (p.type === undefined || p.type === 'str') && isFilled(s.request, p.alias);
  const shown = [...ev.models.shown].some(([of]) => of.t === 'sym' && of.path === undefined && of.name === p.alias);
  const from = shown ? Prov.Credential : provenance(p.in, p.alias);
  const v = sym(p.alias, from, {
    ...ty,
    ...(shown ? { sent: true } : {}),
    ...(p.required ? { present: true } : {}),
    ...(filled ? { filled } : {}),
  });
  s.checked.push(v);
  return p.required ? v : absentIs(v, p.fallback, p.place);
}

/** Is it a part of the path that no URL leaves empty? */
function isFilled(request: SymVal, name: string): boolean {
  const parts = request.store?.get('path_params');
  const v = parts?.t === 'map' ? parts.entries.get(name) : undefined;
  return v?.t === 'sym' && v.filled === true;
}

/** `v`, or the default where nothing was sent. */
function absentIs(v: Val, fallback: Val | undefined, place: Place): Val {
  if (!fallback || fallback.t === 'call' || (fallback.t === 'const' && fallback.v === null)) return v;
  return phi(fails(v, place), fallback, v);
}

/** 422 as the framework answers it; the application may have a handler for that. */
export function invalid(s: Solving, c: ReturnType<typeof fails>, place: Place, what: string): void {
  layer(s.ev, 'extractor', 'endpoint', what, place, () => {
    const path = s.ws ? 'fastapi.exceptions.WebSocketRequestValidationError' : 'fastapi.exceptions.RequestValidationError';
    const error = external(s.ev, path, undefined, undefined, mkArgs(), place, path.split('.').at(-1) as string);
    s.ev.exitIf(c, 'raise', error, place);
    return NONE;
  });
}

/** Validation of everything that was declared, as one question. */
export function validate(s: Solving, place: Place): void {
  if (s.checked.length === 0 || s.ev.dead) return;
  invalid(s, atom('fails', [op('valid', s.checked)], place), place, 'validation');
}

interface Scheme {
  name: string;
  args: CallArgs;
}

function schemeOf(ev: Ev, v: Val): Scheme | undefined {
  if (v.t === 'call' && SCHEME.test(v.path)) return { name: v.path.split('.').at(-1) as string, args: v.args };
  if (v.t !== 'obj' || ownCall(v.cls)) return undefined;
  const base = libraryBases(v.cls)
    .map(b => ev.models.canonical(b))
    .find(b => SCHEME.test(b));
  if (base === undefined) return undefined;
  const pos = v.fields.get('__args__');
  return { name: base.split('.').at(-1) as string, args: { pos: pos?.t === 'seq' ? pos.items : [], kw: new Map(v.fields) } };
}
const ownCall = (c: Cls): boolean => c.members.get('__call__')?.t === 'fn';

/** A security scheme only looks whether something was sent; what it is worth is for others to say. */
function credential(s: Solving, d: Dep, scheme: Scheme): Val {
  const { ev } = s;
  const path = `fastapi.security.${scheme.name}()`;
  const v = call(ev, d.dep.t === 'call' ? d.dep : sym(scheme.name, Prov.None, { path }), mkArgs([s.request]), d.place);
  const auto = scheme.args.kw.get('auto_error');
  if (auto?.t === 'const' && auto.v === false) return v;
  const missing = external(ev, `fastapi.security.${scheme.name}.missing`, undefined, undefined, mkArgs(), d.place, 'missing');
  const absent = fails(v, d.place);
  if (auto && auto.t !== 'const') ev.exitIf(and(atom('truthy', [auto], d.place), absent), 'raise', missing, d.place);
  else ev.exitIf(absent, 'raise', missing, d.place);
  return v;
}

const nameOf = (v: Val): string => {
  switch (v.t) {
    case 'ext':
      return v.path.split('.').at(-1) as string;
    case 'call':
      return v.name === '()' ? (v.path.split('.').at(-1) as string) : v.name;
    case 'attr':
      return v.name;
    case 'native':
      return v.name;
    case 'obj':
      return v.cls.name;
    default:
      return 'dependency';
  }
};
