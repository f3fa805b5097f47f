import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Expr, FileFacts } from '../../src/facts/types.js';
import { initParser, withTree } from '../../src/syntax/parser.js';
import { lowerPython } from '../../src/syntax/python/lower.js';
import { printFacts } from './print.js';

const FOLDER = join(import.meta.dirname, '../../fixtures/lower/python');
const SOURCES = readdirSync(FOLDER)
  .filter(file => file.endsWith('.py'))
  .sort();

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const lower = (text: string): FileFacts => withTree('python', text, root => lowerPython(root, text));
const print = (text: string): string => printFacts(lower(text));

/** The expression of a file that is one expression statement. */
function expression(text: string): Expr {
  const [statement] = lower(text).body;
  if (statement?.s !== 'expr') throw new Error(`no expression: ${text}`);
  return statement.expr;
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
    const printed = printFacts(facts, { places: file === 'places.py' ? 'all' : 'statements' });
    expect(printed).toBe(read(file.replace(/py$/, 'facts')));
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test.each(SOURCES)('%s cut off anywhere', file => {
    const text = read(file);
    for (let end = 0; end < text.length; end += 7) {
      const facts = lower(text.slice(0, end));
      expect(facts.language).toBe('python');
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
      'f(a b)\ng()',
      ['1:1 expr (call f a (opaque why:"syntax error")) dropped', '2:1 expr (call g) dropped', 'error 1:5 to 1:6: syntax error'],
    ],
    [
      'a parameter list',
      'def f(:\n  return 1\nx = 2',
      ['1:1 fn f kind:fn end:2:11', '  body:', '    2:3 return 1', '3:1 assign targets:[x] 2', 'error 1:7 to 1:7: missing )'],
    ],
    [
      'a decorator',
      '@app.route(\ndef f(): pass',
      ['1:1 opaque why:"syntax error"', '2:1 fn f kind:fn end:2:14', '  body:', '    2:10 pass', 'error 1:1 to 1:12: syntax error'],
    ],
    [
      'a string',
      "x = 'abc\ny = 1",
      ['1:1 assign targets:[x] (opaque why:"syntax error")', '2:1 assign targets:[y] 1', 'error 1:5 to 1:6: syntax error'],
    ],
    [
      'an operand',
      'x = (1 + ) * 2\ny = 2',
      ['1:1 assign targets:[x] (* (opaque why:"syntax error") 2)', '2:1 assign targets:[y] 2', 'error 1:8 to 1:9: syntax error'],
    ],
    [
      'a case',
      'match x:\n  case 1: a()\n  case (: b()\n  case 2: c()',
      [
        '1:1 expr (match on:x arms:[((lit 1) body:(block body:{2:11 (expr (call a) dropped)})) ' +
          '((target (opaque why:"syntax error")) body:(block body:{3:11 (expr (call b) dropped)})) ' +
          '((lit 2) body:(block body:{4:11 (expr (call c) dropped)}))]) dropped',
        'error 3:9 to 3:9: missing )',
      ],
    ],
    [
      'a loop of a comprehension',
      '[a for b c in d]',
      ['1:1 expr (comp of:list item:a clauses:[(c in:(opaque why:"syntax error"))]) dropped', 'error 1:8 to 1:9: syntax error'],
    ],
    [
      'a handler',
      'try: a()\nexcept A B: b()',
      [
        '1:1 try',
        '  body:',
        '    1:6 expr (call a) dropped',
        '  except 2:1 types:(opaque why:"syntax error"):',
        '    2:13 expr (call b) dropped',
        'error 2:10 to 2:11: syntax error',
      ],
    ],
    [
      'a default of a type parameter',
      'def f[T = int](a): pass',
      ['1:1 fn f kind:fn params:[(a kind:pos)] end:1:24', '  body:', '    1:20 pass', 'error 1:7 to 1:10: syntax error'],
    ],
  ])('%s', (_, text, expected) => {
    expect(print(text).trimEnd().split('\n')).toEqual(expected);
  });
});

describe('hostile depth', () => {
  test.each([
    ['brackets', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['calls', `${'f('.repeat(5000)}${')'.repeat(5000)}`],
    ['a call chain', `a${'.b()'.repeat(5000)}`],
    ['unlike operators', `a${' + b - c'.repeat(3000)}`],
    ['powers', `a${' ** b'.repeat(5000)}`],
    ['not', `${'not '.repeat(5000)}a`],
    ['conditionals', `${'a if b else '.repeat(3000)}c`],
    ['lambdas', `${'lambda: '.repeat(5000)}a`],
    ['targets', `${'['.repeat(3000)}a${']'.repeat(3000)} = b`],
    ['format fields', `f"${'{a:'.repeat(1000)}${'}'.repeat(1000)}"`],
    ['patterns', `match a:\n  case ${'['.repeat(3000)}b${']'.repeat(3000)}: pass\n`],
    ['blocks', `${Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}if a:\n`).join('')}${' '.repeat(300)}b()\n`],
    ['elif', `if a: b\n${'elif c: d\n'.repeat(3000)}`],
  ])('%s', (_, text) => {
    const facts = lower(text);
    expect(JSON.stringify(facts)).toContain('"why":"too deep"');
    expect(depthOf(facts)).toBeLessThan(2000);
  });

  test.each(['and', 'or', '+', '|'])('thousands of %s are one shallow tree, in order', op => {
    const names = Array.from({ length: 5000 }, (_, i) => `n${i}`);
    const whole = expression(names.join(` ${op} `));
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

  test('brackets alone are no depth', () => {
    expect(expression(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toEqual({ k: 'name', id: 'a', at: 65536 + 5001 });
  });

  test('a middle operand of nested comparisons is not copied at every level', () => {
    const text = `${'a < ('.repeat(60)}b${') < c'.repeat(60)}`;
    expect(JSON.stringify(lower(text)).length).toBeLessThan(50_000);
  });

  test('a thousand comparisons', () => {
    const printed = print(`a${' < b'.repeat(1000)}`);
    expect(printed.match(/\(< /g)).toHaveLength(1000);
    expect(printed).not.toContain('too deep');
  });
});
