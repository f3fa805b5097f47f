/** The same application gives the same bytes, wherever it lies and in whatever order the file system lists it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { random } from '../../bench/fuzz/random.mjs';
import { serialize } from '../../src/contract/serialize.js';
import { render as json } from '../../src/report/json/index.js';
import { render as sarif } from '../../src/report/sarif/index.js';
import { render as text } from '../../src/report/terminal/index.js';
import { check } from '../../src/run.js';

const folder = mkdtempSync(join(tmpdir(), 'parity-order-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that is told of the pair, as bytes. */
async function told(app: string): Promise<Record<string, string>> {
  const result = await check(join(app, 'python'), join(app, 'rust-faulty'));
  const { timings, ...untimed } = result;
  expect(Object.keys(timings ?? {})).not.toEqual([]);
  return {
    python: serialize(result.python),
    rust: serialize(result.rust),
    json: json(untimed),
    text: text(untimed),
    sarif: sarif(untimed, { version: '0', exitCode: 1, exitCodeDescription: '', roots: { python: 'a', rust: 'b' } }),
  };
}

/** A copy of the application whose files were made in an order of their own: many file systems list them in that order, or its reverse. */
function copy(app: string, seed: number): string {
  const to = join(folder, String(seed));
  const rng = random(seed);
  const files = ['python', 'rust-faulty'].flatMap(side =>
    readdirSync(join(app, side), { recursive: true, encoding: 'utf8' })
      .map(name => join(side, name))
      .filter(name => statSync(join(app, name)).isFile()),
  );
  for (let i = files.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [files[i], files[j]] = [files[j]!, files[i]!];
  }
  for (const name of files) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    writeFileSync(join(to, name), readFileSync(join(app, name)));
  }
  return to;
}

test.each(readdirSync('fixtures/apps', { withFileTypes: true }).flatMap(e => (e.isDirectory() ? [e.name] : [])))(
  '%s, listed in any order',
  async name => {
    const app = join('fixtures/apps', name);
    const first = await told(copy(app, 1));
    expect(first.json).toContain('"findings"');
    for (const seed of [2, 3]) expect(await told(copy(app, seed))).toEqual(first);
  },
);
