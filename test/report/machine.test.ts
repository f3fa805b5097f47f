import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { serialize } from '../../src/contract/serialize.js';
import { render as json } from '../../src/report/json/index.js';
import { render as sarif } from '../../src/report/sarif/index.js';
import { lineHashes } from '../../src/report/sarif/line-hash.js';
import { authn, check } from '../checks/builder.js';
import { hostile, sample } from './sample.js';

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });
const errors = (schema: object, data: unknown) => {
  const validate = ajv.compile(schema);
  validate(data);
  return (validate.errors ?? []).map(e => `${e.instancePath} ${e.message}`);
};

const resultSchema = read('../../src/report/json/schema.json');
const contractSchema = read('../../src/contract/schema.json');
const sarifSchema = read('./sarif-subset.schema.json');

describe('json', () => {
  test.each([
    ['a result with everything', sample],
    ['hostile names', hostile],
    ['nothing', () => check({}, {})],
  ])('%s is valid', (_, make) => {
    expect(errors(resultSchema, JSON.parse(json(make())))).toEqual([]);
  });

  test('the schema refuses what it does not know', () => {
    const data = JSON.parse(json(sample()));
    data.findings[0].line = 3;
    delete data.findings[1].fingerprint;
    expect(errors(resultSchema, data)).toHaveLength(2);
  });

  test('both contracts are valid, and are not repeated in the result', () => {
    const result = sample();
    for (const c of [result.python, result.rust, hostile().rust]) expect(errors(contractSchema, JSON.parse(serialize(c)))).toEqual([]);
    expect(Object.keys(JSON.parse(json(result))).sort()).toEqual(['findings', 'pairs', 'problems', 'summary', 'timings', 'version']);
  });
});

