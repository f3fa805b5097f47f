/** What only Rust has: items, `use`, paths, types, struct literals, and the conversion that `?` does. */
import type { Expr, Generic, Stmt, TypeRef } from '../facts/types.js';
import { callFunction, external } from './calls.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import { type Place, TRUE } from './formula.js';
import { args as mkArgs, attr, Err, ext, native, NONE, None_, obj, Ok, op, Some, STR, unknown, variant } from './make.js';
import type { Resolved } from './patterns.js';
import { compiledOut } from './rust-cfg.js';
import { type Cls, type FnVal, type Impl, type Module, nextId, type Scope, type Ty, type Val, type VariantVal } from './values.js';

// ------------------------------------------------------------------------------------------------ items

/** Enters a block's items into its scope; constants stay unevaluated until asked for. */
export function defineItems(ev: Ev, body: Stmt[], scope: Scope): void {
  const module = scope.module;
  for (const s of body) {
    const place = { file: module.file, at: s.at };
    if ('marks' in s && s.marks && compiledOut(ev, s.marks)) continue;
    switch (s.s) {
      case 'fn':
        if (compiledOut(ev, s.fn.marks)) break;
        scope.vars.set(s.fn.name, { t: 'fn', def: s.fn, scope, module, id: nextId(), p: 0 });
        break;
      case 'struct': case 'enum': case 'trait': {
        const cls: Cls = {
          t: 'class', id: nextId(), name: s.name, module, kind: s.s, place, marks: s.marks, bases: [], members: new Map(), impls: [],
          fields: s.s === 'struct' ? s.fields : [], generics: s.generics, scope, ...(s.s === 'struct' ? { tuple: s.tuple } : {}),
        };
        if (s.s === 'enum') cls.variants = new Map(s.variants.map((v, i) => [v.name, { ...v, index: i }]));
        if (s.s === 'trait') {
          cls.traitBounds = s.bounds;
          for (const m of s.body) if (m.s === 'fn') cls.members.set(m.fn.name, { t: 'fn', def: m.fn, scope: { ...child(scope), self: cls }, module, owner: cls, id: nextId(), p: 0 });
        }
        scope.vars.set(s.name, cls);
        break;
      }
      case 'const':
        if (s.value) {
          const value = s.value;
          const memo: { v?: Val } = {};
          (scope.lazy ??= new Map()).set(s.name, () => (memo.v ??= quietly(ev, () => evaluate(ev, value, scope, s.type))));
        }
        break;
      case 'type':
        if (s.type) (scope.aliases ??= new Map()).set(s.name, { ref: s.type, generics: s.generics });
        break;
      case 'use': useInto(ev, s, scope); break;
      case 'impl': ev.program.impls.push({ stmt: s, scope }); if (ev.program.linked) linkImpls(ev); break;
      case 'macro-rules': ev.program.macros.set(s.name, { rules: s.rules, module, at: s.at }); break;
      default: break;
    }
  }
}

const child = (parent: Scope): Scope => ({ vars: new Map(), parent, module: parent.module, kind: 'block', self: parent.self, types: parent.types });

/** Evaluates outside any request: the path condition and the exits of the caller are not touched. */
export function quietly(ev: Ev, fn: () => Val): Val {
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, tries: ev.tries };
  Object.assign(ev, { pc: TRUE, sink: [], frame: undefined, tries: 0 });
  try {
    return fn();
  } finally {
    Object.assign(ev, saved);
  }
}
export function useInto(_ev: Ev, s: Stmt & { s: 'use' }, scope: Scope): void {
  for (const l of s.leaves) {
    if (l.as === '*') (scope.globs ??= []).push(l.path);
    else if (l.as !== '_') (scope.uses ??= new Map()).set(l.as, l.path);
  }
}

