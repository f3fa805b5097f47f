/** Brings a program to the point where its endpoints can be asked for: modules executed, items and impls linked. */
import { at, type FnDef, type Stmt } from '../facts/types.js';
import { callFunction } from './calls.js';
import { within } from './effort.js';
import type { Ev } from './ev.js';
import { expander, expandItems } from './expand.js';
import { TRUE } from './formula.js';
import { sym } from './make.js';
import { runModule, tyOfAnnotation } from './python.js';
import { defineItems, linkImpls } from './rust.js';
import { type FnVal, Prov, type Val } from './values.js';

/** So much may it cost to bring all items of a Rust program to life. */
const LINK = 30_000_000;

export function link(ev: Ev): void {
  if (ev.program.language === 'rust') {
    const bounded = (fn: () => void): void =>
      within(LINK, fn, () => ev.gap('too-deep', 'the items of the program reached the bound of the evaluation', { file: 0, at: at(1, 1) }));
    for (const m of ev.program.modules) bounded(() => defineItems(ev, m.body, m.scope));
    ev.program.expand = expander;
    bounded(() => expandItems(ev));
    bounded(() => linkImpls(ev));
    return;
  }
  for (const m of ev.program.modules) runModule(ev, m);
}

/**
 * Calls functions of a Python program that nobody has called and whose bodies mention one of `names`: application factories
 * and registrars (`def create_app()`, `def init_app(app)`), whose caller is a server or a command line.
 */
export function runUncalled(ev: Ev, names: ReadonlySet<string>): void {
  for (let round = 0; round < 3; round++) {
    const pending: FnVal[] = [];
    for (const m of ev.program.modules)
      for (const v of m.scope.vars.values())
        if (v.t === 'fn' && v.module === m && !ev.called.has(v.def) && mentions(v.def, names)) pending.push(v);
    // Factories first: what they call is then no longer uncalled.
    pending.sort((a, b) => required(a.def) - required(b.def));
    const next = pending[0];
    if (!next) return;
    for (const fn of pending) {
      if (ev.called.has(fn.def)) continue;
      ev.pc = TRUE;
      ev.sink = [];
      ev.frame = undefined;
      const v = callFunction(
        ev,
        fn,
        {
          pos: fn.def.params
            .filter(p => p.default === undefined && p.kind !== 'star' && p.kind !== 'starstar')
            .map(p => parameter(ev, fn, p)),
          kw: new Map(),
        },
        { file: fn.module.file, at: fn.def.at },
      );
      if (v.t === 'coro') v.run();
    }
  }
}

function parameter(ev: Ev, fn: FnVal, p: FnDef['params'][number]): Val {
  const ty = p.ann ? tyOfAnnotation(ev, p.ann, fn.scope) : undefined;
  return sym(p.pat.p === 'bind' ? p.pat.name : 'parameter', Prov.None, ty ? { ty } : {});
}

const required = (d: FnDef): number => d.params.filter(p => p.default === undefined && p.kind !== 'star' && p.kind !== 'starstar').length;

/** Does the text of the body name one of `names`? A cheap look at names and members, not at what they mean. */
function mentions(d: FnDef, names: ReadonlySet<string>): boolean {
  let found = false;
  const visit = (x: unknown): void => {
    if (found || x === null || typeof x !== 'object') return;
    if (Array.isArray(x)) {
      for (const y of x) visit(y);
      return;
    }
    const n = x as { k?: string; s?: string; id?: string; name?: string };
    if ((n.k === 'name' && n.id !== undefined && names.has(n.id)) || (n.k === 'member' && n.name !== undefined && names.has(n.name))) {
      found = true;
      return;
    }
    for (const y of Object.values(x)) visit(y);
  };
  visit(d.body satisfies Stmt[]);
  return found;
}
