/** `parity check PY RS`. */
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { distrust, exitCode, type Gate } from '../findings/exit.js';
import type { CheckResult } from '../findings/types.js';
import { gitTop } from '../project/git-index.js';
import { attach } from '../probe/attach.js';
import type { CheckArgs } from './args.js';
import { cacheFor } from './cache.js';
import { checked } from './checked.js';
import { paintFor } from './color.js';
import { loadConfig } from './config.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { printTimings, type Render, writeOutputs } from './output.js';
import { loadProbeResults } from './probe-results.js';
import { type Sides, sides } from './sides.js';
import { version } from './version.js';

const MEANS: Record<ExitCode, string> = {
  [EXIT.ok]: 'nothing at or above --fail-on',
  [EXIT.findings]: 'findings at or above --fail-on',
  [EXIT.usage]: 'wrong use, wrong configuration, or an internal error',
  [EXIT.untrusted]: 'the answer cannot be trusted',
};

export async function runCheck(args: CheckArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  const given = sides(args.python, args.rust, io);
  const gate = { failOn: args.failOn ?? config['fail-on'] ?? 'error', strict: args.strict ?? config.strict ?? false };
  const probed = args.probeResults === undefined ? undefined : await loadProbeResults(args.probeResults, io);
  const cache = cacheFor(args, [given.python, given.rust], io);
  const compared = await checked(given, config, args, io, cache);
  const result = probed ? attach(compared, probed) : compared;
  const started = performance.now();
  await writeOutputs(args.outputs, renderer(result, gate, given, args, io), io);
  if (args.timings) printTimings({ ...result.timings, report: performance.now() - started }, io, cache);
  for (const warning of given.warnings) io.err(`parity: ${warning}\n`);
  if (!args.quiet) for (const reason of distrust(result, gate)) io.err(`parity: the answer cannot be trusted: ${reason}\n`);
  return exitCode(result, gate);
}

/** Reports are loaded when they are asked for. */
function renderer(result: CheckResult, gate: Gate, given: Sides, args: CheckArgs, io: Io): Render {
  return async (format, toFile) => {
    if (format === 'json') return (await import('../report/json/index.js')).render(result);
    if (format === 'text') {
      const { render } = await import('../report/terminal/index.js');
      // What cannot be trusted is said on standard error; a file has to say it itself.
      return render(result, { ...paintFor(toFile ? false : args.color, io), distrust: toFile ? distrust(result, gate) : [] });
    }
    const { render } = await import('../report/sarif/index.js');
    const code = exitCode(result, gate);
    return render(result, { version: version(), exitCode: code, exitCodeDescription: MEANS[code], roots: roots(given, io) });
  };
}

/**
 * Consumers of SARIF resolve paths against the root of the repository: the port's; without one, the current folder; where that does not hold
 * both sides, the nearest one that does.
 */
function roots({ python, rust }: Sides, io: Io): { python: string | undefined; rust: string } {
  const within = (base: string, folder: string): string | undefined => {
    const path = relative(base, folder).split(sep).join('/');
    return path === '..' || path.startsWith('../') || isAbsolute(path) ? undefined : path;
  };
  const base =
    gitTop(rust) ?? [io.cwd, ...upwards(rust)].find(b => within(b, python) !== undefined && within(b, rust) !== undefined) ?? rust;
  return { python: within(base, python), rust: within(base, rust) ?? '' };
}

/** A folder and all that it lies in. */
const upwards = (folder: string): string[] => (dirname(folder) === folder ? [folder] : [folder, ...upwards(dirname(folder))]);
