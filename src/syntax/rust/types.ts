/** Types, paths and generics of Rust. */
import type { Expr, Generic, TypeRef } from '../../facts/types.js';
import { child, type Context, isNamed, MAX_DEPTH, named } from './context.js';
import { plainName, segments } from './scan.js';
import type { Syn } from './tree.js';

interface PathParts {
  segs: string[];
  types?: TypeRef[];
  assoc?: { name: string; type: TypeRef }[];
  self_?: TypeRef;
  /** It begins with `::`, at the name of a crate. */
  root?: true;
}

const unit = (at: number): TypeRef => ({ t: 'tuple', path: [], args: [], at });

/** Segments, last generics and qualifying type of any node that names something. */
export function pathOf(cx: Context, n: Syn): PathParts {
  switch (n.k) {
    case 'scoped_identifier':
    case 'scoped_type_identifier': {
      const first = n.c[0];
      const last = n.c[n.c.length - 1];
      if (!first || !last) return { segs: [] };
      if (first === last || first.k === '::') return { segs: [cx.name(last)], root: true };
      const head = pathOf(cx, first);
      head.segs.push(cx.name(last));
      const self_ = head.types || head.assoc ? typeOf(cx, first) : head.self_;
      return self_ ? { segs: head.segs, self_ } : head.root ? { segs: head.segs, root: true } : { segs: head.segs };
    }
    case 'generic_type':
    case 'generic_type_with_turbofish':
    case 'generic_function': {
      const base = pathOf(cx, n.c[0]!);
      const list = child(n, 'type_arguments');
      return list ? { ...base, ...typeArgs(cx, list) } : base;
    }
    case 'bracketed_type': {
      const inner = n.c.find(isNamed);
      if (inner?.k === 'qualified_type') {
        const [type, alias] = named(inner);
        const segs = alias ? pathOf(cx, alias).segs : [];
        return type ? { segs, self_: typeOf(cx, type) } : { segs };
      }
      if (!inner) return { segs: [] };
      const self_ = typeOf(cx, inner);
      return { segs: [...self_.path], self_ };
    }
    default:
      return { segs: n.e > n.s ? segments(cx.src(n)) : [] };
  }
}

/** `<A, 'a, Item = B, 3>`. */
function typeArgs(cx: Context, list: Syn): { types: TypeRef[]; assoc?: { name: string; type: TypeRef }[] } {
  const types: TypeRef[] = [];
  const assoc: { name: string; type: TypeRef }[] = [];
  for (const n of list.c) {
    if (n.k === 'type_binding') {
      const parts = named(n);
      const type = parts[parts.length - 1];
      if (parts[0] && type) assoc.push({ name: cx.name(parts[0]), type: typeOf(cx, type) });
    } else if (n.k === 'trait_bounds') {
      // `Item: Bound` is a bare name followed by bounds
      const name = types.pop()?.path[0];
      if (name) assoc.push({ name, type: { t: 'impl', path: [], args: bounds(cx, n), at: cx.at(n.s) } });
    } else if (n.k !== 'lifetime' && n.k !== 'attribute_item' && isNamed(n)) types.push(typeOf(cx, n));
  }
  return assoc.length ? { types, assoc } : { types };
}

/** The turbofish of a path or method call. */
export const turbofish = (cx: Context, n: Syn): TypeRef[] => {
  const list = child(n, 'type_arguments');
  return list ? typeArgs(cx, list).types : [];
};

export function lowerType(cx: Context, n: Syn | undefined): TypeRef {
  if (!n) return { t: 'infer', path: [], args: [], at: 0 };
  if (cx.depth >= MAX_DEPTH) return { t: 'infer', path: [], args: [], at: cx.at(n.s) };
  cx.depth++;
  const type = typeOf(cx, n);
  cx.depth--;
  return type;
}

