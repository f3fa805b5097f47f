/** A small share of `npm run fuzz`, and whether its oracle sees what it is there to see. */
import { readFileSync } from 'node:fs';
import { bombs } from '../../bench/fuzz/bombs.mjs';
import { flawsOfPair, type Program } from '../../bench/fuzz/case.mjs';
import { asPair, sources, spoiled } from '../../bench/fuzz/cases.mjs';
import { HOSTILE, MUTATIONS, tokens } from '../../bench/fuzz/mutations.mjs';
import { flawsOfCheck, flawsOfReport } from '../../bench/fuzz/oracle.mjs';
import { random } from '../../bench/fuzz/random.mjs';
import { serialize } from '../../src/contract/serialize.js';
import type { CheckResult } from '../../src/findings/types.js';
import { render as table } from '../../src/report/contract-text/index.js';
import { render as json } from '../../src/report/json/index.js';
import { render as sarif } from '../../src/report/sarif/index.js';
import { render as text } from '../../src/report/terminal/index.js';
import { analyse, check } from '../../src/run.js';

const program: Program = {
  check,
  analyse,
  reports: r => ({
    text: text(r),
    json: json(r),
    sarif: sarif(r, { version: '0', exitCode: 0, exitCodeDescription: '', roots: { python: '', rust: '' } }),
  }),
  contractReports: c => ({ text: table(c), json: serialize(c) }),
};

const from = { python: sources('fixtures', '.py'), rust: sources('fixtures', '.rs') };

test.each(Array.from({ length: 30 }, (_, n) => n))('spoiled fixtures, case %i', async n => {
  const { python, rust } = spoiled(1, n, from);
  expect(await flawsOfPair(program, python, rust)).toEqual([]);
});

// One for each bound: nesting, text, lists, conditions, routers, types, constants, macros, modules, nothing at all.
const CHOSEN = [
  'conditions that double',
  'text that doubles',
  'lists that double in place',
  'calls, 10000 deep',
  'a list in itself',
  'an object in itself',
  'classes that are their own bases',
  'blueprints in each other',
  'routers in each other',
  'dependencies in each other',
  'guards that guard each other',
  'imports in a circle',
  'type aliases in each other',
  'traits that imply each other',
  'constants in each other',
  'extractors in each other',
  'macros that call themselves',
  'routers in themselves',
  'scopes in scopes',
  'modules in a circle',
  'crates in a circle',
  'names of the language behind this',
  'names of the language behind this, nowhere defined',
  'routes to nothing',
  'routes to nothing, actix-web',
  'routes to nothing, FastAPI',
  'routes to nothing, Bottle',
  'manifests of nonsense',
  'nothing at all',
];
const chosen = bombs().filter(b => CHOSEN.includes(b.name));

test('the chosen programs exist', () => expect([...new Set(chosen.map(b => b.name))].sort()).toEqual([...CHOSEN].sort()));

test.each(chosen.map(b => [b.language, b.name, b] as const))('%s: %s', async (_language, _name, bomb) => {
  const { python, rust } = asPair(bomb);
  expect(await flawsOfPair(program, python, rust)).toEqual([]);
});

describe('names that want to be more than names', () => {
  const quoted = (s: string): string =>
    `"${[...s].map(c => (c < ' ' || c === '"' || c === '\\' ? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}` : c)).join('')}"`;

  test.each(HOSTILE.map(h => [JSON.stringify(h), h]))('%s', async (_shown, said) => {
    const app = [
      'from flask import Flask, abort, session',
      'app = Flask(__name__)',
      'def need(role):',
      "    if session.get('user') is None:",
      `        abort(401, ${quoted(said)})`,
      "    if session['role'] != role:",
      '        abort(403)',
      `@app.route('/a/' + ${quoted(said)})`,
      'def a():',
      `    need(${quoted(said)})`,
      "    return 'ok'",
      `@app.route('/b', methods=[${quoted(said)}, 'GET'])`,
      'def b():',
      `    need(${quoted(`x${said}`)})`,
      "    return 'ok'",
      '',
    ].join('\n');
    const port =
      'use axum::{Router, routing::get};\nasync fn b() {}\n#[tokio::main]\nasync fn main() { let app = Router::new().route("/b", get(b)); axum::serve(l, app); }\n';
    const manifest = '[package]\nname = "x"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n';
    expect(await flawsOfPair(program, { 'app.py': app }, { 'Cargo.toml': manifest, 'src/main.rs': port })).toEqual([]);
  });
});

describe('the oracle', () => {
  const flawed = async (change: (r: CheckResult) => void): Promise<string[]> => {
    const r = await check('fixtures/apps/blog/python', 'fixtures/apps/blog/rust-faulty');
    change(r);
    return flawsOfCheck(r);
  };

  test('accepts what is right', async () => expect(await flawed(() => {})).toEqual([]));

  test.each([
    ['a line behind the end', { file: 'blog/routes/auth.py', line: 9999, column: 1 }],
    ['no line', { file: 'blog/routes/auth.py', line: 0, column: 1 }],
    ['a column behind the end', { file: 'blog/routes/auth.py', line: 1, column: 2000 }],
    ['a file that was not read', { file: 'other.py', line: 1, column: 1 }],
  ])('sees %s', async (_what, location) => {
    expect(await flawed(r => void (r.python.endpoints[0]!.location = location))).toHaveLength(1);
    expect(await flawed(r => void r.findings[0]!.python.push({ says: 'x', ...location }))).toHaveLength(1);
  });

  test('sees an internal error', async () => {
    const internal = { severity: 'error', code: 'internal', says: 'x' } as const;
    expect(await flawed(r => void r.rust.problems.push(internal))).toEqual(['internal: x (?:?)']);
  });

  test.each([
    ['text', 'a\u001b[31mb'],
    ['text', 'a\u202eb'],
    ['text', 'a\n::error::b'],
    ['text', '  ##[group]b'],
    ['json', '{'],
    ['json', '{"a":"\u009b"}'],
    ['html', '<p><script>alert(1)</script>'],
  ])('sees what a %s report may not hold: %j', (format, bad) => expect(flawsOfReport(format, bad).length).toBeGreaterThan(0));
});

describe('the mutations', () => {
  const { text: real } = from.python.find(f => f.path.endsWith('app.py') || f.text.length > 500)!;

  test.each(Object.keys(MUTATIONS))('%s: the same for the same seed, another for others', name => {
    const mutate = MUTATIONS[name]!;
    const made = (seed: number): string => mutate(real, random(seed), 'x = 1\n');
    expect(made(1)).toBe(made(1));
    expect([1, 2, 3, 4, 5].some(seed => made(seed) !== real)).toBe(true);
  });

  test('tokens lose nothing', () => {
    for (const f of [...from.python, ...from.rust]) expect(tokens(f.text).join('')).toBe(f.text);
    expect(readFileSync('package.json', 'utf8')).toContain('bench/fuzz/run.mjs');
  });
});
