/** What `npm run verify:apps` reads. The run itself builds and starts the applications and is no part of these tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { endpointKey } from '../../src/contract/path-template.js';
import { PROBE_SCHEMA } from '../../src/probe/settings.js';
import type { ProbeSettings } from '../../src/probe/types.js';

const APPS = 'fixtures/apps';
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(APPS, ...path), 'utf8')) as T;
const pairs = readdirSync(APPS).filter(name => existsSync(join(APPS, name, 'verify.json')));

test('there are such pairs', () => expect(pairs).toEqual(expect.arrayContaining(['blog', 'projects'])));

describe.each(pairs)('%s', pair => {
  const plan = json<{
    probe: ProbeSettings;
    env: Record<string, string>;
    known: { at: string; why: string }[];
    clean: string;
    faulty: string;
  }>(pair, 'verify.json');

  test('the requests are well-formed, and to endpoints that there are', () => {
    const validate = new Ajv({ strictTypes: false }).compile(PROBE_SCHEMA);
    expect([validate(plan.probe), validate.errors]).toEqual([true, null]);
    const known = new Set(json<{ method: string; path: string }[]>(pair, 'access.json').map(endpointKey));
    const asked = (plan.probe.requests ?? []).map(r => {
      const [method = '', path = ''] = r.endpoint.split(' ');
      return endpointKey({ method, path });
    });
    expect(asked.filter(key => !known.has(key))).toEqual([]);
    expect(Object.keys(plan.probe.personas ?? {}).sort()).toEqual(expect.arrayContaining(['entitled', 'signedIn']));
  });

  test('the ports are binaries of the workspace, and a known defect has a reason', () => {
    for (const port of ['clean', 'faulty'] as const)
      expect(readFileSync(join(APPS, pair, `rust-${port}`, 'Cargo.toml'), 'utf8')).toContain(`name = "${plan[port]}"`);
    expect(plan.known.filter(k => !/^(python|clean|faulty) \S/.test(k.at) || k.why === '')).toEqual([]);
  });
});
