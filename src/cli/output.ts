import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ContractCache } from '../cache/contracts.js';
import { makeFolder } from '../cache/location.js';
import type { Format, Output } from './args.js';
import { UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';

/** Gives the report in one format; what goes `toFile` is never coloured. */
export type Render = (format: Format, toFile: boolean) => Promise<string>;

/**
 * Writes every report that was asked for to its file or to standard output.
 * @throws UsageError when a file cannot be written
 */
export async function writeOutputs(outputs: readonly Output[], render: Render, io: Io): Promise<void> {
  for (const { format, file } of outputs) {
    const text = await render(format, file !== undefined);
    if (file === undefined) {
      io.out(text);
      continue;
    }
    try {
      const abs = resolve(io.cwd, file);
      makeFolder(dirname(abs));
      writeFileSync(abs, text);
    } catch (error) {
      throw new UsageError(`the report ${printable(file)} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    }
  }
}

/** One line for each phase, in the order in which they ran, in milliseconds; then what became of the cache. */
export function printTimings(timings: Readonly<Record<string, number>> | undefined, io: Io, cache?: ContractCache): void {
  const entries = Object.entries(timings ?? {});
  const width = Math.max(0, ...entries.map(([phase]) => phase.length));
  for (const [phase, ms] of entries) io.err(`${phase.padEnd(width)} ${ms.toFixed(1).padStart(9)} ms\n`);
  for (const note of cache?.notes ?? []) io.err(`${printable(note)}\n`);
}
