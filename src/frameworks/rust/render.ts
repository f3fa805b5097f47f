/** Responses: what the application's own `IntoResponse`, `ResponseError` and `Responder` make of a value. */
import { onEach } from '../../program/alternatives.js';
import { PackModels } from '../../packs/models.js';
import { callback } from '../../program/calls.js';
import { type Ev, quietly } from '../../program/ev.js';
import type { Place } from '../../program/formula.js';
import { args as mkArgs, constant, ext, NONE, op, phi, seq } from '../../program/make.js';
import { methodOf } from '../../program/rust-methods.js';
import { tyOf, typeOfValue, withTypes } from '../../program/rust.js';
import type { CallVal, Cls, FnVal, Impl, Ty, Val } from '../../program/values.js';
import { reply } from './reply.js';
import { isInnerResponse } from '../layers.js';
import { ACTIX_REQUEST } from './request.js';

const DEEP = 8;

/** The response that a handler's, extractor's or middleware's value becomes. */
export function renderRust(ev: Ev, v: Val, depth = 0, failed = false): Val {
  if (ev.dead || depth > DEEP || isInnerResponse(v)) return v;
  switch (v.t) {
    case 'phi':
      return onEach(ev, v, x => renderRust(ev, x, depth, failed));
    case 'variant': {
      if (v.of === 'Result') {
        const inner = v.fields.get('0');
        const r = inner ? renderRust(ev, inner, depth + 1, v.tag === 'Err') : v;
        return v.tag === 'Err' ? failing(r) : r;
      }
      if (v.of === 'Option')
        return v.tag === 'Some' && v.fields.get('0') ? renderRust(ev, v.fields.get('0') as Val, depth + 1) : reply(404);
      return ofClass(ev, v, depth, failed);
    }
    case 'obj':
      return ofClass(ev, v, depth, failed);
    case 'seq':
      return ofTuple(ev, v, depth, failed);
    case 'op':
      return ofOperation(ev, v, depth, failed);
    case 'call':
      return ofCall(ev, v, depth, failed);
    case 'coro':
      return renderRust(ev, v.run(), depth + 1, failed);
    case 'class':
      return ofClass(ev, v, depth, failed);
    default: {
      if ((v.t === 'sym' || v.t === 'attr' || v.t === 'item') && v.ty?.cls) return ofClass(ev, v, depth, failed);
      return v;
    }
  }
}

/** The answer of an error turns the request away, whatever its status says, and where that is not known. A mere text or body is answered with 200. */
function failing(v: Val): Val {
  if (v.t === 'phi') return phi(v.c, failing(v.a), failing(v.b));
  const body =
    v.t === 'const' ||
    v.t === 'obj' ||
    (v.t === 'call' && /(^|::)(Json|Html|Form|String::from)$/.test(v.path)) ||
    (v.t === 'op' && /^(fmt|str|body)$/.test(v.op));
  return op('failing', body ? [v, constant(200)] : [v]);
}

/** Method of one of the type's trait impls, by the trait's name; of `dyn Trait` where only that has it. */
function ofTrait(ev: Ev, cls: Cls, trait: RegExp, method: string): FnVal | undefined {
  for (const i of [...cls.impls, ...cls.impls.flatMap(x => (x.trait?.cls ? asObject(ev, x.trait.cls) : []))]) {
    const m = i.trait && trait.test(i.trait.path) ? i.members.get(method) : undefined;
    if (m?.t === 'fn') return m;
  }
  return undefined;
}

/** `impl IntoResponse for Box<dyn AppError>`: what every type with the trait becomes. */
const asObject = (ev: Ev, trait: Cls): Impl[] => [
  ...trait.impls,
  ...(ev.program.libraryImpls.get('Box') ?? []).filter(i => tyOf(ev, i.type, i.scope).args[0]?.cls === trait),
];

