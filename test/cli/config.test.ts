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
    'UsageError: the configuration parity.yml is wrong: /probe must NOT have additional properties: persona',
  );
});

test('none and an empty one say nothing', async () => {
  expect(await load({})).toEqual({});
  expect(await load({ 'parity.yaml': '' })).toEqual({});
});

test.each([
  [{}, 'gone.toml', 'the configuration gone.toml cannot be read (ENOENT)'],
  [{ 'c.toml': 'a = ' }, 'c.toml', 'the configuration c.toml is not well-formed: Invalid TOML document: invalid value'],
  [{ 'c.json': '[1]' }, 'c.json', 'the configuration c.json is wrong: it must be object'],
  [{ 'c.json': '{"alias": []}' }, 'c.json', 'the configuration c.json is wrong: it must NOT have additional properties: alias'],
  [{ 'c.json': '{"strict": "yes"}' }, 'c.json', 'the configuration c.json is wrong: /strict must be boolean'],
  [
    { 'c.json': '{"aliases": [{"from": "a", "to": "/b"}]}' },
    'c.json',
    'the configuration c.json is wrong: /aliases/0/from must match pattern "^/"',
  ],
])('%j', async (files, given, says) => expect(await load(files as Record<string, string>, given)).toBe(`UsageError: ${says}`));
