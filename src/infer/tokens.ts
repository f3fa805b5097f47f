/** What a guard verifies of the token that it reads: nobody may write one of his own, and none is good for ever. */
import type { Atom } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Token, type Val } from '../program/values.js';
import { depth } from './depth.js';
import type { Way } from './ways.js';

/**
 * @param by the refusals of one guard
 * @param library what guards of libraries verify, by their place
 * @returns what is known of it; undefined where that is nothing
 */
export function verified(by: readonly Way[], library: ReadonlyMap<string, Token>): Token | undefined {
  const seen: Seen = { readings: [], otherwise: false, clock: false, values: new Set() };
  for (const w of by) {
    const own = library.get(`${w.place.file}:${w.place.at}`);
    if (own) seen.readings.push(own);
    for (const a of w.atoms) if (!isShape(a)) for (const v of a.args) look(v, seen, false);
  }
  const { readings } = seen;
  if (readings.length === 0) return undefined;
  const signature = readings.some(t => t.signature)
    ? true
    : !seen.otherwise && readings.every(t => t.signature === false)
      ? false
      : undefined;
  const expiry =
    seen.clock || readings.some(t => t.expiry && t.signature !== false)
      ? true
      : readings.every(t => t.expiry === false)
        ? false
        : undefined;
  if (signature === undefined && expiry === undefined) return undefined;
  return { ...(signature !== undefined && { signature }), ...(expiry !== undefined && { expiry }) };
}

interface Seen {
  readings: Token[];
  /** What was sent is held against something that is no reading of it. */
  otherwise: boolean;
  /** What was read is held against the clock. */
  clock: boolean;
  values: Set<Val>;
}

/** Whether a token is there, and looks like one. */
const isShape = (a: Atom): boolean =>
  a.args.every(v => (prov(v) & Prov.Credential) === 0 || depth(v) === 0) && !a.args.some(v => prov(v) & ~Prov.Credential);

function look(v: Val, seen: Seen, read: boolean): void {
  if (prov(v) & Prov.Clock) seen.clock = true;
  if (!(prov(v) & Prov.Credential) || seen.values.has(v) || seen.values.size > MOST) return;
  seen.values.add(v);
  switch (v.t) {
    case 'call': {
      if (v.token) seen.readings.push(v.token);
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

/** So many values are looked at for one guard. */
const MOST = 500;
