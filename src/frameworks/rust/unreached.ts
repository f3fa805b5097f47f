/** Functions that build an application and that no `main` was seen to reach: something on the way there was not understood. */
import type { Ev } from '../../program/ev.js';
import type { FnDef } from '../../facts/types.js';
import type { FnVal } from '../../program/values.js';
import { holdsConfiguring } from './actix/hosted.js';
import { BUILDERS, mentioned, type Mentioned } from './mentioned.js';

/** So far up the calls are followed. */
const ROUNDS = 6;

/**
 * The outermost function that leads to a router or an application being built, in a crate where none was built so far. It
 * is called by others in ways that could not be followed (by a trait object, after a call that seemed never to return). Those that
 * were `tried` are left out: what they call is then outermost.
 */
export function unreached(ev: Ev, tried: ReadonlySet<FnDef>): FnVal | undefined {
  const all = mentioned(ev).filter(s => !tried.has(s.fn.def));
  const builds = all.filter(s => [...s.names].some(n => BUILDERS.has(n)) || holdsConfiguring(ev, s.fn));
  const crate = (s: Mentioned): string => s.fn.module.crate ?? '';
  const alive = new Set(builds.filter(s => ev.called.has(s.fn.def)).map(crate));
  const found = new Set(builds.filter(s => !alive.has(crate(s))));
  for (let round = 0; round < ROUNDS; round++) {
    const keys = new Set([...found].map(s => s.key));
    const more = all.filter(s => !found.has(s) && !ev.called.has(s.fn.def) && [...s.names].some(n => keys.has(n)));
    if (more.length === 0) break;
    for (const s of more) found.add(s);
  }
  const inner = new Set([...found].flatMap(s => [...s.names].filter(n => n !== s.key)));
  return [...found].find(s => !inner.has(s.key))?.fn;
}
