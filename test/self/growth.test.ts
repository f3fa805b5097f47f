/** What is twice as large takes twice the work: nothing that is done for one endpoint looks at all the others. */
import { grown } from '../../bench/growth.mjs';
import { effort } from '../../src/program/effort.js';
import { check } from '../../src/run.js';

/** The pairs that were found, and the units that evaluation spent on them. */
async function measured(times: number): Promise<{ pairs: number; same: number; findings: number; spent: number }> {
  const { python, rust, remove } = grown('fixtures/apps/projects', times);
  const before = effort.spent;
  try {
    const { summary, findings } = await check(python, rust);
    return { pairs: summary.pairs, same: summary.same, findings: findings.length, spent: effort.spent - before };
  } finally {
    remove();
  }
}

test('the work grows as the application does', async () => {
  const [once, twice, thrice] = [await measured(1), await measured(2), await measured(3)];
  const copied = twice.pairs - once.pairs;
  expect(copied).toBeGreaterThan(30);
  expect(thrice.pairs).toBe(once.pairs + 2 * copied);
  for (const { pairs, same, findings } of [once, twice, thrice]) expect([same, findings]).toEqual([pairs, 0]);

  const copy = twice.spent - once.spent;
  expect(copy).toBeGreaterThan(0);
  expect((thrice.spent - twice.spent) / copy).toBeCloseTo(1, 1);
}, 120_000);
