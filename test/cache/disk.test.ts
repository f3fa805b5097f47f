/** Whatever happens to the files of the cache: what is read is what was written, or nothing. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Disk } from '../../src/cache/disk.js';
import { makeFolder, prepare, userCacheFolder } from '../../src/cache/location.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const KEY = 'a1';
const OTHER = 'b2';
const TEXT = '{"says":"é and more"}\nsecond line';

function written(most = 1000): { disk: Disk; folder: string; file: string; other: string } {
  const folder = tree({});
  chmodSync(folder, 0o700);
  const disk = new Disk(folder, most);
  expect(disk.write(KEY, TEXT)).toBeUndefined();
  return { disk, folder, file: join(folder, `${KEY}.entry`), other: join(folder, `${OTHER}.entry`) };
}

test('what is written is read, by its key alone, and nobody else may look', () => {
  const { disk, folder, file } = written();
  expect([disk.read(KEY), disk.read(OTHER)]).toEqual([TEXT, undefined]);
  expect(readdirSync(folder)).toEqual([`${KEY}.entry`]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  disk.write(KEY, '');
  expect(disk.read(KEY)).toBe('');
});

test.each<[string, (at: { file: string; other: string; folder: string }) => void]>([
  ['gone', ({ file }) => rmSync(file)],
  ['empty', ({ file }) => writeFileSync(file, '')],
  ['cut off', ({ file }) => writeFileSync(file, readFileSync(file).subarray(0, -1))],
  ['cut off in its first line', ({ file }) => writeFileSync(file, readFileSync(file).subarray(0, 20))],
  ['longer', ({ file }) => writeFileSync(file, ' ', { flag: 'a' })],
  ['one bit other', ({ file }) => writeFileSync(file, flipped(readFileSync(file)))],
  ['of another program', ({ file }) => writeFileSync(file, TEXT)],
  ['larger than all may be', ({ file }) => writeFileSync(file, Buffer.alloc(2000))],
  ['a link to what was written', ({ file, other }) => moved(file, other, () => symlinkSync(other, file))],
  ['a link to nothing', ({ file, other }) => moved(file, other, () => symlinkSync(`${other}x`, file))],
  ['a folder', ({ file, other }) => moved(file, other, () => mkdirSync(file))],
  ['a pipe', ({ file }) => [rmSync(file), expect(spawnSync('mkfifo', [file]).status).toBe(0)]],
  ['open to others', ({ file }) => chmodSync(file, 0o622)],
])('an entry that is %s is not there, and others go on', (_what, harm) => {
  const at = written();
  const { disk, file } = at;
  const third = 'c3';
  disk.write(third, 'third');
  harm(at);
  expect([disk.read(KEY), disk.read(third)]).toEqual([undefined, 'third']);
  const isFolder = lstatSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
  expect(disk.write(KEY, TEXT)).toEqual(isFolder ? expect.stringMatching(/^it cannot be written \(E\w+\)$/) : undefined);
  expect(disk.read(KEY)).toBe(isFolder ? undefined : TEXT);
  expect(readdirSync(at.folder).filter(name => name.endsWith('.tmp'))).toEqual([]);
});

test('an entry under the name of another one is none', () => {
  const { disk, file, other } = written();
  copyFileSync(file, other);
  expect([disk.read(OTHER), disk.read(KEY)]).toEqual([undefined, TEXT]);
});

test('writing replaces a link, and does not follow it', () => {
  const { disk, file } = written();
  const target = join(tree({ target: 'mine' }), 'target');
  rmSync(file);
  symlinkSync(target, file);
  expect(disk.write(KEY, TEXT)).toBeUndefined();
  expect([lstatSync(file).isSymbolicLink(), readFileSync(target, 'utf8'), disk.read(KEY)]).toEqual([false, 'mine', TEXT]);
});

test('a second name of an entry is left as it was when the entry is written anew', () => {
  const { disk, file, other } = written();
  linkSync(file, other);
  const before = readFileSync(other);
  disk.write(KEY, 'new');
  expect([readFileSync(other).equals(before), disk.read(KEY)]).toEqual([true, 'new']);
});

describe('its size is bounded', () => {
  const sizeOf = (folder: string): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const keys = (folder: string): string[] =>
    readdirSync(folder)
      .map(name => name.replace('.entry', ''))
      .sort();
  const aged = (folder: string, key: string, seconds: number): void => {
    const then = Date.now() / 1000 - seconds;
    utimesSync(join(folder, `${key}.entry`), then, then);
  };

  test('what was used longest ago goes first', () => {
    const { disk, folder } = written(1000);
    const text = 'x'.repeat(200);
    for (const [i, key] of ['k1', 'k2', 'k3'].entries()) {
      expect(disk.write(key, text)).toBeUndefined();
      aged(folder, key, 100 - i);
    }
    aged(folder, KEY, 200);
    expect(disk.read(KEY)).toBe(TEXT);
    disk.write('k4', text);
    expect(keys(folder)).toEqual([KEY, 'k2', 'k3', 'k4'].sort());
    expect(sizeOf(folder)).toBeLessThanOrEqual(1000 + 4 * 100);
    aged(folder, KEY, 300);
    disk.write('k5', text);
    expect(keys(folder)).toEqual(['k3', 'k4', 'k5'].sort());
  });

  test('what would push out most of the rest is not kept', () => {
    const { disk, folder } = written(1000);
    expect(disk.write(OTHER, 'x'.repeat(251))).toBe('it is too large');
    expect(keys(folder)).toEqual([KEY]);
  });

  test('what a process left that died is removed, what another one is about to write is not', () => {
    const { disk, folder } = written(1000);
    const [old, fresh] = [join(folder, 'x.1.tmp'), join(folder, 'y.2.tmp')];
    for (const path of [old, fresh]) writeFileSync(path, '');
    utimesSync(old, 1, 1);
    writeFileSync(join(folder, 'foreign'), '');
    disk.write(OTHER, '');
    expect([existsSync(old), existsSync(fresh), existsSync(join(folder, 'foreign'))]).toEqual([false, true, true]);
  });
});

test('processes that write the same entries at once, and evict, never show a part of one', async () => {
  const { disk, folder } = written(100_000);
  const text = (who: number, round: number): string => `${who} ${round} `.repeat(1000);
  const script = `
    import { Disk } from ${JSON.stringify(resolve('src/cache/disk.ts'))};
    const disk = new Disk(${JSON.stringify(folder)}, 100_000);
    for (let round = 0; round < 300; round++) {
      const why = disk.write(round % 2 ? 'a1' : String(round % 40), \`\${WHO} \${round} \`.repeat(1000));
      if (why) throw new Error(why);
    }`;
  const ended = [1, 2].map(
    who =>
      new Promise((done, fail) =>
        spawn(process.execPath, ['--import', './bench/ts.mjs', '--input-type=module', '-e', script.replaceAll('WHO', String(who))], {
          stdio: ['ignore', 'ignore', 'inherit'],
        })
          .on('error', fail)
          .on('exit', done),
      ),
  );
  let over = false;
  const all = Promise.all(ended).finally(() => {
    over = true;
  });
  const seen = new Set<string>();
  while (!over) {
    const found = disk.read(KEY);
    if (found !== undefined) seen.add(found);
    await new Promise(setImmediate);
  }
  expect(await all).toEqual([0, 0]);
  const whole = new Set([TEXT, ...[1, 2].flatMap(who => Array.from({ length: 300 }, (_, round) => text(who, round)))]);
  expect([...seen].filter(found => !whole.has(found))).toEqual([]);
  expect(seen.size).toBeGreaterThan(2);
  expect(readdirSync(folder).filter(name => !name.endsWith('.entry'))).toEqual([]);
  expect(readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThanOrEqual(100_000);
}, 120_000);

describe('where it lies', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['linux', { HOME: '/home/me' }, '/home/me/.cache/parity'],
    ['linux', { HOME: '/home/me', XDG_CACHE_HOME: '/fast' }, '/fast/parity'],
    ['linux', { HOME: '/home/me', XDG_CACHE_HOME: 'relative' }, '/home/me/.cache/parity'],
    ['linux', { HOME: '', XDG_CACHE_HOME: '' }, undefined],
    ['linux', {}, undefined],
    ['darwin', { HOME: '/Users/me', XDG_CACHE_HOME: '/fast' }, '/Users/me/Library/Caches/parity'],
    ['win32', { LOCALAPPDATA: '/c/local', HOME: '/home/me' }, '/c/local/parity/cache'],
    ['win32', { HOME: '/home/me' }, undefined],
  ])('on %s with %j', (platform, env, folder) => expect(userCacheFolder(env, platform)).toBe(folder));

  test('the folder is made for this user alone, and made so again', () => {
    const room = tree({});
    const folder = join(room, 'a/b');
    expect(prepare(folder, [])).toBeUndefined();
    expect([statSync(folder).mode & 0o777, statSync(join(room, 'a')).mode & 0o777]).toEqual([0o700, 0o700]);
    chmodSync(folder, 0o755);
    expect(prepare(folder, [])).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  const INSIDE = 'it lies in a repository that is analysed, whose authors could have filled it';
  test.each<[string, (room: string) => [string, string[]], string]>([
    ['in an analysed tree', room => [join(room, 'app/cache'), [join(room, 'app')]], INSIDE],
    ['an analysed tree', room => [join(room, 'app'), ['/none', join(room, 'app')]], INSIDE],
    ['in an analysed tree by a link', room => [join(room, 'in/cache/deeper'), [join(room, 'app')]], INSIDE],
    ['anywhere, where everything is analysed', room => [join(room, 'x'), ['/']], INSIDE],
    ['a link', room => [join(room, 'in'), []], 'it is no folder, or a link'],
    ['a file', room => [join(room, 'file'), []], 'it is no folder, or a link'],
    ['below a file', room => [join(room, 'file/x'), []], 'it cannot be made (ENOTDIR)'],
    ['open to others', room => [join(room, 'open'), []], 'others may write to it'],
  ])('it is not used when it is %s', (_what, of, says) => {
    const room = tree({ 'app/a.py': '', file: '', in: { link: 'app' } });
    makeFolder(join(room, 'open'));
    chmodSync(join(room, 'open'), 0o720);
    const [folder, apart] = of(room);
    expect(prepare(folder, apart)).toBe(says);
    expect([readdirSync(room).sort(), readdirSync(join(room, 'app'))]).toEqual([['app', 'file', 'in', 'open'], ['a.py']]);
  });

  test('a folder beside an analysed one that begins alike is apart from it', () => {
    const room = tree({ 'app/a.py': '' });
    expect(prepare(join(room, 'app-cache'), [join(room, 'app')])).toBeUndefined();
  });
});

const flipped = (bytes: Buffer): Buffer => {
  bytes[bytes.length - 3]! ^= 1;
  return bytes;
};

function moved(file: string, to: string, then: () => void): void {
  renameSync(file, to);
  then();
}