/** Attaches impls to their types, once all modules are read. */
export function linkImpls(ev: Ev): void {
  const p = ev.program;
  p.linked = true;
  for (const { stmt, scope } of p.impls.splice(0)) {
    const inner: Scope = { ...child(scope), types: new Map(scope.types ?? []) };
    const target = stmt.type.t === 'path' ? resolveType(ev, stmt.type, scope, stmt.generics) : tyOf(ev, stmt.type, scope);
    if (target.cls) inner.self = target.cls;
    const members = new Map<string, Val>();
    const types = new Map<string, TypeRef>();
    const impl: Impl = { type: stmt.type, generics: stmt.generics, members, types, module: scope.module, scope: inner, place: { file: scope.module.file, at: stmt.at } };
    for (const m of stmt.body) {
      if ('marks' in m && m.marks && compiledOut(ev, m.marks)) continue;
      if (m.s === 'fn' && !compiledOut(ev, m.fn.marks)) members.set(m.fn.name, { t: 'fn', def: m.fn, scope: inner, module: scope.module, owner: target.cls, impl, id: nextId(), p: 0 });
      else if (m.s === 'type' && m.type) {
        types.set(m.name, m.type);
        (inner.aliases ??= new Map()).set(`Self::${m.name}`, { ref: m.type, generics: [] });
      } else if (m.s === 'const' && m.value) {
        const value = m.value;
        (inner.lazy ??= new Map()).set(m.name, () => quietly(ev, () => evaluate(ev, value, inner)));
      }
    }
    if (stmt.trait) {
      const t = tyOf(ev, stmt.trait, scope);
      impl.trait = { path: t.cls ? t.cls.name : t.path, ref: stmt.trait, ...(t.cls ? { cls: t.cls } : {}) };
      if (t.cls) p.implementors.set(t.cls, [...(p.implementors.get(t.cls) ?? []), impl]);
    }
    for (const [name, v] of inner.lazy ?? []) members.set(name, { t: 'late', name, get: v, id: nextId(), p: 0 });
    if (target.cls) {
      if (stmt.trait) target.cls.impls.push(impl);
      else for (const [k, v] of members) target.cls.members.set(k, v);
    } else if (stmt.trait) {
      const key = stmt.generics.some((g) => g.name === stmt.type.path[0]) ? '*' : target.path;
      p.libraryImpls.set(key, [...(p.libraryImpls.get(key) ?? []), impl]);
    }
    for (const [k, v] of members) if (v.t === 'fn' && v.def.params[0]?.kind === 'self') p.methods.set(k, [...(p.methods.get(k) ?? []), v]);
  }
}

function resolveType(ev: Ev, ref: TypeRef, scope: Scope, generics: Generic[]): Ty {
  const plain = { ...scope, types: new Map([...(scope.types ?? []), ...generics.map((g): [string, Ty] => [g.name, { path: g.name, args: [] }])]) };
  return tyOf(ev, ref, plain);
}

// ------------------------------------------------------------------------------------------------ names

const PRELUDE: Record<string, Val> = {
  None: None_,
  Some: native('Some', (a) => Some(a.pos[0] ?? NONE)),
  Ok: native('Ok', (a) => Ok(a.pos[0] ?? NONE)),
};


export function rsName(ev: Ev, id: string, scope: Scope, place: Place): Val {
  if (id === 'Self') return scope.self ?? ext('Self');
  const found = lookup(ev, id, scope, place);
  if (found) return found;
  // An error remembers where it was made: that is where the request is turned away.
  if (id === 'Err') return native('Err', (a, at) => ({ ...(Err(a.pos[0] ?? NONE) as VariantVal), place: at, frame: ev.frame, why: ev.pc, seq: ev.seq++ }));
  return PRELUDE[id] ?? ev.program.crate(id, scope.module) ?? ext(id);
}

/** A name in the scopes from here outwards; module scopes end at the module, as in Rust. */
function lookup(ev: Ev, id: string, from: Scope, place: Place): Val | undefined {
  let s: Scope | undefined = from;
  while (s) {
    const v = inScope(ev, id, s, place);
    if (v) return v;
    s = s.parent;
  }
  return undefined;
}

