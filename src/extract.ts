/** The longest part of the way: what was read of one side becomes facts, a program, and its contract. Reads no file of the application. */
import { basename } from 'node:path';
import type { Inputs } from './cache/contracts.js';
import { normalize } from './contract/normalize.js';
import type { Contract, Problem, Side } from './contract/types.js';
import { type FileFacts, lineOf } from './facts/types.js';
import { adapters } from './frameworks/index.js';
import { buildContract } from './infer/contract.js';
import { loadPacks } from './packs/load.js';
import { PackModels } from './packs/models.js';
import { Ev } from './program/ev.js';
import { link } from './program/link.js';
import { resetValues } from './program/make.js';
import { type CrateInput, Program, type ProgramFile } from './program/program.js';
import type { Manifest, SourceFile } from './project/types.js';
import { satisfies } from './project/versions.js';
import { lower } from './syntax/lower.js';
import { stopwatch, type Timings } from './stopwatch.js';
import { initParser, ParseFailure } from './syntax/parser.js';
import { parseRustBlock, parseRustExpr, parseRustItems } from './syntax/rust/index.js';

/** Hears how far an analysis is: what is done with how many of the files or endpoints of a side. */
export type Report = (side: Side, doing: string, done: number, total: number) => void;

export interface ExtractOptions {
  debug?: boolean | undefined;
  report?: Report | undefined;
}

export interface Extracted {
  contract: Contract;
  /** False where the next run may give another one for the same inputs, since the machine had a say in it. */
  repeatable: boolean;
  timings: Timings;
}

/** The contract of one side. */
export async function extract(inputs: Inputs, { debug, report }: ExtractOptions): Promise<Extracted> {
  const timings: Timings = {};
  const clock = stopwatch(timings);
  const { root, language, found, known } = inputs;
  await initParser();
  const packs = (await loadPacks()).filter(p => p.language === language);
  clock('start');

  const problems: Problem[] = [...found.problems, ...known.problems];
  const files: ProgramFile[] = [];
  let repeatable = true;
  for (const [i, f] of found.files.entries()) {
    report?.(language, 'reading files,', i, found.files.length);
    const facts = lowered(f, problems);
    if (!facts) {
      repeatable = false;
      continue;
    }
    for (const e of facts.errors.slice(0, 3))
      problems.push({ severity: 'warning', code: 'syntax-error', says: e.says, file: f.path, line: lineOf(e.at) });
    files.push({ path: f.path, facts, text: f.text });
  }
  clock('lower');

  resetValues();
  const program = new Program(files, language, basename(root), crates(known));
  program.versions = known.versions;
  if (language === 'rust') program.rustText = { expr: parseRustExpr, block: parseRustBlock, items: parseRustItems };
  const models = new PackModels(packs, known.versions, (range, version) => satisfies(version, range));
  const ev = new Ev(program, models);
  try {
    link(ev);
  } catch (error) {
    if (debug) throw error;
    // What is linked so far is still read; that it is not all stands in every report.
    problems.push({ severity: 'error', code: 'internal', says: `linking: ${error instanceof Error ? error.message : String(error)}` });
  }
  clock('link');

  const contract = normalize(
    buildContract({
      side: language,
      ev,
      models,
      adapters,
      versions: known.versions,
      problems,
      files: { total: found.files.length, parsed: files.length },
      ...(debug ? { debug: true } : {}),
      report: (done, total) => report?.(language, 'following requests,', done, total),
    }),
  );
  clock('evaluate');
  return { contract, timings, repeatable: repeatable && !contract.problems.some(p => p.code === 'internal') };
}

/** The facts of one file; undefined, and a problem, where the parser gave up. */
function lowered(f: SourceFile, problems: Problem[]): FileFacts | undefined {
  try {
    return lower(f.language, f.text);
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    problems.push({ severity: 'error', code: 'unreadable', says: error.message, file: f.path });
    return undefined;
  }
}

const crates = (m: Manifest): CrateInput[] =>
  m.crates.map(c => ({
    name: c.name,
    dir: c.dir,
    entries: [...c.targets].sort((a, b) => Number(a.kind === 'bin') - Number(b.kind === 'bin')).map(t => t.file),
    renames: new Map([...c.dependencies].map(([used, d]) => [used, d.crate ?? d.package.replaceAll('-', '_')])),
    features: c.defaultFeatures,
    written: c.written,
  }));
