/** Functions that run before the handler. */
import type { Ev } from '../../../program/ev.js';
import { and, atomsOf, conjuncts, type F, TRUE } from '../../../program/formula.js';
import { NONE, prov } from '../../../program/make.js';
import { type CallArgs, type CallVal, Prov } from '../../../program/values.js';
import { hook } from '../../layers.js';
import { handlerOf } from '../common.js';
import type { Hook } from './registry.js';

/** Whether what a library gave is an answer: where it is described, or is there in any case. */
export const isReply = (ev: Ev, v: CallVal): boolean => v.present === true || ev.models.known(ev.models.canonical(v.path));

/** @param start the condition under which the route was registered */
export function runHook(ev: Ev, h: Hook, scope: 'app' | 'router', a: CallArgs, start: F): void {
  if (ev.dead) return;
  const { name, place } = handlerOf(ev, h.value, h.event.place);
  const run = (): typeof NONE => (hook(ev, h.value, a, scope, name.split('.').at(-1) ?? name, place, v => isReply(ev, v)), NONE);
  const only = switches(h.event.pc, start);
  if (only === TRUE) run();
  else ev.branch(only, run, () => NONE);
}

/** The settings with which alone something is registered under `pc`, while the route is without them. */
export function switches(pc: F, start: F): F {
  const anyway = new Set(conjuncts(start));
  return conjuncts(pc)
    .filter(f => !anyway.has(f) && atomsOf(f).every(a => a.args.length > 0 && a.args.every(v => (prov(v) & ~Prov.Setting) === 0)))
    .reduce(and, TRUE);
}
