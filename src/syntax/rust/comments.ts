/** Comments that read like code: a check that somebody took out stands in one. */
import type { Comment } from '../../facts/types.js';
import type { Context } from './context.js';
import type { Syn } from './tree.js';

/** Lines of `//`, as many as follow each other, or one `/* *\/`, with nothing before them on their line; documentation is none. */
const WHOLE = /(?:^[ \t]*\/\/(?![/!])[^\n]*\n)+|^[ \t]*\/\*(?![*!])[^*]*\*\//gm;
/** Something fallible, or a way out. */
const LEAVES = /\?\s*(?:[;).]|$)|\breturn\b/;
/** Longer functions are generated, and longer comments are prose. */
const LONGEST = { fn: 40_000, comment: 2000 };

/** Those in the text of a function. What only looks like a comment, as in a string, does no harm: it is tried out and proves nothing. */
export function commentsIn(cx: Context, fn: Syn): Comment[] {
  if (fn.e - fn.s > LONGEST.fn) return [];
  const text = cx.text.slice(fn.s, fn.e);
  if (!text.includes('//') && !text.includes('/*')) return [];
  const out: Comment[] = [];
  for (const m of text.matchAll(WHOLE)) {
    const [whole] = m;
    const code = whole
      .split('\n')
      .map(line => line.replace(/^[ \t]*(?:\/\/|\/\*)?/, '').replace(/\*\/[ \t]*$/, ''))
      .join('\n');
    const start = fn.s + m.index + (whole.length - whole.trimStart().length);
    if (code.length <= LONGEST.comment && code.includes('(') && LEAVES.test(code)) out.push({ text: code, at: cx.at(start) });
  }
  return out;
}
