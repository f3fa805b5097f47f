/** Expressions of Rust. Chains of calls and operators are followed in a loop, so that their length is no depth. */
import type { Arg, At, BinOp, Expr, FnDef, MatchArm, Param } from '../../facts/types.js';
import { continued } from './comments.js';
import { after, child, type Context, has, isNamed, labelOf, MAX_CHAIN, MAX_DEPTH, named, opaque, withLabel } from './context.js';
import { charLiteral, floatLiteral, intLiteral, numberExpr, numberLiteral, stringLiteral } from './literals.js';
import { jsonObject } from './macros.js';
import { target } from './patterns.js';
import { pathExpr, turbofish } from './types.js';
import type { Syn } from './tree.js';

type Lower = (cx: Context, n: Syn) => Expr;

const OPS: Record<string, BinOp> = { '&&': 'and', '||': 'or' };

export function lowerExpr(cx: Context, n: Syn | undefined): Expr {
  if (!n) return opaque('missing expression', 0);
  if (cx.depth >= MAX_DEPTH) return opaque('too deep', cx.at(n.s));
  cx.depth++;
  const expr = isLink(n) ? chain(cx, n) : (TABLE[n.k] ?? unknown)(cx, n);
  cx.depth--;
  return expr;
}

const unknown: Lower = (cx, n) => opaque(n.k === 'MISSING' || n.k === 'ERROR' ? 'syntax error' : n.k, cx.at(Math.max(n.s, 0)));

/** Whether a node belongs to a chain: its first child is the receiver or left operand. */
function isLink(n: Syn): boolean {
  if (n.k === 'generic_function') return n.c[0]?.k === 'field_expression';
  return LINKS.has(n.k) && n.c.length > 0;
}

const LINKS = new Set([
  'call_expression',
  'field_expression',
  'try_expression',
  'await_expression',
  'index_expression',
  'type_cast_expression',
  'binary_expression',
]);

function chain(cx: Context, n: Syn): Expr {
  const links: Syn[] = [];
  let start = n;
  while (isLink(start)) {
    links.push(start);
    start = start.c[0]!;
  }
  if (chainDepth(links) > MAX_CHAIN) return opaque('too deep', cx.at(n.s));
  let expr = lowerExpr(cx, start);
  for (let i = links.length - 1; i >= 0; i--) {
    const link = links[i]!;
    const run = runOf(links, i);
    if (run >= LONG_RUN) {
      const operands = [expr];
      for (let j = i; j > i - run; j--) operands.push(lowerExpr(cx, links[j]!.c[2]));
      expr = balanced(operands, link.c[1]!.k, cx.at(n.s));
      i -= run - 1;
      continue;
    }
    // the turbofish of a method belongs to its call
    if (link.k === 'call_expression') expr = call(cx, link, expr, links[i + 1]);
    else if (link.k !== 'generic_function') expr = join(cx, link, expr);
  }
  return expr;
}

/** Long runs of one of these operators become a shallow tree in the same order: the grouping changes no result. */
const ASSOCIATIVE = new Set(['&&', '||', '+', '|', '&']);
const LONG_RUN = 50;

const operatorOf = (n: Syn | undefined): string | undefined => (n?.k === 'binary_expression' ? n.c[1]?.k : undefined);

/** How many links from `i` outwards (to lower indices) join with the same associative operator. */
function runOf(links: Syn[], i: number): number {
  const op = operatorOf(links[i]);
  if (op === undefined || !ASSOCIATIVE.has(op)) return 0;
  let run = 1;
  while (run <= i && operatorOf(links[i - run]) === op) run++;
  return run;
}

function chainDepth(links: Syn[]): number {
  let depth = 0;
  for (let i = links.length - 1; i >= 0; i--) {
    const run = runOf(links, i);
    if (run >= LONG_RUN) i -= run - 1;
    depth++;
  }
  return depth;
}

function balanced(operands: Expr[], op: string, at: At): Expr {
  if (operands.length === 1) return operands[0]!;
  const half = operands.length >> 1;
  return {
    k: 'bin',
    op: OPS[op] ?? (op as BinOp),
    l: balanced(operands.slice(0, half), op, at),
    r: balanced(operands.slice(half), op, at),
    at,
  };
}

