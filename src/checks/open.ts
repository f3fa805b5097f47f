/** Checks of the port that can be switched off, where those of the original always are made. */
import type { Guard, Refusal } from '../contract/types.js';
import type { Base, Loss } from './protection.js';
import { requirementsOf, type Vocabulary, weakenings } from './requirements.js';

/** A setting that is not there, or what is sent, lets everybody pass. */
export const isOpen = (g: { unless?: string; waived?: string }): boolean => g.unless !== undefined || g.waived !== undefined;

/** One of the port's checks can be switched off, and none of the original's; what is left of them is less. */
export function switchedOff(base: Base, theirs: readonly Guard[], words: Vocabulary): Loss | undefined {
  if (base.python.some(isOpen)) return undefined;
  const firm = theirs.filter(g => !isOpen(g));
  const open = theirs.find(g => isOpen(g) && (firm.length === 0 || standsAlone(base, g, firm, words)));
  if (!open) return undefined;
  const { name, location, unless, waived } = open;
  const where = waived === undefined ? `\`${unless ?? ''}\` is not set, or empty` : `\`${waived}\` is sent`;
  const evidence = [{ says: `\`${name}\` lets everybody pass where ${where}`, ...location }];
  return { ...base, how: 'ineffective', rust: [open], ineffective: { kind: base.kind, name, reason: 'fail-open', location, evidence } };
}

/** Is it a check that the original has, too, and that the firm ones do not stand for? */
function standsAlone(base: Base, open: Guard, firm: readonly Guard[], words: Vocabulary): boolean {
  // Of rights it is known what each asks for.
  if (base.kind === 'authz') return weakenings(requirementsOf(base.python), requirementsOf(firm), words).length > 0;
  return base.python.some(g => isAlike(g, open)) && !firm.some(g => isAlike(g, open));
}

/** Do they ask in the same manner, and answer alike? */
const isAlike = (a: Guard, b: Guard): boolean => a.by === b.by && a.rejects.some(r => b.rejects.some(other => sameAnswer(r, other)));
const sameAnswer = (a: Refusal, b: Refusal): boolean => a.status === b.status && a.redirect === b.redirect;
