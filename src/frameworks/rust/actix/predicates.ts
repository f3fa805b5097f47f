/**
 * Route guards of actix-web: predicates over the head of a request that decide whether a route is tried at all. A request that
 * no route takes is answered with 404, so a guard that asks for a key turns away who has none.
 */
import { callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { and, type F, not, or, type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, op } from '../../../program/make.js';
import { equal, split, truthy } from '../../../program/ops.js';
import { rsMethod } from '../../../program/rust-methods.js';
import type { CallVal, Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import type { LayerScope } from '../../types.js';
import { fnOf, implMethod } from '../axum/layers.js';
import type { Layered } from '../axum/model.js';
import { handlerName } from '../names.js';
import { reply } from '../reply.js';
import { ACTIX_REQUEST } from '../request.js';

/** A guard as a layer around what it stands on. */
export const predicate = (guard: Val, place: Place, scope: LayerScope): Layered => ({ val: op('guard', [guard]), place, scope, strip: '' });

/** Runs a guard before the routes that it stands on. */
export function runPredicate(ev: Ev, guard: Val, scope: LayerScope, place: Place): void {
  const fn = fnOf(guard);
  const at = fn ? { file: fn.module.file, at: fn.def.at } : place;
  let taken: F = TRUE;
  layer(ev, 'middleware', scope, handlerName(guard), at, () => {
    taken = holds(ev, guard, at);
    return guard;
  });
  ev.exitIf(not(taken), 'return', reply(404), at);
}

/** When `guard` takes the request. */
function holds(ev: Ev, guard: Val, place: Place, depth = 0): F {
  if (depth > 12) return TRUE;
  switch (guard.t) {
    case 'phi':
      return or([and(guard.c, holds(ev, guard.a, place, depth + 1)), and(not(guard.c), holds(ev, guard.b, place, depth + 1))]);
    case 'fn':
      return truthy(callback(ev, guard, mkArgs([ACTIX_REQUEST]), place), place);
    case 'obj':
    case 'class': {
      const check = implMethod(guard.t === 'class' ? guard : guard.cls, /(^|::)Guard$/, 'check');
      if (check) return truthy(callback(ev, { ...check, self: guard }, mkArgs([ACTIX_REQUEST]), place), place);
      break;
    }
    case 'call':
      return library(ev, guard, place, depth);
    default:
      break;
  }
  ev.gap('unknown-middleware', 'a route guard that is not known decides whether this endpoint is reached', place);
  return TRUE;
}

function library(ev: Ev, guard: CallVal, place: Place, depth: number): F {
  const [first, second] = guard.args.pos;
  const name = guard.path.split('::').at(-1) ?? '';
  const inner = (g: Val): F => holds(ev, g, place, depth + 1);
  // `All(a).and(b)`, `Any(a).or(b)`
  if (guard.recv && first && guard.name === 'and') return and(inner(guard.recv), inner(first));
  if (guard.recv && first && guard.name === 'or') return or([inner(guard.recv), inner(first)]);
  if ((name === 'All' || name === 'Any' || name === 'fn_guard') && first) return inner(first);
  if (name === 'Not' && first) return not(inner(first));
  if (name === 'Header' && first && second) {
    const module = ev.program.modules.find(m => m.file === place.file);
    if (!module) return TRUE;
    const headers = rsMethod(ev, ACTIX_REQUEST, 'headers', mkArgs([]), place, module.scope);
    const value = split(rsMethod(ev, headers, 'get', mkArgs([first]), place, module.scope), place);
    return and(not(value.fail), equal(value.ok, second, place));
  }
  // By method or host: a guard of these kinds only routes.
  return TRUE;
}
