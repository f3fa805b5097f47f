/** What else had been enough for a caller who is refused: other names of a right, another credential. */
import { type Atom, conjuncts, type F, last, literals, not, partsOf, TRUE } from '../program/formula.js';
import { Assignment } from './personas.js';
import { forced } from './forced.js';
import { decisive, NAMES, type Reason, reasonsOfLast } from './reasons.js';
import { type Trigger, triggerOf } from './triggers.js';
import type { Way, Ways } from './ways.js';

/** What may be asked together with a right: `row.is_some_and(|r| r.owner == me.id)` asks whether there is a row as well. */
const BESIDE: ReadonlySet<Trigger['kind']> = new Set(['state', 'existence']);

/**
 * Finds the rights any of which had been enough in place of what a refusal asks for: `if not me.is_staff and row.owner != me.id: abort(403)`
 * asks for them one after the other, and who has the first one alone is served.
 * @param deciders the condition that decided on each refusal
 * @param turned conditions that turned requests away
 */
export function sufficing(ways: Ways, deciders: ReadonlyMap<Way, F>, turned: ReadonlyMap<F, boolean>): void {
  // What only makes the server fail is nobody's right.
  const denied = new Set([...deciders.keys()].filter(w => !isFailure(w)).flatMap(w => w.atoms));
  for (const [w, by] of deciders) {
    if (w.answer.ok || !w.triggers.some(isRight) || !w.triggers.every(t => isRight(t) || t.kind === 'authn')) continue;
    // `(known and staff) or (known and moderates)`: that he is known is asked of both.
    const known = new Set(w.atoms.filter((_, i) => w.triggers[i]?.kind === 'authn'));
    anyOf(ways, w, by);
    const asked = before(w, by).filter(at => !turned.has(not(last(at))) && asksRight(last(at), w));
    const rights = new Set([...denied, ...w.atoms, ...asked.flatMap(at => decisive(last(at)))]);
    const found = new Map<Atom, Reason>();
    for (const at of asked) {
      const told = reasonsOfLast(at, w.answer.status).filter(r => !BESIDE.has(r.trigger.kind) && !known.has(r.atom));
      if (told.length === 0 || !told.every(r => isRight(r.trigger))) continue;
      const own = new Set(told.map(r => r.atom));
      const lost = [...rights].filter(a => !own.has(a));
      if (serves(ways, at.f === 'and' ? at.prev : TRUE, lost)) for (const r of told) found.set(r.atom, r);
    }
    for (const a of w.atoms) found.delete(a);
    const others = [...found.values()];
    if (others.filter(r => r.trigger.kind === 'authz').length >= NAMES && isFailure(w)) {
      w.triggers = [{ kind: 'state', requires: [] }];
      for (const a of w.atoms) ways.kinds.set(a, w.triggers[0] as Trigger);
      continue;
    }
    if (others.length === 0) continue;
    w.enough = others;
    // What this refusal makes of them holds where no other one has decided by them.
    for (const r of others) if (!denied.has(r.atom)) ways.kinds.set(r.atom, r.trigger);
  }
}

/** One question for several rights (`"user" => Some(..), "admin" => Some(..), _ => None`) asks for any of them, if who has one alone is served. */
function anyOf(ways: Ways, w: Way, by: F): void {
  const rights = w.atoms.filter((_, i) => w.triggers[i]?.kind === 'authz');
  if (rights.length < 2 || !w.triggers.every(t => t.kind !== 'authz' || (isRight(t) && t.requires.length > 0))) return;
  const at = parts(w, by).findLast(x => last(x) === by);
  const given = at?.f === 'and' ? at.prev : TRUE;
  const alone = rights.every(a =>
    serves(
      ways,
      given,
      rights.filter(b => b !== a),
    ),
  );
  const names = [...new Set(w.triggers.flatMap(t => (t.kind === 'authz' ? t.requires : [])))].join('|');
  if (alone) w.triggers = w.triggers.map(t => (t.kind === 'authz' ? { ...t, requires: [names] } : t));
}

/** Is it the server's own failure? */
export const isFailure = (w: Way): boolean => (w.answer.status ?? 0) >= 500 || w.answer.panic === true;

