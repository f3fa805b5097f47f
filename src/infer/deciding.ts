/** Which condition turned a request aside. */
import { type And, conjuncts, type F, last, someAtom } from '../program/formula.js';
import { follows } from './diagram.js';
import { atomsIn } from './directed.js';
import { decisive } from './reasons.js';

/**
 * The last condition on the way that turned the request aside: none of those that a guard put there when it let the request pass.
 */
export function deciding(f: F, passed: (f: F) => boolean): F | undefined {
  for (let p = f; ; p = p.prev) {
    const x = last(p);
    if (decisive(x).length && !passed(x) && !(p.f === 'and' && x.f === 'or' && settled(p, x))) return x;
    if (p.f !== 'and') return undefined;
  }
}

/** Ways share what was asked before. */
const goesOn = new WeakMap<And, boolean>();

/** Does the alternative `x` hold whenever what was asked before holds? (Branches that all go on leave one behind: it decides nothing.) */
function settled(p: And, x: F): boolean {
  let told = goesOn.get(p);
  if (told === undefined) {
    const atoms = new Set(atomsIn(x));
    const others = new Map<F, boolean>();
    const before = conjuncts(p.prev).filter(f => !someAtom(f, a => !atoms.has(a), others));
    goesOn.set(p, (told = follows(x, before)));
  }
  return told;
}
