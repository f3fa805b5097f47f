/** Running one middleware of actix-web. */
import { PackModels } from '../../../packs/models.js';
import { callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { not, type Place } from '../../../program/formula.js';
import { args as mkArgs, atom, Err, NONE, obj, sym } from '../../../program/make.js';
import { split, truthy } from '../../../program/ops.js';
import { typeOfValue } from '../../../program/rust-types.js';
import { type CallVal, type Cls, type FnVal, Prov, type Ty, type Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import type { LayerScope } from '../../types.js';
import { around } from '../around.js';
import { callService, callWith, fnOf, implMethod, refuse } from '../axum/layers.js';
import { reply } from '../reply.js';
import { ACTIX_REQUEST } from '../request.js';
import { grant } from './grants.js';
import { fork } from '../fork.js';
import { runPredicate } from './predicates.js';

interface Here {
  scope: LayerScope;
  place: Place;
}

export function runWrap(ev: Ev, w: Val, at: Here, depth = 0): void {
  if (ev.dead || depth > 24) return;
  switch (w.t) {
    case 'phi':
      fork(
        ev,
        w.c,
        () => runWrap(ev, w.a, at, depth + 1),
        () => runWrap(ev, w.b, at, depth + 1),
      );
      return;
    case 'obj':
      transform(ev, w, w.cls, at);
      return;
    case 'class':
      transform(ev, obj(w, w.place), w, at);
      return;
    case 'variant':
      if (w.cls) transform(ev, w, w.cls, at);
      else if (w.fields.get('0')) runWrap(ev, w.fields.get('0') as Val, at, depth + 1);
      return;
    case 'op':
      if (w.op === 'wrap_fn' && w.args[0]) wrapFn(ev, w.args[0], at);
      else if (w.op === 'guard' && w.args[0]) runPredicate(ev, w.args[0], at.scope, at.place);
      else if (w.args[0]) runWrap(ev, w.args[0], at, depth + 1);
      return;
    case 'call':
      library(ev, w, at, depth);
      return;
    case 'sym':
      if (w.ty?.cls) transform(ev, w, w.ty.cls, at);
      return;
    case 'fn':
      wrapFn(ev, w, at);
      return;
    default:
      // What is kept in a field is known by its type.
      if (!isHarmless(ev, typeOfValue(w)))
        ev.gap('unknown-middleware', 'a middleware that is not known is wrapped around this endpoint', at.place);
  }
}

/** Is it a middleware of a library that turns nobody away? */
function isHarmless(ev: Ev, t: Ty | undefined): boolean {
  const row = t && ev.models instanceof PackModels ? ev.models.row(t.path) : undefined;
  return row?.type !== undefined && !row.guard;
}

/** `impl Transform` of the application makes the service; its `Service::call` is the middleware. */
function transform(ev: Ev, w: Val, cls: Cls, at: Here): void {
  const make = implMethod(cls, /(^|::)Transform$/, 'new_transform');
  if (!make) {
    ev.gap('unknown-middleware', `\`${cls.name}\` is wrapped around this endpoint, and what it does is not known`, at.place);
    return;
  }
  around(ev, at.scope, cls.name, cls.place, next => {
    const made = callback(ev, { ...make, self: w }, mkArgs([next]), at.place);
    return callService(ev, split(made, at.place).ok, next, ACTIX_REQUEST);
  });
}

function wrapFn(ev: Ev, f: Val, at: Here): void {
  const fn = fnOf(f);
  if (!fn) {
    ev.gap('unknown-middleware', 'the function of a middleware is not known', at.place);
    return;
  }
  const place: Place = { file: fn.module.file, at: fn.def.at };
  around(ev, at.scope, fn.def.name || 'middleware', place, next => callback(ev, fn, mkArgs([ACTIX_REQUEST, next]), place));
}

/** Runs a function that stands around what comes after it. */
export function fromFn(ev: Ev, fn: FnVal, scope: LayerScope): void {
  const place: Place = { file: fn.module.file, at: fn.def.at };
  around(ev, scope, fn.def.name || 'middleware', place, next => callWith(ev, fn, place, next, 'actix'));
}

function library(ev: Ev, w: CallVal, at: Here, depth: number): void {
  const [first, second] = w.args.pos;
  if (/(^|::)from_fn$/.test(w.path) && first) {
    const fn = fnOf(first);
    if (!fn) ev.gap('unknown-middleware', 'the function of a middleware is not known', at.place);
    else fromFn(ev, fn, at.scope);
    return;
  }
  if (/(^|::)Condition::new$/.test(w.path) && first && second) {
    fork(ev, truthy(first, w.place), () => runWrap(ev, second, at, depth + 1));
    return;
  }
  // A middleware that is there when the option holds one.
  if (/(^|::)Condition(Ex)?::from_option$/.test(w.path) && first) {
    const inner = split(first, w.place);
    fork(ev, not(inner.fail), () => runWrap(ev, inner.ok, at, depth + 1));
    return;
  }
  if (/(^|::)Compat::new$/.test(w.path) && first) {
    runWrap(ev, first, at, depth + 1);
    return;
  }
  if (/(^|::)GrantsMiddleware::with_extractor$/.test(w.path) && first) {
    grants(ev, first, at);
    return;
  }
  const auth = /(^|::)HttpAuthentication::(bearer|basic|with_fn|digest)$/.exec(w.path)?.[2];
  if (auth && first) {
    httpAuth(ev, auth, first, at);
    return;
  }
  const row = ev.models instanceof PackModels ? (ev.models.row(w.path) ?? ev.models.row(rootPath(w))) : undefined;
  if (row?.guard) {
    const { guard } = row;
    layer(ev, 'middleware', at.scope, w.path.split('::').at(-2) ?? w.name, at.place, () => {
      if (ev.models instanceof PackModels) ev.models.refuse(ev, w.path, guard, w.args, w.place);
      return NONE;
    });
    return;
  }
  if (w.ty?.cls) transform(ev, w, w.ty.cls, at);
  else if (w.recv?.t === 'call') library(ev, w.recv, at, depth + 1);
  else if (!row && !w.recv) ev.gap('unknown-middleware', `\`${w.path}\` is a middleware of a library that is not described`, w.place);
}

const rootPath = (w: CallVal): string => {
  let r = w;
  while (r.recv?.t === 'call') r = r.recv;
  return r.path;
};

/** actix-web-httpauth: without a credential 401; with one, what the validator says. */
function httpAuth(ev: Ev, kind: string, v: Val, at: Here): void {
  const fn = fnOf(v);
  if (!fn) {
    ev.gap('unknown-middleware', 'the validator of an authentication is not known', at.place);
    return;
  }
  const place: Place = { file: fn.module.file, at: fn.def.at };
  const name = fn.def.name || 'HttpAuthentication';
  if (kind === 'with_fn') {
    check(ev, fn, name, at, () => callWith(ev, fn, place, undefined, 'actix'));
    return;
  }
  const credential = sym(kind, Prov.Credential, {
    path: kind === 'basic' ? 'actix_web_httpauth::extractors::basic::BasicAuth()' : 'actix_web_httpauth::extractors::bearer::BearerAuth()',
  });
  const missing = atom('fails', [credential], at.place);
  check(ev, fn, name, at, () => {
    return ev.branch(
      missing,
      () => ({ ...(Err(reply(401)) as Val & { t: 'variant' }), place: at.place, frame: ev.frame, why: missing }),
      () => callback(ev, fn, mkArgs([ACTIX_REQUEST, credential]), place),
    );
  });
}

/** What `run` gives where it does not turn the request away. */
function check(ev: Ev, fn: FnVal, name: string, at: Here, run: () => Val): Val {
  const place: Place = { file: fn.module.file, at: fn.def.at };
  const r = layer(ev, 'middleware', at.scope, name, place, run);
  if (ev.dead) return NONE;
  const s = split(r, place);
  if (s.fail.f !== 'false') refuse(ev, r, s.fail, place);
  return s.ok;
}

/** actix-web-grants: what the function gives is what the caller was granted. */
function grants(ev: Ev, f: Val, at: Here): void {
  const fn = fnOf(f);
  if (!fn) {
    ev.gap('unknown-middleware', 'the function that says what a caller is granted is not known', at.place);
    return;
  }
  const list = check(ev, fn, fn.def.name || 'GrantsMiddleware', at, () => callback(ev, fn, mkArgs([ACTIX_REQUEST]), at.place));
  if (!ev.dead) grant(ev, list);
}
