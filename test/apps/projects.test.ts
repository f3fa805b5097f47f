import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { endpointKey } from '../../src/contract/path-template.js';
import { type Contract, type Endpoint, PERSONAS, type Verdict } from '../../src/contract/types.js';
import type { CheckResult, Finding } from '../../src/findings/types.js';
import { check } from '../../src/run.js';

/** A planted fault, as `expected-faulty.json` has it (the blog's README says what the fields mean). */
interface Planted {
  rule: string;
  method: string;
  path: string;
  kinds?: string[];
  or?: string[];
  optional?: boolean;
  missing?: string;
}

type Access = { method: string; path: string } & Record<(typeof PERSONAS)[number], string>;

const PROJECTS = fileURLToPath(new URL('../../fixtures/apps/projects/', import.meta.url));
const json = <T>(name: string): T => JSON.parse(readFileSync(join(PROJECTS, name), 'utf8')) as T;
const compare = (port: string): Promise<CheckResult> => check(join(PROJECTS, 'python'), join(PROJECTS, port));

const places = (f: Finding): string[] => (f.endpoints ?? [f.endpoint]).map(endpointKey);
const rules = (p: Planted): string[] => [p.rule, ...(p.or ?? [])];
const shown = (v: Verdict): string => (v.verdict === 'refused' ? String(v.status) : v.verdict === 'admitted' ? 'ok' : 'unknown');
const written = (c: Contract): Endpoint[] => c.endpoints.filter(e => !e.implicit);

/** What is said of a protection that went along with another. */
const ALONG: Record<string, RegExp> = { authz: /authorization/, ownership: /ownership/ };

describe('the project tracker and its ports', () => {
  let clean: CheckResult;
  let faulty: CheckResult;

  beforeAll(async () => {
    clean = await compare('rust-clean');
    faulty = await compare('rust-faulty');
  });

  test('the faithful port has no finding, and nothing in it was left open', () => {
    expect(clean.findings).toEqual([]);
    expect(clean.problems).toEqual([]);
    expect(clean.summary).toMatchObject({ pairs: 38, same: 38, differs: 0, cannotTell: 0 });
    // FastAPI makes four endpoints by itself: the schema, and the pages that show it.
    expect(clean.summary.python).toMatchObject({ endpoints: 42, unresolved: 0, gaps: 0, unpaired: 0 });
    expect(clean.summary.rust).toMatchObject({ endpoints: 38, unresolved: 0, gaps: 0, unpaired: 0 });
  });

  test.each(['python', 'rust'] as const)('who may come in where: %s', side => {
    const lines = (all: { method: string; path: string }[], of: (e: never, p: (typeof PERSONAS)[number]) => string): string[] =>
      all.map(e => `${endpointKey(e)}: ${PERSONAS.map(p => of(e as never, p)).join(' | ')}`).sort();
    expect(lines(written(clean[side]), (e: Endpoint, p) => shown(e.access[p]))).toEqual(
      lines(json<Access[]>('access.json'), (e: Access, p) => e[p]),
    );
  });

  test('the faulty port has exactly the planted faults', () => {
    const planted = json<Planted[]>('expected-faulty.json');
    const found = faulty.findings.flatMap(f => places(f).map(place => ({ rule: f.rule, place })));
    const taken = new Set<(typeof found)[number]>();
    const wrong: string[] = [];
    for (const p of planted) {
      const hit = found.find(f => !taken.has(f) && f.place === endpointKey(p) && rules(p).includes(f.rule));
      if (hit) taken.add(hit);
      if (hit && p.missing) wrong.push(`no longer missing: ${p.rule} ${endpointKey(p)}`);
      if (!hit && !p.missing && !p.optional) wrong.push(`not found: ${p.rule} ${endpointKey(p)}`);
    }
    wrong.push(...found.filter(f => !taken.has(f)).map(f => `not planted: ${f.rule} ${f.place}`));
    expect(wrong).toEqual([]);
  });

  test('what went along with a lost guard is named with it', () => {
    const unnamed = json<Planted[]>('expected-faulty.json')
      .filter(p => !p.missing)
      .flatMap(p => {
        const messages = faulty.findings
          .filter(f => rules(p).includes(f.rule) && places(f).includes(endpointKey(p)))
          .map(f => f.message)
          .join('\n');
        return (p.kinds ?? [])
          .slice(1)
          .filter(k => !ALONG[k]!.test(messages))
          .map(k => `${endpointKey(p)} ${k}`);
      });
    expect(unnamed).toEqual([]);
  });
});
