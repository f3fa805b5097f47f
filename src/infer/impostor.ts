/**
 * What a caller gets by a credential that proves nothing: one that he wrote himself, one that has run out, or one that names an account
 * without its password. Where an endpoint takes several credentials, each of them has to keep him out.
 */
import type { Guard } from '../contract/types.js';
import { type Atom, type F, allAtoms, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Token, type Val } from '../program/values.js';
import { depth } from './depth.js';
import { possible } from './diagram.js';
import { unexpired } from './expiry.js';
import { Assignment } from './personas.js';
import { isShape } from './presence.js';
import { holdsSecret } from './passwords.js';
import type { Way, Ways } from './ways.js';

/** What he has. */
interface Means {
  /** A token of his is taken by what reads it. */
  token: (t: Token) => boolean;
  /** He knows the name of an account. */
  named: boolean;
  /** He may write into his token what he likes, as when it expires. */
  dates: boolean;
}

const NOTHING: Means = { token: () => false, named: false, dates: false };
const FORGED: Means = { token: t => t.signature === false, named: false, dates: true };
const EXPIRED: Means = { token: t => t.expiry === false && t.signature !== false, named: false, dates: false };
const NAMED: Means = { token: () => false, named: true, dates: false };

/**
 * Adds to what guards verify what is let in by one of several credentials alone.
 * @param guards those that ask who it is
 * @param by their refusals
 */
export function impostors(ways: Ways, guards: readonly Guard[], by: readonly Way[]): void {
  if (guards.length === 0) return;
  const asked = [...new Set(by.flatMap(w => w.atoms))];
  let closed: boolean | undefined;
  const letIn = (means: Means): boolean => {
    closed ??= !admits(ways, NOTHING, true);
    return closed && admits(ways, means, false);
  };
  for (const [means, told] of [
    [FORGED, { signature: false }],
    [EXPIRED, { expiry: false }],
    [NAMED, { password: false }],
  ] as const) {
    // It is not known which answer means that it has run out.
    if (means === EXPIRED && asked.some(a => a.args.some(v => prov(v) & Prov.Clock) && inTime(a) === undefined)) continue;
    const serves = asked.some(a => rests(a.args, means) === 'his');
    // All of them let him pass.
    if (serves && letIn(means)) for (const g of guards) g.verifies = { ...g.verifies, ...told };
  }
  const secret = ways.all.some(w => !w.answer.ok && w.atoms.some(a => a.args.some(v => prov(v) & Prov.Credential) && holdsSecret(a)));
  if (secret) for (const g of guards) if (g.verifies?.password === undefined) g.verifies = { ...g.verifies, password: true };
}

/** Is there a way to success for him? `unsure` where that was not found out. */
function admits(ways: Ways, means: Means, unsure: boolean): boolean {
  const nobody = new Assignment('anonymous', ways.kinds, { ignored: ways.infra, given: ways.normal, unset: true });
  const known = new Map<Atom, boolean | undefined>();
  const answer = (a: Atom): boolean | undefined => {
    if (!known.has(a)) known.set(a, a.args.some(v => prov(v) & Prov.Credential) ? answered(a, means) : nobody.of(a));
    return known.get(a);
  };
  const memo = new Map<F, boolean | undefined>();
  const open = (f: F): boolean => {
    const t = truth(f, answer, memo);
    if (t !== undefined) return t;
    const told = allAtoms([f]).flatMap((a): [Atom, boolean][] => {
      const yes = answer(a);
      return yes === undefined ? [] : [[a, yes]];
    });
    return possible(f, new Map(told)) ?? unsure;
  };
  if (ways.entries.length > 0 && !ways.entries.some(e => open(e.cond))) return false;
  return ways.all.some(w => w.answer.ok && open(w.cond));
}

const inTime = (a: Atom): boolean | undefined => (a.kind === 'lt' ? unexpired(a.name, a.args) : undefined);

