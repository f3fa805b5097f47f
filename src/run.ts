/**
 * The whole program on one page: sources → facts → program → contract, once for each side; then match, checks, findings.
 * Every stage is a value that can be printed and tested; only `project/` reads files, only `syntax/` knows a grammar.
 */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import { compare } from './checks/compare.js';
import { normalize } from './contract/normalize.js';
import type { Contract, Problem, Side } from './contract/types.js';
import { type FileFacts, lineOf } from './facts/types.js';
import type { CheckResult } from './findings/types.js';
import { adapters } from './frameworks/index.js';
import { buildContract } from './infer/contract.js';
import type { Alias } from './match/types.js';
import { loadPacks } from './packs/load.js';
import { PackModels } from './packs/models.js';
import { Ev } from './program/ev.js';
import { link } from './program/link.js';
import { resetValues } from './program/make.js';
import { type CrateInput, Program, type ProgramFile } from './program/program.js';
import { census, discover } from './project/discover.js';
import { manifest } from './project/manifest.js';
import type { Manifest, SourceFile } from './project/types.js';
import { satisfies } from './project/versions.js';
import { lower } from './syntax/lower.js';
import { initParser, ParseFailure } from './syntax/parser.js';
import { parseRustBlock, parseRustExpr, parseRustItems } from './syntax/rust/index.js';

/** Milliseconds per stage. */
export type Timings = Record<string, number>;

/** Hears how far an analysis is: what is done with how many of the files or endpoints of a side. */
export type Report = (side: Side, doing: string, done: number, total: number) => void;

export interface Analysis {
  contract: Contract;
  /** Text of every file that was read, by its path in the contract. */
  sources: Map<string, string>;
  timings: Timings;
}

export interface AnalyseOptions {
  debug?: boolean;
  /** Hears how far it is. */
  report?: Report | undefined;
  /** Texts that stand for those on the disk (unsaved or edited files), by the path that locations use. */
  overlay?: ReadonlyMap<string, string>;
}

/** Reads the application under `root` and extracts its contract. Never throws for what it reads: that becomes a problem in the contract. */
export async function analyse(root: string, side: Side | undefined, options: AnalyseOptions = {}): Promise<Analysis> {
  const timings: Timings = {};
  const clock = stopwatch(timings);
  const language = side ?? majority(root);

  const found = await discover(root, language);
  const known = await manifest(root, language);
  for (const f of found.files) {
    const text = options.overlay?.get(f.path);
    if (text !== undefined) Object.assign(f, { text, hash: hash('sha256', text) });
  }
  clock('discover');

  await initParser();
  const packs = (await loadPacks()).filter(p => p.language === language);
  clock('start');

  const problems: Problem[] = [...found.problems, ...known.problems];
  const files: ProgramFile[] = [];
  for (const [i, f] of found.files.entries()) {
    options.report?.(language, 'reading files,', i, found.files.length);
    const facts = lowered(f, problems);
    if (!facts) continue;
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
    if (options.debug) throw error;
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
      ...(options.debug ? { debug: true } : {}),
      report: (done, total) => options.report?.(language, 'following requests,', done, total),
    }),
  );
  clock('evaluate');
  return { contract, sources: new Map(found.files.map(f => [f.path, f.text])), timings };
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

/** Holds the port under `rustRoot` against the original under `pythonRoot`. */
export async function check(
  pythonRoot: string,
  rustRoot: string,
  options: { aliases?: readonly Alias[]; debug?: boolean; report?: Report | undefined } = {},
): Promise<CheckResult> {
  const python = await analyse(pythonRoot, 'python', options);
  const rust = await analyse(rustRoot, 'rust', options);
  const timings: Timings = {};
  for (const [side, t] of [
    ['python', python.timings],
    ['rust', rust.timings],
  ] as const)
    for (const [k, ms] of Object.entries(t)) timings[`${side} ${k}`] = ms;
  const clock = stopwatch(timings);
  const result = compare(python.contract, rust.contract, {
    aliases: options.aliases ?? [],
    sources: { python: python.sources, rust: rust.sources },
    timings,
  });
  clock('compare');
  return result;
}

const majority = (root: string): Side => {
  const counts = census(root);
  return counts.rust > counts.python ? 'rust' : 'python';
};

const crates = (m: Manifest): CrateInput[] =>
  m.crates.map(c => ({
    name: c.name,
    dir: c.dir,
    entries: [...c.targets].sort((a, b) => Number(a.kind === 'bin') - Number(b.kind === 'bin')).map(t => t.file),
    renames: new Map([...c.dependencies].map(([used, d]) => [used, d.crate ?? d.package.replaceAll('-', '_')])),
    features: c.defaultFeatures,
  }));

function stopwatch(timings: Timings): (stage: string) => void {
  let last = performance.now();
  return stage => {
    const now = performance.now();
    timings[stage] = (timings[stage] ?? 0) + now - last;
    last = now;
  };
}
