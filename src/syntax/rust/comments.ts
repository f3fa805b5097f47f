/** Comments that read like code: a check that somebody took out stands in one. */
import type { At, Comment, Param } from '../../facts/types.js';
import { child, type Context } from './context.js';
import { skipBlank, tokenEnd } from './scan.js';
import type { Syn } from './tree.js';

/** Lines of `//`, as many as follow each other, or one `/* *\/`, with nothing before them on their line; documentation is none. */
const WHOLE = /(?:^[ \t]*\/\/(?![/!])[^\n]*\n)+|^[ \t]*\/\*(?![*!])[^*]*\*\//gm;
/** Something fallible, or a way out. */
const LEAVES = /\?\s*(?:[;).]|$)|\breturn\b/;
/** Longer functions are generated, and longer comments are prose. */
const LONGEST = { fn: 40_000, comment: 2000, params: 4000 };

/** Those in the text of a function. What only looks like a comment, as in a string, does no harm: it is tried out and proves nothing. */
export function commentsIn(cx: Context, fn: Syn): Comment[] {
  if (fn.e - fn.s > LONGEST.fn) return [];
  const text = cx.text.slice(fn.s, fn.e);
  if (!text.includes('//') && !text.includes('/*')) return [];
  const out: Comment[] = [];
  for (const m of text.matchAll(WHOLE)) {
    const [whole] = m;
    const code = bare(whole)
      .map(line => line.trim())
      .join('\n');
    const start = fn.s + m.index + (whole.length - whole.trimStart().length);
    if (code.length <= LONGEST.comment && code.includes('(') && LEAVES.test(code)) out.push({ text: code, at: cx.at(start) });
  }
  return out;
}

/** The lines of a comment without its marks, each as long as it was. */
const bare = (whole: string): string[] =>
  whole
    .split('\n')
    .map(line => line.replace(/^[ \t]*(?:\/\/|\/\*)?/, m => ' '.repeat(m.length)).replace(/\*\/[ \t]*$/, m => ' '.repeat(m.length)));

// ------------------------------------------------------------------------------------------------ parameters

