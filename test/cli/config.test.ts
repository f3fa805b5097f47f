import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/cli/config.js';
import type { Io } from '../../src/cli/io.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const load = (files: Record<string, string>, given?: string) => {
  const cwd = tree(files);
  return loadConfig(given, { cwd } as Io).catch((error: Error) => `${error.name}: ${error.message.replace(join(cwd, '/'), '')}`);
};

test('every form says the same', async () => {
  const expected = { aliases: [{ from: '/a', to: '/b' }], strict: true, 'fail-on': 'note' };
  expect(await load({ 'parity.toml': 'strict = true\nfail-on = "note"\n[[aliases]]\nfrom = "/a"\nto = "/b"\n' })).toEqual(expected);
  expect(await load({ 'parity.yml': 'strict: true\nfail-on: note\naliases:\n  - from: /a\n    to: /b\n' })).toEqual(expected);
  expect(await load({ 'x/c.json': JSON.stringify(expected) }, 'x/c.json')).toEqual(expected);
});

test('the example of the section `probe` in the manual is accepted', async () => {
  const [, example] = /```yaml\n(probe:[\s\S]*?)```/.exec(readFileSync('docs/usage.md', 'utf8')) ?? [];
  expect(await load({ 'parity.yml': example! })).toMatchObject({ probe: { personas: { entitled: { login: [{}, {}] } }, rust: {} } });
  expect(await load({ 'parity.yml': 'probe: { persona: {} }' })).toBe(
    'UsageError: the configuration parity.yml:1 is wrong: `probe.persona` is no key; personas, invalid, parameters, lacking, requests, python, rust are',
  );
});

test('none and an empty one say nothing', async () => {
  expect(await load({})).toEqual({});
  expect(await load({ 'parity.yaml': '' })).toEqual({});
});

test('two of them are one too many', async () => {
  expect(await load({ 'parity.toml': 'strict = true\n', 'parity.json': '{}' })).toBe(
    'UsageError: there is more than one configuration: parity.toml, parity.json; keep one, or name one with --config',
  );
  expect(await load({ 'parity.toml': 'strict = true\n', 'parity.json': '{}' }, 'parity.toml')).toEqual({ strict: true });
});

const MANY = `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefgh'].map((n, i) => `${n}: &${n} [${`*${'abcdefg'[i]},`.repeat(9)}]\n`).join('')}`;

test.each<[Record<string, string>, string, string]>([
  [{}, 'gone.toml', 'gone.toml cannot be read (ENOENT)'],
  [{ 'c.ini': 'strict = true' }, 'c.ini', 'c.ini has none of the endings .toml, .yml, .yaml, .json'],
  [{ 'c.toml': 'a = ' }, 'c.toml', 'c.toml is not well-formed: Invalid TOML document: invalid value at line 1, column 5'],
  [
    { 'c.yml': 'a: [1' },
    'c.yml',
    'c.yml is not well-formed: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6',
  ],
  [
    { 'c.yml': '? !!js/function x : 1' },
    'c.yml',
    'c.yml is not well-formed: Unresolved tag: tag:yaml.org,2002:js/function at line 1, column 3',
  ],
  [{ 'c.yml': MANY }, 'c.yml', 'c.yml is not well-formed: Excessive alias count indicates a resource exhaustion attack'],
  [{ 'c.json': '[1]' }, 'c.json', 'c.json is wrong: it is a list; expected keys with values'],
  [{ 'c.json': '{\n "alias": []}' }, 'c.json', 'c.json:2 is wrong: `alias` is no key; aliases, fail-on, strict, probe are'],
  [{ 'c.json': '{"strict": "yes"}' }, 'c.json', 'c.json:1 is wrong: `strict` is "yes"; expected true or false'],
  [{ 'c.toml': '\nfail-on = "warn"' }, 'c.toml', 'c.toml:2 is wrong: `fail-on` is "warn"; expected one of error, warning, note, none'],
  [
    { 'c.yml': 'aliases:\n- to: /b\n  from: a\n' },
    'c.yml',
    'c.yml:3 is wrong: `aliases[0].from` is "a"; expected a path that begins with /',
  ],
  [{ 'c.yml': 'aliases:\n- from: /a\n' }, 'c.yml', 'c.yml:2 is wrong: `aliases[0]` lacks `to`'],
  [{ 'c.yml': 'aliases: { a: b }\n' }, 'c.yml', 'c.yml:1 is wrong: `aliases` is keys with values; expected a list'],
  [
    { 'c.toml': '[[aliases]]\nfrom = "/a"\nto = "b"\n[[aliases]]\nfrom = "/a"\nto = "/b"' },
    'c.toml',
    'c.toml is wrong: `aliases[0].to` is "b"; expected a path that begins with /',
  ],
  [
    { 'c.yml': 'probe:\n  requests:\n    - endpoint: /a\n' },
    'c.yml',
    'c.yml:3 is wrong: `probe.requests[0].endpoint` is "/a"; expected a method and a path, such as GET /posts/{id}',
  ],
  [
    { 'c.json': '{"__proto__": 1, "\\u001b[31m": 1}' },
    'c.json',
    'c.json:1 is wrong: `__proto__` is no key; aliases, fail-on, strict, probe are',
  ],
  [{ 'c.json': '{"\\u001b[31m": 1}' }, 'c.json', 'c.json:1 is wrong: `\\u{1b}[31m` is no key; aliases, fail-on, strict, probe are'],
])('%j', async (files, given, says) => expect(await load(files, given)).toBe(`UsageError: the configuration ${says}`));
