/** The request as Rust code sees it, and what the evaluator has to know about it beyond names: extensions, parts, extraction. */
import type { CallVal, Scope, Ty, Val } from '../../program/values.js';
import { Prov } from '../../program/values.js';
import { callback, callFunction } from '../../program/calls.js';
import { type Ev, type Models, quietly } from '../../program/ev.js';
import type { Place } from '../../program/formula.js';
import { args as mkArgs, attr, bool, constant, Err, ext, NONE, Ok, op, phi, seq, Some, STR, sym, UNIT } from '../../program/make.js';
import { equal } from '../../program/ops.js';
import { matches } from '../../program/regex.js';
import { PackModels } from '../../packs/models.js';
import { tyOf, typeOfValue } from '../../program/rust.js';
import { isInnerResponse } from '../layers.js';
import { inParameters, inUrl, QUERY } from './connecting.js';
import { EXTENSIONS, onExtensions, TYPED } from './extensions.js';
import { extract } from './extract.js';
import { isUnused } from '../../program/tasks.js';
import { enterTask, forgetTask, onTaskLocal } from './task-local.js';
import { headerProv, onHeaderRejection } from './typed-header.js';

const request = (name: string, path: string): Val => sym(name, Prov.None, { path: `${path}()`, ty: { path, args: [] } });
export const REQUEST = request('request', 'http::Request');
export const PARTS = request('parts', 'http::request::Parts');
export const BODY = sym('body', Prov.Input, { path: 'http::Body()' });
export const ACTIX_REQUEST = request('request', 'actix_web::HttpRequest');
const URI = sym('uri', Prov.None, { path: 'http::Uri()' });
/** The URI as it was sent, of which nested routers see only the rest. */
export const ORIGINAL_URI = sym('uri', Prov.None, { path: 'http::Uri()' });
const isUri = (v: Val | undefined): boolean => v === URI || v === ORIGINAL_URI || (v?.t === 'sym' && v.path === 'http::Uri()');

const METHOD = 'rust:method';
const PATH = 'rust:path';
const WHOLE = 'rust:whole-path';
const TEMPLATE = 'rust:template';
const STATE = 'rust:state';
/** What the caller was granted, as the application attached it to the request. */
export const GRANTED = 'rust:granted';
/** Where the function stands that answers when the extractor `of` rejects. */
export const rejectedBy = (of: string): string => `rust:on-error:${of}`;

/** The method of a request to a route that answers all of them. */
const ANY_METHOD = sym('method', Prov.None, { path: 'http::Method()' });

/** Makes the state of one request: nothing in its extensions, its own method (`*` for any) and path; `template` is the route as it was written. */
export function beginRequest(ev: Ev, method: string, path: string, state: Val | undefined, template?: string): void {
  for (const k of [...ev.globals.keys()]) if (k.startsWith(TYPED) || k.startsWith('rust:')) ev.globals.delete(k);
  forgetTask(ev);
  ev.globals.set(METHOD, method === '*' ? ANY_METHOD : ext(`http::Method::${method}`));
  ev.globals.set(PATH, STR(path));
  ev.globals.set(WHOLE, STR(path));
  if (template !== undefined) ev.globals.set(TEMPLATE, STR(template));
  if (state) ev.globals.set(STATE, state);
}

/** The path that the running layer sees: nested routers see it without their prefix. */
export function seenPath(ev: Ev, path: string): void {
  ev.write(ev.globals, PATH, STR(path));
}

/** The route that matched, as it was written. */
export const templateOf = (ev: Ev): Val => ev.globals.get(TEMPLATE) ?? sym('route', Prov.None);

const uriText = (ev: Ev, uri: Val): Val => ev.globals.get(uri === ORIGINAL_URI ? WHOLE : PATH) ?? STR('/');

/** Runs a layer that has a state of its own. */
export function withState(ev: Ev, state: Val | undefined, run: () => void): void {
  const outer = ev.globals.get(STATE);
  if (state && (state.t === 'seq' || typeOfValue(state)?.cls)) ev.globals.set(STATE, state);
  run();
  if (outer) ev.globals.set(STATE, outer);
  else ev.globals.delete(STATE);
}

/** The method of the running request, or what stands for any. */
export const methodNow = (ev: Ev): Val | undefined => ev.globals.get(METHOD);

