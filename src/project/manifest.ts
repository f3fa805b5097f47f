/** Which packages an application is built with, read from its manifests and lock files; nothing is run. */
import { join } from 'node:path';
import type { Side } from '../contract/types.js';
import { readCargo } from './cargo.js';
import { cargoSource } from './cargo-layout.js';
import { gitTop } from './git-index.js';
import { ManifestReader } from './manifest-reader.js';
import { isPythonManifest, readPython } from './python-manifest.js';
import type { Manifest } from './types.js';
import { slashed, walk } from './walk.js';

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
  const read = side === 'rust' ? readCargo(reader, paths) : { versions: await readPython(reader, paths), crates: [] };
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
