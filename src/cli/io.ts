/** What the commands need of the process, so that tests can stand in for it. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Width of the terminal in columns; undefined when standard output is none. */
  columns?: number;
  /** Whether standard output is a terminal. */
  terminal: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A name out of analysed code or the command line, safe to print: control and direction characters are spelled out. */
export function printable(text: string): string {
  return text.replace(CONTROL, c => `\\u{${c.charCodeAt(0).toString(16)}}`);
}
