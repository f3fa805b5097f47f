import { readInPart } from '../contract/trust.js';
import { severityRank } from './severity.js';
import type { CheckResult, FailOn } from './types.js';

export interface Gate {
  failOn: FailOn;
  /** Fail on everything that was not understood, too. */
  strict?: boolean;
}

/**
 * The exit code of a comparison: 3 when the answer cannot be trusted, 1 when a finding reaches the gate, else 0.
 * Distrust comes first: an extraction that found nothing must never look like the absence of differences.
 */
export function exitCode(result: CheckResult, gate: Gate): 0 | 1 | 3 {
  if (distrust(result, gate).length > 0) return 3;
  const least = gate.failOn === 'none' ? Infinity : severityRank(gate.failOn);
  return result.findings.some(f => severityRank(f.severity) >= least) ? 1 : 0;
}

/** The reasons why the answer cannot be trusted, as sentences; empty when it can. */
export function distrust(result: CheckResult, gate: Gate): string[] {
  const reasons: string[] = [];
  for (const side of ['python', 'rust'] as const) {
    const c = result[side];
    const name = side === 'python' ? 'Python' : 'Rust';
    if (!c.endpoints.some(e => !e.implicit)) reasons.push(`no endpoints were found on the ${name} side`);
    const broken = result.problems.filter(p => p.side === side && p.severity === 'error').length;
    if (broken > 0) reasons.push(`${broken} ${broken === 1 ? 'source' : 'sources'} could not be read on the ${name} side`);
    if (gate.strict) {
      const { gaps, unresolved } = result.summary[side];
      if (gaps > 0) reasons.push(`${gaps} ${gaps === 1 ? 'place was' : 'places were'} not understood on the ${name} side (--strict)`);
      const partly = readInPart(result.problems.filter(p => p.side === side));
      if (partly > 0)
        reasons.push(`${partly} ${partly === 1 ? 'file was' : 'files were'} read only in part on the ${name} side (--strict)`);
      if (unresolved > 0)
        reasons.push(`${unresolved} ${unresolved === 1 ? 'route was' : 'routes were'} not resolved on the ${name} side (--strict)`);
    }
  }
  if (gate.strict && result.findings.some(f => f.verdict === 'cannot-tell')) {
    reasons.push('some protections could not be verified (--strict)');
  }
  return reasons;
}
