/**
 * The language-neutral facts of one source file: what both lowerings produce and everything behind them reads.
 *
 * JSON-safe (plain data, no cycles), so that facts can be cached by content hash. No framework word may appear here:
 * a fact says what was written, never what it means.
 */

/** A place in a file: `line * 65536 + column`, both 1-based, columns in UTF-16 units (0 = no place). */
export type At = number;

export const at = (line: number, column: number): At => line * 65536 + Math.min(column, 65535);
export const lineOf = (a: At): number => Math.floor(a / 65536);
export const columnOf = (a: At): number => a % 65536;

export type Language = 'python' | 'rust';

/** Facts of one file. `body` is the module's top level in source order. */
export interface FileFacts {
  language: Language;
  body: Stmt[];
  /** Places where the grammar found no parse; what lies there is unknown. */
  errors: SyntaxProblem[];
  lines: number;
}

export interface SyntaxProblem {
  at: At;
  end: At;
  says: string;
}

// ---------------------------------------------------------------------------------------------- expressions

export type Expr =
  | { k: 'lit'; v: string | number | boolean | null; at: At /** `bytes` and `char` literals say so. */; of?: 'bytes' | 'char' }
  /** A bare identifier. Rust `self`, `Self`, `crate`, `super` are names, too. */
  | { k: 'name'; id: string; at: At }
  /** Rust `a::b::C` (two or more segments, or one with generics). `types` are the turbofish of the last segment; `self_` is the
   *  type of a qualified path `<T as Trait>::f` or of `Vec::<T>::new`. */
  | { k: 'path'; segs: string[]; types?: TypeRef[]; self_?: TypeRef; root?: true; at: At }
  /** `of.name`; a Rust tuple field is named by its digits. */
  | { k: 'member'; of: Expr; name: string; at: At }
  | { k: 'index'; of: Expr; index: Expr; at: At }
  | { k: 'slice'; from?: Expr; to?: Expr; step?: Expr; inclusive?: boolean; at: At }
  /** A call. A method call is a call of a member. `types` is the turbofish of a method call. */
  | {
      k: 'call';
      fn: Expr;
      args: Arg[];
      types?: TypeRef[];
      at: At /** Rust: method calls behind it that stand in a comment. */;
      beside?: Comment[];
    }
  /** A Rust struct literal `T { a: 1, ..base }`. */
  | { k: 'new'; type: TypeRef; fields: { name: string; value: Expr; at: At }[]; base?: Expr; at: At }
  | { k: 'list' | 'tuple' | 'set'; items: Expr[]; at: At }
  /** `[value; count]` of Rust. */
  | { k: 'repeat'; value: Expr; count: Expr; at: At }
  | { k: 'dict'; entries: { key?: Expr; value: Expr }[]; at: At }
  /** `*x` / `**x` inside a list, call or dict display. */
  | { k: 'spread'; of: Expr; double?: boolean; at: At }
  /** lambda, closure, async block (`fn.kind`). */
  | { k: 'fn'; fn: FnDef; at: At }
  | { k: 'await'; of: Expr; at: At }
  /** Rust `of?`. */
  | { k: 'try'; of: Expr; at: At }
  /** `not`, `-`, `+`, `~`, `*` (deref), `&` (borrow). */
  | { k: 'un'; op: 'not' | '-' | '+' | '~' | '*' | '&'; of: Expr; at: At }
  /** Arithmetic, comparison and boolean operators. Rust `&&`/`||` are `and`/`or`; Python chains `a < b < c` become `and`. */
  | { k: 'bin'; op: BinOp; l: Expr; r: Expr; at: At }
  /** Python `a if t else b`; Rust `if` in any position (branches are blocks). A missing `else` is absent. */
  | { k: 'if'; test: Expr; then: Expr; else?: Expr; at: At }
  /** Rust `match` and (as a statement wrapped in `expr`) Python `match`. */
  | { k: 'match'; on: Expr; arms: MatchArm[]; at: At }
  /** `{ stmts; value }`. Without `value` it yields unit. `unsafe` blocks are plain blocks. `label`: `break` can leave it, with its value. */
  | { k: 'block'; body: Stmt[]; value?: Expr; label?: string; at: At }
  /** `if let` / `while let` / let-chains condition; Python walrus is `bind`. Yields a boolean and binds the pattern. */
  | { k: 'let'; pat: Pat; value: Expr; at: At }
  /** Python `(x := v)`: yields the value. */
  | { k: 'bind'; name: string; value: Expr; at: At }
  /** f-string, `"..".format()` is left a call; Rust `format!`-family macros are a `macro` whose first argument is `fmt`. */
  | { k: 'fmt'; parts: (string | Expr)[]; at: At }
  /** list/set/dict comprehension or generator expression. `value` is the dict value. */
  | { k: 'comp'; of: 'list' | 'set' | 'dict' | 'gen'; item: Expr; value?: Expr; clauses: CompClause[]; at: At }
  /** Rust macro call `path!(..)`. `args` is the best-effort parse of the tokens as comma-separated expressions (undefined when it
   *  does not parse so); `tokens` is the raw text inside the delimiters. */
  | { k: 'macro'; path: string[]; args?: Expr[]; tokens: string; at: At }
  | { k: 'cast'; of: Expr; type: TypeRef; at: At }
  | { k: 'yield'; of?: Expr; from?: boolean; at: At }
  /** A statement in expression position (Rust `return`, `break`, `continue`, `loop`, `while`, `for`). */
  | { k: 'stmt'; stmt: Stmt; at: At }
  /** What the lowering does not understand. */
  | { k: 'opaque'; why: string; at: At };

