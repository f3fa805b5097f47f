/** Cargo workspaces: crates, their targets, dependencies (inherited, renamed, by path), features, and the lock file. */
import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type ManifestReader, list, strings, type Table, table } from './manifest-reader.js';
import type { Crate, CrateDependency, CrateTarget } from './types.js';
import { compareVersions, isCompatible, representative } from './versions.js';
import { byCodeUnit, slashed } from './walk.js';

/** Locked versions by package name; from the lock file of the workspace, else the crate's own, else the root's. */
type Lock = Map<string, string[]>;

interface Workspace {
  dir: string;
  dependencies: Table;
  package: Table;
}

/** How far above the root a workspace manifest is looked for. */
const MAX_UP = 8;

const underscored = (name: string): string => name.replace(/-/g, '_');
const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const parent = (dir: string): string => (dir === '' ? '..' : /(^|\/)\.\.$/.test(dir) ? `${dir}/..` : dropDot(posix.dirname(dir)));
const dropDot = (dir: string): string => (dir === '.' ? '' : dir);

/**
 * Reads `Cargo.toml` files and what belongs to them.
 * @param paths manifests relative to the reader's root, the nearest first
 */
export function readCargo(reader: ManifestReader, paths: string[]): { versions: Map<string, string>; crates: Crate[] } {
  const files = new Map<string, Table>();
  const load = (dir: string): Table | undefined => {
    const known = files.get(dir);
    if (known) return known;
    const file = reader.toml(posix.join(dir, 'Cargo.toml'));
    if (file) files.set(dir, file);
    return file;
  };
  const locks = new Map<string, Lock>();
  const lockOf = (dir: string, workspaceDir: string | undefined): Lock => {
    const place = [workspaceDir, dir, ''].find(d => d !== undefined && existsSync(join(reader.root, d, 'Cargo.lock'))) ?? '';
    const known = locks.get(place) ?? readLock(reader, place);
    locks.set(place, known);
    return known;
  };
  const versions = new Map<string, string>();
  const crates: Crate[] = [];
  for (const path of paths) {
    const dir = dropDot(posix.dirname(path));
    const file = load(dir);
    if (!file) continue;
    const workspace = workspaceOf(dir, load);
    const lock = lockOf(dir, workspace?.dir);
    const crate = file.package === undefined ? undefined : readCrate(reader, dir, file, workspace, lock);
    if (crate) crates.push(crate);
    const declared = crate?.dependencies.values() ?? dependenciesOf(table(file.workspace), dir, undefined, lock).values();
    for (const { package: name, version } of declared) {
      if (!versions.get(name)) versions.set(name, version);
    }
  }
  const byDir = new Map(crates.map(crate => [crate.dir, crate]));
  for (const crate of crates) {
    for (const dependency of crate.dependencies.values()) {
      const target = dependency.dir === undefined ? undefined : byDir.get(dependency.dir);
      if (target) dependency.crate = target.name;
    }
  }
  unify(crates);
  crates.sort((a, b) => byCodeUnit(a.dir, b.dir));
  return { versions, crates };
}

