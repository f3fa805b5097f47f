// @ts-check
/**
 * Precision and recall of what parity reads, on applications with labels (docs/corpus.md).
 *
 *     npm run corpus                                         the applications in fixtures/apps, with the labels beside them
 *     npm run corpus -- --labels DIR --checkouts DIR         NAME.json in the one, the application in NAME/ of the other
 *     npm run corpus -- ... --floors FILE [--raise]          fails below the shares in FILE; --raise writes what is above them
 *     npm run corpus -- ... --only NAME                      label files whose name holds NAME
 *     npm run corpus -- ... --quiet                          no misses, only shares
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SUBJECTS, score, shares, summary } from './score.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    labels: { type: 'string' },
    checkouts: { type: 'string' },
    floors: { type: 'string' },
    raise: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    quiet: { type: 'boolean', default: false },
  },
});
/** @param {string} message @returns {never} */
function wrong(message) {
  console.error(message);
  process.exit(2);
}
if ((options.labels === undefined) !== (options.checkouts === undefined)) wrong('--labels and --checkouts belong together');
if (!existsSync(join(root, 'dist/run.js'))) wrong('Build first: npm run build');
const { analyse } = await import('../../dist/run.js');

const own = options.labels === undefined;
const labelsIn = resolve(options.labels ?? join(root, 'bench/corpus/labels'));
const checkouts = resolve(options.checkouts ?? join(root, 'fixtures/apps'));
const floorsFile = options.floors ? resolve(options.floors) : own ? join(root, 'bench/corpus/floors.json') : undefined;

/** @type {Record<string, ReturnType<typeof summary>>} */
const floors = floorsFile && existsSync(floorsFile) ? JSON.parse(readFileSync(floorsFile, 'utf8')) : {};
let below = 0;
let scored = 0;

/** Names in labels and code are printed as data. @param {string} text */
const plain = text => JSON.stringify(text).slice(1, -1);

for (const file of readdirSync(labelsIn)
  .filter(f => f.endsWith('.json') && f.includes(options.only))
  .sort()) {
  /** @type {import('./score.mjs').Labels} */
  const labels = JSON.parse(readFileSync(join(labelsIn, file), 'utf8'));
  const name = basename(file, '.json');
  if (!Array.isArray(labels.endpoints)) continue;
  const checkout = [name, labels.app].map(n => join(checkouts, n)).find(existsSync);
  if (!checkout) {
    console.log(`${plain(name)}: no checkout\n`);
    continue;
  }
  const { contract } = await analyse(join(checkout, labels.root ?? '.'), labels.language);
  const result = score(contract, labels);
  const said = summary(result);
  scored++;
  console.log(`${plain(name)} (${labels.language}, ${result.tallies.endpoints.labelled} endpoints labelled)`);
  if (!options.quiet)
    for (const m of result.misses) console.log(`  ${m.subject.padEnd(10)} ${plain(m.endpoint)}: ${plain(m.says)} (${plain(m.place)})`);
  for (const subject of SUBJECTS) {
    const { right, labelled, said: all } = result.tallies[subject];
    const { precision, recall } = shares(result.tallies[subject]);
    const row = `precision ${precision.toFixed(1).padStart(5)} % (${right}/${all})`.padEnd(32);
    console.log(`  ${subject.padEnd(10)} ${row} recall ${recall.toFixed(1).padStart(5)} % (${right}/${labelled})`);
    for (const what of /** @type {const} */ (['precision', 'recall'])) {
      const floor = floors[name]?.[subject]?.[what];
      if (floor !== undefined && said[subject][what] < floor) {
        below++;
        console.log(`  ${subject}: ${what} is below its floor of ${floor} %`);
        said[subject][what] = floor;
      }
    }
  }
  console.log('');
  floors[name] = said;
}
if (scored === 0) wrong(`no label file in ${labelsIn} has its application in ${checkouts}`);
if (options.raise && floorsFile) {
  const sorted = Object.fromEntries(
    Object.keys(floors)
      .sort()
      .map(n => [n, floors[n]]),
  );
  writeFileSync(floorsFile, `${JSON.stringify(sorted, undefined, 2)}\n`);
}
process.exitCode = below > 0 ? 1 : 0;
