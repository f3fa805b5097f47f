import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { endpointKey } from '../../src/contract/path-template.js';
import { type Contract, type Endpoint, PERSONAS, type Verdict } from '../../src/contract/types.js';
import type { CheckResult, Finding } from '../../src/findings/types.js';
import { check } from '../../src/run.js';

/** A planted fault, as `expected-faulty.json` has it (its README says what the fields mean). */
interface Planted {
  rule: string;
  method: string;
  path: string;
  kinds?: string[];
  reason?: string;
  or?: string[];
  optional?: boolean;
  handlers?: string[];
  /** Right and not found yet, with the reason. */
  missing?: string;
  /** Wrong and still reported, with the reason. */
  spurious?: string;
}

interface Access {
  method: string;
  path: string;
  anonymous: string | number;
  signedIn: string | number;
  entitled: string | number;
}

const BLOG = fileURLToPath(new URL('../../fixtures/apps/blog/', import.meta.url));
const json = <T>(name: string): T => JSON.parse(readFileSync(join(BLOG, name), 'utf8')) as T;
const compare = (port: string): Promise<CheckResult> => check(join(BLOG, 'python'), join(BLOG, port));

const ANYWHERE = '* *';
const at = (e: { method: string; path: string }): string => (e.path === '*' ? ANYWHERE : endpointKey(e));

/** What was found, once for each endpoint. A repeated guard speaks about the port as a whole. */
const places = (f: Finding): string[] => (f.rule === 'guard-repeated-inline' ? [ANYWHERE] : (f.endpoints ?? [f.endpoint]).map(at));

/** Differences between what was planted and what was reported, in both directions. */
function differences(planted: readonly Planted[], findings: readonly Finding[]): string[] {
  const found = findings.flatMap(f => places(f).map(place => ({ rule: f.rule, place, message: f.message })));
  const taken = new Set<(typeof found)[number]>();
  const out: string[] = [];
  for (const p of planted) {
    const name = `${p.rule} ${at(p)}`;
    const hit = found.find(f => !taken.has(f) && f.place === at(p) && [p.rule, ...(p.or ?? [])].includes(f.rule));
    if (hit) taken.add(hit);
    if (p.missing) {
      if (hit) out.push(`no longer missing: ${name}`);
    } else if (p.spurious) {
      if (!hit) out.push(`no longer spurious: ${name}`);
    } else if (!hit && !p.optional) out.push(`not found: ${name}`);
  }
  for (const f of found) if (!taken.has(f)) out.push(`not planted: ${f.rule} ${f.place}: ${f.message}`);
  return out;
}

function shown(v: Verdict): string {
  if (v.verdict !== 'refused') return v.verdict === 'admitted' ? 'ok' : 'unknown';
  if (v.panic) return 'panic';
  return [v.status, v.redirect].filter(x => x !== undefined).join(' ');
}

/** No guard stands before these two: what they answer depends on what the form says, or is a convenience (see the README). */
const BY_FORM = new Set(['GET /login', 'POST /login']);

function accessOf(endpoints: readonly (Access | Endpoint)[]): string[] {
  return endpoints
    .filter(e => !BY_FORM.has(`${e.method} ${e.path}`))
    .map(e => `${at(e)}: ${PERSONAS.map(p => ('access' in e ? shown(e.access[p]) : String(e[p]))).join(' | ')}`)
    .sort();
}

/** Whoever is let in by role or as the owner: one check may be both (`own_post` asks for the author or an editor). */
const RIGHTS = /authorization|ownership/;
const ALONG: Record<string, RegExp> = { authz: RIGHTS, ownership: RIGHTS, csrf: /CSRF/ };

const written = (c: Contract): Endpoint[] => c.endpoints.filter(e => !e.implicit);

describe('the blog and its ports', () => {
  let clean: CheckResult;
  let faulty: CheckResult;

  beforeAll(async () => {
    clean = await compare('rust-clean');
    faulty = await compare('rust-faulty');
  });

  test('the faithful port has no finding, and nothing in it was left open', () => {
    expect(clean.findings).toEqual([]);
    expect(clean.problems).toEqual([]);
    expect(clean.summary).toMatchObject({ pairs: 52, same: 52, differs: 0, cannotTell: 0 });
    expect(clean.summary.python).toMatchObject({ endpoints: 52, unresolved: 0, gaps: 0, unpaired: 0 });
    expect(clean.summary.rust).toMatchObject({ endpoints: 52, unresolved: 0, gaps: 0, unpaired: 0 });
  });

  test.each(['python', 'rust'] as const)('who may come in where: %s', side => {
    const wanted = json<Access[]>('access.json');
    expect(accessOf(written(clean[side]))).toEqual(accessOf(wanted));
    const login = written(clean[side]).filter(e => BY_FORM.has(at(e)));
    expect(login.map(e => [at(e), e.guards.filter(g => g.strength === 'required' && g.kind !== 'state')])).toEqual([
      ['GET /login', []],
      ['POST /login', []],
    ]);
  });

  test('the faulty port has exactly the planted faults', () => {
    expect(differences(json<Planted[]>('expected-faulty.json'), faulty.findings)).toEqual([]);
  });

  test('what went along with a lost guard is named with it, and the handlers that repeat one', () => {
    const planted = json<Planted[]>('expected-faulty.json').filter(p => !p.missing && !p.spurious);
    const unnamed = planted.flatMap(p => {
      const messages = faulty.findings
        .filter(f => [p.rule, ...(p.or ?? [])].includes(f.rule) && places(f).includes(at(p)))
        .map(f => f.message)
        .join('\n');
      return (p.kinds ?? [])
        .slice(1)
        .filter(k => !ALONG[k]!.test(messages))
        .map(k => `${at(p)} ${k}`);
    });
    expect(unnamed).toEqual([]);
    const repeated = planted.filter(p => p.handlers).map(p => p.handlers);
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
    expect(handlers).toEqual(repeated.map(h => [...(h ?? [])].sort()));
  });
});
