/** What a router is made of: endpoints, each with the layers around it. */
import type { F, Place } from '../../../program/formula.js';
import type { Val } from '../../../program/values.js';
import type { IneffectiveNote, LayerScope } from '../../types.js';
import type { GapNote } from '../../../program/ev.js';

export interface Layered {
  val: Val;
  place: Place;
  scope: LayerScope;
  /** Prefixes of the routers around it, which it does not see in the path. */
  strip: string;
  /** The condition under which it is there at all. */
  cond?: F;
}

export interface Endpoint {
  method: string;
  /** In normal form, relative to the router that holds it. */
  path: string;
  handler: Val;
  /** Innermost first. */
  layers: Layered[];
  route: Place;
  strip: string;
  state?: Val;
  /** An opaque service: a directory, another framework. */
  service?: boolean;
  /** Its router was found beside that of the application, and nothing says how it gets there. */
  apart?: boolean;
  /** It answers what no route matches. */
  fallback?: boolean;
  /** The condition under which it is registered. */
  cond?: F;
  notes: IneffectiveNote[];
  slash: 'exact' | 'redirect' | 'both';
}

export interface Router {
  endpoints: Endpoint[];
  /** The custom fallback, with the layers around it. */
  fallback?: Endpoint;
  gaps: GapNote[];
  /** Layers that were added so far: none of them covers what comes later. */
  before: { layer: Layered; empty: boolean }[];
}

export const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace', 'connect']);

export const emptyRouter = (): Router => ({ endpoints: [], gaps: [], before: [] });
