/** A run that finds the work of an earlier one says the same, to the byte; and it finds it only where nothing that counts has changed. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { ContractCache } from '../../src/cache/contracts.js';
import { run } from '../../src/cli/run-command.js';
import { serialize } from '../../src/contract/serialize.js';
import type { Side } from '../../src/contract/types.js';
import { render as json } from '../../src/report/json/index.js';
import { render as sarif } from '../../src/report/sarif/index.js';
import { render as text } from '../../src/report/terminal/index.js';
import { analyse, check } from '../../src/run.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

/** Everything that is told of a pair, as bytes, and whether it was found in the cache. */
async function told(app: string, cache?: ContractCache) {
  const { timings, ...result } = await check(join(app, 'python'), join(app, 'rust-faulty'), { cache });
  const reports = {
    python: serialize(result.python),
    rust: serialize(result.rust),
    json: json(result),
    text: text(result),
    sarif: sarif(result, { version: '0', exitCode: 1, exitCodeDescription: '', roots: { python: 'a', rust: 'b' } }),
  };
  return { reports, made: Object.keys(timings ?? {}).filter(phase => phase.endsWith('evaluate')) };
}

const cacheIn = (folder: string, build = '1'): ContractCache => new ContractCache(folder, [], { build });

test.each(readdirSync('fixtures/apps', { withFileTypes: true }).flatMap(e => (e.isDirectory() ? [e.name] : [])))(
  '%s: cold, warm and without a cache',
  async name => {
    const app = join('fixtures/apps', name);
    const folder = tree({});
    const without = await told(app);
    const cold = await told(app, cacheIn(folder));
    const warm = await told(app, cacheIn(folder));
    expect([without.made.length, cold.made.length, warm.made.length]).toEqual([2, 2, 0]);
    expect(cold.reports).toEqual(without.reports);
    expect(warm.reports).toEqual(without.reports);
    expect(without.reports.text).toContain('error[');
  },
);

const PYTHON = {
  'app.py': "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/a')\ndef a():\n    return 'a'\n",
  'more/b.py': 'B = 1\n',
  'requirements.txt': 'flask==3.0.0\n',
  'README.md': '# a\n',
};

/** Was the contract of `root` found, and is it what a run without a cache makes? */
async function found(root: string, cache: ContractCache, side: Side = 'python'): Promise<boolean> {
  const { contract, timings } = await analyse(root, side, { cache });
  expect(serialize(contract)).toBe(serialize((await analyse(root, side)).contract));
  return !('evaluate' in timings);
}

test.each<[string, boolean, (root: string) => void]>([
  ['nothing', true, () => {}],
  ['the time of a file', true, root => writeFileSync(join(root, 'app.py'), PYTHON['app.py'])],
  ['what is no part of the application', true, root => writeFileSync(join(root, 'README.md'), 'b')],
  ['a file', false, root => writeFileSync(join(root, 'app.py'), `${PYTHON['app.py']}\n`)],
  ['a file that nothing imports', false, root => writeFileSync(join(root, 'more/b.py'), 'B = 2\n')],
  ['a new file', false, root => writeFileSync(join(root, 'c.py'), '')],
  ['a file that is gone', false, root => rmSync(join(root, 'more/b.py'))],
  ['the name of a file', false, root => renameSync(join(root, 'more/b.py'), join(root, 'more/c.py'))],
  ['two files that changed places', false, root => swap(join(root, 'app.py'), join(root, 'more/b.py'))],
  ['a version in the manifest', false, root => writeFileSync(join(root, 'requirements.txt'), 'flask==2.0.0\n')],
  ['a manifest that is wrong now', false, root => writeFileSync(join(root, 'pyproject.toml'), '[[')],
  ['what git ignores', false, root => writeFileSync(join(root, '.gitignore'), 'more/\n')],
  ['a link that leads out', false, root => symlinkSync('/', join(root, 'out'))],
  ['a file that is no text any more', false, root => writeFileSync(join(root, 'more/b.py'), Buffer.from([0]))],
])('after a change of %s it is found: %s', async (_what, still, change) => {
  const folder = tree({});
  const root = tree(PYTHON);
  expect(await found(root, cacheIn(folder))).toBe(false);
  change(root);
  expect(await found(root, cacheIn(folder))).toBe(still);
  expect(await found(root, cacheIn(folder))).toBe(true);
});

