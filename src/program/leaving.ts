/**
 * Loops and labelled blocks that are left early: for whom one was left by `break` or `continue`, that holds which was written until then,
 * and nothing that was written later (`if role != "admin": continue`, then `allowed = True`).
 */
import type { Ev } from './ev.js';
import { merged } from './filling.js';
import { and, type F, FALSE, not, or, refuting, since } from './formula.js';
import { request } from './intern.js';
import { stored, type Write } from './journal.js';

type Writes = ReadonlyMap<Write['store'], ReadonlyMap<string, unknown>>;

/** What may be left: a loop by `break`, one round of it by `continue`, a block by its label. */
export interface Leavable {
  kind: 'break' | 'continue';
  label: string | undefined;
}

/** Code that runs, and may be left. */
export class Leaving {
  /** On which ways it was left so far. */
  private readonly ways: F[] = [];
  /** Written on ways that ended by leaving it. */
  private readonly kept: { cond: F; writes: Writes }[] = [];
  /** Overwritten when it had been left by the first `ways` of its ways: what stood there until then. */
  private readonly before: (Write & { ways: number })[] = [];

  /** What was put into collections meanwhile, where it is there since these were made. */
  private readonly fills: { part: { when: F }; from: F }[] = [];

  /** @param again what is left in a round of which others went before, and where they did: what these wrote is not overwritten any more */
  constructor(
    private readonly what: Leavable,
    private readonly again: () => F = () => FALSE,
  ) {}

  /** Is it what a `kind` with `label` leaves? */
  isLeftBy = (kind: string, label: string | undefined): boolean =>
    kind === this.what.kind && (label === undefined || label === this.what.label);

  left(cond: F): void {
    this.ways.push(cond);
  }

  keep(cond: F, writes: Writes): void {
    this.kept.push({ cond, writes });
  }

  /** To be told before each write. */
  overwritten(store: Write['store'], key: string): void {
    const ways = this.ways.length;
    // What an application does when it starts is done for everybody.
    if (ways === 0 || !request.runs || this.before.findLast(b => b.store === store && b.key === key)?.ways === ways) return;
    this.before.push({ store, key, old: stored(store, key), ways });
  }

  filled(part: { when: F }, from: F): void {
    this.fills.push({ part, from });
  }

  /** It began under `base` and has ended: each place holds what it got on the way on which it was left. */
  end(ev: Ev, base: F): void {
    const hold = (cond: F, store: Write['store'], key: string, x: unknown): void => {
      const now = stored(store, key);
      if (x !== now) ev.journal.write(store, key, merged(cond, x, now));
    };
    const again = this.before.length > 0 || this.fills.length > 0 ? this.again() : FALSE;
    const first = not(again);
    // What only a round puts there that does not end the loop was put there by one before.
    for (const { part, from } of this.fills)
      if (again !== FALSE && this.ways.every(w => refuting(w)(part.when) || refuting(part.when)(w)))
        part.when = and(since(base, from), again);
    for (const b of this.before.toReversed())
      hold(and(or(this.ways.slice(0, b.ways).map(f => since(f, base))), first), b.store, b.key, b.old);
    for (const k of this.kept.toReversed())
      for (const [store, writes] of k.writes) for (const [key, x] of writes) hold(since(k.cond, base), store, key, x);
  }
}

/** Runs `fn`, which may be left early, as part of what began under `base`. */
export function leavable(ev: Ev, what: Leavable, base: F, fn: () => void, again?: () => F): void {
  const leaving = new Leaving(what, again);
  ev.journal.running.push(leaving);
  try {
    fn();
  } finally {
    ev.journal.running.pop();
  }
  leaving.end(ev, base);
}