function inScope(ev: Ev, id: string, s: Scope, place: Place): Val | undefined {
  const v = s.vars.get(id);
  if (v) return v.t === 'late' ? v.get() : v;
  const lazy = s.lazy?.get(id);
  if (lazy) return lazy();
  const used = s.uses?.get(id);
  if (used && !ev.program.resolving.has(used)) {
    ev.program.resolving.add(used);
    try {
      return resolveUse(ev, used, s, place);
    } finally {
      ev.program.resolving.delete(used);
    }
  }
  const t = s.types?.get(id);
  if (t) return t.cls ?? ext(t.path, t.args);
  if (s.aliases?.has(id)) {
    const a = s.aliases.get(id) as { ref: TypeRef };
    const ty = tyOf(ev, a.ref, s);
    return ty.cls ?? ext(ty.path, ty.args);
  }
  if (s.kind === 'module') {
    const sub = s.module.children?.get(id);
    if (sub) return { t: 'module', module: sub, id: nextId(), p: 0 };
  }
  let library: Val | undefined;
  for (const g of s.globs ?? []) {
    if (ev.program.resolving.has(g)) continue;
    ev.program.resolving.add(g);
    try {
      const m = resolveUse(ev, g, s, place);
      if (m?.t === 'module') {
        const x = inScope(ev, id, m.module.scope, place);
        if (x) return x;
      } else if (m?.t === 'class') {
        const x = memberOf(ev, m, id, place);
        if (x) return x;
      } else if (m?.t === 'ext' && ev.models.known(ev.models.canonical(`${m.path}::${id}`))) library = ext(ev.models.canonical(`${m.path}::${id}`));
    } finally {
      ev.program.resolving.delete(g);
    }
  }
  return library;
}

