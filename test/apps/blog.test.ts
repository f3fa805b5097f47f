import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/findings/types.js';
import { accessOf, at, differences, otherReasons, Pair, unnamed, written } from './harness.js';

const pair = new Pair('blog');

/** No guard stands before these two: what they answer depends on what the form says, or is a convenience (see the README). */
const BY_FORM = new Set(['GET /login', 'POST /login']);
const guarded = <T extends { method: string; path: string }>(all: readonly T[]): T[] => all.filter(e => !BY_FORM.has(at(e)));

/** Whoever is let in by role or as the owner: one check may be both (`own_post` asks for the author or an editor). */
const RIGHTS = /authorization|ownership/;
const ALONG = { authz: RIGHTS, ownership: RIGHTS, csrf: /CSRF/ };

describe('the blog and its ports', () => {
  let clean: CheckResult;
  let faulty: CheckResult;

  beforeAll(async () => {
    clean = await pair.compare('rust-clean');
    faulty = await pair.compare('rust-faulty');
  });

  test('the faithful port has no finding, and nothing in it was left open', () => {
    expect(clean.findings).toEqual([]);
    expect(clean.problems).toEqual([]);
    expect(clean.summary).toMatchObject({ pairs: 52, same: 52, differs: 0, cannotTell: 0 });
    expect(clean.summary.python).toMatchObject({ endpoints: 52, unresolved: 0, gaps: 0, unpaired: 0 });
    expect(clean.summary.rust).toMatchObject({ endpoints: 52, unresolved: 0, gaps: 0, unpaired: 0 });
  });

  test.each(['python', 'rust'] as const)('who may come in where: %s', side => {
    expect(accessOf(guarded(written(clean[side])))).toEqual(accessOf(guarded(pair.access())));
    const login = written(clean[side]).filter(e => BY_FORM.has(at(e)));
    expect(login.map(e => [at(e), e.guards.filter(g => g.strength === 'required' && g.kind !== 'state')])).toEqual([
      ['GET /login', []],
      ['POST /login', []],
    ]);
  });

  test('the evidence of a guard names each place once', () => {
    const told = [...clean.python.endpoints, ...faulty.rust.endpoints].flatMap(e =>
      e.guards.map(g => g.evidence.map(v => JSON.stringify(v))),
    );
    expect(told.filter(all => new Set(all).size < all.length)).toEqual([]);
  });

  test('the faulty port has exactly the planted faults', () => {
    expect(differences(pair.planted(), faulty.findings)).toEqual([]);
    expect(otherReasons(pair.planted(), faulty.findings)).toEqual([]);
  });

  test('what went along with a lost guard is named with it, and the handlers that repeat one', () => {
    expect(unnamed(pair.planted(), faulty.findings, ALONG)).toEqual([]);
    const repeated = pair.planted().flatMap(p => (p.handlers ? [p.handlers] : []));
    const said = faulty.findings.filter(f => f.rule === 'guard-repeated-inline').map(f => f.endpoints ?? [f.endpoint]);
    const handlers = said.map(refs =>
      refs
        .map(r =>
          faulty.rust.endpoints
            .find(e => at(e) === at(r))
            ?.handler.split('::')
            .at(-1),
        )
        .sort(),
    );
    expect(handlers).toEqual(repeated.map(h => [...h].sort()));
  });
});
