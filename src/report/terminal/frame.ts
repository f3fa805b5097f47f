import type { Evidence } from '../../contract/types.js';
import type { SourceMap } from '../../findings/types.js';
import { escapeSource, escapeText } from '../escape.js';
import type { Paint } from '../paint.js';

export interface FrameOptions {
  /** How places of the side are marked: carets for where to look, dashes for the other side. */
  mark: '^' | '-';
  color: (s: string) => string;
  paint: Paint;
  /** Width of the line numbers. */
  gutter: number;
  label: string;
}

/** A code frame for each place: where it is, the line, and what is said about it. A file that is not in `sources` has no line. */
export function frames(places: readonly Evidence[], sources: SourceMap, o: FrameOptions): string[] {
  const out: string[] = [];
  let file = '';
  for (const p of places) {
    if (p.file !== file) {
      const at = `${escapeText(p.file)}:${p.line}${p.column ? `:${p.column}` : ''}`;
      out.push(`${' '.repeat(o.gutter)}${o.paint.blue(file === '' ? '-->' : ':::')} ${o.paint.dim(`${o.label} `)}${at}`);
      file = p.file;
    }
    out.push(...frame(p, sources.get(p.file), o));
  }
  return out;
}

function frame(p: Evidence, text: string | undefined, o: FrameOptions): string[] {
  const bar = o.paint.blue('|');
  const blank = `${' '.repeat(o.gutter)} ${bar}`;
  const source = text === undefined ? undefined : lineAt(text, p.line);
  const says = escapeText(p.says);
  if (source === undefined) return [`${blank} ${says}`];
  const start = p.column ? Math.min(p.column - 1, source.length) : source.length - source.trimStart().length;
  const shown = escapeSource(source);
  const before = escapeSource(source.slice(0, start), 4_000).length;
  const length = Math.max(1, markLength(source.slice(start), p.column !== undefined));
  const lead = ' '.repeat(Math.min(before, shown.length));
  const number = String(p.line).padStart(o.gutter);
  return [
    blank,
    `${o.paint.blue(number)} ${bar} ${shown}`.trimEnd(),
    `${blank} ${lead}${o.color(o.mark.repeat(Math.min(length, Math.max(1, shown.length - lead.length))))} ${o.color(says)}`,
  ];
}

/** A definition up to its name: what comes after it is not what is spoken of. */
const HEAD = /^(?:(?:pub(?:\([^)]*\))?|async|unsafe|const|fn|def|class|struct)\s+)+\w+/;

/** The head of a definition or the word at a column, or the rest of the line without the brace that opens a body. */
function markLength(rest: string, exact: boolean): number {
  const head = exact ? HEAD.exec(rest)?.[0] : undefined;
  if (head) return head.length;
  const word = exact ? /^(?:#\[[^\]]*\]?|@?[\w.:!]+)/.exec(rest)?.[0] : undefined;
  const line = rest.replace(/\s*[{:]?\s*$/, '');
  return word && word.length > 2 && !/^(?:pub|async|fn|def|let|if|return|raise|match|for|struct|impl)$/.test(word)
    ? word.length
    : line.length;
}

/** A line of a text (1-based) without splitting all of it. */
export function lineAt(text: string, line: number): string | undefined {
  let from = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', from);
    if (next < 0) return undefined;
    from = next + 1;
  }
  const end = text.indexOf('\n', from);
  return text.slice(from, end < 0 ? undefined : end).replace(/\r$/, '');
}
