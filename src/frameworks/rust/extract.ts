/** Extractors: what a parameter's type makes of the request, and how it turns requests away. */
import type { Mark, TypeRef } from '../../facts/types.js';
import { PackModels } from '../../packs/models.js';
import { provenance } from '../../packs/provenance.js';
import type { Row } from '../../packs/types.js';
import { callback } from '../../program/calls.js';
import type { Ev } from '../../program/ev.js';
import { type F, type Place, TRUE, under } from '../../program/formula.js';
import { args as mkArgs, atom, constant, Err, ext, None_, obj, Ok, op, phi, prov, seq, Some, sym } from '../../program/make.js';
import { split } from '../../program/ops.js';
import { convertTo, tyOf, withTypes } from '../../program/rust.js';
import { type Cls, type FnVal, type Impl, Prov, type SymVal, type Ty, type Val } from '../../program/values.js';
import { layer } from '../layers.js';
import type { LayerScope, Role } from '../types.js';
import { reply } from './reply.js';
import { ACTIX_REQUEST, BODY, ORIGINAL_URI, PARTS, rejectedBy, REQUEST, scopeOf, stateOf, stateValue, templateOf } from './request.js';
import { extension } from './extensions.js';
import { headerProv, headerRejection } from './typed-header.js';

export type Web = 'axum' | 'actix';

/** The value of an extractor as a `Result`: its error is what the caller is answered with. */
export function extract(ev: Ev, t: Ty, place: Place, web: Web): Val {
  if (t.cls) return ofApplication(ev, t, t.cls, place, web);
  const foreign = implFor(ev, t);
  if (foreign) return run(ev, foreign, t, place, web);
  const name = t.path.split('::').at(-1) ?? '';
  const inner = t.args[0];
  switch (name) {
    case '(tuple)':
      return ofAll(ev, t.args, place, web);
    case 'Option':
      return inner ? optional(ev, inner, place, web) : Ok(None_);
    case 'Result':
      return inner ? Ok(extract(ev, inner, place, web)) : Ok(None_);
    case 'Box':
    case 'Arc':
    case 'Cached':
      return inner ? extract(ev, inner, place, web) : Ok(sym(name, Prov.None));
    case 'Either':
    case 'Either3':
    case 'Either4':
    case 'Either5':
    case 'Either6':
    case 'Either7':
    case 'Either8':
      return oneOf(ev, t.args, place, web);
    // aide: what is left out of the documentation.
    case 'NoApi': {
      if (!inner) break;
      const r = extract(ev, inner, place, web);
      const { fail, ok } = split(r, place);
      return phi(fail, r, Ok(wrap(t, ok)));
    }
    case 'WithRejection':
      return inner ? rejectionAs(ev, extract(ev, inner, place, web), t.args[1], place, t) : Ok(sym(name, Prov.None));
    case 'State':
    case 'Data':
    case 'ThinData':
      return Ok(wrap(t, inner?.path ? stateValue(ev, inner, place) : sym('state', Prov.State, inner ? { ty: inner } : {})));
    case 'Extension':
    case 'ReqData':
      return fromExtensions(ev, t, inner, place);
    case 'Request':
    case 'RequestParts':
      return Ok(web === 'actix' ? ACTIX_REQUEST : REQUEST);
    case 'HttpRequest':
    case 'ServiceRequest':
      return Ok(ACTIX_REQUEST);
    case 'Parts':
      return Ok(PARTS);
    case 'Method':
      return Ok(ev.globals.get('rust:method') ?? ext('http::Method::GET'));
    case 'Uri':
    case 'OriginalUri':
      return Ok(name === 'Uri' ? sym('uri', Prov.None, { path: 'http::Uri()' }) : wrap(t, ORIGINAL_URI));
    case 'MatchedPath':
      return Ok(wrap(t, templateOf(ev)));
    case 'Body':
    case 'Payload':
      return Ok(BODY);
    default:
      break;
  }
  return ofLibrary(ev, t, place, web);
}

/** A newtype of a library around `v`: `State(s)`, `Extension(u)`. */
function wrap(t: Ty, v: Val): Val {
  return sym(t.path.split('::').at(-1) ?? 'value', prov(v), { ty: t, store: new Map([['0', v]]) });
}

const rejection = (status: number, path: string): Val => ({ ...reply(status), ty: { path, args: [] } }) as Val;

