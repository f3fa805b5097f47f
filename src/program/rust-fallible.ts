/** Option and Result as control flow: every combinator is a branch on whether there is a value. */
import type { Ev } from './ev.js';
import { call } from './calls.js';
import { type F, FALSE, not, type Place, whole } from './formula.js';
import { args as mkArgs, bool, constant, Err, NONE, None_, Ok, op, phi, prov, Some } from './make.js';
import { split, truthy } from './ops.js';
import { defaultLike } from './rust-defaults.js';
import type { CallArgs, Scope, Val, VariantVal } from './values.js';

export const errorHere = (ev: Ev, e: Val, place: Place, why: F): Val => ({
  ...(Err(e) as VariantVal),
  place,
  frame: ev.frame,
  why: whole(why),
  seq: ev.seq++,
});

export function apply(ev: Ev, f: Val | undefined, v: Val[], place: Place): Val {
  if (!f) return NONE;
  const r = call(ev, f, mkArgs(v), place);
  return r.t === 'coro' ? r.run() : r;
}

/** What is built so is no Option: `guard::Any(..).or(..)`, `Condition::new(..).and(..)`. */
const CONSTRUCTOR = /(^|::)[A-Z]\w*(::new)?$/;

/** Option/Result combinators, once for all: each is a branch on whether the receiver holds a value. */
/** What a query gives that does not fail for want of a row is an `Option` of one, whatever its type is called. */
const perhapsRow = (v: Val): boolean => v.t === 'op' && v.op === 'ok' && v.args[0]?.t === 'call' && v.args[0].query?.misses === 'never';

