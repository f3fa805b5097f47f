/** `parity check PY RS`. */
import { distrust, exitCode } from '../findings/exit.js';
import type { CheckResult } from '../findings/types.js';
import { check } from '../run.js';
import type { CheckArgs, Format } from './args.js';
import { setColor } from './color.js';
import { loadConfig } from './config.js';
import type { ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { printTimings, writeOutputs } from './output.js';
import { sides } from './sides.js';
import { version } from './version.js';

export async function runCheck(args: CheckArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  const { python, rust, warnings } = sides(args.python, args.rust, io);
  const gate = { failOn: args.failOn ?? config['fail-on'] ?? 'error', strict: args.strict ?? config.strict ?? false };
  const result = await check(python, rust, { aliases: config.aliases ?? [] });
  const started = performance.now();
  await writeOutputs(args.outputs, (format, toFile) => render(format, result, toFile, args, io), io);
  if (args.timings) printTimings({ ...result.timings, report: performance.now() - started }, io);
  for (const warning of warnings) io.err(`parity: ${warning}\n`);
  for (const reason of distrust(result, gate)) io.err(`parity: the answer cannot be trusted: ${reason}\n`);
  return exitCode(result, gate);
}

/** Reports are loaded when they are asked for. */
async function render(format: Format, result: CheckResult, toFile: boolean, args: CheckArgs, io: Io): Promise<string> {
  const color = setColor(toFile ? false : args.color, io);
  const options = { color, width: toFile ? undefined : io.columns, quiet: args.quiet, version: version() };
  const { render: renderer } = await load(format);
  const text = renderer(result, options);
  return text;
}

function load(format: Format) {
  switch (format) {
    case 'json':
      return import('../report/json/index.js');
    case 'sarif':
      return import('../report/sarif/index.js');
    default:
      return import('../report/text/index.js');
  }
}
