import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { manifest } from '../../src/project/manifest.js';
import { ManifestReader } from '../../src/project/manifest-reader.js';
import { compareVersions, isCompatible, representative } from '../../src/project/versions.js';
import { removeTrees, tree } from './tree.js';

afterAll(removeTrees);

const python = async (files: Record<string, string>) => Object.fromEntries((await manifest(tree(files), 'python')).versions);

describe('requirements to versions', () => {
  test.each([
    ['==2.3.1', '2.3.1'],
    ['==2.3.*', '2.3'],
    ['>=2.0,<3', '2.0'],
    ['<3,>=2.0', '2.0'],
    ['~=1.4.2', '1.4.2'],
    ['^0.7', '0.7'],
    ['0.5', '0.5'],
    ['=0.5.1', '0.5.1'],
    ['<2', '1'],
    ['<2.0', '1'],
    ['<=1.9', '1.9'],
    ['!=1.5', ''],
    ['*', ''],
    ['', ''],
    ['^1.2 || ^2', '1.2'],
  ])('%s stands for %j', (requirement, version) => expect(representative(requirement)).toBe(version));

  test.each([
    ['0.6.20', '0.6', true],
    ['0.7.0', '0.6', false],
    ['1.9.0', '1.2', true],
    ['1.1.0', '1.2', false],
    ['2.0.0', '1', false],
    ['4.0.0-beta.3', '4.0.0-beta.3', true],
    ['3.1.0', '', true],
  ])('%s fits %s: %s', (version, requirement, fits) => expect(isCompatible(version, requirement)).toBe(fits));

  test('versions are ordered by number', () => {
    expect(['0.10.0', '0.9', '1', '0.9.1'].sort(compareVersions)).toEqual(['0.9', '0.9.1', '0.10.0', '1']);
  });
});

