/** Blocks and statements of Rust. */
import type { Expr, Mark, Stmt } from '../../facts/types.js';
import { after, type Block, child, type Context, isNamed, labelOf, MAX_DEPTH, named, withLabel } from './context.js';
import { assignment, isExpr } from './expressions.js';
import { continued } from './comments.js';
import type { Syn } from './tree.js';

/** Expressions whose value is `()` or that never yield one: as the tail of a block they are statements. */
const NO_VALUE = new Set([
  'return_expression',
  'break_expression',
  'continue_expression',
  'assignment_expression',
  'compound_assignment_expr',
  'while_expression',
  'for_expression',
]);

/** A block as statements plus the value of its tail. */
export function lowerBlock(cx: Context, n: Syn | undefined): Block {
  const out: Block = { body: [] };
  if (!n) return out;
  if (cx.depth >= MAX_DEPTH) {
    out.body.push({ s: 'opaque', why: 'too deep', at: cx.at(n.s) });
    return out;
  }
  cx.depth++;
  let last = n.c.length - 1;
  while (last >= 0 && (n.c[last]!.k === ';' || n.c[last]!.k === 'inner_attribute_item')) last--;
  let marks: Mark[] = [];
  const { statements: commented } = continued(cx);
  for (let i = 0; i <= last; i++) {
    const c = n.c[i]!;
    if (commented.size > 0 && isNamed(c))
      for (const comment of commented.get(cx.at(c.s)) ?? []) out.body.push({ s: 'comment', ...comment });
    if (c.k === 'attribute_item') {
      marks.push(cx.parts.mark(cx, c));
      continue;
    }
    const isStatement = c.k === 'expression_statement';
    const expr = isStatement ? c.c[0] : isExpr(c.k) ? c : undefined;
    // behind a block-like expression the grammar takes the semicolon for an empty statement
    const dropped = isStatement && (c.c.length > 1 || n.c[i + 1]?.k === 'empty_statement');
    if (!expr) lowerInto(cx, c, marks, out.body);
    else if (i === last && !dropped && !marks.some(decides) && hasValue(expr)) out.value = cx.expr(expr);
    else out.body.push(...lowerStatement(cx, expr, dropped, marks));
    marks = [];
  }
  cx.depth--;
  return out;
}

/** Whether an attribute says if what it stands on is compiled at all; of an `allow` before the tail of a block nothing depends. */
const decides = (m: Mark): boolean => m.expr.k === 'call' && m.expr.fn.k === 'name' && m.expr.fn.id === 'cfg';

function hasValue(n: Syn): boolean {
  return !NO_VALUE.has(n.k) && (n.k !== 'if_expression' || child(n, 'else_clause') !== undefined);
}

/** A statement or item that is no expression. */
export function lowerInto(cx: Context, n: Syn, marks: Mark[], out: Stmt[]): void {
  switch (n.k) {
    case 'let_declaration':
      out.push(letStatement(cx, n, marks));
      return;
    case 'expression_statement':
      if (n.c[0]) out.push(...lowerStatement(cx, n.c[0], n.c.length > 1, marks));
      return;
    case 'ERROR':
      out.push({ s: 'opaque', why: 'syntax error', at: cx.at(n.s) });
      salvage(cx, n, out);
      return;
    default: {
      const item = cx.parts.item(cx, n, marks);
      if (item) out.push(...item);
      else if (isExpr(n.k)) out.push(...lowerStatement(cx, n, false, marks));
    }
  }
}

/** What stands whole inside a region without a parse. */
function salvage(cx: Context, n: Syn, out: Stmt[]): void {
  if (cx.depth >= MAX_DEPTH) return;
  cx.depth++;
  let marks: Mark[] = [];
  for (const c of n.c) {
    if (c.k === 'attribute_item') marks.push(cx.parts.mark(cx, c));
    else {
      if (/_(?:item|declaration|definition|statement|expression|invocation)$|^(?:block|ERROR)$/.test(c.k)) lowerInto(cx, c, marks, out);
      marks = [];
    }
  }
  cx.depth--;
}

