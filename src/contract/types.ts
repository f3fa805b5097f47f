/**
 * The contract: what every endpoint of one application lets happen, and to whom. Language-neutral; the JSON of
 * `parity contract DIR --format json` is this, as it stands (see `schema.json` beside this file).
 */

export type Side = 'python' | 'rust';

/** A place in the analysed tree. `file` is relative to the root that was given, with `/`; `line` and `column` are 1-based. */
export interface Location {
  file: string;
  line: number;
  column?: number;
}

/** Why something is claimed: one sentence and its place. */
export interface Evidence extends Location {
  says: string;
}

export type GuardKind =
  | 'authn'
  | 'authz'
  | 'ownership'
  | 'csrf'
  | 'rate-limit'
  | 'origin'
  | 'signature'
  | 'state'
  | 'input'
  | 'existence'
  | 'other';

export type Via =
  | 'decorator'
  | 'dependency'
  | 'mixin'
  | 'hook'
  | 'middleware'
  | 'extractor'
  | 'inline'
  | 'delegate'
  | 'attribute'
  | 'setting';

/** How a request is turned away. A refusal that closes the connection (a panic) has `panic: true` and no status. */
export interface Refusal {
  status?: number;
  /** Target of a redirect, as far as it is literal. */
  redirect?: string;
  panic?: boolean;
  /** Name of the raised error, where no status is known. */
  error?: string;
}

export type Persona = 'anonymous' | 'signedIn' | 'entitled';
export const PERSONAS: readonly Persona[] = ['anonymous', 'signedIn', 'entitled'];

export interface Verdict extends Refusal {
  verdict: 'admitted' | 'refused' | 'unknown';
  /** Why it is unknown. */
  why?: string;
  /** Where it is decided. */
  location?: Location;
}

export interface Guard {
  kind: GuardKind;
  strength: 'required' | 'optional';
  /** What it asks for: roles, permissions, scopes, resolved to their values. All must hold; alternatives are joined with `|`. */
  requires: string[];
  via: Via;
  /** Name of the decorator, dependency, extractor, middleware or function that decides. */
  name: string;
  scope: 'endpoint' | 'router' | 'app';
  /** 1-based, in the order in which the guards run. */
  order: number;
  rejects: Refusal[];
  /**
   * Of a right that is asked for (authz, ownership): whether nobody gets past without it, whatever other rights he has, where the guard
   * stands before the request. `false`: another right is enough as well, or not being signed in. Absent when not known.
   */
  indispensable?: boolean;
  /**
   * Of ownership: whether a row that links the caller with what he asks for has to be found, or a value of its row is the caller's own;
   * `keys` where it is the own number of that row that is held against the caller's, though each is counted in a table of its own.
   * Of authentication: `form` where only how the credential is written is asked.
   */
  by?: 'row' | 'comparison' | 'keys' | 'form';
  /** A setting, or what is sent to be verified, where everybody passes as long as that is not set, or empty. */
  unless?: string;
  /** A header: whoever sends it passes, whatever stands in it, or with a text that stands in the code. */
  waived?: string;
  /** Only the presence of a credential is tested, not whether it is valid. */
  presenceOnly?: boolean;
  /**
   * Of the credential: whether the signature of a token, whether it has expired, and whether the password fits the account that is named;
   * absent where that is not known. `false` where one of several credentials that are taken gets past without.
   */
  verifies?: { signature?: boolean; expiry?: boolean; password?: boolean };
  /** It runs after the handler's first effect. */
  afterEffect?: boolean;
  /** Of an optional guard: `true` when nothing reads the identity that it yields, `false` when something does; absent when not known. */
  unused?: boolean;
  location: Location;
  evidence: Evidence[];
}

/** Something that looks like a guard, stands on the way of the request (or was meant to), and protects nothing. */
export interface Ineffective {
  kind: GuardKind;
  name: string;
  reason: IneffectiveReason;
  location: Location;
  evidence: Evidence[];
}

export type IneffectiveReason =
  | 'above-route' // a decorator above the one that registers the route
  | 'layer-order' // added to the router before or after the routes that it should cover
  | 'optional-unchecked' // an optional identity that nobody checks
  | 'logs-only' // the failing branch goes on
  | 'always-passes' // the check can not fail
  | 'wrong-polarity' // refuses those that it should admit
  | 'verdict-dropped' // the result of the check is thrown away
  | 'not-awaited'
  | 'dead-code'
  | 'cfg-gated'
  | 'commented-out'
  | 'after-effect'
  | 'presence-only'
  | 'signature-unverified' // a token is read that anybody can write
  | 'password-unverified' // an account is named, and its password not asked for
  | 'fail-open' // admits when a setting is unset
  | 'duplicate-route' // the same handler or path is registered a second time without it
  | 'not-registered' // defined, never attached
  | 'swallowed'; // the refusal is caught and dropped

