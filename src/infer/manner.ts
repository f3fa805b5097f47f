/** In which manner a request is turned away that is turned away in any case. */
import { and, type And, type F, not, partsOf, refuting } from '../program/formula.js';
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
  // Of what is asked as one of several things, those together.
  const among = new Map<F, F[]>();
  // Whether somebody is served of whom `before` and not `f` holds: then `f` is why he is not, whoever else is turned away later.
  const served = all.filter(w => w.answer.ok).map(w => ({ cond: w.cond, refutes: refuting(w.cond) }));
  const serves = (before: F, f: F): boolean => {
    const otherwise = and(before, not(f));
    const refutes = refuting(otherwise);
    return served.some(s => !refutes(s.cond) && !s.refutes(otherwise));
  };
  for (const w of all)
    if (!w.answer.ok)
      for (let p = w.cond; p.f === 'and'; p = p.prev) {
        const known = asked.get(p.x);
        if (known?.has(p.prev)) break;
        if (known) {
          known.add(p.prev);
          continue;
        }
        asked.set(p.x, new Set([p.prev]));
        if (p.x.f === 'or') for (const x of p.x.xs) among.set(x, [...(among.get(x) ?? []), p.x]);
      }
  // The other side of a question: of several of which any is enough, each is denied by itself.
  const other = (f: F): F[] => [not(f), ...(f.f === 'or' ? f.xs.map(not) : []), ...(among.get(not(f)) ?? [])];
  // Ways share what was asked before.
  const known = new Map<F, boolean>();
  const merely = (p: And): boolean => {
    let told = known.get(p);
    if (told === undefined) {
      told = other(p.x).some(o => [...(asked.get(o) ?? [])].some(before => extend(before, p.prev))) && !serves(p.prev, p.x);
      known.set(p, told);
    }
    return told;
  };
  return (w, f) => {
    const atoms = atomsIn(f);
    if (atoms.length === 0 || !atoms.every(a => a.args.every(v => (prov(v) & ~Prov.Header) === 0) && a.args.some(v => prov(v))))
      return false;
    for (let p = w.cond; p.f === 'and'; p = p.prev) if (p.x === f) return merely(p);
    return false;
  };
}

/** Does one of two ways go on where the other one ends? */
function extend(a: F, b: F): boolean {
  if (a === b) return true;
  const [less, more] = partsOf(a).size < partsOf(b).size ? [partsOf(a), partsOf(b)] : [partsOf(b), partsOf(a)];
  return [...less].every(x => more.has(x));
}
