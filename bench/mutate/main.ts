/**
 * Mutates the clean ports in `fixtures/apps` and tells what parity reports of each mutant.
 *
 *     npm run mutate                              all pairs, all operators
 *     npm run mutate -- blog                      one pair
 *     npm run mutate -- --operator unwrap         one operator; repeatable
 *     npm run mutate -- --each 1000               all mutants, not eight of each operator
 *     npm run mutate -- --list                    the mutants, without running them
 *     npm run mutate -- --seconds 60              stop after a minute (default 900)
 *     npm run mutate -- --write                   store the results and the table of the README
 *     npm run mutate -- --pair PY RS              any other pair; what is reported of it as it stands is no news
 *     npm run mutate -- --itself RS               an application in Rust that is held against itself
 *     npm run mutate -- --seed 2                  others of each operator
 *     npm run mutate -- --compile 20              compile twenty mutants of each pair with cargo instead; --seed for others
 *
 * Cargo keeps what it made in CARGO_TARGET_DIR, where that is set, else in a folder that is deleted.
 *
 * Exit code 0: every survivor is a known defect (with --compile: all compile); 1: it is not; 2: wrong use, or out of time.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compiled, sampleOf } from './compile.js';
import { operators } from './operators/index.js';
import { type Defect, isOf, type PairResults, readDefects, type Results, store } from './results.js';
import { EACH, judged, mutantsOf, spread } from './run-mutants.js';
import { type Folders, pairIn, pairOf, pairsIn, Subject } from './subject.js';

const APPS = fileURLToPath(new URL('../../fixtures/apps', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    operator: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    each: { type: 'string', default: String(EACH) },
    seconds: { type: 'string', default: '900' },
    write: { type: 'boolean', default: false },
    compile: { type: 'string' },
    seed: { type: 'string' },
    pair: { type: 'boolean', default: false },
    itself: { type: 'boolean', default: false },
  },
});
const chosen = operators.filter(o => values.operator.length === 0 || values.operator.includes(o.name));
const pairs = pairsOf(positionals);
const whole = chosen.length === operators.length && positionals.length === 0 && Number(values.each) === EACH && values.seed === undefined;
if (!pairs || chosen.length === 0 || (values.write && (!whole || values.compile !== undefined))) {
  console.error(
    !pairs ? '--pair takes two folders, --itself one.' : chosen.length === 0 ? 'No such operator.' : '--write stores whole runs only.',
  );
  process.exit(2);
}

const until = performance.now() + Number(values.seconds) * 1000;
const defects = readDefects();
const results: Results = {};
let unknown = 0;
for (const folders of pairs) {
  const subject = await Subject.of(folders);
  if (values.compile === undefined) results[subject.name] = await pair(subject, defects);
  else compile(subject, Number(values.compile));
}
if (values.write) store(results, operators);
process.exitCode = unknown > 0 && !values.list ? 1 : 0;

function pairsOf(named: readonly string[]): Folders[] | undefined {
  const [first, second] = named;
  if (values.itself) return first !== undefined && named.length === 1 ? [pairOf(first, first)] : undefined;
  if (values.pair) return first !== undefined && second !== undefined && named.length === 2 ? [pairOf(first, second)] : undefined;
  return named.length > 0 ? named.map(n => pairIn(resolve(APPS, n))) : pairsIn(APPS);
}

function compile(subject: Subject, n: number): void {
  const { mutants } = mutantsOf(subject, chosen);
  const { tried, failed } = compiled(subject, sampleOf(mutants, n, values.seed ?? '1'), process.env.CARGO_TARGET_DIR, line => {
    console.log(line);
  });
  unknown += failed.length;
  console.log(`${subject.name}: ${tried - failed.length} of ${tried} mutants compile`);
}

async function pair(subject: Subject, known: readonly Defect[]): Promise<PairResults> {
  const { mutants: all, broken } = mutantsOf(subject, chosen);
  const mutants = spread(all, Number(values.each), values.seed);
  const out: PairResults = {
    frameworks: `${subject.python.frameworks[0]?.name ?? 'none'} → ${subject.framework}`,
    falseAlarms: (await subject.findings([])).length,
    equivalent: { made: 0, reported: 0 },
    operators: {},
    survivors: {},
  };
  console.log(`${subject.name} (${out.frameworks}): ${mutants.length} mutants, ${out.falseAlarms} false alarms`);
  for (const at of subject.without) console.log(`  no function in the syntax: ${at}`);
  for (const id of broken) console.log(`  does not parse: ${id}`);
  for (const m of mutants) {
    if (values.list) {
      console.log(`  ${m.id}: ${m.equivalent ? 'loses nothing' : `${m.expected.size} endpoints`}`);
      continue;
    }
    if (performance.now() > until) {
      console.error(`Out of time after ${values.seconds} s.`);
      process.exit(2);
    }
    const verdict = await judged(subject, m);
    if (m.equivalent) {
      out.equivalent.made++;
      if (!verdict.killed) out.equivalent.reported++;
    } else {
      const n = (out.operators[m.operator] ??= { killed: 0, made: 0 });
      n.made++;
      if (verdict.killed) n.killed++;
    }
    if (verdict.killed) continue;
    out.survivors[m.id] = { missed: verdict.missed, wrong: verdict.wrong };
    const defect = known.find(d => isOf(d, subject.name, m.id));
    if (!defect) unknown++;
    console.log(`  ${defect ? 'known ' : 'ALIVE '} ${m.id}${m.equivalent ? ' (loses nothing)' : ''}`);
    if (verdict.missed.length > 0)
      console.log(`         nothing right at ${verdict.missed.length} of ${m.expected.size}: ${verdict.missed.slice(0, 4).join(', ')}`);
    if (verdict.wrong.length > 0) console.log(`         wrong: ${verdict.wrong.slice(0, 4).join(', ')}`);
  }
  const made = Object.values(out.operators);
  const count = (of: 'killed' | 'made'): number => made.reduce((a, n) => a + n[of], 0);
  console.log(
    `  ${count('killed')} of ${count('made')} killed; ${out.equivalent.made} proved to lose nothing, ${out.equivalent.reported} of them reported`,
  );
  return out;
}
