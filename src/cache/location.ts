/** Where the cache of a user lies, and whether that folder may be used: what lies in it is believed. */
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The folder for caches as the platform has it; undefined where the environment names no home.
 * @param platform as `process.platform`
 */
export function userCacheFolder(env: Env, platform: string): string | undefined {
  // By the specification of XDG, and for the same reason everywhere: a relative one would depend on the current folder.
  const absolute = (path: string | undefined): string | undefined => (path && isAbsolute(path) ? path : undefined);
  const home = absolute(env.HOME);
  if (platform === 'win32') {
    const local = absolute(env.LOCALAPPDATA);
    return local && join(local, 'parity', 'cache');
  }
  if (platform === 'darwin') return home && join(home, 'Library', 'Caches', 'parity');
  const base = absolute(env.XDG_CACHE_HOME) ?? (home && join(home, '.cache'));
  return base && join(base, 'parity');
}

/** Others may write to it. Windows has no such bits; folders below `%LOCALAPPDATA%` are the user's own there. */
const OTHERS_WRITE = 0o022;
const PRIVATE = 0o077;

/**
 * Makes `folder` when it is not there, for this user alone.
 * @param apart folders whose authors are not trusted: the cache must not lie in them
 * @returns why it cannot be used; undefined when it can
 */
export function prepare(folder: string, apart: readonly string[]): string | undefined {
  try {
    const real = realPlace(resolve(folder));
    if (apart.some(tree => real === tree || real.startsWith(tree.endsWith(sep) ? tree : tree + sep))) {
      return 'it lies in a repository that is analysed, whose authors could have filled it';
    }
    makeFolder(folder, 0o700);
    const stat = lstatSync(folder);
    if (!stat.isDirectory()) return 'it is no folder, or a link';
    if (process.getuid && stat.uid !== process.getuid()) return 'it belongs to somebody else';
    if (process.getuid && stat.mode & OTHERS_WRITE) return 'others may write to it';
    if (process.getuid && stat.mode & PRIVATE) chmodSync(folder, 0o700);
    return undefined;
  } catch (error) {
    return `it cannot be made (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}

/** Node's own recursive form never returns on file systems that refuse new folders with ENOENT, such as /proc. */
export function makeFolder(folder: string, mode = 0o777): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), mode);
  mkdirSync(folder, mode);
}

/** Where a path leads that need not exist yet. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPlace(dirname(path)), basename(path));
  }
}
