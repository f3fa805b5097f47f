import { initParser, withTree } from '../../src/syntax/parser.js';

beforeAll(initParser);

/** Source that older grammars reject; each must parse without an error node. */
const CLEAN: ['python' | 'rust', string][] = [
  ['rust', 'fn f(raw: u8) { g(&raw); }'],
  ['rust', 'unsafe extern "C" { fn f(); }'],
  ['rust', 'fn f() { if let Some(a) = b && a > 1 { c() } }'],
  ['rust', 'fn f() -> impl Sized + use<> { async || 1 }'],
  ['rust', 'fn f() { let Ok(x) = y else { return }; }'],
  ['python', 'def f[T: int](x: T) -> T: return x'],
  ['python', 'try:\n    a()\nexcept A, B:\n    b()\n'],
  ['python', 'match x:\n    case {"a": [1, *_]} if y: pass\n'],
  ['python', "x = t'{a}' + f'{b!r:>{c}}'\n"],
  ['python', '@x[0].y(lambda: 1)\nasync def f(): await g()\n'],
];

test.each(CLEAN)('%s parses %j', (language, text) => {
  expect(withTree(language, text, root => root.hasError)).toBe(false);
});

test.each([
  ['rust', 'fn f( {'],
  ['python', 'def f(:\n'],
] as const)('%s sees the error in %j', (language, text) => {
  expect(withTree(language, text, root => root.hasError)).toBe(true);
});

test('columns are UTF-16 units', () => {
  const text = 'x = "😀é", y';
  const column = withTree('python', text, root => root.descendantsOfType('identifier')[1]?.startPosition.column);
  expect(column).toBe(text.indexOf('y'));
});

test('the tree is freed when the callback throws, and the parser goes on', () => {
  const boom = () => {
    throw new RangeError('boom');
  };
  expect(() => withTree('rust', 'fn f() {}', boom)).toThrow('boom');
  expect(withTree('rust', 'fn f() {}', root => root.namedChildCount)).toBe(1);
});

test('deep nesting parses', () => {
  const text = `x = ${'('.repeat(5000)}1${')'.repeat(5000)}\n`;
  expect(withTree('python', text, root => root.hasError)).toBe(false);
});
