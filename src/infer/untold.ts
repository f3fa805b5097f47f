/** Answers of which it cannot be read whether they let anybody in. */
import { PERSONAS, type Persona } from '../contract/types.js';
import type { GapNote } from '../program/ev.js';
import { Assignment } from './personas.js';
import type { Way, Ways } from './ways.js';

/** An answer that may be a refusal, and whom it may meet. */
export interface Untold {
  note: GapNote;
  meets: (p: Persona) => boolean;
}

/**
 * The answers with a status that is not known, or made by a library that no pack describes, that nobody gets who has all that is asked for:
 * whoever is told apart by them may just as well be turned away.
 */
export function untold(ways: Ways): Untold[] {
  const unread = ways.all.filter(w => w.answer.ok && w.answer.unread);
  if (unread.length === 0) return [];
  const given = ways.normal;
  const as = new Map(
    PERSONAS.map(p => [p, new Assignment(p, ways.kinds, { ignored: ways.infra, given, ...(p === 'entitled' ? { granted: true } : {}) })]),
  );
  const open = (p: Persona, w: Way): boolean => as.get(p)?.of(w.cond) !== false;
  return unread
    .filter(w => !open('entitled', w) && (open('anonymous', w) || open('signedIn', w)))
    .map(w => ({
      note: { why: 'other', says: 'whether this answer is a refusal is not known', hides: ['guards', 'outcomes'], place: w.place },
      meets: p => open(p, w),
    }));
}
