/** Fields of values, and struct literals. */
import { mapped } from './alternatives.js';
import type { Expr } from '../facts/types.js';
import { external } from './calls.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { args as mkArgs, attr, obj, op, STR, variant } from './make.js';
import { defaultOf } from './rust-defaults.js';
import { dereferenced } from './rust-deref.js';
import { head, walk } from './rust-names.js';
import { asShown } from './rust-shown.js';
import { isWrapper, tyOf, typeOfValue } from './rust-types.js';
import type { Cls, Scope, Ty, Val } from './values.js';

export function rsField(ev: Ev, of: Val, name: string, place: Place): Val {
  return asShown(ev, fieldOf(ev, of, name, place));
}

function fieldOf(ev: Ev, of: Val, name: string, place: Place): Val {
  switch (of.t) {
    case 'obj':
    case 'variant': {
      const f = of.fields.get(name);
      if (f) return f;
      break;
    }
    case 'seq': {
      const i = Number(name);
      if (!Number.isNaN(i)) return of.items[i] ?? of.rest ?? op('field', [of, STR(name)]);
      break;
    }
    case 'map':
      return of.entries.get(name) ?? attr(of, name);
    case 'phi':
      return mapped(of, x => rsField(ev, x, name, place));
    default:
      break;
  }
  if ((of.t === 'sym' || of.t === 'call') && of.store?.has(name)) return of.store.get(name) as Val;
  // `ReqData(x)`, `Extension(x)`: the fields are those of what is in it.
  if (of.t === 'sym' && of.store?.has('0') && of.ty && isWrapper(of.ty.path) && !/^\d+$/.test(name))
    return rsField(ev, of.store.get('0') as Val, name, place);
  let ty = typeOfValue(of);
  while (ty && !ty.cls && isWrapper(ty.path) && ty.args[0]) {
    if (/^\d+$/.test(name)) return attr(of, name, ty.args[0]);
    ty = ty.args[0];
  }
  if (ty?.cls) {
    const f = ty.cls.fields.find(x => x.name === name);
    // What a library's newtype holds (`Query(given)`): a part of what the library read.
    const read = f && of.t === 'attr' && of.name === '0' ? ev.models.attr(ev, of, name, '') : undefined;
    if (read) return read;
    if (f) {
      const types = new Map<string, Ty>();
      ty.cls.generics.forEach((g, i) => {
        if (ty?.args[i]) types.set(g.name, ty.args[i] as Ty);
      });
      return attr(
        of,
        name,
        tyOf(ev, f.type, {
          ...ty.cls.scope,
          types,
          parent: ty.cls.scope,
          vars: new Map(),
          kind: 'block',
          uses: undefined,
          globs: undefined,
          lazy: undefined,
          aliases: undefined,
        }),
      );
    }
  }
  const behind = ty?.cls && dereferenced(ev, of, place);
  if (behind) return rsField(ev, behind, name, place);
  if (ty?.path === '(tuple)' && /^\d+$/.test(name)) return attr(of, name, ty.args[Number(name)]);
  const base = ev.program.pathOf(of);
  const path = base === undefined ? undefined : ev.models.canonical(`${base}.${name}`);
  return (path !== undefined ? ev.models.attr(ev, of, name, path) : undefined) ?? attr(of, name);
}

export function rsStruct(ev: Ev, e: Expr & { k: 'new' }, scope: Scope, place: Place): Val {
  const fields: [string, Val][] = e.fields.map(f => [f.name, evaluate(ev, f.value, scope)]);
  const base = e.base && (isDefault(e.base) ? defaultOf(ev, tyOf(ev, e.type, scope), place) : evaluate(ev, e.base, scope));
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
  const { cls } = ty;
  if (cls) {
    const o = obj(cls, place);
    if (base?.t === 'obj') for (const [k, v] of base.fields) o.fields.set(k, v);
    else if (base) for (const f of cls.fields) o.fields.set(f.name, rsField(ev, base, f.name, place));
    for (const [k, v] of fields)
      o.fields.set(
        k,
        mapped(v, x => declared(ev, cls, k, x)),
      );
    if (ty.args.length) o.types = ty.args;
    return o;
  }
  return external(ev, ty.path || path.join('::'), undefined, undefined, mkArgs([], new Map(fields)), place, last);
}

/** `Default::default()`, which does not say of which type. */
const isDefault = (e: Expr): boolean =>
  e.k === 'call' && e.args.length === 0 && e.fn.k === 'path' && e.fn.segs.slice(-2).join('::') === 'Default::default';

/** A symbolic value that a field is set to learns the field's type. */
function declared(ev: Ev, cls: Cls, name: string, v: Val): Val {
  if ((v.t !== 'sym' && v.t !== 'call' && v.t !== 'op' && v.t !== 'attr' && v.t !== 'item') || v.ty) return v;
  const type = cls.fields.find(f => f.name === name)?.type;
  if (type?.t !== 'path' || cls.generics.some(g => g.name === type.path[0])) return v;
  const ty = tyOf(ev, type, cls.scope);
  return ty.cls || ty.path ? { ...v, ty } : v;
}
