/** Versions and requirements, as far as packs need them: which API a package has. */

/** Compares dotted versions by their numbers; a missing number is 0. Pre-release and build parts are not looked at. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The version that a requirement of PEP 440, Poetry or Cargo stands for: the pinned one, else the lowest that is admitted, else the
 * last series below an upper bound (`<2` gives `1`), else `''`.
 */
export function representative(requirement: string): string {
  let upper = '';
  for (const part of requirement.replace(/\|\|.*$/, '').split(',')) {
    const [, operator = '', version = ''] = /^\s*(===?|~=|>=|<=|!=|[~^=<>])?\s*v?(\d[\w.!+-]*)/.exec(part) ?? [];
    if (version === '' || operator === '!=') continue;
    const plain = version.replace(/\.(\*|x)$|\.$/g, '');
    if (operator === '<') upper = below(plain);
    else if (operator === '<=') upper = plain;
    else return plain;
  }
  return upper;
}

/** Cargo's default (caret) rule: `version` has the same first non-zero number as `requirement`, and is not lower. */
export function isCompatible(version: string, requirement: string): boolean {
  const wanted = representative(requirement);
  if (wanted === '') return true;
  const [have, want] = [numbers(version), numbers(wanted)];
  const first = want.findIndex(n => n > 0);
  const fixed = first < 0 ? want.length : first + 1;
  for (let i = 0; i < fixed; i++) if ((have[i] ?? 0) !== want[i]) return false;
  return compareVersions(version, wanted) >= 0;
}

function below(version: string): string {
  const parts = numbers(version);
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  const last = parts.pop() ?? 0;
  return last > 0 ? [...parts, last - 1].join('.') : '';
}

/** `1.2.0-rc1` to `[1, 2, 0]`. */
function numbers(version: string): number[] {
  const [plain = ''] = /^\d+(\.\d+)*/.exec(version) ?? [];
  return plain.split('.').map(Number);
}

/**
 * Does `version` lie in `range` (comma-separated comparisons, as in `>=0.8,<0.9`)? An unknown version is taken to be the newest:
 * it satisfies every lower bound and no upper one.
 */
export function satisfies(version: string | undefined, range: string): boolean {
  return range.split(',').every(part => {
    const [, operator = '>=', wanted = ''] = /^\s*(>=|<=|>|<|==|=)?\s*(\d[\d.]*)/.exec(part) ?? [];
    if (!version) return operator.startsWith('>');
    const d = compareVersions(version, wanted);
    return operator === '>=' ? d >= 0 : operator === '<=' ? d <= 0 : operator === '>' ? d > 0 : operator === '<' ? d < 0 : d === 0;
  });
}
