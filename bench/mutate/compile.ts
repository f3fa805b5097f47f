/** Compiles a sample of the mutants: what does not compile is nothing that anybody could have written. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.js';
import type { Subject } from './subject.js';
import { apply } from './syntax.js';

export interface Compiled {
  tried: number;
  /** Mutants that do not compile, with the first error. */
  failed: { id: string; error: string }[];
}

/** The same sample for the same seed: operators take turns, each with its mutants in an order that the seed gives. */
export function sampleOf(mutants: readonly Mutant[], n: number, seed: string): Mutant[] {
  const rank = (m: Mutant): string => createHash('sha256').update(`${seed}\0${m.id}`).digest('hex');
  const by = new Map<string, Mutant[]>();
  for (const m of mutants.filter(x => x.side === undefined)) by.set(m.operator, [...(by.get(m.operator) ?? []), m]);
  const order = [...by.values()].map(of => of.map(m => ({ m, r: rank(m) })).sort((a, b) => (a.r < b.r ? -1 : 1)));
  order.sort((a, b) => (a[0]!.r < b[0]!.r ? -1 : 1));
  const out: Mutant[] = [];
  for (let turn = 0; out.length < n && order.some(of => of[turn]); turn++) for (const of of order) if (of[turn]) out.push(of[turn]!.m);
  return out.slice(0, n);
}

/**
 * `cargo check` of each mutant, one after the other, in a copy of the pair's folder.
 *
 * @param target where cargo keeps what it made, so that libraries are compiled once; default a folder that is deleted afterwards
 * @throws where cargo is not there, or the clean port itself does not compile
 */
export function compiled(subject: Subject, mutants: readonly Mutant[], target: string | undefined, say: (line: string) => void): Compiled {
  const root = mkdtempSync(join(tmpdir(), 'parity-mutants-'));
  try {
    for (const name of ['Cargo.toml', 'Cargo.lock', 'rustfmt.toml', 'rust-clean', 'rust-faulty'])
      if (existsSync(join(subject.folder, name))) cpSync(join(subject.folder, name), join(root, name), { recursive: true });
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
