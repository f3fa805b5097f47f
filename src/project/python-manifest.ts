/** Python dependencies: requirement files, pyproject.toml, Pipfile, conda environments, setup files and lock files. */
import { posix } from 'node:path';
import { list, type ManifestReader, strings, type Table, table } from './manifest-reader.js';
import { representative } from './versions.js';

/** Later means less binding: what is locked, what is declared, what is only for development. */
const RANK = { locked: 0, declared: 1, optional: 2 } as const;
type Rank = (typeof RANK)[keyof typeof RANK];
type Add = (name: string, requirement: string, rank: Rank) => void;

const REQUIREMENTS = /^(requirements|constraints).*\.(txt|in)$/;

/** Files that are read by their exact name. */
const READERS: Record<string, (reader: ManifestReader, path: string, add: Add) => void | Promise<void>> = {
  __proto__: null as never,
  'pyproject.toml': readPyproject,
  Pipfile: readPipfile,
  'Pipfile.lock': readPipfileLock,
  'poetry.lock': readLock,
  'uv.lock': readLock,
  'pdm.lock': readLock,
  'pylock.toml': readLock,
  'environment.yml': readConda,
  'environment.yaml': readConda,
  'setup.cfg': readSetupCfg,
  'setup.py': readSetupPy,
  METADATA: readInstalled,
};

export function isPythonManifest(name: string): boolean {
  return name in READERS || REQUIREMENTS.test(name) || /^(base|prod|production|common|dev)\.(txt|in)$/.test(name);
}

/** PEP 503. */
const normalised = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/**
 * Versions by normalised package name.
 * @param paths manifests relative to the reader's root, the nearest first
 */
