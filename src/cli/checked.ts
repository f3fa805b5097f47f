/** The comparison that `check`, `explain` and `probe` begin with. */
import { availableParallelism } from 'node:os';
import type { ContractCache } from '../cache/contracts.js';
import type { CheckResult } from '../findings/types.js';
import { check } from '../run.js';
import type { CommonArgs } from './args.js';
import type { Config } from './config.js';
import type { Io } from './io.js';
import { watched } from './progress.js';
import type { Sides } from './sides.js';

/** Characters of code: for less than this, starting a thread costs more than it saves (`npm run bench` shows it). */
const MANY = 400_000;

/** Holds both sides against each other, and shows how far it is. */
export function checked(given: Sides, config: Config, args: CommonArgs, io: Io, cache?: ContractCache): Promise<CheckResult> {
  const beside = availableParallelism() > 1 ? MANY : Number.POSITIVE_INFINITY;
  return watched(io, args.quiet, report => check(given.python, given.rust, { aliases: config.aliases ?? [], report, cache, beside }));
}
