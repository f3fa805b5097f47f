/** In which manner a request is turned away that is turned away in any case. */
import { and, type F, not, partsOf, refuting } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov } from '../program/values.js';
import { atomsIn } from './directed.js';
import type { Way } from './ways.js';

/**
 * Whether a condition only says in which manner a request is turned away that is turned away in any case: `if not signed_in: if wants_json:
 * abort(401) else: return redirect(login)`. Who is asking is never a matter of manner.
 */
export function mannerOf(all: readonly Way[]): (w: Way, f: F) => boolean {
  // What was asked last, and what before it.
  const asked = new Map<F, Set<F>>();
  // Whether somebody is served of whom `before` and not `f` holds: then `f` is why he is not, whoever else is turned away later.
  const served = all.filter(w => w.answer.ok).map(w => ({ cond: w.cond, refutes: refuting(w.cond) }));
  const serves = (before: F, f: F): boolean => {
    const other = and(before, not(f));
    const refutes = refuting(other);
    return served.some(s => !refutes(s.cond) && !s.refutes(other));
  };
  for (const w of all)
    if (!w.answer.ok)
      for (let p = w.cond; p.f === 'and'; p = p.prev) {
        const known = asked.get(p.x);
        if (known?.has(p.prev)) break;
        if (known) known.add(p.prev);
        else asked.set(p.x, new Set([p.prev]));
      }
  return (w, f) => {
    const atoms = atomsIn(f);
    if (atoms.length === 0 || !atoms.every(a => a.args.every(v => (prov(v) & ~Prov.Header) === 0) && a.args.some(v => prov(v))))
      return false;
    for (let p = w.cond; p.f === 'and'; p = p.prev)
      if (p.x === f) return [...(asked.get(not(f)) ?? [])].some(before => extend(before, p.prev)) && !serves(p.prev, f);
    return false;
  };
}

/** Does one of two ways go on where the other one ends? */
function extend(a: F, b: F): boolean {
  if (a === b) return true;
  const [less, more] = partsOf(a).size < partsOf(b).size ? [partsOf(a), partsOf(b)] : [partsOf(b), partsOf(a)];
  return [...less].every(x => more.has(x));
}
