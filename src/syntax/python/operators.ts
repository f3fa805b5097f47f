/** Lowers binary, boolean and comparison operators, whose chains may be thousands of links long. */
import type { BinOp, Expr } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, chain, isBalanced, MAX_DEPTH } from './context.js';

const OPERATORS: Record<string, BinOp | undefined> = {
  and: 'and',
  or: 'or',
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  in: 'in',
  'not in': 'not in',
  is: 'is',
  'is not': 'is not',
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '//': '//',
  '%': '%',
  '**': '**',
  '@': '@',
  '&': '&',
  '|': '|',
  '^': '^',
  '<<': '<<',
  '>>': '>>',
};

/** The operator of an augmented assignment `+=`; undefined for anything else. */
export function augmentedOperator(text: string): BinOp | undefined {
  return text.endsWith('=') ? OPERATORS[text.slice(0, -1)] : undefined;
}

/** A `binary_operator` or `boolean_operator`: its left spine is walked in a loop. */
export function binary(c: Context, node: Node): Expr {
  const type = node.type;
  const rights: Node[] = [];
  const ops: BinOp[] = [];
  let left: Node | undefined = node;
  let known: string = type;
  while (left && known === type) {
    const [l, r]: (Node | undefined)[] = c.kids(left);
    if (!l || !r || (c.broken && c.flaw(left)?.isError)) break;
    const op = operatorBetween(c, left, l, r);
    if (!op) break;
    rights.push(r);
    ops.push(op);
    left = l;
    known = l.type;
  }
  if (ops.length === 0 || !left) return { k: 'opaque', why: 'syntax error', at: at(node) };
  return fold(c, [left, ...rights.reverse()], ops.reverse(), node);
}

function fold(c: Context, operands: Node[], ops: BinOp[], node: Node): Expr {
  const deeper = isBalanced(ops) ? Math.ceil(Math.log2(operands.length)) : ops.length - 1;
  if (c.depth + deeper > MAX_DEPTH) return { k: 'opaque', why: 'too deep', at: at(node) };
  c.depth += deeper;
  const values = operands.map(operand => c.expr(operand));
  c.depth -= deeper;
  return chain(values, ops, at(node));
}

function operatorBetween(c: Context, node: Node, l: Node, r: Node): BinOp | undefined {
  const plain = OPERATORS[c.text.slice(l.endIndex, r.startIndex).trim()];
  if (plain) return plain;
  // A comment, a line continuation, or several spaces stand between.
  const token = node.children.find(kid => kid.startIndex >= l.endIndex && kid.startIndex < r.startIndex && OPERATORS[kid.type]);
  return token && OPERATORS[token.type];
}

/** `a < b < c` becomes `a < b and b < c`. */
export function comparison(c: Context, node: Node): Expr {
  const kids = c.kids(node);
  const last = kids.length - 1;
  const place = at(node);
  const ands = new Array<BinOp>(Math.max(0, last - 1)).fill('and');
  const deeper = isBalanced(ands) ? Math.ceil(Math.log2(last)) : ands.length;
  if (c.depth + deeper > MAX_DEPTH) return { k: 'opaque', why: 'too deep', at: place };
  c.depth += deeper;
  const links: Expr[] = [];
  let l = c.expr(kids[0]);
  for (let i = 1; i <= last; i++) {
    const value = c.expr(kids[i]);
    const op = operatorBetween(c, node, kids[i - 1]!, kids[i]!);
    const shared = i < last && !isSmall(value, SMALL);
    const name = `$${value.at}`;
    const r: Expr = shared ? { k: 'bind', name, value, at: value.at } : value;
    links.push(op ? { k: 'bin', op, l, r, at: l.at } : { k: 'opaque', why: 'syntax error', at: l.at });
    l = shared ? { k: 'name', id: name, at: value.at } : value;
  }
  c.depth -= deeper;
  if (links.length === 0) return l;
  return chain(links, ands, place);
}

/** How many members deep a middle operand may be and still stand in both comparisons; a larger one is bound to a name. */
const SMALL = 4;

function isSmall(value: Expr, budget: number): boolean {
  if (value.k === 'name' || value.k === 'lit') return true;
  return value.k === 'member' && budget > 0 && isSmall(value.of, budget - 1);
}
