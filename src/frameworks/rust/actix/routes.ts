/** Single routes: `web::get().guard(..).to(handler)`, and an endpoint with all that stands around it. */
import type { Ev, GapNote } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import type { CallVal, Val } from '../../../program/values.js';
import type { IneffectiveNote } from '../../types.js';
import { type Endpoint, type Layered, undescribed } from '../axum/model.js';
import { chainRoot } from '../chain.js';
import { pattern } from './paths.js';
import { predicate } from './predicates.js';

export interface Entry extends Endpoint {
  numeric: Set<string>;
  /** Functions that answer for extractors which reject, by the name of the extractor. */
  onError?: Map<string, Val>;
}

export interface Tree {
  entries: Entry[];
  gaps: GapNote[];
}

export const METHODS = /^(get|post|put|patch|delete|head|options|trace|connect)$/;

/** What is called on a route and changes nothing else than is read here. */
const ON_ROUTES = /^(to|to_async|service|wrap|guard|method)$/;

/** The calls of a builder, in order; one that was taken apart into itself and its documentation is still the same. */
export const chainOf = (v: Val): CallVal[] => {
  const out: CallVal[] = [];
  for (let r: Val = whole(v); r.t === 'call'; r = whole(r.recv)) {
    out.unshift(r);
    if (!r.recv) break;
  }
  return out;
};

const whole = (v: Val): Val =>
  v.t === 'item' && v.of.t === 'call' && v.of.name === 'split_for_parts' && v.key.t === 'const' && v.key.v === 0 ? v.of : v;

/** Where a builder starts. */
export function rootOf(v: Val): Val {
  const r = chainRoot(v);
  const w = whole(r);
  return w === r ? r : rootOf(w);
}

export const rootName = (v: Val): string => {
  const r = rootOf(v);
  return r.t === 'call' ? r.path : '';
};

export const entry = (
  method: string,
  path: string,
  handler: Val,
  route: Place,
  layers: Layered[] = [],
  notes: IneffectiveNote[] = [],
): Entry => {
  const p = pattern(path);
  return { method, path: p.path, handler, layers, route, strip: '', notes, slash: 'exact', numeric: p.numeric };
};

export interface Single {
  method: string;
  handler: Val;
  place: Place;
  layers: Layered[];
  notes: IneffectiveNote[];
  gaps: GapNote[];
}

/** `web::get().guard(..).wrap(..).to(handler)`. */
export function routeValue(ev: Ev, v: Val): Single[] {
  if (v.t === 'phi') return [...routeValue(ev, v.a), ...routeValue(ev, v.b)];
  const calls = chainOf(v);
  const first = calls[0];
  if (!first) return [];
  const name = first.path.split('::').at(-1) ?? '';
  let methods: string[] = METHODS.test(name)
    ? [name.toUpperCase()]
    : name === 'method' && first.args.pos[0]
      ? methodsIn(first.args.pos[0])
      : [];
  let handler: Val | undefined = name === 'to' ? first.args.pos[0] : undefined;
  let layers: Layered[] = [];
  const guards: Layered[] = [];
  const notes: IneffectiveNote[] = [];
  const gaps: GapNote[] = [];
  for (const c of calls.slice(1)) {
    if (!ON_ROUTES.test(c.name)) gaps.push(undescribed(c.name, 'a route', c.place));
    const a = c.args.pos[0];
    if (!a) continue;
    if (c.name === 'to' || c.name === 'to_async' || c.name === 'service') {
      // Before 4.14 the handler replaced what had been wrapped.
      for (const l of layers)
        notes.push({
          guard: l.val,
          name: 'wrap',
          reason: 'layer-order',
          place: l.place,
          says: '`to` after `wrap` replaces what was wrapped: the middleware is dropped',
        });
      layers = [];
      handler = a;
    } else if (c.name === 'wrap') layers.push({ val: a, place: c.place, scope: 'endpoint', strip: '' });
    else if (c.name === 'guard' || c.name === 'method') {
      const more = methodsIn(a);
      if (more.length) methods = more;
      if (c.name === 'guard') guards.push(predicate(a, c.place, 'endpoint'));
    }
  }
  layers = [...layers, ...guards];
  const all = methods.length ? methods : ['*'];
  const { place } = calls.at(-1) as CallVal;
  return handler ? all.map(method => ({ method, handler: handler as Val, place, layers, notes, gaps })) : [];
}

export function methodsIn(v: Val, depth = 0): string[] {
  if (depth > 12) return [];
  const all = (xs: Val[]): string[] => [...new Set(xs.flatMap(x => methodsIn(x, depth + 1)))];
  switch (v.t) {
    case 'ext':
      return /Method::[A-Z]+$/.test(v.path) ? [v.path.split('::').at(-1) as string] : [];
    case 'call': {
      const name = /(^|::)guard::(Get|Post|Put|Patch|Delete|Head|Options|Trace|Connect)$/.exec(v.path)?.[2];
      if (name) return [name.toUpperCase()];
      return /Not$/.test(v.path) ? [] : all([...(v.recv ? [v.recv] : []), ...v.args.pos]);
    }
    case 'phi':
      return all([v.a, v.b]);
    case 'op':
      return all(v.args);
    case 'variant':
      return all([...v.fields.values()]);
    default:
      return [];
  }
}
