/** The first page must not promise what the program does not do. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
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

describe('the documents', () => {
  const pages = ['README.md', 'src/ARCHITECTURE.md', ...readdirSync('docs').map(f => join('docs', f))];
  const apps = readdirSync('fixtures/apps', { recursive: true, encoding: 'utf8' }).filter(f => basename(f) === 'README.md');
  const text = new Map([...pages, ...apps.map(f => join('fixtures/apps', f))].map(f => [f, readFileSync(f, 'utf8')]));

  test('link to what exists', () => {
    const broken = [...text].flatMap(([file, page]) =>
      [...page.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
        .filter(([, path, anchor]) => {
          const target = path ? join(dirname(file), path) : file;
          return !existsSync(target) || (anchor && !anchors(readFileSync(target, 'utf8')).includes(anchor));
        })
        .map(([link]) => `${file}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test('name scripts that exist, and every script that takes too long for the tests', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = new Set([...text.values()].flatMap(page => [...page.matchAll(/npm run ([\w:]+)/g)].map(m => m[1]!)));
    expect([...named].filter(name => !(name in scripts))).toEqual([]);
    expect(Object.keys(scripts).filter(name => scripts[name]!.includes('bench/') && !named.has(name))).toEqual([]);
  });

  test('the code map names files and folders that exist', () => {
    const page = text.get('src/ARCHITECTURE.md')!;
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map(f => basename(f));
    const named = [...page.matchAll(/`([\w-]+\.ts)`/g)].map(m => m[1]!);
    expect(named.filter(name => !files.includes(name))).toEqual([]);
    // In the rooms where each file is an idea of its own, none is left out.
    const ideas = ['program', 'infer'].flatMap(room => readdirSync(join('src', room)));
    expect(ideas.filter(f => !/^(python|rust)\b/.test(f) && !named.includes(f))).toEqual([]);
    const folders = readdirSync('src', { withFileTypes: true }).filter(e => e.isDirectory());
    expect(folders.map(e => e.name).filter(name => !page.includes(`**\`${name}/\`**`))).toEqual([]);
  });
});

/** What the headings of a page are linked by. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(m =>
    m[1]!
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}
