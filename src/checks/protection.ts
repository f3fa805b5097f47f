/**
 * What a pair lost of the original's protections: the one comparison that all guard checks read, each its own kind of loss. Only what
 * the original really enforced counts (required, refusing, before the effect where it has such a guard), and nothing is called lost
 * where something that was not understood could be it: such a loss is not `certain`.
 */
import {
  type Endpoint,
  type Guard,
  type GuardKind,
  type Ineffective,
  type Location,
  type Outcome,
  PERSONAS,
  type Persona,
  type Trigger,
} from '../contract/types.js';
import type { Pair } from '../match/types.js';
import { closedAccount } from './account.js';
import type { Elsewhere } from './elsewhere.js';
import { bare, everlasting, lostStep } from './steps.js';
import { insisted, oneCheck, stricter } from './either.js';
import { isOpen, switchedOff } from './open.js';
import { lostProof } from './sent.js';
import { requirementsOf, type Vocabulary, type Weakening, weakenings } from './requirements.js';

/** Kinds that keep somebody out. `state`, `input`, `existence` and `other` turn a request away whoever sends it, and are error paths. */
export const PROTECTIVE = ['authn', 'signature', 'authz', 'ownership', 'csrf', 'origin', 'rate-limit'] as const;
export type ProtectiveKind = (typeof PROTECTIVE)[number];

export interface Loss {
  kind: ProtectiveKind;
  how: 'missing' | 'step' | 'optional' | 'identity' | 'requires' | 'alternative' | 'replaced' | 'expiry' | 'ineffective' | 'after-effect';
  /** Who gets in now. */
  persona?: Persona;
  certain: boolean;
  /** The port gives such an answer to somebody, and lets in whom the original turns away: it may be about something else. */
  suspected?: boolean;
  /** The original's guards that are lost. For a check that is no guard (a password) it is empty and `outcomes` is not. */
  python: Guard[];
  outcomes: Outcome[];
  /** What the port has in their place. */
  rust: Guard[];
  ineffective?: Ineffective;
  weakenings: Weakening[];
  /** Names of what was sent that has to fit in the original, and of which the port asks nothing. */
  unasked?: string[];
  /** Further protections that went with this one. */
  also: Loss[];
}

/** The trigger of an outcome that stands for a kind of guard. */
export const TRIGGER: Record<ProtectiveKind, Trigger> = {
  authn: 'credential',
  signature: 'signature',
  authz: 'authz',
  ownership: 'ownership',
  csrf: 'csrf',
  origin: 'origin',
  'rate-limit': 'rate-limit',
};

const PERSONA: Partial<Record<GuardKind, Persona>> = {
  authn: 'anonymous',
  signature: 'anonymous',
  authz: 'signedIn',
  ownership: 'signedIn',
};

/** What may stand in the port for a kind: a request that is signed is authenticated, one whose origin is checked is not forged. */
const STANDS_FOR: Partial<Record<ProtectiveKind, GuardKind[]>> = { authn: ['signature'], csrf: ['origin'] };

/** Not where the original asks for both, and whoever lacks the one gets in to the port. */
const standing = ({ python, rust }: Pair, kind: ProtectiveKind): GuardKind[] =>
  (STANDS_FOR[kind] ?? []).filter(
    k => enforced(python, k).length === 0 || python.access.anonymous.verdict !== 'refused' || rust.access.anonymous.verdict !== 'admitted',
  );

/** Guards of a kind that the original enforces. */
export function enforced(e: Endpoint, kind: GuardKind): Guard[] {
  const persona = PERSONA[kind];
  // Where everybody gets in to some of the rows, a right is enforced that the others are not to be had without.
  if ((kind === 'authn' || kind === 'authz') && persona && e.access[persona].verdict === 'admitted')
    return e.guards.filter(
      g => g.kind === kind && (g.indispensable === true || (kind === 'authz' && excludes(g))) && g.rejects.length > 0 && !g.afterEffect,
    );
  // Ownership may refuse nobody and change nothing but the caller's own rows.
  return e.guards.filter(
    g => g.kind === kind && g.strength === 'required' && (g.rejects.length > 0 || kind === 'ownership') && !g.afterEffect,
  );
}

/** It keeps out those who have a right, and nobody else. */
const excludes = (g: Guard): boolean => g.requires.length > 0 && g.requires.every(r => r.startsWith('!'));

