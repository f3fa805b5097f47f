/** The packs that a run works with: as the build has read and checked them, or from their YAML. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pack } from './types.js';

/** The folder with the rules: in the built package beside the compiled code, in the repository at its root. */
export function rulesDir(): string {
  const here = ['../rules/', '../../rules/'].map(p => fileURLToPath(new URL(p, import.meta.url)));
  return here.find(p => existsSync(join(p, 'schema'))) ?? (here[1] as string);
}

/** What the build makes of the rules (`.ci/build.mjs`): reading the YAML and checking it takes longer than many a run. */
const BUILT = 'packs.json';

const cache = new Map<string, Promise<Pack[]>>();

/**
 * All packs under `dir` (default: those that come with the program). Read once per folder.
 * @throws PackError when a file is no valid pack or two of them contradict each other
 */
export function loadPacks(dir: string = rulesDir()): Promise<Pack[]> {
  let packs = cache.get(dir);
  if (!packs) {
    packs = load(dir);
    // A folder that could not be read may be readable the next time.
    packs.catch(() => cache.delete(dir));
    cache.set(dir, packs);
  }
  return packs;
}

async function load(dir: string): Promise<Pack[]> {
  const built = join(dir, BUILT);
  if (existsSync(built)) return JSON.parse(await readFile(built, 'utf8')) as Pack[];
  return (await import('./read.js')).readPacks(dir, rulesDir());
}
