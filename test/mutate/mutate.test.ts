/** What the first page says of mutations is what is stored, and what is stored is still so: a part of the mutants runs again. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Mutant } from '../../bench/mutate/mutant.js';
import { operators } from '../../bench/mutate/operators/index.js';
import { isOf, readDefects, readResults, table, tableInReadme } from '../../bench/mutate/results.js';
import { EACH, judged, mutantsOf, spread } from '../../bench/mutate/run-mutants.js';
import { pairIn, pairsIn, Subject } from '../../bench/mutate/subject.js';

const APPS = fileURLToPath(new URL('../../fixtures/apps', import.meta.url));
const results = readResults();

/** `npm run mutate -- --write` brings all of it up to date. */
describe('the stored results', () => {
  test('are those of the table on the first page', () => {
    expect(tableInReadme()).toBe(table(results, operators));
  });

  test('name a reason for every survivor, and no reason without one', () => {
    const survivors = Object.entries(results).flatMap(([pair, r]) => Object.keys(r.survivors).map(id => ({ pair, id })));
    const defects = readDefects();
    expect(survivors.filter(s => !defects.some(d => isOf(d, s.pair, s.id)))).toEqual([]);
    const unused = (m: string): boolean => !survivors.some(s => isOf({ why: '', mutants: [m] }, s.pair, s.id));
    expect(defects.flatMap(d => d.mutants.filter(unused))).toEqual([]);
  });

  test('are of all pairs', () => {
    expect(Object.keys(results)).toEqual(pairsIn(APPS).map(p => p.name));
  });
});

describe.each(Object.keys(results).map((pair, i) => ({ pair, i })))('$pair', ({ pair, i }) => {
  let subject: Subject;
  let mutants: Mutant[];
  let broken: string[];

  beforeAll(async () => {
    subject = await Subject.of(pairIn(join(APPS, pair)));
    const made = mutantsOf(subject, operators);
    mutants = spread(made.mutants, EACH);
    broken = made.broken;
  });

  test('nothing is reported of the pair as it stands', async () => {
    expect(await subject.findings([])).toEqual([]);
    expect(subject.without).toEqual([]);
    expect(results[pair]!.falseAlarms).toBe(0);
  });

  test('the mutants are those that were counted, and each parses', () => {
    const made: Record<string, number> = {};
    for (const m of mutants.filter(m => !m.equivalent)) made[m.operator] = (made[m.operator] ?? 0) + 1;
    expect(made).toEqual(Object.fromEntries(Object.entries(results[pair]!.operators).map(([name, n]) => [name, n.made])));
    expect(mutants.filter(m => m.equivalent)).toHaveLength(results[pair]!.equivalent.made);
    expect(broken).toEqual([]);
  });

  test("a mutant of this pair's share of the operators gives what is stored", async () => {
    const wrong: string[] = [];
    for (const m of sample(mutants, i)) {
      const { killed, missed, wrong: reported } = await judged(subject, m);
      const stored = results[pair]!.survivors[m.id];
      const now = killed ? undefined : { missed, wrong: reported };
      if (JSON.stringify(now) !== JSON.stringify(stored))
        wrong.push(`${m.id}: ${JSON.stringify(now)} instead of ${JSON.stringify(stored)}`);
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

/** One of every third operator, beginning with another one on each pair; every run of the tests the same, and not always the first. */
function sample(mutants: readonly Mutant[], first: number): Mutant[] {
  const by = new Map<string, Mutant[]>();
  for (const m of mutants) by.set(m.operator, [...(by.get(m.operator) ?? []), m]);
  return [...by.values()].flatMap((of, i) => (i % 3 === first % 3 ? [of[(i * 7) % of.length]!] : []));
}
