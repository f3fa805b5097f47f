/** Work that is handed to the runtime, and goes on beside the request. */
import type { CallVal, Val } from './values.js';

const STARTS = /(^|::|\.)(spawn|spawn_local|create_task|ensure_future)$/;
const TAKES = /create_task|ensure_future|spawn|add_task/;

/** Does a call of this name leave a coroutine that it is given to the runtime, rather than wait for it? */
export const isHandedOn = (name: string): boolean => TAKES.test(name);

/** The coroutine that was started as a task, where `v` is what it is waited for by (a `JoinHandle`, an `asyncio.Task`). */
export function taskOf(v: Val): (Val & { t: 'coro' }) | undefined {
  const task = v.t === 'call' && STARTS.test(v.path) ? v.args.pos.find(a => a.t === 'coro') : undefined;
  return task?.t === 'coro' ? task : undefined;
}

/** Does the handle say whether the task came to its end, besides what it came to? */
export const isJoined = (v: CallVal): boolean => v.path.includes('::');
