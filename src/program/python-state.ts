/**
 * Names that hold nothing when the modules have run, and something once the application has started: `pool = None`, which a hook of
 * the server fills. What they are when a request comes is not what stands beside their definition.
 */
import { leavesOf } from './alternatives.js';
import type { Expr, FnDef, Stmt } from '../facts/types.js';
import { spend } from './effort.js';
import type { Ev } from './ev.js';
import { sym } from './make.js';
import { importInto } from './python.js';
import { tyOfAnnotation } from './python-types.js';
import { type Cls, type Module, Prov, type Scope, type SymVal, type Ty, type Val } from './values.js';

/** An assignment in a function to a name of a module, to a member of a class or under a key of a dict of a module. */
interface Written {
  store: Map<string, Val>;
  name: string;
  by: FnDef;
  value: Expr | undefined;
  module: Module;
  /** The class that has the member. */
  cls: Cls | undefined;
  /** It need not be there before it is filled: a key, a name that only `global` declares. */
  open?: true;
  /** The name is a key of a dict. */
  key?: true;
}

const empty = (v: Val | undefined): boolean => v?.t === 'const' && (v.v === null || v.v === false);

/** Such names as were imported before they were filled, with the assignments that fill them. */
const early = new WeakMap<Ev, Map<SymVal, Written[]>>();

/** Makes such names unknown, once all modules have run. */
export function unsettle(ev: Ev): void {
  for (const f of filledLater(ev, ev.program.modules.flatMap(writtenIn))) f.store.set(f.name, sym(f.name, Prov.State, typed(ev, f.by)));
  for (const [v, ws] of early.get(ev) ?? []) Object.assign(v, typed(ev, ws));
}

/** So many alternatives a name of a module keeps that functions fill, where they hold no code. */
const KEPT = 12;

/**
 * A name that functions fill when they find it empty (`if not config: load()`), asked by one module after the other: where it is not
 * known whether it is, each call adds an alternative, and a condition about all of those before. Of many only the type is kept.
 */
export function settle(ev: Ev): void {
  for (const [store, names] of ev.refilled)
    for (const name of names) {
      const v = store.get(name);
      const all = v?.t === 'phi' ? leavesOf(v) : [];
      if (all.length <= KEPT || all.some(x => x.t === 'fn' || x.t === 'class' || x.t === 'module' || x.t === 'native' || x.t === 'coro'))
        continue;
      const [cls, ...others] = new Set(all.flatMap(x => (x.t === 'obj' ? [x.cls] : [])));
      if (others.length > 0) continue;
      ev.journal.apart(() => ev.write(store, name, sym(name, Prov.State, cls ? { ty: { path: cls.name, cls, args: [] } } : {})));
    }
}

/**
 * What `name` of `m` is to a module that imports it. When the application runs, it is imported after the functions that fill it were
 * called; in the order in which modules are read here, nothing would be copied.
 */
export function imported(ev: Ev, m: Module, name: string): Val | undefined {
  const found = m.scope.vars.get(name);
  if (found ? !empty(found) && found.t !== 'map' : m.state !== 'done') return found;
  const all = writtenIn(m).filter(w => (found?.t === 'map' ? w.store === found.entries : w.store === m.scope.vars && w.name === name));
  for (const f of filledLater(ev, all)) {
    const v = sym(f.name, Prov.State);
    f.store.set(f.name, v);
    // The classes that are called may still have to be read.
    const known = early.get(ev) ?? new Map<SymVal, Written[]>();
    early.set(ev, known.set(v, f.by));
  }
  return m.scope.vars.get(name);
}

/**
 * The names that hold nothing, and that functions fill which nobody has called. Where one of them asks for it first, it fills it when
 * it is needed: it stays as it is.
 */
