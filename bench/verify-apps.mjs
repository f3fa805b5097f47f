/**
 * Holds what parity claims of the applications in fixtures/apps against real requests: builds and starts the original and its ports on
 * the loopback address, sends for every endpoint a request as each persona, and compares the answers with the access matrix.
 *
 *     npm run verify:apps              all pairs
 *     npm run verify:apps -- blog      some
 *
 * Every answer agrees, or is written down in the pair's `verify.json` (see fixtures/apps/README.md). Builds and virtual environments are
 * kept in PARITY_VERIFY_CACHE (default: ~/.cache/parity-verify); CARGO_TARGET_DIR and PYTHON are honoured.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, freePort, helper, serve, stopAll } from './verify/processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(join(root, 'dist/probe/run.js'))) {
  console.error('Build first: npm run build');
  process.exit(2);
}
const { check } = await import('../dist/run.js');
const { probe } = await import('../dist/probe/run.js');
const { answered, asksPresence } = await import('../dist/probe/judge.js');

const APPS = join(root, 'fixtures/apps');
const CACHE = process.env.PARITY_VERIFY_CACHE ?? join(homedir(), '.cache/parity-verify');
const TARGET = process.env.CARGO_TARGET_DIR ?? join(CACHE, 'target');
const PORTS = ['clean', 'faulty'];
/** Bounds in seconds. */
const LIMIT = { install: 300, build: 1800, start: 30, request: 30 };

const names = process.argv.slice(2);
const pairs = names.length > 0 ? names : readdirSync(APPS, { withFileTypes: true }).flatMap(d => (d.isDirectory() ? [d.name] : []));
const scratch = mkdtempSync(join(tmpdir(), 'parity-verify-'));
mkdirSync(CACHE, { recursive: true });

const cleanUp = async () => {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void cleanUp().then(() => process.exit(130)));
let failed = 0;
for (const pair of pairs) {
  try {
    failed += await verify(pair);
  } catch (error) {
    console.error(`${pair}: ${error.message}`);
    failed++;
  }
  await stopAll();
}
await cleanUp();
process.exitCode = failed > 0 ? 1 : 0;

/** @returns how much disagrees */
async function verify(pair) {
  const dir = join(APPS, pair);
  if (!existsSync(join(dir, 'verify.json'))) {
    console.error(`${pair}: no verify.json`);
    return 1;
  }
  const plan = JSON.parse(readFileSync(join(dir, 'verify.json'), 'utf8'));
  const python = await install(pair, dir);
  await build(pair, dir);

  const original = await start(pair, plan, 'python', python, plan.python, join(dir, 'python'), python);
  let wrong = 0;
  for (const port of PORTS) {
    const binary = join(TARGET, 'debug', plan[port]);
    const ported = await start(pair, plan, port, binary, [], dir, python);
    const result = await check(join(dir, 'python'), join(dir, `rust-${port}`));
    const back = { python: original.reset, rust: ported.reset };
    await Promise.all([back.python(), back.rust()]);
    const results = await probe(result, plan.probe, {
      servers: { python: original.url, rust: ported.url },
      unsafe: true,
      timeout: LIMIT.request * 1000,
      concurrency: 2,
      env: {},
      before: side => back[side](),
    });
    wrong += report(pair, port, plan, result, results);
  }
  return wrong;
}

/** The interpreter of a virtual environment with what the original needs. */
async function install(pair, dir) {
  const requirements = join(dir, 'python/requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const venv = join(CACHE, `venv-${pair}-${hash}`);
  const python = join(venv, 'bin/python');
  const done = join(venv, 'installed');
  if (existsSync(done)) return python;
  console.log(`${pair}: installing the original's packages`);
  rmSync(venv, { recursive: true, force: true });
  const options = { cwd: dir, env: process.env, log: join(scratch, `${pair}-install.log`), seconds: LIMIT.install };
  await command(process.env.PYTHON ?? 'python3', ['-m', 'venv', venv], options);
  await command(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements], options);
  writeFileSync(done, '');
  return python;
}

