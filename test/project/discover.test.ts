import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { census, discover } from '../../src/project/discover.js';
import { removeTrees, tree } from './tree.js';

afterAll(removeTrees);

const paths = async (root: string, language?: 'python' | 'rust') => (await discover(root, language)).files.map(f => f.path);

/** `code severity file`, sorted. */
const problems = async (root: string) => (await discover(root)).problems.map(p => `${p.code} ${p.severity} ${p.file}`).sort();

describe('which files', () => {
  test('dependency, build, cache and hidden folders are left out', async () => {
    const root = tree({
      'app/views.py': 'x = 1\n',
      'app/target/views.py': 'x = 1\n',
      'src/target/mod.rs': 'fn f() {}\n',
      'README.md': 'no source',
      '.hidden/a.py': 'x = 1\n',
      '.venv/lib/a.py': 'x = 1\n',
      'venv/lib/a.py': 'x = 1\n',
      'my-env/pyvenv.cfg': '',
      'my-env/a.py': 'x = 1\n',
      'node_modules/gyp/a.py': 'x = 1\n',
      'lib/site-packages/a.py': 'x = 1\n',
      'app/__pycache__/a.py': 'x = 1\n',
      'rs/Cargo.toml': '',
      'rs/target/debug/out.rs': 'fn f() {}\n',
      'rs/vendor/axum/.cargo-checksum.json': '{}',
      'rs/vendor/axum/src/lib.rs': 'fn f() {}\n',
      'rs/src/main.rs': 'fn main() {}\n',
    });
    expect(await paths(root)).toEqual(['app/target/views.py', 'app/views.py', 'rs/src/main.rs', 'src/target/mod.rs']);
    expect(await problems(root)).toEqual([]);
  });

  test('what pip put into a folder of the application is left out, and not what stands beside it', async () => {
    const root = tree({
      'libs/Flask-3.0.3.dist-info/RECORD':
        '../bin/flask,sha256=x,1\nFlask-3.0.3.dist-info/RECORD,,\nflask/__init__.py,sha256=x,1\nflask/views.py,sha256=x,1\n_extra.py,sha256=x,1\n',
      'libs/flask/__init__.py': 'x = 1\n',
      'libs/flask/views.py': 'x = 1\n',
      'libs/_extra.py': 'x = 1\n',
      'libs/Py_Thing-1.0.dist-info/top_level.txt': 'thing\nthings\n',
      'libs/thing.py': 'x = 1\n',
      'libs/things/__init__.py': 'x = 1\n',
      'libs/six-1.16.0.dist-info/INSTALLER': 'pip\n',
      'libs/six.py': 'x = 1\n',
      'libs/ours/views.py': 'x = 1\n',
      'app.py': 'x = 1\n',
    });
    expect(await paths(root)).toEqual(['app.py', 'libs/ours/views.py']);
    expect(await paths(join(root, 'libs'))).toContain('flask/views.py');
  });

  test('tests are counted, not read', async () => {
    const root = tree({
      'app.py': 'x = 1\n',
      'contest.py': 'x = 1\n',
      'test_app.py': 'x = 1\n',
      'app_test.py': 'x = 1\n',
      'conftest.py': 'x = 1\n',
      'tests/helpers.py': 'x = 1\n',
    });
    const { files, skipped } = await discover(root);
    expect(files.map(f => f.path)).toEqual(['app.py', 'contest.py']);
    expect(skipped).toEqual({ tests: 4, ignored: 0, otherLanguage: 0 });
  });

  test("Rust tests, benches and examples are Cargo's folders only", async () => {
    const root = tree({
      'Cargo.toml': '',
      'build.rs': 'fn main() {}\n',
      'src/build.rs': 'fn f() {}\n',
      'src/tests/mod.rs': 'fn f() {}\n',
      'tests/api.rs': 'fn f() {}\n',
      'tests/data/Cargo.toml': '',
      'tests/data/src/lib.rs': 'fn f() {}\n',
      'benches/b.rs': 'fn f() {}\n',
      'examples/e.rs': 'fn f() {}\n',
      'examples/shop/Cargo.toml': '',
      'examples/shop/src/main.rs': 'fn f() {}\n',
    });
    const { files, skipped } = await discover(root);
    expect(files.map(f => f.path)).toEqual(['examples/shop/src/main.rs', 'src/build.rs', 'src/tests/mod.rs']);
    expect(skipped.tests).toBe(5);
  });

  test('one language can be asked for', async () => {
    const root = tree({ 'a.py': 'x = 1\n', 'b.rs': 'fn f() {}\n' });
    expect(await paths(root, 'rust')).toEqual(['b.rs']);
    expect((await discover(root, 'python')).skipped.otherLanguage).toBe(1);
    expect(census(root)).toEqual({ python: 1, rust: 1 });
  });
});

