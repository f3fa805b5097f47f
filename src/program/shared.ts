/** Objects that outlive a request: what methods write to them later is not known from what their constructors put there. */
import type { FnDef, Stmt } from '../facts/types.js';
import { walk } from '../facts/walk.js';
import type { Ev } from './ev.js';
import { sym } from './make.js';
import { Prov, type Val } from './values.js';

/** So deep objects are looked for inside the objects that modules hold. */
const DEEP = 3;

/**
 * A field that is empty where its object was made and that some function fills in (`self.ready = False`, set by `connect()`)
 * becomes state: nobody knows what it is when a request comes. To be called once, after the modules ran.
 */
export function release(ev: Ev): void {
  const written = attributesWritten(ev);
  const seen = new Set<Val>();
  const visit = (v: Val, depth: number): void => {
    if (v.t !== 'obj' || seen.has(v) || depth > DEEP) return;
    seen.add(v);
    for (const [name, x] of v.fields) {
      if (x.t === 'const' && !x.v && written.has(name)) v.fields.set(name, state(name, x));
      else visit(x, depth + 1);
    }
  };
  for (const m of ev.program.modules) for (const v of m.scope.vars.values()) visit(v, 0);
}

const state = (name: string, first: Val): Val => sym(name, Prov.State, { store: new Map([['@default', first]]) });

/** Names of the attributes that functions other than constructors assign, unless no code can call these. */
function attributesWritten(ev: Ev): Set<string> {
  const out = new Set<string>();
  const used = namesUsed(ev);
  const runs = (f: FnDef): boolean =>
    !/^__(init|new|post_init)__$/.test(f.name) && (f.marks.length > 0 || f.name.startsWith('__') || used.has(f.name));
  const visit = (body: readonly Stmt[], inside: boolean): void => {
    for (const s of body) {
      if (s.s === 'fn') visit(s.fn.body, runs(s.fn));
      else if (s.s === 'assign') {
        for (const t of s.targets) if (inside && t.p === 'target' && t.expr.k === 'member') out.add(t.expr.name);
      } else for (const inner of blocksOf(s)) visit(inner, inside);
    }
  };
  for (const m of ev.program.modules) visit(m.body, false);
  return out;
}

/** All names of variables and members that some expression of the program reads. */
function namesUsed(ev: Ev): Set<string> {
  const out = new Set<string>();
  for (const m of ev.program.modules)
    walk(m.body, n => {
      const name = n.k === 'name' ? n.id : n.k === 'member' ? n.name : undefined;
      if (name !== undefined) out.add(name);
      return n.k !== 'lit';
    });
  return out;
}

function blocksOf(s: Stmt): readonly Stmt[][] {
  switch (s.s) {
    case 'if':
      return [s.then, s.else];
    case 'while':
    case 'for':
      return [s.body, s.else];
    case 'try':
      return [s.body, ...s.handlers.map(h => h.body), s.else, s.finally];
    case 'with':
    case 'class':
      return [s.body];
    default:
      return [];
  }
}
