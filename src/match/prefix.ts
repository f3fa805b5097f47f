/** Finds the one prefix that all paths of a side have and the other side's lack (`/api/v1`). */
import { isLiteral, segments, templateKey } from '../contract/path-template.js';
import type { Endpoint } from '../contract/types.js';

export interface PrefixChange {
  /** Prefix on the original's side, '' for none. */
  from: string;
  /** Prefix on the port's side, '' for none. */
  to: string;
  /** How many endpoints pair by it. */
  pairs: number;
}

/** Above this many combinations the search is left out: it would cost more than everything else together. */
const MOST = 4_000_000;

/**
 * The prefix change that pairs most of the endpoints left over, when it is a rule and not a coincidence: it must pair at least half
 * of what one side has left, more than had paired without it, and at least three endpoints (or all of them).
 *
 * @param exact how many endpoints had paired by their own paths
 */
export function commonPrefix(python: readonly Endpoint[], rust: readonly Endpoint[], exact: number): PrefixChange | undefined {
  if (python.length === 0 || rust.length === 0 || python.length * rust.length > MOST) return undefined;
  const split = (e: Endpoint): { method: string; segs: string[] } => ({ method: e.method, segs: segments(templateKey(e.path)) });
  const left = python.map(split);
  const byLast = new Map<string, { method: string; segs: string[] }[]>();
  for (const e of rust.map(split)) {
    const last = e.segs.at(-1) ?? '';
    byLast.set(last, [...(byLast.get(last) ?? []), e]);
  }
  const counts = new Map<string, Set<number>>();
  for (const [i, p] of left.entries()) {
    for (const r of byLast.get(p.segs.at(-1) ?? '') ?? []) {
      if (p.method !== r.method && p.method !== '*' && r.method !== '*') continue;
      for (const [from, to] of changes(p.segs, r.segs)) {
        const key = `${from}\n${to}`;
        const at = counts.get(key) ?? new Set<number>();
        at.add(i);
        counts.set(key, at);
      }
    }
  }
  let best: PrefixChange | undefined;
  for (const [key, at] of [...counts].sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))) {
    const [from = '', to = ''] = key.split('\n');
    if (!best || at.size > best.pairs) best = { from, to, pairs: at.size };
  }
  if (!best) return undefined;
  const enough = best.pairs >= 3 || best.pairs === python.length;
  const most = best.pairs * 2 >= Math.min(python.length, rust.length);
  return enough && most && best.pairs > exact ? best : undefined;
}

/** The literal prefixes that must be exchanged to make two paths equal, the longest common rest first. The rest holds a literal. */
function changes(p: string[], r: string[]): [string, string][] {
  let common = 0;
  while (common < p.length && common < r.length && p.at(-1 - common) === r.at(-1 - common)) common++;
  const rest = p.slice(p.length - common);
  if (!rest.some(isLiteral)) return [];
  const from = p.slice(0, p.length - common);
  const to = r.slice(0, r.length - common);
  if (from.length + to.length === 0 || from.length > 3 || to.length > 3 || ![...from, ...to].every(isLiteral)) return [];
  return [[from.map(s => `/${s}`).join(''), to.map(s => `/${s}`).join('')]];
}
