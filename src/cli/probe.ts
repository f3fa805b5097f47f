/** `parity probe --python URL --rust URL PY RS`. */
import { stableJson } from '../contract/serialize.js';
import { distrust } from '../findings/exit.js';
import { severityRank } from '../findings/severity.js';
import { ProbeError, server } from '../probe/hosts.js';
import { probe } from '../probe/run.js';
import type { ProbeArgs } from './args.js';
import { cacheFor } from './cache.js';
import { checked } from './checked.js';
import { paintFor } from './color.js';
import { loadConfig } from './config.js';
import { EXIT, type ExitCode, UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';
import { printTimings, writeOutputs } from './output.js';
import { sides } from './sides.js';

export async function runProbe(args: ProbeArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  try {
    const servers = { python: server(args.pythonUrl, args.allowHosts), rust: server(args.rustUrl, args.allowHosts) };
    const given = sides(args.python, args.rust, io);
    const gate = { failOn: args.failOn ?? config['fail-on'] ?? 'error', strict: args.strict ?? config.strict ?? false };
    const cache = cacheFor(args, [given.python, given.rust], io);
    const result = await checked(given, config, args, io, cache);
    const started = performance.now();
    const results = await probe(result, config.probe ?? {}, {
      servers,
      unsafe: args.unsafe,
      timeout: args.timeout * 1000,
      concurrency: args.concurrency,
      env: io.env,
    });
    const took = performance.now() - started;
    await writeOutputs(
      args.outputs,
      async (format, toFile) => {
        if (format === 'json') return stableJson(results);
        return (await import('../report/probe/index.js')).render(results, paintFor(toFile ? false : args.color, io));
      },
      io,
    );
    if (args.timings) printTimings({ ...result.timings, probe: took }, io, cache);
    for (const warning of given.warnings) io.err(`parity: ${warning}\n`);
    const reasons = distrust(result, gate);
    if (!args.quiet) for (const reason of reasons) io.err(`parity: the answer cannot be trusted: ${reason}\n`);
    if (reasons.length > 0) return EXIT.untrusted;
    const least = gate.failOn === 'none' ? Infinity : severityRank(gate.failOn);
    return results.findings.some(f => f.verdict === 'confirmed' && severityRank(f.severity) >= least) ? EXIT.findings : EXIT.ok;
  } catch (error) {
    if (error instanceof ProbeError) throw new UsageError(printable(error.message));
    throw error;
  }
}
