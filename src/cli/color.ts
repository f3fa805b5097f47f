import chalk, { type ColorSupportLevel } from 'chalk';
import type { Io } from './io.js';

/**
 * Decides on colours and tells chalk, which does not look at NO_COLOR itself. The option wins over FORCE_COLOR, that over NO_COLOR
 * (see no-color.org: any value but the empty one), that over what standard output is.
 * @returns whether output is coloured
 */
export function setColor(option: boolean | undefined, io: Io): boolean {
  const level = option === undefined ? fromEnvironment(io) : option ? 1 : 0;
  chalk.level = level;
  return level > 0;
}

function fromEnvironment(io: Io): ColorSupportLevel {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: term } = io.env;
  if (force !== undefined) {
    if (force === '0' || force === 'false') return 0;
    return force === '2' ? 2 : force === '3' ? 3 : 1;
  }
  if (none) return 0;
  return io.terminal && term !== 'dumb' ? 1 : 0;
}

/** The option of a text report that colours it, or not. */
export function paintFor(option: boolean | undefined, io: Io): { chalk?: typeof chalk } {
  return setColor(option, io) ? { chalk } : {};
}
