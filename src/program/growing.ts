/** Collections that requests put into: what is in them when one comes is not what the modules left there. */
import type { Expr, FnDef, Pat, Stmt } from '../facts/types.js';
import { walk } from '../facts/walk.js';
import { spend } from './effort.js';
import type { Ev } from './ev.js';
import { sym } from './make.js';
import { type Module, Prov, type Val } from './values.js';

/** So deep collections are looked for inside what modules hold. */
const DEEP = 3;

const PUTS = new Set(['append', 'appendleft', 'add', 'insert', 'extend', 'extendleft', 'update', 'setdefault']);

/** What functions put into that no module has called: variables of their modules, and members and keys of anything by their names. */
interface Growing {
  variables: Set<Val>;
  members: Set<string>;
}

/** Takes such collections (`todos = []`, `self.seen = set()`) to hold more than is known. To be called once, after the modules ran. */
export function grow(ev: Ev): void {
  const { variables, members } = growing(ev);
  const seen = new Set<Val>();
  const open = (name: string, v: Val): void => {
    if (v.t === 'map' || (v.t === 'seq' && v.kind !== 'tuple')) v.rest ??= sym(name, Prov.State);
  };
  const within = (named: Iterable<[string, Val]>, depth: number): void => {
    for (const [name, x] of named) {
      if (members.has(name)) open(name, x);
      visit(x, depth + 1);
    }
  };
  const visit = (v: Val, depth: number): void => {
    if (seen.has(v) || depth > DEEP) return;
    seen.add(v);
    if (v.t === 'obj') within(v.fields, depth);
    else if (v.t === 'class') within(v.members, depth);
    else if (v.t === 'map') within(v.entries, depth);
  };
  for (const m of ev.program.modules)
    for (const [name, v] of m.scope.vars) {
      if (variables.has(v)) open(name, v);
      visit(v, 0);
    }
}

function growing(ev: Ev): Growing {
  const out: Growing = { variables: new Set(), members: new Set() };
  for (const m of ev.program.modules)
    walk(m.body, n => {
      spend(1);
      if (n.s === 'fn') {
        const def = n.fn as unknown as FnDef;
        if (!ev.called.has(def)) inside(m, def, out);
      }
      return true;
    });
  return out;
}

function inside(m: Module, def: FnDef, out: Growing): void {
  const own = new Set(def.params.flatMap(p => namesIn(p.pat)));
  const global = new Set<string>();
  const rebound: string[] = [];
  const into: Expr[] = [];
  walk(def.body, n => {
    const s = n as unknown as Stmt;
    if (s.s === 'fn') return false;
    if (s.s === 'scope') for (const x of s.names) global.add(x);
    if (s.s === 'assign')
      for (const t of s.targets) {
        if (t.p === 'target' && t.expr.k === 'index') into.push(t.expr.of);
        else if (t.p === 'target' && t.expr.k === 'member') into.push(t.expr);
        else rebound.push(...namesIn(t));
      }
    const e = n as unknown as Expr;
    if (e.k === 'call' && e.fn.k === 'member' && PUTS.has(e.fn.name)) into.push(e.fn.of);
    return true;
  });
  const variable = (name: string): void => {
    const v = m.scope.vars.get(name);
    const held = v?.t === 'late' ? v.get() : v;
    if (held) out.variables.add(held);
  };
  for (const name of rebound) if (global.has(name)) variable(name);
  const local = new Set([...own, ...rebound.filter(x => !global.has(x))]);
  for (const e of into)
    if (e.k === 'name' && !local.has(e.id)) variable(e.id);
    else if (e.k === 'member') out.members.add(e.name);
    else if (e.k === 'index' && e.index.k === 'lit' && typeof e.index.v === 'string') out.members.add(e.index.v);
}

const namesIn = (p: Pat): string[] => (p.p === 'bind' ? [p.name] : []);
