/** Makes the mutants of a pair and judges them, one at a time. */
import { createHash } from 'node:crypto';
import { judge, type Verdict } from './judge.js';
import type { Mutant, Operator } from './mutant.js';
import type { Subject } from './subject.js';

export interface Judged extends Verdict {
  mutant: Mutant;
}

/** The mutants of all operators, each with an id of its own, and only those that still parse. */
export function mutantsOf(subject: Subject, operators: readonly Operator[]): { mutants: Mutant[]; broken: string[] } {
  const mutants: Mutant[] = [];
  const broken: string[] = [];
  const ids = new Map<string, number>();
  // Without an original in Python there is nothing to be changed there.
  const possible = operators.filter(o => !o.side || subject.originals.size > 0);
  for (const m of possible.flatMap(o => o.run(subject).map((m): Mutant => (o.side ? { ...m, side: o.side } : m)))) {
    const n = (ids.get(m.id) ?? 0) + 1;
    ids.set(m.id, n);
    if (n > 1) m.id += ` #${n}`;
    if (!m.equivalent && !open(m, subject)) continue;
    if (subject.parses(m.edits, m.side ?? 'rust')) mutants.push(m);
    else broken.push(m.id);
  }
  return { mutants, broken };
}

/**
 * Where something of the port was not understood, nothing is claimed to be missing, and nothing has to be said.
 * @returns whether anything has to be said anywhere
 */
function open(m: Mutant, subject: Subject): boolean {
  for (const p of subject.places) {
    const e = m.expected.get(p.key);
    if (e && p.rust.gaps.some(g => g.hides.length > 0)) m.expected.set(p.key, { rules: [], also: [...e.rules, ...e.also, 'unverified'] });
  }
  return [...m.expected.values()].some(e => e.rules.length > 0);
}

/** So many of each operator are run on a pair, unless all are asked for. */
export const EACH = 8;

/** At most `each` of every operator, spread over all that it made; with a seed, others for each seed. */
export function spread(mutants: readonly Mutant[], each: number, seed?: string): Mutant[] {
  const by = new Map<string, Mutant[]>();
  for (const m of mutants) by.set(m.operator, [...(by.get(m.operator) ?? []), m]);
  const few = (of: readonly Mutant[]): Mutant[] =>
    of.filter((_, i) => Math.floor((i * each) / of.length) !== Math.floor(((i - 1) * each) / of.length));
  return [...by.values()].flatMap(of => (seed === undefined ? few(of) : shuffled(of, seed).slice(0, each)));
}

/** The same order for the same seed. */
export function shuffled(mutants: readonly Mutant[], seed: string): Mutant[] {
  const rank = (m: Mutant): string => createHash('sha256').update(`${seed}\0${m.id}`).digest('hex');
  return mutants
    .map(m => ({ m, r: rank(m) }))
    .sort((a, b) => (a.r < b.r ? -1 : 1))
    .map(x => x.m);
}

export async function judged(subject: Subject, m: Mutant): Promise<Judged> {
  return { mutant: m, ...judge(m, await (m.side ? subject.findingsOfOriginal(m.edits) : subject.findings(m.edits)), subject.before) };
}
