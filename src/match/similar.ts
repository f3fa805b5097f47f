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
  if (wanted * among.length <= MOST) return of => mostSimilar(of, among);
  const words = (e: Endpoint): string[] => [...new Set([...segments(templateKey(e.path)).filter(isLiteral), lastName(e.handler)])];
  const byWord = new Map<string, Endpoint[]>();
  for (const e of among) for (const w of words(e)) byWord.set(w, [...(byWord.get(w) ?? []), e]);
  return of => {
    // A word that many have (`api`) tells nothing.
    const rare = words(of).flatMap(w => ((byWord.get(w)?.length ?? 0) <= 30 ? (byWord.get(w) ?? []) : []));
    return mostSimilar(of, [...new Set(rare)].slice(0, 30));
  };
}

/** The endpoint whose path and handler name come nearest, if one is near enough to be worth a "did you mean". Never used to pair. */
function mostSimilar(of: Endpoint, among: readonly Endpoint[]): Endpoint | undefined {
  let best: Endpoint | undefined;
  let most = 0.7;
  for (const e of among) {
    const score = similarity(of, e);
    if (score > most) {
      best = e;
      most = score;
    }
  }
  return best;
}

function similarity(a: Endpoint, b: Endpoint): number {
  const path = segmentSimilarity(segments(templateKey(a.path)), segments(templateKey(b.path)));
  const name = textSimilarity(lastName(a.handler), lastName(b.handler));
  const method = a.method === b.method ? 1 : 0.8;
  return Math.max(path, path * 0.6 + name * 0.4) * method;
}

const lastName = (handler: string): string => (handler.split(/[.:]+/).at(-1) ?? '').toLowerCase().replaceAll('_', '');

/** Alignment of two lists of segments; a pair of segments counts by how much of their text agrees. 0 to 1. */
function segmentSimilarity(a: string[], b: string[]): number {
  return align(a.length, b.length, (i, j) => textSimilarity(a[i]!, b[j]!));
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
