/** The first page must not promise what the program does not do. */
import { readFileSync } from 'node:fs';
import { run } from '../../src/cli/run-command.js';

const readme = readFileSync('README.md', 'utf8');

async function parity(...argv: string[]): Promise<string> {
  let text = '';
  await run(argv, { out: s => void (text += s), err: () => {}, env: {}, cwd: process.cwd(), terminal: false });
  return text;
}

test('the quoted output is what the command prints', async () => {
  const [, quoted] = /^```\n(error\[[\s\S]*?)^```$/m.exec(readme) ?? [];
  const out = await parity('check', 'fixtures/apps/blog/python', 'fixtures/apps/blog/rust-faulty');
  const [finding, summary] = quoted!.split('...\n');
  expect(out).toContain(finding);
  // How many there are may change with every check that is added.
  const shape = (text: string): string => text.replace(/\d+/g, 'N');
  expect(shape(out)).toContain(shape(summary!));
});

test('every option is listed, and none that does not exist', async () => {
  const help = (await Promise.all(['check', 'contract', 'explain', 'probe'].map(c => parity(c, '--help')))).join('\n');
  const options = (text: string) => new Set([...text.matchAll(/(?<![\w-])--(?!no-|help|version|save-dev)([a-z][a-z-]+)/g)].map(m => m[1]!));
  expect([...options(readme)].sort()).toEqual([...options(help)].sort());
});
