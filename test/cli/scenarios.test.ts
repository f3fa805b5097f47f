/** The commands as a user meets them, on the pair of applications that ships. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema } from 'ajv';
import { run } from '../../src/cli/run-command.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const BLOG = join(process.cwd(), 'fixtures/apps/blog');
const PYTHON = join(BLOG, 'python');
const CLEAN = join(BLOG, 'rust-clean');
const FAULTY = join(BLOG, 'rust-faulty');

const room = tree({
  'docs/readme.md': '# no sources\n',
  'plain/a.py': 'x = 1\n',
  file: '',
  'strict.toml': 'strict = true\nfail-on = "none"\n',
});
const bottleApp = "from bottle import route\n\n\n@route('/a')\ndef a():\n    return 'a'\n";

async function parity(argv: string[], { terminal = false, env = {} }: { terminal?: boolean; env?: Record<string, string> } = {}) {
  const text = { out: '', err: '' };
  const code = await run(argv, { out: s => void (text.out += s), err: s => void (text.err += s), env, cwd: room, terminal });
  return { code, ...text };
}

interface Report {
  summary: { pairs: number; same: number; differs: number; cannotTell: number; findings: Record<string, number> };
  findings: { rule: string; severity: string; endpoint: { method: string; path: string }; fingerprint: string }[];
}
const schema = (file: string): AnySchema => JSON.parse(readFileSync(file, 'utf8')) as AnySchema;
const read = <T>(file: string): T => JSON.parse(readFileSync(join(room, file), 'utf8')) as T;
const lines = (text: string): number => text.split('\n').length;

describe('check', () => {
  test('a faithful port: nothing to say, 0', async () => {
    const { code, out, err } = await parity(['check', PYTHON, CLEAN, '--strict', '--fail-on', 'note']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^52 endpoints paired: 52 same, 0 differ, 0 cannot be told\nfindings: 0 errors, 0 warnings, 0 notes\n/);
  });

  test('a faulty port: findings, 1, and every report in its own file', async () => {
    const files = { text: 'out/report.txt', json: 'out/report.json', sarif: 'out/report.sarif' };
    const formats = Object.entries(files).flatMap(([format, file]) => ['--format', `${format}=${file}`]);
    const { code, out, err } = await parity(['check', PYTHON, FAULTY, ...formats]);
    expect([code, out, err]).toEqual([1, '', '']);

    const json = read<Report>(files.json);
    expect(new Ajv({ allowUnionTypes: true }).validate(schema('src/report/json/schema.json'), json)).toBe(true);
    expect(json.summary.findings.error).toBeGreaterThan(0);
    const { same, differs, cannotTell } = json.summary;
    expect([same + differs + cannotTell, cannotTell]).toEqual([json.summary.pairs, 0]);
    expect(json.findings).toContainEqual(
      expect.objectContaining({
        rule: 'guard-missing',
        severity: 'error',
        endpoint: { method: 'POST', path: '/admin/users/{user_id}/delete' },
      }),
    );

    // The three say the same.
    const sarif = read<{ runs: { results: { ruleId: string; level: string }[]; invocations: { exitCode: number }[] }[] }>(files.sarif)
      .runs[0]!;
    expect(sarif.results.map(r => r.ruleId).sort()).toEqual(json.findings.map(f => f.rule).sort());
    expect(sarif.invocations[0]!.exitCode).toBe(1);
    const text = readFileSync(join(room, files.text), 'utf8');
    expect([...text.matchAll(/^(?:error|warning|note)\[([\w-]+)\]/gm)].map(m => m[1])).toEqual(json.findings.map(f => f.rule));
  });

  test('the gate: errors are let through, or everything fails', async () => {
    expect((await parity(['check', PYTHON, FAULTY, '--fail-on', 'none'])).code).toBe(0);
    expect((await parity(['check', PYTHON, FAULTY, '--fail-on', 'warning'])).code).toBe(1);
  });

  test('the configuration gates, and options win over it', async () => {
    expect((await parity(['check', PYTHON, FAULTY, '--config', 'strict.toml'])).code).toBe(0);
    expect((await parity(['check', PYTHON, FAULTY, '--config', 'strict.toml', '--fail-on', 'error'])).code).toBe(1);
  });

  test('one report on standard output, one in a file', async () => {
    const { code, out } = await parity(['check', PYTHON, CLEAN, '--format', 'json', '--format', 'text=clean.txt']);
    expect([code, (JSON.parse(out) as Report).findings]).toEqual([0, []]);
    expect(readFileSync(join(room, 'clean.txt'), 'utf8')).toContain('52 same');
  });

  test('the same twice', async () => {
    const args = ['check', PYTHON, FAULTY, '--format', 'sarif'];
    expect((await parity(args)).out).toBe((await parity(args)).out);
  });

  test('a report that cannot be written is wrong use', async () => {
    const { code, err } = await parity(['check', PYTHON, CLEAN, '--format', 'json=file/report.json']);
    expect([code, err]).toEqual([2, expect.stringMatching(/^parity: the report file\/report\.json cannot be written \(E/)]);
  });

  test.each<[string, string[], string | RegExp]>([
    ['both arguments the same', [FAULTY, FAULTY], /^parity: both arguments are the same folder: /],
    ['the same by another spelling', [FAULTY, join(FAULTY, 'src', '..')], /^parity: both arguments are the same folder: /],
    ['swapped', [FAULTY, PYTHON], `parity: the arguments are swapped; the Python folder comes first: parity check ${PYTHON} ${FAULTY}\n`],
    ['no directory', ['file', FAULTY], 'parity: file is no folder; give the folder of the application\n'],
    ['nothing there', [PYTHON, 'missing'], 'parity: no such folder: missing\n'],
    ['one folder', [PYTHON], 'parity: two folders are needed, 1 given: parity check PYTHON RUST\n'],
  ])('%s: 2', async (_, folders, says) => {
    const { code, out, err } = await parity(['check', ...folders]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
  });

  test.each<[string, string[], RegExp]>([
    ['a Python side without a framework', ['plain', FAULTY], /no endpoints were found on the Python side/],
    ['a Rust side without sources', [PYTHON, 'docs'], /docs holds no Rust files\n[\s\S]*no endpoints were found on the Rust side/],
  ])('%s: 3', async (_, folders, says) => {
    const { code, err } = await parity(['check', ...folders]);
    expect(err).toMatch(says);
    expect(code).toBe(3);
  });

  test('what was not understood: 3 under --strict alone', async () => {
    const at = tree({ 'a.py': `${bottleApp}\n\n@route(open('paths').read())\ndef b():\n    return 'b'\n` });
    expect((await parity(['check', at, FAULTY, '--fail-on', 'none'])).code).toBe(0);
    const { code, err } = await parity(['check', at, FAULTY, '--fail-on', 'none', '--strict']);
    expect([code, err]).toEqual([3, expect.stringMatching(/not (resolved|understood) on the Python side \(--strict\)/)]);
  });
});

describe('colour', () => {
  const args = ['check', PYTHON, FAULTY];
  const ansi = String.fromCharCode(27);

  test('on a terminal only, and never in a file', async () => {
    expect((await parity(args, { terminal: true })).out).toContain(ansi);
    expect((await parity(args)).out).not.toContain(ansi);
    await parity([...args, '--color', '--format', 'text=plain.txt'], { terminal: true });
    expect(readFileSync(join(room, 'plain.txt'), 'utf8')).not.toContain(ansi);
  });

  test('NO_COLOR takes the colour and nothing else', async () => {
    const plain = await parity(args, { terminal: true, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain(ansi);
    expect(lines(plain.out)).toBe(lines((await parity(args, { terminal: true })).out));
  });
});

describe('contract', () => {
  test.each([
    ['python', PYTHON],
    ['rust', CLEAN],
  ])('of %s: a table with one line for each endpoint, and JSON that fits its schema', async (side, folder) => {
    const json = await parity(['contract', folder, '--format', 'json', '--format', 'text=table.txt']);
    const contract = JSON.parse(json.out) as { side: string; endpoints: { method: string; path: string; implicit?: boolean }[] };
    expect([json.code, contract.side]).toEqual([0, side]);
    const ajv = new Ajv({ allowUnionTypes: true, allErrors: true });
    expect([ajv.validate(schema('src/contract/schema.json'), contract), ajv.errors]).toEqual([true, null]);
    const table = readFileSync(join(room, 'table.txt'), 'utf8');
    for (const e of contract.endpoints)
      expect(table).toMatch(new RegExp(`^${e.method.replace('*', '\\*')} +${e.path.replace(/[{}*]/g, '\\$&')} `, 'm'));
  });
});

describe('explain', () => {
  test('an endpoint: the way of a request on both sides, and what follows', async () => {
    const { code, out, err } = await parity(['explain', 'POST /admin/settings', PYTHON, FAULTY]);
    expect([code, err]).toEqual([0, '']);
    for (const part of [
      'Python  POST /admin/settings',
      'Rust  POST /admin/settings',
      'blog/routes/settings.py:',
      'src/routes/settings.rs:',
      'Role.ADMINISTRATOR',
      'guard-missing',
    ]) {
      expect(out).toContain(part);
    }
  });

  test('a path alone: every method of it', async () => {
    const { out } = await parity(['explain', '/admin/settings', PYTHON, CLEAN]);
    expect(['GET', 'POST'].map(method => out.includes(`Rust  ${method} /admin/settings`))).toEqual([true, true]);
  });

  test('every rule has a page', async () => {
    const { err } = await parity(['explain', 'none']);
    const rules = /the rules are: (.*)\n/.exec(err)![1]!.split(', ');
    expect(rules.length).toBeGreaterThan(10);
    for (const rule of rules) {
      const { code, out } = await parity(['explain', rule]);
      expect([rule, code, out.startsWith(`# ${rule}\n`), existsSync(join('src/checks', rule, 'doc.md'))]).toEqual([rule, 0, true, true]);
    }
  });

  test('an endpoint that nobody has is wrong use', async () => {
    const { code, err } = await parity(['explain', 'DELETE /nobody', PYTHON, CLEAN]);
    expect([code, err]).toEqual([2, 'parity: neither side has an endpoint DELETE /nobody; parity contract DIR lists those of a side\n']);
  });
});
