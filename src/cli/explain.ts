/** `parity explain RULE` and `parity explain 'METHOD /path' PY RS`. */
import { existsSync, readFileSync } from 'node:fs';
import { checks, metaOf } from '../checks/index.js';
import { findEndpoints, render } from '../report/explain/index.js';
import type { ExplainArgs } from './args.js';
import { cacheFor } from './cache.js';
import { checked } from './checked.js';
import { paintFor } from './color.js';
import { loadConfig } from './config.js';
import { EXIT, type ExitCode, UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';
import { printTimings, writeOutputs } from './output.js';
import { sides } from './sides.js';

export async function runExplain(args: ExplainArgs, io: Io): Promise<ExitCode> {
  return 'rule' in args.what ? explainRule(args.what.rule, args, io) : explainEndpoint(args.what, args, io);
}

/** The page of a check lies beside its code; the build copies it. */
async function explainRule(rule: string, args: ExplainArgs, io: Io): Promise<ExitCode> {
  const meta = metaOf(rule);
  if (!meta) throw new UsageError(`there is no rule ${printable(rule)}; the rules are: ${checks.map(c => c.meta.id).join(', ')}`);
  const page = new URL(`../checks/${meta.id}/doc.md`, import.meta.url);
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# ${meta.id}\n\n${meta.title}.\n\n${meta.description}\n\n${meta.help}\n`;
  await writeOutputs(args.outputs, async () => text, io);
  return EXIT.ok;
}

type Endpoint = Exclude<ExplainArgs['what'], { rule: string }>;

async function explainEndpoint(what: Endpoint, args: ExplainArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  const given = sides(what.python, what.rust, io);
  const cache = cacheFor(args, [given.python, given.rust], io);
  const result = await checked(given, config, args, io, cache);
  for (const warning of given.warnings) io.err(`parity: ${warning}\n`);
  const found = findEndpoints(result, what);
  if (found.length === 0) {
    const name = printable(what.method ? `${what.method} ${what.path}` : what.path);
    throw new UsageError(`neither side has an endpoint ${name}; parity contract DIR lists those of a side`);
  }
  await writeOutputs(
    args.outputs,
    async (_format, toFile) => found.map(e => render(result, e, paintFor(toFile ? false : args.color, io)) ?? '').join('\n'),
    io,
  );
  if (args.timings) printTimings(result.timings, io, cache);
  return EXIT.ok;
}
