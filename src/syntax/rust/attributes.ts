/** Attributes of Rust. Their arguments are raw tokens to the grammar, so they are read from the text here. */
import type { Arg, Expr, Mark } from '../../facts/types.js';
import { type Context, opaque } from './context.js';
import { reparseArgs } from './reparse.js';
import { groupEnd, pathAt, skipBlank, splitCommas } from './scan.js';
import { simpleExpr } from './simple.js';
import type { Syn } from './tree.js';

const MAX_NESTING = 50;

/** Whether the inner attribute `#![..]` decides if what it stands in is compiled. */
export const isInnerCfg = (written: string): boolean => /^#\s*!\s*\[\s*cfg\s*\(/.test(written);

/** The mark of an attribute node. */
export function lowerMark(cx: Context, n: Syn): Mark {
  const start = cx.text.indexOf('[', n.s) + 1;
  const end = n.e - (cx.text[n.e - 1] === ']' ? 1 : 0);
  return { expr: start > n.s && start <= end ? attribute(cx, start, end) : opaque('attribute', cx.at(n.s)), at: cx.at(n.s) };
}

function attribute(cx: Context, start: number, end: number): Expr {
  const s = skipBlank(cx.text, start, end);
  const path = pathAt(cx.text, s, end);
  if (!path) return opaque('attribute', cx.at(s));
  const name = nameOf(cx, path.segs, s);
  const i = skipBlank(cx.text, path.end, end);
  if (i >= end) return name;
  if (cx.text[i] === '=') return { k: 'call', fn: name, args: [{ value: value(cx, i + 1, end, 0), name: '' }], at: cx.at(s) };
  if ('([{'.includes(cx.text[i]!)) return { k: 'call', fn: name, args: args(cx, i + 1, groupEnd(cx.text, i, end) - 1, 0), at: cx.at(s) };
  return opaque('attribute', cx.at(s));
}

const nameOf = (cx: Context, segs: string[], s: number): Expr =>
  segs.length === 1 ? { k: 'name', id: segs[0]!, at: cx.at(s) } : { k: 'path', segs, at: cx.at(s) };

/** The predicate of `cfg!(..)`, as that of the attribute of this name. */
export const lowerCfg = (cx: Context, start: number, end: number): Expr => ({
  k: 'call',
  fn: { k: 'name', id: 'cfg', at: cx.at(start) },
  args: args(cx, start, end, 0),
  at: cx.at(start),
});

const args = (cx: Context, start: number, end: number, depth: number): Arg[] =>
  splitCommas(cx.text, start, end).map(({ s, e }) => argument(cx, s, e, depth));

/** `name`, `a::b`, `"text"`, `key = value`, `name(..)` or `(..)`. */
function argument(cx: Context, s: number, e: number, depth: number): Arg {
  const path = pathAt(cx.text, s, e);
  if (path && depth < MAX_NESTING) {
    const i = skipBlank(cx.text, path.end, e);
    if (cx.text[i] === '=' && i < e && cx.text[i + 1] !== '=' && cx.text[i + 1] !== '>') {
      return { value: value(cx, i + 1, e, depth), name: path.segs.join('::') };
    }
    if (i < e && cx.text[i] === '(' && groupEnd(cx.text, i, e) === e) {
      return { value: { k: 'call', fn: nameOf(cx, path.segs, s), args: args(cx, i + 1, e - 1, depth + 1), at: cx.at(s) } };
    }
  }
  return { value: value(cx, s, e, depth) };
}

function value(cx: Context, start: number, e: number, depth: number): Expr {
  const { text } = cx;
  const s = skipBlank(text, start, e);
  const at = cx.at(s);
  if (s >= e) return opaque('attribute argument', at);
  const simple = simpleExpr(cx, s, e);
  if (simple) return simple;
  // a group without a name, as in `responses((status = 200))`, is a call of the empty name
  if (text[s] === '(' && groupEnd(text, s, e) === e && depth < MAX_NESTING) {
    return { k: 'call', fn: { k: 'name', id: '', at }, args: args(cx, s + 1, e - 1, depth + 1), at };
  }
  const parsed = reparseArgs(cx, s, e);
  return parsed?.length === 1 ? cx.expr(parsed[0]) : opaque('attribute argument', at);
}