/** Guards of a kind that work in the port. */
export function working(e: Endpoint, kind: GuardKind): Guard[] {
  return required(e, kind).filter(g => !g.afterEffect);
}

const required = (e: Endpoint, kind: GuardKind): Guard[] => e.guards.filter(g => g.kind === kind && g.strength === 'required');

/** What alone keeps somebody out and comes after a first effect (the caller's account is entered, say): it guards all further ones. */
function belated(e: Endpoint, kind: ProtectiveKind): Guard[] {
  const persona = PERSONA[kind];
  if (!persona || e.access[persona].verdict !== 'refused') return [];
  return required(e, kind).filter(g => g.afterEffect && g.rejects.length > 0);
}

/** Gaps of an endpoint that could be a guard. */
export const hiddenGuards = (e: Endpoint) => e.gaps.filter(g => g.hides.includes('guards'));

/** @param others what the port's code does on the other endpoints */
export function losses(pair: Pair, words: Vocabulary, others: Elsewhere): Loss[] {
  let found: Loss[] = [];
  for (const kind of PROTECTIVE) {
    const loss =
      lossOf(pair, kind, words, others) ??
      (kind === 'authn' ? (lostSecret(pair) ?? lostProof(pair, closed(pair.rust)) ?? lostIdentity(pair)) : undefined);
    if (loss) found.push(loss);
  }
  // Where nobody gets in, nobody gets past a guard; that one is the wrong way round or comes too late is said nevertheless.
  if (PERSONAS.every(p => pair.rust.access[p].verdict === 'refused'))
    found = found.filter(l => l.how === 'after-effect' || l.how === 'ineffective');
  // A right whose check turns away whoever has no role at all, too: one cause.
  const places = found.filter(l => l.kind !== 'authn').flatMap(l => l.python.map(g => g.location));
  found = found.filter(
    l =>
      l.how !== 'step' || l.kind !== 'authn' || l.python.length === 0 || !l.python.every(g => places.some(p => samePlace(p, g.location))),
  );
  // What is only suspected says nothing beside what is known.
  if (found.some(l => !l.suspected)) found = found.filter(l => !l.suspected);
  // Who gets in without any credential gets past roles and ownership, too, and a form token has no session to belong to: one cause.
  const entry = found.find(l => l.persona === 'anonymous' && ['missing', 'optional', 'ineffective'].includes(l.how));
  if (entry) return merged(found, entry, l => ECHOES.has(l.kind) && ['missing', 'requires', 'replaced', 'ineffective'].includes(l.how));
  // A check that is content with any of two rights is one check.
  const right = found.find(l => l.kind === 'authz' && (l.how === 'missing' || l.how === 'ineffective'));
  if (right) found = merged(found, right, l => l.kind === 'ownership' && l.how === right.how && oneCheck(l.python, right.python));
  // All that comes too late comes too late for the same effect.
  const late = found.find(l => l.how === 'after-effect');
  return late ? merged(found, late, l => l.how === 'after-effect') : found;
}

const ECHOES: ReadonlySet<ProtectiveKind> = new Set(['authn', 'authz', 'ownership', 'csrf']);

function merged(all: Loss[], into: Loss, echo: (l: Loss) => boolean): Loss[] {
  into.also = all.filter(l => l !== into && echo(l));
  return all.filter(l => !into.also.includes(l));
}

