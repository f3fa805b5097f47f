// @ts-check
/**
 * Feeds parity what nobody should have to read, and says where it crashes, hangs, takes too much memory, points outside of a file, or prints
 * what it was given without escaping it. The same seed gives the same cases.
 *
 *     npm run fuzz                                   constructed programs, then spoiled fixtures for 120 seconds
 *     npm run fuzz -- --seconds 600 --seed 7         longer, other cases
 *     npm run fuzz -- --only NAME                    constructed programs whose name holds NAME
 *     npm run fuzz -- --case 123                     one spoiled case again; --keep FOLDER writes its files there
 *     npm run fuzz -- DIR...                         every Python and Rust file below, each by itself and then each folder as an application
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bombs } from './bombs.mjs';
import { asPair, sources, spoiled } from './cases.mjs';

/** What one case may take: seconds of processor time for a case of any kind, for a folder that was named, and megabytes of heap. */
const SECONDS = 30;
const FOLDER_SECONDS = 600;
const HEAP_MB = 1024;

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    case: { type: 'string' },
    keep: { type: 'string' },
  },
});
const seconds = Number(options.seconds);
const seed = Number(options.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run fuzz -- [--seconds N] [--seed N] [--only NAME] [--case N [--keep FOLDER]] [DIR...]');
  process.exit(2);
}
if (!existsSync(join(root, 'dist/run.js'))) {
  console.error('Build first: npm run build');
  process.exit(2);
}

// ------------------------------------------------------------------------------------------------ the other process

/** @typedef {{ flaws: string[], ms: number, peak: number }} Answer */

/** @type {import('node:child_process').ChildProcess | undefined} */
let child;

async function start() {
  const made = fork(fileURLToPath(new URL('child.mjs', import.meta.url)), {
    execArgv: [`--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await new Promise((done, failed) => {
    made.once('message', done);
    made.once('exit', code => failed(new Error(`the process for the cases ended with ${code} at its start`)));
  });
  made.removeAllListeners('exit');
  return made;
}

/** Time that a process has used, where the system tells (elsewhere the clock counts). @param {number | undefined} pid */
function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/** @param {object} task @param {number} bound in seconds @returns {Promise<Answer>} */
async function ask(task, bound) {
  child ??= await start();
  const asked = child;
  const started = performance.now();
  return new Promise(done => {
    /** @param {string} flaw */
    const dead = flaw => {
      clearInterval(timer);
      asked.removeAllListeners();
      asked.kill('SIGKILL');
      child = undefined;
      done({ flaws: [flaw], ms: performance.now() - started, peak: 0 });
    };
    const before = processorSeconds(asked.pid);
    const timer = setInterval(() => {
      const used = before === undefined ? undefined : (processorSeconds(asked.pid) ?? 0) - before;
      if ((used ?? (performance.now() - started) / 1000) > bound) dead(`longer than ${bound} s`);
    }, 250);
    asked.once('message', answer => {
      clearInterval(timer);
      asked.removeAllListeners();
      done(/** @type {Answer} */ (answer));
    });
    asked.once('exit', (code, signal) => dead(`crashed (${signal ?? code}), or more than ${HEAP_MB} MB of heap`));
    asked.send(task);
  });
}

// ------------------------------------------------------------------------------------------------ what is said

let cases = 0;
let failures = 0;
let slowest = { ms: 0, name: '' };
let peak = 0;

/** @param {string} name @param {object} task @param {number} [bound] */
async function tell(name, task, bound = SECONDS) {
  const answer = await ask(task, bound);
  cases++;
  peak = Math.max(peak, answer.peak);
  if (answer.ms > slowest.ms) slowest = { ms: answer.ms, name };
  if (answer.flaws.length > 0) {
    failures++;
    console.log(`FAILED ${name} (${(answer.ms / 1000).toFixed(1)} s)`);
    for (const flaw of answer.flaws) console.log(`    ${JSON.stringify(flaw.slice(0, 600))}`);
  }
  return answer;
}

/** @param {string} title */
function section(title) {
  console.log(`\n${title}`);
}

// ------------------------------------------------------------------------------------------------ cases

async function fuzz() {
  const from = { python: sources(join(root, 'fixtures'), '.py'), rust: sources(join(root, 'fixtures'), '.rs') };
  if (options.case !== undefined) {
    const { name, ...task } = spoiled(seed, Number(options.case), from);
    if (options.keep) {
      for (const side of /** @type {const} */ (['python', 'rust']))
        for (const [path, content] of Object.entries(task[side])) {
          const file = join(options.keep, side, path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
    }
    await tell(name, { kind: 'pair', ...task });
    return;
  }
  const chosen = bombs().filter(bomb => bomb.name.includes(options.only ?? ''));
  if (chosen.length === 0) {
    console.error(`No constructed program has a name with ${JSON.stringify(options.only)} in it; bench/fuzz/bombs.mjs lists them`);
    process.exit(2);
  }
  section('Constructed programs');
  for (const bomb of chosen) await tell(`${bomb.language}: ${bomb.name}`, { kind: 'pair', ...asPair(bomb) });
  if (options.only !== undefined) return;
  section(`Spoiled fixtures, seed ${seed}, for ${seconds} s`);
  const until = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < until; n++) {
    const { name, ...task } = spoiled(seed, n, from);
    await tell(name, { kind: 'pair', ...task });
  }
}

/** @param {string} folder */
async function real(folder) {
  section(folder);
  for (const side of /** @type {const} */ (['python', 'rust'])) {
    const extension = side === 'python' ? '.py' : '.rs';
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith(extension) && statSync(join(folder, name)).isFile())
      .sort();
    for (const name of files) await tell(join(folder, name), { kind: 'file', side, file: join(folder, name) });
    if (files.length === 0) continue;
    const answer = await tell(`${folder} as an application`, { kind: 'folder', folder, side }, FOLDER_SECONDS);
    console.log(`${files.length} ${side} files; as an application ${(answer.ms / 1000).toFixed(1)} s`);
  }
}

if (positionals.length > 0) for (const folder of positionals) await real(resolve(folder));
else await fuzz();
child?.kill();
console.log(
  `\n${cases} cases, ${failures} failed; slowest ${(slowest.ms / 1000).toFixed(1)} s (${slowest.name}); peak memory ${(peak / 2 ** 20).toFixed(0)} MB`,
);
console.log(`bounds: ${SECONDS} s for each case, ${HEAP_MB} MB of heap`);
process.exitCode = failures > 0 ? 1 : 0;