function letStatement(cx: Context, n: Syn, marks: Mark[]): Stmt {
  let pattern: Syn | undefined;
  let type: Syn | undefined;
  for (const c of n.c) {
    if (c.k === '=') break;
    if (!isNamed(c) || c.k === 'mutable_specifier') continue;
    if (pattern) type = c;
    else pattern = c;
  }
  const value = after(n, '=');
  const otherwise = after(n, 'else');
  const out: Stmt = { s: 'let', pat: cx.pat(pattern), at: cx.at(n.s) };
  if (type) out.type = cx.type(type);
  if (value) out.value = cx.expr(value);
  if (otherwise) out.otherwise = cx.expr(otherwise);
  if (marks.length) out.marks = marks;
  return out;
}

/** A block as plain statements. */
export function lowerStatements(cx: Context, n: Syn | undefined): Stmt[] {
  const { body, value } = lowerBlock(cx, n);
  if (value) body.push(value.k === 'stmt' ? value.stmt : { s: 'expr', expr: value, dropped: false, at: value.at });
  return body;
}

/** An expression that stands as a statement. One with attributes stays an expression, which can carry them. */
export function lowerStatement(cx: Context, n: Syn, dropped: boolean, marks: Mark[]): Stmt[] {
  if (cx.depth >= MAX_DEPTH) return [{ s: 'opaque', why: 'too deep', at: cx.at(n.s) }];
  if (n.k === 'macro_invocation') {
    const items = cx.parts.itemMacro(cx, n, marks);
    if (items) return items;
  }
  if (marks.length) return [{ s: 'expr', expr: cx.expr(n), dropped, at: cx.at(n.s), marks }];
  cx.depth++;
  const stmt = control(cx, n);
  cx.depth--;
  return [stmt ?? plain(cx.expr(n), dropped)];
}

const plain = (expr: Expr, dropped: boolean): Stmt => ({ s: 'expr', expr, dropped, at: expr.at });

/** The statement form of what has one. */
function control(cx: Context, n: Syn): Stmt | undefined {
  const at = cx.at(n.s);
  switch (n.k) {
    case 'if_expression':
      return ifStatement(cx, n);
    case 'while_expression': {
      const [test, body] = named(n).filter(c => c.k !== 'label');
      return withLabel({ s: 'while', test: cx.expr(test), body: lowerStatements(cx, body), else: [], at }, labelOf(cx, n));
    }
    case 'loop_expression':
      return withLabel({ s: 'loop', body: lowerStatements(cx, child(n, 'block')), at }, labelOf(cx, n));
    case 'for_expression': {
      const [pat, value, body] = named(n).filter(c => c.k !== 'label');
      return withLabel({ s: 'for', pat: cx.pat(pat), in: cx.expr(value), body: lowerStatements(cx, body), else: [], at }, labelOf(cx, n));
    }
    case 'return_expression': {
      const value = n.c.find(isNamed);
      return value ? { s: 'return', value: cx.expr(value), at } : { s: 'return', at };
    }
    case 'break_expression': {
      const value = n.c.find(c => isNamed(c) && c.k !== 'label');
      const out: Stmt = { s: 'break', at };
      if (value) out.value = cx.expr(value);
      return withLabel(out, labelOf(cx, n));
    }
    case 'continue_expression':
      return withLabel({ s: 'continue', at }, labelOf(cx, n));
    case 'assignment_expression':
    case 'compound_assignment_expr': {
      const parts = assignment(cx, n, at);
      return parts && { s: 'assign', ...parts, at };
    }
    default:
      return undefined;
  }
}

function ifStatement(cx: Context, n: Syn): Stmt {
  const otherwise = child(n, 'else_clause')?.c.find(isNamed);
  return {
    s: 'if',
    test: cx.expr(n.c[0]),
    then: lowerStatements(cx, n.c[1]),
    else: !otherwise ? [] : otherwise.k === 'block' ? lowerStatements(cx, otherwise) : lowerStatement(cx, otherwise, false, []),
    at: cx.at(n.s),
  };
}
