/** Lowers functions, lambdas, classes, decorators and parameters. */
import type { Arg, Expr, FnDef, Generic, Mark, Param, Pat, Stmt, TypeRef } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, endAt } from './context.js';

/** `def` or `async def` with its decorators. */
export function functionDefinition(c: Context, node: Node, marks: Mark[]): Stmt {
  let name = '';
  let params: Param[] = [];
  let retAnn: Expr | undefined;
  let generics: Generic[] | undefined;
  let block: Node | undefined;
  for (const kid of c.kids(node)) {
    const type = kid.type;
    if (type === 'identifier') name = c.name(kid);
    else if (type === 'parameters') params = parameters(c, kid);
    else if (type === 'type') retAnn = c.expr(kid);
    else if (type === 'type_parameter') generics = typeParameters(c, kid);
    else if (type === 'block') block = kid;
  }
  const { inside: body, generator } = c.inFunction(() => withFlaw(c, node, c.block(block)));
  const fn: FnDef = {
    name,
    kind: 'fn',
    params,
    body,
    async: c.text.startsWith('async', node.startIndex),
    ...(generator && { generator }),
    ...(retAnn && { retAnn }),
    ...(generics && { generics }),
    marks,
    at: at(node),
    end: endAt(node),
  };
  return { s: 'fn', fn, at: fn.at };
}

/** `lambda a, b: value` */
export function lambda(c: Context, node: Node): FnDef {
  const kids = c.kids(node);
  const first = kids[0]?.type === 'lambda_parameters' ? kids[0] : undefined;
  const params = first ? parameters(c, first) : [];
  const { inside: value, generator } = c.inFunction(() => c.expr(first ? kids[1] : kids[0]));
  const fn: FnDef = { name: '', kind: 'lambda', params, body: [], value, async: false, marks: [], at: at(node), end: endAt(node) };
  return generator ? { ...fn, generator } : fn;
}

export function classDefinition(c: Context, node: Node, marks: Mark[]): Stmt {
  let name = '';
  let bases: Arg[] = [];
  let block: Node | undefined;
  for (const kid of c.kids(node)) {
    const type = kid.type;
    if (type === 'identifier') name = c.name(kid);
    else if (type === 'argument_list') bases = c.parts.args(c, kid);
    else if (type === 'block') block = kid;
  }
  return { s: 'class', name, bases, body: withFlaw(c, node, c.block(block)), marks, at: at(node), end: endAt(node) };
}

/** A definition with its decorators; a decorator that was not understood is an opaque mark. */
export function decorated(c: Context, node: Node): Stmt {
  const marks: Mark[] = [];
  let definition: Node | undefined;
  for (const kid of c.items(node)) {
    const type = kid.type;
    if (type === 'decorator') marks.push({ expr: c.flaw(kid) ? flawed(kid) : c.expr(c.kids(kid)[0]), at: at(kid) });
    else if (type === 'ERROR') marks.push({ expr: flawed(kid), at: at(kid) });
    else definition = kid;
  }
  if (definition?.type === 'function_definition') return functionDefinition(c, definition, marks);
  if (definition?.type === 'class_definition') return classDefinition(c, definition, marks);
  return { s: 'opaque', why: 'syntax error', at: at(node) };
}

function flawed(node: Node): Expr {
  return { k: 'opaque', why: 'syntax error', at: at(node) };
}

/** A definition whose head was not understood says so at the start of its body. */
function withFlaw(c: Context, node: Node, body: Stmt[]): Stmt[] {
  const flaw = c.flaw(node);
  return flaw ? [{ s: 'opaque', why: 'syntax error', at: at(flaw) }, ...body] : body;
}

/** A `parameters` or `lambda_parameters` node. */
export function parameters(c: Context, node: Node): Param[] {
  const params: Param[] = [];
  let kind: 'pos' | 'kwonly' = 'pos';
  for (const kid of c.items(node)) {
    const type = kid.type;
    if (type === 'positional_separator') for (const param of params) param.kind = 'posonly';
    else if (type === 'keyword_separator') kind = 'kwonly';
    else {
      const param = parameter(c, kid, type, kind);
      if (param.kind === 'star') kind = 'kwonly';
      params.push(param);
    }
  }
  return params;
}

function parameter(c: Context, node: Node, type: string, kind: 'pos' | 'kwonly'): Param {
  const place = at(node);
  if (type === 'identifier') return { pat: c.target(node), kind, at: place };
  if (type === 'list_splat_pattern') return { pat: c.target(node), kind: 'star', at: place };
  if (type === 'dictionary_splat_pattern') return { pat: c.target(node), kind: 'starstar', at: place };
  if (type === 'tuple_pattern') return { pat: c.target(node), kind, at: place };
  const kids = c.kids(node);
  if (c.flaw(node) || !kids[0]) return { pat: unknown(node), kind, at: place };
  if (type === 'default_parameter') return { pat: c.target(kids[0]), default: c.expr(kids[1]), kind, at: place };
  if (type === 'typed_default_parameter')
    return { pat: c.target(kids[0]), ann: c.expr(kids[1]), default: c.expr(kids[2]), kind, at: place };
  if (type !== 'typed_parameter') return { pat: unknown(node), kind, at: place };
  const starred = c.text[node.startIndex] === '*' ? (c.text[node.startIndex + 1] === '*' ? 'starstar' : 'star') : kind;
  return { pat: c.target(kids[0]), ann: c.expr(kids[1]), kind: starred, at: place };
}

function unknown(node: Node): Pat {
  return { p: 'target', expr: flawed(node), at: at(node) };
}

/** `[T: Bound, *Ts, **P]`; the stars are dropped. */
function typeParameters(c: Context, node: Node): Generic[] {
  const generics: Generic[] = [];
  // The grammar does not know defaults: `[T = int]`.
  if (c.flaw(node)) return generics;
  for (const kid of c.kids(node)) {
    const inner = c.kids(kid)[0];
    if (!inner) continue;
    if (inner.type === 'constrained_type') {
      const [name, bound] = c.kids(inner);
      const ref = bound && typeRef(c.expr(bound));
      if (name) generics.push({ name: c.slice(name), bounds: ref ? [ref] : [] });
    } else generics.push({ name: c.name(inner.type === 'splat_type' ? (c.kids(inner)[0] ?? inner) : inner), bounds: [] });
  }
  return generics;
}

/** A bound that is a plain or dotted name, or a tuple of such constraints. */
function typeRef(bound: Expr): TypeRef | undefined {
  if (bound.k === 'name') return { t: 'path', path: [bound.id], args: [], at: bound.at };
  if (bound.k === 'member') {
    const of = typeRef(bound.of);
    return of && { ...of, path: [...of.path, bound.name] };
  }
  if (bound.k !== 'tuple') return undefined;
  return { t: 'tuple', path: [], args: bound.items.flatMap(item => typeRef(item) ?? []), at: bound.at };
}
