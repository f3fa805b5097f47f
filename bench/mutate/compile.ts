/** Compiles a sample of the mutants: what does not compile is nothing that anybody could have written. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.js';
import { shuffled } from './run-mutants.js';
import type { Subject } from './subject.js';
import { apply } from './syntax.js';

export interface Compiled {
  tried: number;
  /** Mutants that do not compile, with the first error. */
  failed: { id: string; error: string }[];
}

/** The same sample for the same seed: operators take turns, each with its mutants in an order that the seed gives. */
export function sampleOf(mutants: readonly Mutant[], n: number, seed: string): Mutant[] {
  const by = new Map<string, Mutant[]>();
  for (const m of shuffled(mutants, seed).filter(x => x.side === undefined)) by.set(m.operator, [...(by.get(m.operator) ?? []), m]);
  const order = [...by.values()];
  const out: Mutant[] = [];
  for (let turn = 0; out.length < n && order.some(of => of[turn]); turn++) out.push(...order.flatMap(of => of[turn] ?? []));
  return out.slice(0, n);
}

/**
 * `cargo check` of each mutant, one after the other, in a copy of the pair's folder.
 *
 * @param target where cargo keeps what it made, so that libraries are compiled once; default a folder that is deleted afterwards
 * @throws where cargo is not there, or the clean port itself does not compile
 */
export function compiled(subject: Subject, mutants: readonly Mutant[], target: string | undefined, say: (line: string) => void): Compiled {
  const { folder } = subject.folders;
  if (folder === undefined) throw new Error('Only the pairs of the fixtures are compiled.');
  const root = mkdtempSync(join(tmpdir(), 'parity-mutants-'));
  try {
    for (const name of ['Cargo.toml', 'Cargo.lock', 'rustfmt.toml', 'rust-clean', 'rust-faulty'])
      if (existsSync(join(folder, name))) cpSync(join(folder, name), join(root, name), { recursive: true });
    const port = join(root, 'rust-clean');
    const check = (): string | undefined => {
      const env = { ...process.env, CARGO_TARGET_DIR: target ?? join(root, 'target'), CARGO_TERM_COLOR: 'never' };
      const run = spawnSync('cargo', ['check', '--quiet', '--locked'], { cwd: port, env, encoding: 'utf8', timeout: 1_200_000 });
      if (run.error) throw run.error;
      return run.status === 0 ? undefined : (/^error.*$/m.exec(run.stderr)?.[0] ?? `cargo ended with ${String(run.status)}`);
    };
    const clean = check();
    if (clean !== undefined) throw new Error(`${subject.name} does not compile: ${clean}`);
    const failed: Compiled['failed'] = [];
    for (const m of mutants) {
      const texts = apply(subject.sources, m.edits);
      for (const [file, text] of texts) writeFileSync(join(port, file), text);
      const error = check();
      for (const file of texts.keys()) writeFileSync(join(port, file), subject.sources.get(file)!.text);
      if (error !== undefined) failed.push({ id: m.id, error });
      say(`  ${error === undefined ? 'compiles' : 'BROKEN  '} ${m.id}${error === undefined ? '' : `: ${error}`}`);
    }
    return { tried: mutants.length, failed };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
