import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/findings/types.js';
import { accessOf, differences, otherReasons, Pair, unnamed, written } from './harness.js';

const pair = new Pair('helpdesk');

describe('the help desk and its ports', () => {
  let clean: CheckResult;
  let faulty: CheckResult;

  beforeAll(async () => {
    clean = await pair.compare('rust-clean');
    faulty = await pair.compare('rust-faulty');
  });

  test('the faithful port has no finding, and nothing in it was left open', () => {
    expect(clean.findings).toEqual([]);
    expect(clean.problems).toEqual([]);
    expect(clean.summary).toMatchObject({ pairs: 40, same: 40, differs: 0, cannotTell: 0 });
    expect(clean.summary.python).toMatchObject({ endpoints: 40, unresolved: 0, gaps: 0, unpaired: 0 });
    expect(clean.summary.rust).toMatchObject({ endpoints: 40, unresolved: 0, gaps: 0, unpaired: 0 });
  });

  test.each(['python', 'rust'] as const)('who may come in where: %s', side => {
    expect(accessOf(written(clean[side]))).toEqual(accessOf(pair.access()));
  });

  test('the faulty port has exactly the planted faults', () => {
    expect(differences(pair.planted(), faulty.findings)).toEqual([]);
    expect(otherReasons(pair.planted(), faulty.findings)).toEqual([]);
  });

  test('what went along with a lost guard is named with it', () => {
    expect(unnamed(pair.planted(), faulty.findings, { authz: /authorization/, ownership: /ownership/ })).toEqual([]);
  });
});
