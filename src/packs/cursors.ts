/** Cursors of databases (PEP 249): what is fetched from one was found by the statement that it ran last. */
import { leavesOf } from '../program/alternatives.js';
import type { Ev } from '../program/ev.js';
import { setAttribute } from '../program/python.js';
import type { CallVal, Val } from '../program/values.js';

const RAN = '@ran';

/** Takes note of the statement that `c` runs on its cursor, or makes of `c` a call on what the cursor ran last. */
export function onCursor(ev: Ev, c: CallVal, does: 'runs' | 'fetches'): void {
  if (!c.recv) return;
  if (does === 'runs') setAttribute(ev, c.recv, RAN, c, c.place);
  else c.recv = ran(c.recv);
}

/** What `cursor` ran last; itself where that is not one statement. */
export function ran(cursor: Val): Val {
  const all = new Set(leavesOf(cursor).map(x => (x.t === 'call' || x.t === 'sym' ? x.store?.get(RAN) : undefined)));
  const [last] = all;
  return all.size === 1 && last ? last : cursor;
}