/** What was asked on the way to the condition that decided, and after it: each with all that was asked before it. */
function parts(w: Way, by: F): F[] {
  const out: F[] = [];
  const whole = [w.cond, w.why].find(f => f && partsOf(f).has(by));
  for (let at = whole; at; at = at.f === 'and' ? at.prev : undefined) out.push(at);
  return out.reverse();
}

/** Those of them that were asked before it. */
function before(w: Way, by: F): F[] {
  const all = parts(w, by);
  const at = all.findLastIndex(x => last(x) === by);
  return at < 0 ? [] : all.slice(0, at);
}

/** Is somebody served on a request on which `given` holds, who has every right but these? */
function serves(ways: Ways, given: F, lost: readonly Atom[]): boolean {
  const without = new Set(lost.map(a => ways.kinds.get(a)));
  const bearer = new Assignment('entitled', ways.kinds, {
    granted: true,
    ignored: ways.infra,
    given: new Map([...ways.normal, ...literals(given)]),
    lacks: t => without.has(t) && (t.kind === 'authz' || t.kind === 'ownership'),
  });
  return ways.all.some(w => w.answer.ok && bearer.of(w.cond) !== false);
}

/** Is it asked for a right, perhaps among other things? */
const asksRight = (f: F, w: Way): boolean => decisive(f).some(a => isRight(triggerOf(a, w.answer.status)));

const isRight = (t: Trigger): boolean => (t.kind === 'authz' || t.kind === 'ownership') && !t.inverted && !t.backwards && !t.taken;

/** What a way out asks for, each together with what had been enough in its place. */
export function wanted(w: Way): Trigger[] {
  const more = w.enough ?? [];
  const names = [...new Set(more.flatMap(r => r.trigger.requires))];
  const own = w.triggers.map(t =>
    t.kind === 'authz' && names.length > 0
      ? { ...t, requires: [[...names.filter(n => !t.requires.includes(n)), ...t.requires].join('|')] }
      : t,
  );
  const kinds = new Set(own.map(t => t.kind));
  const further = [...new Set(more.map(r => r.trigger.kind))].filter(k => !kinds.has(k));
  return [...own, ...further.map((kind): Trigger => ({ kind, requires: kind === 'authz' && names.length > 0 ? [names.join('|')] : [] }))];
}

/** A credential that had been enough: `if not session.get(room) and not session.get('is_admin')` asks for a right of nobody who has it. */
export function instead(w: Way, by: F, turned: ReadonlyMap<F, boolean>): Atom | undefined {
  const parts = conjuncts(w.cond);
  const before = parts[parts.indexOf(by) - 1];
  if (by.f !== 'not' || by.x.f !== 'atom' || by.x.kind !== 'truthy' || before?.f !== 'not' || before.x.f !== 'atom') return undefined;
  const [mine, own] = [before.x, by.x].map(a => a.args[0]);
  if (before.x.kind !== 'truthy' || turned.has(before.x) || mine?.t !== 'sym' || own?.t !== 'sym' || mine.path !== own.path)
    return undefined;
  return triggerOf(before.x, w.answer.status).kind === 'authn' ? before.x : undefined;
}

/**
 * What everybody who is served has turns nobody away for having it, even where something else is refused behind it as well (`if !ok { 404 }`,
 * and a failure of what comes then): such rights become those that are asked for, where another answer asks for them, or none.
 */
export function hadByServed(all: readonly Way[], kinds: Map<Atom, Trigger>): void {
  const served = all.filter(w => w.answer.ok);
  if (served.length === 0) return;
  for (const [a, t] of kinds) {
    if (t.kind !== 'authz' || !t.inverted || a.kind === 'lt' || a.kind === 'fails') continue;
    if (!served.every(w => forced(w.cond, a, false) === false)) continue;
    const asked = all.flatMap(w => w.triggers.filter((x, i) => w.atoms[i] === a && x.kind === 'authz' && !x.inverted));
    const other: Trigger = asked[0] ?? { kind: 'state', requires: [] };
    kinds.set(a, other);
    for (const w of all) w.triggers = w.triggers.map((x, i) => (w.atoms[i] === a && x.inverted ? other : x));
  }
}
