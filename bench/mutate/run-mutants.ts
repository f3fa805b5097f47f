/** Makes the mutants of a pair and judges them, one at a time. */
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
  for (const m of operators.flatMap(o => o.run(subject).map((m): Mutant => (o.side ? { ...m, side: o.side } : m)))) {
    const n = (ids.get(m.id) ?? 0) + 1;
    ids.set(m.id, n);
    if (n > 1) m.id += ` #${n}`;
    if (subject.parses(m.edits, m.side ?? 'rust')) mutants.push(m);
    else broken.push(m.id);
  }
  return { mutants, broken };
}

/** So many of each operator are run on a pair, unless all are asked for. */
export const EACH = 8;

/** At most `each` of every operator, spread over all that it made. */
export function spread(mutants: readonly Mutant[], each: number): Mutant[] {
  const by = new Map<string, Mutant[]>();
  for (const m of mutants) by.set(m.operator, [...(by.get(m.operator) ?? []), m]);
  return [...by.values()].flatMap(of =>
    of.filter((_, i) => Math.floor((i * each) / of.length) !== Math.floor(((i - 1) * each) / of.length)),
  );
}

export async function judged(subject: Subject, m: Mutant): Promise<Judged> {
  return { mutant: m, ...judge(m, await (m.side ? subject.findingsOfOriginal(m.edits) : subject.findings(m.edits))) };
}
