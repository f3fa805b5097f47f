/**
 * The whole program on one page: sources → contract, once for each side; then match, checks, findings. Every stage is a value that
 * can be printed and tested. What makes the contract (`extract.ts`) is loaded only where no earlier run made the same one.
 */
import { resolve } from 'node:path';
import { hash } from 'node:crypto';
import type { ContractCache, Entry, Inputs } from './cache/contracts.js';
import { compare } from './checks/compare.js';
import type { Contract, Side } from './contract/types.js';
import type { Report } from './extract.js';
import type { CheckResult } from './findings/types.js';
import type { Alias } from './match/types.js';
import { census, discover } from './project/discover.js';
import { manifest } from './project/manifest.js';
import { stopwatch, type Timings } from './stopwatch.js';

export type { Report } from './extract.js';

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

export interface CheckOptions extends Omit<AnalyseOptions, 'overlay'> {
  aliases?: readonly Alias[];
  /** Characters of code in both sides together, from which on each is worked on in a thread of its own; by default never. */
  beside?: number;
}

/** Reads the application under `root` and extracts its contract. Never throws for what it reads: that becomes a problem in the contract. */
export async function analyse(root: string, side: Side | undefined, options: AnalyseOptions = {}): Promise<Analysis> {
  return complete(await read(root, side ?? majority(root), options), options);
}

/** Holds the port under `rustRoot` against the original under `pythonRoot`. */
export async function check(
  pythonRoot: string,
  rustRoot: string,
  { aliases = [], beside = Number.POSITIVE_INFINITY, ...options }: CheckOptions = {},
): Promise<CheckResult> {
  const py = await read(pythonRoot, 'python', options);
  const rs = await read(rustRoot, 'rust', options);
  const apart = !py.contract && !rs.contract && py.size + rs.size >= beside;
  const ofPython = complete(py, options, apart);
  const [python, rust] = apart ? await Promise.all([ofPython, complete(rs, options)]) : [await ofPython, await complete(rs, options)];

  const timings: Timings = {};
  for (const { contract, timings: t } of [python, rust]) for (const [k, ms] of Object.entries(t)) timings[`${contract.side} ${k}`] = ms;
  const clock = stopwatch(timings);
  const result = compare(python.contract, rust.contract, {
    aliases,
    sources: { python: python.sources, rust: rust.sources },
    timings,
  });
  clock('compare');
  return result;
}

/** All that is read of one side, and its contract where an earlier run has made it. */
interface Reading {
  inputs: Inputs;
  /** Characters of code. */
  size: number;
  entry: Entry | undefined;
  contract: Contract | undefined;
  timings: Timings;
}

async function read(folder: string, language: Side, { overlay, cache }: AnalyseOptions): Promise<Reading> {
  const root = resolve(folder);
  const timings: Timings = {};
  const clock = stopwatch(timings);
  const found = await discover(root, language);
  const known = await manifest(root, language);
  for (const f of found.files) {
    const text = overlay?.get(f.path);
    if (text !== undefined) Object.assign(f, { text, hash: hash('sha256', text) });
  }
  clock('discover');
  const inputs = { root, language, found, known };
  const entry = cache?.entry(inputs);
  const contract = entry?.read();
  if (entry) clock('cache');
  return { inputs, size: found.files.reduce((sum, f) => sum + f.text.length, 0), entry, contract, timings };
}

/** Makes the contract, in this thread or in another one, where there is none. */
async function complete(reading: Reading, options: AnalyseOptions, apart = false): Promise<Analysis> {
  const { inputs, entry, timings } = reading;
  let { contract } = reading;
  if (!contract) {
    const extract = apart ? (await import('./beside/start.js')).extractBeside : (await import('./extract.js')).extract;
    const made = await extract(inputs, options);
    contract = made.contract;
    Object.assign(timings, made.timings);
    const clock = stopwatch(timings);
    if (entry && made.repeatable) {
      entry.write(contract);
      clock('keep');
    }
  }
  return { contract, sources: new Map(inputs.found.files.map(f => [f.path, f.text])), timings };
}

const majority = (root: string): Side => {
  const counts = census(root);
  return counts.rust > counts.python ? 'rust' : 'python';
};