function ofClass(ev: Ev, v: Val, depth: number, failed: boolean): Val {
  const ty: Ty | undefined = v.t === 'class' ? { path: v.name, cls: v, args: [] } : typeOfValue(v);
  const cls = ty?.cls;
  if (!cls) return v;
  const place: Place = cls.place;
  const invoke = (m: FnVal, a: Val[] = []): Val => callback(ev, { ...(ty ? withTypes(ev, m, ty) : m), self: v }, mkArgs(a), place);
  const into = ofTrait(ev, cls, /(^|::)IntoResponse$/, 'into_response');
  if (into) return renderRust(ev, invoke(into), depth + 1);
  const error = ofTrait(ev, cls, /(^|::)ResponseError$/, 'error_response');
  if (error) return renderRust(ev, invoke(error), depth + 1);
  const status = ofTrait(ev, cls, /(^|::)ResponseError$/, 'status_code');
  if (status) return seq('tuple', [invoke(status), op('body', [v])]);
  if (cls.impls.some(i => i.trait && /(^|::)ResponseError$/.test(i.trait.path))) return reply(500);
  const responder = ofTrait(ev, cls, /(^|::)Responder$/, 'respond_to');
  if (responder) return renderRust(ev, invoke(responder, [ACTIX_REQUEST]), depth + 1);
  // An error that becomes another one on its way out: `impl From<MyError> for Response`, or one field that is a response.
  const own = methodOf(ev, cls, 'into_response');
  if (own) return renderRust(ev, invoke(own), depth + 1);
  if (failed) return reply(500);
  return v;
}

function ofTuple(ev: Ev, v: Val & { t: 'seq' }, depth: number, failed: boolean): Val {
  if (v.kind !== 'tuple' || v.items.length === 0) return v;
  const first = v.items[0] as Val;
  // `(Error, ServiceRequest)`: what a validator of actix-web-httpauth gives back.
  if (
    failed &&
    v.items.length === 2 &&
    (v.items[1] === ACTIX_REQUEST ||
      (v.items[1]?.t === 'sym' && /ServiceRequest|HttpRequest/.test(v.items[1].path ?? v.items[1].ty?.path ?? '')))
  )
    return renderRust(ev, first, depth + 1, true);
  if (isStatus(ev, first)) return v;
  const last = v.items.at(-1) as Val;
  const inner = renderRust(ev, last, depth + 1, failed);
  return inner === last ? v : inner;
}

/** Is `v` a status code, as far as can be seen? */
function isStatus(ev: Ev, v: Val): boolean {
  if (v.t === 'phi') return isStatus(ev, v.a) || isStatus(ev, v.b);
  if (v.t === 'const') return typeof v.v === 'number';
  const path = v.t === 'ext' ? v.path : (typeOfValue(v)?.path ?? '');
  return /(^|::)StatusCode(::|$)/.test(path) || /StatusCode/.test(ev.program.pathOf(v) ?? '') || (v.t === 'call' && /status/.test(v.name));
}

/** Errors of libraries that were wrapped on the way up: a crash of the service. */
function ofOperation(ev: Ev, v: Val & { t: 'op' }, depth: number, failed: boolean): Val {
  const inner = v.args[0];
  switch (v.op) {
    case 'from':
    case 'context':
    case 'anyhow': {
      const cls = v.ty?.cls;
      // `anyhow!(..)` and friends carry no status, but the application's type around them may fix one for all of them.
      if (cls && cls.kind === 'struct') return ofClass(ev, v, depth, true);
      return inner && v.op !== 'anyhow' && statusBearing(inner) ? renderRust(ev, inner, depth + 1, true) : reply(500);
    }
    case 'err': {
      if (v.ty?.cls) return ofClass(ev, v, depth, true);
      return failed ? fromLibrary(v) : v;
    }
    case 'ok': {
      const built = inner?.t === 'call' ? builder(ev, inner) : undefined;
      if (built) return built;
      return v.ty?.cls ? ofClass(ev, v, depth, failed) : v;
    }
    default:
      return v.ty?.cls ? ofClass(ev, v, depth, failed) : v;
  }
}

const statusBearing = (v: Val): boolean => v.t === 'ext' || (v.t === 'sym' && v.path === '@reply') || v.t === 'call';

/** The error of a library call: its own response where the framework gives one, else a crash. */
const fromLibrary = (v: Val): Val => (v.t === 'op' && v.args[0]?.t === 'sym' && v.args[0].path === '@reply' ? v.args[0] : reply(500));

const SAME =
  /^(map_into_(boxed|left|right)_body|map_body|into_response|into_parts|boxed|into|respond_to|finish|customize|take|clone|map_err|set_body|into_body)$/;

