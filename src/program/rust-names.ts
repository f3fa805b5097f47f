/** Names and paths of Rust: scopes, `use`, modules, associated items. */
import type { Expr, Stmt, TypeRef } from '../facts/types.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { atom, attr, Err, ext, native, NONE, None_, Ok, Some, unitVariant, unknown, variant } from './make.js';
import type { Resolved } from './patterns.js';
import { callFunction } from './calls.js';
import { fromOf } from './rust-errors.js';
import { derivedBuilder } from './rust-builders.js';
import { defaultOf, derivedReader, hasDerivedDefault } from './rust-defaults.js';
import { isItem, lookedUp } from './rust-lookups.js';
import { tyOf, typeOfValue } from './rust-types.js';
import { type CallArgs, type Cls, type FnVal, type Module, nextId, type Scope, type Ty, type Val, type VariantVal } from './values.js';

const PRELUDE: Record<string, Val> = {
  __proto__: null as never,
  None: None_,
  Some: native('Some', a => Some(a.pos[0] ?? NONE)),
  Ok: native('Ok', a => Ok(a.pos[0] ?? NONE)),
};

/** Modules and types have names of their own: in front of `::` neither a function nor a variable of the same name stands. */
type Namespace = 'any' | 'types';
const hidden = (v: Val | undefined, ns: Namespace, s?: Scope): boolean =>
  ns === 'types' &&
  v !== undefined &&
  (v.t === 'fn' || (s !== undefined && s.kind !== 'module' && v.t !== 'class' && v.t !== 'module' && v.t !== 'ext' && v.t !== 'late'));

export function rsName(ev: Ev, id: string, scope: Scope, place: Place, ns: Namespace = 'any'): Val {
  if (id === 'Self') return scope.self ?? ext('Self');
  const found = lookup(ev, id, scope, place, ns);
  if (found) return found;
  // An error remembers where it was made: that is where the request is turned away.
  if (id === 'Err')
    return native('Err', (a, at) => ({ ...(Err(a.pos[0] ?? NONE) as VariantVal), place: at, frame: ev.frame, why: ev.pc, seq: ev.seq++ }));
  return PRELUDE[id] ?? ev.program.crate(id, scope.module) ?? ext(id);
}

/** A name in the scopes from here outwards; module scopes end at the module, as in Rust. */
function lookup(ev: Ev, id: string, from: Scope, place: Place, ns: Namespace = 'any'): Val | undefined {
  let s: Scope | undefined = from;
  while (s) {
    const v = inScope(ev, id, s, place, ns);
    if (v) return v;
    s = s.parent;
  }
  return undefined;
}

/** @param seen the modules that were searched for it on the way here, from one glob to the next: they glob each other, and one by one is enough */
function inScope(ev: Ev, id: string, s: Scope, place: Place, ns: Namespace = 'any', seen = new Set<Module>()): Val | undefined {
  const find = (): Val | undefined => search(ev, id, s, place, ns, seen);
  return s === s.module.scope ? lookedUp(ev, s.module, ns, id, find, isItem) : find();
}

function search(ev: Ev, id: string, s: Scope, place: Place, ns: Namespace, seen: Set<Module>): Val | undefined {
  if (s === s.module.scope) seen.add(s.module);
  // Beside a module no other module or type has its name: what else is called so (`use axum::routing::delete; mod delete;`) is a function.
  const inner = ns === 'types' && s.kind === 'module' ? s.module.children?.get(id) : undefined;
  if (inner) return { t: 'module', module: inner, id: nextId(), p: 0 };
  const v = s.vars.get(id);
  if (v && !hidden(v, ns, s)) return v.t === 'late' ? v.get() : v;
  const lazy = s.lazy?.get(id);
  if (lazy) return lazy();
  const used = s.uses?.get(id);
  if (used && !ev.program.resolving.has(used)) {
    ev.program.resolving.add(used);
    try {
      const u = resolveUse(ev, used, s, place, ns);
      if (!hidden(u, ns)) return u;
    } finally {
      ev.program.resolving.delete(used);
    }
  }
  const t = s.types?.get(id);
  if (t) return t.value ?? t.cls ?? ext(t.path, t.args);
  if (s.aliases?.has(id)) {
    const a = s.aliases.get(id) as { ref: TypeRef };
    const ty = tyOf(ev, a.ref, s);
    return ty.cls ?? ext(ty.path, ty.args);
  }
  const inside = s.kind === 'module' ? s.module.children?.get(id) : undefined;
  // A function may have the name of the module that it is in: `mod home; pub use home::*;`.
  const all = throughGlobs(ev, id, s, place, ns, seen);
  return inside && all?.t !== 'fn' ? { t: 'module', module: inside, id: nextId(), p: 0 } : all;
}

