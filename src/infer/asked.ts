/** What is asked, and of what: names at the end of values, and whether something stands in a list. */
import type { Atom } from '../program/formula.js';
import { prov } from '../program/make.js';
import { compare } from '../program/counts.js';
import { ordinal } from '../program/ranks.js';
import { membersOf } from '../program/tables.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import { columnName } from './columns.js';
import { constantsIn } from './constants.js';
import { depth } from './depth.js';

/** The member, key or method that a value was come by last. */
export function lastName(v: Val): string | undefined {
  const column = columnName(v);
  if (column !== undefined) return column;
  switch (v.t) {
    case 'attr':
      return v.name;
    case 'item':
      return v.key.t === 'const' ? String(v.key.v) : undefined;
    case 'call': {
      const key = v.args.pos[0];
      return v.name === 'get' && key?.t === 'const' ? String(key.v) : v.name;
    }
    case 'op': {
      const key = v.op === 'get' ? v.args[1] : undefined;
      return key?.t === 'const' ? String(key.v) : v.args[0] ? lastName(v.args[0]) : undefined;
    }
    default:
      return undefined;
  }
}

/** How two lists are held against each other is the name of no right. */
export const isOfSets = (name: string): boolean => /^(is_?(sub|super)set|is_?disjoint|intersects|contains_(all|any))$/.test(name);

/** Is there an entry for it? */
const KEPT = /^(h?exists|contains_key|sismember|has_key)$/;
/** Of a store a literal names the list (`sismember("revoked", jti)`); of anything else it may name a right. */
const LISTED = /^(contains|has|includes)$/;
const OF_TOKEN = /(^|_)(jti|sid|session_?id|token(_?id)?)$/i;

/** The question whether something stands among what the server keeps; undefined for any other. */
export function asksList(v: Val | undefined): CallVal | undefined {
  const c = v?.t === 'op' && v.op === 'ok' ? v.args[0] : v;
  if (c?.t !== 'call' || !c.recv || prov(c.recv) & (Prov.Credential | Prov.Input)) return undefined;
  return KEPT.test(c.name) || LISTED.test(c.name) ? c : undefined;
}

/**
 * Whether the question `q` put to `v` is no more than whether the caller's session or token is kept in a list: where a token is looked for,
 * or the answer asks who he is.
 */
export function isListed(v: Val, q: { name: string; constants: readonly string[] }, status: number | undefined): boolean {
  if (KEPT.test(q.name) && q.constants.length === 0) return true;
  const list = asksList(v);
  return (
    list !== undefined &&
    (q.constants.length === 0 || KEPT.test(list.name)) &&
    (status === 401 || list.args.pos.some(x => prov(x) & Prov.Credential && OF_TOKEN.test(lastName(x) ?? '')))
  );
}

/** Is it one of the values of an enumeration? What comes before and after it in that is a rank. */
const isEnumerated = (v: Val): boolean => 'ty' in v && !Array.isArray(v.ty) && v.ty?.cls?.kind === 'enum';

/** Is something of the account held against the settings, which say who of all may (`me.email not in settings.ADMINS`)? Of ranks, against one that is kept anywhere. */
export function isAppointed(a: Atom, subject: Val, other: Val): boolean {
  const p = prov(other) & (Prov.Setting | Prov.Input);
  return depth(subject) > 1 && (a.kind === 'lt' ? isEnumerated(other) && p !== Prov.Input : p === Prov.Setting);
}

/** The rank that is given to who sent no credential, held against the one that is kept under the name of a right. */
export const ranksNobody = (a: Atom): boolean =>
  a.kind === 'lt' &&
  a.args.some(v => v.t === 'variant' && v.cls?.kind === 'enum') &&
  a.args.some(
    v =>
      (v.t === 'item' || v.t === 'attr') && !(prov(v) & (Prov.Credential | Prov.Input)) && (isEnumerated(v) || constantsIn([v]).length > 0),
  );

/** The members of an enum of which the comparison with one of them is `told`: `role < Role::Staff` is not true of it, and of all above it. */
export function ranksSought(a: Atom, told: boolean): string[] {
  const [x, y] = a.args;
  const member = [x, y].find(v => v?.t === 'variant');
  const all = membersOf(member?.t === 'variant' ? member.cls : undefined);
  const holds = compare[a.name ?? '<'];
  const ranks = (v: Val | undefined): string | number => (v && ordinal(v)) ?? 0;
  const names = all.filter(m => holds?.(ranks(member === x ? x : m), ranks(member === x ? m : y)) === told);
  return names.length < all.length ? constantsIn(names) : [];
}

/** Of two ranks that are compared, is the caller's the first? Where neither was come by from his credential, it is the one that is written down. */
export function callerFirst(a: Atom): boolean {
  const [x, y] = a.args.map(prov);
  return ((x ?? 0) & Prov.Credential) !== 0 || (x === 0 && !((y ?? 0) & Prov.Credential));
}

const rounds = new WeakMap<Val, boolean>();

/** Is it made from an element of what is gone through? */
export function ofEach(v: Val): boolean {
  let known = rounds.get(v);
  if (known === undefined) rounds.set(v, (known = isMadeOfEach(v)));
  return known;
}

function isMadeOfEach(v: Val): boolean {
  if (v.t === 'op') return v.op === 'element' || v.args.some(ofEach);
  if (v.t === 'attr' || v.t === 'item') return ofEach(v.of);
  return v.t === 'call' && [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()].some(ofEach);
}