/** A crate is compiled once for all that depend on it, with the features that any of them asks for. */
function unify(crates: Crate[]): void {
  const byName = new Map(crates.map(crate => [crate.name, crate]));
  const on = new Map(crates.map(crate => [crate, new Set(crate.defaultFeatures)]));
  let changed = true;
  const enable = (crate: Crate, feature: string): void => {
    const mine = on.get(crate);
    if (!mine || mine.has(feature)) return;
    mine.add(feature);
    for (const more of closure(crate.features, feature)) mine.add(more);
    changed = true;
  };
  while (changed) {
    changed = false;
    for (const crate of crates)
      for (const [used, dependency] of crate.dependencies) {
        const target = dependency.crate === undefined ? undefined : byName.get(dependency.crate);
        if (!target || dependency.dir === undefined) continue;
        for (const feature of dependency.features) enable(target, feature);
        // `full = ["helper/full"]`
        for (const mine of on.get(crate) ?? [])
          for (const next of crate.features.get(mine) ?? []) {
            const [of, feature] = next.split(/\??\//);
            if (feature && of && (underscored(of) === used || of === dependency.package)) enable(target, feature);
          }
      }
  }
  for (const [crate, features] of on) crate.defaultFeatures = [...features].sort(byCodeUnit);
}

function readCrate(reader: ManifestReader, dir: string, file: Table, workspace: Workspace | undefined, lock: Lock): Crate | undefined {
  const pkg = table(file.package);
  const name = string(pkg.name);
  if (name === undefined) {
    reader.problems.push({
      severity: 'warning',
      code: 'manifest-syntax',
      says: 'the package has no name',
      file: posix.join(dir, 'Cargo.toml'),
    });
    return undefined;
  }
  const features = new Map(Object.entries(table(file.features)).map(([feature, on]) => [feature, strings(on)]));
  return {
    name: underscored(string(table(file.lib).name) ?? name),
    package: name,
    dir,
    edition: string(pkg.edition) ?? string(workspace?.package.edition) ?? '2015',
    targets: targetsOf(reader, dir, file, name),
    dependencies: dependenciesOf(file, dir, workspace, lock),
    features,
    defaultFeatures: closure(features, 'default'),
    written: writtenTo(reader.text(posix.join(dir, string(table(file.package).build) ?? 'build.rs')) ?? ''),
  };
}

const writtenTo = (script: string): string[] => [...new Set([...script.matchAll(/"(src(?:\/[\w.-]+)*)\/?"/g)].map(m => m[1] as string))];

/** Everything that `feature` switches on inside its crate. */
function closure(features: Map<string, string[]>, feature: string): string[] {
  const on = new Set<string>();
  const visit = (name: string): void => {
    if (on.has(name) || !features.has(name)) return;
    on.add(name);
    for (const next of features.get(name) ?? []) {
      // `dep:x`, `x/feature` and `x?/feature` speak of dependencies.
      if (!/^dep:|\//.test(next)) features.has(next) ? visit(next) : on.add(next);
    }
  };
  visit(feature);
  on.delete(feature);
  return [...on].sort(byCodeUnit);
}

/** Cargo's target discovery: the tables of the manifest first, then the conventional files. */
function targetsOf(reader: ManifestReader, dir: string, file: Table, name: string): CrateTarget[] {
  const targets: CrateTarget[] = [];
  const add = (kind: CrateTarget['kind'], target: string, path: string): void => {
    // A target outside its own package is not the application's to read.
    if (posix.isAbsolute(path) || posix.normalize(path).startsWith('..')) return;
    const abs = join(reader.root, dir, path);
    const at = slashed(reader.root, abs);
    if (existsSync(abs) && !targets.some(t => t.file === at && t.kind === kind)) targets.push({ kind, name: target, file: at });
  };
  const lib = table(file.lib);
  add('lib', underscored(string(lib.name) ?? name), string(lib.path) ?? 'src/lib.rs');
  for (const entry of list(file.bin).map(table)) {
    const bin = string(entry.name) ?? name;
    for (const path of [string(entry.path), `src/bin/${bin}.rs`, `src/bin/${bin}/main.rs`, 'src/main.rs']) {
      const before = targets.length;
      if (path !== undefined) add('bin', bin, path);
      if (targets.length > before || string(entry.path) !== undefined) break;
    }
  }
  if (table(file.package).autobins !== false) {
    add('bin', name, 'src/main.rs');
    for (const entry of childrenOf(join(reader.root, dir, 'src/bin'))) {
      if (entry.endsWith('.rs')) add('bin', entry.slice(0, -3), `src/bin/${entry}`);
      else add('bin', entry, `src/bin/${entry}/main.rs`);
    }
  }
  return targets;
}

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort(byCodeUnit);
  } catch {
    return [];
  }
}

/** Normal dependencies, also those of single platforms; not those of tests and build scripts. */
function dependenciesOf(file: Table, dir: string, workspace: Workspace | undefined, lock: Lock): Map<string, CrateDependency> {
  const tables = [file.dependencies, ...Object.values(table(file.target)).map(t => table(t).dependencies)];
  const out = new Map<string, CrateDependency>();
  for (const [name, value] of tables.flatMap(t => Object.entries(table(t)))) {
    const own = specification(value);
    const inherited = own.workspace === true ? specification(workspace?.dependencies[name]) : {};
    const from = own.workspace === true ? (workspace?.dir ?? dir) : dir;
    const merged: Table = { ...inherited, ...own };
    const pkg = string(merged.package) ?? name;
    const path = string(merged.path);
    const requirement = string(merged.version) ?? string(merged.tag) ?? '';
    const known = out.get(underscored(name));
    out.set(underscored(name), {
      package: pkg,
      version: locked(lock, pkg, requirement) ?? representative(requirement),
      ...(path === undefined ? {} : { dir: dropDot(posix.join(from, path).replace(/\/$/, '')) }),
      features: [...new Set([...(known?.features ?? []), ...strings(inherited.features), ...strings(own.features)])],
      optional: own.optional === true,
    });
  }
  return out;
}

const specification = (value: unknown): Table => (typeof value === 'string' ? { version: value } : table(value));

/** The manifest with `[workspace]` at or above `dir`, as Cargo looks for it. */
function workspaceOf(dir: string, load: (dir: string) => Table | undefined): Workspace | undefined {
  let folder = dir;
  for (let ups = 0; ups < MAX_UP; folder = parent(folder)) {
    const file = load(folder);
    if (file?.workspace !== undefined) {
      const found = table(file.workspace);
      return { dir: folder, dependencies: table(found.dependencies), package: table(found.package) };
    }
    if (folder.startsWith('..') || folder === '') ups++;
  }
  return undefined;
}

function readLock(reader: ManifestReader, dir: string): Lock {
  const lock: Lock = new Map();
  for (const { name, version } of list(reader.toml(posix.join(dir, 'Cargo.lock'))?.package).map(table)) {
    if (typeof name === 'string' && typeof version === 'string') lock.set(name, [...(lock.get(name) ?? []), version]);
  }
  return lock;
}

function locked(lock: Lock, name: string, requirement: string): string | undefined {
  const fitting = (lock.get(name) ?? []).filter(version => isCompatible(version, requirement));
  return fitting.sort(compareVersions).at(-1) ?? (lock.get(name)?.length === 1 ? lock.get(name)?.[0] : undefined);
}