function throughGlobs(ev: Ev, id: string, s: Scope, place: Place, ns: Namespace, seen: Set<Module>): Val | undefined {
  let library: Val | undefined;
  for (const g of s.globs ?? []) {
    if (ev.program.resolving.has(g)) continue;
    ev.program.resolving.add(g);
    try {
      const m = resolveUse(ev, g, s, place, 'types');
      if (m?.t === 'module') {
        const x = seen.has(m.module) ? undefined : inScope(ev, id, m.module.scope, place, ns, seen);
        if (x) return x;
      } else if (m?.t === 'class') {
        const x = memberOf(ev, m, id, place);
        if (x) return x;
      } else if (m?.t === 'ext' && ev.models.known(ev.models.canonical(`${m.path}::${id}`)))
        library = ext(ev.models.canonical(`${m.path}::${id}`));
    } finally {
      ev.program.resolving.delete(g);
    }
  }
  return library;
}

/** `use` paths start at the crate root of a dependency, at `crate`/`self`/`super`, or (2018) at a name in scope. */
export function resolveUse(ev: Ev, path: string[], s: Scope, place: Place, ns: Namespace = 'any'): Val | undefined {
  const [head, ...rest] = path as [string, ...string[]];
  let v: Val | undefined;
  if (head === 'crate' || head === 'self' || head === 'super') v = moduleKeyword(ev, head, s.module);
  else {
    const sub = s.module.children?.get(head);
    const own = s.vars.get(head);
    v = sub
      ? { t: 'module', module: sub, id: nextId(), p: 0 }
      : own && own.t === 'class'
        ? own
        : (ev.program.crate(head, s.module) ??
          (path.length > 1 && s.uses?.get(head) !== path ? viaUse(ev, head, s, place) : undefined) ??
          ext(ev.program.libraryName(head, s.module)));
  }
  return walk(ev, v, rest, s.module, place, ns);
}

function viaUse(ev: Ev, head: string, s: Scope, place: Place): Val | undefined {
  const u = s.uses?.get(head);
  if (!u || ev.program.resolving.has(u)) return undefined;
  ev.program.resolving.add(u);
  try {
    return resolveUse(ev, u, s, place);
  } finally {
    ev.program.resolving.delete(u);
  }
}

function moduleKeyword(ev: Ev, word: string, m: Module): Val | undefined {
  let target: Module | undefined = m;
  if (word === 'crate') while (target?.parent) target = target.parent;
  else if (word === 'super') target = m.parent;
  void ev;
  return target ? { t: 'module', module: target, id: nextId(), p: 0 } : undefined;
}

export function walk(ev: Ev, start: Val | undefined, segs: string[], from: Module, place: Place, ns: Namespace = 'any'): Val | undefined {
  let v = start;
  for (const [i, seg] of segs.entries()) {
    if (!v) return undefined;
    if (seg === 'self') continue;
    if (v.t === 'module') {
      if (seg === 'super') v = moduleKeyword(ev, 'super', v.module);
      else v = inScope(ev, seg, v.module.scope, place, i < segs.length - 1 ? 'types' : ns) ?? generated(ev, v.module, seg, place);
    } else if (v.t === 'ext') v = ext(ev.models.canonical(`${v.path}::${seg}`));
    else if (v.t === 'class') v = memberOf(ev, v, seg, place) ?? attr(v, seg);
    else v = attr(v, seg);
  }
  void from;
  return v;
}

