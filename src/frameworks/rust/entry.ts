/** Where a Rust program starts, and what it builds on the way: every `main`, and what it spawns. */
import { callback } from '../../program/calls.js';
import { within } from '../../program/effort.js';
import { type Ev, type Exit, quietly } from '../../program/ev.js';
import { type Atom, last, literals } from '../../program/formula.js';
import { args as mkArgs, prov } from '../../program/make.js';
import { tyOf } from '../../program/rust.js';
import { type CallVal, type FnVal, Prov, type Scope, type Ty, type Val } from '../../program/values.js';
import type { FnDef, TypeRef } from '../../facts/types.js';
import { bounds } from './leads.js';
import { unreached } from './unreached.js';

export interface Started {
  /** Library calls that starting made, in order. */
  events: CallVal[];
  /** What the `main`s gave back (a router, on hosting platforms). */
  values: Val[];
  /** What functions gave back that no `main` was seen to reach. */
  apart: Val[];
}

const memo = new WeakMap<Ev, Started>();

/** Evaluates every `main` once; both adapters read the result. */
export function start(ev: Ev): Started {
  const known = memo.get(ev);
  if (known) return known;
  const out: Started = { events: [], values: [], apart: [] };
  memo.set(ev, out);
  const from = ev.events.length;
  const most = bounds(ev);
  for (const m of ev.program.modules) {
    if (m.parent) continue;
    const main = m.scope.vars.get('main');
    if (main?.t === 'fn') enter(ev, main, out.values, most);
  }
  const tried = new Set<FnDef>();
  for (let fn = unreached(ev, tried); fn && tried.size < MOST; fn = unreached(ev, tried)) {
    tried.add(fn.def);
    enter(ev, fn, out.apart, most);
  }
  out.events = ev.events.slice(from);
  return out;
}

/** So many entries are tried besides `main`. */
const MOST = 12;
/** So much may be spent on one entry: what it built until then is read. */
const ENTRY = 6_000_000;

/** Evaluates an entry, and what it hands to others to run. */
function enter(ev: Ev, fn: FnVal, values: Val[], most: Ev['aside']): void {
  const from = ev.events.length;
  const place = { file: fn.module.file, at: fn.def.at };
  const cut = (): void => ev.gap('too-deep', `what \`${fn.def.name}\` starts reached the bound of the evaluation`, place);
  const done = new Set<Val>();
  const main = (): void => {
    values.push(evaluateQuietly(ev, fn));
    if (fn.def.name === 'main') needed(ev, ev.last?.exits ?? []);
  };
  for (const run of [main, () => runHandedOver(ev, from, done)]) {
    ev.aside = most;
    // A task runs where it is made: the variables of a loop that it takes with it are not there any more afterwards.
    ev.spawned = c => {
      if (/^spawn/.test(c.name)) runTasks(ev, c, done);
    };
    within(ENTRY, run, cut);
    ev.aside = undefined;
    ev.spawned = undefined;
  }
}

/** The settings that `main` ends without, where it has come so far because nothing before has ended it. */
function needed(ev: Ev, exits: readonly Exit[]): void {
  const past = new Map<Atom, boolean>();
  for (const e of exits) {
    const by = last(e.cond);
    const atom = by.f === 'not' ? by.x : by;
    if (atom.f !== 'atom' || !(e.kind === 'panic' || e.propagated)) continue;
    const [v] = atom.args;
    const always = [...literals(e.cond)].every(([a, holds]) => a === atom || past.get(a) === holds);
    if (always && v && atom.kind === 'fails' && by === atom && prov(v) === Prov.Setting) ev.required.add(v);
    past.set(atom, by !== atom);
  }
}

/** Calls `fn` with unknown arguments, outside of any request. */
export const evaluateQuietly = (ev: Ev, fn: FnVal): Val =>
  quietly(ev, () => callback(ev, fn, mkArgs(), { file: fn.module.file, at: fn.def.at }));

/** Futures and closures that were handed to a runtime or a thread run, too. */
function runHandedOver(ev: Ev, from: number, done: Set<Val>): void {
  for (let i = from; i < ev.events.length && i < from + 20_000; i++) runTasks(ev, ev.events[i] as CallVal, done);
}

function runTasks(ev: Ev, e: CallVal, done: Set<Val>): void {
  for (const a of e.args.pos.flatMap(x => (x.t === 'seq' ? x.items : [x]))) {
    if (done.has(a)) continue;
    done.add(a);
    if (a.t === 'coro' && !a.state.ran) quietly(ev, () => a.run());
    else if (
      a.t === 'fn' &&
      a.def.kind === 'closure' &&
      /^(spawn|spawn_blocking|block_on|run|bind|bind_uds|listen|scope|enter|with|call_once|build|then|serve|test|run_until)$/.test(e.name)
    )
      quietly(ev, () => callback(ev, a, mkArgs(), e.place));
  }
}

/** Functions of the application whose result type `wanted` accepts, with the value that each gives when it is called. */
export function makers(ev: Ev, wanted: (t: Ty) => boolean): { fn: FnVal; value: Val }[] {
  const all: FnVal[] = [];
  const seen = new Set<FnDef>();
  const add = (v: Val): void => {
    if (v.t !== 'fn' || seen.has(v.def) || !v.def.ret) return;
    seen.add(v.def);
    if (mentions(ev, v.def.ret, v.scope, wanted)) all.push(v);
  };
  for (const m of ev.program.modules)
    for (const v of m.scope.vars.values()) {
      add(v);
      if (v.t === 'class') {
        for (const x of v.members.values()) add(x);
        for (const i of v.impls) for (const x of i.members.values()) add(x);
      }
    }
  const outer = ev.called;
  const inner = new Set<FnDef>();
  const made = all.map(fn => {
    ev.called = new Set();
    const value = evaluateQuietly(ev, fn);
    for (const d of ev.called) if (d !== fn.def) inner.add(d);
    return { fn, value };
  });
  ev.called = outer;
  // What another one of them calls is a part of that.
  return made.filter(m => !inner.has(m.fn.def) && !outer.has(m.fn.def));
}

function mentions(ev: Ev, r: TypeRef, scope: Scope, wanted: (t: Ty) => boolean): boolean {
  const t = tyOf(ev, r, scope);
  const any = (x: Ty, depth: number): boolean =>
    wanted(x) || (depth < 4 && !x.cls && [...x.args, ...(x.bounds ?? [])].some(y => any(y, depth + 1)));
  return any(t, 0);
}
