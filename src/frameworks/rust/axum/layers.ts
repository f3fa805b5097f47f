/** Running one layer: functions as middleware, tower services of the application, layers of libraries. */
import type { Expr } from '../../../facts/types.js';
import { PackModels } from '../../../packs/models.js';
import { callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { evaluate } from '../../../program/expressions.js';
import { and, not, type Place } from '../../../program/formula.js';
import { args as mkArgs, NONE, obj, op } from '../../../program/make.js';
import { split } from '../../../program/ops.js';
import { methodOf } from '../../../program/rust-methods.js';
import { tyOf } from '../../../program/rust.js';
import type { CallVal, Cls, FnVal, Ty, Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import type { LayerScope } from '../../types.js';
import { around } from '../around.js';
import { extract, type Web } from '../extract.js';
import { answer } from '../render.js';
import { putExtension } from '../extensions.js';
import { opens } from '../connecting.js';
import { ACTIX_REQUEST, BODY, methodNow, REQUEST, scopeOf, withState } from '../request.js';
import { fork } from '../fork.js';

interface Here {
  scope: LayerScope;
  place: Place;
}

/** Runs `l` around what comes after it: afterwards the path condition is that under which the request went on. */
export function runLayer(ev: Ev, l: Val, at: Here, depth = 0): void {
  if (ev.dead || depth > 24) return;
  switch (l.t) {
    case 'phi':
      fork(
        ev,
        l.c,
        () => runLayer(ev, l.a, at, depth + 1),
        () => runLayer(ev, l.b, at, depth + 1),
      );
      return;
    case 'seq':
      for (const x of l.items) runLayer(ev, x, at, depth + 1);
      return;
    case 'variant':
      if ((l.tag === 'Some' || l.tag === 'Ok' || l.of === 'Either') && l.fields.get('0'))
        runLayer(ev, l.fields.get('0') as Val, at, depth + 1);
      else if (l.cls) service(ev, l, l.cls, at);
      return;
    case 'obj':
      service(ev, l, l.cls, at);
      return;
    case 'class':
      service(ev, obj(l, l.place), l, at);
      return;
    case 'op':
      if (l.op.startsWith('call:')) ev.gap('unknown-middleware', 'a layer that is not known is put around this endpoint', at.place);
      else if (l.args[0]) runLayer(ev, l.args[0], at, depth + 1);
      return;
    case 'call':
      library(ev, l, at, depth);
      return;
    case 'sym':
    case 'unknown':
    case 'attr':
    case 'item':
      if ('ty' in l && l.ty?.cls) service(ev, l, l.ty.cls, at);
      else if (l.t === 'unknown') ev.gap('unknown-middleware', 'a layer that is not known is put around this endpoint', at.place);
      return;
    default:
  }
}

function library(ev: Ev, l: CallVal, at: Here, depth: number): void {
  const name =
    l.path
      .split('::')
      .at(-1)
      ?.replace(/\(\).*$/, '') ?? '';
  const [first, second] = l.args.pos;
  const here: Here = { ...at };
  switch (name) {
    case 'from_fn':
      if (first) fromFn(ev, first, here);
      return;
    case 'from_fn_with_state':
      if (second) withState(ev, first, () => fromFn(ev, second, here));
      return;
    case 'from_extractor':
    case 'from_extractor_with_state':
    case 'extractor_middleware': {
      const t = l.fn?.t === 'ext' ? l.fn.ty?.[0] : undefined;
      if (t) withState(ev, first, () => fromExtractor(ev, t, here));
      return;
    }
    case 'map_request':
    case 'map_request_with_state':
      if (name === 'map_request') mapRequest(ev, first, here);
      else withState(ev, first, () => mapRequest(ev, second, here));
      return;
    case 'map_response':
    case 'map_response_with_state':
      return;
    case 'layer_fn': {
      // The closure makes the service that stands around the inner one.
      const make = first && fnOf(first);
      if (!make) break;
      around(ev, here.scope, name, l.place, next => callService(ev, callback(ev, make, mkArgs([next]), l.place), next));
      return;
    }
    case 'option_layer':
      if (first) optional(ev, first, here, depth);
      return;
    case 'Extension':
      if (first) putExtension(ev, first);
      return;
    default:
      break;
  }
  if (/(^|::)AddExtensionLayer::new$/.test(l.path)) {
    if (first) putExtension(ev, first);
    return;
  }
  if (/(^|::)ServiceBuilder\b/.test(rootPath(l))) {
    builder(ev, l, here, depth);
    return;
  }
  if (
    /AsyncRequireAuthorizationLayer::new$|ValidateRequestHeaderLayer::custom$|RequireAuthorizationLayer::custom$|AsyncFilterLayer::new$|FilterLayer::new$|AsyncAuthorizeRequest/.test(
      l.path,
    )
  ) {
    if (first) validator(ev, first, here);
    return;
  }
  const row = ev.models instanceof PackModels ? (ev.models.row(l.path) ?? ev.models.row(rootPath(l))) : undefined;
  if (row?.guard) {
    const login = l.args.kw.get('login_url');
    const guard = login?.t === 'const' && typeof login.v === 'string' ? { ...row.guard, status: 307, redirect: login.v } : row.guard;
    layer(ev, 'middleware', at.scope, name, at.place, () => {
      if (ev.models instanceof PackModels) ev.models.refuse(ev, l.path, guard, l.args, l.place);
      return NONE;
    });
    return;
  }
  // What a layer of a library is given (`SetRequestIdLayer::x_request_id(Mine)`, `TraceLayer::new_for_http().on_response(Mine)`) is not
  // put around anything by itself.
  const given = l.ty?.cls !== undefined && l.args.pos.some(a => a === l.ty?.cls || (a.t === 'obj' && a.cls === l.ty?.cls));
  if (l.ty?.cls && ((!l.recv && !given) || implMethod(l.ty.cls, /(^|::)Layer$/, 'layer'))) {
    service(ev, l, l.ty.cls, at);
    return;
  }
  // Builders keep what they are called on: `CorsLayer::new().allow_origin(..)`.
  if (l.recv) {
    if (l.recv.t === 'call') library(ev, l.recv, at, depth + 1);
    return;
  }
  if (!row) ev.gap('unknown-middleware', `\`${l.path}\` is a layer of a library that is not described`, l.place);
}

function rootPath(l: CallVal): string {
  let r: CallVal = l;
  while (r.recv?.t === 'call') r = r.recv;
  return r.path;
}

/** `ServiceBuilder::new().layer(A).layer(B)`: A is outside of B. */
function builder(ev: Ev, l: CallVal, at: Here, depth: number): void {
  if (l.recv?.t === 'call') builder(ev, l.recv, at, depth + 1);
  else if (l.recv?.t === 'phi') runLayer(ev, l.recv, at, depth + 1);
  const a = l.args.pos[0];
  if (!a || ev.dead) return;
  const here = { ...at, place: l.place };
  if (l.name === 'layer') runLayer(ev, a, here, depth + 1);
  else if (l.name === 'option_layer') optional(ev, a, here, depth);
  else if (l.name === 'map_request') mapRequest(ev, a, here);
  else if (l.name === 'filter' || l.name === 'filter_async') validator(ev, a, here);
}

function optional(ev: Ev, v: Val, at: Here, depth: number): void {
  const s = split(v, at.place);
  if (s.kind === undefined && v.t !== 'call' && v.t !== 'phi') {
    runLayer(ev, v, at, depth + 1);
    return;
  }
  fork(
    ev,
    s.fail,
    () => undefined,
    () => runLayer(ev, s.ok, at, depth + 1),
  );
}

// ------------------------------------------------------------------------------------------------ functions

/** The function behind a value, through conditional ones. */
export function fnOf(v: Val): FnVal | undefined {
  return v.t === 'fn' ? v : v.t === 'phi' ? (fnOf(v.a) ?? fnOf(v.b)) : undefined;
}

/** Types of a function's parameters, with its generics in force; a closure's untyped ones are told from their patterns. */
export function paramTypes(ev: Ev, fn: FnVal): Ty[] {
  const scope = scopeOf(fn.scope, fn.types, fn.owner);
  const generics = new Map((fn.def.generics ?? []).map(g => [g.name, g.bounds]));
  return fn.def.params
    .filter(p => p.kind !== 'self')
    .map(p => {
      if (p.type) {
        const bounds = p.type.t === 'path' && p.type.path.length === 1 ? generics.get(p.type.path[0] as string) : undefined;
        // `B: Body` and the like are not types of the application.
        if (bounds && !scope.types?.has(p.type.path[0] as string))
          return { path: '', args: [], bounds: bounds.map(b => tyOf(ev, b, scope)) };
        return tyOf(ev, p.type, scope);
      }
      if (p.pat.p === 'variant' && p.pat.items)
        return tyOf(ev, { t: 'path', path: p.pat.path, args: [{ t: 'infer', path: [], args: [], at: p.at }], at: p.at }, scope);
      return (p.pat.p === 'bind' && takenBy(ev, fn, p.pat.name)) || { path: '', args: [] };
    });
}

/** The type that a closure's untyped parameter has because of the function of the application that it is handed to. */
function takenBy(ev: Ev, fn: FnVal, name: string): Ty | undefined {
  if (fn.def.kind !== 'closure') return undefined;
  for (const c of callsIn([fn.def.body, fn.def.value])) {
    const i = c.args.findIndex(a => a.value.k === 'name' && a.value.id === name);
    if (i < 0 || (c.fn.k !== 'name' && c.fn.k !== 'path')) continue;
    const callee = fnOf(evaluate(ev, c.fn, fn.scope));
    // A closure that calls another one could go round in a circle.
    if (callee && callee.def.kind !== 'closure') return paramTypes(ev, callee)[i];
  }
  return undefined;
}

function callsIn(x: unknown): Extract<Expr, { k: 'call' }>[] {
  if (x === null || typeof x !== 'object') return [];
  if (Array.isArray(x)) return x.flatMap(callsIn);
  const own = (x as { k?: string }).k === 'call' ? [x as Extract<Expr, { k: 'call' }>] : [];
  return [...own, ...Object.values(x).flatMap(callsIn)];
}

export function fromFn(ev: Ev, f: Val, at: Here): void {
  const fn = fnOf(f);
  if (!fn) {
    ev.gap('unknown-middleware', 'the function of a middleware is not known', at.place);
    return;
  }
  if (f.t === 'phi') {
    fork(
      ev,
      f.c,
      () => fromFn(ev, f.a, at),
      () => fromFn(ev, f.b, at),
    );
    return;
  }
  const place: Place = { file: fn.module.file, at: fn.def.at };
  around(ev, at.scope, fn.def.name || 'middleware', place, next => callWith(ev, fn, place, next));
}

/** Calls a function whose parameters are extractors; `next` stands for the last when there is one. */
export function callWith(ev: Ev, fn: FnVal, place: Place, next?: Val, web: Web = 'axum', extracted?: () => void): Val {
  const types = paramTypes(ev, fn);
  if (!next) opens(ev, types, methodNow(ev));
  const given: Val[] = [];
  for (const [i, t] of types.entries()) {
    const name = t.path.split('::').at(-1) ?? '';
    const param = fn.def.params.filter(p => p.kind !== 'self')[i];
    const called = param?.pat.p === 'bind' ? param.pat.name : '';
    if (next && (name === 'Next' || (i === types.length - 1 && (t.path === '' || called === 'next')))) given.push(next);
    else if (next && (/^(Request|ServiceRequest)$/.test(name) || (t.path === '' && i === types.length - 2)))
      given.push(web === 'actix' ? ACTIX_REQUEST : REQUEST);
    else {
      const r = extract(ev, t, param ? { file: fn.module.file, at: param.at } : place, web);
      if (ev.dead) return NONE;
      const s = split(r, place);
      if (s.fail.f !== 'false') refuse(ev, r, s.fail, place);
      if (ev.dead) return NONE;
      given.push(s.ok);
    }
  }
  extracted?.();
  return ev.dead ? NONE : callback(ev, fn, mkArgs(given), place);
}

/** Leaves with what an extractor rejects. */
export function refuse(ev: Ev, r: Val, fail: ReturnType<typeof split>['fail'], place: Place): void {
  const base = ev.pc;
  ev.pc = and(base, fail);
  answer(ev, failures(r), place, v => v.t === 'variant' && v.of === 'Result' && v.tag === 'Ok');
  ev.pc = and(base, not(fail));
}

/** The failing alternatives of a `Result`. */
function failures(r: Val): Val {
  if (r.t === 'phi') {
    if (split(r.a, { file: 0, at: 0 }).fail.f === 'false') return failures(r.b);
    if (split(r.b, { file: 0, at: 0 }).fail.f === 'false') return failures(r.a);
    return { ...r, a: failures(r.a), b: failures(r.b) };
  }
  return r.t === 'variant' ? r : op('err', [r]);
}

function fromExtractor(ev: Ev, t: Ty, at: Here): void {
  const place = t.cls?.place ?? at.place;
  const r = layer(ev, 'middleware', at.scope, t.cls?.name ?? t.path, place, () => extract(ev, t, at.place, 'axum'));
  if (ev.dead) return;
  const s = split(r, place);
  if (s.fail.f !== 'false') refuse(ev, r, s.fail, place);
}

function mapRequest(ev: Ev, f: Val | undefined, at: Here): void {
  const fn = f && fnOf(f);
  if (!fn) return;
  validate(ev, fn, at, () => callWith(ev, fn, at.place));
}

/** A check that gives a `Result`: its error is the response. */
function validate(ev: Ev, fn: FnVal, at: Here, run: () => Val): void {
  const place: Place = { file: fn.module.file, at: fn.def.at };
  const v = layer(ev, 'middleware', at.scope, fn.def.name || 'middleware', place, run);
  if (ev.dead) return;
  const s = split(v, place);
  if (s.kind === 'Result' && s.fail.f !== 'false') refuse(ev, v, s.fail, place);
}

/** Closures and types of the application that tower-http asks whether the request may go on. */
function validator(ev: Ev, v: Val, at: Here): void {
  const fn = fnOf(v);
  if (fn) {
    validate(ev, fn, at, () => callback(ev, fn, mkArgs([REQUEST]), at.place));
    return;
  }
  const cls = v.t === 'obj' ? v.cls : v.t === 'class' ? v : v.t === 'sym' ? v.ty?.cls : undefined;
  for (const name of ['authorize', 'validate', 'check']) {
    const m = cls && methodOf(ev, cls, name);
    if (m) {
      validate(ev, m, at, () => callback(ev, { ...m, self: v.t === 'class' ? obj(v, v.place) : v }, mkArgs([REQUEST]), at.place));
      return;
    }
  }
  ev.gap('unknown-middleware', 'what this layer asks is not known', at.place);
}

// ------------------------------------------------------------------------------------------------ tower services

/** `impl Layer` of the application makes the service; `impl Service` is the middleware. */
function service(ev: Ev, l: Val, cls: Cls, at: Here): void {
  const make = implMethod(cls, /(^|::)Layer$/, 'layer');
  if (!make) {
    ev.gap('unknown-middleware', `\`${cls.name}\` is put around this endpoint, and what it does is not known`, at.place);
    return;
  }
  around(ev, at.scope, cls.name, cls.place, next => {
    const s = callback(ev, { ...make, self: l }, mkArgs([next]), at.place);
    return callService(ev, s, next);
  });
}

export function callService(ev: Ev, s: Val, next: Val, request: Val = REQUEST): Val {
  if (s.t === 'phi')
    return ev.branch(
      s.c,
      () => callService(ev, s.a, next, request),
      () => callService(ev, s.b, next, request),
    );
  const cls = s.t === 'obj' ? s.cls : s.t === 'sym' ? s.ty?.cls : undefined;
  const call = cls && implMethod(cls, /(^|::)Service$/, 'call');
  if (s.t === 'native') return s.call(mkArgs([request, BODY]), cls?.place ?? { file: 0, at: 0 });
  if (!call) {
    // A service of a library around the inner one: the request goes on.
    return next.t === 'native' ? next.call(mkArgs([request]), { file: 0, at: 0 }) : NONE;
  }
  return callback(ev, { ...call, self: s }, mkArgs([request]), cls.place);
}

export function implMethod(cls: Cls, trait: RegExp, method: string): FnVal | undefined {
  for (const i of cls.impls) {
    const m = i.trait && trait.test(i.trait.path) ? i.members.get(method) : undefined;
    if (m?.t === 'fn') return m;
  }
  return undefined;
}
