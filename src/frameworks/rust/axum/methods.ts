/** Method routers: `get(h).post(h2).layer(l)`. Layers cover the methods that were there when they were added. */
import type { Ev, GapNote } from '../../../program/ev.js';
import { and, not, TRUE, type F } from '../../../program/formula.js';
import type { IneffectiveNote } from '../../types.js';
import { chainRoot, placeOf } from '../chain.js';
import { leftOutOf } from '../notes.js';
import type { CallVal, Val } from '../../../program/values.js';
import { type Endpoint, type Layered, METHODS, undescribed, withGap } from './model.js';

export interface MethodRouter {
  endpoints: Endpoint[];
  gaps: GapNote[];
  /** Layers that were added so far. */
  before?: Layered[];
}

const BUILDER = /(^|::)(routing|method_routing|routing::method_routing)::(\w+)$/;

/** Is this value a method router? */
export function isMethodRouter(v: Val, depth = 0): boolean {
  if (depth > 200) return false;
  if (v.t === 'phi') return isMethodRouter(v.a, depth + 1) || isMethodRouter(v.b, depth + 1);
  if (v.t !== 'call') return false;
  const root = chainRoot(v);
  return root.t === 'call' && (BUILDER.test(root.path) || /(^|::)(MethodRouter|ApiMethodRouter)::(new|default)$/.test(root.path));
}

export function methodsOf(ev: Ev, v: Val, depth = 0): MethodRouter {
  if (depth > 300) return { endpoints: [], gaps: [] };
  const m = built(ev, v, depth);
  const notes = leftOutOf(ev, v, /^(route_)?layer$/);
  return notes.length > 0 ? { ...m, endpoints: m.endpoints.map(e => ({ ...e, notes: [...e.notes, ...notes] })) } : m;
}

function built(ev: Ev, v: Val, depth: number): MethodRouter {
  if (v.t === 'phi') return either(v.c, methodsOf(ev, v.a, depth + 1), methodsOf(ev, v.b, depth + 1));
  if (v.t === 'variant' && v.fields.get('0')) return methodsOf(ev, v.fields.get('0') as Val, depth + 1);
  if (v.t !== 'call') return unresolved(v);
  if (!v.recv) {
    const name = BUILDER.exec(v.path)?.[3];
    if (name) return { endpoints: made(v, name), gaps: [] };
    if (/(^|::)(MethodRouter|ApiMethodRouter)::(new|default)$/.test(v.path)) return { endpoints: [], gaps: [] };
    // `Resource`-like helpers and services: whatever it is, it answers every method.
    return { endpoints: [endpoint('*', v, v, true)], gaps: [] };
  }
  const base = methodsOf(ev, v.recv, depth + 1);
  const first = v.args.pos[0];
  switch (v.name) {
    case 'layer':
    case 'route_layer': {
      if (!first) return base;
      const l: Layered = { val: first, place: v.place, scope: 'endpoint', strip: '' };
      return { ...base, before: [...(base.before ?? []), l], endpoints: base.endpoints.map(e => ({ ...e, layers: [...e.layers, l] })) };
    }
    case 'merge': {
      const other = first ? methodsOf(ev, first, depth + 1) : { endpoints: [], gaps: [] };
      return { endpoints: [...base.endpoints, ...other.endpoints], gaps: [...base.gaps, ...other.gaps] };
    }
    case 'with_state':
      return { ...base, endpoints: base.endpoints.map(e => ({ ...e, ...(e.state || !first ? {} : { state: first }) })) };
    case 'fallback':
    case 'fallback_service':
    case 'handle_error':
    case 'into':
      return base;
    default: {
      const more = made(v, v.name).map(e => ({ ...e, notes: [...e.notes, ...late(base)] }));
      if (more.length > 0) return { ...base, endpoints: [...base.endpoints, ...more] };
      const gap = undescribed(v.name, 'what answers a path', v.place);
      return { ...base, endpoints: base.endpoints.map(e => withGap(e, gap)), gaps: [...base.gaps, { ...gap, hides: ['endpoints'] }] };
    }
  }
}

/** Layers of a method router cover the methods that it had. */
const late = (m: MethodRouter): IneffectiveNote[] =>
  (m.before ?? []).map(l => ({
    guard: l.val,
    name: 'layer',
    reason: 'layer-order',
    place: l.place,
    says: 'the layer covers the methods that were added before it, and none of those that are added after it',
    elsewhere: true,
  }));