function fromExtensions(ev: Ev, t: Ty, inner: Ty | undefined, place: Place): Val {
  const v = extension(ev, inner);
  // What a library makes is put in by a layer of that library, or by what serves the application.
  if (!v && inner && !inner.cls && inner.path.includes('::') && !/^(std|core|alloc)::/.test(inner.path))
    return Ok(wrap(t, sym('extension', Prov.State, { ty: inner })));
  const absent = (): Val => located(ev, Err(rejection(500, 'axum::extract::rejection::ExtensionRejection')), place);
  if (!v) return absent();
  const { fail, ok } = split(v, place);
  const there = Ok(wrap(t, ok));
  // Whoever was turned away before it was put in does not come here; whom a layer lets pass without it does.
  return fail.f === 'false' || under(ev.pc, fail) === false ? there : phi(fail, absent(), there);
}

/** Library wrappers hand their content on; conditions on what is in them are conditions on the content. */
function ofLibrary(ev: Ev, t: Ty, place: Place, web: Web): Val {
  const models = ev.models;
  const row: Row | undefined = models instanceof PackModels ? models.row(t.path) : undefined;
  const inner = t.args[0];
  if (/(^|::)TypedHeader$/.test(t.path)) return typedHeader(ev, t, inner, place);
  // A wrapper that validates: `Valid<Json<T>>`.
  if (!row && inner && !inner.cls && models instanceof PackModels && models.row(inner.path)?.extractor)
    return extract(ev, inner, place, web);
  if (!row) {
    const generic = t.ref?.t === 'impl' || t.path === '' || !t.path.includes('::');
    if (!generic) ev.gap('unknown-extractor', `\`${t.path}\` is a parameter type of a library that is not described`, place);
    return Ok(sym(t.path || 'parameter', generic ? Prov.Input : Prov.External, { ty: t }));
  }
  const value = sym(t.path.split('::').at(-1) ?? t.path, provenance(row.source ?? 'none', ''), {
    path: `${t.path}()`,
    ty: t,
    ...(row.present ? { present: true } : {}),
  } as Partial<SymVal>);
  const stable = ev.globals.get(`rust:value:${t.path}`) ?? value;
  const v: Val = row.source === 'credential' || row.source === 'session' || row.source === 'cookie' ? stable : value;
  ev.globals.set(`rust:value:${t.path}`, v);
  let out: Val = Ok(v);
  const kind = `${t.path.split('::').slice(0, 1).join('')}::extract::rejection::${value.name}Rejection`;
  const own = web === 'actix' ? ev.globals.get(rejectedBy(value.name)) : undefined;
  (row.extractor?.rejects ?? []).forEach((status, i) => {
    const cause = i === 0 ? v : op('malformed', [v, constant(status)]);
    const fails = atom('fails', [cause], place);
    const rest = out;
    out = own
      ? ev.branch(
          fails,
          () => located(ev, Err(callback(ev, own, mkArgs([sym('error', Prov.None), ACTIX_REQUEST]), place)), place),
          () => rest,
        )
      : phi(fails, located(ev, Err(rejection(status, kind)), place, fails), rest);
  });
  return out;
}

/** It is asked for in the rejection whether the header is missing at all. */
function typedHeader(ev: Ev, t: Ty, inner: Ty | undefined, place: Place): Val {
  const value = sym('header', headerProv(ev, inner), { ty: t, path: `${t.path}()`, typed: true });
  const refused = (missing: boolean): Val => located(undefined, Err(headerRejection(missing)), place);
  const malformed = phi(atom('fails', [op('malformed', [value])], place), refused(false), Ok(value));
  return phi(atom('fails', [value], place), refused(true), malformed);
}

/** @param why what it is answered for, whatever a middleware asks of it on its way out */
function located(ev: Ev | undefined, v: Val, place: Place, why?: F): Val {
  return v.t === 'variant' ? { ...v, place, ...(ev ? { frame: ev.frame } : {}), ...(why ? { why } : {}) } : v;
}

// ------------------------------------------------------------------------------------------------ the application's own

const traitName = (i: Impl): string => i.trait?.path.split('::').at(-1) ?? '';

const EXTRACTS = /^(FromRequestParts|FromRequest)$/;

/** How the application makes a type of a library from a request: `impl FromRequestParts<AppState> for Box<dyn Rng>`. */
function implFor(ev: Ev, t: Ty): FnVal | undefined {
  for (const i of ev.program.libraryImpls.get(t.path) ?? [])
    if (EXTRACTS.test(traitName(i)) && sameType(tyOf(ev, i.type, i.scope), t))
      for (const [k, v] of i.members) if (k.startsWith('from_request') && v.t === 'fn') return v;
  return undefined;
}

const sameType = (a: Ty, b: Ty): boolean =>
  a.path === b.path && a.cls === b.cls && a.args.length === b.args.length && a.args.every((x, i) => sameType(x, b.args[i] as Ty));

