import { isLiteral, segments, templateKey } from '../contract/path-template.js';
import type { Endpoint } from '../contract/types.js';

/** Above this many comparisons only those are made that have a word in common: a port under way lacks hundreds of endpoints. */
const MOST = 20_000;

/**
 * Suggests for each endpoint of the original the nearest of those that only the port has.
 *
 * @param wanted how many endpoints will be asked for
 */
export function suggestions(wanted: number, among: readonly Endpoint[]): (of: Endpoint) => Endpoint | undefined {
  const text = remembered(textSimilarity);
  const all = among.map(namesOf);
  if (wanted * among.length <= MOST) return of => mostSimilar(namesOf(of), all, text);
  const byWord = new Map<string, Names[]>();
  for (const e of all) for (const w of words(e)) byWord.set(w, [...(byWord.get(w) ?? []), e]);
  return of => {
    const own = namesOf(of);
    // A word that many have (`api`) tells nothing.
    const rare = words(own).flatMap(w => ((byWord.get(w)?.length ?? 0) <= 30 ? (byWord.get(w) ?? []) : []));
    return mostSimilar(own, [...new Set(rare)].slice(0, 30), text);
  };
}

/** What two endpoints are compared by. */
interface Names {
  endpoint: Endpoint;
  segments: string[];
  handler: string;
}

type Similarity = (a: string, b: string) => number;

const namesOf = (endpoint: Endpoint): Names => ({
  endpoint,
  segments: segments(templateKey(endpoint.path)),
  handler: (endpoint.handler.split(/[.:]+/).at(-1) ?? '').toLowerCase().replaceAll('_', ''),
});

const words = (e: Names): string[] => [...new Set([...e.segments.filter(isLiteral), e.handler])];

/** The endpoint whose path and handler name come nearest, if one is near enough to be worth a "did you mean". Never used to pair. */
function mostSimilar(of: Names, among: readonly Names[], text: Similarity): Endpoint | undefined {
  let best: Endpoint | undefined;
  let most = 0.7;
  for (const e of among) {
    const score = similarity(of, e, text);
    if (score > most) {
      best = e.endpoint;
      most = score;
    }
  }
  return best;
}

/** Alignment of the segments, each by how much of its text agrees, and the names of the handlers. 0 to 1. */
function similarity(a: Names, b: Names, text: Similarity): number {
  const path = align(a.segments.length, b.segments.length, (i, j) => text(a.segments[i]!, b.segments[j]!));
  const name = text(a.handler, b.handler);
  const method = a.endpoint.method === b.endpoint.method ? 1 : 0.8;
  return Math.max(path, path * 0.6 + name * 0.4) * method;
}

/** Paths are made of few different segments. */
function remembered(of: Similarity): Similarity {
  const known = new Map<string, Map<string, number>>();
  return (a, b) => {
    let row = known.get(a);
    if (!row) known.set(a, (row = new Map()));
    let value = row.get(b);
    if (value === undefined) row.set(b, (value = of(a, b)));
    return value;
  };
}

function textSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const x = a.slice(0, 64);
  const y = b.slice(0, 64);
  return align(x.length, y.length, (i, j) => (x[i] === y[j] ? 1 : 0));
}

/** Best weighted common subsequence of two sequences, over the length of the longer one. */
function align(n: number, m: number, weight: (i: number, j: number) => number): number {
  if (n === 0 || m === 0) return n === m ? 1 : 0;
  let above = new Float64Array(m + 1);
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(m + 1);
    for (let j = 0; j < m; j++) row[j + 1] = Math.max(above[j + 1]!, row[j]!, above[j]! + weight(i, j));
    above = row;
  }
  return above[m]! / Math.max(n, m);
}
