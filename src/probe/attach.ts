/** Results of a probe carried into a comparison, by fingerprint. Pure. */
import type { CheckResult, SideProblem } from '../findings/types.js';
import type { ProbeResults } from './types.js';

/** Findings that were not asked about stay as they are; results about findings that are no longer there become a problem that says so. */
export function attach(result: CheckResult, probed: ProbeResults): CheckResult {
  const known = new Map(probed.findings.map(f => [f.fingerprint, f]));
  const findings = result.findings.map(f => {
    const p = known.get(f.fingerprint);
    return p ? { ...f, probe: { verdict: p.verdict, says: p.says } } : f;
  });
  const here = new Set(result.findings.map(f => f.fingerprint));
  const stale = probed.findings.filter(f => !here.has(f.fingerprint)).length;
  const fresh = result.findings.filter(f => !known.has(f.fingerprint)).length;
  const of = (v: string): number => findings.filter(f => f.probe?.verdict === v).length;
  const problem = (n: number, one: string, many: string): SideProblem[] =>
    n === 0 ? [] : [{ severity: 'warning', code: 'probe-results', says: n === 1 ? `1 ${one}` : `${n} ${many}` }];
  return {
    ...result,
    findings,
    summary: { ...result.summary, probe: { confirmed: of('confirmed'), refuted: of('refuted'), untried: of('untried') } },
    problems: [
      ...result.problems,
      ...problem(stale, 'finding of the probe is no longer reported', 'findings of the probe are no longer reported'),
      ...problem(fresh, 'finding is not in the probe results', 'findings are not in the probe results'),
    ],
  };
}