export const stateOf = (ev: Ev): Val | undefined => ev.globals.get(STATE);

const last = (path: string): string => path.split(/\.|::/).at(-1) ?? path;
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const lower = (path: string): string => last(path).toLowerCase().replace(/_/g, '-');

/** Gives the evaluator the meanings that no row of data can express. Done once per set of models. */
export function installRust(ev: Ev): void {
  const m: Models = ev.models;
  if (installed.has(m)) return;
  installed.add(m);
  const call = m.call.bind(m);
  const attribute = m.attr.bind(m);
  m.call = (e, c) => onCall(e, c, call) ?? call(e, c);
  m.attr = (e, of, name, path) => onAttribute(e, of, name) ?? attribute(e, of, name, path);
}
const installed = new WeakSet<Models>();

const isRequest = (v: Val | undefined): boolean =>
  v !== undefined &&
  (v === REQUEST ||
    v === PARTS ||
    v === ACTIX_REQUEST ||
    (v.t === 'sym' && /(^|::)(Request|Parts|HttpRequest|ServiceRequest|RequestParts)(\(\))?$/.test(v.path ?? v.ty?.path ?? '')));

function onAttribute(ev: Ev, of: Val, name: string): Val | undefined {
  if (of.t === 'ext' && /(^|::)Method::[A-Z]+$/.test(of.path)) {
    const method = last(of.path);
    if (/^(as_str|to_string|as_ref)$/.test(name)) return STR(method);
    if (name === 'is_safe') return constant(SAFE.has(method));
    if (name === 'is_idempotent') return constant(SAFE.has(method) || method === 'PUT' || method === 'DELETE');
  }
  if (of.t === 'ext' && /(^|::)header::[A-Z0-9_]+$/.test(of.path) && /^(as_str|to_string)$/.test(name)) return STR(lower(of.path));
  const status = of.t === 'ext' && ev.models instanceof PackModels ? ev.models.row(of.path)?.responds?.status : undefined;
  if (typeof status === 'number') {
    const kind = ['is_informational', 'is_success', 'is_redirection', 'is_client_error', 'is_server_error'].indexOf(name) + 1;
    if (kind > 0) return constant(Math.floor(status / 100) === kind);
    if (name === 'as_u16') return constant(status);
  }
  if (isUri(of) && name === 'to_string') return uriText(ev, of);
  if (!isRequest(of)) return inParameters(ev, of, name);
  switch (name) {
    case 'extensions':
      return EXTENSIONS;
    case 'method':
      return ev.globals.get(METHOD);
    case 'uri':
    case 'full_url':
      return URI;
    default:
      return undefined;
  }
}

