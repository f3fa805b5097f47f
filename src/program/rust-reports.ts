/**
 * error-stack: a `Report` is the error that stands in front, its current context. What else it holds (what was attached, where it came
 * from) is for those who read logs.
 */
import { leavesOf } from './alternatives.js';
import { call } from './calls.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs } from './make.js';
import type { CallArgs, Val } from './values.js';

/** Methods, of reports and of results that hold them, that hand on what they are called on. */
const SAME = /^(current_context(_mut)?|into_report|attach_(printable|lazy|opaque)(_lazy)?)$/;

/** A method of a report; undefined where it is none. */
export function onReport(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  if (SAME.test(name) || (name === 'attach' && ev.program.versions.has('error-stack') && isReport(recv))) return recv;
  const next = a.pos[0];
  if (!/^change_context(_lazy)?$/.test(name) || !next || !isReport(recv)) return undefined;
  return name === 'change_context' ? next : call(ev, next, mkArgs(), place);
}

const isReport = (v: Val): boolean =>
  leavesOf(v).every(
    x =>
      x.t === 'obj' ||
      (x.t === 'variant' && x.of !== 'Result' && x.of !== 'Option') ||
      (x.t === 'op' && /^(err|context|anyhow|from)$/.test(x.op)),
  );
