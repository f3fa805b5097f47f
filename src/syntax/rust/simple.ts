/** Expressions so plain that they are read from the text: parsing a token tree again costs far more than looking at it. */
import type { Expr } from '../../facts/types.js';
import type { Context } from './context.js';
import { numberLiteral, stringLiteral } from './literals.js';
import { pathAt, splitCommas, tokenEnd } from './scan.js';

const STRING = /(?:br|cr|[bcr])?#*"/y;
const NUMBER = /-?\d[\w.]*$/y;
const FIELD = /\s*\.\s*((?:r#)?[\p{ID_Start}_][\p{ID_Continue}]*|\d+)(?!\s*[!(:{])/uy;
/** Words that begin or are something else than a name. */
const KEYWORDS = new Set(
  'true false return break continue async unsafe loop yield move static const if match while for let mut dyn impl await box try gen _'.split(
    ' ',
  ),
);

/** A string, number, path, or fields of one, perhaps borrowed; undefined for anything else. `s` and `e` are trimmed. */
export function simpleExpr(cx: Context, s: number, e: number): Expr | undefined {
  const { text } = cx;
  const at = cx.at(s);
  if (text[s] === '&') {
    if (!/[\w"]/.test(text[s + 1] ?? '')) return undefined;
    const of = simpleExpr(cx, s + 1, e);
    return of && { k: 'un', op: '&', of, at };
  }
  STRING.lastIndex = s;
  if (STRING.test(text)) return tokenEnd(text, s, e) >= e ? stringLiteral(text.slice(s, e), at) : undefined;
  const path = pathAt(text, s, e);
  if (!path) {
    if (!/[\d-]/.test(text[s] ?? '')) return undefined;
    const written = text.slice(s, e);
    NUMBER.lastIndex = 0;
    return written.startsWith('-') || !NUMBER.test(written) || /\.[a-zA-Z_]|\..*\./.test(written) ? undefined : numberLiteral(written, at);
  }
  const [only] = path.segs;
  if (path.segs.length === 1 && KEYWORDS.has(only!)) {
    return path.end === e && (only === 'true' || only === 'false') ? { k: 'lit', v: only === 'true', at } : undefined;
  }
  let expr: Expr = path.segs.length === 1 ? { k: 'name', id: only!, at } : { k: 'path', segs: path.segs, at };
  let i = path.end;
  while (i < e) {
    FIELD.lastIndex = i;
    const found = FIELD.exec(text);
    if (!found || found.index + found[0].length > e || found[1] === 'await') return undefined;
    i += found[0].length;
    const name = found[1]!;
    expr = { k: 'member', of: expr, name: name.startsWith('r#') ? name.slice(2) : name, at: cx.at(i - name.length) };
  }
  return expr;
}

/** Comma-separated simple expressions, or undefined. */
export function simpleArgs(cx: Context, s: number, e: number): Expr[] | undefined {
  const out: Expr[] = [];
  for (const piece of splitCommas(cx.text, s, e)) {
    const expr = piece.s < piece.e ? simpleExpr(cx, piece.s, piece.e) : undefined;
    if (!expr) return undefined;
    out.push(expr);
  }
  return out;
}
