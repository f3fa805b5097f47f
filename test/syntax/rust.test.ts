import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Expr, FileFacts } from '../../src/facts/types.js';
import { lower as lowered } from '../../src/syntax/lower.js';
import { initParser } from '../../src/syntax/parser.js';
import { parseRustBlock, parseRustExpr, parseRustItems } from '../../src/syntax/rust/index.js';
import { printFacts } from './print.js';

const FOLDER = join(import.meta.dirname, '../../fixtures/lower/rust');
const SOURCES = readdirSync(FOLDER)
  .filter(file => file.endsWith('.rs'))
  .sort();

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const lower = (text: string): FileFacts => lowered('rust', text);
const print = (text: string): string[] => printFacts(lower(text)).trimEnd().split('\n');

/** The tail of `fn f() { text }`. */
function expression(text: string): Expr {
  const [item] = lower(`fn f(){${text}}`).body;
  if (item?.s !== 'fn' || !item.fn.value) throw new Error(`no expression: ${text.slice(0, 100)}`);
  return item.fn.value;
}

/** How many objects lie within each other. */
function depthOf(value: unknown): number {
  let deepest = 0;
  const open: [unknown, number][] = [[value, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [here, depth] = next;
    if (typeof here !== 'object' || here === null) continue;
    deepest = Math.max(deepest, depth);
    for (const inner of Object.values(here)) open.push([inner, depth + 1]);
  }
  return deepest;
}

beforeAll(initParser);

describe('fixtures', () => {
  test.each(SOURCES)('%s', file => {
    const facts = lower(read(file));
    expect(printFacts(facts, { places: file === 'places.rs' ? 'all' : 'statements' })).toBe(read(file.replace(/rs$/, 'facts')));
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test.each(SOURCES)('%s cut off anywhere', file => {
    const text = read(file);
    for (let end = 0; end < text.length; end += 7) {
      const facts = lower(text.slice(0, end));
      expect(facts.language).toBe('rust');
      expect(JSON.stringify(facts)).not.toContain('"at":0,');
    }
  });
});

describe('lines', () => {
  test.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\n\nb', 3],
  ])('%j', (text, lines) => expect(lower(text).lines).toBe(lines));
});

describe('syntax errors', () => {
  test.each([
    [
      'an argument',
      'fn f() { a(1 2); b() }',
      [
        '1:1 fn f kind:fn end:1:23 (call b)',
        '  body:',
        '    1:14 opaque why:"syntax error"',
        '    1:10 expr (call a 1) dropped',
        'error 1:14 to 1:15: syntax error',
      ],
    ],
    [
      'an operand',
      'fn f() { let x = ; }',
      ['1:1 fn f kind:fn end:1:21', '  body:', '    1:16 opaque why:"syntax error"', '    1:10 let x', 'error 1:16 to 1:17: syntax error'],
    ],
    [
      'between items',
      'fn a() {} ) fn b() {}',
      ['1:1 fn a kind:fn end:1:10', '1:11 opaque why:"syntax error"', '1:13 fn b kind:fn end:1:22', 'error 1:11 to 1:12: syntax error'],
    ],
    [
      'in a macro, which stays raw',
      'fn f() { m!(a b); }',
      ['1:1 fn f kind:fn end:1:20', '  body:', '    1:10 expr (macro path:[m] tokens:"a b") dropped'],
    ],
  ])('%s', (_, text, expected) => {
    expect(print(text)).toEqual(expected);
  });
});

test('where the file as a whole has no parse, the errors inside of it say where', () => {
  const errors = print('fn a() {}\nfn b(\nfn c() { d(1 2) ').filter(line => line.startsWith('error'));
  expect(errors).toEqual(['error 3:4 to 3:5: syntax error', 'error 3:7 to 3:7: missing )', 'error 3:14 to 3:15: syntax error']);
});

describe('hostile depth', () => {
  test.each([
    ['brackets', `${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['parentheses', `${'('.repeat(3000)}a${')'.repeat(3000)}`],
    ['calls', `${'f('.repeat(3000)}${')'.repeat(3000)}`],
    ['a call chain', `a${'.b()'.repeat(5000)}`],
    ['unlike operators', `a${' + b - c'.repeat(3000)}`],
    ['negations', `${'!'.repeat(3000)}a`],
    ['blocks', `${'{'.repeat(3000)}a${'}'.repeat(3000)}`],
    ['closures', `${'|| '.repeat(2000)}a`],
    ['else if', `if a { b }${' else if c { d }'.repeat(3000)} else { e }`],
    ['patterns', `match a { ${'('.repeat(2000)}b${',)'.repeat(2000)} => c }`],
    ['types', `a as ${'Vec<'.repeat(2000)}u8${'>'.repeat(2000)}`],
    ['functions', `${'fn g() {'.repeat(2000)}${'}'.repeat(2000)} a`],
    ['macros', `${'m!('.repeat(500)}a${')'.repeat(500)}`],
    ['json', `json!(${'{"a":'.repeat(1000)}1${'}'.repeat(1000)})`],
  ])('%s', (_, text) => {
    const facts = lower(`fn f() { ${text} }\nfn after() {}`);
    expect(depthOf(facts)).toBeLessThan(2500);
    expect(facts.body.at(-1)).toMatchObject({ s: 'fn', fn: { name: 'after' } });
  });

  test('what is cut is opaque', () => {
    expect(JSON.stringify(expression(`${'!'.repeat(3000)}a`))).toContain('"why":"too deep"');
    expect(JSON.stringify(expression(`a${'.b()'.repeat(5000)}`))).toContain('"why":"too deep"');
  });

  test.each([
    ['&&', 'and'],
    ['||', 'or'],
    ['+', '+'],
  ])('thousands of %s are one shallow tree, in order', (written, op) => {
    const names = Array.from({ length: 5000 }, (_, i) => `n${i}`);
    const whole = expression(names.join(` ${written} `));
    const found: string[] = [];
    const walk = (e: Expr): void => {
      if (e.k === 'name') found.push(e.id);
      else if (e.k === 'bin' && e.op === op) for (const side of [e.l, e.r]) walk(side);
      else throw new Error(`unexpected ${e.k}`);
    };
    walk(whole);
    expect(found).toEqual(names);
    expect(depthOf(whole)).toBeLessThan(20);
  });

  test('hundreds of chained calls are whole and in order', () => {
    let e = expression(`a${Array.from({ length: 600 }, (_, i) => `\n.m${i}(${i})`).join('')}`);
    for (let i = 599; i >= 0; i--) {
      if (e.k !== 'call' || e.fn.k !== 'member') throw new Error(`unexpected ${e.k}`);
      expect([e.fn.name, e.at]).toEqual([`m${i}`, (i + 2) * 65536 + 2]);
      e = e.fn.of;
    }
    expect(e).toMatchObject({ k: 'name', id: 'a' });
  });

  test('long macro text stays raw', () => {
    const long = expression(`m!(${'a(1), '.repeat(4000)})`);
    expect(long).toMatchObject({ k: 'macro', path: ['m'] });
    expect(long).not.toHaveProperty('args');
  });
});

describe('text that stands in no file', () => {
  const AT = 7 * 65536 + 3;

  test('items', () => {
    expect(parseRustItems('const A: u8 = 1; fn f() {}', AT)).toEqual([
      { s: 'const', name: 'A', type: { t: 'path', path: ['u8'], args: [], at: AT }, value: { k: 'lit', v: 1, at: AT }, marks: [], at: AT },
      { s: 'fn', fn: { name: 'f', kind: 'fn', params: [], body: [], async: false, marks: [], at: AT, end: AT }, at: AT },
    ]);
    expect(parseRustItems('fn (', AT)).toBeUndefined();
  });

  test('a block', () => {
    expect(parseRustBlock('a; b', AT)).toEqual({
      body: [{ s: 'expr', expr: { k: 'name', id: 'a', at: AT }, dropped: true, at: AT }],
      value: { k: 'name', id: 'b', at: AT },
    });
    expect(parseRustBlock('} fn g() {', AT)).toBeUndefined();
  });

  test('an expression', () => {
    expect(parseRustExpr('a // b', AT)).toEqual({ k: 'name', id: 'a', at: AT });
    expect(parseRustExpr('a, b', AT)).toBeUndefined();
    expect(parseRustExpr('a; b', AT)).toBeUndefined();
  });
});