export function fallible(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope): Val | undefined {
  if (!COMBINATORS.has(name)) return undefined;
  if (recv.t === 'bool' || (recv.t === 'const' && recv.v !== null) || recv.t === 'obj') return undefined;
  if ((name === 'and' || name === 'or') && recv.t === 'call' && CONSTRUCTOR.test(recv.path)) return undefined;
  const s = split(recv, place);
  const f = a.pos[0];
  const onOk = (ok: () => Val, bad: () => Val): Val => ev.branch(not(s.fail), ok, bad);
  const isResult = s.kind === 'Result' || (s.kind === undefined && /err/.test(name));
  const wrap = (v: Val): Val => (isResult ? Ok(v) : Some(v));
  const failure = (): Val =>
    isResult
      ? (failing(recv, place) ?? Err(s.err ?? op('err', [recv])))
      : s.kind === 'Option'
        ? None_
        : { t: 'variant', of: 'Result', tag: 'Err', fields: new Map([['0', s.err ?? op('err', [recv])]]), id: -1 };
  switch (name) {
    case 'is_some':
    case 'is_ok':
      return bool(not(s.fail));
    case 'is_none':
    case 'is_err':
      return bool(s.fail);
    case 'unwrap':
    case 'expect':
    case 'unwrap_unchecked':
      if (s.fail !== FALSE) ev.exitIf(s.fail, 'panic', op('panic', [recv]), place);
      return s.ok;
    case 'unwrap_err':
    case 'expect_err':
      return s.err ?? op('err', [recv]);
    case 'unwrap_or':
      return phi(s.fail, f ?? NONE, s.ok);
    case 'unwrap_or_default':
      return s.fail === FALSE ? s.ok : phi(s.fail, defaultLike(ev, s.ok, place), s.ok);
    case 'unwrap_or_else':
      return onOk(
        () => s.ok,
        () => apply(ev, f, isResult || s.kind === undefined ? [s.err ?? op('err', [recv])] : [], place),
      );
    case 'ok':
      return phi(s.fail, None_, Some(s.ok));
    case 'err':
      return phi(s.fail, Some(s.err ?? op('err', [recv])), None_);
    case 'ok_or':
      return phi(s.fail, errorHere(ev, f ?? NONE, place, s.fail), Ok(s.ok));
    case 'ok_or_else':
    case 'with_context_':
      return onOk(
        () => Ok(s.ok),
        () => errorHere(ev, apply(ev, f, [], place), place, s.fail),
      );
    case 'map':
      return onOk(() => wrap(apply(ev, f, [s.ok], place)), failure);
    case 'map_err':
      return onOk(
        () => Ok(s.ok),
        () => errorHere(ev, apply(ev, f, [s.err ?? op('err', [recv])], place), place, s.fail),
      );
    case 'context':
    case 'with_context':
    case 'wrap_err':
    case 'wrap_err_with':
    case 'or_raise':
      return s.kind === 'Option' || s.kind === 'Result' || prov(recv)
        ? phi(s.fail, Err(op('context', [s.err ?? op('err', [recv])])), Ok(s.ok))
        : undefined;
    // error-stack: the error that stands in front of those that it came from.
    case 'change_context':
    case 'change_context_lazy':
      return s.kind === 'Option'
        ? undefined
        : onOk(
            () => Ok(s.ok),
            () => errorHere(ev, name === 'change_context' ? (f ?? NONE) : apply(ev, f, [], place), place, s.fail),
          );
    case 'and_then':
      return onOk(() => apply(ev, f, [s.ok], place), failure);
    case 'and':
      return onOk(() => f ?? NONE, failure);
    case 'or_else':
      return onOk(
        () => wrap(s.ok),
        () => apply(ev, f, isResult ? [s.err ?? op('err', [recv])] : [], place),
      );
    case 'or':
      return onOk(
        () => wrap(s.ok),
        () => f ?? NONE,
      );
    case 'map_or':
      return onOk(
        () => apply(ev, a.pos[1], [s.ok], place),
        () => f ?? NONE,
      );
    case 'map_or_else':
      return onOk(
        () => apply(ev, a.pos[1], [s.ok], place),
        () => apply(ev, f, [], place),
      );
    case 'is_some_and':
    case 'is_ok_and':
      return onOk(
        () => apply(ev, f, [s.ok], place),
        () => constant(false),
      );
    case 'is_none_or':
      return onOk(
        () => apply(ev, f, [s.ok], place),
        () => constant(true),
      );
    case 'filter': {
      if (s.kind === undefined && recv.t !== 'variant' && !perhapsRow(recv)) return undefined;
      const keep = truthy(
        onOk(
          () => apply(ev, f, [s.ok], place),
          () => constant(false),
        ),
        place,
      );
      return phi(keep, Some(s.ok), None_);
    }
    case 'flatten':
      return phi(s.fail, failure(), s.ok);
    case 'transpose': {
      const inner = split(s.ok, place);
      // `Result<Option<T>, E>` becomes `Option<Result<T, E>>`, and the other way round.
      return s.kind === 'Result' || (s.kind === undefined && inner.kind === 'Option')
        ? phi(s.fail, Some(failure()), phi(inner.fail, None_, Some(Ok(inner.ok))))
        : phi(s.fail, Ok(None_), phi(inner.fail, Err(inner.err ?? op('err', [s.ok])), Ok(Some(inner.ok))));
    }
    case 'inspect':
    case 'inspect_err':
    case 'tap':
    case 'tap_err':
      return recv;
    case 'take':
    case 'replace':
      return s.kind ? recv : undefined;
    default:
      void scope;
      return undefined;
  }
}

/** The errors in `v` as they were made, each at its own place; undefined where one of them is not known as such. */
export function failing(v: Val, at: Place, depth = 0): Val | undefined {
  if (v.t === 'variant') return v.of === 'Result' && v.tag === 'Err' ? v : undefined;
  if (v.t !== 'phi' || depth > 40) return undefined;
  if (split(v.a, at).fail === FALSE) return failing(v.b, at, depth + 1);
  if (split(v.b, at).fail === FALSE) return failing(v.a, at, depth + 1);
  const a = failing(v.a, at, depth + 1);
  const b = failing(v.b, at, depth + 1);
  return a && b && phi(v.c, a, b);
}

export const COMBINATORS: ReadonlySet<string> = new Set([
  'is_some',
  'is_ok',
  'is_none',
  'is_err',
  'unwrap',
  'expect',
  'unwrap_err',
  'expect_err',
  'unwrap_or',
  'unwrap_or_default',
  'unwrap_or_else',
  'ok',
  'err',
  'ok_or',
  'ok_or_else',
  'map',
  'map_err',
  'context',
  'with_context',
  'wrap_err',
  'wrap_err_with',
  'change_context',
  'change_context_lazy',
  'and_then',
  'and',
  'or_else',
  'or',
  'map_or',
  'map_or_else',
  'is_some_and',
  'is_ok_and',
  'is_none_or',
  'filter',
  'flatten',
  'transpose',
  'inspect',
  'inspect_err',
  'take',
  'replace',
]);
