/**
 * What the cache saves: nothing kept, everything kept, and one file of one side changed, against merely parsing the same files. In
 * processor time, which another process on the machine disturbs less, and which a thread that compiles or collects garbage does not hide.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const { discover } = await import('../dist/project/discover.js');
const { withTree } = await import('../dist/syntax/parser.js');
const { analyse } = await import('../dist/run.js');
const { compare } = await import('../dist/checks/compare.js');
const { ContractCache } = await import('../dist/cache/contracts.js');
const { render } = await import('../dist/report/terminal/index.js');

/** A whole check in this process, from opening the cache to the report, in milliseconds of the processor. `changed` are texts of files, by their path. */
async function check(folder, python, rust, changed = {}) {
  const start = processor();
  const cache = new ContractCache(folder, []);
  const original = await analyse(python, 'python', { cache, overlay: changed.python });
  const port = await analyse(rust, 'rust', { cache, overlay: changed.rust });
  render(compare(original.contract, port.contract, { sources: { python: original.sources, rust: port.sources } }));
  return processor() - start;
}

function processor() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Prints the least of `runs` of everything. */
export async function warm(python, rust, runs) {
  const folder = mkdtempSync(join(tmpdir(), 'parity-bench-'));
  const files = [...(await discover(python, 'python')).files, ...(await discover(rust, 'rust')).files];
  /** The largest file of a side with one more line, another one each time. */
  const changed = (side, run) => {
    const { path, text } = files.filter(f => f.language === side).sort((a, b) => b.text.length - a.text.length)[0];
    return { [side]: new Map([[path, `${text}\n${side === 'python' ? '#' : '//'} ${run}\n`]]) };
  };
  const rows = { parsing: [], cold: [], warm: [], 'port changed': [], 'original changed': [] };
  const processes = { 'check --no-cache': [], 'check, warm': [], '--version': [] };
  try {
    for (let run = 0; run < runs; run++) {
      const start = processor();
      for (const f of files) withTree(f.language, f.text, node => node.hasError);
      rows.parsing.push(processor() - start);
      rmSync(folder, { recursive: true, force: true });
      rows.cold.push(await check(folder, python, rust));
      // Short runs after a long one also clear up what that has left.
      for (let i = 0; i < 10; i++) rows.warm.push(await check(folder, python, rust));
      rows['port changed'].push(await check(folder, python, rust, changed('rust', run)));
      rows['original changed'].push(await check(folder, python, rust, changed('python', run)));
      processes['check --no-cache'].push(spawned('check', python, rust, '--no-cache'));
      processes['check, warm'].push(spawned('check', python, rust, '--cache-dir', folder));
      processes['--version'].push(spawned('--version'));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log('  with the cache, processor time:');
  const parsing = Math.min(...rows.parsing);
  for (const [name, all] of Object.entries(rows)) {
    const least = Math.min(...all);
    console.log(`    ${name.padEnd(18)}${least.toFixed(1).padStart(9)} ms  ${(least / parsing).toFixed(2).padStart(6)} of parsing`);
  }
  console.log('  a process from start to end:');
  for (const [name, all] of Object.entries(processes))
    console.log(
      `    ${name.padEnd(18)}${Math.min(...all)
        .toFixed(1)
        .padStart(9)} ms`,
    );
}

function spawned(...args) {
  const start = performance.now();
  spawnSync(process.execPath, [join(dist, 'cli/main.js'), ...args], { stdio: 'ignore' });
  return performance.now() - start;
}
