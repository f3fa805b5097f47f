/** What a loop leaves behind of which one round stood for all: what one round found says nothing of what another one did. */
import { alternatives } from './alternatives.js';
import type { Ev } from './ev.js';
import { and, type Atom, conjuncts, type F, or, TRUE, truth } from './formula.js';
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
  const writes = ev.journal.branch(body);
  ev.journal.merge(writes, new Map<Write['store'], Map<string, unknown>>(), (x, y) => ofSomeRound(x, y));
}

/** What a round wrote over `before`, without what it says of other things that it may have been. */
function ofSomeRound(x: unknown, before: unknown): unknown {
  const v = x as Val | undefined;
  if (typeof v !== 'object' || v === null) return x;
  if (v.t === 'bool') {
    const f = alone(v.f);
    return f === v.f ? v : bool(f);
  }
  if (v.t !== 'phi') return x;
  const written = alternatives(v).filter(w => w.val !== before);
  const conds = written.map(w => alone(w.cond));
  if (typeof before !== 'object' || conds.every((c, i) => c === written[i]?.cond)) return x;
  return written.reduceRight((rest, w, i) => phi(conds[i] as F, w.val, rest), before as Val);
}

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
  return left.length === parts.length ? f : left.reduce(and, TRUE);
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
