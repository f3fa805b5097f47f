/** Values that a task knows while a future runs (`tokio::task_local!`): what a middleware gives to all that comes after it. */
import { callback } from '../../program/calls.js';
import type { Ev } from '../../program/ev.js';
import { args as mkArgs, Err, Ok, op, Some } from '../../program/make.js';
import { split } from '../../program/ops.js';
import { TASK_LOCAL } from '../../program/rust-items.js';
import type { CallVal, Val } from '../../program/values.js';
import { LOCAL } from './extensions.js';

const keyOf = (v: Val | undefined): string | undefined => (v?.t === 'sym' && v.path === TASK_LOCAL ? `${LOCAL}${String(v.id)}` : undefined);

/** What the task knew at the end of the request: answers are made of what was returned when it is over. */
const last = new WeakMap<Ev, Map<string, Val>>();

/** A request that begins knows nothing. */
export const forgetTask = (ev: Ev): void => void last.set(ev, new Map());

/** `CALLER.scope(who, future)`: from here on the task knows who. */
export function enterTask(ev: Ev, c: CallVal): void {
  const key = keyOf(c.recv);
  if (key === undefined || !c.args.pos[0]) return;
  const given = Some(c.args.pos[0]);
  ev.write(ev.globals, key, given);
  last.get(ev)?.set(key, given);
}

/** `CALLER.with(|who| ..)`, `CALLER.try_with(..)`, `CALLER.get()`; undefined for any other call, and where nothing was given. */
export function onTaskLocal(ev: Ev, c: CallVal): Val | undefined {
  const key = keyOf(c.recv);
  const known = key === undefined ? undefined : (ev.globals.get(key) ?? last.get(ev)?.get(key));
  const then = c.args.pos[0];
  if (key === undefined) return undefined;
  if (c.name === 'sync_scope' && then && c.args.pos[1]) {
    enterTask(ev, c);
    return callback(ev, c.args.pos[1], mkArgs(), c.place);
  }
  if (!known) return undefined;
  const { fail, ok } = split(known, c.place);
  const given = (): Val => (then ? callback(ev, then, mkArgs([ok]), c.place) : ok);
  if (c.name === 'try_with' || c.name === 'try_get') {
    if (fail.f === 'false') return Ok(given());
    return ev.branch(
      fail,
      () => Err(op('unset', [c.recv as Val])),
      () => Ok(given()),
    );
  }
  if (c.name !== 'with' && c.name !== 'get') return undefined;
  // Outside of the scope there is no answer at all.
  ev.exitIf(fail, 'panic', op('unset', [c.recv as Val]), c.place);
  return ev.dead ? undefined : given();
}
