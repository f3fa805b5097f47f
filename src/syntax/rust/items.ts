/** Items of Rust: functions, types, impls, modules, `use`. */
import type { Field, FnDef, Mark, Param, Stmt } from '../../facts/types.js';
import { after, child, type Context, has, isNamed, MAX_DEPTH, named } from './context.js';
import { isInnerCfg } from './attributes.js';
import { parameter } from './expressions.js';
import { macroRules } from './macro-rules.js';
import { segments } from './scan.js';
import { lowerInto } from './statements.js';
import { bounds, generics } from './types.js';
import { commentsIn, paramsInComments } from './comments.js';
import type { Syn } from './tree.js';
import { useLeaves } from './use.js';

type Item = (cx: Context, n: Syn, marks: Mark[]) => Stmt[];

/** The children of a file, module, impl or trait, each with the attributes before it. `outer` and an inner `#![cfg(..)]` are put on every item. */
export function lowerItems(cx: Context, children: Syn[], outer: Mark[] = []): Stmt[] {
  const out: Stmt[] = [];
  const inner = outer.concat(children.filter(c => c.k === 'inner_attribute_item' && isInnerCfg(cx.src(c))).map(c => cx.parts.mark(cx, c)));
  let marks: Mark[] = [];
  for (const c of children) {
    if (c.k === 'attribute_item') marks.push(cx.parts.mark(cx, c));
    else if (isNamed(c) && c.k !== 'inner_attribute_item' && c.k !== 'empty_statement') {
      lowerInto(cx, c, inner.length ? [...inner, ...marks] : marks, out);
      marks = [];
    }
  }
  return out;
}

export function lowerItem(cx: Context, n: Syn, marks: Mark[]): Stmt[] | undefined {
  const lower = TABLE[n.k];
  if (!lower) return undefined;
  if (cx.depth >= MAX_DEPTH) return [{ s: 'opaque', why: 'too deep', at: cx.at(n.s) }];
  cx.depth++;
  const items = lower(cx, n, marks);
  cx.depth--;
  return items;
}

const isPub = (n: Syn): boolean => has(n, 'visibility_modifier');

/** The name of an item: its first identifier. */
const nameOf = (cx: Context, n: Syn): string =>
  cx.name(n.c.find(c => c.k === 'identifier' || c.k === 'type_identifier' || c.k === 'metavariable'));

export function fnOf(cx: Context, n: Syn, marks: Mark[] = []): FnDef {
  const modifiers = child(n, 'function_modifiers');
  const block = child(n, 'block');
  const { body, value } = cx.parts.block(cx, block);
  const out: FnDef = {
    name: nameOf(cx, n),
    kind: 'fn',
    params: params(cx, child(n, 'parameters')),
    body,
    async: modifiers !== undefined && /\basync\b/.test(cx.src(modifiers)),
    marks: [...marks, ...innerMarks(cx, block)],
    at: cx.at(n.s),
    end: cx.at(n.e),
  };
  if (value) out.value = value;
  const comments = commentsIn(cx, n);
  if (comments.length > 0) out.comments = comments;
  const absent = paramsInComments(cx, n, l => params(cx, l)).map(param => ({ param }));
  if (absent.length > 0) out.absent = absent;
  if (has(n, '->')) out.ret = cx.type(after(n, '->'));
  const params_ = generics(cx, n);
  if (params_.length) out.generics = params_;
  if (isPub(n)) out.pub = true;
  return out;
}

const innerMarks = (cx: Context, block: Syn | undefined): Mark[] =>
  block ? block.c.filter(c => c.k === 'inner_attribute_item' && isInnerCfg(cx.src(c))).map(c => cx.parts.mark(cx, c)) : [];

function params(cx: Context, list: Syn | undefined): Param[] {
  const out: Param[] = [];
  let marks: Mark[] = [];
  for (const c of list?.c ?? []) {
    if (c.k === 'attribute_item') {
      marks.push(cx.parts.mark(cx, c));
      continue;
    }
    let param: Param | undefined;
    const at = cx.at(Math.max(c.s, 0));
    if (c.k === 'self_parameter') param = { pat: { p: 'bind', name: 'self', at }, kind: 'self', at };
    else if (c.k === 'parameter') param = parameter(cx, c);
    // before the 2018 edition a trait method may leave the pattern out
    else if (isNamed(c) && c.k !== 'variadic_parameter') param = { pat: { p: 'any', at }, type: cx.type(c), kind: 'pos', at };
    if (param) {
      if (marks.length) param.marks = marks;
      out.push(param);
    }
    marks = [];
  }
  return out;
}

/** Fields of a struct or variant, named or by position. */
function fields(cx: Context, list: Syn | undefined): Field[] {
  const out: Field[] = [];
  let marks: Mark[] = [];
  for (const c of list?.c ?? []) {
    if (c.k === 'attribute_item') {
      marks.push(cx.parts.mark(cx, c));
      continue;
    }
    if (!isNamed(c) || c.k === 'visibility_modifier') continue;
    if (list?.k === 'ordered_field_declaration_list') out.push({ name: String(out.length), type: cx.type(c), marks, at: cx.at(c.s) });
    else if (c.k === 'field_declaration') {
      const [name, type] = named(c).filter(x => x.k !== 'visibility_modifier');
      out.push({ name: cx.name(name), type: cx.type(type), marks, at: cx.at((name ?? c).s) });
    }
    marks = [];
  }
  return out;
}

