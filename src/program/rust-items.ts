/** Items of a block, and the impls that belong to its types. */
import type { Generic, Stmt, TypeRef } from '../facts/types.js';
import { type Ev, quietly } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { NONE, sym, unknown } from './make.js';
import { compiledIn, compiledOut } from './rust-cfg.js';
import { tyOf } from './rust-types.js';
import { type Cls, type Impl, nextId, Prov, type Scope, type Ty, type Val } from './values.js';

/** The API path of a value that a task knows while somebody gives it one. */
export const TASK_LOCAL = 'tokio::task::LocalKey()';

/** Enters a block's items into its scope; constants stay unevaluated until asked for. */
export function defineItems(ev: Ev, body: Stmt[], scope: Scope): void {
  const module = scope.module;
  if (scope.kind === 'module') ev.program.items++;
  for (const s of body) {
    const place = { file: module.file, at: s.at };
    if ('marks' in s && s.marks && compiledOut(ev, s.marks)) continue;
    switch (s.s) {
      case 'fn':
        if (compiledOut(ev, s.fn.marks)) break;
        scope.vars.set(s.fn.name, { t: 'fn', def: compiledIn(ev, s.fn), scope, module, id: nextId(), p: 0 });
        break;
      case 'struct':
      case 'enum':
      case 'trait': {
        const cls: Cls = {
          t: 'class',
          id: nextId(),
          name: s.name,
          module,
          kind: s.s,
          place,
          marks: s.marks,
          bases: [],
          members: new Map(),
          impls: [],
          fields: s.s === 'struct' ? s.fields : [],
          generics: s.generics,
          scope,
          ...(s.s === 'struct' ? { tuple: s.tuple } : {}),
        };
        if (s.s === 'enum') cls.variants = numbered(s.variants);
        if (s.s === 'trait') {
          cls.traitBounds = s.bounds;
          for (const m of s.body)
            if (m.s === 'fn')
              cls.members.set(m.fn.name, {
                t: 'fn',
                def: m.fn,
                scope: { ...child(scope), self: cls },
                module,
                owner: cls,
                id: nextId(),
                p: 0,
              });
        }
        scope.vars.set(s.name, cls);
        break;
      }
      case 'const':
        if (s.value) {
          const value = s.value;
          const place = ev.place(module, s.at);
          (scope.lazy ??= new Map()).set(
            s.name,
            once(s.name, place, () =>
              declared(
                ev,
                onceForAll(ev, () => evaluate(ev, value, scope, s.type)),
                s.type,
                scope,
              ),
            ),
          );
        } else if (s.type && module.language === 'rust')
          // `task_local! { static CALLER: User; }`: it has a value while somebody gives it one.
          scope.vars.set(s.name, sym(s.name, Prov.None, { path: TASK_LOCAL }));
        break;
      case 'type':
        if (s.type) (scope.aliases ??= new Map()).set(s.name, { ref: s.type, generics: s.generics });
        break;
      case 'use':
        useInto(ev, s, scope);
        break;
      case 'impl':
        ev.program.impls.push({ stmt: s, scope });
        if (ev.program.linked) linkImpls(ev);
        break;
      case 'macro-rules':
        ev.program.macros.set(s.name, [...(ev.program.macros.get(s.name) ?? []), { rules: s.rules, module }]);
        break;
      case 'opaque':
        if (s.why === 'syntax error') ev.gap('syntax-error', 'items without a parse', place);
        break;
      default:
        break;
    }
  }
}

const child = (parent: Scope): Scope => ({
  vars: new Map(),
  parent,
  module: parent.module,
  kind: 'block',
  self: parent.self,
  types: parent.types,
});

/** What a constant is made from by a library has the type that is written. */
function declared(ev: Ev, v: Val, type: TypeRef | undefined, scope: Scope): Val {
  if (!type || (v.t !== 'call' && v.t !== 'sym' && v.t !== 'op')) return v;
  const known = v.ty;
  if (known && (known.cls || known.args.length > 0)) return v;
  const ty = tyOf(ev, type, scope);
  return ty.cls || ty.path ? { ...v, ty } : v;
}

