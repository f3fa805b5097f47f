import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.js';
import { printTimings, writeOutputs } from '../../src/cli/output.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

function io(cwd = tree({})): { io: Io; text: { out: string; err: string } } {
  const text = { out: '', err: '' };
  const write = (to: 'out' | 'err') => (s: string) => {
    text[to] += s;
  };
  return { io: { out: write('out'), err: write('err'), env: {}, cwd, terminal: false }, text };
}

test('one report goes to standard output, the others to their files, in new folders too', async () => {
  const { io: to, text } = io();
  const outputs = [{ format: 'json', file: 'a/b/r.json' }, { format: 'text' }, { format: 'sarif', file: 'r.sarif' }] as const;
  await writeOutputs(outputs, async (format, toFile) => `${format} ${toFile}`, to);
  expect(text).toEqual({ out: 'text false', err: '' });
  expect(readFileSync(join(to.cwd, 'a/b/r.json'), 'utf8')).toBe('json true');
  expect(readFileSync(join(to.cwd, 'r.sarif'), 'utf8')).toBe('sarif true');
});

test.each([
  ['file/r.json', 'the report file/r.json cannot be written (ENOTDIR)'],
  ['folder', 'the report folder cannot be written (EISDIR)'],
  ['/proc/none/r.json', 'the report /proc/none/r.json cannot be written (ENOENT)'],
])('%s cannot be written', async (file, says) => {
  const { io: to } = io(tree({ file: '', 'folder/x': '' }));
  await expect(writeOutputs([{ format: 'json', file }], async () => '', to)).rejects.toThrow(says);
});

test('timings are a column', () => {
  const { io: to, text } = io();
  printTimings({ parse: 12.345, evaluate: 1000 }, to);
  expect(text).toEqual({ out: '', err: 'parse         12.3 ms\nevaluate    1000.0 ms\n' });
});
