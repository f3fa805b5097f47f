/** Brings a program to the point where its endpoints can be asked for: modules executed, items and impls linked. */
import { at, type FnDef } from '../facts/types.js';
import { walk } from '../facts/walk.js';
import { callFunction } from './calls.js';
import { instantiate } from './classes.js';
import { within } from './effort.js';
import type { Ev } from './ev.js';
import { expander, expandItems } from './expand.js';
import type { Place } from './formula.js';
import { args as mkArgs, NONE, sym } from './make.js';
import { runModule } from './python.js';
import { copyOf } from './python-namespaces.js';
import { tyOfAnnotation } from './python-types.js';
import { settle, unsettle } from './python-state.js';
import { defineItems, linkImpls } from './rust.js';
import { type CallArgs, type Cls, type FnVal, Prov, type Val } from './values.js';

/** So much may it cost to bring all items of a Rust program to life. */
const LINK = 30_000_000;

/** So much a function that is called because nobody else does. */
const CALLED = 10_000_000;

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
  for (const m of ev.program.modules) if (copyOf(ev, m) === undefined) runModule(ev, m);
  unsettle(ev);
}

/**
 * Calls functions of a Python program that nobody has called and whose bodies mention one of `names`: application factories
 * and registrars (`def create_app()`, `def init_app(app)`), whose caller is a server or a command line. Methods are called on
 * an instance that is made for them, where nobody has made one.
 * @param called the API path of what a parameter of some name stands for, where it has no type
 */
export function runUncalled(ev: Ev, names: ReadonlySet<string>, called: Called = () => undefined): void {
  for (let round = 0; round < 3; round++) {
    const pending: FnVal[] = [];
    const owners: Cls[] = [];
    for (const m of ev.program.modules)
      for (const v of m.scope.vars.values()) {
        if (v.t === 'fn' && v.module === m && !ev.called.has(v.def) && mentions(v.def, names)) pending.push(v);
        if (v.t === 'class' && v.module === m && methodsOf(ev, v, names).length > 0) owners.push(v);
      }
    if (pending.length === 0 && owners.length === 0) return;
    // Factories first: what they call is then no longer uncalled.
    pending.sort((a, b) => required(a.def) - required(b.def));
    for (const fn of pending) if (!ev.called.has(fn.def)) start(ev, fn, called);
    for (const cls of owners) {
      if (methodsOf(ev, cls, names).length === 0) continue;
      const made = cls.members.get('__init__') ?? cls.members.get('__new__');
      let self: Val = NONE;
      alone(ev, cls.place, () => {
        self = instantiate(ev, cls, made?.t === 'fn' ? parametersOf(ev, made, true, called) : mkArgs(), cls.place);
      });
      for (const fn of methodsOf(ev, cls, names)) {
        if (ev.called.has(fn.def)) continue;
        start(ev, fn.role === 'static' ? fn : { ...fn, self: fn.role === 'class' ? cls : self }, called);
      }
    }
  }
}

type Called = (name: string) => string | undefined;

/** Names of the functions at the top of modules that mention one of `names`: who calls them registers something. */
export function registrars(ev: Ev, names: ReadonlySet<string>): Set<string> {
  const out = new Set<string>();
  for (const m of ev.program.modules)
    for (const [name, v] of m.scope.vars)
      if (v.t === 'fn' && v.module === m && v.def.name === name && mentions(v.def, names)) out.add(name);
  return out;
}

/** The methods that `cls` itself defines, that mention one of `names`, and that nobody has called. */
function methodsOf(ev: Ev, cls: Cls, names: ReadonlySet<string>): FnVal[] {
  return [...cls.scope.vars.values()].filter(
    (v): v is FnVal => v.t === 'fn' && v.owner === cls && v.role !== 'property' && !ev.called.has(v.def) && mentions(v.def, names),
  );
}

function start(ev: Ev, fn: FnVal, called: Called): void {
  alone(ev, { file: fn.module.file, at: fn.def.at }, place => {
    const v = callFunction(ev, fn, parametersOf(ev, fn, fn.self !== undefined, called), place);
    if (v.t === 'coro') v.run();
  });
}

function alone(ev: Ev, place: Place, fn: (place: Place) => void): void {
  ev.reset();
  within(
    CALLED,
    () => fn(place),
    () => ev.gap('too-deep', 'what this starts reached the bound of the evaluation', place),
  );
  ev.reset();
  settle(ev);
}

/** A symbolic argument for every parameter that must be given; the first of a method is not. */
function parametersOf(ev: Ev, fn: FnVal, method: boolean, called: Called): CallArgs {
  return mkArgs(
    fn.def.params
      .slice(method && fn.role !== 'static' ? 1 : 0)
      .filter(p => p.default === undefined && p.kind !== 'star' && p.kind !== 'starstar')
      .map(p => parameter(ev, fn, p, called)),
  );
}

function parameter(ev: Ev, fn: FnVal, p: FnDef['params'][number], called: Called): Val {
  const name = p.pat.p === 'bind' ? p.pat.name : 'parameter';
  if (!p.ann) {
    const path = called(name);
    return sym(name, Prov.None, path === undefined ? {} : { path });
  }
  const ty = tyOfAnnotation(ev, p.ann, fn.scope);
  return sym(name, Prov.None, ty ? { ty } : {});
}

const required = (d: FnDef): number => d.params.filter(p => p.default === undefined && p.kind !== 'star' && p.kind !== 'starstar').length;

/** Does the text of the body name one of `names`? A cheap look at names and members, not at what they mean. */
function mentions(d: FnDef, names: ReadonlySet<string>): boolean {
  let found = false;
  walk(d.body, n => {
    found ||= (n.k === 'name' || n.k === 'member') && names.has((n.k === 'name' ? n.id : n.name) ?? '');
    return !found;
  });
  return found;
}