/**
 * Names that code of a library makes here: a derive beside the struct that it stands on (`#[derive(DeriveEntityModel)]` makes
 * `Entity`, `Column` and more), a macro that is given the name (`base62_id!(ProjectId)`), what the build wrote (`include!` of a file
 * in `OUT_DIR`), or a library whose names are passed on (`pub use wire::*`).
 */
function generated(ev: Ev, m: Module, name: string, place: Place): Val | undefined {
  if (m.generated || m.body.some(built)) return ext(`${m.name}::${name}`);
  const derives = (s: Stmt): boolean =>
    (s.s === 'struct' || s.s === 'enum') &&
    s.marks.some(
      k =>
        k.expr.k === 'call' &&
        k.expr.fn.k === 'name' &&
        k.expr.fn.id === 'derive' &&
        k.expr.args.some(a => (a.value.k === 'name' ? !STANDARD.test(a.value.id) : a.value.k === 'path')),
    );
  const given = (s: Stmt): boolean => s.s === 'expr' && s.expr.k === 'macro' && new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(s.expr.tokens);
  if (m.body.some(s => given(s) || (/^[A-Z]/.test(name) && derives(s)))) return ext(`${m.name}::${name}`);
  for (const g of m.body.flatMap(s => (s.s === 'use' && s.pub ? s.leaves.filter(l => l.as === '*').map(l => l.path) : []))) {
    if (ev.program.resolving.has(g)) continue;
    ev.program.resolving.add(g);
    try {
      const of = resolveUse(ev, g, m.scope, place);
      const v = of?.t === 'module' ? generated(ev, of.module, name, place) : of?.t === 'ext' ? ext(`${of.path}::${name}`) : undefined;
      if (v) return v;
    } finally {
      ev.program.resolving.delete(g);
    }
  }
  return undefined;
}
/** `include!(concat!(env!("OUT_DIR"), "/wire.rs"))`, and what libraries have for this. */
const built = (s: Stmt): boolean => s.s === 'expr' && s.expr.k === 'macro' && GENERATED.test(`${s.expr.path.at(-1)}!${s.expr.tokens}`);
const GENERATED = /^include![\s\S]*\bOUT_DIR\b|^include_(?!str|bytes)\w+!/;
const STANDARD = /^(Debug|Clone|Copy|PartialEq|Eq|PartialOrd|Ord|Hash|Default|Serialize|Deserialize)$/;

/** `Type::name`: a variant, an associated function or constant, inherent first, then of its traits. */
export function memberOf(ev: Ev, cls: Cls, name: string, place: Place): Val | undefined {
  const v = cls.variants?.get(name);
  if (v) {
    if (v.fields.length === 0) return unitVariant(cls, name);
    return native(`${cls.name}::${name}`, a => variant(cls.name, name, a.pos, cls));
  }
  const m = cls.members.get(name);
  const implemented = m && cls.kind === 'trait' ? ofImplementor(ev, cls, m, name) : undefined;
  if (m) return implemented ?? (m.t === 'late' ? m.get() : m);
  const sources = name === 'from' ? cls.impls.filter(i => i.trait && /(^|::)From$/.test(i.trait.path)) : [];
  if (sources.length > 1) {
    const first = sources[0]?.members.get(name);
    return native(
      `${cls.name}::from`,
      (a, at) => (a.pos[0] && fromOf(ev, cls, a.pos[0], at)) ?? (first?.t === 'fn' ? callFunction(ev, first, a, at) : NONE),
    );
  }
  for (const i of cls.impls) {
    const x = i.members.get(name);
    if (x) return x.t === 'late' ? x.get() : x;
  }
  for (const i of [...cls.impls, ...(ev.program.libraryImpls.get('*') ?? [])]) {
    const x = i.members.get(name) ?? i.trait?.cls?.members.get(name);
    if (x?.t === 'fn' && (x.def.body.length || x.def.value))
      return { ...x, self: undefined, owner: cls, scope: { ...x.scope, self: cls }, impl: i };
  }
  if (cls.kind === 'trait') {
    const x = ev.program.implementorsOf(cls)[0]?.members.get(name);
    if (x && x.t !== 'late') return x;
  }
  if (name === 'default' && hasDerivedDefault(cls))
    return native(`${cls.name}::default`, (_, at) => defaultOf(ev, { path: cls.name, cls, args: [] }, at));
  void place;
  return derivedReader(cls, name) ?? derivedBuilder(cls, name);
}

