/**
 * What the packs say about library names. One row per API path: `flask.abort`, `flask.Flask()` (an instance),
 * `flask.Flask().route` (its method), `flask.request.args[]` (subscript), `axum::extract::Json` (a type).
 */

import type { Query, Token } from '../program/values.js';

/** An argument: its position, its name, or both (`{ arg: 1, name: code }`), with a default. */
export type ArgRef = number | string | { arg?: number; name?: string; default?: string | number | boolean };

/** Where a value comes from. It decides what a condition on it is about. */
export type SourceKind =
  | 'credential'
  | 'header'
  | 'cookie'
  | 'session'
  | 'query'
  | 'form'
  | 'json'
  | 'body'
  | 'path'
  /** A parameter of the URL with which a connection is opened. */
  | 'connection'
  | 'file'
  | 'setting'
  | 'clock'
  | 'random'
  | 'csrf'
  | 'origin'
  | 'rate'
  | 'state'
  | 'signature'
  | 'external'
  | 'none'
  /** The request's own method and path: literal when an endpoint runs. */
  | 'request-method'
  | 'request-path'
  | 'request-endpoint'
  | 'request-blueprint'
  /** What a verified token says, under a name. */
  | 'claim'
  /** The signed-in user as an object; whether there is one; whether there is none. */
  | 'principal'
  | 'authenticated'
  | 'anonymous';

export interface Reply {
  /** A literal status, or where it stands among the arguments. */
  status?: number | { arg?: number; name?: string; default?: number };
  redirect?: ArgRef;
  /** The argument whose answer it keeps where it says nothing else. */
  of?: number;
}

/** What of a token a call verifies, and the arguments that change that. */
export interface TokenRow extends Token {
  when?: {
    arg?: number;
    name?: string;
    /** The attribute or key of the argument that says it. */
    at?: string;
    /** Its value; without one, that the argument is not there. */
    equals?: string | number | boolean;
    then: Token;
  }[];
}

export interface GuardRow {
  kind: 'authn' | 'authz' | 'ownership' | 'csrf' | 'rate-limit' | 'origin' | 'signature' | 'state' | 'input' | 'existence' | 'other';
  strength?: 'required' | 'optional';
  status?: number;
  redirect?: string;
  /** Arguments that name roles, permissions, scopes. */
  requires?: ArgRef[];
  /** Every one of them is asked for, not any. */
  all?: boolean;
  /** Literal requirement (`is_staff`). */
  needs?: string[];
  /** Reply to a caller who is known and lacks what is required, where that differs. */
  denied?: { status?: number; redirect?: string };
  presenceOnly?: boolean;
  /** What it verifies of the token that it reads. */
  token?: Token;
  /** The argument that names the endpoint to which it sends whom it refuses. */
  endpoint?: ArgRef;
  /** Which argument is the function that checks the credential: what is called with it makes a decorator, and guards nothing yet. */
  verifier?: number;
  /** Changes by a literal argument: `{ name: optional, equals: true, then: { strength: optional } }`. */
  when?: { arg?: number; name?: string; equals: string | number | boolean; then: Partial<GuardRow> }[];
}

/** The entry of a scope (ASGI) that holds the request made of it: what `returns: request` gives. */
export const REQUEST = '@request';

export interface Row {
  /** Package versions for which the row holds (semver range over the manifest's version). */
  versions?: string;
  source?: SourceKind;
  /** Which argument names the header, cookie or key (position); a literal name otherwise. */
  key?: number | string;
  /** Where what stands under some keys is from, where that is something else. */
  keys?: Record<string, SourceKind>;
  /** What is read was made by the server, or it is not read: always, or where this argument (the key of the signature) is given. */
  signed?: true | ArgRef;
  /** Types of what stands under some keys, by the key. */
  types?: Record<string, string>;
  /** The exception of a subscript (`x['key']`) where nothing stands under the key. */
  missing?: string;
  /** The value is never absent, the call never fails for what the request holds. */
  present?: boolean;
  /** It makes settings of the members of its first argument (an object, or the dotted name of one) and of its keywords. */
  configures?: true;
  /** Calling it leaves the function with this reply. */
  raises?: Reply;
  /** It makes a response. */
  responds?: Reply;
  /** It is an exception class or error type with this status; `is` names its base, `carries` the argument and member that is sent in its place. */
  error?: { status?: number | { arg?: number; name?: string; default?: number }; is?: string; carries?: { arg: number; name: string } };
  guard?: GuardRow;
  /** As a decorator (or wrapper) it returns its argument, or something that behaves like it; `caching`: and runs once for the same arguments. */
  decorator?: 'transparent' | 'caching';
  effect?: 'read' | 'write' | 'delete' | 'execute' | 'send';
  /** The type of the value (of the call's result, for a function). */
  type?: string;
  /** The call gives back its argument or receiver, what the function gives that is its last argument, or the request of the scope (ASGI) that it is given. */
  returns?: 'argument' | 'self' | 'callback' | 'request';
  /** Rust: a type that a handler takes; which rejections it has on its own. */
  extractor?: { in?: 'path' | 'query' | 'header' | 'cookie' | 'json' | 'form' | 'file' | 'body' | 'none'; rejects?: number[] };
  /** It builds or runs a database query. */
  query?: Query;
  /** A cursor of a database: it runs a statement, or gives what the last one found. */
  cursor?: 'runs' | 'fetches';
  /** A property or method that says how many rows its receiver, the result of a statement, changed. */
  counts?: true;
  /** What an attribute is where the application gave it no other value, or what a call gives (`f()`). */
  value?: string | number | boolean | string[];
  /** An object that is empty when a request comes: what it has, the application gave it. */
  fresh?: true;
  /** It says whether the caller was granted all that this argument names (`authenticated`: whether he is known). */
  granted?: ArgRef;
  /**
   * It only reads what it is given, whoever wrote that: another spelling of it (an encoding), what stands in it (a format), or the name of the
   * account in it, which is no secret.
   */
  reads?: 'spelling' | 'format' | 'name';
  /** It reads a token, and verifies this of it. */
  token?: TokenRow;
  /** Calling it sets this attribute of its receiver. */
  sets?: { at: string; to: string | number | boolean };
  /** Its boolean verdict is easily lost: a result that holds a bool. */
  verdict?: 'bool';
}

export interface Pack {
  pack: string;
  language: 'python' | 'rust';
  /** Package name in the manifest, where it is not the pack's. */
  package?: string;
  /** Other names of the same thing → canonical name. */
  aliases?: Record<string, string>;
  names?: Record<string, Row>;
}
