/** Whether a condition that is left open by what is known of a persona can hold at all. */
import { and, type Atom, conjuncts, type F, FALSE, literals, not, or, TRUE, type Truth, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov } from '../program/values.js';
import { ofEach } from './asked.js';
import { possible } from './diagram.js';

/** Something that knows some answers, and can be told more. */
export interface Knows {
  of: (f: F) => Truth;
  with: (more: ReadonlyMap<Atom, boolean>) => Knows;
}

/** So often is what must hold looked for again, with what was found. */
const ROUNDS = 3;
/** So many questions are tried with both answers. */
const TRIED = 4;

/**
 * A condition that is asked twice has one answer: what must hold on a way decides it wherever it is asked again. Where one of several things must
 * hold, each of them is tried; what that leaves open is decided by the diagram of the condition, and possible where that becomes too large.
 */
export function feasible(cond: F, knows: Knows): boolean {
  const settled = settle(cond, knows);
  if (!settled) return false;
  const t = settled.of(cond);
  if (t !== undefined) return t;
  if (open(cond, settled).some(a => [true, false].every(yes => !settle(cond, settled.with(new Map([[a, yes]])))))) return false;
  return possible(atMost(cond, settled), new Map()) ?? true;
}

/**
 * What holds wherever `cond` does and is about the caller alone: of all else each question is taken to be answered as it suits, wherever it is
 * asked, since what is asked of one round of a loop is answered anew in the next.
 */
function atMost(cond: F, knows: Knows): F {
  const memo = [new Map<F, F>(), new Map<F, F>()] as const;
  const visit = (f: F, want: boolean): F => {
    const t = knows.of(f);
    if (t !== undefined) return t === want ? TRUE : FALSE;
    if (f.f === 'not') return visit(f.x, !want);
    if (f.f === 'atom') return isOfCaller(f) ? (want ? f : not(f)) : TRUE;
    if (f.f !== 'and' && f.f !== 'or') return TRUE;
    const known = memo[want ? 1 : 0].get(f);
    if (known) return known;
    const parts = members(f).map(x => visit(x, want));
    const made = want === (f.f === 'and') ? parts.reduce(and, TRUE) : or(parts);
    memo[want ? 1 : 0].set(f, made);
    return made;
  };
  return visit(cond, true);
}

const isOfCaller = (a: Atom): boolean => a.args.some(v => prov(v) & Prov.Credential) && !a.args.some(ofEach);

/** The answers that follow step by step where `cond` holds, whoever asks: of several things, what is left where the others can not be. */
export function answers(cond: F): Map<Atom, boolean> {
  const known = literals(cond);
  for (let round = 0; round < ROUNDS; round++) {
    const memo = new Map<F, Truth>();
    const more = new Map<Atom, boolean>();
    for (const c of conjuncts(cond)) follows(c, true, { of: f => truth(f, a => known.get(a), memo) }, more);
    if (more.size === 0) break;
    for (const [a, holds] of more) known.set(a, holds);
  }
  return known;
}

/** All that follows step by step where `cond` holds; undefined when it can not. */
function settle(cond: F, knows: Knows): Knows | undefined {
  let now = knows;
  for (let round = 0; round < ROUNDS; round++) {
    const t = now.of(cond);
    if (t !== undefined) return t ? now : undefined;
    const more = new Map<Atom, boolean>();
    follows(cond, true, now, more);
    if (more.size === 0) break;
    now = now.with(more);
  }
  return now.of(cond) === false ? undefined : now;
}

/** The answers without which `f` is not `want`. */
function follows(f: F, want: boolean, knows: Pick<Knows, 'of'>, out: Map<Atom, boolean>): void {
  if (knows.of(f) !== undefined) return;
  if (f.f === 'atom') out.set(f, want);
  else if (f.f === 'not') follows(f.x, !want, knows, out);
  else if (f.f === 'and' || f.f === 'or') {
    const left = members(f).filter(x => knows.of(x) === undefined);
    // All of the parts, or the only one that is left.
    if (want === (f.f === 'and') || left.length === 1) for (const x of left) follows(x, want, knows, out);
  }
}

/** Questions that stand alone among the alternatives that are left. */
function open(cond: F, knows: Knows): Atom[] {
  const out = new Set<Atom>();
  for (const c of conjuncts(cond)) {
    const f = c.f === 'not' ? c.x : c;
    if ((f.f !== 'and' && f.f !== 'or') || knows.of(f) !== undefined) continue;
    for (const x of members(f)) {
      const a = x.f === 'not' ? x.x : x;
      if (a.f === 'atom' && knows.of(a) === undefined && out.size < TRIED) out.add(a);
    }
  }
  return [...out];
}

const members = (f: F & { f: 'and' | 'or' }): readonly F[] => (f.f === 'and' ? conjuncts(f) : f.xs);