/** Parameters that stand in comments between the others. */
export function paramsInComments(cx: Context, fn: Syn, read: (list: Syn | undefined) => Param[]): Param[] {
  const list = listOf(cx, fn);
  if (!list) return [];
  const out: Param[] = [];
  for (const m of cx.text.slice(list.s, list.e).matchAll(/\/\/(?!\/)[^\n]*|\/\*[^*]*\*\//g)) {
    const code = m[0].replace(/^\/[/*]|\*\/$/g, '  ');
    if (!code.includes(':')) continue;
    const start = list.s + m.index;
    const file = cx.reparse(`fn f(${code}\n){}`, start - 'fn f('.length, start, start + code.length);
    const only = file?.c.length === 1 ? file.c[0] : undefined;
    if (only?.k === 'function_item') out.push(...read(child(only, 'parameters')));
  }
  return out;
}

/** Where the parameters of a function stand; undefined where there is no comment in it. */
function listOf(cx: Context, fn: Syn): { s: number; e: number } | undefined {
  const { text } = cx;
  const name = fn.c.find(c => c.k === 'identifier');
  if (!name || cx.fixed !== undefined || !COMMENT.test(text.slice(fn.s, fn.e))) return undefined;
  let open = -1;
  let depth = 0;
  for (let i = name.e; i < Math.min(fn.e, name.e + LONGEST.params); i = tokenEnd(text, i, fn.e)) {
    const c = text[i]!;
    if (c === '-' && text[i + 1] === '>') i++;
    else if ((c === '{' || c === ';') && depth === 0) return undefined;
    else if (c === '<' || '([{'.includes(c)) {
      if (c === '(' && depth === 0) open = i + 1;
      depth++;
    } else if (c === '>' || ')]}'.includes(c)) {
      depth--;
      if (depth === 0 && c === ')') return { s: open, e: i };
    }
  }
  return undefined;
}

const COMMENT = /\/[/*]/;

// ------------------------------------------------------------------------------------------------ builders

/** Comments of a file that go on with what stands before them. */
interface Continued {
  /** `.f(..)`, by the place of the call behind which it stands. */
  calls: Map<At, Comment[]>;
  /** `x = x.f(..);`, by the place of the statement before which it stands. */
  statements: Map<At, Comment[]>;
}

const CALL = /^\s*\.\w+\s*\(/;
const REMADE = /^\s*(?:let\s+(?:mut\s+)?)?(\w+)\s*=\s*\1\s*\.\s*\w+\s*\(/;
const ANY = /^[ \t]*(?:\/\/|\/\*)[ \t]*(?:\.\w+\s*\(|(?:let\s+(?:mut\s+)?)?\w+\s*=\s*\w+\s*\.)/m;

const known = new WeakMap<Context, Continued>();

export function continued(cx: Context): Continued {
  let all = known.get(cx);
  if (!all) known.set(cx, (all = ofFile(cx)));
  return all;
}

function ofFile(cx: Context): Continued {
  const out: Continued = { calls: new Map(), statements: new Map() };
  if (cx.fixed !== undefined || !ANY.test(cx.text)) return out;
  const found: { start: number; comment: Comment; into: Map<At, Comment[]> }[] = [];
  for (const m of cx.text.matchAll(WHOLE)) {
    const lines = bare(m[0]);
    let offset = m.index;
    for (let i = 0; i < lines.length; ) {
      const line = lines[i]!;
      const into = CALL.test(line) ? out.calls : REMADE.test(line) ? out.statements : undefined;
      const taken = lines.slice(i, i + (into ? balanced(lines, i) : 1));
      if (into && taken.length > 0) {
        const start = offset + line.length - line.trimStart().length;
        found.push({ start, into, comment: { text: taken.join('\n').trimStart(), at: cx.at(start) } });
      }
      offset += taken.reduce((sum, l) => sum + l.length + 1, 0);
      i += Math.max(taken.length, 1);
    }
  }
  attach(cx, found, out);
  return out;
}

/** How many lines it takes until every bracket is closed; all of them where that does not come about. */
function balanced(lines: readonly string[], from: number): number {
  let depth = 0;
  for (let i = from; i < lines.length; i++) {
    for (const c of lines[i]!) {
      if ('([{'.includes(c)) depth++;
      else if (')]}'.includes(c)) depth--;
    }
    if (depth <= 0) return i - from + 1;
  }
  return lines.length - from;
}

/** One pass over the tokens of the file finds what each comment stands behind, and before. */
function attach(cx: Context, found: readonly { start: number; comment: Comment; into: Map<At, Comment[]> }[], out: Continued): void {
  const { text } = cx;
  const add = (into: Map<At, Comment[]>, offset: number, comment: Comment): void => {
    const at = cx.at(offset);
    into.set(at, [...(into.get(at) ?? []), comment]);
  };
  /** Where what is called begins, for each bracket that is open; -1 where nothing is called. */
  const open: number[] = [];
  let head = -1;
  let closed = -1;
  let next = 0;
  for (let i = skipBlank(text, 0, text.length); i < text.length && next < found.length; ) {
    for (; next < found.length && found[next]!.start < i; next++) {
      const { into, comment } = found[next]!;
      if (into === out.statements) add(into, i, comment);
      else if (closed >= 0) add(into, closed, comment);
    }
    const c = text[i]!;
    const end = tokenEnd(text, i, text.length);
    closed = -1;
    if ('([{'.includes(c)) {
      open.push(c === '(' ? head : -1);
      head = -1;
    } else if (')]}'.includes(c)) {
      closed = open.pop() ?? -1;
      head = -1;
    } else if (/[\p{ID_Continue}_]/u.test(c)) {
      // A path begins with its first segment.
      if (head < 0 || text[i - 1] !== ':') head = i;
    } else if (c !== ':') head = -1;
    i = skipBlank(text, end, text.length);
  }
}
