/**
 * Names that hold nothing when the modules have run, and something once the application has started: `pool = None`, which a hook of
 * the server fills. What they are when a request comes is not what stands beside their definition.
 */
import type { Expr, FnDef, Stmt } from '../facts/types.js';
import { spend } from './effort.js';
import type { Ev } from './ev.js';
import { sym } from './make.js';
import { tyOfAnnotation } from './python-types.js';
import { type Cls, type Module, Prov, type Ty, type Val } from './values.js';

/** An assignment in a function to a name of a module or to a member of a class. */
interface Written {
  store: Map<string, Val>;
  name: string;
  by: FnDef;
  value: Expr | undefined;
  module: Module;
  /** The class that has the member. */
  cls: Cls | undefined;
}

const empty = (v: Val | undefined): boolean => v?.t === 'const' && (v.v === null || v.v === false);

/** Makes such names unknown. Where the function that fills one asks for it first, it fills it when it is needed: it stays as it is. */
export function unsettle(ev: Ev): void {
  const all: Written[] = [];
  for (const m of ev.program.modules) statements(m, m.body, undefined, undefined, new Set(), all);
  // Who is handed what it keeps does not make it when it is needed, even where it asks whether it has been called before.
  const setters = new Set(all.filter(isHanded).map(w => w.by));
  const byStore = new Map<Map<string, Val>, Map<string, Written[]>>();
  for (const w of all) {
    if (!empty(w.store.get(w.name))) continue;
    let names = byStore.get(w.store);
    if (!names) byStore.set(w.store, (names = new Map()));
    const list = names.get(w.name);
    if (list) list.push(w);
    else names.set(w.name, [w]);
  }
  for (const [store, names] of byStore)
    for (const [name, ws] of names) {
      if (ws.every(w => nothing(w.value)) || ws.some(w => ev.called.has(w.by) || (!setters.has(w.by) && asks(w)))) continue;
      const ty = ws.map(w => typeOf(ev, w)).find(t => t !== undefined);
      store.set(name, sym(name, Prov.State, ty ? { ty } : {}));
    }
}

const isHanded = (w: Written): boolean => {
  const { value } = w;
  return value?.k === 'name' && w.by.params.some(p => p.pat.p === 'bind' && p.pat.name === value.id);
};

const nothing = (e: Expr | undefined): boolean => e?.k === 'lit' && (e.v === null || e.v === false);

function statements(
  m: Module,
  body: readonly Stmt[],
  cls: Cls | undefined,
  fn: FnDef | undefined,
  globals: Set<string>,
  out: Written[],
): void {
  for (const s of body) {
    spend(1);
    switch (s.s) {
      case 'class': {
        const own = fn ? undefined : held(m, s.name);
        statements(m, s.body, own?.t === 'class' ? own : undefined, undefined, new Set(), out);
        break;
      }
      case 'fn':
        statements(m, s.fn.body, cls, s.fn, new Set(), out);
        break;
      case 'scope':
        if (s.of === 'global') for (const n of s.names) globals.add(n);
        break;
      case 'assign':
        if (fn) for (const t of s.targets) written(m, t, s.value, cls, fn, globals, out);
        break;
      case 'if':
        statements(m, s.then, cls, fn, globals, out);
        statements(m, s.else, cls, fn, globals, out);
        break;
      case 'with':
      case 'for':
      case 'while':
        statements(m, s.body, cls, fn, globals, out);
        break;
      case 'try':
        statements(m, s.body, cls, fn, globals, out);
        for (const h of s.handlers) statements(m, h.body, cls, fn, globals, out);
        statements(m, s.else, cls, fn, globals, out);
        break;
      default:
        break;
    }
  }
}

type Target = (Stmt & { s: 'assign' })['targets'][number];

function written(
  m: Module,
  t: Target,
  value: Expr | undefined,
  cls: Cls | undefined,
  by: FnDef,
  globals: Set<string>,
  out: Written[],
): void {
  if (t.p === 'bind' && globals.has(t.name)) out.push({ store: m.scope.vars, name: t.name, by, value, module: m, cls: undefined });
  if (t.p !== 'target' || t.expr.k !== 'member' || t.expr.of.k !== 'name') return;
  const of = t.expr.of.id === 'cls' && cls ? cls : held(m, t.expr.of.id);
  if (of?.t === 'class') out.push({ store: of.members, name: t.expr.name, by, value, module: m, cls: of });
  else if (of?.t === 'module') out.push({ store: of.module.scope.vars, name: t.expr.name, by, value, module: m, cls: undefined });
}

const held = (m: Module, name: string): Val | undefined => {
  const v = m.scope.vars.get(name);
  return v?.t === 'late' ? v.get() : v;
};

/** Does the function that writes the name ask for it as well? */
function asks(w: Written): boolean {
  let reads = 0;
  const visit = (x: unknown): void => {
    if (x === null || typeof x !== 'object') return;
    spend(1);
    if (Array.isArray(x)) {
      for (const y of x) visit(y);
      return;
    }
    const n = x as { k?: string; p?: string; id?: string; name?: string; expr?: { k?: string; name?: string } };
    if (n.p === 'target' && n.expr?.k === 'member' && n.expr.name === w.name) return;
    if ((n.k === 'name' && n.id === w.name) || (n.k === 'member' && n.name === w.name)) reads++;
    for (const y of Object.values(x)) visit(y);
  };
  visit(w.by.body);
  return reads > 0;
}

/** What the value is, as far as it is declared: by the member, by a parameter that is kept, or by the class that is called. */
function typeOf(ev: Ev, w: Written): Ty | undefined {
  const declared = w.cls?.annotations?.get(w.name);
  if (declared && w.cls) return tyOfAnnotation(ev, declared.ann, w.cls.scope);
  if (w.value?.k === 'name') {
    const { id } = w.value;
    const p = w.by.params.find(x => x.pat.p === 'bind' && x.pat.name === id);
    return p?.ann ? tyOfAnnotation(ev, p.ann, w.module.scope) : undefined;
  }
  const made = w.value?.k === 'call' && w.value.fn.k === 'name' ? held(w.module, w.value.fn.id) : undefined;
  if (made?.t === 'class') return { path: made.name, cls: made, args: [] };
  return made?.t === 'ext' ? { path: made.path, args: [] } : undefined;
}