function call(cx: Context, n: Syn, fn: Expr, callee: Syn | undefined): Expr {
  const list = child(n, 'arguments');
  const args: Arg[] = [];
  for (const c of list?.c ?? []) if (isNamed(c) && c.k !== 'attribute_item') args.push({ value: lowerExpr(cx, c) });
  // a method call lies where its name is: in a long builder chain every call has its own line
  const out: Expr = { k: 'call', fn, args, at: fn.k === 'member' ? fn.at : cx.at(n.s) };
  if (callee?.k === 'generic_function') out.types = turbofish(cx, callee);
  const beside = continued(cx).calls.get(out.at);
  if (beside) out.beside = beside;
  return out;
}

function join(cx: Context, n: Syn, left: Expr): Expr {
  switch (n.k) {
    case 'field_expression': {
      const name = n.c[n.c.length - 1]!;
      return { k: 'member', of: left, name: cx.name(name), at: cx.at(name.s) };
    }
    case 'try_expression':
      return { k: 'try', of: left, at: left.at };
    case 'await_expression':
      return { k: 'await', of: left, at: left.at };
    case 'index_expression':
      return { k: 'index', of: left, index: indexOf(cx, n.c[1]), at: cx.at(n.s) };
    case 'type_cast_expression':
      return { k: 'cast', of: left, type: cx.type(n.c[1]), at: cx.at(n.s) };
    default: {
      const op = n.c[1]?.k ?? '';
      return { k: 'bin', op: OPS[op] ?? (op as BinOp), l: left, r: lowerExpr(cx, n.c[2]), at: cx.at(n.s) };
    }
  }
}

function indexOf(cx: Context, n: Syn | undefined): Expr {
  return n?.k === 'range_expression' ? range(cx, n, true) : lowerExpr(cx, n);
}

/** `a..b` is an operator; with an end open, or as an index, it is a slice. */
function range(cx: Context, n: Syn, slice = false): Expr {
  const at = cx.at(n.s);
  const i = n.c.findIndex(c => !isNamed(c));
  const from = i > 0 ? lowerExpr(cx, n.c[i - 1]) : undefined;
  const to = n.c[i + 1] ? lowerExpr(cx, n.c[i + 1]) : undefined;
  const inclusive = n.c[i]?.k === '..=';
  if (from && to && !slice) return { k: 'bin', op: inclusive ? '..=' : '..', l: from, r: to, at };
  const out: Expr = { k: 'slice', at };
  if (from) out.from = from;
  if (to) out.to = to;
  if (inclusive) out.inclusive = true;
  return out;
}

const items = (cx: Context, n: Syn): Expr[] => {
  const out: Expr[] = [];
  for (const c of n.c) if (isNamed(c) && c.k !== 'attribute_item') out.push(lowerExpr(cx, c));
  return out;
};

const tuple: Lower = (cx, n) => (cx.json.has(n.s) ? jsonObject(cx, n) : { k: 'tuple', items: items(cx, n), at: cx.at(n.s) });

const array: Lower = (cx, n) => {
  const at = cx.at(n.s);
  const all = items(cx, n);
  return has(n, ';') && all.length === 2 ? { k: 'repeat', value: all[0]!, count: all[1]!, at } : { k: 'list', items: all, at };
};

const struct: Lower = (cx, n) => {
  const out: Extract<Expr, { k: 'new' }> = { k: 'new', type: cx.type(n.c[0]), fields: [], at: cx.at(n.s) };
  for (const field of child(n, 'field_initializer_list')?.c ?? []) {
    const parts = named(field).filter(c => c.k !== 'attribute_item');
    const first = parts[0];
    if (!first) continue;
    const at = cx.at(first.s);
    if (field.k === 'base_field_initializer') out.base = lowerExpr(cx, first);
    else if (field.k === 'shorthand_field_initializer') out.fields.push({ name: cx.name(first), value: lowerExpr(cx, first), at });
    else if (field.k === 'field_initializer') out.fields.push({ name: cx.name(first), value: lowerExpr(cx, parts[1]), at });
  }
  return out;
};