test('it is found wherever the application lies, as long as its folder has the same name', async () => {
  const folder = tree({});
  const root = tree(PYTHON);
  expect(await found(root, cacheIn(folder))).toBe(false);
  const [copy, other] = [join(tree({}), basename(root)), join(tree({}), 'other')];
  for (const to of [copy, other]) cpSync(root, to, { recursive: true });
  expect([await found(copy, cacheIn(folder)), await found(other, cacheIn(folder))]).toEqual([true, false]);
});

test('another build, and the other language, find nothing of it', async () => {
  const folder = tree({});
  const root = tree({ ...PYTHON, 'main.rs': 'fn main() {}\n' });
  expect(await found(root, cacheIn(folder))).toBe(false);
  expect(await found(root, cacheIn(folder, '2'))).toBe(false);
  expect(await found(root, cacheIn(folder), 'rust')).toBe(false);
  expect([await found(root, cacheIn(folder)), await found(root, cacheIn(folder, '2')), await found(root, cacheIn(folder), 'rust')]).toEqual(
    [true, true, true],
  );
});

test('texts that stand for those on the disk have entries of their own', async () => {
  const cache = cacheIn(tree({}));
  const root = tree(PYTHON);
  const overlay = new Map([['app.py', PYTHON['app.py'].replace("'/a'", "'/b'")]]);
  const paths = async (): Promise<string[][]> =>
    Promise.all([analyse(root, 'python', { cache, overlay }), analyse(root, 'python', { cache })]).then(all =>
      all.map(a => a.contract.endpoints.filter(e => !e.implicit).map(e => e.path)),
    );
  expect([await paths(), await paths()]).toEqual([
    [['/b'], ['/a']],
    [['/b'], ['/a']],
  ]);
});

test('an entry that says something else is made anew', async () => {
  const folder = tree({});
  const root = tree(PYTHON);
  await found(root, cacheIn(folder));
  const inner = join(folder, 'contracts');
  const [name = ''] = readdirSync(inner);
  const good = readFileSync(join(inner, name), 'utf8');
  writeFileSync(join(inner, name), good.replace('"/a"', '"/b"'));
  expect(await found(root, cacheIn(folder))).toBe(false);
  expect(readFileSync(join(inner, name), 'utf8')).toBe(good);
  expect(await found(root, cacheIn(folder))).toBe(true);
});