function onCall(ev: Ev, c: CallVal, call: Models['call']): Val | undefined {
  const recv = c.recv;
  const first = c.args.pos[0];
  // `next.run(req)`, `self.inner.call(req)`: the rest of the request's way.
  if (recv?.t === 'native' && recv.name === 'next') {
    if (/^(run|call|oneshot)$/.test(c.name)) return recv.call(c.args, c.place);
    if (/^(ready|poll_ready)$/.test(c.name)) return Ok(recv);
    return recv;
  }
  if (/(^|::)mem::(replace|take)$/.test(c.path) && first) return first;
  const typed = c.name === 'typed_get' && c.fn?.t === 'ext' ? c.fn.ty?.[0] : undefined;
  if (typed) return sym('header', headerProv(ev, typed), { ty: typed, path: `${c.path}()`, typed: true });
  const inside = c.name === 'scope' && recv ? c.args.pos[1] : undefined;
  // `CALLER.scope(who, next.run(req))`: the future runs, and the task knows a value more.
  if (inside && (inside.t === 'coro' || isInnerResponse(inside))) {
    enterTask(ev, c);
    return inside;
  }
  const told = onTaskLocal(ev, c) ?? inUrl(ev, c) ?? onHeaderRejection(c);
  if (told) return told;
  const future = ready(c);
  if (future) return future;
  if (recv && isRequest(recv)) {
    const r = onRequest(ev, recv, c);
    if (r) return r;
  }
  if (recv === EXTENSIONS || (recv?.t === 'sym' && recv.path === 'http::Extensions()')) return onExtensions(ev, c);
  if (recv && isUri(recv)) {
    if (c.name === 'path') return uriText(ev, recv);
    if (c.name === 'path_and_query') return Some(uriText(ev, recv));
    if (c.name === 'query' || c.name === 'query_pairs') return QUERY;
  }
  if (recv?.t === 'const' && c.name === 'path') return recv;
  // A text that is made into the value of a header is still that text.
  const text = /(^|::)HeaderValue::(from_str|from_static|try_from)$/.exec(c.path);
  if (text && first?.t === 'const') return text[1] === 'from_static' ? first : Ok(first);
  if (/(^|::)from_parts$/.test(c.path) && first && isRequest(first)) return first === ACTIX_REQUEST ? first : REQUEST;
  if (/^(from_request_parts|from_request|extract|from_request_ref)$/.test(c.name) && first && (!recv || recv.t === 'class') && c.fn) {
    const t = typeBefore(ev, c);
    if (t) return extract(ev, t, c.place, contextOf(first));
  }
  if (recv && c.name === 'into_inner' && recv.t === 'sym' && isWrapperType(recv.ty)) return attr(recv, '0', recv.ty?.args[0]);
  if (first?.t === 'ext' && recv && /HeaderMap\(\)$/.test(ev.program.pathOf(recv) ?? ''))
    c.args = { ...c.args, pos: [STR(lower(first.path)), ...c.args.pos.slice(1)] };
  // Work handed to another thread and waited for; what only its joining could fail with is left out. Nobody hears of what nobody waits for.
  if (c.name === 'spawn_blocking' && first?.t === 'fn' && isUnused(ev, c.place)) return undefined;
  if (/(^|::)(spawn_blocking|block_in_place|web::block|unblock)$/.test(c.path) && first?.t === 'fn') {
    const v = callback(ev, first, mkArgs(), c.place);
    return c.name === 'block_in_place' || c.name === 'unblock' ? v : Ok(v);
  }
  if (/(^|::)time::timeout$/.test(c.path) && c.args.pos[1]) return Ok(c.args.pos[1]);
  // Comparisons in constant time are comparisons.
  if (c.name === 'ct_eq' && recv && first) return bool(equal(recv, first, c.place));
  if (/(^|::)(constant_time_eq(_(n|16|32|64))?|memcmp::eq|fixed_time_eq|bool::from)$/.test(c.path) && first)
    return c.args.pos[1] ? bool(equal(first, c.args.pos[1], c.place)) : first;
  if (c.name === 'unwrap_u8' && recv?.t === 'bool') return phi(recv.f, constant(1), constant(0));
  if (/(^|::)verify_slices_are_equal$/.test(c.path) && first && c.args.pos[1])
    return phi(equal(first, c.args.pos[1], c.place), Ok(UNIT), Err(op('unequal', [first, c.args.pos[1]])));
  // The clock is not before 1970.
  if (c.name === 'duration_since' && recv && first?.t === 'ext' && first.path.endsWith('UNIX_EPOCH')) return Ok(op('duration', [recv]));
  // `client.get(url)..send()` only reads.
  if (c.name === 'send' && recv && asksOnly(recv)) c.path = 'reqwest::get';
  // The session is there; whether it holds the key is asked of what it gives.
  if (
    recv &&
    /^(get|get_value|remove|remove_as)$/.test(c.name) &&
    /(actix_session|tower_sessions)::Session\(\)$/.test(ev.program.pathOf(recv) ?? '')
  ) {
    const v = call(ev, c);
    if (v) return Ok(v);
  }
  if (c.name === 'is_match' && recv && first?.t === 'const' && typeof first.v === 'string') {
    const pattern = patternOf(ev, recv);
    const is = pattern === undefined ? undefined : matches(pattern, first.v, 'anywhere');
    if (is !== undefined) return constant(is);
  }
  if (/StatusCode::(from_u16|try_from)$/.test(c.path) && first?.t === 'const') return Ok(first);
  if (isPlaced(ev, c.path)) return c;
  if (c.name === 'from_ref' && first) return fromRef(ev, c, first);
  return undefined;
}

