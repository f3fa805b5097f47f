// @ts-check
/** Runs cases that the parent sends, one at a time; the parent ends this process when one takes too long. */
import { readFileSync } from 'node:fs';
import { flawsOfFolder, flawsOfPair } from './case.mjs';

const dist = '../../dist/';
const { check, analyse } = await import(`${dist}run.js`);
const { initParser } = await import(`${dist}syntax/parser.js`);
const { lower } = await import(`${dist}syntax/lower.js`);
const { serialize } = await import(`${dist}contract/serialize.js`);
const text = await import(`${dist}report/terminal/index.js`);
const json = await import(`${dist}report/json/index.js`);
const sarif = await import(`${dist}report/sarif/index.js`);
const table = await import(`${dist}report/contract-text/index.js`);

/** @type {import('./case.mjs').Program} */
const program = {
  check,
  analyse,
  reports: result => ({
    text: text.render(result),
    json: json.render(result),
    sarif: sarif.render(result, { version: '0', exitCode: 0, exitCodeDescription: '', roots: { python: '', rust: '' } }),
  }),
  contractReports: contract => ({ text: table.render(contract), json: serialize(contract) }),
};

await initParser();

/** @param {any} task @returns {Promise<string[]>} */
async function run(task) {
  if (task.kind === 'pair') return flawsOfPair(program, task.python, task.rust);
  if (task.kind === 'folder') return flawsOfFolder(program, task.folder, task.side);
  const facts = lower(task.side, readFileSync(task.file, 'utf8'));
  JSON.stringify(facts);
  return facts.language === task.side ? [] : ['facts of another language'];
}

process.on('message', async (/** @type {any} */ task) => {
  const started = process.cpuUsage();
  /** @type {string[]} */
  let flaws;
  try {
    flaws = await run(task);
  } catch (error) {
    flaws = [`thrown: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' | ') : String(error)}`];
  }
  process.send?.({
    flaws: flaws.slice(0, 5),
    ms: (cpu => (cpu.user + cpu.system) / 1000)(process.cpuUsage(started)),
    peak: process.resourceUsage().maxRSS * 1024,
  });
});
process.send?.('ready');
