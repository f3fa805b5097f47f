/** Redirects that lead where the request says. */
import { type Atom, literals } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import type { Run } from './request.js';
import type { Way } from './ways.js';

const ASKED = Prov.Input | Prov.Header | Prov.Origin;
const PROOFS = Prov.Credential | Prov.Csrf | Prov.Signature | Prov.Rate;

/**
 * Whether it is only asked of a redirect where it leads: whether that is known, and whether what the request names (a `next`, the page that
 * it came from) is a safe place, where one way leads there and another one somewhere else. What is done in between is kept from those who
 * are sent elsewhere.
 */
export function leadingOf(all: readonly Way[], run: Run): (w: Way) => boolean {
  const targets = all.flatMap(w => (w.to ? [{ def: w.frame?.def, sources: sources(w.to) }] : []));
  const led = (a: Atom, w: Way): boolean =>
    a.args.every(v => !(prov(v) & PROOFS)) &&
    targets.some(t => t.def === w.frame?.def && a.args.some(v => [...sources(v)].some(s => t.sources.has(s)))) &&
    !run.effects.some(e => e.effect !== 'read' && literals(e.call.pc).has(a));
  return w => w.atoms.every(a => a.args.every(v => v.t === 'sym' && v.prov === Prov.Origin) || led(a, w));
}

/** A value and what it is made of, down to what is read of the request. */
function sources(v: Val, known = new Set<Val>()): Set<Val> {
  if (known.has(v) || !(prov(v) & ASKED)) return known;
  known.add(v);
  if (v.t === 'sym' || ((v.t === 'attr' || v.t === 'item') && v.of.t === 'sym')) return known;
  for (const x of partsOf(v)) sources(x, known);
  return known;
}

function partsOf(v: Val): readonly Val[] {
  switch (v.t) {
    case 'attr':
    case 'item':
      return [v.of];
    case 'op':
      return v.args;
    case 'call':
      return [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()];
    case 'phi':
      return [v.a, v.b];
    default:
      return [];
  }
}