export type BinOp =
  | 'and'
  | 'or'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'not in'
  | 'is'
  | 'is not'
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**'
  | '@'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '..'
  | '..=';

export interface Arg {
  value: Expr;
  /** keyword argument (Python) */
  name?: string;
  /** `*args` = 1, `**kw` = 2 */
  spread?: 1 | 2;
}

export interface CompClause {
  pat: Pat;
  in: Expr;
  if: Expr[];
}

export interface MatchArm {
  pat: Pat;
  guard?: Expr;
  /** Rust arm expression; a Python case body is a `block`. */
  body: Expr;
  marks?: Mark[];
  at: At;
}

// ---------------------------------------------------------------------------------------------- patterns

/** Patterns of `let`, `match`, `for`, parameters, and Python assignment targets. */
export type Pat =
  | { p: 'any'; at: At }
  /** A binding (`sub` for `name @ pat` / `pat as name`). */
  | { p: 'bind'; name: string; sub?: Pat; at: At }
  | { p: 'lit'; value: Expr; at: At }
  | { p: 'range'; from?: Expr; to?: Expr; at: At }
  | { p: 'tuple' | 'list'; items: Pat[] /** index of a `..`/`*rest` item, which itself is `any` or `bind` */; rest?: number; at: At }
  /** `Some(x)`, `Err(_)`, `a::B(x, y)`; a unit variant or constant `None`, `a::B` has no `items`. Single capitalised or
   *  SCREAMING names and all multi-segment paths are variants, a lower-case single name is a `bind`. */
  | { p: 'variant'; path: string[]; items?: Pat[]; at: At }
  | { p: 'struct'; path: string[]; fields: { name: string; pat: Pat }[]; at: At }
  | { p: 'or'; alts: Pat[]; at: At }
  /** A Python assignment target that is no name: attribute or subscript. */
  | { p: 'target'; expr: Expr; at: At };

// ---------------------------------------------------------------------------------------------- types

/** A Rust type as written. `path` has the segments without generics (`args` are those of the last segment). */
export interface TypeRef {
  t: 'path' | 'ref' | 'tuple' | 'array' | 'fn' | 'impl' | 'dyn' | 'infer' | 'never' | 'const';
  /** path: segments; impl/dyn: empty (bounds in `args`); const: the literal text. */
  path: string[];
  /** generic arguments; element types of tuple/array/ref; bounds of impl/dyn; for `fn`: parameter types, then the return type. */
  args: TypeRef[];
  /** associated type bindings `Iterator<Item = T>` */
  assoc?: { name: string; type: TypeRef }[];
  /** `<T as Trait>::X` */
  self_?: TypeRef;
  at: At;
}

// ---------------------------------------------------------------------------------------------- functions, classes

/** A decorator (Python) or an attribute (Rust).
 *  Python: `expr` is the decorator expression. Rust `#[get("/x", wrap = "A")]`: a call of `get` with arguments, where `k = v` is a
 *  keyword argument, a nested `not(feature = "x")` is a call again, and `#[derive(A, b::C)]` has name/path arguments; `#[path = ".."]` is a
 *  call with one argument named `""`... a bare `#[test]` is a `name`. */
export interface Mark {
  expr: Expr;
  at: At;
}

export interface FnDef {
  name: string;
  kind: 'fn' | 'lambda' | 'closure' | 'async-block';
  params: Param[];
  body: Stmt[];
  /** An expression-bodied function (lambda, closure without a block, Rust tail expression). */
  value?: Expr;
  async: boolean;
  /** Python: the body has a `yield`. */
  generator?: boolean;
  /** Rust return type. */
  ret?: TypeRef;
  /** Python return annotation. */
  retAnn?: Expr;
  generics?: Generic[];
  marks: Mark[];
  /** Rust: `pub` in any form. */
  pub?: boolean;
  /** Rust: comments that read like code which may leave the function. */
  comments?: Comment[];
  /** Rust: parameters that a default build leaves out, with what they are gated by, and those that stand in comments. */
  absent?: { param: Param; by?: string }[];
  at: At;
  end: At;
}

/** A comment without its marks, and where its text begins. */
export interface Comment {
  text: string;
  at: At;
}

export interface Generic {
  name: string;
  bounds: TypeRef[];
  /** `const N: usize` */
  const?: boolean;
  default?: TypeRef;
}