function lossOf(pair: Pair, kind: ProtectiveKind, words: Vocabulary, others: Elsewhere): Loss | undefined {
  const { python, rust } = pair;
  if ((kind === 'authz' || kind === 'ownership') && stricter(pair, working(rust, 'authz'), words)) return undefined;
  const early = enforced(python, kind);
  const ours = (early.length > 0 ? early : belated(python, kind)).filter(g => !insisted(g, python.guards, k => working(rust, k), words));
  const base = {
    kind,
    certain: certain(pair, kind),
    python: ours,
    outcomes: [],
    rust: [],
    weakenings: [],
    also: [],
    persona: personaOf(pair, kind),
  };
  if (ours.length === 0) return kind === 'authn' ? (droppedCheck(pair, base) ?? closedAccount(pair, base)) : undefined;

  const backwards = (e: Endpoint): Ineffective | undefined => e.ineffective.find(i => i.kind === kind && i.reason === 'wrong-polarity');
  // Some rules do refuse what fits (an old password that is chosen again): then the original has it, too.
  if (backwards(rust) && !backwards(python)) return { ...base, how: 'ineffective', ineffective: backwards(rust) };

  const bareWanted = ours.every(bare);
  const theirs = [kind, ...standing(pair, kind)].flatMap(k => (early.length > 0 ? working(rust, k) : required(rust, k)));
  const passwords = ours.some(g => g.verifies?.password === true);
  const sound = theirs.filter(g => bareWanted || !(bare(g) || (passwords && g.verifies?.password === false)));
  if (sound.length > 0)
    return (
      kept(base, sound, words) ??
      alternative(pair, base, sound, words) ??
      reversed(pair, base, sound) ??
      lostStep(pair, base, sound, others) ??
      (kind === 'authn' ? closedAccount(pair, { ...base, rust: sound }) : undefined) ??
      everlasting(base, sound)
    );
  if (theirs.length > 0)
    return {
      ...base,
      how: 'ineffective',
      rust: theirs,
      ineffective: rust.ineffective.find(i => i.kind === kind) ?? believed(kind, theirs[0]!),
    };

  const rights = kind === 'authz' || kind === 'ownership';
  const concerns = (i: Ineffective): boolean => i.kind === kind || (rights && (i.kind === 'authz' || i.kind === 'ownership'));
  // A handler that answers two endpoints of the original is no second registration of one of them.
  const twice = (i: Ineffective): boolean => i.reason === 'duplicate-route' && others.shares(pair);
  const broken = rust.ineffective.filter(i => concerns(i) && !BESIDE.has(i.reason) && !twice(i));
  const late = rust.guards.filter(g => g.kind === kind && g.strength === 'required' && g.afterEffect);
  const tooLate = broken.find(i => i.reason === 'after-effect');
  if (late.length > 0 || (tooLate && broken.length === 1)) {
    return rust.effects.some(f => f.kind !== 'read') || tooLate
      ? { ...base, how: 'after-effect', rust: late, ineffective: tooLate }
      : undefined;
  }
  // Turned away by something that was classed otherwise: nobody new gets in, and no guard is claimed to be missing.
  const refused = base.persona && PERSONA[kind] && rust.access[PERSONA[kind]!].verdict === 'refused';
  if (broken.length > 0 && (!refused || kind !== 'authn')) return { ...base, how: 'ineffective', ineffective: broken[0] };
  const optional = rust.guards.filter(g => g.kind === kind && g.strength === 'optional');
  if (refused) {
    if (kind === 'authn' || kind === 'signature') return undefined;
    const instead = kind === 'authz' ? 'ownership' : 'authz';
    const other = working(rust, instead);
    if (other.length > 0) return { ...base, how: enforced(python, instead).length === 0 ? 'replaced' : 'missing', rust: other };
  }
  // A crash of the lookup turns nobody away who merely has no credential.
  const admits = PERSONA[kind] !== undefined && rust.access[PERSONA[kind]!].verdict === 'admitted';
  // What the original answers beside its guards (a wrong password), the port's answer is about as well.
  const told = python.outcomes.filter(o => o.trigger === TRIGGER[kind] && !ours.some(g => g.evidence.some(e => samePlace(e, o.location))));
  const answered = rust.outcomes.some(
    o =>
      o.trigger === TRIGGER[kind] &&
      o.via !== 'panic' &&
      !(admits && (o.status ?? 0) >= 500) &&
      !(kind === 'authn' && told.some(b => b.status === o.status && b.redirect === o.redirect)),
  );
  // An answer of the right kind, on an endpoint that lets the very same caller in: it may be about something else.
  if (answered && !(kind === 'authn' && admits && pair.python.access.anonymous.verdict === 'refused')) return undefined;
  if (optional.length > 0) return { ...base, how: 'optional', rust: optional };
  const unclear = kind !== 'csrf' && kind !== 'rate-limit' && kind !== 'origin' ? unclassified(rust) : [];
  const beside = rust.ineffective.find(i => concerns(i) && BESIDE.has(i.reason)) ?? rust.aside?.find(concerns);
  return {
    ...base,
    ...(beside ? { how: 'ineffective', ineffective: beside } : { how: 'missing' }),
    certain: base.certain && !answered && !refused && unclear.length === 0,
    suspected: answered,
    rust: unclear,
  };
}

