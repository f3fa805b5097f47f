/** Questions that are asked of every condition have quick answers: they are those of the definition, on conditions of every form. */
import { describe, expect, test } from '@jest/globals';
import { essential, follows, onlyWith } from '../../src/infer/diagram.js';
import { forced } from '../../src/infer/forced.js';
import { news, upTo } from '../../src/infer/reasons.js';
import { and, type Atom, atomsOf, type F, not, or, someAtom, TRUE, truth } from '../../src/program/formula.js';
import { atom, sym } from '../../src/program/make.js';
import { Prov } from '../../src/program/values.js';

const HERE = { file: 0, at: 0 };
const QUESTIONS = Array.from({ length: 7 }, (_, i) => atom('truthy', [sym(`q${i}`, Prov.None)], HERE) as Atom);

/** Numbers below `n`, the same ones in every run. */
function dice(seed: number): (n: number) => number {
  let s = seed;
  return n => {
    s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((s / 2 ** 32) * n);
  };
}

function condition(roll: (n: number) => number, depth: number): F {
  const one = (): F => condition(roll, depth - 1);
  if (depth === 0 || roll(5) === 0) {
    const q = QUESTIONS[roll(QUESTIONS.length)] as F;
    return roll(2) ? q : not(q);
  }
  const parts = Array.from({ length: 2 + roll(3) }, one);
  const of = roll(2) ? parts.reduce(and, TRUE) : or(parts);
  return roll(4) ? of : not(of);
}

const CONDITIONS = Array.from({ length: 400 }, (_, i) => condition(dice(i + 1), 4)).filter(
  f => f.f === 'and' || f.f === 'or' || f.f === 'not',
);

test('conditions of every form, and of every outcome, are tried', () => {
  expect(new Set(CONDITIONS.map(f => f.f))).toEqual(new Set(['and', 'or', 'not']));
  const outcomes = CONDITIONS.flatMap(f => QUESTIONS.flatMap(q => [forced(f, q, true), forced(f, q, false)]));
  expect(new Set(outcomes)).toEqual(new Set([true, false, undefined]));
});

test('what one answer makes of a condition is what trying it makes', () => {
  for (const f of CONDITIONS)
    for (const q of QUESTIONS)
      for (const yes of [true, false]) expect(forced(f, q, yes)).toBe(truth(f, a => (a === q ? yes : undefined), new Map()));
});

test('a condition has an atom where looking at all of them finds it', () => {
  for (const q of QUESTIONS) {
    const memo = new Map<F, boolean>();
    for (const f of CONDITIONS) expect(someAtom(f, a => a === q, memo)).toBe(atomsOf(f).includes(q));
  }
});

describe('what a part of a condition asks anew', () => {
  const [a, b, c, d, e] = QUESTIONS as [Atom, Atom, Atom, Atom, Atom];
  const asked = (by: F, cond: F): ReadonlySet<Atom> | undefined => {
    const at = upTo(by, cond);
    return at && news(at);
  };

  test('is what nothing before it has decided, either way', () => {
    const before = and(and(a, not(b)), or([c, d]));
    const manners = or([and(before, e), and(and(a, not(b)), not(e))]);
    expect(asked(manners, and(before, manners))).toEqual(new Set([e]));
    expect(asked(e, and(before, e))).toEqual(new Set([e]));
    // That one of two holds does not say which.
    const which = or([and(c, e), and(d, not(e))]);
    expect(asked(which, and(before, which))).toEqual(new Set([c, d, e]));
  });

  test('is not said of what is asked first, or of something else', () => {
    const first = or([and(a, b), and(not(a), c)]);
    expect(asked(first, and(first, d))).toEqual(new Set([a, b, c]));
    expect(asked(e, and(a, b))).toBeUndefined();
  });
});

describe('decision diagrams', () => {
  const cases = Array.from({ length: 2 ** QUESTIONS.length }, (_, n) => new Map(QUESTIONS.map((q, i) => [q, ((n >> i) & 1) === 1])));
  const outcomes = (f: F, fixed?: readonly [Atom, boolean]): boolean[] =>
    cases.map(c => truth(f, a => (a === fixed?.[0] ? fixed[1] : c.get(a)), new Map()) === true);

  test('a condition depends on the questions whose answers change it', () => {
    for (const f of CONDITIONS)
      expect(essential(f)).toEqual(
        new Set(atomsOf(f).filter(q => outcomes(f, [q, true]).some((yes, i) => yes !== outcomes(f, [q, false])[i]))),
      );
  });

  test('a condition holds only with an answer where it holds in more cases, and in none without it', () => {
    const found = { yes: 0, no: 0 };
    for (const f of CONDITIONS)
      for (const q of QUESTIONS) {
        const [told, else_] = [outcomes(f, [q, true]), outcomes(f, [q, false])];
        const expected = told.some((yes, i) => yes && !else_[i]) && !else_.some((yes, i) => yes && !told[i]);
        found[expected ? 'yes' : 'no']++;
        expect(onlyWith(f, q, true)).toBe(expected);
      }
    expect(Math.min(found.yes, found.no)).toBeGreaterThan(100);
  });

  test('what follows holds in all cases in which the others do', () => {
    const found = { yes: 0, no: 0 };
    CONDITIONS.forEach((x, i) => {
      const before = CONDITIONS.slice(i + 1, i + 3);
      const held = before.map(f => outcomes(f));
      const expected = outcomes(x).every((yes, n) => yes || held.some(h => !h[n]));
      found[expected ? 'yes' : 'no']++;
      expect(follows(x, before)).toBe(expected);
    });
    expect(Math.min(found.yes, found.no)).toBeGreaterThan(10);
  });

  test('one that is too large to be drawn is not known', () => {
    // As many pairs that are equal, all first halves asked before all second ones: the diagram doubles with each.
    const halves = Array.from({ length: 40 }, (_, i) => atom('truthy', [sym(`half${i}`, Prov.None)], HERE) as Atom);
    const order = halves.slice(0, 20).reduce((f: F, a) => or([f, a]), halves[39] as F);
    const pairs = halves
      .slice(0, 20)
      .reduce((f: F, a, i) => and(f, or([and(a, halves[i + 20] as F), and(not(a), not(halves[i + 20] as F))])), order);
    expect(essential(pairs)).toBeUndefined();
    expect(onlyWith(pairs, halves[0] as Atom, true)).toBe(false);
    expect(follows(pairs, [order])).toBe(false);
  });
});
