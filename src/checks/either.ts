/** Checks that ask for several rights of which any is enough (`if not me.is_staff and row.owner != me.id: abort(403)`). */
import type { Guard, GuardKind } from '../contract/types.js';
import type { Pair } from '../match/types.js';
import { isOpen } from './open.js';
import { alternatives, requirementsOf, type Vocabulary, weakenings } from './requirements.js';

/** Are they one check, of two rights of which either is enough? */
const areOne = (a: Guard, b: Guard): boolean =>
  a !== b &&
  a.indispensable === false &&
  b.indispensable === false &&
  a.location.file === b.location.file &&
  a.location.line === b.location.line &&
  a.location.column === b.location.column;

/** Is each of `some` a part of a check to which one of `others` belongs as well? */
export const oneCheck = (some: readonly Guard[], others: readonly Guard[]): boolean =>
  some.every(g => others.some(other => areOne(g, other)));

/**
 * Whether the port insists on one of the other rights that are enough in the original, so that nobody new gets in without `g`.
 * @param guards all of the original's
 * @param theirs the guards of a kind that work in the port
 */
export function insisted(g: Guard, guards: readonly Guard[], theirs: (kind: GuardKind) => readonly Guard[], words: Vocabulary): boolean {
  return guards.some(other => {
    if (other.kind === g.kind || !areOne(g, other)) return false;
    const strict = theirs(other.kind).filter(t => t.indispensable === true);
    const [wanted, got] = [requirementsOf([other]), requirementsOf(strict)];
    // Of a right without a name it is not known whether it is the one that the port names.
    return strict.length > 0 && (wanted.length > 0 || got.length === 0) && weakenings(wanted, got, words).length === 0;
  });
}

/** Whether the port insists on a right that is enough for all that the original asks of the caller's rights, so that nobody new gets in. */
export function stricter({ python, rust }: Pair, theirs: readonly Guard[], words: Vocabulary): boolean {
  // Who has no right gets in to the port where the check is the wrong way round.
  if (python.access.signedIn.verdict !== 'admitted' && rust.access.signedIn.verdict === 'admitted') return false;
  const wanted = (python.alone ?? []).map(text => ({ text, any: alternatives(text) }));
  const got = requirementsOf(theirs.filter(g => g.indispensable === true && !isOpen(g)));
  return wanted.some(w => weakenings([w], got, words).length === 0);
}