/** Reasons that name why a protection is lost, and are no evidence by themselves that it is: the check may have been made for another purpose. */
const BESIDE: ReadonlySet<Ineffective['reason']> = new Set(['optional-unchecked', 'swallowed']);

const samePlace = (a: Location, b: Location): boolean => a.file === b.file && a.line === b.line;

/** Guards of the port that refuse somebody for a reason that was not understood. */
const unclassified = (e: Endpoint): Guard[] =>
  working(e, 'other').filter(g => g.rejects.some(r => r.status === 401 || r.status === 403 || r.redirect !== undefined));

export type Base = Omit<Loss, 'how'>;

function kept(base: Base, theirs: Guard[], words: Vocabulary): Loss | undefined {
  if (base.kind === 'authz') {
    const wanted = requirementsOf(base.python);
    const got = requirementsOf(theirs);
    if (wanted.length > 0 && got.length === 0) return { ...base, how: 'requires', certain: false, rust: theirs };
    const opposite = theirs.find(g => g.requires.length > 0 && g.requires.every(r => r.startsWith('!')));
    if (opposite && !wanted.some(w => w.text.startsWith('!'))) {
      return {
        ...base,
        how: 'ineffective',
        rust: theirs,
        ineffective: {
          kind: 'authz',
          name: opposite.name,
          reason: 'wrong-polarity',
          location: opposite.location,
          evidence: opposite.evidence,
        },
      };
    }
    const weaker = weakenings(wanted, got, words);
    // What is asked for was read on both sides, so that a gap elsewhere could only add to it where something is lost, not replaced.
    if (weaker.length > 0) return { ...base, how: 'requires', rust: theirs, weakenings: weaker, persona: 'signedIn' };
  }
  return switchedOff(base, theirs, words);
}

/** Nobody gets in to the original without a right, or to some of its rows; the port is content with something else as well. */
function alternative(pair: Pair, base: Base, theirs: Guard[], words: Vocabulary): Loss | undefined {
  const { verdict } = pair.python.access.signedIn;
  if (verdict === 'unknown' || pair.rust.access.signedIn.verdict !== verdict) return undefined;
  const wanted = base.python.filter(g => g.indispensable === true);
  const strict = theirs.filter(g => g.indispensable !== false);
  if (wanted.length === 0 || strict.length === theirs.length) return undefined;
  if (base.kind === 'ownership') return strict.length > 0 ? undefined : { ...base, how: 'alternative', python: wanted, rust: theirs };
  const weaker = weakenings(requirementsOf(wanted), requirementsOf(strict), words);
  return weaker.length > 0 ? { ...base, how: 'alternative', python: wanted, rust: theirs } : undefined;
}

/** The guard stands there, asks for the same, and the ones whom the original keeps out get in: it refuses others. */
function reversed(pair: Pair, base: Base, theirs: Guard[]): Loss | undefined {
  // Ownership may be decided by the query itself, which no condition of the handler shows.
  const asks = (g: Guard): boolean => (base.kind === 'authz' ? g.requires.length > 0 : g.by === 'comparison' && g.rejects.length > 0);
  if ((base.kind !== 'authz' && base.kind !== 'ownership') || !theirs.some(asks)) return undefined;
  // It may be a row of the original that keeps him out, and no comparison.
  if (base.kind === 'ownership' && !base.python.every(asks)) return undefined;
  if (pair.python.access.signedIn.verdict !== 'refused' || pair.rust.access.signedIn.verdict !== 'admitted') return undefined;
  // Something else than the right is enough in the port: then it refuses nobody whom it should admit.
  if (theirs.every(g => g.indispensable === false)) return { ...base, how: 'alternative', rust: theirs };
  const g = theirs[0]!;
  return {
    ...base,
    how: 'ineffective',
    rust: theirs,
    ineffective: { kind: base.kind, name: g.name, reason: 'wrong-polarity', location: g.location, evidence: g.evidence },
  };
}

