/**
 * Abstract values of the evaluator. Whatever is literal stays literal and is computed with; whatever comes from the request
 * or from code that can not be seen is symbolic and remembers what it was made from.
 */
import type { At, Expr, Field, FnDef, Mark, Stmt, TypeRef, Generic } from '../facts/types.js';
import { spend } from './effort.js';
import type { Frame } from './ev.js';
import type { F, Place } from './formula.js';
import type { Lookups } from './rust-lookups.js';

/** What a value was made from. A union, as bits. */
export const Prov = {
  None: 0,
  /** The caller's credential, and whatever was derived from it: the principal. */
  Credential: 1,
  /** Body, query and path values. */
  Input: 2,
  /** Other request headers and the connection. */
  Header: 4,
  /** The result of a call into code that can not be seen (a row, a file, a remote answer). */
  External: 8,
  /** Configuration and environment. */
  Setting: 16,
  Clock: 32,
  Random: 64,
  /** A CSRF token. */
  Csrf: 128,
  /** Counters, limiters. */
  Rate: 256,
  /** The result of code that should have been seen and was not. */
  Unknown: 512,
  /** Application state that is shared between requests. */
  State: 1024,
  /** A signature over the body (webhooks). */
  Signature: 2048,
  /** Host, Origin and Referer headers. */
  Origin: 4096,
} as const;

export interface Module {
  /** Dotted Python module, `crate::a::b` in Rust (with the crate's own name in front). */
  name: string;
  file: number;
  language: 'python' | 'rust';
  body: Stmt[];
  scope: Scope;
  /** Python: `__init__.py`. */
  isPackage?: boolean;
  /** Rust: its file is written when the crate is built. */
  generated?: boolean;
  state: 'new' | 'running' | 'done';
  /** Rust: the module tree. */
  parent?: Module;
  children?: Map<string, Module>;
  crate?: string;
  /** Rust: what has been looked up in it (see `rust-lookups.ts`). */
  lookups?: Lookups;
}

/** Variables of a module, class body or call. All writes go through the journal (see `journal.ts`). */
export interface Scope {
  vars: Map<string, Val>;
  parent?: Scope;
  module: Module;
  /** Names declared `global`/`nonlocal` in a Python function, or all names of an enclosing block in Rust. */
  outer?: Set<string>;
  /** Function scopes catch Python assignments, block scopes (Rust) only `let`. */
  kind: 'module' | 'class' | 'function' | 'block';
  /** Rust: what `Self` is here, and the type parameters in force. */
  self?: Cls;
  types?: Map<string, Ty>;
  /** Rust: the declared return type of the function. */
  returns?: TypeRef;
  /** Rust: the body of an async block, which has no declared type of its own. */
  inline?: boolean;
  /** Python: declared types of local variables. */
  annotations?: Map<string, Expr>;
  /** Rust: `use` inside this scope, name to path; and globs. */
  uses?: Map<string, string[]>;
  globs?: string[][];
  /** Python: what a generator has yielded so far. */
  yielded?: Val[];
  /** Rust: variables that guard a lock, and where that lock is. */
  guards?: Map<string, { place: Expr; scope: Scope }>;
  /** Rust: type aliases. */
  aliases?: Map<string, { ref: TypeRef; generics: Generic[] }>;
  /** Definitions that are evaluated when first asked for (constants, statics). */
  lazy?: Map<string, () => Val>;
}

/** A class of the analysed code: a Python class, a Rust struct, enum, trait or type. */
export interface Cls {
  t: 'class';
  id: number;
  name: string;
  module: Module;
  kind: 'class' | 'struct' | 'enum' | 'trait';
  place: Place;
  marks: Mark[];
  /** Python: evaluated bases in order. */
  bases: Val[];
  /** Rust traits: supertraits. */
  traitBounds?: TypeRef[];
  /** Python class attributes, Rust associated functions and constants of inherent impls. */
  members: Map<string, Val>;
  /** Rust: trait impls for this type. */
  impls: Impl[];
  fields: Field[];
  variants?: Map<string, { fields: Field[]; tuple: boolean; value?: Expr; marks: Mark[]; at: At; index: number }>;
  generics: Generic[];
  tuple?: boolean;
  /** Python: annotations of the class body in order, for dataclasses and models. */
  annotations?: Map<string, { ann: Expr; value?: Val; at: At }>;
  keywords?: Map<string, Val>;
  scope: Scope;
}