const unary: Lower = (cx, n) => {
  const op = n.c[0]?.k;
  return { k: 'un', op: op === '!' ? 'not' : op === '*' ? '*' : '-', of: lowerExpr(cx, n.c[1]), at: cx.at(n.s) };
};

const ifExpr: Lower = (cx, n) => {
  const [test, then] = n.c;
  const otherwise = child(n, 'else_clause');
  const out: Expr = { k: 'if', test: lowerExpr(cx, test), then: lowerExpr(cx, then), at: cx.at(n.s) };
  if (otherwise) out.else = lowerExpr(cx, otherwise.c.find(isNamed));
  return out;
};

const letChain: Lower = (cx, n) => {
  const parts: Syn[] = [];
  const gather = (chain: Syn): void => {
    for (const c of chain.c)
      if (c.k === 'let_chain' && cx.depth < MAX_DEPTH) gather(c);
      else if (isNamed(c)) parts.push(c);
  };
  gather(n);
  const at = cx.at(n.s);
  return parts.map(c => lowerExpr(cx, c)).reduce((l, r) => ({ k: 'bin', op: 'and', l, r, at }));
};

const match: Lower = (cx, n) => {
  const arms: MatchArm[] = [];
  for (const arm of child(n, 'match_block')?.c ?? []) {
    if (arm.k !== 'match_arm') continue;
    const marks = arm.c.filter(c => c.k === 'attribute_item').map(c => cx.parts.mark(cx, c));
    const rest = named(arm).filter(c => c.k !== 'attribute_item');
    const pattern = rest[0];
    const [pat, guard] = pattern ? named(pattern) : [];
    const out: MatchArm = { pat: cx.pat(pat), body: lowerExpr(cx, rest[1]), at: cx.at(arm.s) };
    if (guard) out.guard = lowerExpr(cx, guard);
    if (marks.length) out.marks = marks;
    arms.push(out);
  }
  return { k: 'match', on: lowerExpr(cx, n.c[0]), arms, at: cx.at(n.s) };
};

const block: Lower = (cx, n) => {
  const { body, value } = cx.parts.block(cx, n.k === 'block' ? n : child(n, 'block'));
  return withLabel({ k: 'block', body, ...(value ? { value } : {}), at: cx.at(n.s) }, labelOf(cx, n));
};

function fnExpr(cx: Context, n: Syn, kind: FnDef['kind'], params: Param[], body: Syn | undefined, async: boolean): Expr {
  const at = cx.at(n.s);
  const fn: FnDef = { name: '', kind, params, body: [], async, marks: [], at, end: cx.at(n.e) };
  if (body?.k === 'block') {
    const { body: statements, value } = cx.parts.block(cx, body);
    fn.body = statements;
    if (value) fn.value = value;
  } else fn.value = lowerExpr(cx, body);
  return { k: 'fn', fn, at };
}

const closure: Lower = (cx, n) => {
  const params: Param[] = [];
  for (const c of child(n, 'closure_parameters')?.c ?? []) {
    if (!isNamed(c) || c.k === 'attribute_item') continue;
    const at = cx.at(c.s);
    if (c.k !== 'parameter') params.push({ pat: cx.pat(c), kind: 'pos', at });
    else params.push(parameter(cx, c));
  }
  const out = fnExpr(cx, n, 'closure', params, n.c[n.c.length - 1], has(n, 'async'));
  if (out.k === 'fn' && has(n, '->')) out.fn.ret = cx.type(after(n, '->'));
  return out;
};

/** `pat: Type`. */
export function parameter(cx: Context, n: Syn): Param {
  const [pat, type] = named(n).filter(c => c.k !== 'mutable_specifier');
  const out: Param = { pat: cx.pat(pat), kind: pat?.k === 'self' ? 'self' : 'pos', at: cx.at(n.s) };
  if (type) out.type = cx.type(type);
  return out;
}

/** A statement in expression position. */
const statement: Lower = (cx, n) => {
  const prefix = rangeTo(cx, n);
  if (prefix) return prefix;
  const [stmt] = cx.parts.statement(cx, n, false, []);
  const at = cx.at(n.s);
  return stmt ? { k: 'stmt', stmt, at } : opaque(n.k, at);
};

