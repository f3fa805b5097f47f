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

/** What is said of code that many endpoints share, and not of one of them. */
const ABOUT_CODE = new Set(['guard-repeated-inline']);

export const said = (findings: readonly Finding[]): { rule: string; at: string }[] =>
  findings.flatMap(f => (f.endpoints ?? [f.endpoint]).map(e => ({ rule: f.rule, at: endpointKey(e) })));

/** `before` is what is reported of the pair as it stands: it is no news, and where it is what has to be said, nothing can be told. */
export function judge(m: Mutant, findings: readonly Finding[], before: ReadonlySet<string> = new Set()): Verdict {
  const all = said(findings);
  const missed = [...m.expected]
    .filter(
      ([key, e]) => e.rules.length > 0 && !e.rules.some(r => all.some(f => f.at === key && f.rule === r) || before.has(`${r} ${key}`)),
    )
    .map(([key]) => key);
  const wrong = all.filter(f => {
    const e = m.expected.get(f.at);
    if (m.anywhere?.includes(f.rule) || before.has(`${f.rule} ${f.at}`) || (before.has(f.rule) && ABOUT_CODE.has(f.rule))) return false;
    return !e || !(e.rules.includes(f.rule) || e.also.includes(f.rule));
  });
  return {
    killed: missed.length === 0 && wrong.length === 0,
    missed: missed.sort(),
    wrong: [...new Set(wrong.map(f => `${f.rule} ${f.at}`))].sort(),
  };
}
