import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checks, metaOf } from '../../src/checks/index.js';

const folder = new URL('../../src/checks/', import.meta.url);
const ids = checks.map(c => c.meta.id);

test('every folder is a check of the same name, every check a folder, and no id stands twice', () => {
  const folders = readdirSync(folder, { withFileTypes: true }).filter(e => e.isDirectory());
  expect(folders.map(e => e.name).sort()).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter(id => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  expect(metaOf('guard-missing')?.id).toBe('guard-missing');
  expect(metaOf('nothing')).toBeUndefined();
});

describe.each(ids)('%s/doc.md', id => {
  const text = readFileSync(new URL(`${id}/doc.md`, folder), 'utf8');
  const section = (title: string): string => text.split(/^## /m).find(s => s.startsWith(`${title}\n`)) ?? '';

  test('has the fixed headings in order, each with something below it', () => {
    expect([...text.matchAll(/^#+ (.+)$/gm)].filter(m => !insideCode(text, m.index)).map(m => m[1])).toEqual([
      id,
      'What it reports',
      'Why it matters',
      'Example',
      'Correct port',
      'Known limits',
    ]);
    for (const s of text.split(/^## /m).slice(1)) expect(s.split('\n').slice(1).join('').trim()).not.toBe('');
  });

  test('has one example in both languages, and one correct port that differs', () => {
    const blocks = (s: string) => [...s.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
    const example = blocks(section('Example'));
    const correct = blocks(section('Correct port'));
    expect(example.map(b => b[1])).toEqual(['python', 'rust']);
    expect(correct.map(b => b[1])).toEqual(['rust']);
    expect(correct[0]![2]).not.toBe(example[1]![2]);
  });

  test('names the first weakness of the check, and links to what exists', () => {
    const { cwe } = metaOf(id)!;
    const why = section('Why it matters');
    expect([...why.matchAll(/\[CWE-(\d+)\]/g)].map(m => Number(m[1])).every(n => cwe.includes(n))).toBe(true);
    if (cwe.length > 0) expect(why).toMatch(/\[CWE-\d+\]\(https:\/\/cwe\.mitre\.org\//);
    for (const [, path] of text.matchAll(/\]\((\.\.[^)]+)\)/g)) expect(existsSync(new URL(path!, new URL(`${id}/`, folder)))).toBe(true);
  });
});

test('docs/limits.md lists the known limits of every page', () => {
  const said = checks.flatMap(({ meta: { id } }) => {
    const [, limits] = readFileSync(new URL(`${id}/doc.md`, folder), 'utf8').split('## Known limits\n\n- ');
    const links = limits!.replaceAll('](../', '](../src/checks/').trim();
    return links.split('\n- ').map(limit => `- [${id}](../src/checks/${id}/doc.md): ${limit.replaceAll(/\s*\n\s*/g, ' ')}`);
  });
  const [, rules] = readFileSync('docs/limits.md', 'utf8').split('## Rules\n\n');
  expect(rules!.trim().split('\n')).toEqual(said.sort(byRule));
});

/** By the rule alone: a page's limits keep their order. */
function byRule(a: string, b: string): number {
  const rule = (row: string): string => row.slice(0, row.indexOf(']'));
  return rule(a) < rule(b) ? -1 : Number(rule(a) > rule(b));
}

/** Whether a place lies in a fenced block, where `#` opens a comment or an attribute. */
function insideCode(text: string, at: number): boolean {
  return (text.slice(0, at).match(/^```/gm) ?? []).length % 2 === 1;
}
