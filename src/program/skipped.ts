/** Code that never runs, tried out: a check in it was meant to turn requests away, and is worth a word where nothing else does. */
import type { Expr, Mark, Stmt } from '../facts/types.js';
import type { Dropped, Ev } from './ev.js';
import { type Atom, atomsOf, type Place } from './formula.js';
import { NONE, prov } from './make.js';
import { configured, gatedBy } from './rust-cfg.js';
import { Prov, type Scope } from './values.js';

/** Notes a statement with attributes that leave it out of a default build. */
export function leftOut(ev: Ev, s: Stmt & { marks?: Mark[] }, scope: Scope, run: () => void): void {
  if (gatedBy(ev, s.marks ?? []) !== undefined) note(ev, ev.place(scope.module, s.at), 'gated', run);
}

/** Notes the branch of `if false` and `if cfg!(..)`; of other conditions it cannot be said that they never hold. */
export function neverTaken(ev: Ev, test: Expr, place: Place, then: () => void): void {
  const how = test.k === 'lit' && test.v === false ? 'dead' : test.k === 'macro' && isOff(ev, test) ? 'gated' : undefined;
  if (how) note(ev, place, how, then);
}

const isOff = (ev: Ev, e: Expr & { k: 'macro' }): boolean => e.path.at(-1) === 'cfg' && configured(ev, e.args?.[0]) === false;

function note(ev: Ev, place: Place, how: 'dead' | 'gated', run: () => void): void {
  if (!ev.request || !ev.frame || ev.dead) return;
  const { pc, sink, dropped, gaps, events, last, expected } = ev;
  const before = new Set<Atom>(atomsOf(pc));
  Object.assign(ev, { sink: [], dropped: [], gaps: [], events: [] });
  let asks = false;
  try {
    ev.journal.branch(run);
    asks = ev.sink.some(e => atomsOf(e.cond).some(a => !before.has(a) && a.args.some(v => prov(v) & Prov.Credential)));
  } finally {
    Object.assign(ev, { pc, sink, dropped, gaps, events, last, expected });
  }
  if (asks) ev.dropped.push({ val: NONE, place, frame: ev.frame, how } satisfies Dropped);
}
