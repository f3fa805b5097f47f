/** What a guard verifies of the credential: nobody may write one of his own, and none is good for ever. */
import type { Atom } from '../program/formula.js';
import { prov } from '../program/make.js';
import { type CallVal, Prov, type Token, type Val } from '../program/values.js';
import { isShape } from './presence.js';
import { chain, isHidden, selection } from './selection.js';
import type { Way } from './ways.js';

/**
 * @param by the refusals of one guard
 * @param library what guards of libraries verify, by their place
 * @returns what is known of it; undefined where that is nothing
 */
export function verified(by: readonly Way[], library: ReadonlyMap<string, Token>): Token | undefined {
  const seen: Seen = { readings: [], otherwise: false, clock: false, row: false, opaque: false, values: new Set() };
  // Many ways out have the same reasons.
  const atoms = new Set<Atom>();
  const places = new Set<string>();
  for (const w of by) {
    for (const a of w.atoms) atoms.add(a);
    places.add(`${w.place.file}:${w.place.at}`);
  }
  for (const at of places) seen.readings.push(...(library.get(at) ? [library.get(at) as Token] : []));
  for (const a of atoms) if (!isShape(a)) for (const v of a.args) look(v, seen, false);
  const { readings } = seen;
  const unsigned = readings.length > 0 && readings.every(t => t.signature === false) && !seen.otherwise;
  const signature = readings.some(t => t.signature) ? true : unsigned ? false : undefined;
  // A row that was looked up by the credential and is not held against the clock, neither here nor by the query, is good for ever.
  const forever = !seen.opaque && (readings.length > 0 ? readings.every(t => t.expiry === false) : seen.row);
  const expires = seen.clock || readings.some(t => t.expiry && t.signature !== false);
  const expiry = expires ? true : forever ? false : undefined;
  if (signature === undefined && expiry === undefined) return undefined;
  return { ...(signature !== undefined && { signature }), ...(expiry !== undefined && { expiry }) };
}

interface Seen {
  readings: Token[];
  /** What was sent is held against something that is no reading of it. */
  otherwise: boolean;
  /** What was read is held against the clock. */
  clock: boolean;
  /** A row is looked up, by a query that can be read. */
  row: boolean;
  /** Something that can not be seen decides as well. */
  opaque: boolean;
  values: Set<Val>;
}

function look(v: Val, seen: Seen, read: boolean): void {
  if (prov(v) & Prov.Clock) seen.clock = true;
  if (!(prov(v) & Prov.Credential) || seen.values.has(v)) return;
  if (seen.values.size >= MOST) {
    // What is not looked at may be anything.
    seen.opaque = seen.otherwise = true;
    return;
  }
  seen.values.add(v);
  switch (v.t) {
    case 'call': {
      if (v.token) seen.readings.push(v.token);
      if (isHidden(v) || ofRow(v)) seen.opaque = true;
      else if (selection(v) !== undefined) seen.row = true;
      if (chain(v).some(c => c.args.pos.some(selectsByTime))) seen.clock = true;
      const inside = read || v.token !== undefined;
      for (const x of [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()]) look(x, seen, inside);
      return;
    }
    case 'op':
      for (const x of v.args) look(x, seen, read);
      return;
    case 'attr':
    case 'item':
      look(v.of, seen, read);
      return;
    case 'phi':
      look(v.a, seen, read);
      look(v.b, seen, read);
      return;
    case 'seq':
      for (const x of v.items) look(x, seen, read);
      return;
    default:
      if (!read) seen.otherwise = true;
  }
}

/** Is a row that was found asked by code that can not be seen? */
const ofRow = (c: CallVal): boolean => [...(c.recv ? [c.recv] : []), ...c.args.pos].some(x => x.t !== 'call' && isRow(x));

function isRow(v: Val): boolean {
  if (v.t === 'attr' || v.t === 'item') return isRow(v.of);
  if (v.t === 'op') return v.args[0] !== undefined && isRow(v.args[0]);
  return v.t === 'call' && selection(v) !== undefined;
}

/** A statement that selects by the time, or by a column of it. */
function selectsByTime(v: Val): boolean {
  if (v.t !== 'const' || typeof v.v !== 'string') return false;
  const where = v.v.search(/\bwhere\b/i);
  return where >= 0 && TIME.test(v.v.slice(where));
}
const TIME = /\b(now|current_timestamp|current_date|getdate|unixepoch|julianday|strftime|datetime)\b|expir|valid_(until|to)/i;

/** So many values are looked at for one guard. */
const MOST = 500;