async function build(pair, dir) {
  console.log(`${pair}: building the ports`);
  await command('nice', ['cargo', 'build', '--locked', '--quiet'], {
    cwd: dir,
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
    log: join(scratch, `${pair}-build.log`),
    seconds: LIMIT.build,
  });
}

/** Starts one application in an empty folder of its own. */
async function start(pair, plan, name, file, args, cwd, python) {
  const place = join(scratch, `${pair}-${name}`);
  mkdirSync(place);
  const files = Object.entries(plan.files ?? {}).map(([path, text]) => [join(place, path), text]);
  const putFiles = () => {
    for (const [path, text] of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  putFiles();
  const port = await freePort();
  const fill = text => text.replaceAll('{port}', String(port)).replaceAll('{dir}', place);
  const env = Object.fromEntries(Object.entries(plan.env).map(([k, v]) => [k, fill(v)]));
  const url = new URL(`http://127.0.0.1:${port}`);
  await serve(file, args, {
    cwd,
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
    log: join(scratch, `${pair}-${name}.log`),
    url: new URL(plan.ready, url),
    seconds: LIMIT.start,
  });
  const script = plan.data === undefined ? [] : [join(APPS, pair, plan.data)];
  const restore = await helper(python, [join(root, 'bench/verify/restore.py'), join(place, plan.database), ...script]);
  return {
    url,
    reset: async () => {
      putFiles();
      await restore();
    },
  };
}

/** Prints what disagrees and is not written down, and what is written down and agrees. */
function report(pair, port, plan, result, results) {
  const lines = new Map();
  const of = (side, e) => `${side === 'python' ? 'python' : port} ${e.method} ${e.path}`;
  const name = c => `${of(c.side, c.endpoint)} ${c.invalid ?? c.persona}`;
  for (const c of results.cells) if (c.claim && c.agrees !== true) lines.set(name(c), cell(c));
  for (const f of results.findings)
    if (f.verdict === 'refuted') lines.set(`${port} ${f.rule} ${f.endpoint.method} ${f.endpoint.path}`, `refuted: ${f.says}`);
  // Guards that are content with any credential let in somebody who has none that is valid.
  let shown = 0;
  for (const side of ['python', 'rust'])
    for (const e of result[side].endpoints.filter(asksPresence)) {
      const cells = results.cells.filter(
        c => c.side === side && c.invalid !== undefined && c.endpoint.method === e.method && c.endpoint.path === e.path,
      );
      if (cells.some(c => c.agrees)) shown++;
      else lines.set(`${of(side, e)} presence`, 'parity says that any credential will do, and none that is not valid got in');
    }
  const known = new Map((plan.known ?? []).map(k => [k.at, k.why]));
  const unexpected = [...lines].filter(([at]) => !known.has(at));
  // What concerns the original is written down once and met with each port.
  const repaired = [...known.keys()].filter(at => at.startsWith(`${port} `) || at.startsWith('python ')).filter(at => !lines.has(at));
  for (const [at, says] of unexpected) console.log(`  ${at}: ${says}`);
  for (const at of repaired) console.log(`  ${at}: agrees now; remove it from verify.json`);
  const s = results.summary;
  const claimed = results.cells.filter(c => c.claim || c.agrees !== undefined).length;
  console.log(
    `${pair}, ${port}: ${s.agree} of ${claimed} answers as parity says, ${lines.size - unexpected.length} known defects; ` +
      `${results.findings.length} findings, ${s.confirmed} confirmed, ${s.refuted} refuted, ${s.untried} not to be tried; ${results.requests} requests, ` +
      `${results.cells.filter(c => c.claim && c.invalid !== undefined).length} answers to credentials that are not valid, ${shown} guards shown to ask for any`,
  );
  return unexpected.length + repaired.length;
}

function cell(c) {
  const claim = [c.claim.verdict, c.claim.panic ? 'panic' : c.claim.status, c.claim.redirect].filter(x => x !== undefined).join(' ');
  const answer = c.answer ? `${c.request} ${answered(c.answer)}` : 'not asked';
  return `${answer}${c.why ? ` (${c.why})` : ''}, parity says ${claim}`;
}
