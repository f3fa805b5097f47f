/** What a question says about the request that is turned away by it: which answer it is that does. */
import { type Atom, atomsOf, type F, last, type Truth, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { MISSED } from '../program/patterns.js';
import { otherLast } from '../program/readings.js';
import { Prov, type Val } from '../program/values.js';
import { asksList, callerFirst, ranksSought } from './asked.js';
import { onlyWith } from './diagram.js';
import { unexpired } from './expiry.js';
import { forced } from './forced.js';
import { LOOKUP } from './question.js';
import { chain, selection } from './selection.js';
import { AGAINST, RANK, speaksFor, type Trigger } from './triggers.js';
import { UNSERVED } from './unserved.js';

/** Ways share their conditions: what one is made of is looked up once. */
const memo = new WeakMap<F, Atom[]>();
export function atomsIn(f: F): Atom[] {
  let a = memo.get(f);
  if (!a) memo.set(f, (a = atomsOf(f)));
  return a;
}

/** Says of a question about rights or ownership whether `yes` is what turns the request away, with an answer of `status`. */
export function directed(t: Trigger, a: Atom, by: F, status: number | undefined): Trigger {
  // It failed with another error than that of a missing row.
  if (a.name === MISSED) return forced(by, a, true) === false ? { kind: 'state', requires: [], infra: true } : t;
  const when = (yes: boolean): Truth => forced(by, a, yes);
  // It is the server's own failure that something is not there, not that it is.
  if (t.infra && a.kind === 'truthy' && when(true) !== false && when(false) === false) return { kind: t.kind, requires: t.requires };
  if (t.kind === 'existence') {
    const there = a.kind === 'fails' ? when(false) : a.kind === 'truthy' ? when(true) : false;
    const gone = a.kind === 'fails' ? when(true) : when(false);
    return there !== false && gone === false ? { ...t, taken: true } : t;
  }
  // A list of those who are blocked, not of those who may come.
  if (t.kind === 'origin') {
    // `if let Some(bad) = origins.find(|o| !allowed.contains(o))`: that nothing is found is what lets pass.
    // So it does where the address is looked for among those that are banned.
    const searched = a.kind === 'fails' && ((a.args[0]?.t === 'op' && a.args[0].op === 'find') || isLookup(a, Prov.Origin));
    const listed = a.kind === 'truthy' || a.kind === 'in' || a.kind === 'eq';
    const same = sites(a, by);
    // Of what is sent: who sends none is no question of whom it names.
    const missing = (x: Atom): boolean => x.kind === 'fails' && a.args.some(v => v.t === 'op' && v.op === 'ok' && v.args[0] === x.args[0]);
    const none = truth(by, x => (same.includes(x) || missing(x) ? false : undefined), new Map());
    const [bad, good] = searched ? [when(false), when(true)] : [when(true), none];
    if (!(searched || listed) || good !== false || bad === false) return t;
    return same.length === 1 && isOneSite(a) ? { ...t, backwards: true } : { ...t, inverted: true };
  }
  if (t.kind === 'rate-limit' && a.kind === 'lt') {
    // Refused as long as few were counted: `failures < 5`. What is left over is compared with nothing or with one.
    const [left, right] = a.args.map(v => v.t === 'const' && typeof v.v === 'number' && v.v > 1);
    const many = (a.name ?? '<').startsWith(right ? '>' : '<');
    return left !== right && when(many) === false && when(!many) !== false ? { ...t, backwards: true } : t;
  }
  if (t.kind === 'authz' && a.kind === 'lt') {
    // `role > ADMINISTRATOR` turns away who has too much of it, unless whoever has no role comes last.
    const has = (a.name ?? '<').startsWith(callerFirst(a) === otherLast(a.args) ? '<' : '>');
    const open = when(has) === undefined && when(!has) === undefined;
    const tooMuch = open ? onlyWith(by, a, has) : when(!has) === false && when(has) !== false;
    if (tooMuch) return { ...t, requires: t.requires.map(r => `!${r}`), inverted: true };
    const names = t.requires.length === 1 ? ranksSought(a, has) : [];
    return names.includes(t.requires[0] as string) ? { ...t, requires: [names.join('|')] } : t;
  }
  // What has not run out is turned away, and what has is not.
  const inTime = t.kind === 'authn' && t.denies && a.kind === 'lt' ? unexpired(a.name, a.args) : undefined;
  if (inTime !== undefined && when(inTime) !== false && when(!inTime) === false) return { ...t, backwards: true };
  // What was sent is looked for among what is not accepted any more.
  const found = (): boolean => when(false) !== false && (when(true) === false || (when(true) === undefined && onlyWith(by, a, false)));
  if (t.kind === 'authn' && a.kind === 'fails' && isLookup(a) && found())
    return status !== undefined && UNSERVED.has(status) ? { kind: 'state', requires: [] } : { ...t, inverted: true };
  if (t.kind === 'authn' && a.kind === 'truthy' && (asksList(a.args[0]) || isLookup(a)) && when(true) !== false && when(false) === false)
    return { ...t, inverted: true };
  // A token that has more parts than it may have.
  if (t.kind === 'authn' && a.kind === 'fails' && isFurther(a.args[0]) && when(false) === true && when(true) !== true)
    return { ...t, inverted: true };
  if (t.kind !== 'authz' && speaksFor(a, t) && ((when(true) !== false && when(false) === false) || fitsOneOf(a, t, by) || fitsNamed(a, by)))
    return t.kind === 'ownership' ? { kind: 'state', requires: [], backwards: true } : { ...t, backwards: true };
  // A verification that fails where the secret is wrong, and the request is refused where it does not fail.
  if (t.secret && a.kind === 'fails' && when(false) !== false && when(true) === false) return { ...t, backwards: true };
  // So it is where something else is refused as well: no such account, or a password that fits. (That a new one is the old one denies nobody anything.)
  const fits = a.kind === 'fails' ? false : a.kind === 'truthy' || a.kind === 'eq' ? true : undefined;
  if (t.secret && (status === 401 || status === 403) && fits !== undefined && when(fits) === true && when(!fits) !== true)
    return { ...t, backwards: true };
  if ((t.kind !== 'authz' && t.kind !== 'ownership') || (a.kind !== 'eq' && a.kind !== 'in' && a.kind !== 'truthy' && a.kind !== 'is'))
    return t;
  const open = when(true) === undefined && when(false) === undefined;
  const inverted = open
    ? onlyWith(by, a, true)
    : when(true) !== false && (when(false) === false || (when(true) === true && when(false) !== true));
  if (!inverted) return t;
  // 401 asks who it is (RFC 9110, 15.5.2): what a token must not say of itself (`claims.pending`) is no right.
  const name = t.requires[0] ?? '';
  if (t.kind === 'authz' && a.kind === 'truthy' && (status === 401 ? !RANK.test(name) : AGAINST.test(name)))
    return { kind: 'authn', requires: t.requires.map(r => `!${r}`), denies: true, inverted: true };
  // Being the owner is no reason to be refused: such a rule protects the owner from himself.
  return t.kind === 'ownership' ? { kind: 'state', requires: [] } : { ...t, requires: t.requires.map(r => `!${r}`), inverted: true };
}

/**
 * Findings without which alone a request is served: what was sent is looked for among what is not accepted any more, or what the caller
 * may have once only is there already.
 * @param served the conditions under which it is
 * @param refused those under which it is not, with the status of the answer
 */
export function blockLists(served: readonly F[], refused: readonly { why: F; status: number | undefined }[]): ReadonlySet<F> {
  const denying = new Set(refused.filter(r => r.status === 401 || r.status === 403 || r.status === 409).map(r => last(r.why)));
  const refusing = new Set(refused.map(r => last(r.why)));
  const serves = (a: Atom, found: boolean): boolean => served.some(f => forced(f, a, !found) !== false);
  return new Set(
    [...denying].filter(
      f =>
        f.f === 'not' &&
        f.x.f === 'atom' &&
        f.x.kind === 'fails' &&
        isLookup(f.x) &&
        (!refusing.has(f.x) || (serves(f.x, false) && !serves(f.x, true))),
    ),
  );
}

/** What fits is refused, where it is held against one of several things, and which of them is a matter of the settings (a key or its default). */
function fitsOneOf(a: Atom, t: Trigger, by: F): boolean {
  const others = atomsIn(by).filter(x => x !== a);
  const ofServer = (x: Atom): boolean => x.args.every(v => (prov(v) & ~(Prov.Setting | Prov.State)) === 0);
  return (
    a.kind === 'eq' &&
    others.some(ofServer) &&
    others.every(x => ofServer(x) || (x.kind === 'eq' && speaksFor(x, t) && x.args.some(v => prov(v) && a.args.includes(v)))) &&
    onlyWith(by, a, true)
  );
}

/** What fits is refused, where it comes in a part of the request that goes by a name; without that part it is a text that fits nothing. */
function fitsNamed(a: Atom, by: F): boolean {
  if (a.kind !== 'eq') return false;
  const written = (v: Val): boolean => prov(v) === 0;
  const others = atomsIn(by).filter(x => x !== a && x.kind === 'eq' && x.args.some(written));
  const named = others.filter(x => x.args.every(v => (prov(v) & ~(Prov.Input | Prov.External)) === 0));
  const missing = others.filter(x => x.args.some(v => a.args.includes(v)));
  if (named.length === 0) return false;
  const when = (fits: boolean): Truth =>
    truth(by, x => (x === a ? fits : named.includes(x) ? true : missing.includes(x) ? false : undefined), new Map());
  return when(true) !== false && when(false) === false;
}

const isSite = (v: Val): boolean =>
  v.t === 'const' ? typeof v.v === 'string' && /^https?:\/\//.test(v.v) : prov(v) === Prov.Setting && (v.t === 'sym' || v.t === 'attr');

/** Is it asked of one site alone (`https://app.example`, or what is set), as one asks of the own one? A list of others names several, or no site (`null`). */
const isOneSite = (a: Atom): boolean => a.kind === 'eq' && a.args.some(isSite);

/** All that is held against what `a` holds against a site, `a` itself among them. */
function sites(a: Atom, by: F): Atom[] {
  const sent = a.args.find(v => !isSite(v));
  return a.kind === 'eq' ? atomsIn(by).filter(x => x === a || (x.kind === 'eq' && x.args.some(v => v === sent))) : [a];
}

/** One more element of what was asked for elements before. */
const isFurther = (v: Val | undefined): boolean => v?.t === 'op' && v.op === 'next' && v.args[0]?.t === 'op' && v.args[0].op === 'after';

/** Is it asked whether something is there that was looked up by the credential (or by `what`) alone, in the database or in another store? */
function isLookup(a: Atom, what: number = Prov.Credential): boolean {
  const v = a.args[0];
  const call = v?.t === 'op' && v.op === 'ok' ? v.args[0] : v;
  if (call?.t !== 'call' || (prov(call) & (Prov.Credential | Prov.Input | what)) !== what) return false;
  // What answers that there is nothing without failing was asked for something that it keeps; a command may have been put together before (`cmd("GET").arg(..)`).
  const first = chain(call).at(-1);
  const store = first?.recv ?? (first === call ? undefined : first);
  const kept = store !== undefined && !(prov(store) & what) && (call !== v || LOOKUP.test(call.name));
  return kept || selection(call) !== undefined;
}