/** `impl Trait for Type`. */
export interface Impl {
  trait?: { path: string; ref: TypeRef; cls?: Cls };
  type: TypeRef;
  generics: Generic[];
  members: Map<string, Val>;
  types: Map<string, TypeRef>;
  module: Module;
  scope: Scope;
  place: Place;
}

/** A resolved type: of the analysed code (`cls`) or of a library (`path`). */
export interface Ty {
  path: string;
  cls?: Cls;
  args: Ty[];
  /** The unresolved reference (closures, tuples, `impl Trait`). */
  ref?: TypeRef;
  /** `impl`/`dyn` bounds. */
  bounds?: Ty[];
  /** What is given for a constant parameter (`Level<3>`). */
  value?: Val;
  /** It is declared that there may be nothing (`User | None`). */
  maybe?: true;
}

export interface CallArgs {
  pos: Val[];
  kw: Map<string, Val>;
  /** `*args` whose items are not known. */
  rest?: Val;
  kwRest?: Val;
}

interface Base {
  /** Provenance, computed once. */
  p?: number;
  id: number;
}

/** A collection that code fills: under which condition there is anything in it, where that is not sure. */
interface PartlyFilled {
  someIf?: F;
}

export type Val =
  | (Base & { t: 'const'; v: string | number | boolean | null })
  | (Base &
      PartlyFilled & {
        t: 'seq';
        kind: 'list' | 'tuple' | 'set';
        items: Val[] /** further items of this form, unknown in number */;
        rest?: Val;
      })
  | (Base &
      PartlyFilled & {
        t: 'map';
        entries: Map<string, Val>;
        rest?: Val;
        keys?: Map<string, Val> /** which were put into it under a condition */;
        has?: Map<string, F>;
      })
  | FnVal
  | (Cls & { p?: number })
  | ObjVal
  | VariantVal
  /**
   * A name of a library: module, function, type, constant. `path` uses `.` in Python and `::` in Rust; `by` is the trait that a function is
   * called by (`<T as Trait>::f`).
   */
  | (Base & { t: 'ext'; path: string; ty?: Ty[]; by?: string })
  | CallVal
  | (Base & { t: 'attr'; of: Val; name: string; ty?: Ty })
  | (Base & { t: 'item'; of: Val; key: Val; ty?: Ty })
  /** Something given from outside: a path parameter, the request, a credential. */
  | SymVal
  /** An operator on values that are not all known. */
  | (Base & { t: 'op'; op: string; args: Val[]; ty?: Ty })
  /** `a` where `c` holds, otherwise `b`; `otherwise`, where it is known, is all that led to the latter (`c` does not hold there). */
  | (Base & { t: 'phi'; c: F; a: Val; b: Val; otherwise?: F })
  | (Base & { t: 'bool'; f: F })
  | (Base & {
      t: 'native';
      name: string;
      call: (args: CallArgs, place: Place) => Val /** what it stands for, where it wraps something */;
      of?: Val;
    })
  | (Base & { t: 'module'; module: Module })
  /**
   * A coroutine or future of the analysed code that nobody has awaited yet; `guessed` where only its name says that it is this one,
   * `cancelled` under what condition the task that it is was given up.
   */
  | (Base & { t: 'coro'; run: () => Val; name: string; place: Place; state: { ran: boolean; cancelled?: F }; guessed?: true })
  | (Base & { t: 'super'; cls: Cls; self: Val })
  /** A name that is bound before its module has run to its definition. */
  | (Base & { t: 'late'; get: () => Val | undefined; name: string })
  | (Base & { t: 'unknown'; why: string; place: Place; from?: Val[] });

