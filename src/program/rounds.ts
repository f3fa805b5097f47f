/** What a loop leaves behind of which one round stood for all: what one round found says nothing of what another one did. */
import { alternatives } from './alternatives.js';
import type { Ev } from './ev.js';
import { and, type Atom, conjuncts, FALSE, type F, not, or, TRUE, truth } from './formula.js';
import type { Write } from './journal.js';
import { bool, phi } from './make.js';
import type { Val } from './values.js';

/**
 * Runs `body`, one round for all. Of two branches that one round cannot both take (`match name { "file" => .., "kind" => .. }`) what each wrote
 * holds afterwards: two rounds can.
 */
export function forAll(ev: Ev, body: () => void): void {
  // What an application does when it starts is done for everybody.
  if (!ev.request) return body();
  const outer = ev.rounds;
  ev.rounds = ev.frame;
  let writes: ReturnType<typeof ev.journal.branch>;
  try {
    writes = ev.journal.branch(body);
  } finally {
    ev.rounds = outer;
  }
  ev.journal.merge(writes, new Map<Write['store'], Map<string, unknown>>(), (x, y) => ofSomeRound(x, y));
}

/** What a round wrote over `before`, without what it says of other things that it may have been. */
function ofSomeRound(x: unknown, before: unknown): unknown {
  const v = x as Val | undefined;
  if (typeof v !== 'object' || v === null || typeof before !== 'object' || before === null) return x;
  const flag = v.t === 'phi' || v.t === 'bool' ? flipped(v, before as Val) : undefined;
  if (flag || v.t !== 'phi') return flag ?? x;
  const written = alternatives(v).filter(w => w.val !== before);
  const conds = written.map(w => alone(w.cond));
  if (conds.every((c, i) => c === written[i]?.cond)) return x;
  return written.reduceRight((rest, w, i) => phi(conds[i] as F, w.val, rest), before as Val);
}

/** A flag that stood at `before` when the round began; undefined where it is no flag, or where there is nothing to leave out. */
function flipped(v: Val, before: Val): Val | undefined {
  const was = asked(before);
  const now = alternatives(v).map(w => ({ cond: w.cond, is: asked(w.val) }));
  if ((was !== TRUE && was !== FALSE) || now.some(w => w.is === undefined)) return undefined;
  const to = (f: F): F => (was === TRUE ? not(f) : f);
  const flips = or(now.map(w => and(w.cond, to(w.is as F))));
  const told = alone(flips);
  return told === flips ? undefined : bool(to(told));
}

const asked = (v: Val): F | undefined =>
  v.t === 'bool' ? v.f : v.t === 'const' && typeof v.v === 'boolean' ? (v.v ? TRUE : FALSE) : undefined;

/** Conditions that ask more are left as they are. */
const LARGE = 64;

/** What `f` says without that which is clear of itself: that what is one thing is not another. */
function alone(f: F): F {
  if (size(f) > LARGE) return f;
  if (f.f === 'or') return or(f.xs.map(alone));
  if (f.f !== 'and') return f;
  // The simplest first: what they leave of the alternatives is simple as well.
  const parts = conjuncts(
    conjuncts(f)
      .sort((x, y) => size(x) - size(y))
      .reduce(and, TRUE),
  );
  const is = new Map(parts.flatMap((p): [Val, Atom][] => (p.f === 'atom' ? compared(p).map(v => [v, p]) : [])));
  const other = (a: Atom): false | undefined => (compared(a).some(v => is.has(v) && is.get(v) !== a) ? false : undefined);
  const left = parts.filter(p => truth(p, other, new Map()) !== true);
  if (left.length < parts.length) return left.reduce(and, TRUE);
  // "kind" or "type", and not "file": each of the two says so.
  const either = parts.find(p => p.f === 'or');
  if (either?.f !== 'or') return f;
  const rest = parts.filter(p => p !== either).reduce(and, TRUE);
  const each = either.xs.map(x => and(rest, x));
  const told = each.map(alone);
  return told.some((x, i) => x !== each[i]) ? or(told) : f;
}

/** What is held against a literal. */
function compared(a: Atom): Val[] {
  const of = a.kind === 'eq' ? a.args.filter(x => x.t !== 'const') : [];
  return of.length < a.args.length ? of : [];
}

/** How many questions a condition asks; where there are more than `LARGE`, that there are more. */
function size(f: F): number {
  let n = 0;
  for (const open = [f]; open.length > 0 && n <= LARGE; ) {
    const x = open.pop() as F;
    if (x.f === 'not') open.push(x.x);
    else if (x.f === 'or') open.push(...x.xs);
    else if (x.f === 'and') open.push(x.prev, x.x);
    else n++;
  }
  return n;
}
