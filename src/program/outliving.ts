/**
 * What a call writes to values that are there before it and after it: for whom it was left early, that holds which was written until then,
 * and nothing that was written later (`if not token: return`, then `g.admin = True`).
 */
import type { Ev, Exit, Frame } from './ev.js';
import { merged } from './filling.js';
import { type F, or, since } from './formula.js';
import { stored, type Write } from './journal.js';
import { nextId, type Val } from './values.js';

type Store = Write['store'];

/** What the running call leaves to those that left it by a return. */
export interface Outlived {
  /** What is made from here on is the call's own. */
  readonly from: number;
  /** Written on ways that ended in returns. */
  readonly left: { cond: F; writes: [Store, Map<string, unknown>][] }[];
  /** Overwritten when the call had been left by the first `exits` of its exits: what stood there until then. */
  readonly before: { store: Store; key: string; old: unknown; exits: number }[];
}

export const outlived = (): Outlived => ({ from: nextId(), left: [], before: [] });

/** The stores of values that outlive calls. */
export class Outliving {
  /** Those that outlive every call. */
  private readonly lasting = new WeakSet<Store>();
  /** When the values were made whose stores are written to. */
  private readonly made = new WeakMap<Store, number>();

  add(store: Store): void {
    this.lasting.add(store);
  }

  outlives(store: Store, frame: Frame): boolean {
    return this.lasting.has(store) || (this.made.get(store) ?? Number.POSITIVE_INFINITY) < (frame.outlived?.from ?? 0);
  }

  /** To be told before each write: takes note of what stands there, where a call that runs has been left already. */
  written(ev: Ev, store: Store, key: string, owner: Val | undefined): void {
    if (owner) this.made.set(store, owner.id);
    else if (!this.lasting.has(store)) return;
    const old = stored(store, key);
    if (old === undefined) return;
    for (let f = ev.frame; f; f = f.parent) {
      const { outlived: of, exits = [] } = f;
      if (!of || !this.outlives(store, f) || !exits.some(isReturn)) continue;
      const known = of.before.findLast(b => b.store === store && b.key === key);
      if (known?.exits !== exits.length) of.before.push({ store, key, old, exits: exits.length });
    }
  }
}

/** Where a call that began under `base` has ended: each place holds what it got on the way on which the call was left. */
export function leaveBehind(ev: Ev, { left, before }: Outlived, exits: readonly Exit[], base: F): void {
  const hold = (cond: F, store: Store, key: string, x: unknown): void => ev.journal.write(store, key, merged(cond, x, stored(store, key)));
  for (const b of before.toReversed()) {
    const early = exits.slice(0, b.exits).filter(isReturn);
    hold(or(early.map(e => since(e.cond, base))), b.store, b.key, b.old);
  }
  for (const l of left.toReversed())
    for (const [store, writes] of l.writes) for (const [key, x] of writes) hold(since(l.cond, base), store, key, x);
}

const isReturn = (e: Exit): boolean => e.kind === 'return';