describe('Python manifests', () => {
  test('requirement files, with what they include', async () => {
    const found = await python({
      'requirements.txt': [
        '# web',
        'Flask==2.3.1 # pinned',
        'flask_login[extra] >= 0.6 ; python_version > "3"',
        'itsdangerous==2.1 \\',
        '    --hash=sha256:abc',
        '-r more/base.txt',
        '-r ../outside.txt',
        '--index-url https://example.org/simple',
        'git+https://example.org/x.git#egg=x',
        './local/package',
        'starlette @ https://example.org/starlette-0.27.0.tar.gz',
        'bottle @ git+https://example.org/bottle@0.12.25',
        'Werkzeug',
      ].join('\n'),
      'more/base.txt': 'jinja2<4\n-r ../requirements.txt\n',
      'requirements-dev.txt': 'flask==1.0\npytest==8\n',
    });
    expect(found).toEqual({
      flask: '2.3.1',
      'flask-login': '0.6',
      itsdangerous: '2.1',
      jinja2: '3',
      starlette: '',
      bottle: '0.12.25',
      werkzeug: '',
      pytest: '8',
    });
  });

  test('pyproject.toml of every kind', async () => {
    const found = await python({
      'a/pyproject.toml':
        '[project]\nname = "x"\ndependencies = ["fastapi>=0.110,<1", "uvicorn"]\n[project.optional-dependencies]\nauth = ["pyjwt==2.8"]\n[dependency-groups]\ndev = ["pytest>=8", { include-group = "x" }]\n',
      'b/pyproject.toml':
        '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "^2.2"\nredis = { version = "~5.0", extras = ["x"] }\n[tool.poetry.group.dev.dependencies]\nblack = "23.1"\n',
    });
    expect(found).toEqual({ fastapi: '0.110', uvicorn: '', pyjwt: '2.8', pytest: '8', flask: '2.2', redis: '5.0', black: '23.1' });
  });

  test('a lock file says more than a requirement', async () => {
    expect(
      await python({
        'pyproject.toml': '[project]\ndependencies = ["fastapi>=0.100"]',
        'uv.lock': '[[package]]\nname = "FastAPI"\nversion = "0.115.4"\n',
      }),
    ).toEqual({
      fastapi: '0.115.4',
    });
    expect(
      await python({
        Pipfile: '[packages]\nflask = "*"\n',
        'Pipfile.lock': '{"default": {"flask": {"version": "==3.0.1"}}, "develop": {"pytest": {}}}',
      }),
    ).toEqual({
      flask: '3.0.1',
      pytest: '',
    });
    expect(await python({ 'poetry.lock': '[[package]]\nname = "bottle"\nversion = "0.13"\n' })).toEqual({ bottle: '0.13' });
  });

  test('what pip left beside a package that it put into the tree', async () => {
    const metadata = 'Metadata-Version: 2.1\nName: Flask\nVersion: 3.0.3\n\nName: none\n';
    expect(await python({ 'libs/flask-3.0.3.dist-info/METADATA': metadata, 'docs/METADATA': metadata.replace('Flask', 'other') })).toEqual({
      flask: '3.0.3',
    });
  });

  test('setup.cfg, setup.py and conda', async () => {
    const found = await python({
      'setup.cfg': '[options]\ninstall_requires =\n    flask>=2\n    click\n[other]\nx = 1\n',
      'setup.py':
        'from setuptools import setup\nsetup(name="x", install_requires=[\n  "bottle==0.12", # old\n  # "gone==1",\n  \'celery[redis]>=5\',\n])\n',
      'environment.yml': 'dependencies:\n  - python=3.11\n  - numpy=1.26.4\n  - pip:\n      - fastapi==0.95\n',
    });
    expect(found).toEqual({ flask: '2', click: '', bottle: '0.12', celery: '5', python: '3.11', numpy: '1.26.4', fastapi: '0.95' });
  });

  test('the nearest to the root wins', async () => {
    expect(await python({ 'requirements.txt': 'flask==2\n', 'old/service/requirements.txt': 'flask==1\nbottle==0.12\n' })).toEqual({
      flask: '2',
      bottle: '0.12',
    });
  });

  test('without any below, the nearest above within the repository is read', async () => {
    const root = tree({ '.git/HEAD': '', 'requirements.txt': 'flask==2\n', 'app/src/a.py': '' });
    expect(Object.fromEntries((await manifest(join(root, 'app/src'), 'python')).versions)).toEqual({ flask: '2' });
  });

  test('a broken manifest is a problem and the others are read', async () => {
    const { versions, problems } = await manifest(
      tree({ 'pyproject.toml': '[project\n', 'Pipfile.lock': '{', 'requirements.txt': 'flask==2\n' }),
      'python',
    );
    expect(Object.fromEntries(versions)).toEqual({ flask: '2' });
    expect(problems.map(p => `${p.code} ${p.severity} ${p.file}`).sort()).toEqual([
      'manifest-syntax warning Pipfile.lock',
      'manifest-syntax warning pyproject.toml',
    ]);
  });

  test('one that is too large, or that cannot be read, is a problem; one that is not there is none', async () => {
    const root = tree({ 'requirements.txt': 'flask==2\n', 'pyproject.toml': ' '.repeat(16 * 1024 * 1024 + 1) });
    symlinkSync('Cargo.toml', join(root, 'Cargo.toml'));
    const reader = new ManifestReader(root);
    expect(['requirements.txt', 'pyproject.toml', 'pyproject.toml', 'Cargo.toml', 'Pipfile'].map(f => reader.text(f))).toEqual([
      'flask==2\n',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(reader.problems.map(p => `${p.code} ${p.severity} ${p.file}`)).toEqual([
      'too-large warning pyproject.toml',
      'unreadable warning Cargo.toml',
    ]);
  });
});

describe('Cargo manifests', () => {
  const WORKSPACE = {
    'Cargo.toml': `
[workspace]
members = ["crates/*"]
[workspace.package]
edition = "2021"
[workspace.dependencies]
web = { package = "axum", version = "0.7", features = ["macros"] }
core-lib = { path = "crates/core" }
serde = "1"
`,
    'Cargo.lock':
      '[[package]]\nname = "axum"\nversion = "0.6.20"\n[[package]]\nname = "axum"\nversion = "0.7.9"\n[[package]]\nname = "serde"\nversion = "1.0.200"\n',
    'crates/server/Cargo.toml': `
[package]
name = "my-server"
edition.workspace = true
[dependencies]
web = { workspace = true, features = ["ws"] }
core-lib.workspace = true
old-axum = { package = "axum", version = "0.6", optional = true }
[target.'cfg(unix)'.dependencies]
nix = "0.27"
[dev-dependencies]
reqwest = "0.11"
[features]
default = ["auth"]
auth = ["dep:old-axum", "tokens", "web/json"]
tokens = []
debug = []
[[bin]]
name = "admin"
path = "src/admin.rs"
`,
    'crates/server/src/main.rs': '',
    'crates/server/src/admin.rs': '',
    'crates/server/build.rs': 'fn main() { codegen("src/wire/"); other("out", "srcs", "src") }',
    'crates/server/src/bin/tool.rs': '',
    'crates/server/src/bin/other/main.rs': '',
    'crates/core/Cargo.toml':
      '[package]\nname = "core-lib"\nedition = "2018"\n[lib]\nname = "shop_core"\npath = "lib.rs"\n[dependencies]\nserde = { version = "1.0" }\n',
    'crates/core/lib.rs': '',
  };

  test('a workspace with inherited, renamed, path and platform dependencies', async () => {
    const { versions, crates, problems } = await manifest(tree(WORKSPACE), 'rust');
    expect(problems).toEqual([]);
    expect(crates.map(c => ({ ...c, dependencies: Object.fromEntries(c.dependencies), features: [...c.features.keys()] }))).toEqual([
      {
        name: 'shop_core',
        package: 'core-lib',
        dir: 'crates/core',
        edition: '2018',
        targets: [{ kind: 'lib', name: 'shop_core', file: 'crates/core/lib.rs' }],
        dependencies: { serde: { package: 'serde', version: '1.0.200', features: [], optional: false } },
        features: [],
        defaultFeatures: [],
        written: [],
      },
      {
        name: 'my_server',
        package: 'my-server',
        dir: 'crates/server',
        edition: '2021',
        targets: [
          { kind: 'bin', name: 'admin', file: 'crates/server/src/admin.rs' },
          { kind: 'bin', name: 'my-server', file: 'crates/server/src/main.rs' },
          { kind: 'bin', name: 'other', file: 'crates/server/src/bin/other/main.rs' },
          { kind: 'bin', name: 'tool', file: 'crates/server/src/bin/tool.rs' },
        ],
        dependencies: {
          web: { package: 'axum', version: '0.7.9', features: ['macros', 'ws'], optional: false },
          core_lib: { package: 'core-lib', version: '', dir: 'crates/core', crate: 'shop_core', features: [], optional: false },
          old_axum: { package: 'axum', version: '0.6.20', features: [], optional: true },
          nix: { package: 'nix', version: '0.27', features: [], optional: false },
        },
        features: ['default', 'auth', 'tokens', 'debug'],
        defaultFeatures: ['auth', 'tokens'],
        written: ['src/wire', 'src'],
      },
    ]);
    expect(versions.get('serde')).toBe('1.0.200');
    expect(versions.get('nix')).toBe('0.27');
    expect(versions.get('reqwest')).toBeUndefined();
  });

  test('one crate as the root finds its workspace above', async () => {
    const root = tree({ ...WORKSPACE, '.git/HEAD': '' });
    const { crates } = await manifest(join(root, 'crates/server'), 'rust');
    expect(crates.map(c => [c.dir, c.edition, c.dependencies.get('web')?.version])).toEqual([['', '2021', '0.7.9']]);
  });

  test('a root below the manifest finds it, and its entry file', async () => {
    const root = tree({ '.git/HEAD': '', 'Cargo.toml': '[package]\nname = "a"\n[dependencies]\nactix-web = "4"\n', 'src/main.rs': '' });
    const { crates, versions } = await manifest(join(root, 'src'), 'rust');
    expect(crates.map(c => [c.name, c.dir, c.edition, c.targets])).toEqual([
      ['a', '..', '2015', [{ kind: 'bin', name: 'a', file: 'main.rs' }]],
    ]);
    expect(versions.get('actix-web')).toBe('4');
  });

  test('test data is no crate of the application', async () => {
    const root = tree({
      'Cargo.toml': '[package]\nname = "a"\n',
      'tests/data/Cargo.toml': '[package]\nname = "b"\n[dependencies]\naxum = "0.1"\n',
    });
    const { crates, versions } = await manifest(root, 'rust');
    expect(crates.map(c => c.name)).toEqual(['a']);
    expect(versions.size).toBe(0);
  });

  test('hostile manifests do not throw', async () => {
    const { crates, problems } = await manifest(
      tree({
        'a/Cargo.toml': '[package]\nname = 3\n',
        'b/Cargo.toml': 'dependencies = 1\npackage = []\n',
        'c/Cargo.toml': '[package\n',
        'd/Cargo.toml':
          '[package]\nname = "d"\nedition = 1\n[dependencies]\nx = { workspace = true }\ny = 4\nz = { path = "../../../.." }\n[features]\ndefault = ["a"]\na = ["default"]\n[lib]\npath = "../../../etc/passwd"\n',
      }),
      'rust',
    );
    expect(crates.map(c => [c.name, [...c.dependencies.keys()], c.defaultFeatures, c.targets])).toContainEqual([
      'd',
      ['x', 'y', 'z'],
      ['a'],
      [],
    ]);
    expect(problems.map(p => p.file).sort()).toEqual(['a/Cargo.toml', 'b/Cargo.toml', 'c/Cargo.toml']);
  });
});