describe('.gitignore', () => {
  test('is honoured at every level, deeper ones first', async () => {
    const root = tree({
      '.gitignore': '/out/\n*_gen.py\n',
      'a.py': 'x = 1\n',
      'a_gen.py': 'x = 1\n',
      'out/b.py': 'x = 1\n',
      'sub/out/c.py': 'x = 1\n',
      'sub/.gitignore': '!keep_gen.py\nlocal.py\n',
      'sub/keep_gen.py': 'x = 1\n',
      'sub/local.py': 'x = 1\n',
    });
    const { files, skipped } = await discover(root);
    expect(files.map(f => f.path)).toEqual(['a.py', 'sub/keep_gen.py', 'sub/out/c.py']);
    expect(skipped.ignored).toBe(2);
  });

  test('does not hide tracked files', async () => {
    const root = tree({
      '.gitignore': 'lib/\nsecret.py\n',
      'app/lib/auth.py': 'x = 1\n',
      'app/lib/new.py': 'x = 1\n',
      'secret.py': 'x = 1\n',
      'b.py': 'x = 1\n',
    });
    const git = (...args: string[]) => execFileSync('git', ['-C', root, '-c', 'init.defaultBranch=main', ...args]);
    git('init', '-q');
    git('add', '-f', 'app/lib/auth.py', 'b.py');
    expect(await paths(root)).toEqual(['app/lib/auth.py', 'b.py']);
    expect(await paths(join(root, 'app'))).toEqual(['lib/auth.py']);
    git('update-index', '--index-version', '4');
    expect(await paths(root)).toEqual(['app/lib/auth.py', 'b.py']);
  });

  test('above the root counts within the repository, unless it ignores the root itself', async () => {
    const root = tree({
      '.git/HEAD': '',
      '.gitignore': 'gen.py\nbuild/\n',
      'app/gen.py': 'x = 1\n',
      'app/a.py': 'x = 1\n',
      'build/app/gen.py': 'x = 1\n',
    });
    expect(await paths(join(root, 'app'))).toEqual(['a.py']);
    expect(await paths(join(root, 'build/app'))).toEqual(['gen.py']);
  });
});

describe('links', () => {
  test('are never followed; only those that leave the tree or lead nowhere are reported', async () => {
    const outside = tree({ 'o.py': 'x = 1\n' });
    const root = tree({
      'a.py': 'x = 1\n',
      'pkg/b.py': 'x = 1\n',
      'pkg/loop': { link: '..' },
      'again.py': { link: 'a.py' },
      'self.py': { link: 'self.py' },
      'gone.py': { link: 'nowhere.py' },
      'gone.txt': { link: 'nowhere.txt' },
      'out.py': { link: join(outside, 'o.py') },
      outdir: { link: outside },
    });
    expect(await paths(root)).toEqual(['a.py', 'pkg/b.py']);
    expect(await problems(root)).toEqual([
      'broken-link warning gone.py',
      'broken-link warning self.py',
      'link-outside warning out.py',
      'link-outside warning outdir',
    ]);
  });
});

describe('what is odd is a problem, and the rest goes on', () => {
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat(parts.map(p => (typeof p === 'string' ? Buffer.from(p) : Buffer.from(p))));

  test('each kind', async () => {
    const root = tree({
      'ok.py': 'x = 1\n',
      'empty.py': '',
      'pkg/__init__.py': '',
      'm/mod.rs': '\n',
      'blank.rs': ' \n\n',
      'binary.py': bytes('x = 1\n', [0, 1, 2]),
      'latin.rs': bytes('// caf', [0xe9], '\n'),
      'wide.py': Buffer.from('\ufeffx = 1\n', 'utf16le'),
      'big.rs': Buffer.alloc(4 * 1024 * 1024 + 1, 32),
    });
    execFileSync('mkfifo', [join(root, 'pipe.py')]);
    expect(await problems(root)).toEqual([
      'binary warning binary.py',
      'empty note blank.rs',
      'empty note empty.py',
      'encoding warning latin.rs',
      'encoding warning wide.py',
      'too-large error big.rs',
      'unreadable warning pipe.py',
    ]);
    const texts = Object.fromEntries((await discover(root)).files.map(f => [f.path, f.text]));
    expect(texts).toEqual({
      'ok.py': 'x = 1\n',
      'empty.py': '',
      'pkg/__init__.py': '',
      'm/mod.rs': '\n',
      'blank.rs': ' \n\n',
      'latin.rs': '// café\n',
      'wide.py': 'x = 1\n',
    });
  });

  test('a declared encoding and a byte order mark are no problem', async () => {
    const root = tree({
      'a.py': bytes('#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = "', [0xe9], '"\n'),
      'b.py': bytes('# coding=koi8-r\nx = "', [0xc1], '"\n'),
      'c.py': '\ufeffx = 1\n',
      'd.py': '# coding: no-such-encoding\nx = "é"\n',
    });
    const { files, problems } = await discover(root);
    expect(problems).toEqual([]);
    expect(files.map(f => f.text.trim().split('\n').at(-1))).toEqual(['x = "é"', 'x = "а"', 'x = 1', 'x = "é"']);
  });

  test('the hash is that of the bytes', async () => {
    const root = tree({ 'a.py': 'x = 1\n', 'b/a.py': 'x = 1\n', 'c.py': 'x = 2\n' });
    const hashes = (await discover(root)).files.map(f => f.hash);
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(hashes).toEqual([sha256('x = 1\n'), sha256('x = 1\n'), sha256('x = 2\n')]);
  });
});
