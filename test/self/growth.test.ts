/** What is twice as large takes twice the work: nothing that is done for one endpoint looks at all the others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grown } from '../../bench/growth.mjs';
import { effort } from '../../src/program/effort.js';
import { analyse, check } from '../../src/run.js';

/** The pairs that were found, and the units that evaluation spent on them. */
async function measured(times: number): Promise<{ pairs: number; same: number; findings: number; spent: number }> {
  const { python, rust, remove } = grown('fixtures/apps/projects', times);
  const before = effort.spent;
  try {
    const { summary, findings } = await check(python, rust);
    return { pairs: summary.pairs, same: summary.same, findings: findings.length, spent: effort.spent - before };
  } finally {
    remove();
  }
}

test('the work grows as the application does', async () => {
  const [once, twice, thrice] = [await measured(1), await measured(2), await measured(3)];
  const copied = twice.pairs - once.pairs;
  expect(copied).toBeGreaterThan(30);
  expect(thrice.pairs).toBe(once.pairs + 2 * copied);
  for (const { pairs, same, findings } of [once, twice, thrice]) expect([same, findings]).toEqual([pairs, 0]);

  const copy = twice.spent - once.spent;
  expect(copy).toBeGreaterThan(0);
  expect((thrice.spent - twice.spent) / copy).toBeCloseTo(1, 1);
}, 120_000);

/** A walk over anything, which calls itself for each kind of thing that it may meet and takes down what it has seen. */
const walk = (kinds: readonly string[]): string => `from flask import Flask, abort, request
app = Flask(__name__, static_folder=None)

def masked(value, depth=0, seen=None):
    if seen is None:
        seen = set()
    seen.add(id(value))
${kinds.map(k => `    if isinstance(value, ${k}):\n        return ${k}(masked(v, depth + 1, seen) for v in value)`).join('\n')}
    return value

@app.route('/x')
def x():
    print(masked(request.json))
    if request.headers.get('x-key') != app.config['KEY']:
        abort(401)
    return 'x'
`;

test('a function that calls itself from twice as many places takes some twice the work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  const spent = async (kinds: readonly string[]): Promise<number> => {
    writeFileSync(join(folder, 'app.py'), walk(kinds));
    const before = effort.spent;
    const { contract } = await analyse(folder, 'python');
    expect(contract.endpoints.map(e => [e.path, e.access.anonymous.verdict, e.gaps])).toEqual([['/x', 'refused', []]]);
    return effort.spent - before;
  };
  try {
    const kinds = ['dict', 'list', 'tuple', 'set', 'frozenset', 'deque', 'Mapping', 'Sequence'];
    const few = await spent(kinds.slice(0, 4));
    expect((await spent(kinds)) / few).toBeLessThan(4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Settings that are read from a file when somebody first asks for one, and the modules that ask. */
const SETTINGS = `import json
from pathlib import Path

held = {}

def load():
    global held
    if held:
        return
    folder = Path('config')
    if not folder.exists():
        raise OSError('there is no such folder')
    held = {}
    for path in folder.glob('*.json'):
        held[path.stem] = json.load(path.open())

def setting(kind, name):
    if not held:
        load()
    if kind in held and name in held[kind]:
        return held[kind][name]
    return json.load(open(kind))[name]
`;

test('settings that functions fill when they find none take the same work for each that asks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  const spent = async (count: number): Promise<number> => {
    writeFileSync(join(folder, 'settings.py'), SETTINGS);
    writeFileSync(
      join(folder, 'app.py'),
      `from flask import Flask, abort, request
from settings import setting
app = Flask(__name__, static_folder=None)
${Array.from({ length: count }, (_, i) => `v${i} = setting('general', 'k${i}')`).join('\n')}

@app.route('/x')
def x():
    if request.headers.get('x-key') != setting('general', 'key'):
        abort(401)
    return 'x'
`,
    );
    const before = effort.spent;
    const { contract } = await analyse(folder, 'python');
    expect(contract.endpoints.map(e => [e.path, e.access.anonymous.verdict, e.access.signedIn.verdict, e.gaps])).toEqual([
      ['/x', 'refused', 'admitted', []],
    ]);
    return effort.spent - before;
  };
  try {
    expect((await spent(64)) / (await spent(32))).toBeLessThan(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what a credential was made into is looked at once, however often it stands in itself', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  const app = `from flask import Flask, abort, request
import vault
app = Flask(__name__, static_folder=None)

@app.before_request
def known():
    t = request.headers.get('authorization', '') + request.args.get('t', '')
${'    t = vault.mix(t, t, t)\n'.repeat(24)}    if not vault.find(t):
        abort(401)

@app.route('/x')
def x():
    return 'x'
`;
  try {
    writeFileSync(join(folder, 'app.py'), app);
    const { contract } = await analyse(folder, 'python');
    expect(contract.endpoints.map(e => [e.path, e.access.anonymous.verdict])).toEqual([['/x', 'refused']]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 20_000);