/** `Trait::method(self)`, of which the trait says no more than that there is one: the method of the type that stands there. */
function ofImplementor(ev: Ev, trait: Cls, declared: Val, name: string): Val | undefined {
  if (declared.t !== 'fn' || declared.def.body.length > 0 || declared.def.value) return undefined;
  const all = ev.program.implementorsOf(trait).flatMap(i => i.members.get(name) ?? []);
  const [first] = all;
  if (first?.t !== 'fn' || all.length === 1) return first;
  if (declared.def.params[0]?.kind !== 'self') return undefined;
  return native(`${trait.name}::${name}`, (a, at) => {
    const [self] = a.pos;
    const own = self && typeOfValue(self)?.cls;
    const fits = own && all.find(f => f.t === 'fn' && f.owner === own);
    if (fits?.t === 'fn' || own || !self || all.length > FEW) return callFunction(ev, fits?.t === 'fn' ? fits : first, a, at);
    return ofAny(
      ev,
      all.filter(f => f.t === 'fn'),
      self,
      a,
      at,
    );
  });
}

/** So many implementations are told apart where it is not known which type it is. */
const FEW = 4;

/** What each of several implementations gives, where `self` is of its type. */
function ofAny(ev: Ev, [first, ...rest]: readonly FnVal[], self: Val, a: CallArgs, at: Place): Val {
  if (!first) return NONE;
  if (rest.length === 0) return callFunction(ev, first, a, at);
  return ev.branch(
    atom('is', [self], at, first.owner?.name ?? ''),
    () => callFunction(ev, first, a, at),
    () => ofAny(ev, rest, self, a, at),
  );
}

type PathExpr = Expr & { k: 'path' };

export function rsPath(ev: Ev, e: PathExpr, scope: Scope, place: Place, hint?: TypeRef): Val {
  void hint;
  const types = e.types?.map(t => tyOf(ev, t, scope));
  let v: Val | undefined;
  if (e.self_) {
    const t = tyOf(ev, e.self_, scope);
    const start: Val = t.cls ?? ext(t.path, t.args);
    const names = e.segs.slice(-1);
    v = walk(ev, start, names, scope.module, place);
    if (v?.t === 'fn' && t.args.length) v = withTypes(ev, v, t);
    if (v?.t === 'native' && t.cls && t.args.length) v = derivedBuilder(t.cls, e.segs.at(-1) ?? '', t.args) ?? v;
    // What a library's type is made of is all that is known of a call of its functions: `TypedHeader::<Authorization<Bearer>>::from_request_parts`.
    if (v?.t === 'ext' && t.args.length) v = { ...ext(v.path, t.args), by: e.segs.at(-2) };
  } else {
    const [head, ...rest] = e.segs as [string, ...string[]];
    let start: Val | undefined;
    const own = head === 'Self' && rest.length > 1 ? associated(rest[0] as string, scope) : undefined;
    if (own) {
      const t = tyOf(ev, own, scope);
      start = t.cls ?? ext(t.path, t.args);
      rest.shift();
    } else if (head === 'crate' || head === 'super' || (head === 'self' && rest.length)) start = moduleKeyword(ev, head, scope.module);
    else if (e.root) start = ev.program.crate(head, scope.module) ?? ext(head);
    else start = rsName(ev, head, scope, place, rest.length ? 'types' : 'any');
    v = walk(ev, start, rest, scope.module, place);
    const bound = scope.types?.get(head);
    if (v?.t === 'fn' && bound?.args.length) v = withTypes(ev, v, bound);
  }
  if (!v) return unknown(`\`${e.segs.join('::')}\` is not found`, place);
  if (types?.length) {
    if (v.t === 'fn') {
      const m = new Map(v.types ?? []);
      v.def.generics?.forEach((g, i) => {
        if (types[i]) m.set(g.name, types[i] as Ty);
      });
      return { ...v, types: m };
    }
    if (v.t === 'ext') return ext(v.path, types);
  }
  return v;
}

