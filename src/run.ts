/**
 * The whole program on one page: sources → contract, once for each side; then match, checks, findings. Every stage is a value that
 * can be printed and tested. What makes the contract (`extract.ts`) is loaded only where no earlier run made the same one.
 */
import { hash } from 'node:crypto';
import type { ContractCache } from './cache/contracts.js';
import { compare } from './checks/compare.js';
import type { Contract, Side } from './contract/types.js';
import type { Report } from './extract.js';
import type { CheckResult } from './findings/types.js';
import type { Alias } from './match/types.js';
import { census, discover } from './project/discover.js';
import { manifest } from './project/manifest.js';

export type { Report } from './extract.js';

/** Milliseconds per stage. */
export type Timings = Record<string, number>;

export interface Analysis {
  contract: Contract;
  /** Text of every file that was read, by its path in the contract. */
  sources: Map<string, string>;
  timings: Timings;
}

export interface AnalyseOptions {
  debug?: boolean;
  /** Hears how far it is. */
  report?: Report | undefined;
  /** Texts that stand for those on the disk (unsaved or edited files), by the path that locations use. */
  overlay?: ReadonlyMap<string, string>;
  /** Where contracts of earlier runs are; without one, everything is made anew. */
  cache?: ContractCache | undefined;
}

/** Reads the application under `root` and extracts its contract. Never throws for what it reads: that becomes a problem in the contract. */
export async function analyse(root: string, side: Side | undefined, options: AnalyseOptions = {}): Promise<Analysis> {
  const timings: Timings = {};
  const clock = stopwatch(timings);
  const language = side ?? majority(root);

  const found = await discover(root, language);
  const known = await manifest(root, language);
  for (const f of found.files) {
    const text = options.overlay?.get(f.path);
    if (text !== undefined) Object.assign(f, { text, hash: hash('sha256', text) });
  }
  clock('discover');

  const inputs = { root, language, found, known };
  const entry = options.cache?.entry(inputs);
  let contract = entry?.read();
  if (entry) clock('cache');
  if (!contract) {
    const { extract } = await import('./extract.js');
    const made = await extract(inputs, { debug: options.debug, report: options.report, clock });
    contract = made.contract;
    if (entry && made.repeatable) {
      entry.write(contract);
      clock('keep');
    }
  }
  return { contract, sources: new Map(found.files.map(f => [f.path, f.text])), timings };
}

/** Holds the port under `rustRoot` against the original under `pythonRoot`. */
export async function check(
  pythonRoot: string,
  rustRoot: string,
  options: Pick<AnalyseOptions, 'debug' | 'report' | 'cache'> & { aliases?: readonly Alias[] } = {},
): Promise<CheckResult> {
  const python = await analyse(pythonRoot, 'python', options);
  const rust = await analyse(rustRoot, 'rust', options);
  const timings: Timings = {};
  for (const [side, t] of [
    ['python', python.timings],
    ['rust', rust.timings],
  ] as const)
    for (const [k, ms] of Object.entries(t)) timings[`${side} ${k}`] = ms;
  const clock = stopwatch(timings);
  const result = compare(python.contract, rust.contract, {
    aliases: options.aliases ?? [],
    sources: { python: python.sources, rust: rust.sources },
    timings,
  });
  clock('compare');
  return result;
}

const majority = (root: string): Side => {
  const counts = census(root);
  return counts.rust > counts.python ? 'rust' : 'python';
};

function stopwatch(timings: Timings): (stage: string) => void {
  let last = performance.now();
  return stage => {
    const now = performance.now();
    timings[stage] = (timings[stage] ?? 0) + now - last;
    last = now;
  };
}
