/**
 * All writes of the evaluator go through here, so that the two sides of a branch can be run one after the other on the same
 * state and their effects be joined: run, undo, run the other, merge.
 */
import type { Leaving } from './leaving.js';

export interface Write {
  store: Map<string, unknown> | Record<string, unknown>;
  key: string;
  old: unknown;
}

/** What stands there now. */
export const stored = (s: Write['store'], key: string): unknown => (s instanceof Map ? s.get(key) : s[key]);
const put = (s: Write['store'], key: string, v: unknown): void => {
  if (s instanceof Map) {
    if (v === undefined) s.delete(key);
    else s.set(key, v);
  } else s[key] = v;
};

const undo = (writes: readonly Write[]): void => {
  for (let i = writes.length - 1; i >= 0; i--) {
    const w = writes[i] as Write;
    put(w.store, w.key, w.old);
  }
};

/** A branch that runs. */
interface Layer {
  writes: Write[];
  /** The stores that it made. */
  made: Set<object>;
}

export class Journal {
  private layer: Layer | undefined;
  /** What runs and may be left early, from the outermost to the innermost. */
  readonly running: Leaving[] = [];

  /** The branch in which a value was made. */
  private readonly birth = new WeakMap<object, Layer | undefined>();

  /**
   * A store that was made just now: what its own branch writes to it nobody else has seen, and it stays. Without this the variables of
   * every call would be taken back and written again by each of the branches around it, and what a branch filled and returned would be empty.
   */
  own<S extends object>(store: S): S {
    this.layer?.made.add(store);
    return store;
  }

  /** Did this branch make it? */
  isOwn(store: object): boolean {
    return this.layer?.made.has(store) === true;
  }

  /** Takes note of the branch in which a value is made. */
  born(v: object): void {
    this.birth.set(v, this.layer);
  }

  /** Is this still the branch in which `v` was made? Of values of which nobody took note: is this no branch? */
  isHere(v: object): boolean {
    return this.birth.get(v) === this.layer;
  }

  /** What is left by a `break` or `continue`. */
  leftBy(kind: string, label: string | undefined): Leaving | undefined {
    return this.running.findLast(x => x.isLeftBy(kind, label));
  }

  write(store: Write['store'], key: string, value: unknown): void {
    for (const x of this.running) x.overwritten(store, key);
    if (this.layer && !this.layer.made.has(store)) this.layer.writes.push({ store, key, old: stored(store, key) });
    put(store, key, value);
  }

  /** Runs `fn` with writes that stay, whatever becomes of the branch that it stands in: a module is imported once. */
  apart(fn: () => void): void {
    const outer = this.layer;
    this.layer = undefined;
    try {
      fn();
    } finally {
      this.layer = outer;
    }
  }

  /** Runs `fn`; takes its writes back; returns them (last value per place), for `merge`. */
  branch(fn: () => void): Map<Write['store'], Map<string, unknown>> {
    const outer = this.layer;
    const mine: Write[] = [];
    this.layer = { writes: mine, made: new Set() };
    try {
      fn();
    } catch (error) {
      undo(mine);
      throw error;
    } finally {
      this.layer = outer;
    }
    const out = new Map<Write['store'], Map<string, unknown>>();
    for (const w of mine) {
      let m = out.get(w.store);
      if (!m) out.set(w.store, (m = new Map()));
      if (!m.has(w.key)) m.set(w.key, stored(w.store, w.key));
    }
    undo(mine);
    return out;
  }

  /** Applies the writes of two branches, `both(a, b)` deciding where they differ (undefined = the place was not there). */
  merge(
    a: Map<Write['store'], Map<string, unknown>>,
    b: Map<Write['store'], Map<string, unknown>>,
    both: (x: unknown, y: unknown, key: string) => unknown,
  ): void {
    for (const [store, keys] of a) {
      const other = b.get(store);
      for (const [key, x] of keys) {
        const y = other?.has(key) ? other.get(key) : stored(store, key);
        this.write(store, key, x === y ? x : both(x, y, key));
      }
    }
    for (const [store, keys] of b) {
      const done = a.get(store);
      for (const [key, y] of keys) {
        if (done?.has(key)) continue;
        const x = stored(store, key);
        this.write(store, key, x === y ? y : both(x, y, key));
      }
    }
  }
}
