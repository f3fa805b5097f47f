/** `parity explain RULE` and `parity explain 'METHOD /path' PY RS`. */
import { readdirSync, readFileSync } from 'node:fs';
import { stableJson } from '../contract/serialize.js';
import { check } from '../run.js';
import type { ExplainArgs, Format } from './args.js';
import { setColor } from './color.js';
import { loadConfig } from './config.js';
import { EXIT, type ExitCode, UsageError } from './exit-codes.js';
import { type EndpointQuery, explainEndpoint, renderEndpoint } from './explain-endpoint.js';
import { type Io, printable } from './io.js';
import { printTimings, writeOutputs } from './output.js';
import { sides } from './sides.js';

/** Each check keeps its page beside its code; the build copies them. */
const CHECKS = new URL('../checks/', import.meta.url);

export async function runExplain(args: ExplainArgs, io: Io): Promise<ExitCode> {
  return 'rule' in args.what ? explainRule(args.what.rule, args, io) : explainRoute(args.what, args, io);
}

async function explainRule(rule: string, args: ExplainArgs, io: Io): Promise<ExitCode> {
  const known = rules();
  if (!known.includes(rule)) throw new UsageError(`there is no rule ${printable(rule)}; the rules are: ${known.join(', ')}`);
  const page = readFileSync(new URL(`${rule}/doc.md`, CHECKS), 'utf8');
  await writeOutputs(args.outputs, async format => (format === 'json' ? stableJson({ rule, page }) : page), io);
  return EXIT.ok;
}

function rules(): string[] {
  return readdirSync(CHECKS, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && readdirSync(new URL(`${entry.name}/`, CHECKS)).includes('doc.md'))
    .map(entry => entry.name)
    .sort();
}

async function explainRoute(what: EndpointQuery & { python: string; rust: string }, args: ExplainArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  const { python, rust, warnings } = sides(what.python, what.rust, io);
  const result = await check(python, rust, { aliases: config.aliases ?? [] });
  for (const warning of warnings) io.err(`parity: ${warning}\n`);
  const found = explainEndpoint(result, what);
  if (found.length === 0) {
    throw new UsageError(
      `neither side has an endpoint ${printable(`${what.method} ${what.path}`)}; see: parity contract ${printable(what.python)}`,
    );
  }
  const render = async (format: Format, toFile: boolean): Promise<string> => {
    setColor(toFile ? false : args.color, io);
    return format === 'json' ? stableJson(found) : found.map(renderEndpoint).join('\n');
  };
  await writeOutputs(args.outputs, render, io);
  if (args.timings) printTimings(result.timings, io);
  return EXIT.ok;
}