/** What a question about the credential is answered for him; undefined where he can have it as he likes. */
function answered(a: Atom, means: Means): boolean | undefined {
  const no = a.kind === 'fails' || a.kind === 'raises';
  // With the name he sends a password, be it a wrong one: alone, what stands in its place may be a key.
  if (means.named && a.args.some(isPart) && a.args.every(v => isPart(v) || v.t === 'const')) return presence(a);
  if (isShape(a))
    return a.kind === 'eq' && a.args.some(v => v.t === 'sym') && a.args.some(v => v.t === 'const' && v.v !== '') ? false : undefined;
  if (rests(a.args, means) !== 'his') return a.kind === 'lt' ? undefined : no;
  const p = a.args.reduce((x, v) => x | prov(v), 0);
  if (p & Prov.Clock && !means.dates) return !(inTime(a) ?? true);
  // What is kept of the account may be a secret.
  const others = a.args.filter(v => prov(v) !== 0);
  if (a.kind === 'eq' && others.length > 1 && p & (Prov.External | Prov.State)) return false;
  if (a.kind === 'truthy' && others[0]?.t === 'call' && !others[0].query && !others[0].token && p & Prov.External) return false;
  return undefined;
}

/** Something that stands in what was sent, as it was sent. */
function isPart(v: Val): boolean {
  const of =
    v.t === 'attr' || v.t === 'item' ? v.of : v.t === 'op' ? v.args[0] : v.t === 'call' && v.reads ? (v.recv ?? v.args.pos[0]) : undefined;
  return of !== undefined && (isPart(of) || (of.t === 'sym' && (of.prov & Prov.Credential) !== 0 && !of.principal));
}

/** What is asked of something that is there. */
function presence(a: Atom): boolean | undefined {
  if (a.kind === 'truthy') return true;
  if (a.kind === 'fails' || a.kind === 'raises' || (a.kind === 'eq' && a.args.some(v => v.t === 'const' && v.v === ''))) return false;
  return undefined;
}

/** Whether what is asked about rests on a token or a name of his, on something else that was sent, or on nothing of it. */
type Rests = 'his' | 'else' | undefined;

function rests(vs: readonly Val[], means: Means): Rests {
  const memo = new Map<Val, Rests>();
  const of = (v: Val): Rests => {
    if (!(prov(v) & Prov.Credential)) return undefined;
    if (memo.has(v)) return memo.get(v);
    if (memo.size >= MOST) return 'else';
    memo.set(v, undefined);
    const r = means.named && isName(v) ? 'his' : v.t === 'call' && v.token ? (means.token(v.token) ? 'his' : 'else') : inside(v);
    memo.set(v, r);
    return r;
  };
  const all = (xs: readonly Val[]): Rests => {
    const found = xs.map(of);
    return found.includes('else') ? 'else' : found.find(r => r !== undefined);
  };
  const inside = (v: Val): Rests => {
    const parts = partsOf(v);
    return parts ? all(parts) : 'else';
  };
  return all(vs);
}

/** What a value was made from, where that is known. */
function partsOf(v: Val): readonly Val[] | undefined {
  switch (v.t) {
    case 'call':
      return [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()];
    case 'op':
      return v.args;
    case 'attr':
      return [v.of];
    case 'item':
      return [v.of, v.key];
    case 'phi':
      return [v.a, v.b];
    case 'seq':
      return v.items;
    default:
      return undefined;
  }
}

/** So many values are looked at for one question. */
const MOST = 500;

/** The first part of what was sent (`name:password`), or what a library says is the name in it. */
function isName(v: Val): boolean {
  if (v.t === 'call' && v.reads === 'name') return true;
  if (v.t === 'op' && v.op === 'ok') return v.args[0] !== undefined && isName(v.args[0]);
  if (v.t !== 'item' || v.key.t !== 'const' || v.key.v !== 0) return false;
  const cut = v.of.t === 'op' && v.of.op === 'ok' ? v.of.args[0] : v.of;
  const [name, by] = cut?.t === 'call' ? [cut.name, cut.args.pos] : cut?.t === 'op' ? [cut.op, cut.args] : ['', []];
  // A space stands behind the scheme.
  const cutAt = (x: Val): boolean => x.t === 'const' && typeof x.v === 'string' && x.v.trim() !== '';
  return /^(r?split(n|_once)?|partition)$/.test(name) && depth(v) === 0 && by.some(cutAt);
}
