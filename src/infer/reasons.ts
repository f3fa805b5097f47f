/** Why a request is turned away: those of the questions in the deciding condition that say so. */
import { type Atom, conjuncts, type F, last, literals, not, or } from '../program/formula.js';
import { prov } from '../program/make.js';
import type { Val } from '../program/values.js';
import { depth } from './depth.js';
import { choosing, essential, onlyWith } from './diagram.js';
import { atomsIn, directed } from './directed.js';
import { failed } from './failures.js';
import { lookedUpBy } from './selection.js';
import { type Trigger, triggerOf } from './triggers.js';

export interface Reason {
  atom: Atom;
  trigger: Trigger;
}

/** Of so few questions each may be the one that turns away. */
const FEW = 11;
/** Something of which it is asked that often what it is, is not asked for a right: it is read (`"admin" => Role::Admin, ..`). */
export const NAMES = 5;

/** So many questions are asked by nobody who wants to know a right: what is asked of each part of the account's data reads it. */
const WHOLE = 60;

/**
 * What the condition `by`, which decided on an answer of this status, says about the request.
 * @param anew what is asked in it for the first time, where that is known
 */
export function reasons(by: F, status: number | undefined, anew?: ReadonlySet<Atom>): Reason[] {
  const told = telling(mattering(by, anew));
  const asked = unchosen(by, told);
  const all = asked.map((atom): Reason => ({ atom, trigger: directed(triggerOf(atom, status), atom, by, status) }));
  if (told.length <= FEW) return all;
  const times = new Map<Val, number>();
  for (const { atom } of all) if (atom.kind === 'eq') for (const v of atom.args) times.set(v, (times.get(v) ?? 0) + 1);
  const isRead = (a: Atom): boolean =>
    a.args.some(
      v =>
        (a.kind === 'eq' && prov(v) !== 0 && (times.get(v) ?? 0) >= NAMES) ||
        (told.length > WHOLE && isOfEach(v, a.kind === 'eq' || a.kind === 'in')),
    );
  // Among many others, `if user.reset_at: if token.issued < user.reset_at: abort(401)`, a question may merely lead to the next one.
  const leads = (a: Atom): boolean => a.kind !== 'lt' && onlyWith(by, a, true);
  const left = all.filter(r => r.trigger.kind !== 'authz' || !(isRead(r.atom) || leads(r.atom)));
  // A refusal has a reason: where all would be taken for reading, none is.
  return left.length > 0 ? left : all;
}

/** What the last part of a condition says, after all that stands before it: ways share what was asked first, and it is asked of each of them. */
const lasts = new WeakMap<F, Map<number | undefined, readonly Reason[]>>();
export function reasonsOfLast(at: F, status: number | undefined): readonly Reason[] {
  let of = lasts.get(at);
  if (!of) lasts.set(at, (of = new Map<number | undefined, readonly Reason[]>()));
  let told = of.get(status);
  if (!told) of.set(status, (told = reasons(last(at), status, news(at))));
  return told;
}

/** Is it a part of each of several? That one of them is named (`membership.role == OWNER`) is asked of a member. */
function isOfEach(v: Val, named: boolean): boolean {
  for (let x: Val | undefined = v; x; ) {
    if (x.t === 'op' && x.op === 'element') return true;
    if (named && x.t === 'attr') return false;
    if (x.t === 'attr' || x.t === 'item') x = isKeyed(x) ? x.key : x.of;
    else if (x.t === 'op') x = x.args[0];
    else x = x.t === 'call' ? (x.recv ?? x.args.pos[0]) : undefined;
  }
  return false;
}

const isKeyed = (v: Val): v is Val & { t: 'item' } => v.t === 'item' && prov(v.key) !== 0;

/** The condition up to its part `by`; undefined where it has none like it. */
export function upTo(by: F, cond: F): F | undefined {
  let found: F | undefined;
  for (let at: F | undefined = cond; at; at = at.f === 'and' ? at.prev : undefined) if (last(at) === by) found = at;
  return found;
}

/**
 * The questions of the last part of a condition that nothing before it has decided: where code runs on the way in many manners (in a
 * loop, say), each of them asks everything again.
 */
