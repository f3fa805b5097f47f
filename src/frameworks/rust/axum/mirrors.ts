/** Crates around axum that register routes in their own ways: utoipa-axum, typed paths, resources. */
import type { Expr, Mark } from '../../../facts/types.js';
import { tyOf } from '../../../program/rust.js';
import type { CallVal, FnVal, Val } from '../../../program/values.js';
import { scopeOf } from '../request.js';
import { type Endpoint, METHODS, type Router } from './model.js';
import { template } from './paths.js';
import { endpoint, type Walk } from './router.js';
import { joinText } from '../text.js';

type Part = { endpoints: Endpoint[]; gaps: Router['gaps'] };

const lastOf = (e: Expr): string => (e.k === 'name' ? e.id : e.k === 'path' ? (e.segs.at(-1) ?? '') : e.k === 'call' ? lastOf(e.fn) : '');
const literal = (e: Expr | undefined): string | undefined => (e?.k === 'lit' && typeof e.v === 'string' ? e.v : undefined);

/** `routes!(a, b)`: method and path stand in `#[utoipa::path(..)]` of each handler. */
export function openApiRoutes(w: Walk, v: Val, at: CallVal): Part {
  if (v.t === 'call' && v.recv) {
    // `routes!(..).layer(l)` covers what it holds.
    const base = openApiRoutes(w, v.recv, at);
    const l = v.args.pos[0];
    if (v.name !== 'layer' && v.name !== 'map') return base;
    return l
      ? {
          ...base,
          endpoints: base.endpoints.map(e => ({
            ...e,
            layers: [...e.layers, { val: l, place: v.place, scope: 'endpoint' as const, strip: '' }],
          })),
        }
      : base;
  }
  if (v.t !== 'call' || !v.path.endsWith('routes!'))
    return {
      endpoints: [],
      gaps: [
        { why: 'dynamic-route', says: 'the routes that are added here are not known', place: at.place, hides: ['endpoints', 'guards'] },
      ],
    };
  const out: Part = { endpoints: [], gaps: [] };
  const found: { method: string; path: string; handler: FnVal }[] = [];
  for (const h of v.args.pos) {
    const doc = h.t === 'fn' ? h.def.marks.map(documented).find(d => d !== undefined) : undefined;
    if (h.t === 'fn' && doc) for (const m of doc.methods) found.push({ method: m, path: doc.path, handler: h });
    else
      out.gaps.push({
        why: 'unresolved-handler',
        says: 'a handler in `routes!` has no `#[utoipa::path]` that can be read',
        place: at.place,
        hides: ['endpoints', 'guards'],
      });
  }
  // Handlers with different paths in one `routes!`: every path gets every method.
  const paths = [...new Set(found.map(f => f.path))];
  for (const p of paths) for (const f of found) out.endpoints.push(endpoint(f.method, template(p, w.minor), f.handler, at));
  return out;
}

function documented(m: Mark): { methods: string[]; path: string } | undefined {
  const e = m.expr;
  if (e.k !== 'call' || e.fn.k !== 'path' || e.fn.segs.at(-1) !== 'path' || e.fn.segs[0] !== 'utoipa') return undefined;
  const named = (n: string): Expr | undefined => e.args.find(a => a.name === n)?.value;
  const path = literal(named('path'));
  if (path === undefined) return undefined;
  const several = e.args.find(a => a.value.k === 'call' && lastOf(a.value) === 'method')?.value;
  const names =
    several?.k === 'call' ? several.args.map(a => lastOf(a.value)) : e.args.filter(a => a.name === undefined).map(a => lastOf(a.value));
  const methods = names.filter(n => METHODS.has(n)).map(n => n.toUpperCase());
  const context = literal(named('context_path')) ?? '';
  return methods.length ? { methods, path: `${context}${path}` } : undefined;
}

/** `typed_get(handler)`: the path is that of the handler's first parameter. */
export function typedPath(w: Walk, method: string, handler: Val, at: CallVal): Part {
  const none: Part = {
    endpoints: [],
    gaps: [{ why: 'dynamic-path', says: 'the typed path of this handler is not known', place: at.place, hides: ['endpoints', 'guards'] }],
  };
  if (handler.t !== 'fn' || !METHODS.has(method)) return none;
  for (const p of handler.def.params) {
    const t = p.type && tyOf(w.ev, p.type, scopeOf(handler.scope, handler.types, handler.owner));
    for (const m of t?.cls?.marks ?? []) {
      const path = m.expr.k === 'call' && lastOf(m.expr) === 'typed_path' ? literal(m.expr.args[0]?.value) : undefined;
      if (path !== undefined) return { endpoints: [endpoint(method.toUpperCase(), template(path, w.minor), handler, at)], gaps: [] };
    }
  }
  return none;
}

const RESOURCE: Record<string, [methods: string[], suffix: (id: string) => string]> = {
  __proto__: null as never,
  index: [['GET'], () => ''],
  create: [['POST'], () => ''],
  new: [['GET'], () => '/new'],
  show: [['GET'], id => `/${id}`],
  edit: [['GET'], id => `/${id}/edit`],
  update: [['PUT', 'PATCH'], id => `/${id}`],
  destroy: [['DELETE'], id => `/${id}`],
};

/** `Resource::named("users").index(h).show(h)`. */
export function resource(root: CallVal, v: CallVal): Part {
  const name = root.args.pos[0] && joinText(root.args.pos[0]);
  const row = RESOURCE[v.name];
  const h = v.args.pos[0];
  if (name === undefined || !row || !h) return { endpoints: [], gaps: [] };
  return { endpoints: row[0].map(m => endpoint(m, `/${name}${row[1](`{${name}_id}`)}`, h, v)), gaps: [] };
}