function filledLater(ev: Ev, all: readonly Written[]): { store: Map<string, Val>; name: string; by: Written[] }[] {
  // Who is handed what it keeps does not make it when it is needed, even where it asks whether it has been called before.
  const setters = new Set(all.filter(isHanded).map(w => w.by));
  const byStore = new Map<Map<string, Val>, Map<string, Written[]>>();
  for (const w of all) {
    const held = w.store.get(w.name);
    if (held ? !empty(held) : !w.open) continue;
    let names = byStore.get(w.store);
    if (!names) byStore.set(w.store, (names = new Map()));
    const list = names.get(w.name);
    if (list) list.push(w);
    else names.set(w.name, [w]);
  }
  const left = (ws: readonly Written[]): boolean =>
    !ws.every(w => nothing(w.value)) && !ws.some(w => ev.called.has(w.by) || (!setters.has(w.by) && asks(w)));
  return [...byStore].flatMap(([store, names]) => [...names].filter(([, ws]) => left(ws)).map(([name, by]) => ({ store, name, by })));
}

const typed = (ev: Ev, ws: readonly Written[]): { ty?: Ty } => {
  const ty = ws.map(w => typeOf(ev, w)).find(t => t !== undefined);
  return ty ? { ty } : {};
};

/** What `name` is where the function itself imports it. */
function importedBy(ev: Ev, w: Written, name: string): Val | undefined {
  for (const s of w.by.body) {
    if (s.s !== 'import' || !s.names?.some(n => (n.as ?? n.name) === name)) continue;
    const scope: Scope = { vars: new Map(), parent: w.module.scope, module: w.module, kind: 'function' };
    importInto(ev, s, scope);
    const v = scope.vars.get(name);
    return v?.t === 'late' ? v.get() : v;
  }
  return undefined;
}

const isHanded = (w: Written): boolean => {
  const { value } = w;
  return value?.k === 'name' && w.by.params.some(p => p.pat.p === 'bind' && p.pat.name === value.id);
};

const nothing = (e: Expr | undefined): boolean => e?.k === 'lit' && (e.v === null || e.v === false);

/** The assignments in the functions of a module. */
function writtenIn(m: Module): Written[] {
  const out: Written[] = [];
  statements(m, m.body, undefined, undefined, new Set(), out);
  return out;
}

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
  const put = (store: Map<string, Val>, name: string, more: { cls?: Cls; open?: true; key?: true }): void => {
    out.push({ store, name, by, value, module: m, cls: undefined, ...more });
  };
  if (t.p === 'bind' && globals.has(t.name)) put(m.scope.vars, t.name, { open: true });
  if (t.p !== 'target' || (t.expr.k !== 'member' && t.expr.k !== 'index') || t.expr.of.k !== 'name') return;
  const { id } = t.expr.of;
  const of = id === 'cls' && cls ? cls : held(m, id);
  if (t.expr.k === 'index') {
    const { index } = t.expr;
    const own =
      by.params.some(p => p.pat.p === 'bind' && p.pat.name === id) ||
      (!globals.has(id) && by.body.some(s => s.s === 'assign' && s.targets.some(x => x.p === 'bind' && x.name === id)));
    if (of?.t === 'map' && !own && index.k === 'lit' && typeof index.v === 'string') put(of.entries, index.v, { open: true, key: true });
  } else if (of?.t === 'class') put(of.members, t.expr.name, { cls: of });
  else if (of?.t === 'module') put(of.module.scope.vars, t.expr.name, {});
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
    const n = x as { k?: string; p?: string; id?: string; name?: string; v?: unknown; expr?: { k?: string; name?: string; index?: Expr } };
    if (n.p === 'target' && n.expr?.k === 'member' && n.expr.name === w.name) return;
    if (n.p === 'target' && n.expr?.k === 'index' && n.expr.index?.k === 'lit' && n.expr.index.v === w.name) return;
    if ((n.k === 'name' && n.id === w.name) || (n.k === 'member' && n.name === w.name)) reads++;
    // A key that is asked for, wherever: it is filled when it is needed.
    if (n.k === 'lit' && n.v === w.name && w.key) reads++;
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
  const called = w.value?.k === 'call' && w.value.fn.k === 'name' ? w.value.fn.id : undefined;
  const made = called === undefined ? undefined : (importedBy(ev, w, called) ?? held(w.module, called));
  if (made?.t === 'class') return { path: made.name, cls: made, args: [] };
  return made?.t === 'ext' ? { path: made.path, args: [] } : undefined;
}
