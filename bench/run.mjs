/**
 * Times the phases of a whole run and compares it with merely parsing the same files with the same parser, in this process.
 *
 *     npm run bench                         the pair in fixtures/apps/blog
 *     npm run bench -- PY RS [PY RS ...]    other pairs
 *     npm run bench -- --runs 5 PY RS       the best of 5 instead of 3 runs
 *     npm run bench -- --growth [1,2,4,8]   time and memory of a pair that is so many times as large (growth.mjs)
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { growth } from './growth.mjs';
import { semgrep } from './semgrep.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(resolve(root, 'dist/run.js'))) {
  console.error('Build first: npm run build');
  process.exit(2);
}
const { check } = await import('../dist/run.js');
const { discover } = await import('../dist/project/discover.js');
const { initParser, withTree } = await import('../dist/syntax/parser.js');
const { lower } = await import('../dist/syntax/lower.js');
const { warm } = await import('./warm.mjs');
const { render } = await import('../dist/report/terminal/index.js');

const args = process.argv.slice(2);
if (args[0] === '--growth') {
  growth((args[1] ?? '1,2,4,8').split(',').map(Number));
  process.exit(0);
}
const at = args.indexOf('--runs');
const runs = at < 0 ? 3 : Number(args.splice(at, 2)[1]);
const blog = resolve(root, 'fixtures/apps/blog');
const folders = args.length > 0 ? args.map(a => resolve(a)) : [resolve(blog, 'python'), resolve(blog, 'rust-clean')];
if (folders.length % 2 === 1 || !(runs > 0)) {
  console.error('Usage: npm run bench -- [--runs N] [PY RS]... | --growth [N,N,..]');
  process.exit(2);
}

/** Of the longest name, `python evaluate`. */
const WIDTH = 17;
const ms = n => `${n.toFixed(1).padStart(9)} ms`;
const mb = n => `${(n / 1024 / 1024).toFixed(0)} MB`;
/** The fastest of several runs is the one that the machine disturbed least. */
const best = all => all.reduce((a, b) => (b.total < a.total ? b : a));

async function timed(fn) {
  globalThis.gc?.();
  const start = performance.now();
  const value = await fn();
  return { total: performance.now() - start, value };
}

await initParser();
for (let i = 0; i < folders.length; i += 2) {
  const [python, rust] = [folders[i], folders[i + 1]];
  const files = [...(await discover(python, 'python')).files, ...(await discover(rust, 'rust')).files];
  const size = files.reduce((sum, f) => sum + f.text.length, 0);
  console.log(`\n${python}\n${rust}\n${files.length} files, ${(size / 1024).toFixed(0)} KB`);

  const parse = [];
  const whole = [];
  // Alternating, so that both meet the same state of the machine and of the compiler.
  for (let run = 0; run < runs; run++) {
    parse.push(
      await timed(() => {
        for (const f of files) withTree(f.language, f.text, node => node.hasError);
      }),
    );
    whole.push(
      await timed(async () => {
        const result = await check(python, rust, { aliases: [] });
        const start = performance.now();
        render(result);
        return { ...result.timings, report: performance.now() - start };
      }),
    );
  }

  const fastest = best(whole);
  for (const [phase, time] of Object.entries(fastest.value)) console.log(`  ${phase.padEnd(WIDTH)}${ms(time)}`);
  // What keeping facts on disk could save: parsing and lowering, less reading the facts back.
  const kept = files.map(f => JSON.stringify(lower(f.language, f.text)));
  const back = best([await timed(() => kept.map(t => JSON.parse(t))), await timed(() => kept.map(t => JSON.parse(t)))]).total;
  const lowering = fastest.value['python lower'] + fastest.value['rust lower'];
  console.log(`  ${'facts from disk'.padEnd(WIDTH)}${ms(back)}  (would save ${((100 * (lowering - back)) / fastest.total).toFixed(0)} %)`);
  console.log(`  ${'whole'.padEnd(WIDTH)}${ms(fastest.total)}`);
  console.log(`  ${'parse only'.padEnd(WIDTH)}${ms(best(parse).total)}`);
  console.log(
    `  ${'ratio'.padEnd(WIDTH)}${(fastest.total / best(parse).total).toFixed(2).padStart(9)}  (first run ${(whole[0].total / parse[0].total).toFixed(2)})`,
  );
  await warm(python, rust, runs);
  console.log(`  ${semgrep(python, rust)}`);
}
const { maxRSS } = process.resourceUsage();
console.log(`\npeak memory ${mb(maxRSS * 1024)}, heap now ${mb(process.memoryUsage().heapUsed)}`);
