import type { Io } from '../../src/cli/io.js';
import { watched } from '../../src/cli/progress.js';

/** Runs with a clock that goes on by `step` milliseconds at every report. */
async function said(step: number, more: Partial<Io> = {}, quiet = false): Promise<string> {
  let err = '';
  const io: Io = { out: () => {}, err: s => void (err += s), env: {}, cwd: '.', terminal: false, attended: true, ...more };
  let time = 0;
  await watched(
    io,
    quiet,
    async report => {
      for (let i = 0; i < 30; i++) {
        time += step;
        report?.('python', 'reading files,', i, 30);
      }
    },
    () => time,
  );
  return err;
}

const line = (i: number): string => `\r\u001b[2Kpython: reading files, ${i} of 30`;

test('a run of less than a second says nothing', async () => expect(await said(30)).toBe(''));

test('a longer one says how far it is, ten times a second, and leaves nothing behind', async () => {
  expect(await said(50)).toBe(`${[19, 21, 23, 25, 27, 29].map(line).join('')}\r\u001b[2K`);
});

test.each<[string, Partial<Io>, boolean]>([
  ['nobody waits', { attended: false }, false],
  ['nobody was asked for', { attended: undefined } as Partial<Io>, false],
  ['the terminal cannot erase a line', { env: { TERM: 'dumb' } }, false],
  ['it is to be quiet', {}, true],
])('nothing where %s', async (_why, io, quiet) => expect(await said(500, io, quiet)).toBe(''));

test('the line is erased when the work fails, too', async () => {
  let err = '';
  const io: Io = { out: () => {}, err: s => void (err += s), env: {}, cwd: '.', terminal: false, attended: true };
  let time = 0;
  const failing = watched(
    io,
    false,
    async report => {
      time = 2000;
      report?.('rust', 'following requests,', 1, 2);
      throw new Error('no');
    },
    () => time,
  );
  await expect(failing).rejects.toThrow('no');
  expect(err).toBe('\r\u001b[2Krust: following requests, 1 of 2\r\u001b[2K');
});
