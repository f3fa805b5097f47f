/** Which cache a command uses. */
import { resolve } from 'node:path';
import { ContractCache } from '../cache/contracts.js';
import { userCacheFolder } from '../cache/location.js';
import { gitTop } from '../project/git-index.js';
import type { CommonArgs } from './args.js';
import type { Io } from './io.js';

/**
 * The option wins over the variable, that over the user's folder; the configuration has no say, for it may come with the analysed code.
 * @param roots the analysed folders; the cache must not lie in them, nor in the repositories that they belong to
 */
export function cacheFor({ cache, cacheDir }: CommonArgs, roots: readonly string[], io: Io): ContractCache | undefined {
  if (!cache) return undefined;
  const given = cacheDir ?? (io.env.PARITY_CACHE_DIR || undefined);
  const folder = given === undefined ? userCacheFolder(io.env, process.platform) : resolve(io.cwd, given);
  return new ContractCache(
    folder,
    roots.map(root => gitTop(root) ?? root),
  );
}
