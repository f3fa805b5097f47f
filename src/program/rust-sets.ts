/** Two sets of Rust held against each other. */
import type { Ev } from './ev.js';
import { and, type F, not, or, type Place, TRUE } from './formula.js';
import { bool, op } from './make.js';
import { member, truthy } from './ops.js';
import { listed, type Part, partsOf } from './rust-collections.js';
import { elementsOf } from './rust-iterators.js';
import type { Val } from './values.js';

export const COMPARISONS: ReadonlySet<string> = new Set(['intersection', 'is_disjoint', 'is_subset', 'is_superset']);

/** What two sets have in common, or whether they have nothing, or the one has all of the other; undefined where that is not known. */
export function compared(ev: Ev, how: string, a: Val, b: Val, at: Place): Val | undefined {
  const both = common(a, b, at);
  switch (how) {
    case 'intersection':
      return both && listed(ev, [], both);
    case 'is_disjoint':
      return bool(not(both ? or(both.map(p => p.when)) : truthy(op('&', [a, b]), at)));
    default: {
      const [small, large] = how === 'is_subset' ? [a, b] : [b, a];
      const all = contentOf(small)?.map(({ x, when }) => or([not(when), member(x, large, at)]));
      return all && bool(all.reduce((x, y) => and(x, y), TRUE as F));
    }
  }
}

/** What both have, where it is known what is in one of them: each of it where the other has it, too. */
function common(a: Val, b: Val, at: Place): Part[] | undefined {
  const [known, other] = contentOf(b) ? [b, a] : [a, b];
  return contentOf(known)?.map(p => ({ when: and(p.when, member(p.x, other, at)), x: p.x }));
}

function contentOf(v: Val): Part[] | undefined {
  const parts = v.t === 'seq' ? partsOf(v) : undefined;
  return v.t === 'seq' && parts ? elementsOf(v, parts) : undefined;
}
