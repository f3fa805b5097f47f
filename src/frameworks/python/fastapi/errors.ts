/** Exception handlers: which one answers for what was raised, and with what. */
import { callback } from '../../../program/calls.js';
import { mro } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, NONE, phi, prov, sym } from '../../../program/make.js';
import { raisedPath } from '../../../program/tries.js';
import type { SymVal, Val } from '../../../program/values.js';
import type { Node } from './registry.js';

const HTTP = 'starlette.exceptions.HTTPException';

/** The response that the application's own handler makes of `raised`; undefined where it has none. */
export function handled(ev: Ev, node: Node, raised: Val, request: SymVal, statusOf: (v: Val) => number | undefined): Val | undefined {
  if (raised.t === 'phi') {
    const a = handled(ev, node, raised.a, request, statusOf);
    const b = handled(ev, node, raised.b, request, statusOf);
    return a || b ? phi(raised.c, a ?? raised.a, b ?? raised.b) : undefined;
  }
  const fn = handlerFor(ev, node, raised, statusOf);
  if (!fn) return undefined;
  const place: Place = fn.t === 'fn' ? { file: fn.module.file, at: fn.def.at } : node.place;
  const saved = { pc: ev.pc, sink: ev.sink, tries: ev.tries };
  // The request has ended: the handler runs under no condition of its own.
  Object.assign(ev, { pc: TRUE, sink: [], tries: 0 });
  const v = callback(ev, fn, mkArgs([request, exception(raised, statusOf)]), place);
  const dead = ev.dead;
  const exits = ev.sink;
  Object.assign(ev, saved);
  // A handler that raises again: what it raises is the answer.
  if (dead && exits.length === 0) return undefined;
  if (dead) return exits[0]?.val ?? NONE;
  return v;
}

function handlerFor(ev: Ev, node: Node, raised: Val, statusOf: (v: Val) => number | undefined): Val | undefined {
  // The one registered last holds.
  const table = [...node.handlers].reverse();
  const names = ancestry(ev, raised);
  const http = names.some(n => n === HTTP);
  if (http) {
    const status = statusOf(raised);
    const byStatus = table.find(h => status !== undefined && statusKey(h.key) === status);
    if (byStatus) return byStatus.fn;
  }
  for (const n of names) {
    const found = table.find(h => matches(ev, h.key, n));
    if (found) return found.fn;
  }
  if (http || names.includes('fastapi.exceptions.RequestValidationError')) return undefined;
  return table.find(h => statusKey(h.key) === 500 || (h.key.t === 'ext' && /(^|\.)Exception$/.test(h.key.path)))?.fn;
}

const matches = (ev: Ev, key: Val, name: Val | string): boolean => {
  if (key.t === 'late') {
    const x = key.get();
    return x ? matches(ev, x, name) : false;
  }
  if (typeof name === 'string') return key.t === 'ext' && ev.models.canonical(key.path) === name;
  return key === name || (key.t === 'class' && name.t === 'class' && key.id === name.id);
};

/** Classes of what was raised, nearest first: the application's own as values, those of libraries by name. */
function ancestry(ev: Ev, raised: Val): (Val | string)[] {
  const own = raised.t === 'obj' ? raised.cls : raised.t === 'class' ? raised : undefined;
  if (own) return mro(own).flatMap((c): (Val | string)[] => (c.t === 'class' ? [c] : c.t === 'ext' ? library(ev, c.path) : []));
  if (raised.t === 'sym' && raised.path === '@reply') return [HTTP];
  const path = raisedPath(raised);
  return path === undefined ? [] : library(ev, path);
}

function library(ev: Ev, path: string): string[] {
  const p = ev.models.canonical(path);
  const scheme = /^fastapi\.security\.\w+\.missing$/.test(p) ? 'fastapi.HTTPException' : p;
  return scheme === 'fastapi.HTTPException' ? [scheme, HTTP] : [scheme];
}

const statusKey = (v: Val): number | undefined => {
  if (v.t === 'const' && typeof v.v === 'number') return v.v;
  if (v.t === 'ext') {
    const m = /HTTP_(\d{3})_/.exec(v.path);
    return m ? Number(m[1]) : undefined;
  }
  return undefined;
};

/** The raised value as a handler sees it: `status_code`, `detail` and `headers` can be read. */
function exception(raised: Val, statusOf: (v: Val) => number | undefined): Val {
  if (raised.t !== 'call') return raised;
  const store = new Map<string, Val>();
  const status = statusOf(raised);
  if (status !== undefined) store.set('status_code', { t: 'const', v: status, id: 0, p: 0 });
  const detail = raised.args.kw.get('detail') ?? raised.args.pos[1];
  if (detail) store.set('detail', detail);
  store.set('headers', raised.args.kw.get('headers') ?? NONE);
  return sym(raised.name, prov(raised), { path: `${raised.path}()`, present: true, store });
}