/** What `Self::Name` stands for in the impl that encloses this. */
function associated(name: string, scope: Scope): TypeRef | undefined {
  for (let s: Scope | undefined = scope; s; s = s.parent) {
    const a = s.aliases?.get(`Self::${name}`);
    if (a) return a.ref;
  }
  return undefined;
}

/** A function of a generic impl, with the impl's type parameters bound to those of `ty`. */
export function withTypes(ev: Ev, fn: FnVal, ty: Ty): FnVal {
  const impl = fn.impl;
  const m = new Map(fn.types ?? []);
  const formal = impl ? impl.type.args : [];
  formal.forEach((f, i) => {
    const name = f.t === 'path' && f.path.length === 1 ? f.path[0] : undefined;
    const actual = ty.args[i];
    if (name && actual && impl?.generics.some(g => g.name === name)) m.set(name, actual);
  });
  void ev;
  return m.size ? { ...fn, types: m } : fn;
}

export function resolvePattern(ev: Ev, path: string[], scope: Scope): Resolved {
  const tag = path.at(-1) ?? '';
  if (path.length === 1 && (tag === 'Some' || tag === 'None' || tag === 'Ok' || tag === 'Err'))
    return { of: tag === 'Some' || tag === 'None' ? 'Option' : 'Result', tag };
  const place = { file: scope.module.file, at: 0 };
  if (scope.module.language === 'python') {
    let v: Val | undefined;
    for (const seg of path)
      v = v
        ? v.t === 'class'
          ? v.members.get(seg)
          : v.t === 'module'
            ? v.module.scope.vars.get(seg)
            : attr(v, seg)
        : evaluate(ev, { k: 'name', id: seg, at: 0 }, scope);
    return { of: '', tag, ...(v && (v.t === 'variant' || v.t === 'const' || v.t === 'class') ? { value: v } : {}) };
  }
  const parent = path.length > 1 ? walk(ev, head(ev, path[0] as string, scope, place), path.slice(1, -1), scope.module, place) : undefined;
  if (parent?.t === 'class' && parent.variants?.has(tag)) return { of: parent.name, tag, enum: parent };
  const v = parent ? walk(ev, parent, [tag], scope.module, place) : lookup(ev, tag, scope, place);
  if (v?.t === 'class') return v.variants ? { of: v.name, tag } : { of: 'struct', tag: v.name };
  if (v?.t === 'variant') return { of: v.of, tag: v.tag };
  if (v?.t === 'native' && v.name.includes('::')) return { of: v.name.split('::')[0] as string, tag: v.name.split('::')[1] as string };
  if (v?.t === 'const' || v?.t === 'obj') return { of: '', tag, value: v };
  if (v?.t === 'ext' && /^[A-Z0-9_]+$/.test(tag) && tag.length > 1)
    return { of: v.path.split('::').slice(0, -1).join('::'), tag, value: v };
  // A library's own name right in a module is a struct's, which has but one form; a variant stands in its enum.
  if (v?.t === 'ext' && path.length === 1 && /(^|::)[a-z]\w*::[A-Z]\w*$/.test(v.path)) return { of: 'struct', tag };
  return { of: v?.t === 'ext' ? v.path.split('::').slice(0, -1).join('::') : path.slice(0, -1).join('::'), tag };
}

export const head = (ev: Ev, id: string, scope: Scope, place: Place): Val | undefined =>
  id === 'crate' || id === 'super' || id === 'self' ? moduleKeyword(ev, id, scope.module) : rsName(ev, id, scope, place, 'types');