function ofCall(ev: Ev, v: Val & { t: 'call' }, depth: number, failed: boolean): Val {
  const a = v.args.pos[0];
  if (v.name === 'into_response' && a && v.recv) return renderRust(ev, a, depth + 1, failed);
  if (v.name === 'error_response' && a) return renderRust(ev, a, depth + 1, true);
  if (/(^|::)ServiceResponse::new$/.test(v.path)) return v.args.pos[1] ? renderRust(ev, v.args.pos[1], depth + 1) : v;
  if (/(^|::)(ServiceResponse::from_err|HttpResponse::from_error)$/.test(v.path) && a) return failing(renderRust(ev, a, depth + 1, true));
  if (/(^|::)(ErrorResponse|Error|Response)::from$/.test(v.path) && a) return renderRust(ev, a, depth + 1, failed);
  if (/(^|::)InternalError::from_response$/.test(v.path) && v.args.pos[1]) return renderRust(ev, v.args.pos[1], depth + 1);
  const built = builder(ev, v);
  if (built) return built;
  if (v.recv && SAME.test(v.name)) {
    const inner = renderRust(ev, v.recv, depth + 1, failed);
    return inner === v.recv ? v : inner;
  }
  if (v.ty?.cls) return ofClass(ev, v, depth, failed);
  return v;
}

/** `Response::builder().status(303).header(LOCATION, to).body(..)`, `HttpResponse::Found().insert_header((LOCATION, to)).finish()`. */
function builder(ev: Ev, v: CallVal): Val | undefined {
  let status: Val | undefined;
  let location: Val | undefined;
  let c: Val = v;
  for (let i = 0; c.t === 'call' && i < 60; i++) {
    const [a, b] = c.args.pos;
    if (c.name === 'status' && a) status ??= a;
    if (/^(header|insert_header|append_header|set_header|append)$/.test(c.name) && a) {
      const name = a.t === 'seq' ? a.items[0] : a;
      const value = a.t === 'seq' ? a.items[1] : b;
      if (name && value && isLocation(name)) location ??= value;
    }
    if (!c.recv) {
      const responds = ev.models instanceof PackModels ? ev.models.row(c.path)?.responds?.status : undefined;
      if (status === undefined)
        status = typeof responds === 'number' ? constant(responds) : responds?.arg !== undefined ? c.args.pos[responds.arg] : undefined;
      if (!/(^|::)(builder|new|build|\w*Builder::\w+)$/.test(c.path) && location === undefined) return undefined;
      break;
    }
    c = c.recv;
    if (c.t === 'op' && c.args[0]) c = c.args[0];
  }
  if (status === undefined) return undefined;
  return seq('tuple', [
    status,
    ...(location ? [seq('list', [seq('tuple', [ext('http::header::LOCATION'), location])])] : [op('body', [v])]),
  ]);
}

const isLocation = (v: Val): boolean =>
  (v.t === 'ext' && /(^|::)LOCATION$/.test(v.path)) || (v.t === 'const' && /^location$/i.test(String(v.v)));

/**
 * Ends the request with `v`: one exit for each way in which it came about, at the place where its error was made.
 * What it becomes on the wire is asked later (`renderRust`). Values for which `skip` holds end nothing.
 */
export function answer(ev: Ev, v: Val, place: Place, skip: (v: Val) => boolean = () => false): void {
  if (ev.dead) return;
  if (v.t === 'phi') {
    onEach(ev, v, x => (answer(ev, x, place, skip), NONE), true);
    return;
  }
  if (v.t === 'variant' && v.of === 'Result' && v.tag === 'Ok') {
    answer(ev, v.fields.get('0') ?? v, place, skip);
    return;
  }
  if (skip(v)) return;
  if (v.t === 'call' && v.store?.has('status')) {
    ev.exit('return', asWritten(v), v.place, {
      frame: v.frame,
      ...('seq' in v && v.seq !== undefined ? { seq: v.seq } : {}),
    });
    return;
  }
  ev.exit(
    'return',
    v,
    place,
    v.t === 'variant'
      ? {
          ...(v.frame ? { frame: v.frame } : {}),
          ...(v.seq !== undefined ? { seq: v.seq } : {}),
          ...(v.propagated ? { propagated: true } : {}),
        }
      : {},
  );
}

/** A response with the status that was written into it (`*response.status_mut() = ..`), for this request alone. */
export function asWritten(v: Val): Val {
  const status = v.t === 'call' ? v.store?.get('status') : undefined;
  return status ? seq('tuple', [status, op('body', [v])]) : v;
}

/** `renderRust`, for values of a request that has ended. */
export function rendered(ev: Ev, v: Val): Val {
  return quietly(ev, () => renderRust(ev, v));
}
