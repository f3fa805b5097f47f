/** Checks that hold what was sent against a secret, and let everybody pass where there is none. */
import { type Atom, atomsOf, type F, literals, someAtom, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import type { Way, Ways } from './ways.js';

const CONFIGURED = Prov.Setting | Prov.State;
const SENT = Prov.Credential | Prov.Signature | Prov.Header;

/** The secret that all of these ways of being turned away need, and without which some way leads to success. */
export function sharedSecret(by: readonly Way[], ways: Ways): string | undefined {
  const asked = new Map<Val, Map<F, boolean>>();
  const [first, ...rest] = by.map(w => secretsOf(w, ways, asked));
  return [...(first ?? [])].find(name => rest.every(names => names.has(name))) ?? blank(by);
}

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

function secretsOf(w: Way, ways: Ways, asked: Map<Val, Map<F, boolean>>): Set<string> {
  const out = new Set<string>();
  for (const [a, holds] of literals(w.cond)) {
    const secret = a.args[0];
    if (!secret || holds !== (a.kind === 'truthy') || (a.kind !== 'truthy' && a.kind !== 'fails')) continue;
    if (a.args.some(v => prov(v) === 0 || prov(v) & ~CONFIGURED) || isSwitch(secret)) continue;
    let memo = asked.get(secret);
    if (!memo) asked.set(secret, (memo = new Map()));
    if (someAtom(w.cond, h => holdsAgainst(h, secret), memo) && opens(a, !holds, ways)) out.add(nameOf(secret));
  }
  return out;
}

/** Is something that was sent held against the secret? */
const holdsAgainst = (a: Atom, secret: Val): boolean =>
  (a.kind === 'eq' || a.kind === 'truthy' || a.kind === 'fails') &&
  a.args.some(v => prov(v) & SENT) &&
  a.args.some(v => mentions(v, secret));

/** A setting that is the empty text where nobody set it. */
function isBlank(v: Val): boolean {
  if (v.t === 'sym') return isSet(v) && isEmpty(v.store?.get('@default'));
  return v.t === 'phi' && ((isEmpty(v.a) && isSet(v.b)) || (isEmpty(v.b) && isSet(v.a)));
}

const isEmpty = (v: Val | undefined): boolean => (v?.t === 'const' && v.v === '') || (v?.t === 'op' && v.op === 'default');
const isSet = (v: Val): boolean => (prov(v) & CONFIGURED) !== 0 && (prov(v) & ~CONFIGURED) === 0;

/** Is there a way to success where the question is answered so? An answer that comes before the handler is one here, too. */
function opens(a: Atom, answer: boolean, ways: Ways): boolean {
  const memo = new Map();
  const possible = (w: { cond: Way['cond'] }): boolean => truth(w.cond, x => (x === a ? answer : undefined), memo) !== false;
  const served = (w: Way): boolean => w.answer.ok || (w.answer.status !== undefined && w.answer.status < 300);
  return (ways.entries.length === 0 || ways.entries.some(possible)) && ways.all.some(w => served(w) && possible(w));
}

const isSwitch = (v: Val): boolean => 'ty' in v && v.ty !== undefined && !Array.isArray(v.ty) && v.ty.path === 'bool';

function mentions(v: Val, secret: Val, depth = 0): boolean {
  if (v === secret) return true;
  if (depth > 6) return false;
  const within = (x: Val): boolean => mentions(x, secret, depth + 1);
  if (v.t === 'op') return v.args.some(within);
  if (v.t === 'attr' || v.t === 'item') return within(v.of);
  // What a statement finds is not what the database was opened with.
  if (v.t === 'call' && v.query) return false;
  if (v.t === 'call') return (v.recv !== undefined && within(v.recv)) || v.args.pos.some(within);
  return false;
}

function nameOf(v: Val): string {
  if (v.t === 'sym' || v.t === 'attr' || v.t === 'call') return v.name;
  if (v.t === 'op' && v.args[0]) return nameOf(v.args[0]);
  if (v.t === 'phi') return nameOf(prov(v.a) ? v.a : v.b);
  return v.t === 'item' ? nameOf(v.of) : 'the secret';
}
