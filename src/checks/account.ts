/** What an account has to be besides being there (`active`, not `suspended`): whether the port still asks. */
import type { Ineffective, Outcome } from '../contract/types.js';
import type { Pair } from '../match/types.js';
import { isOpen } from './open.js';
import type { Base, Loss } from './protection.js';

type Asked = ReadonlyMap<string, readonly Outcome[]>;

/** The original turns away whose account is closed; the port lets him in, or him alone, or asks only as long as something is set. */
export function closedAccount({ python, rust }: Pair, base: Base): Loss | undefined {
  const [ours, theirs] = [asked(python.outcomes), asked(rust.outcomes)];
  // What the port asks by another name may be the same thing.
  if ([...theirs.keys()].some(w => !ours.has(w))) return undefined;
  for (const [word, mine] of ours) {
    if (word === UNNAMED || mine.some(isOpen) || !mine.every(o => isPlainly(word, o))) continue;
    const got = theirs.get(word);
    const guards = base.python.filter(g =>
      mine.some(o => [g.location, ...g.evidence].some(e => e.file === o.location.file && e.line === o.location.line)),
    );
    const certain = base.certain && !rust.gaps.some(g => g.hides.includes('outcomes'));
    const loss = { ...base, certain, python: guards, outcomes: [...mine], persona: undefined };
    if (!got) {
      if (!maybe(python.outcomes, rust.outcomes, mine)) return { ...loss, how: 'step' };
    } else if (!senses(word, mine).some(s => senses(word, got).includes(s)))
      return { ...loss, how: 'ineffective', ineffective: broken(word, got, 'wrong-polarity') };
    else if (got.every(isOpen)) return { ...loss, how: 'ineffective', ineffective: broken(word, got, 'fail-open') };
  }
  return undefined;
}

/**
 * Whom both turn away for the same thing, each with answers of its own.
 * @returns those of the original and of the port, for each thing that is asked
 */
export function answeredOtherwise({ python, rust }: Pair): { word: string; ours: readonly Outcome[]; theirs: readonly Outcome[] }[] {
  const theirs = asked(rust.outcomes);
  return [...asked(python.outcomes)].flatMap(([word, mine]) => {
    const got = theirs.get(word) ?? [];
    const other = got.length > 0 && [...mine, ...got].every(isPlain) && !mine.some(o => got.some(g => g.status === o.status));
    return other && word !== UNNAMED ? [{ word, ours: mine, theirs: got }] : [];
  });
}

/** An answer of which only the status matters. */
const isPlain = (o: Outcome): boolean => (o.status ?? 0) >= 400 && o.redirect === undefined;

const UNNAMED = '?';

function asked(all: readonly Outcome[]): Asked {
  const out = new Map<string, Outcome[]>();
  for (const o of all) for (const word of new Set(o.account?.map(a => a.replace('!', '')))) out.set(word, [...(out.get(word) ?? []), o]);
  return out;
}

/** Is it known that those are turned away whose account is closed, or is nothing else asked by the query? Of rights it is known what each asks for. */
function isPlainly(word: string, o: Outcome): boolean {
  const [first, second] = senses(word, [o]);
  return (
    o.trigger !== 'authz' &&
    first === (second ? `!${word}` : word) &&
    (!second || (o.trigger === 'credential' && !o.account?.includes(UNNAMED)))
  );
}

/** Who is turned away: whose account is so, or whose is not. */
const senses = (word: string, all: readonly Outcome[]): string[] =>
  all.flatMap(o => o.account?.filter(a => a.replace('!', '') === word) ?? []);

/** Does the port give one of the answers for a reason that says little, and for which the original does not? */
function maybe(python: readonly Outcome[], rust: readonly Outcome[], lost: readonly Outcome[]): boolean {
  const alike = (a: Outcome, b: Outcome): boolean => a.status === b.status && a.redirect === b.redirect;
  return rust.some(
    r =>
      (r.trigger === 'state' || r.trigger === 'other' || r.trigger === 'authz') &&
      lost.some(o => alike(o, r)) &&
      !python.some(p => p.trigger === r.trigger && alike(p, r)),
  );
}

function broken(word: string, got: readonly Outcome[], reason: 'wrong-polarity' | 'fail-open'): Ineffective {
  const [{ location, unless, waived }] = got as [Outcome];
  const says =
    reason === 'fail-open'
      ? `\`${word}\` is not asked where \`${unless ?? waived ?? ''}\` is ${unless === undefined ? 'sent' : 'not set, or empty'}`
      : `\`${word}\` turns away the others`;
  return { kind: 'authn', name: word, reason, location, evidence: [{ says, ...location }] };
}