export interface FnVal extends Base {
  t: 'fn';
  def: FnDef;
  scope: Scope;
  module: Module;
  self?: Val;
  /** The class whose body holds it. */
  owner?: Cls;
  bound?: CallArgs;
  /** `@staticmethod`, `@classmethod`, `@property`. */
  role?: 'static' | 'class' | 'property';
  /** Of a property: what runs where it is assigned to. */
  sets?: FnVal;
  /** Attributes set on the function object (`view.is_public = True`), and what decorators mark. */
  attrs?: Map<string, Val>;
  impl?: Impl;
  types?: Map<string, Ty>;
  /**
   * It replaces a decorated function: the decorator's name, where it was applied, and what it was applied to; `shown` where its
   * signature is that of what it was applied to.
   */
  wraps?: { by: string; place: Place; inner: Val; shown?: boolean };
  /** Calling it gives what it has for the block that it manages: it runs to its `yield`. */
  manages?: true;
  /** Of an async block: the call whose body it stands in, which may have ended when it runs. */
  within?: Frame | undefined;
  /** What it gave so far, by the arguments, where it is one that remembers. */
  results?: Map<string, Val>;
  /** Library decorators on it that nobody has described. */
  opaque?: { by: string; place: Place }[];
}

export interface ObjVal extends Base {
  t: 'obj';
  cls: Cls;
  fields: Map<string, Val>;
  place: Place;
  frame?: Frame | undefined;
  /** Rust: generic arguments. */
  types?: Ty[];
}

/** A value of an enum of the analysed code, or of Option/Result. */
export interface VariantVal extends Base {
  t: 'variant';
  of: string;
  tag: string;
  cls?: Cls;
  fields: Map<string, Val>;
  /** Where and when an error was made. */
  place?: Place;
  seq?: number;
  /** What decided that it was made. */
  why?: F;
  /** It is the failure of a library call that nobody looked at. */
  propagated?: boolean;
  frame?: Frame | undefined;
}

/** The result of a call into a library: `fn` was called (a method call when `recv` is there). */
/** What a library says of a call that builds or runs a database query. */
export interface Query {
  /** Running it when there is no such row: it fails, it gives `None`, or it says nothing at all. */
  misses?: 'fails' | 'none' | 'never';
  /** What it is given does not decide which rows it is about (values, order). */
  selects?: false;
  /** Its statement stands in a file of its own. */
  hidden?: true;
}

/** What a library says of a call that reads a token: whether these are verified; absent where that is not known. */
export interface Token {
  signature?: boolean;
  expiry?: boolean;
}

export interface CallVal extends Base {
  t: 'call';
  /** API path without the final `()`: `flask.Flask`, `flask.Flask().route`. */
  path: string;
  fn?: Val;
  recv?: Val;
  name: string;
  args: CallArgs;
  place: Place;
  ty?: Ty;
  /** Path condition at the call. */
  pc: F;
  seq: number;
  /** The function that made the call. */
  frame?: Frame | undefined;
  /** It is never absent. */
  present?: boolean;
  /** It belongs to a database query. */
  query?: Query;
  /** It gives what it was given in another spelling (an encoding), what stands in it (a format), or the name of the account in it. */
  reads?: 'spelling' | 'format' | 'name';
  /** It reads a token. */
  token?: Token;
  /** Attributes that were set on the result. */
  store?: Map<string, Val>;
}

export interface SymVal extends Base {
  t: 'sym';
  name: string;
  prov: number;
  ty?: Ty;
  /** API path of the value, where it is an instance of a library type. */
  path?: string;
  /** It is never absent. */
  present?: boolean;
  /** It is never empty or zero either. */
  filled?: boolean;
  /** As it came from outside: nobody has vouched for it. */
  sent?: boolean;
  /** A header that the framework read into a type. */
  typed?: boolean;
  /** The signed-in user, or a fact about him, rather than the credential that names him. */
  principal?: 'user' | 'fact';
  /** Named parts, made on demand and written to (a request's extensions, `g`). */
  store?: Map<string, Val>;
}

/** A value stays in memory, where a look at a condition only takes time. */
const VALUE = 10;

let counter = 0;
export function nextId(): number {
  spend(VALUE);
  return ++counter;
}
