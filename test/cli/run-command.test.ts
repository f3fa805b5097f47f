import { readFileSync } from 'node:fs';
import { run } from '../../src/cli/run-command.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const root = tree({ 'py/a.py': 'x = 1\n', 'rs/a.rs': 'fn f() {}\n', 'docs/a.md': '', file: '', 'bad.json': '{' });

async function parity(...argv: string[]) {
  const text = { out: '', err: '' };
  const code = await run(argv, { out: s => void (text.out += s), err: s => void (text.err += s), env: {}, cwd: root, terminal: false });
  return { code, ...text };
}

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await parity('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test('help goes to standard output', async () => {
  const { code, out, err } = await parity('check', '--help');
  expect([code, out.includes('--fail-on'), err]).toEqual([0, true, '']);
});

test.each<[string[], string]>([
  [[], "parity: a command is needed: check, contract, explain or probe\nTry 'parity --help'.\n"],
  [['check', 'py'], 'parity: two folders are needed, 1 given: parity check PYTHON RUST\n'],
  [['check', 'py', 'none'], 'parity: no such folder: none\n'],
  [['check', 'file', 'rs'], 'parity: file is no folder; give the folder of the application\n'],
  [['check', 'py', 'py'], 'parity: both arguments are the same folder: py\n'],
  [['check', 'rs', 'py'], 'parity: the arguments are swapped; the Python folder comes first: parity check py rs\n'],
  [['contract', 'none'], 'parity: no such folder: none\n'],
  [['check', 'py', 'rs', '--config', 'none.toml'], 'parity: the configuration none.toml cannot be read (ENOENT)\n'],
  [['explain', '/none', 'py', 'rs'], 'parity: neither side has an endpoint /none; parity contract DIR lists those of a side\n'],
])('%j is wrong use', async (argv, says) => expect(await parity(...argv)).toEqual({ code: 2, out: '', err: says }));

test('an unknown rule names the known ones', async () => {
  const { code, err } = await parity('explain', 'none');
  expect([code, /^parity: there is no rule none; the rules are: .*\bguard-missing\b/.test(err)]).toEqual([2, true]);
});

test('a rule is explained by its page', async () => {
  const { code, out } = await parity('explain', 'guard-missing');
  expect([code, out]).toEqual([0, readFileSync('src/checks/guard-missing/doc.md', 'utf8')]);
});

test.each<[string[], RegExp]>([
  [['check', 'py', 'rs'], /no endpoints were found on the Python side[\s\S]*no endpoints were found on the Rust side/],
  [['check', 'py', 'docs'], /docs holds no Rust files\n/],
  [['contract', 'py'], /no known web framework was found on the Python side/],
  [['contract', 'py', '--side', 'rust'], /py holds no Rust files \(but 1 Python file\)/],
  [['contract', 'docs'], /docs holds no Python or Rust files/],
])('%j gives no answer to trust, and says why', async (argv, says) => {
  const { code, err } = await parity(...argv);
  expect(err).toMatch(says);
  expect(code).toBe(3);
});