const fieldList = (n: Syn): Syn | undefined => child(n, 'field_declaration_list') ?? child(n, 'ordered_field_declaration_list');

const struct: Item = (cx, n, marks) => {
  const list = fieldList(n);
  const tuple = list?.k === 'ordered_field_declaration_list';
  return [{ s: 'struct', name: nameOf(cx, n), generics: generics(cx, n), fields: fields(cx, list), tuple, marks, at: cx.at(n.s) }];
};

const enumItem: Item = (cx, n, marks) => {
  const out: Extract<Stmt, { s: 'enum' }> = {
    s: 'enum',
    name: nameOf(cx, n),
    generics: generics(cx, n),
    variants: [],
    marks,
    at: cx.at(n.s),
  };
  let pending: Mark[] = [];
  for (const c of child(n, 'enum_variant_list')?.c ?? []) {
    if (c.k === 'attribute_item') pending.push(cx.parts.mark(cx, c));
    else if (c.k === 'enum_variant') {
      const list = fieldList(c);
      const variant: (typeof out.variants)[number] = {
        name: nameOf(cx, c),
        fields: fields(cx, list),
        tuple: list?.k === 'ordered_field_declaration_list',
        marks: pending,
        at: cx.at(c.s),
      };
      if (has(c, '=')) variant.value = cx.expr(after(c, '='));
      out.variants.push(variant);
      pending = [];
    }
  }
  return [out];
};

const impl: Item = (cx, n, marks) => {
  // `impl !Trait for T` says that there is none
  if (has(n, '!')) return [];
  const list = child(n, 'declaration_list');
  const [first, second] = named(n).filter(c => !NO_TYPE.has(c.k));
  const out: Extract<Stmt, { s: 'impl' }> = {
    s: 'impl',
    type: cx.type(second ?? first),
    generics: generics(cx, n),
    body: lowerItems(cx, list?.c ?? []),
    marks,
    at: cx.at(n.s),
  };
  if (second) out.trait = cx.type(first);
  return [out];
};

const NO_TYPE = new Set(['type_parameters', 'where_clause', 'declaration_list', 'visibility_modifier', 'ERROR', 'MISSING']);

const trait: Item = (cx, n, marks) => {
  const body = lowerItems(cx, child(n, 'declaration_list')?.c ?? []);
  return [
    {
      s: 'trait',
      name: nameOf(cx, n),
      generics: generics(cx, n),
      bounds: bounds(cx, child(n, 'trait_bounds')),
      body,
      marks,
      at: cx.at(n.s),
    },
  ];
};

const constItem: Item = (cx, n, marks) => {
  const out: Extract<Stmt, { s: 'const' }> = { s: 'const', name: nameOf(cx, n), marks, at: cx.at(n.s) };
  const i = n.c.findIndex(c => c.k === 'identifier' || c.k === '_');
  const type = n.c[i + 1];
  if (type && isNamed(type)) out.type = cx.type(type);
  if (has(n, '=')) out.value = cx.expr(after(n, '='));
  return [out];
};

const typeItem: Item = (cx, n) => {
  const out: Extract<Stmt, { s: 'type' }> = { s: 'type', name: nameOf(cx, n), generics: generics(cx, n), at: cx.at(n.s) };
  if (has(n, '=')) out.type = cx.type(after(n, '='));
  return [out];
};

const mod: Item = (cx, n, marks) => {
  const list = child(n, 'declaration_list');
  const inner = innerMarks(cx, list);
  const out: Extract<Stmt, { s: 'mod' }> = { s: 'mod', name: nameOf(cx, n), marks: [...marks, ...inner], pub: isPub(n), at: cx.at(n.s) };
  // the inner attribute already stands on the module
  if (list)
    out.body = lowerItems(
      cx,
      list.c.filter(c => c.k !== 'inner_attribute_item'),
    );
  return [out];
};

const use: Item = (cx, n, marks) => {
  const written = cx.src(n);
  return [{ s: 'use', leaves: useLeaves(written), pub: written.startsWith('pub'), marks, at: cx.at(n.s) }];
};

const externCrate: Item = (cx, n, marks) => {
  const found = /\bcrate\s+([\w#]+)(?:\s+as\s+([\w#]+))?/.exec(cx.src(n));
  const [name, as] = [segments(found?.[1] ?? '')[0], segments(found?.[2] ?? '')[0]];
  if (!name) return [];
  return [{ s: 'use', leaves: [{ path: [name], as: as ?? name }], pub: cx.src(n).startsWith('pub'), marks, at: cx.at(n.s) }];
};

const fn: Item = (cx, n, marks) => [{ s: 'fn', fn: fnOf(cx, n, marks), at: cx.at(n.s) }];

const TABLE: Record<string, Item> = {
  __proto__: null as never,
  function_item: fn,
  function_signature_item: fn,
  struct_item: struct,
  union_item: struct,
  enum_item: enumItem,
  impl_item: impl,
  trait_item: trait,
  const_item: constItem,
  static_item: constItem,
  type_item: typeItem,
  associated_type: typeItem,
  mod_item: mod,
  use_declaration: use,
  extern_crate_declaration: externCrate,
  foreign_mod_item: (cx, n) => [{ s: 'opaque', why: 'foreign functions', at: cx.at(n.s) }],
  macro_definition: (cx, n) => macroRules(cx.src(n), cx.at(n.s)),
};
