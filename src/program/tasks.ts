/** Work that is handed to the runtime, and goes on beside the request. */
import type { Ev } from './ev.js';
import { conjuncts, type F, type Place } from './formula.js';
import type { CallVal, Val } from './values.js';

const STARTS = /(^|::|\.)(spawn|spawn_local|create_task|ensure_future)$/;
const TAKES = /create_task|ensure_future|spawn|add_task/;

/** Does a call of this name leave a coroutine that it is given to the runtime, rather than wait for it? */
export const isHandedOn = (name: string): boolean => TAKES.test(name);

/** Is what the call here gives looked at by nobody? A generator that nobody asks for anything does nothing. */
export const isUnused = ({ unused }: Ev, { file, at }: Place): boolean => unused?.file === file && unused.at === at;

type Coro = Val & { t: 'coro' };

/** Takes note of a task that is given up (`task.cancel()`, `handle.abort()`). */
export function giveUp(c: CallVal): void {
  const task = c.recv && /^(cancel|abort)$/.test(c.name) ? taskOf(c.recv) : undefined;
  if (task) task.state.cancelled = c.pc;
}

/** Was it given up before: does whoever waits for it wait for nothing? */
export function isGivenUp({ state }: Coro, pc: F): boolean {
  const now = state.cancelled && new Set(conjuncts(pc));
  return now !== undefined && conjuncts(state.cancelled as F).every(c => now.has(c));
}

/** The coroutine that was started as a task, where `v` is what it is waited for by (a `JoinHandle`, an `asyncio.Task`). */
export function taskOf(v: Val): Coro | undefined {
  const task = v.t === 'call' && STARTS.test(v.path) ? v.args.pos.find(a => a.t === 'coro') : undefined;
  return task?.t === 'coro' ? task : undefined;
}

/** Does the handle say whether the task came to its end, besides what it came to? */
export const isJoined = (v: CallVal): boolean => v.path.includes('::');
