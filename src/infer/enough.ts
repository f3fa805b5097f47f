/** What else had been enough for a caller who is refused: other names of a right, another credential. */
import { type Atom, conjuncts, type F } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { atomsIn } from './directed.js';
import { triggerOf } from './triggers.js';
import type { Way } from './ways.js';

/** The other names of which one had been enough: `if role == A or role == B` refuses for want of both. */
export function others(w: Way, by: F, turned: ReadonlyMap<F, boolean>): string[] {
  const parts = conjuncts(w.cond);
  const [last] = w.atoms;
  if (!last || !NAMES.has(last.kind) || w.atoms.some(a => a.kind !== last.kind)) return [];
  // What his account is read from may be one of several (`cached.or(stored)?.role`): each is asked by the same name.
  const subjects = new Set(w.atoms.map(asked));
  if (subjects.has(undefined)) return [];
  const found = parts.slice(0, Math.max(0, parts.indexOf(by))).flatMap(p => {
    if (p.f !== 'not' || turned.has(p.x)) return [];
    const mine = atomsIn(p.x).filter(a => a.kind === last.kind && subjects.has(asked(a)));
    if (p.x.f !== 'atom' && mine.length !== subjects.size) return [];
    const names = new Set(mine.map(a => triggerOf(a, w.answer.status).requires.join('|')));
    return names.size === 1 ? [...names] : [];
  });
  const own = new Set(w.triggers.flatMap(t => t.requires));
  return [...new Set(found)].filter(n => !own.has(n));
}

const NAMES: ReadonlySet<Atom['kind']> = new Set(['eq', 'in', 'is', 'truthy']);

/** A credential that had been enough: `if not session.get(room) and not session.get('is_admin')` asks for a right of nobody who has it. */
export function instead(w: Way, by: F, turned: ReadonlyMap<F, boolean>): Atom | undefined {
  const parts = conjuncts(w.cond);
  const before = parts[parts.indexOf(by) - 1];
  if (by.f !== 'not' || by.x.f !== 'atom' || by.x.kind !== 'truthy' || before?.f !== 'not' || before.x.f !== 'atom') return undefined;
  const [mine, own] = [before.x, by.x].map(a => a.args[0]);
  if (before.x.kind !== 'truthy' || turned.has(before.x) || mine?.t !== 'sym' || own?.t !== 'sym' || mine.path !== own.path)
    return undefined;
  return triggerOf(before.x, w.answer.status).kind === 'authn' ? before.x : undefined;
}

/** Who is asked about. */
const asked = (a: Atom): Val | undefined => {
  const v = a.args.find(x => prov(x) & Prov.Credential);
  if (a.kind !== 'truthy') return v;
  return v?.t === 'call' ? v.recv : v?.t === 'attr' ? v.of : undefined;
};
