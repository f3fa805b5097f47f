/** From arguments to an exit code. */
import { type Args, parseArgs } from './args.js';
import { EXIT, type ExitCode, UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';
import { version } from './version.js';

/** Runs one command. Never throws: what goes wrong is said on `io.err` and in the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const args = await parseArgs(argv, version());
    if (args.command === 'info') {
      io.out(`${args.text}\n`);
      return EXIT.ok;
    }
    return await dispatch(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`parity: ${error.message}\n`);
      if (argv.length === 0) io.err("Try 'parity --help'.\n");
    } else {
      io.err(`parity: internal error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
      if (io.env.PARITY_DEBUG && error instanceof Error) io.err(`${error.stack}\n`);
      else io.err('This is a defect of parity. Set PARITY_DEBUG=1 to see where it arose.\n');
    }
    return EXIT.usage;
  }
}

/** Commands are loaded when they are called: `parity --help` needs no parser. */
async function dispatch(args: Exclude<Args, { command: 'info' }>, io: Io): Promise<ExitCode> {
  switch (args.command) {
    case 'check':
      return (await import('./check.js')).runCheck(args, io);
    case 'contract':
      return (await import('./contract.js')).runContract(args, io);
    case 'probe':
      return (await import('./probe.js')).runProbe(args, io);
    case 'explain':
      return (await import('./explain.js')).runExplain(args, io);
  }
}
