/** Those questions of a condition that are of one kind. */
import type { Atom, F } from '../program/formula.js';

const NO_ATOMS: ReadonlySet<Atom> = new Set();

/** Finds the atoms of which `test` is true. What several formulas share, as the ways out of a request share most of theirs, is searched once. */
export function atomsWhere(test: (a: Atom) => boolean): (x: F) => ReadonlySet<Atom> {
  const memo = new Map<F, ReadonlySet<Atom>>();
  const both = (a: ReadonlySet<Atom>, b: ReadonlySet<Atom>): ReadonlySet<Atom> =>
    b.size === 0 || a === b ? a : a.size === 0 ? b : new Set([...a, ...b]);
  const visit = (x: F): ReadonlySet<Atom> => {
    const chain: (F & { f: 'and' })[] = [];
    let p = x;
    for (; p.f === 'and' && !memo.has(p); p = p.prev) chain.push(p);
    let found = memo.get(p);
    if (!found) {
      found =
        p.f === 'not'
          ? visit(p.x)
          : p.f === 'or'
            ? p.xs.map(visit).reduce(both, NO_ATOMS)
            : p.f === 'atom' && test(p)
              ? new Set([p])
              : NO_ATOMS;
      memo.set(p, found);
    }
    for (const link of chain.reverse()) memo.set(link, (found = both(found, visit(link.x))));
    return found;
  };
  return visit;
}
