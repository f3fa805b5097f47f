/** What the port's code does on other endpoints: a guard that stands there for one check of the original stands here for no more. */
import type { Endpoint, Guard, Location } from '../contract/types.js';
import type { Pair } from '../match/types.js';

export interface Elsewhere {
  /** Whether the port's handler answers another endpoint of the original as well. */
  shares(pair: Pair): boolean;
  /** The ownership guards of the original on each of the other pairs where the port has just these ones. */
  originals(pair: Pair, theirs: readonly Guard[]): readonly (readonly Guard[])[];
}

/** Looks over all pairs once. */
export function elsewhere(pairs: readonly Pair[]): Elsewhere {
  const byHandler = new Map<string, Pair[]>();
  const byGuards = new Map<string, Pair[]>();
  const put = (to: Map<string, Pair[]>, key: string, p: Pair): void => {
    const known = to.get(key);
    if (known) known.push(p);
    else to.set(key, [p]);
  };
  for (const p of pairs) {
    put(byHandler, at(p.rust.location), p);
    const own = ownership(p.rust);
    if (own.length > 0) put(byGuards, places(own), p);
  }
  const others = (all: readonly Pair[] | undefined, pair: Pair): Pair[] => (all ?? []).filter(p => p !== pair && p.python !== pair.python);
  return {
    shares: pair => others(byHandler.get(at(pair.rust.location)), pair).length > 0,
    originals: (pair, theirs) => others(byGuards.get(places(theirs)), pair).map(p => ownership(p.python)),
  };
}

const ownership = (e: Endpoint): Guard[] => e.guards.filter(g => g.kind === 'ownership' && g.rejects.length > 0);
const at = (l: Location): string => `${l.file}:${l.line}:${l.column ?? 0}`;
const places = (all: readonly Guard[]): string => [...new Set(all.flatMap(g => [g.location, ...g.evidence]).map(at))].sort().join(' ');
