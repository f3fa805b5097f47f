/** What one answer alone makes of a condition, all other questions being open. */
import { type Atom, conjuncts, FALSE, type F, not, type Truth, TRUE } from '../program/formula.js';

/** An answer is an atom or its negation. */
type Answers = ReadonlySet<F>;

/** The answers any of which makes a condition true, and those any of which makes it false. */
interface Forces {
  true: Answers;
  false: Answers;
}

const NONE: Answers = new Set();
const memo = new WeakMap<F, Forces>();

/**
 * `f` where `a` is answered with `yes`. It is looked up for every question of every way out, and the conditions of those are most of an
 * application: each part of one is looked at once, for all answers, instead of once for each.
 */
export function forced(f: F, a: Atom, yes: boolean): Truth {
  if (f === TRUE || f === FALSE) return f === TRUE;
  const { true: holds, false: fails } = forces(f);
  const answer = yes ? a : not(a);
  return holds.has(answer) ? true : fails.has(answer) ? false : undefined;
}

function forces(f: F): Forces {
  switch (f.f) {
    case 'true':
    case 'false':
      return { true: NONE, false: NONE };
    case 'atom':
      return { true: new Set([f]), false: new Set([not(f)]) };
    case 'not': {
      const of = forces(f.x);
      return { true: of.false, false: of.true };
    }
    default: {
      let known = memo.get(f);
      if (!known) memo.set(f, (known = ofParts(f)));
      return known;
    }
  }
}

function ofParts(f: F & { f: 'and' | 'or' }): Forces {
  const parts = (f.f === 'and' ? conjuncts(f) : f.xs).filter(x => x !== TRUE && x !== FALSE).map(forces);
  return f.f === 'and'
    ? { true: common(parts.map(p => p.true)), false: union(parts.map(p => p.false)) }
    : { true: union(parts.map(p => p.true)), false: common(parts.map(p => p.false)) };
}

function union(sets: readonly Answers[]): Answers {
  const filled = sets.filter(s => s.size > 0);
  if (filled.length < 2) return filled[0] ?? NONE;
  const out = new Set<F>();
  for (const s of filled) for (const x of s) out.add(x);
  return out;
}

function common(sets: readonly Answers[]): Answers {
  const [least, ...rest] = [...sets].sort((a, b) => a.size - b.size);
  if (!least || least.size === 0) return NONE;
  return rest.length === 0 ? least : new Set([...least].filter(x => rest.every(s => s.has(x))));
}