export type Trigger =
  | 'credential'
  | 'authz'
  | 'ownership'
  | 'csrf'
  | 'rate-limit'
  | 'origin'
  | 'signature'
  | 'input'
  | 'existence'
  | 'state'
  | 'conflict'
  | 'other';

/** An exit that is not success. */
export interface Outcome extends Refusal {
  trigger: Trigger;
  via: 'raise' | 'return' | 'propagate' | 'extractor' | 'framework' | 'panic' | 'guard';
  /** What was sent is held against the secret of an account (its password) here. */
  secret?: boolean;
  /** Of such a check: it comes after the handler's first effect. */
  afterEffect?: boolean;
  /**
   * What the account that was found has to be, or must not be, besides being there: `active`, `suspended`, by the words that schemas have
   * for it; `!active` where those are turned away who are, both where it is not known who; `?` for what is asked under another name.
   */
  account?: string[];
  /** Of such checks, as of a guard: without what they are not made, and with which header. */
  unless?: string;
  waived?: string;
  /** It refuses those whose own it is (`if user.id == me.id: abort(403)`). */
  own?: boolean;
  /** The settings that alone decide on it. */
  settings?: string[];
  /** It answers 401 for a reason that was not understood. */
  unclear?: boolean;
  location: Location;
}

export type EffectKind = 'read' | 'write' | 'delete' | 'execute' | 'send';

/** What depends on what was sent with the request. */
export interface Sent {
  /** Names of what is asked about, or decides which rows a statement is about; `*` for a whole body. */
  asked: string[];
  /** Those that have to fit: a signed token, what alone selects a row that has to be found, what is held against a value of one. */
  proofs: string[];
  /** Of the tokens that are read out of it. */
  token?: { signature?: boolean; expiry?: boolean; location: Location };
}

export interface Effect {
  kind: EffectKind;
  name?: string;
  location: Location;
}

export interface Input {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie' | 'json' | 'form' | 'file' | 'body';
  type?: string;
  required?: boolean;
  location: Location;
}

/** Something that was not understood, and what it may hide. */
export interface Gap {
  why:
    | 'unresolved-call'
    | 'unknown-decorator'
    | 'unknown-extractor'
    | 'unknown-middleware'
    | 'opaque-macro'
    | 'dynamic-path'
    | 'dynamic-route'
    | 'syntax-error'
    | 'unresolved-handler'
    | 'too-deep'
    | 'other';
  says: string;
  hides: ('endpoints' | 'guards' | 'outcomes' | 'effects')[];
  location: Location;
}

export interface Endpoint {
  /** Upper-case HTTP method, `*` for a handler of every method, `WS` for a websocket. */
  method: string;
  /** Whole path, `{name}` parameters, `{name*}` catch-alls, no trailing slash but a bare `/`. */
  path: string;
  slash: 'exact' | 'redirect' | 'both';
  handler: string;
  /** The handler's definition. */
  location: Location;
  /** Where the route is registered. */
  route: Location;
  /** Made by the framework (`/openapi.json`, `/static/..`), not written by anyone. */
  implicit?: boolean;
  /** A feature or setting under which alone it exists. */
  when?: string;
  access: Record<Persona, Verdict>;
  guards: Guard[];
  ineffective: Ineffective[];
  /** Guards of the same router that stand before other routes, and not before this one: most often nobody meant them to. */
  aside?: Ineffective[];
  /** Rights with any of which alone all checks of rights and ownership are passed, where there are others. */
  alone?: string[];
  outcomes: Outcome[];
  inputs: Input[];
  sent?: Sent;
  effects: Effect[];
  /** The handler is a placeholder (`todo!()`, `pass`, 501, empty). */
  stub?: { says: string; location: Location };
  gaps: Gap[];
}

export interface Problem {
  severity: 'error' | 'warning' | 'note';
  code: string;
  says: string;
  file?: string;
  line?: number;
}

export interface Coverage {
  files: number;
  parsed: number;
  endpoints: number;
  /** Routes that were seen and could not be resolved. */
  unresolved: number;
}

export interface Contract {
  version: 1;
  side: Side;
  frameworks: { name: string; version?: string }[];
  coverage: Coverage;
  endpoints: Endpoint[];
  /** Gaps that belong to no endpoint (an unreadable router). */
  gaps: Gap[];
  problems: Problem[];
}
