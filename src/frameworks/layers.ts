/** Running the layers of a request: hooks, dependencies, middleware, the handler. */
import { callback } from '../program/calls.js';
import type { Ev } from '../program/ev.js';
import { FALSE, not, or, type Place, since, TRUE } from '../program/formula.js';
import { native, sym } from '../program/make.js';
import { fails } from '../program/ops.js';
import { type CallArgs, type CallVal, Prov, type Val } from '../program/values.js';
import type { LayerScope, Role } from './types.js';

/** Runs `fn` as one layer; frames below it know where they stand by `role`. */
export function layer(ev: Ev, role: Role, scope: LayerScope, name: string, place: Place, fn: () => Val): Val {
  return ev.inFrame({ name, role: `${role}:${scope}`, place, site: place }, fn);
}

/**
 * Calls a hook whose value, when there is one, is the response.
 * @param isReply whether what a library gave is an answer; what nobody has described is presumed to be none
 */
export function hook(
  ev: Ev,
  fn: Val,
  args: CallArgs,
  scope: LayerScope,
  name: string,
  place: Place,
  isReply: (v: CallVal) => boolean,
): void {
  const v = layer(ev, 'hook', scope, name, place, () => callback(ev, fn, args, place));
  if (ev.dead || (v.t === 'call' && !v.ty?.cls && !isReply(v))) return;
  const answered = not(fails(v, place));
  if (answered !== FALSE) ev.exitIf(answered, 'return', v, place, { some: true });
}

/**
 * Runs a middleware that may or may not let the request go on. `run` gets the continuation to pass as `next`/`call_next`;
 * after it, the path condition is that under which the continuation was called.
 */
export function around(ev: Ev, role: Role, scope: LayerScope, name: string, place: Place, run: (next: Val) => Val): void {
  const base = ev.pc;
  let passed: typeof base = FALSE;
  const inner = sym('response', Prov.None, { path: 'response' });
  const next = native('next', () => {
    if (!ev.trying) passed = or([passed, ev.pc]);
    return inner;
  });
  const v = layer(ev, role, scope, name, place, () => run(next));
  // Whatever is answered without having asked the inner service turns the request away.
  if (!ev.dead && passed !== or([ev.pc])) ev.exitIf(passed === FALSE ? TRUE : not(sinceBase(passed, base)), 'return', v, place);
  ev.pc = passed;
}

const sinceBase = (f: Parameters<typeof since>[0], base: Parameters<typeof since>[0]): Parameters<typeof since>[0] =>
  f.f === 'or' ? or(f.xs.map(x => since(x, base))) : since(f, base);

/** What a response of the inner service is said to be in Rust, where the path of a library tells its methods from the application's. */
export const INNER_RESPONSE = 'http::Response()';

/** Response of the inner service, as middleware sees it. */
export const isInnerResponse = (v: Val): boolean => v.t === 'sym' && (v.path === 'response' || v.path === INNER_RESPONSE);
