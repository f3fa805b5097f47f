import chalk from 'chalk';
import { setColor } from '../../src/cli/color.js';
import type { Io } from '../../src/cli/io.js';

const level = (option: boolean | undefined, env: Record<string, string>, terminal: boolean) => {
  const before = chalk.level;
  setColor(option, { env, terminal } as unknown as Io);
  const found = chalk.level;
  chalk.level = before;
  return found;
};

test.each<[boolean | undefined, Record<string, string>, boolean, number]>([
  [undefined, {}, false, 0],
  [undefined, {}, true, 1],
  [undefined, { TERM: 'dumb' }, true, 0],
  [undefined, { NO_COLOR: '1' }, true, 0],
  [undefined, { NO_COLOR: '' }, true, 1],
  [undefined, { FORCE_COLOR: '' }, false, 1],
  [undefined, { FORCE_COLOR: '3' }, false, 3],
  [undefined, { FORCE_COLOR: '0' }, true, 0],
  [undefined, { FORCE_COLOR: '1', NO_COLOR: '1' }, false, 1],
  [true, { NO_COLOR: '1' }, false, 1],
  [false, { FORCE_COLOR: '1' }, true, 0],
])('option %s, environment %j, terminal %s: level %s', (option, env, terminal, expected) =>
  expect(level(option, env, terminal)).toBe(expected),
);
