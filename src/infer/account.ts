/**
 * What an account has to be besides being there: it says of itself that it is closed (`suspended`), and its bearer is turned away although
 * his credential is in order. That is asked of the row that was found, or by the query.
 */
import { type Atom, atomsOf, type F, literals, not, type Truth, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import { lastName } from './asked.js';
import { columnName } from './columns.js';
import { constantsIn } from './constants.js';
import { depth } from './depth.js';
import { onlyWith } from './diagram.js';
import { chain, selection, statement } from './selection.js';
import { asides } from './sql.js';
import type { Way, Ways } from './ways.js';

/** What schemas call that which says whether an account may be used at all, without `is` and what joins words: those that may, those that may not. */
const OPEN = /^(active|enabled|verified|confirmed|approved|emailverified|emailconfirmed)$/;
const CLOSED = /^(deleted|disabled|deactivated|banned|blocked|locked|suspended|revoked)$/;

/** Something else is asked of it. */
const UNNAMED = '?';

/**
 * @param login the answer is that to a wrong credential, so that the account may be the one that was named to sign in
 * @returns `active`, `suspended` where those are turned away whose account is closed by it, `!active` where the others are, both where that
 * is not known; `?` for what is asked under a name that says nothing of it
 */
export function ofAccount(w: Way, login: boolean): string[] {
  const out = new Set<string>();
  const whose = login ? Prov.Credential | Prov.Input : Prov.Credential;
  w.atoms.forEach((a, i) => {
    const kind = w.triggers[i]?.kind;
    const about = kind === 'authn' || (login && kind !== 'authz' && kind !== 'ownership');
    const p = a.args.reduce((x, v) => x | prov(v), 0);
    if (!(p & whose) || p & Prov.Clock || !(about || kind === 'state' || kind === 'authz')) return;
    const member = a.args.find(v => columnName(v) !== undefined) ?? a.args.map(bare).find(isMember);
    for (const [word, yes] of member ? [asked(member, a, w)] : inQuery(a))
      if (word === UNNAMED) {
        if (about) out.add(word);
      } else {
        const closed = yes === undefined ? undefined : yes === CLOSED.test(word);
        if (closed !== false) out.add(word);
        if (closed !== true) out.add(`!${word}`);
      }
  });
  return [...out].sort();
}

/** Is there an answer for those as well who do not send the credential whose bearer is turned away here? Whose key is closed goes on without it. */
export function mayBeLeftOut(w: Way, ways: Pick<Ways, 'all' | 'entries'>): boolean {
  const isSent = (a: Atom): boolean => a.args.every(v => prov(v) & Prov.Credential && depth(v) === 0);
  const shown = [...literals(w.cond)].filter(([a, holds]) => isSent(a) && (holds ? a.kind === 'truthy' : a.kind === 'fails'));
  return shown.some(([a, holds]) => isOpen(ways, a, !holds));
}

/** Ways ask the same of one credential. */
const opened = new WeakMap<readonly Way[], Map<F, boolean>>();

/** Is anybody served where `a` is answered with `yes`? */
function isOpen({ all, entries }: Pick<Ways, 'all' | 'entries'>, a: Atom, yes: boolean): boolean {
  const known = opened.get(all) ?? new Map<F, boolean>();
  opened.set(all, known);
  const asked = yes ? a : not(a);
  let told = known.get(asked);
  if (told === undefined) {
    const memo = new Map<F, Truth>();
    const open = (x: { cond: F }): boolean => truth(x.cond, y => (y === a ? yes : undefined), memo) !== false;
    told = (entries.length === 0 || entries.some(open)) && all.some(s => s.answer.ok && open(s));
    known.set(asked, told);
  }
  return told;
}

/** What is asked of a part of an account, and whether it is so with those who are turned away. */
function asked(member: Val, a: Atom, w: Way): [string, boolean | undefined] {
  const by = w.why ?? w.cond;
  const refusing = onlyWith(by, a, true) ? true : onlyWith(by, a, false) ? false : undefined;
  const word = worded(lastName(member));
  const flag = a.kind === 'truthy' || a.kind === 'fails' || a.args.some(v => v.t === 'const' && typeof v.v === 'boolean');
  const denied = a.kind === 'fails' || a.args.some(v => v.t === 'const' && v.v === false);
  if (word !== UNNAMED) return [word, flag && refusing !== undefined ? refusing !== denied : undefined];
  // `user.status != "active"`
  const state = a.kind === 'eq' ? worded(constantsIn(a.args)[0]?.split('.').at(-1)) : UNNAMED;
  return [state, refusing];
}

function worded(name: string | undefined): string {
  const word = (name ?? '')
    .replace(/^(is|has)(?=_|[A-Z])/, '')
    .replaceAll('_', '')
    .toLowerCase();
  return OPEN.test(word) || CLOSED.test(word) ? word : UNNAMED;
}

/** The value itself, without what merely unwraps it. */
const bare = (v: Val): Val => (v.t === 'op' && v.args.length === 1 && v.args[0] ? bare(v.args[0]) : v);

/** Is it a part of what was found, and not of the token that was sent? */
function isMember(v: Val): v is Val & { t: 'attr' | 'item' } {
  if (v.t !== 'attr' && !(v.t === 'item' && v.key.t === 'const' && typeof v.key.v === 'string')) return false;
  const of = bare(v.of);
  if (of.t === 'attr' || of.t === 'item') return isMember(of);
  return of.t === 'sym' ? of.principal !== undefined : of.t === 'call' && of.token === undefined;
}

/** What the query asks beside what was sent, whatever it wants of it. */
function inQuery(a: Atom): [string, undefined][] {
  const v = a.args[0] && bare(a.args[0]);
  if (!v || selection(v) === undefined || (a.kind !== 'fails' && a.kind !== 'truthy' && a.kind !== 'raises')) return [];
  const calls = chain(v);
  const sql = statement(calls);
  const given = (c: CallVal): string[] => [
    ...[...c.args.kw].flatMap(([k, x]) => (prov(x) === 0 ? [k] : [])),
    ...c.args.pos.flatMap(x => held(x)),
  ];
  return (sql === undefined ? calls.flatMap(given) : asides(sql)).map(c => [worded(c), undefined]);
}

/** The columns that a query holds against what stands in the code: `User.active == True`, `users::active.eq(true)`. */
function held(x: Val, depth = 0): string[] {
  if (depth > 8) return [];
  // What became of a column that is held against a literal.
  if (x.t === 'const' && typeof x.v === 'boolean') return [UNNAMED];
  if (x.t === 'bool') return atomsOf(x.f).flatMap(a => (a.args.every(v => prov(v) === 0) ? a.args.flatMap(v => columnOf(v) ?? []) : []));
  if (x.t !== 'call') return [];
  const column = x.recv && columnOf(x.recv);
  if (column !== undefined) return x.args.pos.every(y => prov(y) === 0 && columnOf(y) === undefined) ? [column] : [];
  return [...(x.recv ? [x.recv] : []), ...x.args.pos].flatMap(y => held(y, depth + 1));
}

const columnOf = (v: Val): string | undefined => (v.t === 'attr' ? v.name : v.t === 'ext' ? v.path.split(/::|\./).at(-1) : undefined);
