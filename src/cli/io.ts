export { escapeText as printable } from '../report/escape.js';

/** What the commands need of the process, so that tests can stand in for it. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Whether standard output is a terminal. */
  terminal: boolean;
  /** Whether somebody waits at a terminal for what standard error says. */
  attended?: boolean;
}
