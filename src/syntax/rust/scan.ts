/** Reading Rust tokens straight from the text, for what the grammar leaves as raw token trees. */

const WORD = /[\p{ID_Continue}_]+/uy;
const SPACE = /\s+/y;
const RAW = /(?:b|c)?r(#*)"/y;
const QUOTED = /(?:b|c)?"/y;
const CHAR = /b?'(?:\\(?:u\{[^}]*\}|x..|[\s\S])|[^'\\\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])'/y;
const OPEN = '([{';
const CLOSE = ')]}';

const test = (re: RegExp, text: string, i: number): RegExpExecArray | null => {
  re.lastIndex = i;
  return re.exec(text);
};

/** The end of the blank space and comments that begin at `i`. */
export function skipBlank(text: string, i: number, end: number): number {
  while (i < end) {
    const space = test(SPACE, text, i);
    if (space) i += space[0].length;
    else if (text.startsWith('//', i)) {
      const line = text.indexOf('\n', i);
      i = line < 0 ? end : line + 1;
    } else if (text.startsWith('/*', i)) i = commentEnd(text, i, end);
    else break;
  }
  return Math.min(i, end);
}

/** The end of the token at `i`: a string, character, lifetime, word, comment or one punctuation mark. */
export function tokenEnd(text: string, i: number, end: number): number {
  const ch = text[i]!;
  if (ch === '"' || ch === 'r' || ch === 'b' || ch === 'c') {
    const raw = test(RAW, text, i);
    if (raw) {
      const close = text.indexOf(`"${raw[1]}`, i + raw[0].length);
      return close < 0 ? end : Math.min(end, close + 1 + raw[1]!.length);
    }
    const quoted = test(QUOTED, text, i);
    if (quoted) return Math.min(end, stringEnd(text, i + quoted[0].length));
  }
  if (ch === "'" || (ch === 'b' && text[i + 1] === "'")) {
    const char = test(CHAR, text, i);
    if (char) return Math.min(end, i + char[0].length);
    return i + 1;
  }
  if (ch === '/' && (text[i + 1] === '/' || text[i + 1] === '*')) return Math.max(i + 1, skipBlank(text, i, end));
  const word = test(WORD, text, i);
  return word ? Math.min(end, i + word[0].length) : i + 1;
}

function stringEnd(text: string, i: number): number {
  for (; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

function commentEnd(text: string, i: number, end: number): number {
  let depth = 0;
  while (i < end) {
    if (text.startsWith('/*', i)) {
      depth++;
      i += 2;
    } else if (text.startsWith('*/', i)) {
      i += 2;
      if (--depth === 0) return i;
    } else i++;
  }
  return end;
}

/** The offset behind the bracket that closes the one at `i` (or `end`). Brackets of all three kinds count alike. */
export function groupEnd(text: string, i: number, end: number): number {
  let depth = 0;
  while (i < end) {
    const ch = text[i]!;
    if (OPEN.includes(ch)) depth++;
    else if (CLOSE.includes(ch) && --depth <= 0) return i + 1;
    i = tokenEnd(text, i, end);
  }
  return end;
}

/** Where the first `wanted` mark outside brackets lies from `i` on, or -1. `wanted` sees the offset of a token. */
export function findTop(text: string, i: number, end: number, wanted: (at: number) => boolean): number {
  while (i < end) {
    i = skipBlank(text, i, end);
    if (i >= end) break;
    if (wanted(i)) return i;
    i = OPEN.includes(text[i]!) ? groupEnd(text, i, end) : tokenEnd(text, i, end);
  }
  return -1;
}

/** The pieces between commas outside brackets, as trimmed offsets; an empty last piece is left out. */
export function splitCommas(text: string, start: number, end: number): { s: number; e: number }[] {
  const out: { s: number; e: number }[] = [];
  let i = start;
  while (i < end) {
    const comma = findTop(text, i, end, at => text[at] === ',');
    const stop = comma < 0 ? end : comma;
    const s = skipBlank(text, i, stop);
    let e = stop;
    while (e > s && /\s/.test(text[e - 1]!)) e--;
    if (s < e || comma >= 0) out.push({ s, e });
    i = stop + 1;
  }
  return out;
}

const PATH = /(?:::\s*)?(?:r#)?[\p{ID_Start}_$][\p{ID_Continue}]*(?:\s*::\s*(?:r#)?[\p{ID_Start}_][\p{ID_Continue}]*)*/uy;

/** The path `a::b::c` at `i`, with the offset behind it. */
export function pathAt(text: string, i: number, end: number): { segs: string[]; end: number } | undefined {
  const found = test(PATH, text, i);
  if (!found || i + found[0].length > end) return undefined;
  return { segs: segments(found[0]), end: i + found[0].length };
}

/** The segments of a written path. */
export const segments = (written: string): string[] =>
  written
    .split('::')
    .map(part => plainName(part.trim()))
    .filter(part => part !== '');

/** `r#type` is the name `type`. */
export const plainName = (name: string): string => (name.startsWith('r#') ? name.slice(2) : name);
