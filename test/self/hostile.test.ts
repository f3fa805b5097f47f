/** Broken, cut-off and senseless text: the lowerings must give facts for anything, and the same facts each time. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FileFacts, Language } from '../../src/facts/types.js';
import { initParser, withTree } from '../../src/syntax/parser.js';
import { lowerPython } from '../../src/syntax/python/lower.js';
import { lowerRust } from '../../src/syntax/rust/index.js';

beforeAll(initParser);

const LOWER = { python: lowerPython, rust: lowerRust };
const facts = (language: Language, text: string): FileFacts => withTree(language, text, root => LOWER[language](root, text));

/** Facts must be plain data: they are cached as JSON. `undefined` members are dropped by JSON and by this. */
function expectPlain(language: Language, text: string): void {
  const found = facts(language, text);
  expect(found.language).toBe(language);
  const json = JSON.stringify(found);
  expect(JSON.stringify(facts(language, text))).toBe(json);
  expect(JSON.stringify(JSON.parse(json))).toBe(json);
}

const BLOG = 'fixtures/apps/blog';
const sources = (folder: string, extension: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(extension))
    .sort()
    .map(name => readFileSync(join(folder, name), 'utf8'));
const REAL: Record<Language, string[]> = { python: sources(`${BLOG}/python`, '.py'), rust: sources(`${BLOG}/rust-clean`, '.rs') };

/** The tokens that steer a grammar, to be strung together at random. */
const TOKENS: Record<Language, string[]> = {
  python:
    'def class return if else elif for while with try except finally match case lambda async await yield import from as @ ( ) [ ] { } : , . = == := -> * ** f" """ # \\ \n \n\t \n    x y 1 not in is or and'.split(
      ' ',
    ),
  rust: 'fn struct enum impl trait mod use pub let if else match while loop for return break async await move unsafe macro_rules! vec! # [ ] ( ) { } < > :: : ; , . = => -> ? & * | || && \' " r#" /* // \n x Y 1 self dyn where'.split(
    ' ',
  ),
};

describe.each<Language>(['python', 'rust'])('%s', language => {
  test('there are real files to cut', () => expect(REAL[language].length).toBeGreaterThan(5));

  test('real files cut anywhere', () => {
    const cut = fc.constantFrom(...REAL[language]).chain(text => fc.nat(text.length).map(at => text.slice(0, at)));
    fc.assert(
      fc.property(cut, text => expectPlain(language, text)),
      { numRuns: 60, seed: 1 },
    );
  });

  test('real files with a piece missing', () => {
    const holed = fc
      .constantFrom(...REAL[language])
      .chain(text =>
        fc.tuple(fc.nat(text.length), fc.integer({ min: 1, max: 40 })).map(([at, n]) => text.slice(0, at) + text.slice(at + n)),
      );
    fc.assert(
      fc.property(holed, text => expectPlain(language, text)),
      { numRuns: 60, seed: 2 },
    );
  });

  test('tokens in any order', () => {
    const soup = fc.array(fc.constantFrom(...TOKENS[language]), { maxLength: 60 }).map(tokens => tokens.join(' '));
    fc.assert(
      fc.property(soup, text => expectPlain(language, text)),
      { numRuns: 300, seed: 3 },
    );
  });

  test('any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => expectPlain(language, text)),
      { numRuns: 200, seed: 4 },
    );
  });

  test.each([
    '(',
    '[',
    '{',
    'a(',
    'a.',
    '-',
    'not ',
    '!',
    'if x:\n',
    'a[',
    '&',
    '|x| ',
    'Box<',
    'fn f() {',
    'lambda: ',
    'a + ',
    '"',
    'x = ',
  ])('%j, ten thousand times', piece => {
    expectPlain(language, piece.repeat(10_000));
  });

  test('deep but whole nesting', () => {
    const [open, close] = ['('.repeat(3000), ')'.repeat(3000)];
    expectPlain(language, language === 'python' ? `x = ${open}1${close}\n` : `fn f() { let x = ${open}1${close}; }`);
    const calls = `${'f('.repeat(3000)}1${close}`;
    expectPlain(language, language === 'python' ? `x = ${calls}\n` : `fn f() { let x = ${calls}; }`);
    const chain = `a${'.b()'.repeat(5000)}`;
    expectPlain(language, language === 'python' ? `x = ${chain}\n` : `fn f() { let x = ${chain}; }`);
    const sum = `1${' + 1'.repeat(5000)}`;
    expectPlain(language, language === 'python' ? `x = ${sum}\n` : `fn f() { let x = ${sum}; }`);
  });
});
