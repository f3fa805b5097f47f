/** Which Rust files belong to libraries and binaries: tests, benchmarks, examples and build scripts serve no request. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Tells by its path (relative to `root`, with `/`) whether a Rust file or a `Cargo.toml` belongs to the application. Folders count
 * as Cargo's only beside a `Cargo.toml`: `src/tests/` is a module. A crate of its own inside `examples/` is an application; one inside
 * `tests/` or `benches/` is test data.
 */
export function cargoSource(root: string): (path: string) => boolean {
  const known = new Map<string, boolean>();
  const hasManifest = (folder: string): boolean => {
    const found = known.get(folder) ?? existsSync(join(root, folder, 'Cargo.toml'));
    known.set(folder, found);
    return found;
  };
  return path => {
    const parts = path.split('/');
    if (parts.at(-1) === 'build.rs' && hasManifest(parts.slice(0, -1).join('/'))) return false;
    let insideCrate = parts.at(-1) === 'Cargo.toml';
    for (let depth = parts.length - 1; depth >= 0; depth--) {
      if (!hasManifest(parts.slice(0, depth).join('/'))) continue;
      const folder = depth === parts.length - 1 ? undefined : parts[depth];
      if (folder === 'tests' || folder === 'benches' || (folder === 'examples' && !insideCrate)) return false;
      insideCrate = true;
    }
    return true;
  };
}