/** The text of a regular expression, where it is known; a static one is made when it is first asked. */
function patternOf(ev: Ev, v: Val): string | undefined {
  if (v.t === 'op' && v.op === 'ok' && v.args[0]) return patternOf(ev, v.args[0]);
  const made = v.t === 'call' ? v.args.pos[0] : undefined;
  if (v.t !== 'call' || !made) return undefined;
  if (/(^|::)Lazy(Lock|Cell)?::new$/.test(v.path) && made.t === 'fn') {
    const inner = quietly(ev, () => callback(ev, made, mkArgs(), v.place));
    return inner.t === 'call' || inner.t === 'op' ? patternOf(ev, inner) : undefined;
  }
  return /(^|::)Regex::new$/.test(v.path) && made.t === 'const' && typeof made.v === 'string' ? made.v : undefined;
}

/** A guard of a library is a layer here: it runs where it is put, not where it is made. And `Json(x)` in code is a value, not the body. */
function isPlaced(ev: Ev, path: string): boolean {
  const row = ev.models instanceof PackModels ? ev.models.row(path) : undefined;
  return row?.guard !== undefined || row?.extractor !== undefined;
}

function asksOnly(v: Val): boolean {
  let r: Val | undefined = v;
  for (let i = 0; r?.t === 'call' && i < 40; i++) {
    if (/^(get|head)$/.test(r.name)) return true;
    if (/^(post|put|patch|delete|request)$/.test(r.name)) return false;
    r = r.recv;
  }
  return false;
}

const isWrapperType = (t: Ty | undefined): boolean =>
  t !== undefined && !t.cls && /(^|::)(Path|Query|Json|Form|Data|ReqData)$/.test(t.path);

export const contextOf = (first: Val): 'axum' | 'actix' =>
  first === ACTIX_REQUEST || (first.t === 'sym' && /actix/.test(first.path ?? '')) ? 'actix' : 'axum';

/** `TypedHeader::<T>::from_request_parts(..)`: the type in front of the last segment. */
function typeBefore(ev: Ev, c: CallVal): Ty | undefined {
  const path = c.path.split('::').slice(0, -1).join('::');
  const f = c.fn;
  if (f?.t === 'attr' && f.of.t === 'class') return { path: f.of.name, cls: f.of, args: [] };
  if (!path) return undefined;
  // `let user: User = FromRequestParts::from_request_parts(..)`.
  if (/(^|::)(FromRequest|FromRequestParts)$/.test(path)) return expectedType(ev);
  const args = f?.t === 'ext' ? (f.ty ?? []) : [];
  // `let Extension(x): Extension<T> = Extension::from_request_parts(..)`: the type is said on the left, as far as it is left open here.
  const declared = expectedType(ev);
  const within = declared?.path === 'Option' ? declared.args[0] : declared;
  const meant = within && last(within.path) === last(path) && (args.length === 0 || args.some(isOpen)) ? within : { path, args };
  const optional = (f?.t === 'ext' && OPTIONAL.test(f.by ?? '')) || (within !== declared && meant === within);
  return optional ? { path: 'Option', args: [meant] } : meant;
}

const OPTIONAL = /^OptionalFromRequest(Parts)?$/;

/** `_`: the compiler finds out. */
const isOpen = (t: Ty): boolean => t.ref?.t === 'infer' || t.args.some(isOpen);

function onRequest(ev: Ev, recv: Val, c: CallVal): Val | undefined {
  switch (c.name) {
    case 'head':
      return recv;
    case 'extensions':
    case 'extensions_mut':
      return EXTENSIONS;
    case 'method':
      return ev.globals.get(METHOD);
    case 'uri':
    case 'uri_mut':
    case 'full_url':
      return URI;
    case 'path':
      return c.args.pos.length ? undefined : ev.globals.get(PATH);
    case 'match_pattern':
      return Some(templateOf(ev));
    case 'into_parts':
      return recv === ACTIX_REQUEST ? seq('tuple', [ACTIX_REQUEST, BODY]) : seq('tuple', [PARTS, BODY]);
    case 'parts':
    case 'parts_mut':
      return seq('tuple', [ACTIX_REQUEST, BODY]);
    case 'request':
      return ACTIX_REQUEST;
    case 'attach':
      if (c.args.pos[0]) ev.write(ev.globals, GRANTED, c.args.pos[0]);
      return NONE;
    case 'body':
    case 'body_mut':
    case 'into_body':
    case 'take_payload':
      return BODY;
    case 'map':
      return REQUEST;
    case 'extract':
    case 'extract_parts':
    case 'extract_with_state':
    case 'extract_parts_with_state': {
      const written = c.fn?.t === 'ext' ? c.fn.ty?.[0] : undefined;
      const t = written && (written.cls || written.path) ? written : expectedType(ev);
      return t ? extract(ev, t, c.place, contextOf(recv)) : undefined;
    }
    case 'app_data': {
      const t = c.fn?.t === 'ext' ? c.fn.ty?.[0] : undefined;
      const inner = t && /(^|::)Data$/.test(t.path) ? t.args[0] : undefined;
      return Some(
        inner
          ? sym('app data', Prov.State, { ty: t, store: new Map([['0', stateValue(ev, inner, c.place)]]) })
          : t
            ? stateValue(ev, t, c.place)
            : sym('app data', Prov.State),
      );
    }
    default:
      return undefined;
  }
}