function typeOf(cx: Context, n: Syn): TypeRef {
  const at = cx.at(n.s);
  switch (n.k) {
    case 'type_identifier':
    case 'identifier':
    case 'primitive_type': {
      const name = cx.name(n);
      return name === '_' ? { t: 'infer', path: [], args: [], at } : { t: 'path', path: [name], args: [], at };
    }
    case 'reference_type':
    case 'pointer_type':
    case 'array_type': {
      const inner = n.c.find(c => isNamed(c) && c.k !== 'lifetime' && c.k !== 'mutable_specifier');
      return { t: n.k === 'array_type' ? 'array' : 'ref', path: [], args: inner ? [cx.type(inner)] : [], at };
    }
    case 'unit_type':
      return unit(at);
    case 'tuple_type':
      return { t: 'tuple', path: [], args: named(n).map(c => cx.type(c)), at };
    case 'never_type':
      return { t: 'never', path: [], args: [], at };
    case 'function_type':
      return functionType(cx, n);
    case 'abstract_type':
    case 'dynamic_type':
    case 'bounded_type':
      return boundedType(cx, n);
    case 'higher_ranked_trait_bound':
      return cx.type(n.c[n.c.length - 1]);
    case 'macro_invocation':
      return { t: 'path', path: [`${n.c[0] ? cx.src(n.c[0]) : ''}!`], args: [], at };
    case 'integer_literal':
    case 'negative_literal':
    case 'float_literal':
    case 'boolean_literal':
    case 'char_literal':
    case 'string_literal':
    case 'raw_string_literal':
    case 'block':
    case 'unary_expression':
      return { t: 'const', path: [cx.src(n)], args: [], at };
    case 'MISSING':
    case 'ERROR':
      return { t: 'infer', path: [], args: [], at };
    default: {
      cx.depth++;
      const { segs, types, assoc, self_ } = cx.depth > MAX_DEPTH ? { segs: [] } : pathOf(cx, n);
      cx.depth--;
      const out: TypeRef = { t: 'path', path: segs, args: types ?? [], at };
      if (assoc) out.assoc = assoc;
      if (self_) out.self_ = self_;
      return out;
    }
  }
}

/** `fn(A) -> B` has no path, `Fn(A) -> B` is named by its trait. */
function functionType(cx: Context, n: Syn): TypeRef {
  const params = child(n, 'parameters');
  const before = n.c.find(c => c !== params && isNamed(c) && !/modifier|lifetime/.test(c.k));
  const arrow = n.c.findIndex(c => c.k === '->');
  const ret = arrow < 0 ? undefined : n.c[arrow + 1];
  const args = (params?.c ?? [])
    .filter(c => isNamed(c) && c.k !== 'attribute_item')
    .map(c => cx.type(c.k === 'parameter' ? c.c[c.c.length - 1] : c));
  args.push(ret ? cx.type(ret) : unit(cx.at(n.s)));
  return { t: 'fn', path: before && before !== ret ? pathOf(cx, before).segs : [], args, at: cx.at(n.s) };
}

/** `impl A + B`, `dyn A + B`: one type with all bounds. */
function boundedType(cx: Context, n: Syn): TypeRef {
  const out: TypeRef = { t: 'dyn', path: [], args: [], at: cx.at(n.s) };
  const gather = (part: Syn, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    for (const c of part.c) {
      if (c.k === 'bounded_type') gather(c, depth + 1);
      else if (c.k === 'abstract_type' || c.k === 'dynamic_type') {
        if (c.k === 'abstract_type') out.t = 'impl';
        gather(c, depth + 1);
      } else if (isBound(c)) out.args.push(cx.type(c));
    }
  };
  if (n.k === 'abstract_type') out.t = 'impl';
  gather(n, 0);
  return out;
}

const isBound = (n: Syn): boolean =>
  isNamed(n) &&
  n.k !== 'lifetime' &&
  n.k !== 'removed_trait_bound' &&
  n.k !== 'use_bounds' &&
  n.k !== 'for_lifetimes' &&
  n.k !== 'type_parameters';

export const bounds = (cx: Context, n: Syn | undefined): TypeRef[] => (n ? n.c.filter(isBound).map(c => cx.type(c)) : []);

/** The generics of an item; bounds of its `where` clause are merged into the parameters they name. */
export function generics(cx: Context, item: Syn): Generic[] {
  const out: Generic[] = [];
  for (const p of child(item, 'type_parameters')?.c ?? []) {
    const name = p.c[0];
    if (p.k === 'type_parameter' && name) {
      const generic: Generic = { name: cx.name(name), bounds: bounds(cx, child(p, 'trait_bounds')) };
      const i = p.c.findIndex(c => c.k === '=');
      if (i >= 0) generic.default = cx.type(p.c[i + 1]);
      out.push(generic);
    } else if (p.k === 'const_parameter' && name) out.push({ name: cx.name(name), bounds: p.c[1] ? [cx.type(p.c[1])] : [], const: true });
  }
  const where = out.length ? child(item, 'where_clause') : undefined;
  for (const predicate of where?.c ?? []) {
    let left = predicate.c[0];
    if (left?.k === 'higher_ranked_trait_bound') left = left.c[left.c.length - 1];
    if (left?.k !== 'type_identifier') continue;
    const name = plainName(cx.src(left));
    out.find(g => g.name === name)?.bounds.push(...bounds(cx, child(predicate, 'trait_bounds')));
  }
  return out;
}

/** A path in expression position. */
export function pathExpr(cx: Context, n: Syn): Expr {
  const { segs, types, self_, root } = pathOf(cx, n);
  const out: Expr = { k: 'path', segs, at: cx.at(n.s) };
  if (types) out.types = types;
  if (self_) out.self_ = self_;
  if (root) out.root = true;
  return out;
}
