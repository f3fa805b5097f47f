/** Types as written, resolved: aliases, parameters in force, wrappers. */
import type { Generic, TypeRef } from '../facts/types.js';
import { spend } from './effort.js';
import { evaluate } from './expressions.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { lookedUp } from './rust-lookups.js';
import { head, resolveUse, rsName, walk } from './rust-names.js';
import type { Cls, Scope, Ty, Val } from './values.js';

/** Wrappers that a field access or a method call looks through. */
export const isWrapper = (path: string): boolean =>
  /(^|::)(Arc|Rc|Box|Cow|Pin|MutexGuard|RwLockReadGuard|RwLockWriteGuard|Ref|RefMut|Mutex|RwLock|RefCell|Data|ReqData|State|Extension|Json|Path|Query|Form|Lazy|LazyLock|OnceLock|OnceCell|Cached|ThinData|Report|MatchedPath|OriginalUri)$/.test(
    path,
  );

/** Types are looked up no deeper: one that is made of itself has no end. */
const MAX_TYPING = 48;

export function tyOf(ev: Ev, ref: TypeRef, scope: Scope): Ty {
  spend(1);
  if (ev.typing >= MAX_TYPING) return { path: ref.path.join('::'), args: [], ref };
  ev.typing++;
  try {
    return resolved(ev, ref, scope);
  } finally {
    ev.typing--;
  }
}

function resolved(ev: Ev, ref: TypeRef, scope: Scope): Ty {
  switch (ref.t) {
    case 'ref':
      return ref.args[0] ? tyOf(ev, ref.args[0], scope) : { path: '', args: [] };
    case 'tuple':
      return { path: '(tuple)', args: ref.args.map(a => tyOf(ev, a, scope)), ref };
    case 'array':
      return { path: '[]', args: ref.args.map(a => tyOf(ev, a, scope)), ref };
    case 'impl':
    case 'dyn': {
      const bounds = ref.args.map(a => tyOf(ev, a, scope));
      const future = ref.args.find(a => a.path.at(-1) === 'Future');
      const output = future?.assoc?.find(a => a.name === 'Output');
      if (output) return tyOf(ev, output.type, scope);
      const local = bounds.find(b => b.cls);
      return { path: bounds[0]?.path ?? '', args: [], bounds, ref, ...(local?.cls ? { cls: local.cls } : {}) };
    }
    case 'path':
      break;
    case 'const': {
      const e = ev.program.rustText?.expr(ref.path[0] ?? '', ref.at);
      return { path: '', args: [], ref, ...(e ? { value: evaluate(ev, e, scope) } : {}) };
    }
    default:
      return { path: '', args: [], ref };
  }
  const last = ref.path.at(-1) ?? '';
  if (ref.path.length === 1) {
    const bound = typeParam(last, scope);
    if (bound) return bound;
    if (last === 'Self' && scope.self)
      return {
        path: scope.self.name,
        cls: scope.self,
        args: scope.self.generics.map(g => scope.types?.get(g.name) ?? { path: g.name, args: [] }),
      };
  }
  if (ref.path[0] === 'Self' && ref.path.length === 2) {
    const a = findAlias(scope, `Self::${last}`);
    if (a) return tyOf(ev, a.alias.ref, a.scope);
  }
  const place = { file: scope.module.file, at: ref.at };
  const alias = ref.path.length === 1 ? aliasOf(ev, last, scope, place) : undefined;
  if (alias) {
    const types = new Map(alias.scope.types ?? []);
    alias.alias.generics.forEach((g, i) =>
      types.set(
        g.name,
        ref.args[i] ? tyOf(ev, ref.args[i] as TypeRef, scope) : g.default ? tyOf(ev, g.default, alias.scope) : { path: g.name, args: [] },
      ),
    );
    return tyOf(ev, alias.alias.ref, { ...alias.scope, types });
  }
  const args = ref.args.map(a => tyOf(ev, a, scope));
  const v = ref.self_ ? undefined : resolveTypePath(ev, ref.path, scope, place);
  if (v?.t === 'alias') {
    const types = new Map(v.scope.types ?? []);
    v.alias.generics.forEach((g, i) => types.set(g.name, args[i] ?? { path: g.name, args: [] }));
    return tyOf(ev, v.alias.ref, { ...v.scope, types });
  }
  if (v?.t === 'class') return { path: v.name, cls: v, args };
  if (v?.t === 'ext') {
    const bare = v.path.replace(/^(std|core|alloc)::(\w+::)*/, '');
    return {
      path: ['Option', 'Result', 'Vec', 'String', 'Box', 'Arc', 'Rc'].includes(bare) ? bare : v.path,
      args: args.length ? args : (v.ty ?? []),
      ref,
    };
  }
  // A constant by its name stands where a type does.
  const value = CONSTANT.test(last) && ref.path.length === 1 ? evaluate(ev, { k: 'name', id: last, at: ref.at }, scope) : undefined;
  return { path: ref.path.join('::'), args, ref, ...(value?.t === 'const' ? { value } : {}) };
}