/** A credential check that is no guard, as in a login: the original answers with an error, the port made the check and dropped its verdict. */
function droppedCheck(pair: Pair, base: Base): Loss | undefined {
  const outcomes = pair.python.outcomes.filter(o => o.trigger === 'credential' && o.via !== 'guard');
  // Who is served without any credential is served with a wrong one as well, or loses nothing by its being refused.
  if (pair.python.guards.some(g => g.kind === 'authn' && g.strength === 'optional' && g.unused !== true)) return undefined;
  const broken = pair.rust.ineffective.find(i => i.kind === 'authn' && CHECKED.has(i.reason));
  if (outcomes.length === 0 || !broken) return undefined;
  return { ...base, how: 'ineffective', certain: true, outcomes, ineffective: broken, persona: 'anonymous' };
}

/** Reasons that speak of a check that is made on this request, not of a guard that never came to stand before it. */
const CHECKED = new Set([
  'verdict-dropped',
  'logs-only',
  'always-passes',
  'wrong-polarity',
  'not-awaited',
  'swallowed',
  'fail-open',
  'presence-only',
  'signature-unverified',
]);

/** Nothing that was not understood could turn somebody away. */
const closed = (e: Endpoint): boolean => hiddenGuards(e).length === 0 && !e.gaps.some(g => g.hides.includes('outcomes'));

/** What was sent is held against a password in the original, and nowhere in the port: anything that is sent will do. */
function lostSecret(pair: Pair): Loss | undefined {
  const outcomes = pair.python.outcomes.filter(o => o.secret && o.via !== 'guard');
  const theirs = pair.rust.outcomes.filter(o => o.secret);
  const late = theirs.length > 0 && theirs.every(o => o.afterEffect) && !outcomes.every(o => o.afterEffect);
  // One that is only made while something is set, or was sent, where the original always makes one.
  const open = theirs.length > 0 && theirs.every(isOpen) && !outcomes.some(isOpen);
  if (outcomes.length === 0 || (theirs.length > 0 && !late && !open)) return undefined;
  // A 401 that nothing else explains may be it: what was held against what was not seen.
  if (theirs.length === 0 && pair.rust.outcomes.some(o => o.unclear)) return undefined;
  const login = pair.python.access.anonymous.verdict === 'admitted';
  const persona = login ? ('anonymous' as const) : undefined;
  return {
    kind: 'authn',
    how: late ? 'after-effect' : 'missing',
    persona,
    certain: closed(pair.rust),
    python: [],
    outcomes,
    rust: [],
    weakenings: [],
    also: [],
  };
}

/** The original knows who is asking, without insisting; the port does not look. */
function lostIdentity(pair: Pair): Loss | undefined {
  const optional = pair.python.guards.filter(g => g.kind === 'authn' && g.strength === 'optional' && g.unused !== true);
  const anyRust = pair.rust.guards.some(g => g.kind === 'authn' || g.kind === 'authz' || g.kind === 'ownership' || g.kind === 'signature');
  if (optional.length === 0 || anyRust || pair.rust.access.anonymous.verdict !== 'admitted' || !certain(pair, 'authn')) return undefined;
  if (pair.python.guards.some(g => g.kind === 'authn' && g.strength === 'required')) return undefined;
  return {
    kind: 'authn',
    how: 'identity',
    persona: 'signedIn',
    certain: true,
    python: optional,
    outcomes: [],
    rust: [],
    weakenings: [],
    also: [],
  };
}

const believed = (kind: ProtectiveKind, g: Guard): Ineffective => ({
  kind,
  name: g.name,
  reason: g.presenceOnly ? 'presence-only' : g.verifies?.signature === false ? 'signature-unverified' : 'password-unverified',
  location: g.location,
  evidence: g.evidence,
});

/** Who gets in: without a credential where the original refused that and the port does not, else with any credential. */
function personaOf(pair: Pair, kind: ProtectiveKind): Persona | undefined {
  const base = PERSONA[kind];
  if (!base) return undefined;
  // The original lets everybody in to some of the rows.
  if (kind === 'authz' && pair.python.access[base].verdict === 'admitted') return undefined;
  const open = pair.python.access.anonymous.verdict !== 'admitted' && pair.rust.access.anonymous.verdict === 'admitted';
  return open ? 'anonymous' : base;
}

function certain(pair: Pair, kind: ProtectiveKind): boolean {
  if (hiddenGuards(pair.rust).length > 0) return false;
  const persona = PERSONA[kind];
  return !persona || pair.rust.access[persona].verdict !== 'unknown';
}