describe('the commands', () => {
  const room = tree({ 'own/.keep': '', file: '' });
  const pair = join(process.cwd(), 'fixtures/apps/helpdesk');
  const app = tree(Object.fromEntries(Object.entries(PYTHON).map(([name, content]) => [`py/${name}`, content])));
  mkdirSync(join(app, '.git'));
  const none = { HOME: '', XDG_CACHE_HOME: '', LOCALAPPDATA: '' };

  async function parity(argv: string[], env: Record<string, string> = none) {
    const text = { out: '', err: '' };
    const io = { out: (s: string) => void (text.out += s), err: (s: string) => void (text.err += s), env, cwd: room, terminal: false };
    const code = await run(argv, io);
    return { code, out: text.out, cache: text.err.split('\n').filter(line => line.includes('cache:') || line.includes('no cache')) };
  }
  const contract = (options: string[], env?: Record<string, string>) =>
    parity(['contract', join(app, 'py'), '--timings', ...options], env).then(r => r.cache);

  test.each<[string, string[]]>([
    ['check', ['check', join(pair, 'python'), join(pair, 'rust-faulty'), '--format', 'sarif']],
    ['contract', ['contract', join(pair, 'rust-clean'), '--format', 'json']],
    ['explain', ['explain', 'GET /admin/users', join(pair, 'python'), join(pair, 'rust-faulty')]],
  ])('%s says the same from the cache', async (command, argv) => {
    const env = { ...none, PARITY_CACHE_DIR: join(room, command) };
    const without = await parity([...argv, '--no-cache', '--timings'], env);
    expect(without.cache).toEqual([]);
    const cold = await parity([...argv, '--timings'], env);
    const warm = await parity([...argv, '--timings'], env);
    expect(cold.cache.slice(1)).toEqual(expect.arrayContaining([expect.stringMatching(/: not there$/)]));
    expect(warm.cache).toEqual(cold.cache.map(note => note.replace('not there', 'as in an earlier run')));
    expect(new Set([without, cold, warm].map(r => `${r.code}\n${r.out}`)).size).toBe(1);
    expect(without.out.length).toBeGreaterThan(200);
  });

  test('the option wins over the variable, that over the folder of the user', async () => {
    const env = { ...none, HOME: join(room, 'home'), LOCALAPPDATA: join(room, 'home'), PARITY_CACHE_DIR: 'variable' };
    const folder = (notes: string[]): string => dirname(notes[0]!.replace(/^cache: /, ''));
    expect(folder(await contract(['--cache-dir', 'option'], env))).toBe(join(room, 'option'));
    expect(folder(await contract([], env))).toBe(join(room, 'variable'));
    const own = folder(await contract([], { ...env, PARITY_CACHE_DIR: '' }));
    expect([dirname(own).startsWith(join(room, 'home')), own.includes('parity')]).toEqual([true, true]);
  });

  test('a cache that cannot be used is no error, and --timings says why', async () => {
    const says = async (...options: string[]) => (await contract(options)).map(line => line.replaceAll(room, '').replaceAll(app, ''));
    expect(await says()).toEqual(['no cache: the environment names no folder for it']);
    expect(await says('--cache-dir', 'file/x')).toEqual(['no cache in /file/x/contracts: it cannot be made (ENOTDIR)']);
    const inside = 'it lies in a repository that is analysed, whose authors could have filled it';
    expect(await says('--cache-dir', join(app, 'py/cache'))).toEqual([`no cache in /py/cache/contracts: ${inside}`]);
    expect(await says('--cache-dir', join(app, 'beside'))).toEqual([`no cache in /beside/contracts: ${inside}`]);
    mkdirSync(join(room, 'shared/contracts'), { recursive: true });
    chmodSync(join(room, 'shared/contracts'), 0o777);
    expect(await says('--cache-dir', 'shared')).toEqual(['no cache in /shared/contracts: others may write to it']);
    expect([readdirSync(app).sort(), readdirSync(join(room, 'shared/contracts'))]).toEqual([['.git', 'py'], []]);
  });
});

test('what the machine had a say in is not kept', async () => {
  const folder = tree({});
  const root = tree(PYTHON);
  const parser = await import('../../src/syntax/parser.js');
  let gaveUp = true;
  jest.unstable_mockModule('../../src/syntax/parser.js', () => ({
    ...parser,
    withTree: (...args: Parameters<typeof parser.withTree>) => {
      if (gaveUp && args[1] === PYTHON['more/b.py']) throw new parser.ParseFailure('it took too long');
      return parser.withTree(...args);
    },
  }));
  jest.resetModules();
  const fresh = await import('../../src/run.js');
  const problems = async () => (await fresh.analyse(root, 'python', { cache: cacheIn(folder) })).contract.problems.map(p => p.says);
  expect(await problems()).toEqual(['it took too long']);
  expect(readdirSync(join(folder, 'contracts'))).toEqual([]);
  gaveUp = false;
  expect(await problems()).toEqual([]);
  expect(readdirSync(join(folder, 'contracts')).length).toBe(1);
});

function swap(a: string, b: string): void {
  const [inA, inB] = [readFileSync(a), readFileSync(b)];
  writeFileSync(a, inB);
  writeFileSync(b, inA);
}
