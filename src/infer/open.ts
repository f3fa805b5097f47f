/** Checks that can be switched off: by a setting that is not there, by what the client leaves empty, by a header that it sends. */
import type { GuardKind } from '../contract/types.js';
import { type Atom, atomsOf, type F, literals, type Memo, someAtom, type Truth, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { answers } from './feasible.js';
import { isDevelopment } from './normal.js';
import { isHeld } from './passwords.js';
import { isSent, isThere } from './presence.js';
import { chain } from './selection.js';
import type { Way, Ways } from './ways.js';

export interface Opening {
  /** Nobody is turned away as long as this is not set, or empty. */
  unless?: string;
  /** Nobody is turned away who sends this, whatever stands in it, or with a text that stands in the code. */
  waived?: string;
}

const CONFIGURED = Prov.Setting | Prov.State;
const SENT = Prov.Credential | Prov.Signature | Prov.Header;
/** What is sent with a request, and was not looked up. */
const GIVEN = SENT | Prov.Csrf | Prov.Input | Prov.External;

/** Guards that want to see something that was sent: who leaves it empty must not get past. */
const PROOFS: ReadonlySet<GuardKind> = new Set(['authn', 'csrf', 'signature']);
/** Guards that no header may stand in for. That a header of its own is sent shows that a request was not made by another site's form. */
const FIRM: ReadonlySet<GuardKind> = new Set(['authn', 'authz', 'ownership', 'signature']);

/**
 * What switches off all of these ways of being turned away for a reason of this kind. Those on which only the presence of a credential
 * is asked keep nobody out who sends any.
 */
export function opening(by: readonly Way[], ways: Ways, kind: GuardKind): Opening {
  const aside = new Map<F, boolean>();
  const asking = by.filter(w => !isThere(w));
  let all: Openings | undefined;
  for (const w of asking.length > 0 ? asking : by) {
    const own = openingsOf(w, ways, kind, aside);
    all = all ? { unless: both(all.unless, own.unless), waived: both(all.waived, own.waived) } : own;
    if (all.unless.size + all.waived.size === 0) break;
  }
  const unless = [...(all?.unless ?? [])][0] ?? blank(by);
  if (unless !== undefined) return { unless };
  const waived = asking.length > 0 ? [...(all?.waived ?? [])][0] : undefined;
  return waived === undefined ? {} : { waived };
}

interface Openings {
  unless: ReadonlySet<string>;
  waived: ReadonlySet<string>;
}

const both = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> => new Set([...a].filter(x => b.has(x)));

/** The setting that what was sent is compared with, and that is empty where nobody set it: so is what anybody can send. */
function blank(by: readonly Way[]): string | undefined {
  const memo = new Map<F, boolean>();
  const isUnset = (a: Atom): boolean => a.kind === 'fails' && a.args.every(isSet);
  const held = (w: Way): Atom[] => w.atoms.filter(a => a.kind === 'eq' && a.args.some(v => prov(v) & SENT));
  // Either as one value that may be empty, or case by case.
  const asks = (w: Way, a: Atom): boolean => (a.args.some(isEmpty) ? someAtom(w.why ?? w.cond, isUnset, memo) : a.args.some(isBlank));
  const asking = by.filter(w => held(w).some(a => asks(w, a)));
  const [first] = asking;
  if (!first) return undefined;
  // Beside it, only whether anything was sent is asked.
  const among = new Set(asking);
  const rest = by.filter(w => !among.has(w));
  if (!rest.every(w => w.atoms.every(a => a.kind === 'fails' && a.args.every(v => v.t === 'sym' && prov(v) & SENT)))) return undefined;
  const a = held(first).find(x => asks(first, x));
  const set = a?.args.some(isEmpty) ? atomsOf(first.why ?? first.cond).find(isUnset)?.args[0] : a?.args.find(isBlank);
  return set && nameOf(set);
}

/** It is asked for the guard, and for each of its ways out. */
const known = new WeakMap<Way, Map<GuardKind, Openings>>();

function openingsOf(w: Way, ways: Ways, kind: GuardKind, aside: Map<F, boolean>): Openings {
  let of = known.get(w);
  if (!of) known.set(w, (of = new Map<GuardKind, Openings>()));
  let found = of.get(kind);
  if (!found) of.set(kind, (found = findOpenings(w, ways, kind, aside)));
  return found;
}

function findOpenings(w: Way, ways: Ways, kind: GuardKind, aside: Map<F, boolean>): Openings {
  const unless = new Set<string>();
  const waived = new Set<string>();
  const such = someAtom(w.cond, isAside, aside) ? answers(w.cond) : literals(w.cond);
  for (const [a, holds] of such) {
    const v = a.args[0];
    if (!v || (a.kind !== 'truthy' && a.kind !== 'fails')) continue;
    const absent = holds === (a.kind === 'truthy');
    if (absent && mayBeUnset(a, w, ways) && served(such, a, ways).length > 0) unless.add(nameOf(v));
    // What the client sends leads to the same as the check, and not to a page of its own.
    const past = (): Way[] => served(such, a, ways).filter(s => isServedElse(s, a, holds, ways));
    if (absent && PROOFS.has(kind) && mayBeEmpty(a, w) && past().length > 0) unless.add(nameOf(v));
    // Another credential in its place is asked about on the way that it opens.
    if (FIRM.has(kind) && a.kind === 'fails' && holds && isHeader(v) && past().some(s => !asksOf(s.cond, a, v))) waived.add(nameOf(v));
  }
  if (FIRM.has(kind))
    for (const { word, sent } of words(w)) {
      const without = new Map(such).set(word, false);
      for (const a of atomsOf(w.cond)) if (a.kind === 'fails' && a.args[0] === sent) without.set(a, false);
      const turnedAway = truth(w.cond, a => (a === word ? true : without.get(a)), new Map()) !== false;
      if (!turnedAway && served(without, word, ways).some(s => isServedElse(s, word, false, ways))) waived.add(nameOf(sent));
    }
  return { unless, waived };
}

/** The texts that stand in the source and may be sent in a header beside the credential that is asked for. */
function words(w: Way): { word: Atom; sent: Val }[] {
  const asked = atomsOf(w.cond);
  return asked.filter(isWord).flatMap(word => {
    const sent = word.args.map(rootOf).find(isHeader);
    if (!sent) return [];
    // That another one is there is no question about it yet, and where it has to be the same text it is asked for in either.
    const others = (a: Atom): boolean =>
      !a.args.some(v => word.args.includes(v)) && a.args.some(v => prov(v) & SENT && !mentions(v, sent) && (a.kind === 'eq' || !isSent(v)));
    // A key that is set, and this text where it is not.
    const isDefault = asked.some(a => a !== word && a.args.some(v => mentions(v, sent)) && a.args.some(isSet));
    return w.atoms.some(others) && !isDefault ? [{ word, sent }] : [];
  });
}

const isWord = (a: Atom): boolean => a.kind === 'eq' && a.args.some(v => v.t === 'const' && typeof v.v === 'string' && v.v !== '');

/** What was sent, where `v` is a spelling of it. */
const rootOf = (v: Val): Val => (v.t === 'op' && v.args[0] ? rootOf(v.args[0]) : v.t === 'call' && v.reads && v.recv ? rootOf(v.recv) : v);

/** What may switch something off, and is no part of what is asked of the caller. */
const isAside = (a: Atom): boolean =>
  (a.kind === 'truthy' || a.kind === 'fails') && a.args.every(v => isSet(v) || (prov(v) === Prov.Header && isSent(v)));

/** Is it a setting that need not be there? One without which the application does not start always is. */
function mayBeUnset(a: Atom, w: Way, ways: Ways): boolean {
  const [v] = a.args;
  if (!v || a.args.some(x => !isSet(x)) || isDevelopment(v) || ways.required.has(v)) return false;
  // A text that is empty may be a switch; where it is the secret itself, there is none.
  if (a.kind === 'truthy') return !isSwitch(v) && (isUnsetText(v) || someAtom(w.cond, h => isHeldAgainst(h, v)));
  return v.t === 'call' ? prov(v) === Prov.Setting : !(v.t === 'sym' && v.store?.has('@default'));
}

/** A variable of the environment without a default, which is read as a text. */
const isUnsetText = (v: Val): boolean => v.t === 'sym' && prov(v) === Prov.Setting && !defaultOf(v);

/** Is it asked whether something that was sent is empty, and what it is only where it is not? */
function mayBeEmpty(a: Atom, w: Way): boolean {
  const v = a.args[0] as Val;
  if (a.kind !== 'truthy' || !isGiven(v)) return false;
  return someAtom(w.cond, h => h !== a && (isHeld(h) || (h.kind === 'eq' && !h.args.some(isEmpty))) && h.args.some(x => mentions(x, v)));
}

/** A credential, a form's token, a signature or a password, as it was sent. */
const isGiven = (v: Val): boolean =>
  isSent(v) || ((prov(v) & ~GIVEN) === 0 && (prov(v) & ~(Prov.External | Prov.Credential)) !== 0 && !chain(v).some(c => c.query));

const isHeader = (v: Val): boolean => isSent(v) && (prov(v) & ~SENT) === 0;

/** Is more asked of what was sent than `a`? */
const asksOf = (f: F, a: Atom, v: Val): boolean => someAtom(f, h => h !== a && h.args.some(x => mentions(x, v)));

/** The ways to an answer on which such a request, which is turned away, is let through, were only `a` answered otherwise. */
function served(such: ReadonlyMap<Atom, boolean>, a: Atom, ways: Ways): Way[] {
  const memo = new Map();
  const answer = (x: Atom): boolean | undefined => (x === a ? !such.get(a) : (such.get(x) ?? ways.normal.get(x)));
  const possible = (f: F): boolean => truth(f, answer, memo) !== false;
  if (ways.entries.length > 0 && !ways.entries.some(e => possible(e.cond))) return [];
  return ways.all.filter(s => (s.answer.ok || (s.answer.status !== undefined && s.answer.status < 300)) && possible(s.cond));
}

/** Is the same answer given to others as well, for whom `a` is as it is where the check is made? */
function isServedElse(s: Way, a: Atom, holds: boolean, ways: Ways): boolean {
  let of = elsewhere.get(ways);
  if (!of) elsewhere.set(ways, (of = [new Map<Atom, Set<string>>(), new Map<Atom, Set<string>>()]));
  const known = of[holds ? 1 : 0];
  let places = known.get(a);
  if (!places) {
    const memo: Memo = new Map<F, Truth>();
    const served = ways.all.filter(x => x.answer.ok && truth(x.cond, y => (y === a ? holds : undefined), memo) !== false);
    known.set(a, (places = new Set(served.map(placeOf))));
  }
  return places.has(placeOf(s));
}

/** Where requests are served for which a question is answered with no, and with yes: it is asked of every way that is turned away. */
const elsewhere = new WeakMap<Ways, [Map<Atom, Set<string>>, Map<Atom, Set<string>>]>();

const placeOf = (w: Way): string => `${String(w.place.file)}:${String(w.place.at)}`;

/** Is something that was sent held against the secret? */
const isHeldAgainst = (a: Atom, secret: Val): boolean =>
  (a.kind === 'eq' || a.kind === 'truthy' || a.kind === 'fails') &&
  a.args.some(v => prov(v) & SENT) &&
  a.args.some(v => mentions(v, secret));

const defaultOf = (v: Val): Val | undefined => (v.t === 'sym' ? v.store?.get('@default') : undefined);

/** A setting that is the empty text where nobody set it. */
function isBlank(v: Val): boolean {
  if (v.t === 'sym') return isSet(v) && isEmpty(defaultOf(v));
  return v.t === 'phi' && ((isEmpty(v.a) && isSet(v.b)) || (isEmpty(v.b) && isSet(v.a)));
}

const isEmpty = (v: Val | undefined): boolean => (v?.t === 'const' && v.v === '') || (v?.t === 'op' && v.op === 'default');
const isSet = (v: Val): boolean => (prov(v) & CONFIGURED) !== 0 && (prov(v) & ~CONFIGURED) === 0;
const isSwitch = (v: Val): boolean => 'ty' in v && v.ty !== undefined && !Array.isArray(v.ty) && v.ty.path === 'bool';

function mentions(v: Val, what: Val, depth = 0): boolean {
  if (alike(v, what)) return true;
  if (depth > 6) return false;
  const within = (x: Val): boolean => mentions(x, what, depth + 1);
  if (v.t === 'op') return v.args.some(within);
  if (v.t === 'attr' || v.t === 'item') return within(v.of);
  // What a statement finds is not what the database was opened with.
  if (v.t === 'call' && v.query) return false;
  if (v.t === 'call') return (v.recv !== undefined && within(v.recv)) || v.args.pos.some(within);
  return false;
}

/** The same value, or the same made of it anew. */
const alike = (a: Val, b: Val): boolean =>
  a === b ||
  (a.t === 'op' && b.t === 'op' && a.op === b.op && a.args.length === b.args.length && a.args.every((x, i) => alike(x, b.args[i] as Val)));

function nameOf(v: Val): string {
  if (v.t === 'call' && v.recv && isSent(v.recv)) return nameOf(v.recv);
  // A name that is not known itself.
  if (v.t === 'sym' && v.name.startsWith('#')) return isSent(v) ? 'header' : 'setting';
  if (v.t === 'sym' || v.t === 'attr' || v.t === 'call') return v.name;
  if (v.t === 'op' && v.args[0]) return v.op === 'field' && v.args[1]?.t === 'const' ? String(v.args[1].v) : nameOf(v.args[0]);
  if (v.t === 'phi') return nameOf(prov(v.a) ? v.a : v.b);
  if (v.t === 'item') return v.key.t === 'const' && typeof v.key.v === 'string' ? v.key.v : nameOf(v.of);
  return 'the secret';
}
