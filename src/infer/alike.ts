/** Parameters that are looked up just as a header is: the same call, in the same place of the code, is given the one or the other. */
import { allAtoms, atomsOf } from '../program/formula.js';
import { prov } from '../program/make.js';
import { type CallVal, Prov, type SymVal, type Val } from '../program/values.js';
import type { Way } from './ways.js';

/** What is sent in a header, and what in parameters, to the calls in one place. */
interface Given {
  header: boolean;
  parameters: Set<SymVal>;
}

/** @returns parameters that are called like a key, and stand in a lookup where another request's credential stands */
export function lookedUpAlike(ways: readonly Way[], named: RegExp): Set<SymVal> {
  const all = new Map<string, Given>();
  const seen = new Set<Val>();
  const visit = (v: Val | undefined, deep = 0): void => {
    if (!v || deep > DEEP || seen.has(v) || !(prov(v) & (Prov.Credential | Prov.Input))) return;
    seen.add(v);
    if (v.t === 'call' && prov(v) & Prov.External) note(v, all);
    for (const x of partsOf(v)) visit(x, deep + 1);
  };
  for (const a of allAtoms(ways.map(w => w.cond))) for (const v of a.args) visit(v);
  return new Set([...all.values()].flatMap(g => (g.header ? [...g.parameters].filter(p => named.test(p.name)) : [])));
}

/** So deep are values taken apart: what is looked up stands near the question whether it was found. */
const DEEP = 24;

function note(c: CallVal, all: Map<string, Given>): void {
  const sent = [...c.args.pos, ...c.args.kw.values()].flatMap(v => leaves(v));
  const header = sent.some(v => v.sent === true && (v.prov & Prov.Credential) !== 0);
  const parameters = sent.filter(v => v.prov === Prov.Input && v.path !== undefined && !v.path.startsWith(v.name));
  if (header === parameters.length > 0) return;
  const key = `${String(c.place.file)}:${String(c.place.at)}`;
  const g = all.get(key) ?? { header: false, parameters: new Set() };
  g.header ||= header;
  for (const p of parameters) g.parameters.add(p);
  all.set(key, g);
}

/** What of the request a value is made from. */
function leaves(v: Val, deep = 0): SymVal[] {
  if (deep > DEEP || !(prov(v) & (Prov.Credential | Prov.Input))) return [];
  return v.t === 'sym' ? [v] : partsOf(v).flatMap(x => leaves(x, deep + 1));
}

function partsOf(v: Val): Val[] {
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
    case 'bool':
      return atomsOf(v.f).flatMap(a => a.args);
    default:
      return [];
  }
}