export function news(at: F): ReadonlySet<Atom> {
  const parts = conjuncts(at);
  const by = last(at);
  const known = new Set<F>(parts.slice(0, -1).map(f => (f.f === 'not' ? f.x : f)));
  const found = new Set<Atom>();
  const visit = (f: F): void => {
    if (known.has(f)) return;
    if (f.f === 'and') {
      let p: F = f;
      for (; p.f === 'and' && !known.has(p); p = p.prev) {
        known.add(p);
        visit(p.x);
      }
      visit(p);
      return;
    }
    known.add(f);
    if (f.f === 'atom') found.add(f);
    else if (f.f === 'not') visit(f.x);
    else if (f.f === 'or') f.xs.forEach(visit);
  };
  visit(by);
  return found;
}

/** The questions that code asks, without those that only stand for its course. */
export const decisive = (f: F): Atom[] => atomsIn(f).filter(a => a.kind !== 'iterates' && a.kind !== 'flag');

/** The questions on which it depends which answer the condition gets, of those that are asked in it anew where there are such. */
function mattering(by: F, anew?: ReadonlySet<Atom>): Atom[] {
  const meant = essential(by);
  const all = decisive(by).filter(a => meant?.has(a) !== false);
  const own = anew ? all.filter(a => anew.has(a)) : all;
  return own.length > 0 ? own : all;
}

/** What is asked of what was found, here or there: whether it was found here (`cached(id).or_else(stored(id))`) only says of which it is. */
function unchosen(by: F, atoms: Atom[]): Atom[] {
  const absence = (a: Atom): boolean => a.kind === 'fails' || a.kind === 'raises';
  if (!atoms.some(absence) || atoms.every(absence)) return atoms;
  const choosers = choosing(by);
  return atoms.filter(a => !absence(a) || !choosers.has(a));
}

/** That it is there (`"w" in claims`) says nothing more where it is asked what it is, nor that it failed where it is asked with which error. */
function telling(atoms: Atom[]): Atom[] {
  const named = new Set(atoms.flatMap(a => (a.kind === 'is' && a.args[0] ? [failed(a.args[0])] : [])));
  const known = new Set<Val | undefined>(
    atoms.flatMap(a => (a.kind === 'lt' || (a.kind === 'eq' && a.args.some(v => prov(v) === 0)) ? a.args : [])),
  );
  // What a right is called that an account need not have (`user.role.as_deref().unwrap_or("guest")`).
  const held = new Set(
    [...known].flatMap(v => (v?.t === 'op' && v.op === 'ok' && v.args[0]?.t === 'attr' && depth(v) > 1 ? [v.args[0]] : [])),
  );
  // A right that is a row is there, whoever has it.
  const rows = new Set(atoms.flatMap(a => (a.kind === 'in' || a.kind === 'eq' ? a.args.filter(v => lookedUpBy(v).length > 0) : [])));
  const entries = atoms.flatMap(a => a.args.filter(v => v.t === 'item'));
  const isRead = ([key, of]: readonly Val[]): boolean => entries.some(e => e.of === of && e.key === key);
  return atoms.filter(
    a =>
      !(a.kind === 'in' && isRead(a.args)) &&
      (a.kind !== 'fails' || !(named.has(a.args[0]) || held.has(a.args[0] as Val & { t: 'attr' }) || rows.has(a.args[0] as Val))) &&
      !(a.kind === 'truthy' && known.has(a.args[0])),
  );
}

/** What is left of several things of which any would do where the rest of the condition denies some of them. */
export function undenied(f: F, cond: F): F {
  if (f.f !== 'or') return f;
  const known = literals(cond);
  const denied = (x: F): boolean =>
    x.f === 'not' ? x.x.f === 'atom' && known.get(x.x) === true : x.f === 'atom' && known.get(x) === false;
  const left = f.xs.filter(x => !conjuncts(x).some(denied));
  return left.length > 0 && left.length < f.xs.length ? or(left) : f;
}

/**
 * What is left of several things of which any leads to an answer: it is taken apart behind them (`Err((status, body)) => (status, body)`), by
 * denying one after the other, and its last alternative is there where all others are denied.
 */
export function onlyOneLeft(cond: F): F | undefined {
  const denied = new Set<F>();
  for (const x of conjuncts(cond).reverse()) {
    if (x.f !== 'or') {
      denied.add(not(x));
      continue;
    }
    const [left, ...more] = x.xs.filter(f => !conjuncts(f).some(y => denied.has(y)));
    const others = new Set(x.xs.flatMap(f => (f === left ? [] : conjuncts(f))));
    return left && more.length === 0 && [...denied].every(f => others.has(f)) ? left : undefined;
  }
  return undefined;
}