const CONSTANT = /^[A-Z][A-Z\d_]+$/;

interface FoundAlias {
  alias: { ref: TypeRef; generics: Generic[] };
  scope: Scope;
}

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
    const at: Scope = s;
    if (at.vars.has(name)) return undefined;
    const used =
      at === at.module.scope
        ? lookedUp(ev, at.module, 'alias', name, () => aliasUsed(ev, name, at, place))
        : aliasUsed(ev, name, at, place);
    if (used) return used === NO_ALIAS ? undefined : used;
    s = at.parent;
  }
  return undefined;
}

/** A `use` names something, and it is not an alias. */
const NO_ALIAS = {} as FoundAlias;

/** The alias that a `use` or a glob of this scope names. */
function aliasUsed(ev: Ev, name: string, s: Scope, place: Place): FoundAlias | undefined {
  const u = s.uses?.get(name);
  if (u && u.length > 1 && !ev.program.resolving.has(u)) {
    ev.program.resolving.add(u);
    try {
      const m = resolveUse(ev, u.slice(0, -1), s, place, 'types');
      const last = u.at(-1) as string;
      if (m?.t !== 'module') return NO_ALIAS;
      const there = m.module.scope;
      const a = there.aliases?.get(last);
      return (a ? { alias: a, scope: there } : aliasOf(ev, last, there, place)) ?? NO_ALIAS;
    } finally {
      ev.program.resolving.delete(u);
    }
  }
  for (const g of s.globs ?? []) {
    if (ev.program.resolving.has(g)) continue;
    ev.program.resolving.add(g);
    try {
      const m = resolveUse(ev, g, s, place);
      const a = m?.t === 'module' ? m.module.scope.aliases?.get(name) : undefined;
      if (a && m?.t === 'module') return { alias: a, scope: m.module.scope };
    } finally {
      ev.program.resolving.delete(g);
    }
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
export const substitute = (t: Ty, types: Map<string, Ty> | undefined): Ty =>
  types && !t.cls && t.args.length === 0 ? (types.get(t.path) ?? t) : t;

const phiTypes = new WeakMap<Val, Ty | undefined>();
export function typeOfValue(v: Val): Ty | undefined {
  switch (v.t) {
    case 'obj':
      return { path: v.cls.name, cls: v.cls, args: v.types ?? [] };
    case 'variant':
      return v.cls ? { path: v.cls.name, cls: v.cls, args: [] } : undefined;
    case 'phi': {
      // Alternatives share parts: each is asked once.
      if (phiTypes.has(v)) return phiTypes.get(v);
      const a = typeOfValue(v.a);
      const b = a?.cls ? undefined : typeOfValue(v.b);
      const t = a?.cls || !b ? a : b;
      phiTypes.set(v, t);
      return t;
    }
    case 'sym':
    case 'call':
    case 'attr':
    case 'item':
    case 'op':
      return v.ty;
    default:
      return undefined;
  }
}

/**
 * `self` in a method that was found by the trait which its type names (`Arc<dyn Service>`): it is of the type that has the method, and so has
 * that type's own methods and fields, too.
 */
export function asOwner(v: Val, owner: Cls | undefined): Val {
  if (!owner || owner.kind === 'trait' || (v.t !== 'sym' && v.t !== 'call' && v.t !== 'attr' && v.t !== 'item' && v.t !== 'op')) return v;
  const named = (t: Ty | undefined, depth = 0): boolean =>
    t !== undefined &&
    depth < 6 &&
    (t.cls ? t.cls.kind === 'trait' : [...(t.bounds ?? []), ...t.args.slice(0, 1)].some(x => named(x, depth + 1)));
  return named(v.ty) ? { ...v, ty: { path: owner.name, cls: owner, args: [] } } : v;
}
