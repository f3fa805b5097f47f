/** Checks that are content with whatever the caller sends: that it is there, that it looks right, that it says so itself. */
import type { Atom } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { depth } from './depth.js';
import type { Way } from './ways.js';

/** Is it only asked whether a header or a cookie is there, whatever stands in it, or for what anybody could have written there? */
export const isThere = (w: Way): boolean => w.atoms.length > 0 && w.atoms.every(isBare);

/** Is it only asked how the credential is written: that it is there, that it can be taken apart (`scheme, token = header.split()`)? */
export const isForm = (w: Way): boolean => w.atoms.length > 0 && w.atoms.every(isWritten);

export const isWritten = (a: Atom): boolean => isBare(a) || isTakenApart(a) || isPart(a);

/** Is it only asked whether a credential is there, and looks like one? */
export const isShape = (a: Atom): boolean =>
  (a.args.every(v => (prov(v) & Prov.Credential) === 0 || depth(v) === 0) && !a.args.some(v => prov(v) & ~Prov.Credential)) ||
  (isWritten(a) && !a.args.some(isTold));

/** A part of what was sent is there (`header.contains("Token")`, `parts.get(1)`), whatever it is. */
const isPart = (a: Atom): boolean =>
  (a.kind === 'fails' || a.kind === 'truthy') &&
  a.args.every(v => v.t === 'call' && v.recv !== undefined && PART.test(v.name) && isSent(v.recv) && v.args.pos.every(x => prov(x) === 0));

const isTakenApart = (a: Atom): boolean =>
  (a.kind === 'fails' || a.kind === 'raises') && a.args.every(v => v.t === 'call' && v.recv !== undefined && SHAPE.test(v.name));

function isBare(a: Atom): boolean {
  if (a.kind === 'fails' || a.kind === 'truthy') return a.args.every(isSent);
  if (a.kind !== 'eq' && a.kind !== 'lt') return false;
  // A text that is compared may be a password; what stands in a text that anybody can write is none.
  const told = a.args.some(v => isSent(v) && isTold(v));
  const known = (v: Val): boolean => isNumber(v) || (told && (v.t === 'const' || isClock(v)));
  return a.args.every(v => known(v) || isSent(v)) && a.args.some(known);
}

const isClock = (v: Val): boolean => (prov(v) & Prov.Clock) !== 0 && (prov(v) & ~(Prov.Clock | Prov.External)) === 0;

/** How long it is, or how many parts it has, is compared with a number. */
const isNumber = (v: Val): boolean => v.t === 'const' && typeof v.v === 'number';

/** What was sent, another spelling of it, or what stands in it. */
export function isSent(v: Val): boolean {
  if (v.t === 'sym') return v.sent === true;
  if (v.t === 'op') return v.args[0] !== undefined && isSent(v.args[0]) && v.args.slice(1).every(x => prov(x) === 0);
  if (v.t === 'item') return (isTold(v) || isNumber(v.key)) && isSent(v.of);
  if (v.t === 'attr') return isTold(v) && isSent(v.of);
  if (v.t !== 'call') return false;
  if (v.reads)
    return [...(v.recv && prov(v.recv) & Prov.Credential ? [v.recv] : []), ...v.args.pos.filter(x => prov(x) !== 0)].every(isSent);
  // Cut into parts and counted.
  return v.recv !== undefined && SHAPE.test(v.name) && isSent(v.recv);
}

/** Does it stand in something that was read out of what was sent? */
export function isTold(v: Val): boolean {
  if (v.t === 'attr' || v.t === 'item') return isTold(v.of);
  if (v.t === 'op') return v.args.some(isTold);
  return v.t === 'call' && (v.reads === 'format' || (v.recv !== undefined && isTold(v.recv)));
}

const SHAPE = /^(len|length|count|split\w*|rsplit\w*|chars|bytes|as_bytes|as_str|to_str|trim|strip|collect|lines)$/;
const PART = /^(get|nth|contains|starts_with|ends_with|startswith|endswith)$/;
