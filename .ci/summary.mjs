/** Prints `N passed, N failed` from jest's JSON summary; a test file that did not even load counts as one failure. */
import { readFileSync } from 'node:fs';

const counts = { passed: 0, failed: 0 };
try {
  const summary = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  counts.passed = summary.numPassedTests;
  counts.failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
} catch {
  // Without a summary jest did not get as far as running anything.
  counts.failed = 1;
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
