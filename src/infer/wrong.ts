/** Answers to a wrong password that look like success: the page of a form once more, or a reply that says so in its body. */
import { type Atom, type F, allAtoms, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov } from '../program/values.js';
import { holdsSecret } from './passwords.js';
import type { Trigger } from './triggers.js';

/** An answer and the condition under which it is given. */
interface Answered {
  cond: F;
  answer: { ok: boolean };
}

/**
 * Those of the answers that nobody gets whose password fits, while he gets another one.
 * @param kinds what atoms are about
 * @returns them, each with the questions about the password that it depends on
 */
export function answersToWrong<T extends Answered>(all: readonly T[], kinds: ReadonlyMap<Atom, Trigger>): Map<T, Atom[]> {
  const out = new Map<T, Atom[]>();
  const served = all.filter(w => w.answer.ok);
  const secrets = new Set(allAtoms(served.map(w => w.cond)).filter(a => isSent(a) && holdsSecret(a)));
  if (secrets.size === 0) return out;
  // The account that is named is there.
  const there = (a: Atom): boolean | undefined => (a.kind === 'fails' && kinds.get(a)?.kind === 'existence' ? false : undefined);
  const under = (fits: boolean) => {
    const memo = new Map<F, boolean | undefined>();
    return (w: T): boolean | undefined =>
      truth(w.cond, a => (secrets.has(a) ? (a.kind === 'fails' || a.kind === 'raises') !== fits : there(a)), memo);
  };
  const [right, wrong] = [under(true), under(false)];
  const welcomes = served.some(w => right(w) !== false && wrong(w) === false);
  if (!welcomes) return out;
  for (const w of served)
    if (right(w) === false && wrong(w) !== false)
      out.set(
        w,
        allAtoms([w.cond]).filter(a => secrets.has(a)),
      );
  return out;
}

/** It is about what was sent to sign in with, not about a credential that came with the request. */
const isSent = (a: Atom): boolean => a.args.some(v => prov(v) & Prov.Input);
