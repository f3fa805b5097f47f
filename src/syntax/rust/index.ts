/** Rust to facts. */
import type { At, Expr, FileFacts, Stmt } from '../../facts/types.js';
import { type Node, ParseFailure, withTree } from '../parser.js';
import { lowerMark } from './attributes.js';
import { type Block, Context, type Parts } from './context.js';
import { lowerExpr } from './expressions.js';
import { lowerItem, lowerItems } from './items.js';
import { lowerItemMacro, lowerMacro } from './macros.js';
import { lowerPat } from './patterns.js';
import { lowerBlock, lowerStatement, lowerStatements } from './statements.js';
import { type Broken, readTree, type Syn } from './tree.js';
import { lowerType } from './types.js';

const PARTS: Parts = {
  expr: lowerExpr,
  pat: lowerPat,
  type: lowerType,
  block: lowerBlock,
  statements: lowerStatements,
  statement: lowerStatement,
  item: lowerItem,
  items: lowerItems,
  mark: lowerMark,
  macro: lowerMacro,
  itemMacro: lowerItemMacro,
};

/**
 * The facts of one Rust file from its tree. Places without a parse are in `errors` and lowered as `opaque`; the rest is
 * lowered as written. Never throws on any text.
 */
export function lowerRust(root: Node, text: string): FileFacts {
  const cx = new Context(text, PARTS, reparse);
  const broken: Broken[] = [];
  const tree = readTree(root, text, broken);
  const body = tree.k === 'ERROR' ? lowerItems(cx, [tree]) : lowerItems(cx, tree.c);
  const errors = broken.map(b => ({ at: cx.at(b.s), end: cx.at(b.e), says: b.says })).sort((a, b) => a.at - b.at || a.end - b.end);
  return { language: 'rust', body, errors, lines: cx.lines };
}

/** Items from text that stands in no file, such as an expanded macro. Everything lies at `at`; undefined when it does not parse. */
export function parseRustItems(text: string, at: At): Stmt[] | undefined {
  const tree = reparse(text, 0, 0, text.length);
  return tree && lowerItems(new Context(text, PARTS, reparse, at), tree.c);
}

/** Statements with an optional tail, as `parseRustItems`. */
export function parseRustBlock(text: string, at: At): Block | undefined {
  const wrapped = `fn f(){${text}\n}`;
  const tree = reparse(wrapped, 0, 0, wrapped.length);
  const only = tree?.c.length === 1 && tree.c[0]!.k === 'function_item' ? tree.c[0]! : undefined;
  return only && lowerBlock(new Context(wrapped, PARTS, reparse, at), only.c[only.c.length - 1]);
}

/** One expression, as `parseRustItems`. */
export function parseRustExpr(text: string, at: At): Expr | undefined {
  const block = parseRustBlock(`let _ = ${text}\n;`, at);
  const only = block?.body.length === 1 && !block.value ? block.body[0]! : undefined;
  return only?.s === 'let' && !only.otherwise ? only.value : undefined;
}

function reparse(text: string, shift: number, low: number, high: number): Syn | undefined {
  try {
    return withTree('rust', text, root => (root.hasError ? undefined : readTree(root, text, [], shift, low, high)));
  } catch (error) {
    if (error instanceof ParseFailure) return undefined;
    throw error;
  }
}
