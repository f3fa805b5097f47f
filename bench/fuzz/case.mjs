// @ts-check
/** One case: files on disk, the whole pipeline and every report over them, and what was wrong with the result. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { flawsOfCheck, flawsOfContract, flawsOfReport } from './oracle.mjs';

/**
 * @typedef {Record<string, string | Uint8Array>} Files content by path
 * @typedef {object} Program what is tested: the built program, or its sources under a test runner
 * @property {typeof import('../../src/run.js').check} check
 * @property {typeof import('../../src/run.js').analyse} analyse
 * @property {(result: import('../../src/findings/types.js').CheckResult) => Record<string, string>} reports by format
 * @property {(contract: import('../../src/contract/types.js').Contract) => Record<string, string>} contractReports by format
 */

/**
 * Checks the two sides against each other and says what is wrong with the result.
 * @param {Program} program
 * @param {Files} python
 * @param {Files} rust
 * @returns {Promise<string[]>}
 */
export async function flawsOfPair(program, python, rust) {
  return inFolder(async folder => {
    write(join(folder, 'python'), python);
    write(join(folder, 'rust'), rust);
    const result = await program.check(join(folder, 'python'), join(folder, 'rust'));
    return [
      ...flawsOfCheck(result),
      ...Object.entries(program.reports(result)).flatMap(([format, text]) => flawsOfReport(format, text)),
      ...[result.python, result.rust].flatMap(c =>
        Object.entries(program.contractReports(c)).flatMap(([format, text]) => flawsOfReport(format, text)),
      ),
    ];
  });
}

/**
 * Reads a folder that is there already.
 * @param {Program} program
 * @param {string} folder
 * @param {'python' | 'rust'} side
 * @returns {Promise<string[]>}
 */
export async function flawsOfFolder(program, folder, side) {
  const { contract, sources } = await program.analyse(folder, side);
  return [
    ...flawsOfContract(contract, sources),
    ...Object.entries(program.contractReports(contract)).flatMap(([format, text]) => flawsOfReport(format, text)),
  ];
}

/** @template T @param {(folder: string) => Promise<T>} fn @returns {Promise<T>} */
async function inFolder(fn) {
  const folder = mkdtempSync(join(tmpdir(), 'parity-fuzz-'));
  try {
    return await fn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @param {Files} files */
function write(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