export async function readPython(reader: ManifestReader, paths: string[]): Promise<Map<string, string>> {
  const found = new Map<string, { version: string; weight: number }>();
  const seen = new Set<string>();
  for (const path of paths) {
    const depth = path.split('/').length;
    const add: Add = (name, requirement, rank) => {
      const key = normalised(name);
      const version = representative(requirement);
      // A stated version beats none; then the nearest folder; then the most binding kind of file.
      const weight = (version === '' ? 1_000_000 : 0) + depth * 10 + rank;
      const known = found.get(key);
      if (!known || weight < known.weight) found.set(key, { version, weight });
    };
    const name = posix.basename(path);
    const special = READERS[name];
    if (special) await special(reader, path, add);
    else if (REQUIREMENTS.test(name) || /(^|\/)requirements\//.test(path)) readRequirements(reader, path, add, seen);
  }
  return new Map([...found].map(([name, { version }]) => [name, version]));
}

/** A requirement of PEP 508; anything else (options, plain URLs, paths) is not one. */
function addRequirement(line: string, rank: Rank, add: Add): void {
  const [, name, rest = ''] = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(line) ?? [];
  if (!name || /^[:/\\]/.test(rest) || (rest !== '' && !/^[=~!<>(@;]/.test(rest))) return;
  const [requirement = ''] = rest.split(';');
  const fromUrl = /@\s*.*?@v?(\d[\w.]*)/.exec(requirement)?.[1];
  add(name, requirement.startsWith('@') ? (fromUrl ?? '') : requirement.replace(/[()]/g, ''), rank);
}

function readRequirements(reader: ManifestReader, path: string, add: Add, seen: Set<string>): void {
  if (seen.has(path)) return;
  seen.add(path);
  const rank = /dev|test|lint|doc/.test(posix.basename(path)) ? RANK.optional : RANK.declared;
  const lines = (reader.text(path) ?? '').replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const line of lines) {
    const plain = line.replace(/(^|\s)#.*$/, '').replace(/\s--hash=.*$/, '');
    const [, other] = /^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)/.exec(plain) ?? [];
    if (other === undefined) addRequirement(plain, rank, add);
    else if (!/^[a-z]+:|^\//i.test(other)) {
      const target = posix.join(posix.dirname(path), other);
      // A file above the root is not the analysed application's.
      if (!target.startsWith('..')) readRequirements(reader, target, add, seen);
    }
  }
}

/** What pip leaves beside a package that it put into a folder of the application. */
function readInstalled(reader: ManifestReader, path: string, add: Add): void {
  const head = (reader.text(path) ?? '').split(/\r?\n\r?\n/)[0] ?? '';
  const [name, version] = ['Name', 'Version'].map(key => new RegExp(`^${key}:\\s*(\\S+)`, 'm').exec(head)?.[1]);
  if (path.endsWith('.dist-info/METADATA') && name && version) add(name, `==${version}`, RANK.locked);
}

function readPyproject(reader: ManifestReader, path: string, add: Add): void {
  const file = reader.toml(path) ?? {};
  const project = table(file.project);
  const tool = table(file.tool);
  for (const line of strings(project.dependencies)) addRequirement(line, RANK.declared, add);
  for (const group of [...Object.values(table(project['optional-dependencies'])), ...Object.values(table(file['dependency-groups']))]) {
    for (const line of strings(group)) addRequirement(line, RANK.optional, add);
  }
  const poetry = table(tool.poetry);
  addTable(table(poetry.dependencies), RANK.declared, add);
  addTable(table(poetry['dev-dependencies']), RANK.optional, add);
  for (const group of Object.values(table(poetry.group))) addTable(table(table(group).dependencies), RANK.optional, add);
  for (const group of Object.values(table(table(tool.pdm)['dev-dependencies']))) {
    for (const line of strings(group)) addRequirement(line, RANK.optional, add);
  }
}

/** `name = "^1"` or `name = { version = "^1" }`, of Poetry and Pipenv; Poetry may list several for different platforms. */
function addTable(dependencies: Table, rank: Rank, add: Add): void {
  for (const [name, value] of Object.entries(dependencies)) {
    const one = Array.isArray(value) ? value[0] : value;
    const requirement = typeof one === 'string' ? one : table(one).version;
    if (name !== 'python') add(name, typeof requirement === 'string' ? requirement : '', rank);
  }
}

function readPipfile(reader: ManifestReader, path: string, add: Add): void {
  const file = reader.toml(path) ?? {};
  addTable(table(file.packages), RANK.declared, add);
  addTable(table(file['dev-packages']), RANK.optional, add);
}

function readPipfileLock(reader: ManifestReader, path: string, add: Add): void {
  const file = reader.parsed(path, JSON.parse) ?? {};
  addTable(table(file.default), RANK.locked, add);
  addTable(table(file.develop), RANK.optional, add);
}

/** The lock files of Poetry, uv and PDM, and PEP 751, all list packages with `name` and `version`. */
function readLock(reader: ManifestReader, path: string, add: Add): void {
  const file = reader.toml(path) ?? {};
  for (const entry of [...list(file.package), ...list(file.packages)]) {
    const { name, version } = table(entry);
    if (typeof name === 'string' && typeof version === 'string') add(name, `==${version}`, RANK.locked);
  }
}

async function readConda(reader: ManifestReader, path: string, add: Add): Promise<void> {
  // Loaded here, because few applications have such a file, and to load it takes a tenth of a run that finds both contracts in the cache.
  const { parse: parseYaml } = await import('yaml');
  // Aliases can blow a small file up; no dependency list needs them.
  const file = reader.parsed(path, text => parseYaml(text, { maxAliasCount: 0 })) ?? {};
  for (const entry of list(file.dependencies)) {
    if (typeof entry === 'string') addRequirement(entry.replace(/^([\w.-]+)=(?=\d)/, '$1=='), RANK.declared, add);
    else for (const line of strings(table(entry).pip)) addRequirement(line, RANK.declared, add);
  }
}

function readSetupCfg(reader: ManifestReader, path: string, add: Add): void {
  const [, block = ''] = /^install_requires[ \t]*=[ \t]*(.*(?:\r?\n[ \t]+.*)*)/m.exec(reader.text(path) ?? '') ?? [];
  for (const line of block.split(/\r?\n/)) addRequirement(line, RANK.declared, add);
}

/** Only a list that stands there literally: setup.py is a program and is not run. */
function readSetupPy(reader: ManifestReader, path: string, add: Add): void {
  const [, block = ''] =
    /\b(?:install_requires|INSTALL_REQUIRES|requirements|REQUIRED?)\s*=\s*[[(]((?:[^\])"'#]|#.*|"[^"\n]*"|'[^'\n]*')*)[\])]/.exec(
      reader.text(path) ?? '',
    ) ?? [];
  for (const [, quoted = ''] of block.replace(/^\s*#.*$/gm, '').matchAll(/["']([^"'\n]+)["']/g)) addRequirement(quoted, RANK.declared, add);
}