/** Evaluates outside any request: the path condition and the exits of the caller are not touched. */
/** The value of a constant, computed when it is first asked for; one that is defined by itself has none. */
function once(name: string, place: Place, compute: () => Val): () => Val {
  let value: Val | undefined;
  let asking = false;
  return () => {
    if (value) return value;
    if (asking) return unknown(`\`${name}\` is defined by itself`, place);
    asking = true;
    try {
      return (value = compute());
    } finally {
      asking = false;
    }
  };
}

/** Evaluates what is made once and stays, whichever request asks for it first: no request has a part in it. */
export function onceForAll(ev: Ev, fn: () => Val): Val {
  const request = ev.request;
  ev.request = undefined;
  try {
    let v: Val = NONE;
    ev.journal.apart(() => {
      v = quietly(ev, fn);
    });
    return v;
  } finally {
    ev.request = request;
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
  p.items++;
  for (const { stmt, scope } of p.impls.splice(0)) {
    const inner: Scope = { ...child(scope), types: new Map(scope.types ?? []) };
    const target = stmt.type.t === 'path' ? resolveType(ev, stmt.type, scope, stmt.generics) : tyOf(ev, stmt.type, scope);
    if (target.cls) inner.self = target.cls;
    const members = new Map<string, Val>();
    const types = new Map<string, TypeRef>();
    const impl: Impl = {
      type: stmt.type,
      generics: stmt.generics,
      members,
      types,
      module: scope.module,
      scope: inner,
      place: { file: scope.module.file, at: stmt.at },
    };
    for (const m of stmt.body) {
      if ('marks' in m && m.marks && compiledOut(ev, m.marks)) continue;
      if (m.s === 'fn' && !compiledOut(ev, m.fn.marks))
        members.set(m.fn.name, { t: 'fn', def: m.fn, scope: inner, module: scope.module, owner: target.cls, impl, id: nextId(), p: 0 });
      else if (m.s === 'type' && m.type) {
        types.set(m.name, m.type);
        (inner.aliases ??= new Map()).set(`Self::${m.name}`, { ref: m.type, generics: [] });
      } else if (m.s === 'const' && m.value) {
        const value = m.value;
        const place = ev.place(scope.module, m.at);
        (inner.lazy ??= new Map()).set(
          m.name,
          once(m.name, place, () => onceForAll(ev, () => evaluate(ev, value, inner))),
        );
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
      const key = stmt.generics.some(g => g.name === stmt.type.path[0]) ? '*' : target.path;
      p.libraryImpls.set(key, [...(p.libraryImpls.get(key) ?? []), impl]);
    }
    for (const [k, v] of members) if (v.t === 'fn' && v.def.params[0]?.kind === 'self') p.methods.set(k, [...(p.methods.get(k) ?? []), v]);
  }
  p.items++;
}

function resolveType(ev: Ev, ref: TypeRef, scope: Scope, generics: Generic[]): Ty {
  const plain = {
    ...scope,
    types: new Map([...(scope.types ?? []), ...generics.map((g): [string, Ty] => [g.name, { path: g.name, args: [] }])]),
  };
  return tyOf(ev, ref, plain);
}

/** Variants with the numbers that they are ordered by: their own, or one more than that of the variant before. */
function numbered(variants: (Stmt & { s: 'enum' })['variants']): NonNullable<Cls['variants']> {
  let next = 0;
  return new Map(
    variants.map(v => {
      const sign = v.value?.k === 'un' && v.value.op === '-' ? -1 : 1;
      const own = v.value?.k === 'un' ? v.value.of : v.value;
      const index = own?.k === 'lit' && typeof own.v === 'number' ? sign * own.v : next;
      next = index + 1;
      return [v.name, { ...v, index }];
    }),
  );
}
