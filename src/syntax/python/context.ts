/**
 * What every part of the Python lowering shares: the source text, the depth guard, and access to children that leaves out
 * comments. The parts call each other through here, so that none has to import another that imports it.
 */
import type { Arg, At, BinOp, CompClause, Expr, FnDef, MatchArm, Param, Pat, Stmt } from '../../facts/types.js';
import type { Node } from '../parser.js';

/** Deeper nesting than this becomes `opaque`: Python itself stops at 100 indents and 200 brackets, and later stages recurse. */
export const MAX_DEPTH = 400;

const HASH = 35;
const BACKSLASH = 92;

/** The parts of the lowering; each takes a node of its own kind. */
export interface Parts {
  expr(c: Context, node: Node): Expr;
  /** An assignment target, loop variable or `as` target. */
  target(c: Context, node: Node): Pat;
  /** The statements of a `module` or `block` node. */
  block(c: Context, node: Node): Stmt[];
  args(c: Context, node: Node): Arg[];
  params(c: Context, node: Node): Param[];
  clauses(c: Context, nodes: Node[]): CompClause[];
  arm(c: Context, node: Node): MatchArm;
  lambda(c: Context, node: Node): FnDef;
}

export class Context {
  /** Whether the tree has errors at all; without them no node is asked for any. */
  readonly broken: boolean;
  depth = 0;
  private yields = false;

  constructor(
    readonly text: string,
    root: Node,
    readonly parts: Parts,
  ) {
    this.broken = root.hasError;
  }

  expr(node: Node | undefined): Expr {
    if (node === undefined) return { k: 'opaque', why: 'syntax error', at: 0 };
    if (this.depth >= MAX_DEPTH) return { k: 'opaque', why: 'too deep', at: at(node) };
    this.depth++;
    const expr = this.parts.expr(this, node);
    this.depth--;
    return expr;
  }

  target(node: Node | undefined): Pat {
    if (node === undefined) return { p: 'any', at: 0 };
    if (this.depth >= MAX_DEPTH) return { p: 'target', expr: { k: 'opaque', why: 'too deep', at: at(node) }, at: at(node) };
    this.depth++;
    const pat = this.parts.target(this, node);
    this.depth--;
    return pat;
  }

  block(node: Node | undefined): Stmt[] {
    if (node === undefined) return [];
    if (this.depth >= MAX_DEPTH) return [{ s: 'opaque', why: 'too deep', at: at(node) }];
    this.depth++;
    const body = this.parts.block(this, node);
    this.depth--;
    return body;
  }

  /** Notes a `yield` in the function that is being lowered. */
  sawYield(): void {
    this.yields = true;
  }

  /** Runs `lower` on the inside of a function and says whether it makes a generator of it. */
  inFunction<T>(lower: () => T): { inside: T; generator: boolean } {
    const outer = this.yields;
    this.yields = false;
    const inside = lower();
    const generator = this.yields;
    this.yields = outer;
    return { inside, generator };
  }

  /** Named children without comments and line continuations; `ERROR` nodes are left out, too. */
  kids(node: Node): Node[] {
    const kids = this.items(node);
    return this.broken && node.hasError ? kids.filter(kid => !kid.isError) : kids;
  }

  /** Named children without comments and line continuations, `ERROR` nodes included. */
  items(node: Node): Node[] {
    const kids = node.namedChildren;
    for (let i = 0; i < kids.length; i++) {
      const first = this.text.charCodeAt(kids[i]!.startIndex);
      if (first === HASH || first === BACKSLASH) return kids.filter(kid => !isExtra(kid));
    }
    return kids;
  }

  /** The first direct child that the parser could not place or had to invent (an invented name is seen where it is lowered). */
  flaw(node: Node): Node | undefined {
    if (!this.broken || !node.hasError) return undefined;
    return node.children.find(kid => kid.isError || (kid.isMissing && !kid.isNamed));
  }

  /** The text of a small node. */
  slice(node: Node): string {
    return this.text.slice(node.startIndex, node.endIndex);
  }

  /** The text of an identifier, in the normal form in which Python compares names. Empty for one the parser invented. */
  name(node: Node): string {
    const start = node.startIndex;
    let end = start;
    if (!this.broken) {
      for (;;) {
        const c = this.text.charCodeAt(end);
        if (c < 128) {
          if (!WORD[c]) return this.text.slice(start, end);
          end++;
        } else if (end >= this.text.length) return this.text.slice(start, end);
        else break;
      }
    }
    const name = this.text.slice(start, node.endIndex);
    return ASCII.test(name) ? name : name.normalize('NFKC');
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
const ASCII = /^[\x00-\x7f]*$/;
const WORD = Array.from({ length: 128 }, (_, c) => /\w/.test(String.fromCharCode(c)));

/** The place where a node starts. */
export function at(node: Node): At {
  const { row, column } = node.startPosition;
  return place(row, column);
}

/** The place just behind a node. */
export function endAt(node: Node): At {
  const { row, column } = node.endPosition;
  return place(row, column);
}

function place(row: number, column: number): At {
  return (row + 1) * 65536 + (column < 65535 ? column + 1 : 65535);
}

/** A comment or a line continuation. */
export function isExtra(node: Node): boolean {
  const type = node.type;
  return type === 'comment' || type === 'line_continuation';
}

const ASSOCIATIVE: ReadonlySet<BinOp> = new Set(['and', 'or', '+', '*', '|', '&', '^']);
const LONG = 64;

/** Whether a chain `a op b op c ...` is folded as a balanced tree, which keeps long ones shallow. */
export function isBalanced(ops: BinOp[]): boolean {
  return ops.length > LONG && ASSOCIATIVE.has(ops[0]!) && ops.every(op => op === ops[0]);
}

/** `operands[0] ops[0] operands[1] ...`, left to right; `place` is where the chain starts. */
export function chain(operands: Expr[], ops: BinOp[], place: At): Expr {
  if (isBalanced(ops)) return balanced(operands, ops[0]!, 0, operands.length);
  let left = operands[0]!;
  for (let i = 0; i < ops.length; i++) left = { k: 'bin', op: ops[i]!, l: left, r: operands[i + 1]!, at: place };
  return left;
}

function balanced(operands: Expr[], op: BinOp, from: number, to: number): Expr {
  if (to - from === 1) return operands[from]!;
  const middle = (from + to) >> 1;
  const l = balanced(operands, op, from, middle);
  return { k: 'bin', op, l, r: balanced(operands, op, middle, to), at: l.at };
}