export interface Param {
  pat: Pat;
  /** Rust type */
  type?: TypeRef;
  /** Python annotation */
  ann?: Expr;
  default?: Expr;
  /** `self` = Rust receiver (pattern binds `self`); Python's `self` is a plain `pos`. `posonly`, `kwonly` as in Python. */
  kind: 'self' | 'pos' | 'posonly' | 'kwonly' | 'star' | 'starstar';
  marks?: Mark[];
  at: At;
}

/** A struct or enum variant field; a tuple field is named by its index. */
export interface Field {
  name: string;
  type: TypeRef;
  marks: Mark[];
  at: At;
}

// ---------------------------------------------------------------------------------------------- statements

export type Stmt =
  | {
      s: 'expr';
      expr: Expr /** Rust: ended by `;` (its value is dropped); Python: always true. */;
      dropped: boolean;
      at: At;
      marks?: Mark[];
    }
  /** Rust `let pat: type = value else { otherwise }`. */
  | { s: 'let'; pat: Pat; type?: TypeRef; value?: Expr; otherwise?: Expr; at: At; marks?: Mark[] }
  /** Assignment. Python `a = b = v` is two statements' worth of targets; `op` is that of an augmented assignment; `ann` the annotation. */
  | { s: 'assign'; targets: Pat[]; value?: Expr; op?: BinOp; ann?: Expr; at: At }
  | { s: 'return'; value?: Expr; at: At }
  | { s: 'raise'; value?: Expr; from?: Expr; at: At }
  | { s: 'assert'; test: Expr; message?: Expr; at: At }
  | { s: 'if'; test: Expr; then: Stmt[]; else: Stmt[]; at: At }
  | { s: 'while'; test: Expr; body: Stmt[]; else: Stmt[]; label?: string; at: At }
  | { s: 'loop'; body: Stmt[]; label?: string; at: At }
  | { s: 'for'; pat: Pat; in: Expr; body: Stmt[]; else: Stmt[]; async?: boolean; label?: string; at: At }
  | { s: 'break'; value?: Expr; label?: string; at: At }
  | { s: 'continue'; label?: string; at: At }
  /** Python try. */
  | { s: 'try'; body: Stmt[]; handlers: { types?: Expr; name?: string; body: Stmt[]; at: At }[]; else: Stmt[]; finally: Stmt[]; at: At }
  | { s: 'with'; items: { value: Expr; as?: Pat }[]; body: Stmt[]; async?: boolean; at: At }
  | { s: 'del'; targets: Expr[]; at: At }
  | { s: 'scope'; of: 'global' | 'nonlocal'; names: string[]; at: At }
  | { s: 'pass'; at: At }
  // definitions
  | { s: 'fn'; fn: FnDef; at: At }
  | { s: 'class'; name: string; bases: Arg[]; body: Stmt[]; marks: Mark[]; at: At; end: At }
  /** Python `import a.b as c` / `from ..a import b as c` / `from a import *`. */
  | { s: 'import'; module: string; level: number; names?: { name: string; as?: string }[]; star?: boolean; as?: string; at: At }
  /** Rust `use`, flattened: one entry per leaf; a glob has `as: '*'`. */
  | { s: 'use'; leaves: { path: string[]; as: string }[]; pub: boolean; marks: Mark[]; at: At }
  /** Rust `mod name;` (no body) or `mod name { .. }`. */
  | { s: 'mod'; name: string; body?: Stmt[]; marks: Mark[]; pub: boolean; at: At }
  | { s: 'struct'; name: string; generics: Generic[]; fields: Field[]; tuple: boolean; marks: Mark[]; at: At }
  | {
      s: 'enum';
      name: string;
      generics: Generic[];
      variants: { name: string; fields: Field[]; tuple: boolean; value?: Expr; marks: Mark[]; at: At }[];
      marks: Mark[];
      at: At;
    }
  | { s: 'impl'; type: TypeRef; trait?: TypeRef; generics: Generic[]; body: Stmt[]; marks: Mark[]; at: At }
  | { s: 'trait'; name: string; generics: Generic[]; bounds: TypeRef[]; body: Stmt[]; marks: Mark[]; at: At }
  /** `const`/`static` of Rust; also associated constants. */
  | { s: 'const'; name: string; type?: TypeRef; value?: Expr; marks: Mark[]; at: At }
  /** `type A = T` of Rust, also associated types; Python's `type A = e` is an assignment. */
  | { s: 'type'; name: string; generics: Generic[]; type?: TypeRef; at: At }
  /** `macro_rules! name { (pattern) => { body } ... }`: one entry per rule, raw text inside the delimiters. */
  | { s: 'macro-rules'; name: string; rules: { pattern: string; body: string }[]; at: At }
  /** Rust: a comment that makes a variable of itself (`x = x.f(..)`). */
  | { s: 'comment'; text: string; at: At }
  | { s: 'opaque'; why: string; at: At };