function made(v: CallVal, name: string): Endpoint[] {
  const [first, second] = v.args.pos;
  const service = name.endsWith('_service');
  const plain = name.replace(/_(service|with)$/, '');
  if (!first) return [];
  if (plain === 'any') return [endpoint('*', first, v, service)];
  if (METHODS.has(plain)) return [endpoint(plain.toUpperCase(), first, v, service)];
  if (plain === 'on' && second) return filters(first).map(m => endpoint(m, second, v, service));
  return [];
}

/** The methods of a filter: `GET | POST`, `GET.or(POST)`. */
function filters(v: Val, depth = 0): string[] {
  if (depth > 12) return [];
  const all = (xs: Val[]): string[] => [...new Set(xs.flatMap(x => filters(x, depth + 1)))];
  switch (v.t) {
    case 'ext':
      return /MethodFilter::([A-Z]+)$/.test(v.path) ? [v.path.split('::').at(-1) as string] : [];
    case 'phi':
      return all([v.a, v.b]);
    case 'op':
      return all(v.args);
    case 'variant':
      return all([...v.fields.values()]);
    case 'call':
      return all([...(v.recv ? [v.recv] : []), ...v.args.pos]);
    default:
      return [];
  }
}

function endpoint(method: string, handler: Val, at: CallVal, service: boolean): Endpoint {
  let h = handler;
  const layers: Layered[] = [];
  // `handler.layer(l)`: layers that belong to this handler alone.
  const outer: Layered[] = [];
  while (h.t === 'call' && h.recv && (h.name === 'layer' || h.name === 'with_state')) {
    if (h.name === 'layer' && h.args.pos[0]) outer.push({ val: h.args.pos[0], place: h.place, scope: 'endpoint', strip: '' });
    h = h.recv;
  }
  layers.push(...outer.reverse());
  return {
    method,
    path: '',
    handler: h,
    layers,
    route: at.place,
    run: at.pc,
    strip: '',
    notes: [],
    slash: 'exact',
    ...(service ? { service: true } : {}),
  };
}

function unresolved(v: Val): MethodRouter {
  return { endpoints: [endpoint('*', v, { place: placeOf(v), pc: TRUE } as CallVal, v.t === 'obj')], gaps: [] };
}

export function either(c: F, a: MethodRouter, b: MethodRouter): MethodRouter {
  return { endpoints: join(c, a.endpoints, b.endpoints), gaps: [...a.gaps, ...b.gaps] };
}

/** Endpoints of two alternatives: those of both once, with the layers of either under its condition. */
export function join(c: F, a: Endpoint[], b: Endpoint[]): Endpoint[] {
  const out: Endpoint[] = [];
  const left = [...b];
  const under = (f: F, x: Endpoint): Endpoint => ({ ...x, cond: x.cond ? and(f, x.cond) : f });
  for (const x of a) {
    const i = left.findIndex(y => y.method === x.method && y.path === x.path && same(y, x));
    if (i < 0) {
      out.push(under(c, x));
      continue;
    }
    const y = left.splice(i, 1)[0] as Endpoint;
    out.push({ ...x, layers: mix(c, x.layers, y.layers), notes: [...x.notes, ...y.notes.filter(n => !x.notes.includes(n))] });
  }
  return [...out, ...left.map(y => under(not(c), y))];
}

const same = (a: Endpoint, b: Endpoint): boolean =>
  a.handler === b.handler || (a.handler.t === 'fn' && b.handler.t === 'fn' && a.handler.def === b.handler.def);

function mix(c: F, a: Layered[], b: Layered[]): Layered[] {
  const equal = (x: Layered | undefined, y: Layered | undefined): boolean =>
    x !== undefined && y !== undefined && x.val === y.val && x.place.at === y.place.at && x.place.file === y.place.file;
  const under = (f: F, l: Layered): Layered => ({ ...l, cond: l.cond ? and(f, l.cond) : f });
  const out: Layered[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    if (equal(x, y)) {
      out.push(x as Layered);
      i++;
      j++;
    } else if (x && !b.slice(j).some(z => equal(x, z))) {
      out.push(under(c, x));
      i++;
    } else if (y) {
      out.push(under(not(c), y));
      j++;
    } else if (x) {
      out.push(under(c, x));
      i++;
    }
  }
  return out;
}
