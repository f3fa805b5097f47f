/** Holds what parity reports of a mutant against what it has to report. */
import { endpointKey } from '../../src/contract/path-template.js';
import type { Finding } from '../../src/findings/types.js';
import type { Mutant } from './mutant.js';

export interface Verdict {
  killed: boolean;
  /** Endpoints of which nothing, or nothing right, is said. */
  missed: string[];
  /** What is said and should not be: `rule endpoint`. */
  wrong: string[];
}

export const said = (findings: readonly Finding[]): { rule: string; at: string }[] =>
  findings.flatMap(f => (f.endpoints ?? [f.endpoint]).map(e => ({ rule: f.rule, at: endpointKey(e) })));

export function judge(m: Mutant, findings: readonly Finding[]): Verdict {
  const all = said(findings);
  const missed = [...m.expected]
    .filter(([key, e]) => e.rules.length > 0 && !all.some(f => f.at === key && e.rules.includes(f.rule)))
    .map(([key]) => key);
  const wrong = all.filter(f => {
    const e = m.expected.get(f.at);
    if (m.anywhere?.includes(f.rule)) return false;
    return !e || !(e.rules.includes(f.rule) || e.also.includes(f.rule));
  });
  return {
    killed: missed.length === 0 && wrong.length === 0,
    missed: missed.sort(),
    wrong: [...new Set(wrong.map(f => `${f.rule} ${f.at}`))].sort(),
  };
}