describe('sarif', () => {
  const options = { version: '1.2.3', exitCode: 1, roots: { python: 'py', rust: './rs/' } };
  const log = JSON.parse(sarif(sample(), options));
  const run = log.runs[0];

  test.each([
    ['a result with everything', sample],
    ['hostile names', hostile],
    ['nothing', () => check({}, {})],
  ])('%s is valid', (_, make) => {
    expect(errors(sarifSchema, JSON.parse(sarif(make(), options)))).toEqual([]);
  });

  test('a result stands in the port and links to the original', () => {
    const r = run.results.find((x: { ruleId: string }) => x.ruleId === 'guard-missing');
    expect(r.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'rs/src/main.rs', uriBaseId: 'SRCROOT' },
      region: {
        startLine: 3,
        startColumn: 14,
        endLine: 3,
        endColumn: 62,
        snippet: { text: 'pub async fn delete_blog(Path(id): Path<i64>) -> StatusCode {' },
      },
    });
    expect(
      r.relatedLocations.map((l: { id: number; physicalLocation: { artifactLocation: { uri: string } } }) => [
        l.id,
        l.physicalLocation.artifactLocation.uri,
      ]),
    ).toEqual([
      [1, 'rs/src/main.rs'],
      [2, 'py/app.py'],
    ]);
    expect(r.message.text).toContain('- [app.py:5](2): `login_required` refuses with 302');
    expect(r.partialFingerprints).toEqual({
      primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]+:1$/),
      'parityContract/v1': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test('an endpoint that the port lacks stands in the original', () => {
    const r = run.results.find((x: { ruleId: string; properties: { endpoint: string } }) => x.ruleId === 'endpoint-missing');
    expect(r.locations[0].physicalLocation.artifactLocation.uri).toBe('py/app.py');
  });

  test('an original outside of the repository is spoken of in words, and no path of it is taken for one of the port', () => {
    const away = { ...options, roots: { python: undefined, rust: 'rs' } };
    const log = sarif(sample(), away);
    expect(errors(sarifSchema, JSON.parse(log))).toEqual([]);
    expect(errors(sarifSchema, JSON.parse(sarif(hostile(), away)))).toEqual([]);
    const uris = [...log.matchAll(/"uri": "(.*)"/g)].map(m => m[1]);
    expect([...new Set(uris)].sort()).toEqual(['rs/Cargo.toml', 'rs/helpers', 'rs/src/main.rs']);
    const found = JSON.parse(log).runs[0].results;
    const by = (rule: string) => found.find((x: { ruleId: string }) => x.ruleId === rule);
    expect(by('guard-missing').message.text).toContain('\n- in the original, app.py:5: `login_required` refuses with 302');
    expect(by('guard-missing').codeFlows).toBeUndefined();
    expect(by('endpoint-missing').locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'rs/Cargo.toml', uriBaseId: 'SRCROOT' },
      region: { startLine: 1 },
    });
  });

  test('one cause for many endpoints counts them', () => {
    const many = run.results.find((x: { properties: { endpoints?: string[] } }) => x.properties.endpoints);
    expect(many.message.text).toMatch(/^10 endpoints: /);
  });

  test('every rule index, taxonomy index and notification index is right', () => {
    const { driver } = run.tool;
    for (const r of run.results) expect(driver.rules[r.ruleIndex].id).toBe(r.ruleId);
    for (const rule of driver.rules) expect(rule.name.toLowerCase()).not.toBe(rule.id);
    for (const rule of driver.rules)
      for (const rel of rule.relationships) expect(run.taxonomies[0].taxa[rel.target.index].id).toBe(rel.target.id);
    for (const n of run.invocations[0].toolExecutionNotifications)
      expect(driver.notifications[n.descriptor.index].id).toBe(n.descriptor.id);
    for (const t of run.taxonomies[0].taxa) expect(t.shortDescription.text).not.toBe(t.id);
    expect(run.invocations[0].toolExecutionNotifications.map((n: { descriptor: { id: string } }) => n.descriptor.id)).toEqual([
      'syntax-error',
    ]);
  });

  test('no name of the analysed code opens a link', () => {
    expect(sarif(hostile(), options)).not.toContain('](http');
  });

  test('is cut at 5000 results, the gravest first, and says so', () => {
    const names = Array.from({ length: 5003 }, (_, i) => `GET /${i}`);
    const all = (spec: object) => Object.fromEntries(names.map(n => [n, spec]));
    const cut = JSON.parse(sarif(check({ ...all({ guards: [authn()] }), 'GET /gone': {} }, all({})), options)).runs[0];
    expect(cut.results).toHaveLength(5000);
    expect(new Set(cut.results.map((r: { level: string }) => r.level))).toEqual(new Set(['error']));
    expect(cut.invocations[0].toolExecutionNotifications.map((n: { message: { text: string } }) => n.message.text)).toEqual([
      '4 findings of the least severity were left out',
    ]);
  });
});

describe('line hashes', () => {
  /** The same sum, written with whole 64-bit numbers and no window. */
  function slow(text: string, start: number): string {
    const rest = text.slice(start).replace(/\r\n?/g, '\n').replace(/[ \t]/g, '');
    const units = [...Array.from({ length: rest.length }, (_, i) => rest.charCodeAt(i)), 65535];
    let sum = 0n;
    for (let i = 0; i < 100; i++) sum = BigInt.asUintN(64, sum * 37n + BigInt(units[i] ?? 0));
    return sum.toString(16);
  }

  test('the known value of the empty text', () => {
    expect(lineHashes('')).toEqual(['', 'c129715d7a2bc9a3:1']);
  });

  test('equals the definition on every line, and counts repetitions', () => {
    const text = `fn main() {\n\tlet x = "${'é'.repeat(150)}";\r\n}\n\n}\n\n// ${'z'.repeat(300)}\nend`;
    const starts = [0, ...[...text.matchAll(/\n/g)].map(m => m.index + 1)];
    const seen = new Map<string, number>();
    const expected = starts.map(s => {
      const h = slow(text, s);
      seen.set(h, (seen.get(h) ?? 0) + 1);
      return `${h}:${seen.get(h)}`;
    });
    expect(lineHashes(text).slice(1)).toEqual(expected);
  });
});
