/**
 * Compares the error paths of a pair, trigger by trigger. The triggers of two languages never agree fully, so that nothing is said
 * where the status is met anywhere in the port, where the port's status is not known, or where outcomes may be hidden.
 */
import { type Endpoint, type Outcome, PERSONAS, type Trigger } from '../contract/types.js';
import type { Pair } from '../match/types.js';
import { enforced, working } from './protection.js';
import { names, refusal } from './say.js';
import type { Context } from './types.js';

export interface OutcomeChange {
  trigger: Trigger;
  /** Outcomes of the original that the port does not have. */
  lost: Outcome[];
  /** What the port does on the same trigger instead, and the original does not. Empty: nothing. */
  instead: Outcome[];
  /** Only what the libraries answer by themselves differs. */
  byLibrary: boolean;
  /** What is lost refused those whose own it is, those whose own it is not, or whoever came while a setting stood so. */
  of?: 'own' | 'others' | 'setting';
}

/** Triggers that a check may speak about; who may come in belongs to the guard checks. */
const JUDGED: readonly Trigger[] = ['credential', 'input', 'existence', 'conflict', 'state', 'other'];

const byLibrary = (o: Outcome): boolean => o.via === 'framework' || o.via === 'extractor';

export function outcomeChanges(ctx: Context, pair: Pair): OutcomeChange[] {
  if (ctx.claimed(pair, 'all') || ctx.claimed(pair, 'outcomes')) return [];
  if (pair.rust.gaps.some(g => g.hides.includes('outcomes'))) return [];
  // Where nobody comes to the handler any more it is that which is reported, and not all that it would have answered.
  const shut = ({ access }: Endpoint): boolean => PERSONAS.every(p => access[p].verdict === 'refused');
  if (shut(pair.rust) && !shut(pair.python)) return [];
  return [...JUDGED.flatMap(t => changeOf(ctx, pair, t) ?? []), ...lostRules(pair)];
}

function lostRules(pair: Pair): OutcomeChange[] {
  const owned = pair.rust.guards.some(g => g.kind === 'ownership') || pair.rust.outcomes.some(o => o.trigger === 'ownership');
  return [
    ...(owned ? [] : gone(pair, 'own', o => o.own === true)),
    ...gone(pair, 'setting', o => o.settings !== undefined),
    ...unanswered(pair),
  ];
}

/** The port changes nothing but the caller's own rows, and answers as if it had, where the original says that the row is not his. */
function unanswered({ python, rust }: Pair): OutcomeChange[] {
  const owning = rust.guards.filter(g => g.kind === 'ownership');
  const silent = owning.length > 0 && owning.every(g => g.rejects.length === 0) && rust.access.signedIn.verdict === 'admitted';
  if (!silent || python.access.signedIn.verdict !== 'refused') return [];
  const lost = python.outcomes.filter(o => o.trigger === 'ownership' && !crashes(o));
  return lost.length === 0 || lost.some(o => rust.outcomes.some(r => r.trigger !== 'input' && answersAs(r, o)))
    ? []
    : [{ trigger: 'ownership', lost, instead: [], byLibrary: false, of: 'others' }];
}

/** The original refuses for one of these reasons, and nothing in the port does, nor answers for one that might be the same. */
function gone({ python, rust }: Pair, of: 'own' | 'setting', asked: (o: Outcome) => boolean): OutcomeChange[] {
  const lost = python.outcomes.filter(o => asked(o) && !failsItself(o) && !crashes(o));
  const same = (a: Outcome, b: Outcome): boolean => a.trigger === b.trigger && a.status === b.status && a.redirect === b.redirect;
  const maybe = (o: Outcome): boolean =>
    asked(o) || (UNTOLD.has(o.trigger) && !failsItself(o) && !python.outcomes.some(p => !asked(p) && same(p, o)));
  return lost.length === 0 || rust.outcomes.some(maybe) ? [] : [{ trigger: 'state', lost, instead: [], byLibrary: false, of }];
}

/** Triggers that say little of what was asked. */
const UNTOLD: ReadonlySet<Trigger> = new Set(['state', 'conflict', 'other']);

