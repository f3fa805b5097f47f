/**
 * A pair of applications that is as many times as large as the one in `fixtures/apps/projects`, and still a pair: each copy of its
 * modules has its own guards, handlers and errors, and is served under a prefix of its own.
 *
 *     npm run bench -- --growth              1, 2, 4 and 8 times
 *     npm run bench -- --growth 1,30,300     other multiples
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Modules of the port that every copy has for itself; the rest (state, configuration) is what the copies share. */
const COPIED = ['auth', 'error', 'extract', 'middleware', 'models', 'routes', 'security'];

/**
 * @param {string} app the folder with `python` and `rust-clean`
 * @param {number} times how often its modules are there, 1 or more
 * @returns the two folders, and a function that removes them
 */
export function grown(app, times) {
  const folder = mkdtempSync(join(tmpdir(), 'parity-growth-'));
  const [python, rust] = [join(folder, 'python'), join(folder, 'rust')];
  const numbers = Array.from({ length: times - 1 }, (_, i) => i + 2);
  const eachCopy = text => numbers.map(text).join('');

  cpSync(join(app, 'python'), python, { recursive: true });
  for (const k of numbers) {
    rewritten(join(app, 'python/tracker'), join(python, `tracker_${k}`), text =>
      // One application serves all copies.
      text.replaceAll(/\btracker\./g, `tracker_${k}.`).replace(/\n+def create_app[\s\S]*/, '\n'),
    );
    rmSync(join(python, `tracker_${k}/__main__.py`));
  }
  edit(join(python, 'tracker/app.py'), {
    'import SessionLocal, engine\n': eachCopy(k => `import tracker_${k}.app\nimport tracker_${k}.errors\n`),
    '    app.include_router(api_router())\n': eachCopy(
      k => `    tracker_${k}.errors.install_handlers(app)\n    app.include_router(tracker_${k}.app.api_router(), prefix="/copy${k}")\n`,
    ),
  });

  cpSync(join(app, 'rust-clean'), rust, { recursive: true });
  const own = new RegExp(`\\bcrate::(${COPIED.join('|')})\\b`, 'g');
  for (const k of numbers) {
    for (const name of COPIED)
      for (const entry of [name, `${name}.rs`].filter(e => existsSync(join(app, 'rust-clean/src', e))))
        rewritten(join(app, 'rust-clean/src', entry), join(rust, `src/copy_${k}`, entry), text =>
          text.replaceAll(own, `crate::copy_${k}::$1`).replaceAll('fn api(', 'pub fn api('),
        );
    writeFileSync(join(rust, `src/copy_${k}/mod.rs`), COPIED.map(name => `pub mod ${name};\n`).join(''));
  }
  edit(join(rust, 'src/main.rs'), { 'mod auth;\n': eachCopy(k => `mod copy_${k};\n`) });
  edit(join(rust, 'src/routes/mod.rs'), {
    '.nest("/api", api(&state))': eachCopy(k => `.nest("/copy${k}/api", crate::copy_${k}::routes::api(&state))`),
  });
  return { python, rust, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A copy of a file, or of all in a folder, with another text. */
function rewritten(from, to, change) {
  if (/\.(py|rs)$/.test(from)) {
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, change(readFileSync(from, 'utf8')));
  } else for (const name of readdirSync(from)) rewritten(join(from, name), join(to, name), change);
}

/** Adds text behind places that have to be there. */
function edit(file, added) {
  let text = readFileSync(file, 'utf8');
  for (const [place, more] of Object.entries(added)) {
    if (!text.includes(place)) throw new Error(`${file} has no ${place}`);
    text = text.replace(place, () => place + more);
  }
  writeFileSync(file, text);
}

/** Prints a line for each multiple; each runs in a process of its own, so that its memory is its own. */
export function growth(multiples) {
  console.log('times  lines of Python  of Rust  endpoints    seconds   processor      each  peak memory');
  for (const times of multiples) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), String(times)], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${times} times: ${stderr}`);
    const { lines, pairs, wall, cpu, memory } = JSON.parse(stdout);
    const cells = [
      String(times).padStart(5),
      String(lines.python).padStart(15),
      String(lines.rust).padStart(8),
      String(pairs).padStart(10),
      (wall / 1000).toFixed(1).padStart(10),
      `${(cpu / 1000).toFixed(1).padStart(9)} s`,
      `${(cpu / 1000 / times).toFixed(2).padStart(7)} s`,
      `${memory.toFixed(0).padStart(9)} MB`,
    ];
    console.log(cells.join(' '));
  }
}

async function one(times) {
  const { check } = await import('../dist/run.js');
  const { python, rust, remove } = grown(fileURLToPath(new URL('../fixtures/apps/projects', import.meta.url)), times);
  const before = process.cpuUsage();
  const start = performance.now();
  const { summary, sources, findings } = await check(python, rust);
  const { user, system } = process.cpuUsage(before);
  remove();
  if (summary.same !== summary.pairs || findings.length > 0) throw new Error('it is no faithful port any more');
  const lines = side => [...sources[side].values()].reduce((sum, text) => sum + text.split('\n').length, 0);
  const measured = {
    lines: { python: lines('python'), rust: lines('rust') },
    pairs: summary.pairs,
    wall: performance.now() - start,
    cpu: (user + system) / 1000,
    memory: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(measured));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await one(Number(process.argv[2]));
