import { join } from 'node:path';
import type { Io } from '../../src/cli/io.js';
import { sides } from '../../src/cli/sides.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);

const root = tree({
  'py/a.py': 'x = 1\n',
  'rs/a.rs': 'fn f() {}\n',
  'rs/b.rs': 'fn f() {}\n',
  'docs/a.md': '',
  'file.py': 'x = 1\n',
  alias: { link: 'py' },
  loop: { link: 'loop' },
});

const outcome = (python: string, rust: string) => {
  try {
    return sides(python, rust, { cwd: root } as Io).warnings;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

test.each<[string, string, string | string[]]>([
  ['py', 'rs', []],
  [join(root, 'py'), './rs/', []],
  ['.', 'rs', []],
  ['py', 'nowhere', 'UsageError: no such folder: nowhere'],
  ['no\u001b[1mwhere', 'rs', 'UsageError: no such folder: no\\u{1b}[1mwhere'],
  ['file.py', 'rs', 'UsageError: file.py is no folder; give the folder of the application'],
  ['loop', 'rs', 'UsageError: loop cannot be read (ELOOP)'],
  ['py', 'py/', 'UsageError: both arguments are the same folder: py'],
  ['py', 'alias', 'UsageError: both arguments are the same folder: py'],
  ['rs', 'py', 'UsageError: the arguments are swapped; the Python folder comes first: parity check py rs'],
  ['py', 'docs', ['docs holds no Rust files']],
  ['rs', 'docs', ['rs holds no Python files (but 2 Rust files)', 'docs holds no Rust files']],
  ['docs', 'rs', ['docs holds no Python files']],
])('%s against %s', (python, rust, expected) => expect(outcome(python, rust)).toEqual(expected));

test('the folders are absolute and resolved', () => {
  const { python, rust } = sides('alias', 'rs', { cwd: root } as Io);
  expect([python, rust]).toEqual([join(root, 'py'), join(root, 'rs')]);
});
