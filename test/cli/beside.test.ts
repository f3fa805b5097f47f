/** With each side in a thread of its own, the answer is the same to the byte. A thread loads modules itself, which needs a process. */
import { execFileSync } from 'node:child_process';

const told = (beside: string): { report: string; heard: string[] } =>
  JSON.parse(
    execFileSync(process.execPath, ['--import', './bench/ts.mjs', 'test/cli/beside-process.ts', beside], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    }),
  );

test('each side in a thread of its own', () => {
  const apart = told('0');
  expect(apart).toEqual(told('Infinity'));
  expect(apart.report).toContain('guard-missing');
  expect(apart.heard).toEqual([
    'python: following requests,',
    'python: reading files,',
    'rust: following requests,',
    'rust: reading files,',
  ]);
});
