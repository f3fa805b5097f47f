/** Which packages an application is built with, read from its manifests and lock files; nothing is run. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import type { Problem, Side } from '../contract/types.js';
import { readCargo } from './cargo.js';
import { cargoSource } from './cargo-layout.js';
import { gitTop } from './git-index.js';
import { isPythonManifest, readPython } from './python-manifest.js';
import type { Manifest } from './types.js';
import { slashed, walk } from './walk.js';

/** In bytes; lock files of large workspaces reach a few hundred kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Any table of a parsed TOML, YAML or JSON file. */
export type Table = Record<string, unknown>;

/** Reads files by their path relative to the root and collects what is wrong with them. */
export class ManifestReader {
  readonly problems: Problem[] = [];
  constructor(readonly root: string) {}

  text(path: string): string | undefined {
    const abs = join(this.root, path);
    try {
      const stat = statSync(abs);
      return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(abs, 'utf8').replace(/^\uFEFF/, '') : undefined;
    } catch {
      return undefined;
    }
  }

  toml(path: string): Table | undefined {
    return this.parsed(path, parseToml);
  }

  /** The parsed file as a table; undefined when it is missing or (with a problem) not well-formed. */
  parsed(path: string, parse: (text: string) => unknown): Table | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    try {
      return table(parse(text));
    } catch (error) {
      const [says = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      this.problems.push({ severity: 'warning', code: 'manifest-syntax', says: `the manifest is not well-formed: ${says}`, file: path });
      return undefined;
    }
  }
}

export const table = (value: unknown): Table =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : {};
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const strings = (value: unknown): string[] => list(value).filter(v => typeof v === 'string');

/**
 * Reads the manifests of one side. Where several below `root` name a package, the one nearest to `root` wins; if there are none, the
 * nearest folder above it (up to the top of the repository) is read.
 * @param root absolute path of an existing directory
 */
export async function manifest(root: string, side: Side): Promise<Manifest> {
  const wanted = side === 'rust' ? (name: string) => name === 'Cargo.toml' : isPythonManifest;
  let { paths } = walk(root, wanted);
  if (paths.length === 0) paths = above(root, wanted);
  paths.sort((a, b) => a.split('/').length - b.split('/').length);
  if (side === 'rust') paths = paths.filter(cargoSource(root));
  const reader = new ManifestReader(root);
  const read = side === 'rust' ? readCargo(reader, paths) : { versions: readPython(reader, paths), crates: [] };
  return { ...read, problems: reader.problems };
}

function above(root: string, wanted: (name: string) => boolean): string[] {
  const top = gitTop(root);
  if (!top) return [];
  for (let folder = join(root, '..'); folder.length >= top.length; folder = join(folder, '..')) {
    const found = walk(folder, wanted).paths.filter(path => !path.includes('/'));
    if (found.length > 0) return found.map(path => slashed(root, join(folder, path)));
    if (folder === join(folder, '..')) break;
  }
  return [];
}
