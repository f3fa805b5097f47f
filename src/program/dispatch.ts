/**
 * Methods whose receiver is chosen when the program runs: a plugin out of a registry, a strategy out of the settings. What the
 * code can do is what the classes of the application do that have such a method; which of them it is stays open.
 */
import type { FnDef, Param, Stmt } from '../facts/types.js';
import { callFunction, external } from './calls.js';
import { isSubclass, libraryBases } from './classes.js';
import type { Ev } from './ev.js';
import type { Atom, Place } from './formula.js';
import { atom, obj, prov, sym } from './make.js';
import type { Program } from './program.js';
import { type CallArgs, type Cls, type FnVal, Prov, type Val } from './values.js';

/** So many classes are tried; a name that more have says nothing. */
const CHOICES = 8;

interface Choice {
  cls: Cls;
  fn: FnVal;
}

/** Does `a` ask which class was chosen? */
export const isChoice = (a: Atom): boolean => a.kind === 'flag' && a.name !== undefined;

const tables = new WeakMap<Program, Map<string, Choice[]>>();

/** The methods of all classes at the top of the application's Python modules, by name; abstract ones are none. */
function table(p: Program): Map<string, Choice[]> {
  let t = tables.get(p);
  if (t) return t;
  tables.set(p, (t = new Map()));
  for (const m of p.modules)
    for (const cls of m.scope.vars.values()) {
      if (cls.t !== 'class' || cls.module !== m) continue;
      for (const [name, fn] of cls.members)
        if (fn.t === 'fn' && fn.owner === cls && !isAbstract(fn.def)) t.set(name, [...(t.get(name) ?? []), { cls, fn }]);
    }
  return t;
}

const isAbstract = (def: FnDef): boolean => def.value === undefined && def.body.every(isNothing);

const isNothing = (s: Stmt): boolean =>
  s.s === 'pass' || (s.s === 'expr' && (s.expr.k === 'lit' || (s.expr.k === 'name' && s.expr.id === 'Ellipsis'))) || isUnimplemented(s);

const isUnimplemented = (s: Stmt): boolean =>
  s.s === 'raise' && s.value !== undefined && JSON.stringify(s.value).includes('"NotImplementedError"');

/** Values whose class may be any. */
const UNKNOWN = new Set<Val['t']>(['sym', 'call', 'attr', 'item', 'op', 'unknown']);

/** Where objects come from of which nothing is known: the interpreter itself, or code that is not followed. */
const ANYTHING = /^(\?|builtins\.|importlib\b)/;

const REQUEST = /(^|\.)(Request|HTTPConnection|WebSocket)\(\)$/;
const decides = (v: Val): boolean => (prov(v) & Prov.Credential) !== 0 || (v.t === 'sym' && REQUEST.test(v.path ?? ''));

/**
 * What `recv.name(..)` gives when nothing is known of `recv`. Only calls that are handed the request or a credential are followed
 * so: those can decide who gets through, and a wrong guess about the others would cost more than it tells.
 */
export function chosen(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  if (!UNKNOWN.has(recv.t) || !ANYTHING.test(ev.program.pathOf(recv) ?? '?') || ![...a.pos, ...a.kw.values()].some(decides))
    return undefined;
  const all = (table(ev.program).get(name) ?? []).filter(c => takes(c.fn, a));
  if (all.length === 0 || all.length > CHOICES) return undefined;
  return anyOf(ev, recv, all, c => obj(c, place), a, place);
}

/** Can a method be called so? One that has not got such a parameter is another one of that name. */
function takes({ def, wraps, role }: FnVal, a: CallArgs): boolean {
  if (wraps) return true;
  const has = (...kinds: Param['kind'][]): Param[] => def.params.filter(p => kinds.includes(p.kind));
  const named = new Set(has('pos', 'kwonly').map(p => (p.pat.p === 'bind' ? p.pat.name : undefined)));
  const places = has('pos', 'posonly').length - (role === 'static' ? 0 : 1);
  return (has('star').length > 0 || a.pos.length <= places) && (has('starstar').length > 0 || [...a.kw.keys()].every(k => named.has(k)));
}

/**
 * What `recv.name(..)` gives where the declared class of `recv` only says that there is such a method (an abstract base, a protocol):
 * what the classes do that have it.
 */
export function implemented(ev: Ev, recv: Val, declared: FnVal, name: string, a: CallArgs, place: Place): Val | undefined {
  const base = declared.owner;
  if (!base || !UNKNOWN.has(recv.t) || !isAbstract(declared.def)) return undefined;
  const structural = libraryBases(base).some(b => /(^|\.)Protocol$/.test(b));
  const all = (table(ev.program).get(name) ?? []).filter(c => c.cls !== base && (structural || isSubclass(c.cls, base)));
  if (all.length === 0 || all.length > CHOICES) return undefined;
  return anyOf(ev, recv, all, cls => sym(cls.name, Prov.None, { present: true, ty: { path: cls.name, cls, args: [] } }), a, place);
}

/**
 * What a method gives that only says that subclasses have it, called on an object whose class has no other: the object became one of
 * theirs in a way that is not followed (`self.__class__ = ..`, a class made by `type`). Undefined where the method is what runs.
 */
export function specialised(ev: Ev, fn: FnVal, a: CallArgs, place: Place): Val | undefined {
  const { self, owner, def } = fn;
  if (self?.t !== 'obj' || !owner || !def.body.some(isUnimplemented) || !isAbstract(def)) return undefined;
  const own = self.cls.members.get(def.name);
  if (own?.t !== 'fn' || own.def !== def) return undefined;
  const all = (table(ev.program).get(def.name) ?? []).filter(c => c.cls !== owner && isSubclass(c.cls, self.cls));
  if (all.length > 0 && all.length <= CHOICES && [...a.pos, ...a.kw.values()].some(decides))
    return anyOf(ev, self, all, () => self, a, place);
  // A request that nobody serves fails; an application that could not start would not be looked at.
  return all.length === 0 && ev.request ? undefined : external(ev, `?.${def.name}`, undefined, self, a, place, def.name);
}

/** Runs one of several under the flag of its name: which of them it is stays open. */
function either(ev: Ev, subject: Val, ways: readonly { name: string; run: () => Val }[], place: Place): Val {
  const from = (i: number): Val => {
    const { name, run } = ways[i] as (typeof ways)[number];
    return i === ways.length - 1 ? run() : ev.branch(atom('flag', [subject], place, name), run, () => from(i + 1));
  };
  return from(0);
}

const anyOf = (ev: Ev, recv: Val, all: readonly Choice[], self: (c: Cls) => Val, a: CallArgs, place: Place): Val =>
  either(
    ev,
    recv,
    all.map(({ cls, fn }) => ({ name: cls.name, run: () => callFunction(ev, { ...fn, self: self(cls) }, a, place) })),
    place,
  );

/** What a function gives that is picked from a table by a key of which nothing is known: that of one of them. */
export function oneOf(ev: Ev, fn: Val, a: CallArgs, place: Place): Val | undefined {
  if (fn.t !== 'op' || fn.op !== 'either' || !ev.request) return undefined;
  const all = [...new Set(fn.args)].filter((x): x is FnVal => x.t === 'fn');
  if (all.length === 0 || all.length > CHOICES) return undefined;
  return either(
    ev,
    fn,
    all.map(f => ({ name: f.def.name, run: () => callFunction(ev, f, a, place) })),
    place,
  );
}
