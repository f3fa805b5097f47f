/** What the parts of the Rust lowering share: the text, places, and each other. */
import { type At, at, type Expr, type Mark, type Pat, type Stmt, type TypeRef } from '../../facts/types.js';
import { plainName } from './scan.js';
import type { Syn } from './tree.js';

/** Nesting beyond this is left opaque, so that no input can exhaust the stack here or in what reads the facts. */
export const MAX_DEPTH = 400;
/** Links in one chain of calls or operators; beyond, the chain is opaque. */
export const MAX_CHAIN = 1500;

export interface Block {
  body: Stmt[];
  value?: Expr;
}

/** The parts of the lowering, each in its own file. */
export interface Parts {
  expr(cx: Context, n: Syn | undefined): Expr;
  pat(cx: Context, n: Syn | undefined): Pat;
  type(cx: Context, n: Syn | undefined): TypeRef;
  /** A block node with its tail as `value`. */
  block(cx: Context, n: Syn | undefined): Block;
  /** A block node as statements; the tail is the last of them. */
  statements(cx: Context, n: Syn | undefined): Stmt[];
  /** One expression that stands as a statement. */
  statement(cx: Context, n: Syn, dropped: boolean, marks: Mark[]): Stmt[];
  /** An item, or undefined when the node is none. */
  item(cx: Context, n: Syn, marks: Mark[]): Stmt[] | undefined;
  /** The children of a file, module or impl; every item also gets `marks`. */
  items(cx: Context, children: Syn[], marks?: Mark[]): Stmt[];
  mark(cx: Context, n: Syn): Mark;
  macro(cx: Context, n: Syn): Expr;
  /** Item macros that are known to hold items. */
  itemMacro(cx: Context, n: Syn, marks: Mark[]): Stmt[] | undefined;
}

export class Context {
  /** Offsets of what only `json!` gives a meaning: tuples that are objects, names that are `null`. */
  readonly json = new Set<number>();
  depth = 0;
  macroDepth = 0;
  private readonly starts: number[] = [0];
  private line = 0;

  /** @param fixed the place of everything, for text that stands in no file. */
  constructor(
    readonly text: string,
    readonly parts: Parts,
    /** Parses other text and reads its tree; undefined when it has an error. */
    readonly reparse: (text: string, shift: number, low: number, high: number) => Syn | undefined,
    readonly fixed?: At,
  ) {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.starts.push(i + 1);
  }

  get lines(): number {
    const last = this.starts.length;
    return this.text === '' || this.text.endsWith('\n') ? last - 1 : last;
  }

  /** The place of an offset. Neighbouring questions are cheap. */
  at(offset: number): At {
    if (this.fixed !== undefined) return this.fixed;
    const { starts } = this;
    let line = this.line;
    if (offset < starts[line]! || offset >= (starts[line + 1] ?? Number.POSITIVE_INFINITY)) {
      if (offset >= (starts[line + 1] ?? Number.POSITIVE_INFINITY) && offset < (starts[line + 2] ?? Number.POSITIVE_INFINITY)) line++;
      else {
        let low = 0;
        let high = starts.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if (starts[middle]! <= offset) low = middle;
          else high = middle - 1;
        }
        line = low;
      }
      this.line = line;
    }
    return at(line + 1, offset - starts[line]! + 1);
  }

  src(n: Syn): string {
    return this.text.slice(n.s, n.e);
  }

  /** The text of an identifier. */
  name(n: Syn | undefined): string {
    return n ? plainName(this.text.slice(n.s, n.e)) : '';
  }

  expr(n: Syn | undefined): Expr {
    return this.parts.expr(this, n);
  }

  pat(n: Syn | undefined): Pat {
    return this.parts.pat(this, n);
  }

  type(n: Syn | undefined): TypeRef {
    return this.parts.type(this, n);
  }
}

/** Bare tokens are not children to the lowering of most nodes. */
export const named = (n: Syn): Syn[] => n.c.filter(isNamed);
export const isNamed = (n: Syn): boolean => n.s >= 0;
export const child = (n: Syn, kind: string): Syn | undefined => n.c.find(c => c.k === kind);
export const has = (n: Syn, kind: string): boolean => n.c.some(c => c.k === kind);
/** The first child behind the token `token`. */
export const after = (n: Syn, token: string): Syn | undefined => {
  const i = n.c.findIndex(c => c.k === token);
  return i < 0 ? undefined : n.c[i + 1];
};
export const opaque = (why: string, place: At): Expr => ({ k: 'opaque', why, at: place });

export const labelOf = (cx: Context, n: Syn): string | undefined => {
  const label = child(n, 'label');
  return label && cx.src(label).replace(/^'\s*/, '');
};

export function withLabel<T extends (Expr | Stmt) & { label?: string }>(to: T, label: string | undefined): T {
  if (label) to.label = label;
  return to;
}
