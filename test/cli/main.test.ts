/** The process around the commands. */
import { spawnSync } from 'node:child_process';

test('it starts, says nothing but what it was asked for, and ends with the code of the command', () => {
  const parity = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', './bench/ts.mjs', 'src/cli/main.ts', ...args], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };
  expect(parity('--version')).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  expect(parity('none').status).toBe(2);
}, 120_000);
