/** What is being done, for whoever waits at a terminal: nothing in a short run, one line in a long one, and none when it is over. */
import type { Report } from '../run.js';
import type { Io } from './io.js';

/** Milliseconds: a run that is over sooner says nothing, and a line is not written anew more often. */
const SHORT = 1000;
const EVERY = 100;

const ERASE = '\r\u001b[2K';

/** Runs `work`, which says how far it is; the line is erased before anything else is written. `now` is in milliseconds. */
export async function watched<T>(
  io: Io,
  quiet: boolean,
  work: (report: Report | undefined) => Promise<T>,
  now: () => number = () => performance.now(),
): Promise<T> {
  if (quiet || !io.attended || io.env.TERM === 'dumb') return work(undefined);
  let next = now() + SHORT;
  let shown = false;
  try {
    return await work((side, doing, done, total) => {
      const time = now();
      if (time < next) return;
      next = time + EVERY;
      shown = true;
      io.err(`${ERASE}${side}: ${doing} ${done} of ${total}`);
    });
  } finally {
    if (shown) io.err(ERASE);
  }
}
