/**
 * Analysed code is hostile: a function may be named with escape sequences that repaint the terminal, or with marks that reorder the line.
 * Whatever comes from it passes through here before it is printed.
 */

// Control characters (C0, DEL, C1), line and paragraph separators, bidi embeddings, overrides and isolates, marks, zero-width and tag characters.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const NAMED: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of text with everything invisible or line-breaking written out (`\u{1b}`). */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, c => NAMED[c] ?? `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

/** As `escapeText`, for what begins a line: where a build prints it, `::` and `##` there are commands to the machine that runs it. */
export function escapeLine(text: string): string {
  return escapeText(text).replace(/^(\s*)([:#])(?=\2)/, (_, space: string, c: string) => `${space}\\u{${c.charCodeAt(0).toString(16)}}`);
}

/** A source line for a code frame: tabs as four spaces, everything else as in `escapeText`, cut at `most` characters. */
export function escapeSource(line: string, most = 160): string {
  const text = line.replaceAll('\t', '    ');
  return escapeText(text.length > most ? `${text.slice(0, most - 1)}…` : text);
}
