/** Milliseconds per stage, in the order in which they ran. */
export type Timings = Record<string, number>;

/** Each call books the time since the one before it on a stage of `timings`. */
export function stopwatch(timings: Timings): (stage: string) => void {
  let last = performance.now();
  return stage => {
    const now = performance.now();
    timings[stage] = (timings[stage] ?? 0) + now - last;
    last = now;
  };
}
