/** Checks of the original beside those that the port has, too: what nothing in the port stands for. */
import type { Guard, Refusal } from '../contract/types.js';
import type { Pair } from '../match/types.js';
import type { Elsewhere } from './elsewhere.js';
import type { Base, Loss } from './protection.js';

/** One of several checks that nothing in the port stands for. */
export function lostStep(pair: Pair, base: Base, theirs: Guard[], others: Elsewhere): Loss | undefined {
  // A row that links the caller with what he asks for, and a value of a row that is his own: the first may be asked with the second in
  // one query, but not in a comparison.
  if (base.kind === 'ownership') {
    const lost = base.python.filter(g => g.by === 'row' && g.indispensable === true);
    // The same code of the port stands elsewhere for the row alone: no value is compared in it.
    const values = base.python.filter(g => g.by === 'comparison' && g.indispensable === true);
    // Numbers that are counted apart say nothing of whose it is.
    const confused = theirs.filter(g => g.by === 'keys');
    const meant = theirs.some(g => g.by === 'comparison') || base.python.some(g => g.by === 'keys');
    if (values.length > 0 && confused.length > 0 && !meant) return { ...base, how: 'step', python: values, rust: confused };
    const rows = (all: readonly Guard[]): boolean => all.length > 0 && all.every(g => g.by === 'row');
    if (values.length > 0 && rows(theirs) && others.originals(pair, theirs).some(rows)) return { ...base, how: 'step', python: values };
    const compared = base.python.some(g => g.by === 'comparison') && theirs.every(g => g.by === 'comparison');
    return lost.length > 0 && compared ? { ...base, how: 'step', python: lost } : undefined;
  }
  if (base.kind !== 'authn') return undefined;
  // A check of the account (that it is confirmed, say) whose answer nothing in the port gives.
  const forbids = answeredNowhere(pair);
  const leads = leadsNowhere(pair, theirs);
  // What a token must not say of itself (that it waits for a second factor) the port asks with an answer of its own.
  const refuses = (g: Guard): boolean => g.requires.length > 0;
  const asked = (g: Guard): boolean => refuses(g) && theirs.some(refuses);
  const gone = (g: Guard): boolean => !bare(g) && g.by !== 'form' && !asked(g) && (g.rejects.every(forbids) || g.rejects.every(leads));
  // Where nothing else verifies the credential, it is the credential itself that they verify, and the port does so, too.
  const verifying = base.python.filter(g => g.verifies);
  const lost = base.python.filter(g => gone(g) && !(verifying.includes(g) && verifying.every(gone)));
  if (lost.length === 0 || lost.length === base.python.length) return undefined;
  return { ...base, how: 'step', python: lost, persona: undefined };
}

/** 403, where that is not how the original turns away whoever has no credential, and the port never answers so. */
function answeredNowhere({ python, rust }: Pair): (r: Refusal) => boolean {
  const given = [...rust.outcomes, ...rust.guards.flatMap(g => g.rejects)].some(o => o.status === 403);
  return r => r.status === 403 && !given && python.access.anonymous.status !== 403;
}

/**
 * To another page than whoever has no credential (that of the confirmation, say), where the port has one answer for all whom it does not
 * know: an answer of another form might be the same check.
 */
function leadsNowhere({ python, rust }: Pair, theirs: readonly Guard[]): (r: Refusal) => boolean {
  const known = rust.access.anonymous;
  const one = theirs.every(g => g.rejects.every(r => r.status === known.status && r.redirect === known.redirect));
  const led = new Set([python.access.anonymous.redirect, ...rust.outcomes.map(o => o.redirect)]);
  return r => r.redirect !== undefined && one && known.verdict === 'refused' && !led.has(r.redirect);
}

/** The original turns away credentials that have expired; the port takes them for ever. */
export function everlasting(base: Base, theirs: Guard[]): Loss | undefined {
  // What is asked further on of whom the token names says no more about the token.
  const expires = base.python.find(g => g.verifies?.expiry === true);
  const forever = theirs.find(g => g.verifies?.expiry === false);
  if (!expires || !forever || theirs.some(g => g.verifies?.expiry === true)) return undefined;
  return { ...base, how: 'expiry', python: [expires], rust: [forever] };
}

/** Does the guard take the caller at his word: a credential that is merely there, or one that anybody can write? */
export const bare = (g: Guard): boolean => g.presenceOnly === true || g.verifies?.signature === false;