function changeOf(ctx: Context, pair: Pair, trigger: Trigger): OutcomeChange | undefined {
  const guarded = (['authn', 'signature'] as const).some(k => enforced(pair.python, k).length > 0 || working(pair.rust, k).length > 0);
  if (trigger === 'credential' && ctx.claimed(pair, 'authn')) return undefined;
  // Beside a guard, what a wrong password is answered with is an error path of its own.
  const ofGuard = (o: Outcome): boolean => trigger === 'credential' && guarded && !o.secret;
  const mine = (all: readonly Outcome[]): Outcome[] => all.filter(o => o.trigger === trigger && o.via !== 'guard' && !ofGuard(o));
  const ours = mine(pair.python.outcomes);
  const theirs = mine(pair.rust.outcomes);
  const written = ours.filter(o => !byLibrary(o) && known(o) && !o.panic);

  if (written.length === 0) {
    const default_ = ours.filter(o => byLibrary(o) && o.status !== undefined);
    const other = theirs.filter(o => byLibrary(o) && o.status !== undefined);
    if (trigger !== 'input' || default_.length === 0 || other.length === 0) return undefined;
    if (default_.some(o => other.some(r => r.status === o.status))) return undefined;
    return { trigger, lost: default_, instead: other, byLibrary: true };
  }
  // What is refused by a guard on either side is compared there: as the same refusal, never as a lost error path.
  const guards = pair.python.guards.filter(g => g.kind !== trigger);
  const byGuard = (o: Outcome): boolean =>
    guards.some(
      g =>
        g.rejects.some(r => refusal(r) === refusal(o)) &&
        [g.location, ...g.evidence].some(e => e.file === o.location.file && e.line === o.location.line),
    );
  // What has not the form of a key is answered with the same status, and is another thing than a row that is not there.
  const elsewhere = pair.rust.outcomes.filter(r => trigger !== 'existence' || r.trigger !== 'input');
  let lost = written.filter(o => !byGuard(o) && !elsewhere.some(r => answersAs(r, o)) && !refusedAs(pair, o));
  let instead = theirs.filter(
    o =>
      !pair.python.outcomes.some(p => answersAs(p, o) && (!o.secret || p.secret)) &&
      !((trigger === 'other' || trigger === 'state') && failsItself(o)),
  );
  // A row that is fetched as if it were always there: another exit with the right status is about another thing.
  const unserved = theirs.every(crashes);
  if (lost.length === 0 && trigger === 'existence' && instead.some(o => crashes(o) && (unserved || o.via === 'propagate')))
    lost = written.filter(o => o.status === 404).slice(0, 1);
  // That the original crashes is nothing that a port has to do as well, beside what it answers on purpose or where there is nothing instead.
  if (trigger !== 'state' && trigger !== 'other' && (instead.length === 0 || lost.some(o => !crashes(o))))
    lost = lost.filter(o => !crashes(o));
  if (lost.length === 0) return undefined;
  if (theirs.some(o => !known(o))) return undefined;
  // Where there is an answer, a failure of the server beside it is not what is given instead.
  if (instead.some(o => !failsItself(o))) instead = instead.filter(o => !failsItself(o));
  // A login that does not say which of the two was wrong: the account or the password.
  if (instead.length === 0 && trigger === 'existence' && !guarded)
    instead = pair.rust.outcomes.filter(o => o.trigger === 'credential' && o.status === 401);
  return { trigger, lost, instead, byLibrary: false };
}

/** What the server could not do, whoever asked for whatever. */
const failsItself = (o: Outcome): boolean => o.panic === true || o.status === 500;

const crashes = (o: Outcome): boolean => (o.status ?? 0) >= 500;

const known = (o: Outcome): boolean => o.status !== undefined || o.redirect !== undefined || o.panic === true;

/** The same answer to a caller: the status, or both redirects. */
function answersAs(a: Outcome, b: Outcome): boolean {
  const redirects = (o: Outcome): boolean => o.redirect !== undefined || (o.status !== undefined && o.status >= 300 && o.status < 400);
  return redirects(a) || redirects(b) ? redirects(a) && redirects(b) : a.status === b.status && !a.panic === !b.panic;
}

const refusedAs = (pair: Pair, o: Outcome): boolean =>
  pair.rust.guards.some(g => g.strength === 'required' && g.rejects.some(r => r.status !== undefined && r.status === o.status));

const TRIGGER: Record<Trigger, string> = {
  credential: 'a wrong credential',
  authz: 'a missing permission',
  ownership: "somebody else's resource",
  csrf: 'a missing form token',
  'rate-limit': 'too many requests',
  origin: 'a foreign origin',
  signature: 'a wrong signature',
  input: 'bad input',
  existence: 'a missing row',
  state: 'a setting or state',
  conflict: 'a conflict',
  other: 'another failure',
};

/** What is answered otherwise, or no longer. */
export const reasonText = (c: OutcomeChange): string =>
  c.of === 'own'
    ? 'those whose own it is'
    : c.of === 'others'
      ? 'those whose own it is not'
      : c.of === 'setting'
        ? `a setting (${names(c.lost.flatMap(o => o.settings ?? []))})`
        : TRIGGER[c.trigger];

/** `404`, `404 and 409`, each once, in order. */
export const answers = (all: readonly Outcome[]): string => [...new Set(all.map(refusal).filter(Boolean))].sort().join(' and ');