/** `use` paths start at the crate root of a dependency, at `crate`/`self`/`super`, or (2018) at a name in scope. */
function resolveUse(ev: Ev, path: string[], s: Scope, place: Place): Val | undefined {
  const [head, ...rest] = path as [string, ...string[]];
  let v: Val | undefined;
  if (head === 'crate' || head === 'self' || head === 'super') v = moduleKeyword(ev, head, s.module);
  else {
    const sub = s.module.children?.get(head);
    const own = s.vars.get(head);
    v = sub ? { t: 'module', module: sub, id: nextId(), p: 0 } : own && own.t === 'class' ? own : (ev.program.crate(head, s.module) ?? (path.length > 1 && s.uses?.get(head) !== path ? viaUse(ev, head, s, place) : undefined) ?? ext(ev.program.libraryName(head, s.module)));
  }
  return walk(ev, v, rest, s.module, place);
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

function walk(ev: Ev, start: Val | undefined, segs: string[], from: Module, place: Place): Val | undefined {
  let v = start;
  for (const seg of segs) {
    if (!v) return undefined;
    if (seg === 'self') continue;
    if (v.t === 'module') {
      if (seg === 'super') v = moduleKeyword(ev, 'super', v.module);
      else v = inScope(ev, seg, v.module.scope, place) ?? generated(v.module, seg);
    } else if (v.t === 'ext') v = ext(ev.models.canonical(`${v.path}::${seg}`));
    else if (v.t === 'class') v = memberOf(ev, v, seg, place) ?? attr(v, seg);
    else v = attr(v, seg);
  }
  void from;
  return v;
}

/** Names that a derive makes beside the struct that it stands on: `#[derive(DeriveEntityModel)]` makes `Entity`, `Column` and more. */
function generated(m: Module, name: string): Val | undefined {
  if (!/^[A-Z]/.test(name)) return undefined;
  const derives = m.body.some((s) => (s.s === 'struct' || s.s === 'enum') && s.marks.some((k) => k.expr.k === 'call' && k.expr.fn.k === 'name' && k.expr.fn.id === 'derive'
    && k.expr.args.some((a) => a.value.k === 'name' ? !STANDARD.test(a.value.id) : a.value.k === 'path')));
  return derives ? ext(`${m.name}::${name}`) : undefined;
}
const STANDARD = /^(Debug|Clone|Copy|PartialEq|Eq|PartialOrd|Ord|Hash|Default|Serialize|Deserialize)$/;

/** `Type::name`: a variant, an associated function or constant, inherent first, then of its traits. */
export function memberOf(ev: Ev, cls: Cls, name: string, place: Place): Val | undefined {
  const v = cls.variants?.get(name);
  if (v) {
    if (v.fields.length === 0) return variant(cls.name, name, [], cls);
    return native(`${cls.name}::${name}`, (a) => variant(cls.name, name, a.pos, cls));
  }
  const m = cls.members.get(name);
  if (m) return m.t === 'late' ? m.get() : m;
  for (const i of cls.impls) {
    const x = i.members.get(name);
    if (x) return x.t === 'late' ? x.get() : x;
  }
  for (const i of [...cls.impls, ...(ev.program.libraryImpls.get('*') ?? [])]) {
    const x = i.members.get(name) ?? i.trait?.cls?.members.get(name);
    if (x?.t === 'fn' && (x.def.body.length || x.def.value)) return { ...x, self: undefined, scope: { ...x.scope, self: cls }, impl: i };
  }
  if (cls.kind === 'trait') {
    const impls = ev.program.implementorsOf(cls);
    const x = impls[0]?.members.get(name);
    if (x && x.t !== 'late') return x;
  }
  void place;
  return undefined;
}

type PathExpr = Expr & { k: 'path' };

export function rsPath(ev: Ev, e: PathExpr, scope: Scope, place: Place, hint?: TypeRef): Val {
  void hint;
  const types = e.types?.map((t) => tyOf(ev, t, scope));
  let v: Val | undefined;
  if (e.self_) {
    const t = tyOf(ev, e.self_, scope);
    const start: Val = t.cls ?? ext(t.path, t.args);
    const names = e.segs.slice(-1);
    v = walk(ev, start, names, scope.module, place);
    if (v?.t === 'fn' && t.args.length) v = withTypes(ev, v, t);
  } else {
    const [head, ...rest] = e.segs as [string, ...string[]];
    let start: Val | undefined;
    if (head === 'crate' || head === 'super' || (head === 'self' && rest.length)) start = moduleKeyword(ev, head, scope.module);
    else start = rsName(ev, head, scope, place);
    v = walk(ev, start, rest, scope.module, place);
    const bound = scope.types?.get(head);
    if (v?.t === 'fn' && bound?.args.length) v = withTypes(ev, v, bound);
  }
  if (!v) return unknown(`\`${e.segs.join('::')}\` is not found`, place);
  if (types?.length) {
    if (v.t === 'fn') {
      const m = new Map(v.types ?? []);
      v.def.generics?.forEach((g, i) => { if (types[i]) m.set(g.name, types[i] as Ty); });
      return { ...v, types: m };
    }
    if (v.t === 'ext') return ext(v.path, types);
  }
  return v;
}

/** A function of a generic impl, with the impl's type parameters bound to those of `ty`. */
export function withTypes(ev: Ev, fn: FnVal, ty: Ty): FnVal {
  const impl = fn.impl;
  const m = new Map(fn.types ?? []);
  const formal = impl ? impl.type.args : [];
  formal.forEach((f, i) => {
    const name = f.t === 'path' && f.path.length === 1 ? f.path[0] : undefined;
    const actual = ty.args[i];
    if (name && actual && impl?.generics.some((g) => g.name === name)) m.set(name, actual);
  });
  void ev;
  return m.size ? { ...fn, types: m } : fn;
}

export function resolvePattern(ev: Ev, path: string[], scope: Scope): Resolved {
  const tag = path.at(-1) ?? '';
  if (path.length === 1 && (tag === 'Some' || tag === 'None' || tag === 'Ok' || tag === 'Err')) return { of: tag === 'Some' || tag === 'None' ? 'Option' : 'Result', tag };
  const place = { file: scope.module.file, at: 0 };
  if (scope.module.language === 'python') {
    let v: Val | undefined;
    for (const seg of path) v = v ? (v.t === 'class' ? v.members.get(seg) : v.t === 'module' ? v.module.scope.vars.get(seg) : attr(v, seg)) : evaluate(ev, { k: 'name', id: seg, at: 0 }, scope);
    return { of: '', tag, ...(v && (v.t === 'variant' || v.t === 'const' || v.t === 'class') ? { value: v } : {}) };
  }
  const parent = path.length > 1 ? walk(ev, head(ev, path[0] as string, scope, place), path.slice(1, -1), scope.module, place) : undefined;
  if (parent?.t === 'class' && parent.variants?.has(tag)) return { of: parent.name, tag };
  const v = parent ? walk(ev, parent, [tag], scope.module, place) : lookup(ev, tag, scope, place);
  if (v?.t === 'class') return v.variants ? { of: v.name, tag } : { of: 'struct', tag: v.name };
  if (v?.t === 'variant') return { of: v.of, tag: v.tag };
  if (v?.t === 'native' && v.name.includes('::')) return { of: v.name.split('::')[0] as string, tag: v.name.split('::')[1] as string };
  if (v?.t === 'const' || v?.t === 'obj') return { of: '', tag, value: v };
  if (v?.t === 'ext' && /^[A-Z0-9_]+$/.test(tag) && tag.length > 1) return { of: v.path.split('::').slice(0, -1).join('::'), tag, value: v };
  return { of: v?.t === 'ext' ? v.path.split('::').slice(0, -1).join('::') : path.slice(0, -1).join('::'), tag };
}

const head = (ev: Ev, id: string, scope: Scope, place: Place): Val | undefined =>
  id === 'crate' || id === 'super' || id === 'self' ? moduleKeyword(ev, id, scope.module) : rsName(ev, id, scope, place);

// ------------------------------------------------------------------------------------------------ types

/** Wrappers that a field access or a method call looks through. */
export const isWrapper = (path: string): boolean => /(^|::)(Arc|Rc|Box|Cow|Pin|MutexGuard|RwLockReadGuard|RwLockWriteGuard|Ref|RefMut|Mutex|RwLock|RefCell|Data|ReqData|State|Extension|Json|Path|Query|Form|Lazy|LazyLock|OnceLock|OnceCell|Cached|ThinData)$/.test(path);

export function tyOf(ev: Ev, ref: TypeRef, scope: Scope): Ty {
  switch (ref.t) {
    case 'ref': return ref.args[0] ? tyOf(ev, ref.args[0], scope) : { path: '', args: [] };
    case 'tuple': return { path: '(tuple)', args: ref.args.map((a) => tyOf(ev, a, scope)), ref };
    case 'array': return { path: '[]', args: ref.args.map((a) => tyOf(ev, a, scope)), ref };
    case 'impl': case 'dyn': {
      const bounds = ref.args.map((a) => tyOf(ev, a, scope));
      const future = ref.args.find((a) => a.path.at(-1) === 'Future');
      const output = future?.assoc?.find((a) => a.name === 'Output');
      if (output) return tyOf(ev, output.type, scope);
      const local = bounds.find((b) => b.cls);
      return { path: bounds[0]?.path ?? '', args: [], bounds, ref, ...(local?.cls ? { cls: local.cls } : {}) };
    }
    case 'path': break;
    default: return { path: '', args: [], ref };
  }
  const last = ref.path.at(-1) ?? '';
  if (ref.path.length === 1) {
    const bound = typeParam(last, scope);
    if (bound) return bound;
    if (last === 'Self' && scope.self) return { path: scope.self.name, cls: scope.self, args: scope.self.generics.map((g) => scope.types?.get(g.name) ?? { path: g.name, args: [] }) };
  }
  if (ref.path[0] === 'Self' && ref.path.length === 2) {
    const a = findAlias(scope, `Self::${last}`);
    if (a) return tyOf(ev, a.alias.ref, a.scope);
  }
  const place = { file: scope.module.file, at: ref.at };
  const alias = ref.path.length === 1 ? aliasOf(ev, last, scope, place) : undefined;
  if (alias) {
    const types = new Map(alias.scope.types ?? []);
    alias.alias.generics.forEach((g, i) => types.set(g.name, ref.args[i] ? tyOf(ev, ref.args[i] as TypeRef, scope) : g.default ? tyOf(ev, g.default, alias.scope) : { path: g.name, args: [] }));
    return tyOf(ev, alias.alias.ref, { ...alias.scope, types });
  }
  const args = ref.args.map((a) => tyOf(ev, a, scope));
  const v = ref.self_ ? undefined : resolveTypePath(ev, ref.path, scope, place);
  if (v?.t === 'alias') {
    const types = new Map(v.scope.types ?? []);
    v.alias.generics.forEach((g, i) => types.set(g.name, args[i] ?? { path: g.name, args: [] }));
    return tyOf(ev, v.alias.ref, { ...v.scope, types });
  }
  if (v?.t === 'class') return { path: v.name, cls: v, args };
  if (v?.t === 'ext') {
    const bare = v.path.replace(/^(std|core|alloc)::(\w+::)*/, '');
    return { path: ['Option', 'Result', 'Vec', 'String', 'Box', 'Arc', 'Rc'].includes(bare) ? bare : v.path, args: args.length ? args : (v.ty ?? []), ref };
  }
  return { path: ref.path.join('::'), args, ref };
}

interface FoundAlias { alias: { ref: TypeRef; generics: Generic[] }; scope: Scope }

function typeParam(name: string, scope: Scope): Ty | undefined {
  let s: Scope | undefined = scope;
  while (s) {
    const t = s.types?.get(name);
    if (t) return t;
    s = s.parent;
  }
  return undefined;
}

function findAlias(scope: Scope, name: string): FoundAlias | undefined {
  let s: Scope | undefined = scope;
  while (s) {
    const a = s.aliases?.get(name);
    if (a) return { alias: a, scope: s };
    s = s.parent;
  }
  return undefined;
}

function aliasOf(ev: Ev, name: string, scope: Scope, place: Place): FoundAlias | undefined {
  const own = findAlias(scope, name);
  if (own) return own;
  let s: Scope | undefined = scope;
  while (s) {
    if (s.vars.has(name)) return undefined;
    const u = s.uses?.get(name);
    if (u && u.length > 1 && !ev.program.resolving.has(u)) {
      ev.program.resolving.add(u);
      try {
        const m = resolveUse(ev, u.slice(0, -1), s, place);
        if (m?.t === 'module') return m.module.scope.aliases?.has(u.at(-1) as string) ? { alias: m.module.scope.aliases.get(u.at(-1) as string) as FoundAlias['alias'], scope: m.module.scope } : aliasOf(ev, u.at(-1) as string, m.module.scope, place);
      } finally {
        ev.program.resolving.delete(u);
      }
      return undefined;
    }
    for (const g of s.globs ?? []) {
      if (ev.program.resolving.has(g)) continue;
      ev.program.resolving.add(g);
      try {
        const m = resolveUse(ev, g, s, place);
        if (m?.t === 'module') {
          const a = m.module.scope.aliases?.get(name);
          if (a) return { alias: a, scope: m.module.scope };
        }
      } finally {
        ev.program.resolving.delete(g);
      }
    }
    s = s.parent;
  }
  return undefined;
}

function resolveTypePath(ev: Ev, path: string[], scope: Scope, place: Place): Val | ({ t: 'alias' } & FoundAlias) | undefined {
  if (path.length > 1) {
    const m = walk(ev, head(ev, path[0] as string, scope, place), path.slice(1, -1), scope.module, place);
    const last = path.at(-1) as string;
    if (m?.t === 'module') {
      const a = m.module.scope.aliases?.get(last);
      if (a) return { t: 'alias', alias: a, scope: m.module.scope };
    }
    return walk(ev, m, [last], scope.module, place);
  }
  return rsName(ev, path[0] as string, scope, place);
}

/** Types are resolved with their parameters in force, so nothing is left to substitute; kept types of parameters may be. */
export const substitute = (t: Ty, types: Map<string, Ty> | undefined): Ty => (types && !t.cls && t.args.length === 0 ? (types.get(t.path) ?? t) : t);

export function typeOfValue(v: Val): Ty | undefined {
  switch (v.t) {
    case 'obj': return { path: v.cls.name, cls: v.cls, args: v.types ?? [] };
    case 'variant': return v.cls ? { path: v.cls.name, cls: v.cls, args: [] } : undefined;
    case 'phi': {
      const a = typeOfValue(v.a);
      return a?.cls || !typeOfValue(v.b) ? a : typeOfValue(v.b);
    }
    case 'sym': case 'call': case 'attr': case 'item': case 'op': return v.ty;
    default: return undefined;
  }
}

// ------------------------------------------------------------------------------------------------ fields and literals

export function rsField(ev: Ev, of: Val, name: string, place: Place): Val {
  switch (of.t) {
    case 'obj': case 'variant': {
      const f = of.fields.get(name);
      if (f) return f;
      break;
    }
    case 'seq': {
      const i = Number(name);
      if (!Number.isNaN(i)) return of.items[i] ?? of.rest ?? op('field', [of, STR(name)]);
      break;
    }
    case 'map': return of.entries.get(name) ?? attr(of, name);
    case 'phi': {
      const a = rsField(ev, of.a, name, place);
      const b = rsField(ev, of.b, name, place);
      return a === b ? a : { t: 'phi', c: of.c, a, b, id: nextId() };
    }
    default: break;
  }
  if ((of.t === 'sym' || of.t === 'call') && of.store?.has(name)) return of.store.get(name) as Val;
  // `ReqData(x)`, `Extension(x)`: the fields are those of what is in it.
  if (of.t === 'sym' && of.store?.has('0') && of.ty && isWrapper(of.ty.path) && !/^\d+$/.test(name)) return rsField(ev, of.store.get('0') as Val, name, place);
  let ty = typeOfValue(of);
  while (ty && !ty.cls && isWrapper(ty.path) && ty.args[0]) {
    if (/^\d+$/.test(name)) return attr(of, name, ty.args[0]);
    ty = ty.args[0];
  }
  if (ty?.cls) {
    const f = ty.cls.fields.find((x) => x.name === name);
    if (f) {
      const types = new Map<string, Ty>();
      ty.cls.generics.forEach((g, i) => { if (ty?.args[i]) types.set(g.name, ty.args[i] as Ty); });
      return attr(of, name, tyOf(ev, f.type, { ...ty.cls.scope, types, parent: ty.cls.scope, vars: new Map(), kind: 'block', uses: undefined, globs: undefined, lazy: undefined, aliases: undefined }));
    }
  }
  if (ty?.path === '(tuple)' && /^\d+$/.test(name)) return attr(of, name, ty.args[Number(name)]);
  const base = ev.program.pathOf(of);
  const path = base === undefined ? undefined : ev.models.canonical(`${base}.${name}`);
  return (path !== undefined ? ev.models.attr(ev, of, name, path) : undefined) ?? attr(of, name);
}

export function rsStruct(ev: Ev, e: Expr & { k: 'new' }, scope: Scope, place: Place): Val {
  const fields: [string, Val][] = e.fields.map((f) => [f.name, evaluate(ev, f.value, scope)]);
  const base = e.base ? evaluate(ev, e.base, scope) : undefined;
  const path = e.type.path;
  const last = path.at(-1) ?? '';
  if (path.length > 1) {
    const parent = walk(ev, head(ev, path[0] as string, scope, place), path.slice(1, -1), scope.module, place);
    if (parent?.t === 'class' && parent.variants?.has(last)) {
      const v = variant(parent.name, last, [], parent);
      for (const [k, x] of fields) v.fields.set(k, x);
      return v;
    }
  }
  const ty = tyOf(ev, e.type, scope);
  if (ty.cls) {
    const o = obj(ty.cls, place);
    if (base?.t === 'obj') for (const [k, v] of base.fields) o.fields.set(k, v);
    else if (base) for (const f of ty.cls.fields) o.fields.set(f.name, rsField(ev, base, f.name, place));
    for (const [k, v] of fields) o.fields.set(k, v);
    if (ty.args.length) o.types = ty.args;
    return o;
  }
  return external(ev, ty.path || path.join('::'), undefined, undefined, mkArgs([], new Map(fields)), place, last);
}

// ------------------------------------------------------------------------------------------------ errors

/** The error type that `?` converts to here, from the function's declared return type. */
export function errorType(ev: Ev, scope: Scope): Ty | undefined {
  let s: Scope | undefined = scope;
  // An async block is a function of its own whose type nobody writes: it is what the function around it gives back.
  while (s && (s.kind !== 'function' || s.inline)) s = s.parent;
  if (!s?.returns) return undefined;
  return resultError(tyOf(ev, s.returns, s));
}

export function resultError(t: Ty): Ty | undefined {
  if (/(^|::)Result$/.test(t.path)) return t.args[1] ?? (t.path === 'Result' ? undefined : { path: `${t.path}::Error`, args: [] });
  if (/(^|::)(Pin|Box|Future|Ready|LocalBoxFuture|BoxFuture)$/.test(t.path) || t.path === '') for (const a of [...t.args, ...(t.bounds ?? [])]) {
    const r = resultError(a);
    if (r) return r;
  }
  return undefined;
}

/** What `?` makes of `err`: `From` of the function's error type. */
export function convertError(ev: Ev, err: Val, scope: Scope, place: Place): Val {
  const target = errorType(ev, scope);
  if (!target) return Err(err);
  return Err(convertTo(ev, err, target, place));
}

export function convertTo(ev: Ev, err: Val, target: Ty, place: Place): Val {
  if (err.t === 'phi') return ev.branch(err.c, () => convertTo(ev, err.a, target, place), () => convertTo(ev, err.b, target, place));
  const source = typeOfValue(err);
  if (!target.cls) return err;
  if (source?.cls === target.cls) return err;
  const froms = target.cls.impls.filter((i) => i.trait && /(^|::)From$/.test(i.trait.path));
  const fits: { fn: FnVal; t: Ty; score: number }[] = [];
  for (const i of froms) {
    const arg = i.trait?.ref.args[0];
    const fn = i.members.get('from');
    if (!arg || fn?.t !== 'fn') continue;
    const t = tyOf(ev, arg, i.scope);
    const score = matches(ev, err, source, t);
    if (score > 0) fits.push({ fn, t, score });
  }
  const best = fits.sort((a, b) => b.score - a.score)[0];
  if (best) return callFunction(ev, best.fn, mkArgs([source ? err : ({ ...err, ty: best.t } as Val)]), place);
  for (const i of froms) {
    const arg = i.trait?.ref.args[0];
    const fn = i.members.get('from');
    // `impl<E: Into<anyhow::Error>> From<E>` takes whatever comes.
    if (fn?.t === 'fn' && arg?.t === 'path' && arg.path.length === 1 && arg.args.length === 0 && i.generics.some((g) => g.name === arg.path[0])) return callFunction(ev, fn, mkArgs([err]), place);
  }
  for (const [name, v] of target.cls.variants ?? []) {
    const f = v.fields[0];
    if (!f?.marks.some((m) => m.expr.k === 'name' && m.expr.id === 'from')) continue;
    if (matches(ev, err, source, tyOf(ev, f.type, target.cls.scope)) > 0) return variant(target.cls.name, name, [err], target.cls);
  }
  return op('from', [err], target);
}

/** How well an error fits a type that it may be converted from; 0 for not at all. */
function matches(ev: Ev, err: Val, source: Ty | undefined, wanted: Ty): number {
  if (source?.cls || wanted.cls) return source?.cls === wanted.cls ? 100 : 0;
  if (source?.path && wanted.path && source.path === wanted.path) return 100;
  if (err.t === 'const') return /(^|::)(String|str)$/.test(wanted.path) ? 100 : 0;
  if (source?.path && source.path.includes('::')) return source.path.split('::')[0] === wanted.path.split('::')[0] && source.path.split('::').at(-1) === wanted.path.split('::').at(-1) ? 90 : 0;
  // The crate that the failing call belongs to is the crate of its error; among its error types, that of the call's module.
  const crate = wanted.path.split('::')[0] ?? '';
  const origin = originCrate(ev, err);
  const call = failingCall(err);
  if (origin === undefined ? !(call && DATABASE.test(crate) && QUERY.test(call.name)) : origin !== crate) return 0;
  const text = call ? chainText(call) : '';
  let score = 50;
  for (const m of wanted.path.split('::').slice(1, -1)) score += text.includes(`${m}::`) ? 10 : /^(result|error|errors)$/.test(m) ? 1 : -10;
  return score - ((wanted.path.split('::').at(-1) ?? '') === 'Error' ? 0 : 2);
}

const DATABASE = /^(diesel|diesel_async|sqlx|sea_orm|rusqlite|tokio_postgres|mongodb)$/;
const QUERY = /^(first|get_result|get_results|load|execute|fetch|fetch_one|fetch_all|fetch_optional|one|all|exec|find|save|insert|update|delete|query|query_one|query_opt|query_row|find_one|count|paginate)$/;

function failingCall(v: Val, depth = 0): (Val & { t: 'call' }) | undefined {
  if (depth > 12) return undefined;
  return v.t === 'call' ? v : v.t === 'op' && v.args[0] ? failingCall(v.args[0], depth + 1) : v.t === 'attr' || v.t === 'item' ? failingCall(v.of, depth + 1) : undefined;
}

/** Names on the way to a call: its own path and the types of what it is called on. */
function chainText(c: Val & { t: 'call' }): string {
  const out: string[] = [];
  let v: Val | undefined = c;
  for (let i = 0; v && i < 40; i++) {
    if (v.t === 'call') {
      out.push(v.path, v.ty?.path ?? '');
      v = v.recv;
    } else if (v.t === 'attr' || v.t === 'sym') {
      out.push(v.ty?.path ?? '', ...(v.ty?.args ?? []).map((a) => a.path));
      v = v.t === 'attr' ? v.of : undefined;
    } else v = v.t === 'op' ? v.args[0] : undefined;
  }
  return out.join(' ');
}

function originCrate(ev: Ev, v: Val, depth = 0): string | undefined {
  if (depth > 30) return undefined;
  if (v.t === 'op' && v.args[0]) return originCrate(ev, v.args[0], depth + 1);
  if (v.t === 'attr' || v.t === 'item') return originCrate(ev, v.of, depth + 1);
  if (v.t === 'call') return v.recv ? originCrate(ev, v.recv, depth + 1) ?? crateOf(v.path) : crateOf(v.path);
  if (v.t === 'sym') return v.ty?.path ? crateOf(v.ty.path) : undefined;
  return undefined;
}
const crateOf = (path: string): string | undefined => (path.includes('::') ? path.split('::')[0] : undefined);

