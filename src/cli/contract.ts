/** `parity contract DIR`. */
import { serialize } from '../contract/serialize.js';
import { readInPart } from '../contract/trust.js';
import type { Contract, Side } from '../contract/types.js';
import { census } from '../project/discover.js';
import { analyse } from '../run.js';
import type { ContractArgs } from './args.js';
import { cacheFor } from './cache.js';
import { paintFor } from './color.js';
import { loadConfig } from './config.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { printTimings, type Render, writeOutputs } from './output.js';
import { watched } from './progress.js';
import { folder, without } from './sides.js';

export async function runContract(args: ContractArgs, io: Io): Promise<ExitCode> {
  const config = await loadConfig(args.config, io);
  const root = folder(args.dir, io);
  const counts = census(root);
  if (args.side && counts[args.side] === 0) {
    const other = args.side === 'python' ? 'rust' : 'python';
    io.err(`parity: ${without(args.dir, NAME[args.side], counts[other], NAME[other])}\n`);
  } else if (counts.python + counts.rust === 0) {
    io.err(`parity: ${without(args.dir, 'Python or Rust', 0, '')}\n`);
  }
  const cache = cacheFor(args, [root], io);
  const { contract, timings } = await watched(io, args.quiet, report => analyse(root, args.side, { report, cache }));
  const render: Render = async (format, toFile) => {
    if (format === 'json') return serialize(contract);
    const { render: table } = await import('../report/contract-text/index.js');
    return table(contract, paintFor(toFile ? false : args.color, io));
  };
  await writeOutputs(args.outputs, render, io);
  if (args.timings) printTimings(timings, io, cache);
  const reasons = distrusted(contract, args.strict ?? config.strict ?? false);
  if (!args.quiet) for (const reason of reasons) io.err(`parity: the contract cannot be trusted: ${reason}\n`);
  return reasons.length > 0 ? EXIT.untrusted : EXIT.ok;
}

const NAME: Record<Side, string> = { python: 'Python', rust: 'Rust' };

function distrusted(contract: Contract, strict: boolean): string[] {
  const reasons: string[] = [];
  if (contract.frameworks.length === 0) reasons.push(`no known web framework was found on the ${NAME[contract.side]} side`);
  if (!contract.endpoints.some(e => !e.implicit)) reasons.push('no endpoints were found');
  const broken = contract.problems.filter(p => p.severity === 'error').length;
  if (broken > 0) reasons.push(`${broken} ${broken === 1 ? 'source' : 'sources'} could not be read`);
  const gaps = contract.gaps.length + contract.endpoints.reduce((sum, e) => sum + e.gaps.length, 0);
  if (strict && gaps + contract.coverage.unresolved > 0)
    reasons.push(`${gaps + contract.coverage.unresolved} places were not understood (--strict)`);
  const partly = strict ? readInPart(contract.problems) : 0;
  if (partly > 0) reasons.push(`${partly} ${partly === 1 ? 'file was' : 'files were'} read only in part (--strict)`);
  return reasons;
}
