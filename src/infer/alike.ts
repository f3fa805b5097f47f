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
  const calls: CallVal[] = [];
  const keys = new Set<SymVal>();
  const seen = new Set<Val>();
  const visit = (v: Val | undefined, deep = 0): void => {
    if (!v || deep > DEEP || seen.has(v) || !(prov(v) & (Prov.Credential | Prov.Input))) return;
    seen.add(v);
    if (v.t === 'call' && prov(v) & Prov.External) calls.push(v);
    if (v.t === 'sym' && isKey(v, named)) keys.add(v);
    for (const x of partsOf(v)) visit(x, deep + 1);
  };
  for (const a of allAtoms(ways.map(w => w.cond))) for (const v of a.args) visit(v);
  const all = new Map<string, Given>();
  if (keys.size > 0) for (const c of calls) note(c, all, keys);
  return new Set([...all.values()].flatMap(g => (g.header ? [...g.parameters] : [])));
}

/** So deep are values taken apart: what is looked up stands near the question whether it was found. */
const DEEP = 24;

/** A parameter by its name; the body as a whole holds more than keys. */
const isKey = (v: SymVal, named: RegExp): boolean =>
  v.prov === Prov.Input && v.path !== undefined && !v.path.startsWith(v.name) && named.test(v.name);

function note(c: CallVal, all: Map<string, Given>, keys: ReadonlySet<SymVal>): void {
  const sent = new Set<SymVal>();
  const seen = new Set<Val>();
  for (const v of [...c.args.pos, ...c.args.kw.values()]) leaves(v, sent, seen);
  const header = [...sent].some(v => v.sent === true && (v.prov & Prov.Credential) !== 0);
  const parameters = [...sent].filter(v => keys.has(v));
  if (header === parameters.length > 0) return;
  const key = `${String(c.place.file)}:${String(c.place.at)}`;
  const g = all.get(key) ?? { header: false, parameters: new Set() };
  g.header ||= header;
  for (const p of parameters) g.parameters.add(p);
  all.set(key, g);
}

/** What of the request a value is made from. */
function leaves(v: Val, out: Set<SymVal>, seen: Set<Val>, deep = 0): void {
  if (deep > DEEP || seen.has(v) || !(prov(v) & (Prov.Credential | Prov.Input))) return;
  seen.add(v);
  if (v.t === 'sym') out.add(v);
  else for (const x of partsOf(v)) leaves(x, out, seen, deep + 1);
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