/** The grammar reads a leading `..=b` as the assignment of `b` to `..`. */
function rangeTo(cx: Context, n: Syn): Expr | undefined {
  const left = n.c[0];
  if (n.k !== 'assignment_expression' || left?.k !== 'range_expression' || left.c.length !== 1 || isNamed(left.c[0]!)) return undefined;
  return { k: 'slice', to: lowerExpr(cx, n.c[n.c.length - 1]), inclusive: true, at: cx.at(n.s) };
}

/** Assignments, also compound ones, in statement form. */
export function assignment(cx: Context, n: Syn, at: At): { targets: ReturnType<typeof target>[]; value: Expr; op?: BinOp } | undefined {
  if (rangeTo(cx, n)) return undefined;
  const [left, op, right] = n.c;
  const out = { targets: [target(lowerExpr(cx, left))], value: right ? lowerExpr(cx, right) : opaque('missing expression', at) };
  return op && op.k !== '=' ? { ...out, op: op.k.slice(0, -1) as BinOp } : out;
}

const name: Lower = (cx, n) => (cx.json.has(n.s) ? { k: 'lit', v: null, at: cx.at(n.s) } : { k: 'name', id: cx.name(n), at: cx.at(n.s) });
const string: Lower = (cx, n) => stringLiteral(cx.src(n), cx.at(n.s));

const TABLE: Record<string, Lower> = {
  __proto__: null as never,
  identifier: name,
  type_identifier: name,
  shorthand_field_identifier: name,
  self: name,
  super: name,
  crate: name,
  metavariable: name,
  _: name,
  scoped_identifier: pathExpr,
  generic_function: pathExpr,
  bracketed_type: pathExpr,
  string_literal: string,
  raw_string_literal: string,
  char_literal: (cx, n) => charLiteral(cx.src(n), cx.at(n.s)),
  integer_literal: (cx, n) => numberExpr(intLiteral(cx.src(n)), cx.at(n.s)),
  float_literal: (cx, n) => numberExpr(floatLiteral(cx.src(n)), cx.at(n.s)),
  negative_literal: (cx, n) => numberLiteral(cx.src(n), cx.at(n.s)) ?? unknown(cx, n),
  boolean_literal: (cx, n) => ({ k: 'lit', v: cx.src(n) === 'true', at: cx.at(n.s) }),
  unit_expression: tuple,
  tuple_expression: tuple,
  parenthesized_expression: (cx, n) => lowerExpr(cx, n.c.find(isNamed)),
  array_expression: array,
  struct_expression: struct,
  reference_expression: (cx, n) => ({ k: 'un', op: '&', of: lowerExpr(cx, n.c[n.c.length - 1]), at: cx.at(n.s) }),
  unary_expression: unary,
  range_expression: (cx, n) => range(cx, n),
  if_expression: ifExpr,
  let_condition: (cx, n) => {
    const [pat, value] = named(n);
    return { k: 'let', pat: cx.pat(pat), value: lowerExpr(cx, value), at: cx.at(n.s) };
  },
  let_chain: letChain,
  match_expression: match,
  block,
  unsafe_block: block,
  const_block: block,
  try_block: block,
  async_block: (cx, n) => fnExpr(cx, n, 'async-block', [], child(n, 'block'), true),
  gen_block: (cx, n) => fnExpr(cx, n, 'async-block', [], child(n, 'block'), false),
  closure_expression: closure,
  macro_invocation: (cx, n) => cx.parts.macro(cx, n),
  yield_expression: (cx, n) => {
    const of = n.c.find(isNamed);
    return of ? { k: 'yield', of: lowerExpr(cx, of), at: cx.at(n.s) } : { k: 'yield', at: cx.at(n.s) };
  },
  return_expression: statement,
  break_expression: statement,
  continue_expression: statement,
  assignment_expression: statement,
  compound_assignment_expr: statement,
  while_expression: statement,
  loop_expression: statement,
  for_expression: statement,
};

/** Whether a node kind is an expression. */
export const isExpr = (kind: string): boolean => kind in TABLE || LINKS.has(kind);
