/** Answers that deny nobody anything: of the request, or of the server, rather than of the caller. */
import type { GuardKind } from '../contract/types.js';
import { type Atom, atomsOf } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { selection } from './selection.js';

/** Replies that say what is wrong with the request or the account, and not that access is denied. */
export const UNSERVED: ReadonlySet<number> = new Set([400, 409, 412, 422, 428]);

/** Says that access is denied, or leaves open what it says; any other answer is about the request, or the server. */
export const denies = (status: number): boolean => status < 500 && !UNSERVED.has(status);

/**
 * Where the answer denies nobody anything: is it asked, nevertheless, what the caller may do? Of his account, or of a row that was looked up
 * for him. What code puts together from what he is, and from what he sent, is read, and in a conflict somebody else has it already.
 */
export function asksOfCaller(a: Atom, kind: GuardKind, requires: readonly string[], status: number): boolean {
  if (kind !== 'authz' && kind !== 'ownership') return true;
  if (status === 409 && (kind === 'ownership' || a.args.some(v => prov(v) & Prov.Input))) return false;
  return (
    a.args.every(v => !(prov(v) & Prov.Credential) || isFact(v, (prov(v) & Prov.Input) !== 0)) &&
    requires.every(r => r.split('|').every(x => NAME.test(x)))
  );
}

/**
 * Is it what is known of the caller, or a part of it, and not what a library makes of a text?
 * @param mixed what was sent takes part in it, so that it has to be, or to be among, what was looked up
 */
function isFact(v: Val, mixed: boolean, deep = 0): boolean {
  if (deep > DEEP) return false;
  // Values share their parts: what was asked once is not asked again.
  const known = mixed ? facts.mixed : facts.own;
  let is = known.get(v);
  if (is === undefined) {
    known.set(v, false); // a cycle adds nothing
    known.set(v, (is = partOfFact(v, mixed, deep)));
  }
  return is;
}
const facts = { own: new WeakMap<Val, boolean>(), mixed: new WeakMap<Val, boolean>() };
const DEEP = 200;

function partOfFact(v: Val, mixed: boolean, deep: number): boolean {
  if (selection(v) !== undefined) return true;
  const on = (x: Val | undefined): boolean => x !== undefined && isFact(x, mixed, deep + 1);
  switch (v.t) {
    case 'attr':
    case 'item':
      return (!mixed && v.of.t === 'call') || on(v.of);
    case 'call':
      return on(v.recv) || v.args.pos.some(x => x.t === 'sym' && x.principal !== undefined);
    case 'bool':
      return atomsOf(v.f).some(a => a.args.some(on));
    case 'op':
      return v.args.some(on);
    default:
      return !mixed && (prov(v) & Prov.Credential) !== 0;
  }
}

/** How rights are spelt. */
const NAME = /^[\w.:*-]{2,60}$/;
