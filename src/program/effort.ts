/**
 * What an evaluation costs, in units that are the same on every machine: values made, and parts of conditions looked at. Memory and
 * time follow it. Whoever is handed code by strangers has to be able to stop, and to stop at the same place every time.
 */

/** Thrown where the effort that was allowed is spent: one for all, because a stack for each costs more than what it ends. */
const EXHAUSTED = new Error('the evaluation reached its bound');

/** `spent` so far, and where everything stops at once, whatever it is doing. */
export const effort = { spent: 0, end: Number.POSITIVE_INFINITY };

/** So much of what is left may one call take: what its caller does after it is still followed. */
const SHARE = 0.75;

export function spend(units: number): void {
  effort.spent += units;
  if (effort.spent > effort.end) throw EXHAUSTED;
}

/** What a route costs that stands at one more place: routers in routers double with every level. */
export const PLACED = 1000;

/** Was it too much of anything: effort, or nesting that no stack holds? */
export const isTooMuch = (error: unknown): boolean =>
  error === EXHAUSTED || (error instanceof RangeError && /call stack|string length|array length/i.test(error.message));

/**
 * Runs `fn` with so much effort of its own; what it spends is not taken from whoever runs it.
 * @returns what `fn` gave, or what `cut` gives when it was too much
 */
export function within<T>(units: number, fn: () => T, cut: () => T): T {
  const outer = effort.end;
  const started = effort.spent;
  effort.end = started + units;
  try {
    return fn();
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    effort.end = Number.POSITIVE_INFINITY;
    return cut();
  } finally {
    effort.end = outer + effort.spent - started;
  }
}

/** Runs the call of one function; `cut` says what it gives when it takes more than a call may, or more than `most`. */
export function asCall<T>(fn: () => T, cut: () => T, most = Number.POSITIVE_INFINITY): T {
  const outer = effort.end;
  effort.end = effort.spent + Math.min(most, (outer - effort.spent) * SHARE);
  try {
    return fn();
  } catch (error) {
    if (error !== EXHAUSTED || effort.spent > outer) throw error;
    // What stands for the result is made at the expense of the caller.
    effort.end = outer;
    return cut();
  } finally {
    effort.end = outer;
  }
}
