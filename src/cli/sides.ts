/** Checks the folders that were given, before anything is analysed. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { census } from '../project/discover.js';
import { UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';

/**
 * The absolute path of a folder that was given.
 * @throws UsageError when there is none
 */
export function folder(given: string, io: Io): string {
  const abs = resolve(io.cwd, given);
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(abs);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(
      code === 'ENOENT' ? `no such folder: ${printable(given)}` : `${printable(given)} cannot be read (${code ?? 'unknown error'})`,
    );
  }
  if (!stat.isDirectory()) throw new UsageError(`${printable(given)} is no folder; give the folder of the application`);
  return realpathSync(abs);
}

export interface Sides {
  python: string;
  rust: string;
  /** What is odd but no reason to stop, as sentences. */
  warnings: string[];
}

/**
 * The two folders of a comparison.
 * @throws UsageError when one is no folder, both are the same, or they are swapped
 */
export function sides(givenPython: string, givenRust: string, io: Io): Sides {
  const python = folder(givenPython, io);
  const rust = folder(givenRust, io);
  if (python === rust) throw new UsageError(`both arguments are the same folder: ${printable(givenPython)}`);
  const inPython = census(python);
  const inRust = census(rust);
  if (inPython.python === 0 && inRust.rust === 0 && inPython.rust > 0 && inRust.python > 0) {
    throw new UsageError(
      `the arguments are swapped; the Python folder comes first: parity check ${printable(givenRust)} ${printable(givenPython)}`,
    );
  }
  const warnings: string[] = [];
  if (inPython.python === 0) warnings.push(without(givenPython, 'Python', inPython.rust, 'Rust'));
  if (inRust.rust === 0) warnings.push(without(givenRust, 'Rust', inRust.python, 'Python'));
  return { python, rust, warnings };
}

/** `X holds no Python files (but 3 Rust files)`. */
export function without(given: string, wanted: string, others: number, other: string): string {
  const but = others === 0 ? '' : ` (but ${others} ${other} ${others === 1 ? 'file' : 'files'})`;
  return `${printable(given)} holds no ${wanted} files${but}`;
}
