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
  /** It is a route of a router that is the fallback of another one, whose `route_layer`s do not cover it. */
  behind?: boolean;
  /** The condition under which it is registered. */
  cond?: F;
  /** The condition under which the code that registers it is run. */
  run?: F;
  notes: IneffectiveNote[];
  /** What was called on what holds it and is not described. */
  gaps?: GapNote[];
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

/** A call on `what`, whose meaning nothing tells: what it puts around the endpoints that it holds, it hides. */
export const undescribed = (name: string, what: string, place: Place): GapNote => ({
  why: 'dynamic-route',
  says: `\`${name}\` on ${what} is not described`,
  place,
  hides: ['guards', 'outcomes'],
});

/** Methods of libraries that add pages, and put nothing around what is there. */
export const ADDS = /^leptos_routes/;

export const withGap = <E extends Endpoint>(e: E, g: GapNote): E => ({ ...e, gaps: [...(e.gaps ?? []), g] });

export const emptyRouter = (): Router => ({ endpoints: [], gaps: [], before: [] });