/** The declared type of what is being computed; inside of a `Result` where that is declared. */
function expectedType(ev: Ev): Ty | undefined {
  if (!ev.expected) return undefined;
  const t = tyOf(ev, ev.expected.type, ev.expected.scope);
  return /(^|::)Result$/.test(t.path) ? t.args[0] : t;
}

/** Futures that are ready: their value is known at once. */
function ready(c: CallVal): Val | undefined {
  const a = c.args.pos[0];
  if (!a || c.recv) return undefined;
  if (/(^|::)future::ready$|^ready$|(^|::)Ready::new$/.test(c.path)) return a;
  if (/(^|::)future::ok$/.test(c.path) || /(^|::)Ready::ok$/.test(c.path)) return Ok(a);
  if (/(^|::)future::err$/.test(c.path)) return { ...(Err(a) as Val & { t: 'variant' }), place: c.place, frame: c.frame };
  if (
    /(^|::)Either\d?::(Left|Right|E\d)$/.test(c.path) ||
    /^(std::boxed::)?Box::(pin|new)$|^(std::sync::)?(Arc|Rc)::new$|(^|::)Pin::new$|LocalBoxFuture|BoxFuture/.test(c.path)
  )
    return a;
  return undefined;
}

/** `Config::from_ref(&state)` where `FromRef` is derived: the field of that type. */
function fromRef(ev: Ev, c: CallVal, state: Val): Val | undefined {
  const known = stateOf(ev) ?? state;
  const wanted = c.fn?.t === 'attr' && c.fn.of.t === 'class' ? c.fn.of : undefined;
  if (known.t === 'obj') for (const v of known.fields.values()) if (wanted && typeOfValue(v)?.cls === wanted) return v;
  return sym(wanted?.name ?? 'state', Prov.State, {
    path: wanted ? `${wanted.name}` : 'state',
    ...(wanted ? { ty: { path: wanted.name, cls: wanted, args: [] } } : {}),
  });
}

/** The value of `State<T>`: what the router was given, a part of it, or an unknown value of that type. */
export function stateValue(ev: Ev, t: Ty, place: Place): Val {
  const known = stateOf(ev);
  if (t.path === '(tuple)' && known?.t === 'seq') return known;
  for (const one of known?.t === 'seq' ? known.items : known ? [known] : []) {
    const type = typeOfValue(one);
    if (type?.cls && type.cls === t.cls) return one;
    for (const i of t.cls?.impls ?? []) {
      const f = i.trait && /(^|::)FromRef$/.test(i.trait.path) ? i.members.get('from_ref') : undefined;
      if (f?.t === 'fn') return callFunction(ev, f, mkArgs([one]), place);
    }
    if (one.t === 'obj' && t.cls) for (const v of one.fields.values()) if (typeOfValue(v)?.cls === t.cls) return v;
  }
  return sym('state', Prov.State, { ty: t });
}

export const scopeOf = (parent: Scope, types: Map<string, Ty> | undefined, self: Scope['self']): Scope => ({
  vars: new Map(),
  parent,
  module: parent.module,
  kind: 'function',
  self: self ?? parent.self,
  ...(types || parent.types ? { types: new Map([...(parent.types ?? []), ...(types ?? [])]) } : {}),
});