function implOf(cls: Cls, ev: Ev, names: RegExp, method: RegExp): FnVal | undefined {
  for (const i of [...cls.impls, ...(ev.program.libraryImpls.get('*') ?? [])]) {
    if (!names.test(traitName(i))) continue;
    for (const [k, v] of i.members) if (method.test(k) && v.t === 'fn') return v;
  }
  return undefined;
}

function ofApplication(ev: Ev, t: Ty, cls: Cls, place: Place, web: Web): Val {
  const own = implOf(cls, ev, EXTRACTS, /^from_request/);
  if (own) return run(ev, own, t, place, web);
  const derived = derivedFrom(cls);
  if (derived) return fields(ev, t, cls, place, web, derived);
  // `impl FromRef`-like state, or a library derive that is not described.
  if (cls.kind === 'trait') return Ok(sym(cls.name, Prov.State, { ty: t }));
  if (
    cls.marks.some(
      m =>
        m.expr.k === 'call' &&
        m.expr.fn.k === 'name' &&
        m.expr.fn.id === 'derive' &&
        m.expr.args.some(a => /TypedPath/.test(lastOf(a.value))),
    )
  ) {
    const v = sym(cls.name, Prov.Input, { ty: t });
    return phi(atom('fails', [v], place), located(ev, Err(rejection(400, 'axum::extract::rejection::PathRejection')), place), Ok(v));
  }
  ev.gap('unknown-extractor', `\`${cls.name}\` is taken as a parameter, and how it is made from the request is not known`, place);
  return Ok(sym(cls.name, Prov.Unknown, { ty: t }));
}

function run(ev: Ev, fn: FnVal, t: Ty, place: Place, web: Web): Val {
  const { cls } = t;
  const bound = withTypes(ev, cls ? { ...fn, scope: { ...fn.scope, self: cls } } : fn, t);
  const at: Place = { file: fn.module.file, at: fn.def.at };
  const params = fn.def.params.map(p => (p.type ? typeText(p.type) : ''));
  const first = /HttpRequest/.test(params[0] ?? '') || web === 'actix' ? ACTIX_REQUEST : /Parts/.test(params[0] ?? '') ? PARTS : REQUEST;
  const second: Val = web === 'actix' ? BODY : (stateOf(ev) ?? sym('state', Prov.State));
  return layer(ev, role(ev), scope(ev), cls?.name ?? t.path, at, () => callback(ev, bound, mkArgs([first, second]), place));
}

/** Extractors inside of a middleware are part of it. */
const role = (ev: Ev): Role => (ev.frame?.role?.startsWith('middleware') ? 'middleware' : 'extractor');
const scope = (ev: Ev): LayerScope => (ev.frame?.role?.split(':')[1] as LayerScope | undefined) ?? 'endpoint';

const typeText = (r: TypeRef): string => [r.path.at(-1) ?? '', ...r.args.map(typeText)].join(' ');

interface Derived {
  via?: TypeRef;
  rejection?: TypeRef;
}

const lastOf = (e: Mark['expr']): string =>
  e.k === 'name' ? e.id : e.k === 'path' ? (e.segs.at(-1) ?? '') : e.k === 'call' ? lastOf(e.fn) : '';
const typeFrom = (e: Mark['expr'] | undefined): TypeRef | undefined =>
  e?.k === 'name'
    ? { t: 'path', path: [e.id], args: [], at: e.at }
    : e?.k === 'path'
      ? { t: 'path', path: e.segs, args: e.types ?? [], at: e.at }
      : undefined;

function derivedFrom(cls: Cls): Derived | undefined {
  const derives = cls.marks.some(
    m =>
      m.expr.k === 'call' &&
      lastOf(m.expr) === 'derive' &&
      m.expr.args.some(a => /^(FromRequestParts|FromRequest|MultipartForm)$/.test(lastOf(a.value))),
  );
  return derives ? options(cls.marks) : undefined;
}

function options(marks: Mark[]): Derived {
  const out: Derived = {};
  for (const m of marks)
    if (m.expr.k === 'call' && lastOf(m.expr) === 'from_request')
      for (const a of m.expr.args) {
        if (a.value.k !== 'call') continue;
        const arg = typeFrom(a.value.args[0]?.value);
        if (lastOf(a.value) === 'via' && arg) out.via = arg;
        if (lastOf(a.value) === 'rejection' && arg) out.rejection = arg;
      }
  return out;
}

