#!/usr/bin/env node
/** The process around `run`: standard streams, the exit code, and what is said when parity itself fails. */
import { setFlagsFromString } from 'node:v8';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import { run } from './run-command.js';

// Left to itself, the heap grows to several times what lives in it before it is cleared: more than a gigabyte for 300,000 lines, of which
// a fifth is needed. This costs 3 % of the time.
setFlagsFromString('--heap-growing-percent=75');

const io: Io = {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  env: process.env,
  cwd: process.cwd(),
  terminal: process.stdout.isTTY === true,
  attended: process.stderr.isTTY === true,
};

// A reader that has seen enough (`parity check .. | head`) is no failure, and it must not hide the verdict either.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exitCode = EXIT.usage;
});

// The streams are flushed by ending naturally; process.exit() would cut a long report off in a pipe.
process.exitCode = await run(process.argv.slice(2), io);
