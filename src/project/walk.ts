/** Walks a source tree: which files there are, without reading any of them. */
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import type { Problem } from '../contract/types.js';
import { gitTop, trackedFiles } from './git-index.js';

export interface Walk {
  /** Relative to the root, with `/`; every regular file whose name is wanted. */
  paths: string[];
  problems: Problem[];
  /** Wanted files that git ignores and does not track. */
  ignored: number;
}

/** Folders that hold no source of the application itself, whatever the language. */
const NEVER = new Set(['node_modules', 'site-packages', '__pycache__', 'venv', '__pypackages__']);

interface Rules {
  /** Folder of the `.gitignore`. */
  folder: string;
  rules: Ignore;
}

/**
 * Lists the files under `root` whose name `wanted` accepts. Hidden folders, dependency and build folders are left out, `.gitignore`
 * files at every level (up to the top of the repository) are honoured unless git tracks the file. Links are never followed: a target inside the
 * tree is met at its own place, one outside is a problem.
 * @param root absolute path of a directory
 */
export function walk(root: string, wanted: (name: string) => boolean): Walk {
  const real = realpathSync(root);
  const tracked = trackedUnder(root);
  const out: Walk = { paths: [], problems: [], ignored: 0 };

  const visit = (folder: string, rules: Rules[]): void => {
    const entries = list(folder);
    if (!entries) {
      out.problems.push({ severity: 'error', code: 'unreadable', says: 'the folder cannot be read', file: slashed(root, folder) || '.' });
      return;
    }
    if (entries.some(e => e.name === '.cargo-checksum.json' || e.name === 'pyvenv.cfg') && folder !== root) return;
    const foreign = folder === root ? new Set<string>() : installed(folder, entries);
    const here = entries.some(e => e.name === '.gitignore' && e.isFile()) ? [...rules, ...readRules(folder)] : rules;
    for (const entry of entries) {
      const abs = join(folder, entry.name);
      const path = slashed(root, abs);
      if (foreign.has(entry.name)) continue;
      if (entry.isDirectory()) {
        if (entry.name.startsWith('.') || NEVER.has(entry.name) || isCargoTarget(folder, entry.name)) continue;
        if (isIgnored(abs, true, here) && !tracked().folders.has(path)) continue;
        visit(abs, here);
      } else if (entry.isSymbolicLink()) {
        link(abs, path);
      } else if (!wanted(entry.name)) {
      } else if (!entry.isFile()) {
        out.problems.push({ severity: 'warning', code: 'unreadable', says: 'it is no regular file', file: path });
      } else if (isIgnored(abs, false, here) && !tracked().files.has(path)) {
        out.ignored++;
      } else {
        out.paths.push(path);
      }
    }
  };

  const link = (abs: string, path: string): void => {
    const target = linkTarget(abs);
    const matters = wanted(basename(abs)) || (target !== undefined && !basename(abs).startsWith('.') && isFolder(target));
    if (!matters || NEVER.has(basename(abs))) return;
    if (target === undefined) {
      out.problems.push({ severity: 'warning', code: 'broken-link', says: 'the link leads nowhere or in a circle', file: path });
    } else if (target !== real && !target.startsWith(real + sep)) {
      out.problems.push({
        severity: 'warning',
        code: 'link-outside',
        says: 'the link leaves the analysed tree and is not followed',
        file: path,
      });
    }
  };

  visit(root, inherited(root));
  out.paths.sort(byCodeUnit);
  return out;
}

export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** `abs` relative to `root`, with `/`. */
export const slashed = (root: string, abs: string): string => relative(root, abs).split(sep).join('/');

function list(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

/**
 * What `pip install --target` put into a folder: beside the packages it leaves a `.dist-info` for each, which lists their files. The
 * folder may hold others, which are the application's own.
 */
function installed(folder: string, entries: Dirent[]): Set<string> {
  const out = new Set<string>();
  for (const { name } of entries) {
    const of = /^([\w.]+?)-\d.*\.dist-info$/.exec(name)?.[1];
    if (of === undefined) continue;
    const read = (file: string): string[] => textOf(join(folder, name, file))?.split(/\r?\n/) ?? [];
    const record = read('RECORD').flatMap(line => /^"?([^"/,]+)[/,"]/.exec(line)?.[1] ?? []);
    const top = record.length > 0 ? record : read('top_level.txt').flatMap(line => [line.trim(), `${line.trim()}.py`]);
    for (const x of top.length > 0 ? top : [of, `${of}.py`]) if (!/^\.*$|\.dist-info$/.test(x)) out.add(x);
  }
  return out;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `target` is also a good name for a module, so it has to look like Cargo's. */
function isCargoTarget(parent: string, name: string): boolean {
  return name === 'target' && (existsSync(join(parent, 'Cargo.toml')) || existsSync(join(parent, name, 'CACHEDIR.TAG')));
}

function linkTarget(abs: string): string | undefined {
  try {
    return realpathSync(abs);
  } catch {
    return undefined;
  }
}

function isFolder(abs: string): boolean {
  try {
    return statSync(abs).isDirectory();
  } catch {
    return false;
  }
}

/** The `.gitignore` files above `root`; none when they ignore the root itself, for it was asked for by name. */
function inherited(root: string): Rules[] {
  const top = gitTop(root);
  if (!top || top === root) return [];
  const folders: string[] = [];
  for (let folder = dirname(root); folder.length >= top.length; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  const rules = folders.flatMap(readRules);
  for (let folder = root; folder !== top; folder = dirname(folder)) {
    if (isIgnored(folder, true, rules)) return [];
  }
  return rules;
}

function readRules(folder: string): Rules[] {
  try {
    return [{ folder, rules: ignore().add(readFileSync(join(folder, '.gitignore'), 'utf8')) }];
  } catch {
    return [];
  }
}

/** The deepest `.gitignore` that says anything about the path decides. */
function isIgnored(abs: string, folder: boolean, rules: Rules[]): boolean {
  for (let i = rules.length - 1; i >= 0; i--) {
    const rule = rules[i]!;
    const path = slashed(rule.folder, abs);
    if (path === '' || path.startsWith('..')) continue;
    const said = rule.rules.test(folder ? `${path}/` : path);
    if (said.ignored) return true;
    if (said.unignored) return false;
  }
  return false;
}

/** Tracked files and their folders, relative to `root`; read when first asked for. */
function trackedUnder(root: string): () => { files: Set<string>; folders: Set<string> } {
  let known: { files: Set<string>; folders: Set<string> } | undefined;
  return () => {
    if (known) return known;
    known = { files: new Set(), folders: new Set() };
    const top = gitTop(root);
    const prefix = top ? slashed(top, root) : '';
    for (const name of top ? trackedFiles(top) : []) {
      if (prefix && !name.startsWith(`${prefix}/`)) continue;
      const path = prefix ? name.slice(prefix.length + 1) : name;
      known.files.add(path);
      for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) known.folders.add(path.slice(0, cut));
    }
    return known;
  };
}
