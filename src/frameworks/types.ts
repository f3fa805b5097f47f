/** What an adapter gives: the endpoints of its framework, each with the way of a request through it. */
import type { FnDef } from '../facts/types.js';
import type { Ev, GapNote } from '../program/ev.js';
import type { F, Place } from '../program/formula.js';
import type { Val } from '../program/values.js';
import type { GuardKind, Ineffective, Input } from '../contract/types.js';

export interface Route {
  framework: string;
  /** Upper case; `*` for every method; `WS`. */
  method: string;
  /** Whole path in normal form: `{name}`, `{name*}`. */
  path: string;
  slash: 'exact' | 'redirect' | 'both';
  /** The value that is registered (after its decorators). */
  handler: Val;
  handlerName: string;
  /** The function whose body does the work, where that is not simply the innermost of `handler` (a method of a class). */
  body?: FnDef;
  /** The handler's definition, and where it is registered. */
  location: Place;
  route: Place;
  implicit?: boolean;
  when?: string;
  /**
   * Runs one request: every layer in its order, then the handler. What ends the request is an exit of `ev` (`return` with a
   * response value, or `raise`); `ev.frame.role` says which layer is running (see `layer`).
   */
  run: (ev: Ev) => void;
  /** The handler is a placeholder. */
  stub?: { says: string; place: Place };
  ineffective: IneffectiveNote[];
  inputs: Omit<Input, 'location'>[];
  gaps: GapNote[];
}

/** A guard that the adapter knows protects nothing here, before any body is read. */
export interface IneffectiveNote {
  kind?: GuardKind;
  /** The value whose refusals are lost; its kind is read from its body when `kind` is absent. */
  guard?: Val;
  name: string;
  reason: Ineffective['reason'];
  place: Place;
  says: string;
  /** It stands before other routes beside this one: whether it was meant for this one as well cannot be said. */
  elsewhere?: boolean;
  /** The conditions under which `guard` turns a request away. */
  fails?: F[];
}

export interface Found {
  routes: Route[];
  gaps: GapNote[];
  /** Error handlers that rewrite what is raised: called with the raised value, gives the response. */
  onError?: (ev: Ev, raised: Val, route: Route) => Val | undefined;
  /** The path of an endpoint by its name, for `url_for`. */
  endpointPath?: (name: string) => string | undefined;
  /** What the framework makes of a handler's value before it is sent (`IntoResponse`, `ResponseError`). */
  render?: (ev: Ev, value: Val, route: Route) => Val;
}

export interface Adapter {
  /** Its package in the manifest, where that has another name. */
  package?: string;
  name: string;
  language: 'python' | 'rust';
  /** What a file says that has to do with it. */
  mentions: RegExp;
  /** Is this framework used here at all? */
  uses: (ev: Ev) => boolean;
  find: (ev: Ev) => Found;
}

/** Roles of frames, as they become `via` in the contract. */
export type Role = 'decorator' | 'dependency' | 'mixin' | 'hook' | 'middleware' | 'extractor' | 'handler';

/** What scope a layer belongs to, kept on its frame as `role:scope`. */
export type LayerScope = 'endpoint' | 'router' | 'app';
