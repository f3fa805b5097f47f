import { stableJson } from '../../contract/serialize.js';
import type { CheckResult } from '../../findings/types.js';

/** `parity check PY RS --format json`: the result without the contracts and the sources, as `schema.json` beside this file describes it. */
export function render(result: CheckResult): string {
  const { version, summary, findings, pairs, problems, timings } = result;
  return stableJson({ version, summary, findings, pairs, problems, timings });
}