/** A derived extractor: through one extractor as a whole, or each field by its own type. */
function fields(ev: Ev, t: Ty, cls: Cls, place: Place, web: Web, how: Derived): Val {
  const types = new Map<string, Ty>();
  cls.generics.forEach((g, i) => {
    if (t.args[i]) types.set(g.name, t.args[i] as Ty);
  });
  const inside = scopeOf(cls.scope, types, cls);
  return layer(ev, role(ev), scope(ev), cls.name, cls.place, () => {
    const rejected = how.rejection ? tyOf(ev, how.rejection, inside) : undefined;
    if (how.via) {
      const via = tyOf(ev, how.via, inside);
      const self: Ty = { path: cls.name, cls, args: t.args };
      const r = extract(ev, { ...via, args: [self] }, place, web);
      const whole = unwrapped(split(r, place).ok, self);
      return rejectionAs(ev, phi(split(r, place).fail, r, Ok(whole)), rejected, place, t);
    }
    const o = obj(cls, place);
    for (const f of cls.fields) {
      const via = options(f.marks).via;
      const type = tyOf(ev, f.type, inside);
      const r = extract(ev, via ? { ...tyOf(ev, via, inside), args: [type] } : type, place, web);
      if (ev.dead) return o;
      const s = split(r, place);
      ev.exitIf(s.fail, 'return', failed(ev, s.err, r, rejected, place), place, { propagated: true });
      if (ev.dead) return o;
      o.fields.set(f.name, via ? unwrapped(s.ok, type) : s.ok);
    }
    return Ok(o);
  });
}

const unwrapped = (v: Val, t: Ty): Val => (v.t === 'sym' ? (v.store?.get('0') ?? { ...v, ty: t }) : v);

function failed(ev: Ev, err: Val | undefined, whole: Val, as: Ty | undefined, place: Place): Val {
  const e = err ?? op('err', [whole]);
  return located(ev, Err(as ? convertTo(ev, e, as, place) : e), place);
}

function rejectionAs(ev: Ev, r: Val, as: Ty | undefined, place: Place, t: Ty): Val {
  const s = split(r, place);
  void t;
  if (!as || s.fail.f === 'false') return r;
  return ev.branch(
    s.fail,
    () => failed(ev, s.err, r, as, place),
    () => Ok(s.ok),
  );
}

// ------------------------------------------------------------------------------------------------ combinations

function ofAll(ev: Ev, types: Ty[], place: Place, web: Web): Val {
  const items: Val[] = [];
  return ev.inFrame({ name: 'tuple', place, site: place }, () => {
    for (const t of types) {
      const r = extract(ev, t, place, web);
      if (ev.dead) return Ok(seq('tuple', items));
      const s = split(r, place);
      ev.exitIf(s.fail, 'return', failed(ev, s.err, r, undefined, place), place, { propagated: true });
      if (ev.dead) return Ok(seq('tuple', items));
      items.push(s.ok);
    }
    return Ok(seq('tuple', items));
  });
}

function oneOf(ev: Ev, types: Ty[], place: Place, web: Web): Val {
  const [t, ...more] = types;
  if (!t) return Err(reply(500));
  const r = extract(ev, t, place, web);
  const s = split(r, place);
  if (s.fail.f === 'false' || more.length === 0) return r;
  return ev.branch(
    s.fail,
    () => oneOf(ev, more, place, web),
    () => Ok(s.ok),
  );
}

/** `Option<T>`: up to axum 0.7 and in actix-web every rejection is swallowed; from 0.8 on the type decides. */
function optional(ev: Ev, inner: Ty, place: Place, web: Web): Val {
  const modern = web === 'axum' && major(ev) >= 8;
  if (modern && inner.cls) {
    const own = implOf(inner.cls, ev, /^(OptionalFromRequestParts|OptionalFromRequest)$/, /^from_request/);
    if (own) return run(ev, own, inner, place, web);
  }
  if (modern && !inner.cls) {
    // Absent gives None; what is there and malformed is rejected.
    const r = extract(ev, inner, place, web);
    const s = split(r, place);
    if (/(^|::)(Extension|TypedHeader|Path|MatchedPath)$/.test(inner.path)) return phi(s.fail, Ok(None_), Ok(Some(s.ok)));
    if (!/(^|::)(Json|Multipart|Query)$/.test(inner.path)) return phi(s.fail, Ok(None_), Ok(Some(s.ok)));
    return phi(
      s.fail,
      located(ev, Err(s.err ?? reply(400)), place),
      Ok(phi(atom('truthy', [op('present', [s.ok])], place), Some(s.ok), None_)),
    );
  }
  const r = extract(ev, inner, place, web);
  const s = split(r, place);
  return s.fail === TRUE ? Ok(None_) : Ok(phi(s.fail, None_, Some(s.ok)));
}

/** Minor version of axum 0.x; the newest rules where the manifest does not say. */
export function major(ev: Ev): number {
  const m = /(\d+)\.(\d+)/.exec(ev.program.versions.get('axum') ?? '');
  return m ? (m[1] === '0' ? Number(m[2]) : 8) : 8;
}
