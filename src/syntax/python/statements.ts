/** Lowers simple and compound statements. */
import type { Expr, Pat, Stmt } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, MAX_DEPTH } from './context.js';
import { classDefinition, decorated, functionDefinition } from './definitions.js';
import { endsWithComma } from './expr.js';
import { importFrom, importFuture, importModules } from './imports.js';
import { augmentedOperator } from './operators.js';

type Lower = (c: Context, node: Node) => Stmt | Stmt[];

/** The statements of a `module` or `block`. */
export function block(c: Context, node: Node): Stmt[] {
  const body: Stmt[] = [];
  for (const kid of c.items(node)) statement(c, kid, body);
  return body;
}

function statement(c: Context, node: Node, out: Stmt[]): void {
  const type = node.type;
  if (c.broken) {
    if (type === 'ERROR') {
      salvage(c, node, out);
      return;
    }
    const flaw = c.flaw(node);
    if (flaw) out.push({ s: 'opaque', why: 'syntax error', at: at(flaw) });
  }
  const lower = STATEMENTS[type];
  if (!lower) {
    out.push({ s: 'opaque', why: `unexpected ${type}`, at: at(node) });
    return;
  }
  if (c.depth >= MAX_DEPTH) {
    out.push({ s: 'opaque', why: 'too deep', at: at(node) });
    return;
  }
  c.depth++;
  const lowered = lower(c, node);
  c.depth--;
  if (Array.isArray(lowered)) for (const one of lowered) out.push(one);
  else out.push(lowered);
}

/** What is kept of an unparsable stretch: declarations mean the same wherever its broken part ends, other statements do not. */
const DECLARATIONS: ReadonlySet<string> = new Set([
  'function_definition',
  'class_definition',
  'decorated_definition',
  'import_statement',
  'import_from_statement',
  'future_import_statement',
]);

/** The declarations in an unparsable stretch, behind an `opaque` that stands for the rest. */
export function salvage(c: Context, node: Node, out: Stmt[]): void {
  out.push({ s: 'opaque', why: 'syntax error', at: at(node) });
  for (const kid of c.items(node)) if (DECLARATIONS.has(kid.type)) statement(c, kid, out);
}

const STATEMENTS: Record<string, Lower | undefined> = {
  expression_statement: expressionStatement,
  function_definition: (c, node) => functionDefinition(c, node, []),
  class_definition: (c, node) => classDefinition(c, node, []),
  decorated_definition: decorated,
  return_statement: returned,
  if_statement: conditional,
  raise_statement: raised,
  import_statement: importModules,
  import_from_statement: importFrom,
  future_import_statement: importFuture,
  for_statement: forLoop,
  while_statement: whileLoop,
  try_statement: tried,
  with_statement: withItems,
  match_statement: matched,
  assert_statement: asserted,
  delete_statement: deleted,
  global_statement: (c, node) => ({ s: 'scope', of: 'global', names: c.kids(node).map(kid => c.name(kid)), at: at(node) }),
  nonlocal_statement: (c, node) => ({ s: 'scope', of: 'nonlocal', names: c.kids(node).map(kid => c.name(kid)), at: at(node) }),
  pass_statement: (_, node) => ({ s: 'pass', at: at(node) }),
  break_statement: (_, node) => ({ s: 'break', at: at(node) }),
  continue_statement: (_, node) => ({ s: 'continue', at: at(node) }),
  type_alias_statement: typeAlias,
  print_statement: printed,
  exec_statement: executed,
};

function expressionStatement(c: Context, node: Node): Stmt {
  const kids = c.items(node);
  const [first] = kids;
  if (!first) return { s: 'opaque', why: 'syntax error', at: at(node) };
  if (kids.length === 1) {
    const type = first.type;
    if (type === 'assignment') return assignment(c, first);
    if (type === 'augmented_assignment') return augmented(c, first);
    if (!endsWithComma(c, node)) return { s: 'expr', expr: c.expr(first), dropped: true, at: at(node) };
  }
  return { s: 'expr', expr: { k: 'tuple', items: kids.map(kid => c.expr(kid)), at: at(first) }, dropped: true, at: at(node) };
}

/** `a = b = v`: all targets in one statement. */
function assignment(c: Context, node: Node): Stmt {
  const targets: Pat[] = [];
  let ann: Expr | undefined;
  let value: Expr | undefined;
  for (let link: Node | undefined = node; link; ) {
    const [left, second, third]: (Node | undefined)[] = c.kids(link);
    targets.push(c.target(left));
    const typed: boolean = second?.type === 'type';
    if (typed) ann = c.expr(second);
    const right: Node | undefined = typed ? third : second;
    link = right?.type === 'assignment' && !c.flaw(right) ? right : undefined;
    if (right && !link) value = c.flaw(node)?.isError ? { k: 'opaque', why: 'syntax error', at: at(right) } : c.expr(right);
  }
  return { s: 'assign', targets, ...(value && { value }), ...(ann && { ann }), at: at(node) };
}

function augmented(c: Context, node: Node): Stmt {
  const [left, right] = c.kids(node);
  const token = node.children.find(kid => !kid.isNamed && augmentedOperator(kid.type));
  const op = token && augmentedOperator(token.type);
  if (!left || !right || !op || c.flaw(node)) return { s: 'opaque', why: 'syntax error', at: at(node) };
  return { s: 'assign', targets: [c.target(left)], value: c.expr(right), op, at: at(node) };
}

/** `type X[T] = e` assigns `e` to `X`. */
function typeAlias(c: Context, node: Node): Stmt {
  const [left, right] = c.kids(node);
  const inner = left && c.kids(left)[0];
  const name = inner?.type === 'generic_type' ? c.kids(inner)[0] : inner;
  return { s: 'assign', targets: [c.target(name)], value: c.expr(right), at: at(node) };
}

function returned(c: Context, node: Node): Stmt {
  const [value] = c.kids(node);
  return value ? { s: 'return', value: c.expr(value), at: at(node) } : { s: 'return', at: at(node) };
}

/** Also Python 2 `raise E, "text"`, which raises `E("text")`. */
function raised(c: Context, node: Node): Stmt {
  const [first, second] = c.kids(node);
  if (!first) return { s: 'raise', at: at(node) };
  const [type, argument] = first.type === 'expression_list' ? c.kids(first) : [];
  let value: Expr;
  if (type && argument) value = { k: 'call', fn: c.expr(type), args: [{ value: c.expr(argument) }], at: at(type) };
  else value = c.expr(first);
  return second ? { s: 'raise', value, from: c.expr(second), at: at(node) } : { s: 'raise', value, at: at(node) };
}

function asserted(c: Context, node: Node): Stmt {
  const [test, message] = c.kids(node);
  return { s: 'assert', test: c.expr(test), ...(message && { message: c.expr(message) }), at: at(node) };
}

function deleted(c: Context, node: Node): Stmt {
  const [what] = c.kids(node);
  const list = what?.type === 'expression_list' ? c.kids(what) : [what];
  return { s: 'del', targets: list.map(kid => c.expr(kid)), at: at(node) };
}

function printed(c: Context, node: Node): Stmt {
  const args = c.kids(node).map(kid => {
    if (kid.type === 'chevron') return { value: c.expr(c.kids(kid)[0]), name: 'file' };
    return { value: c.expr(kid) };
  });
  return called(node, 'print', args);
}

function executed(c: Context, node: Node): Stmt {
  return called(
    node,
    'exec',
    c.kids(node).map(kid => ({ value: c.expr(kid) })),
  );
}

function called(node: Node, id: string, args: { value: Expr; name?: string }[]): Stmt {
  const place = at(node);
  return { s: 'expr', expr: { k: 'call', fn: { k: 'name', id, at: place }, args, at: place }, dropped: true, at: place };
}

/** `elif` is an `if` in the `else`; each is one level deeper. */
function conditional(c: Context, node: Node): Stmt {
  const links: { test: Expr; then: Stmt[]; at: number }[] = [];
  let otherwise: Stmt[] = [];
  const outer = c.depth;
  const [test, ...rest] = c.kids(node);
  const first = rest[0]?.type === 'block' ? rest.shift() : undefined;
  links.push({ test: c.expr(test), then: c.block(first), at: at(node) });
  for (const kid of rest) {
    const type = kid.type;
    c.depth++;
    if (c.depth >= MAX_DEPTH) {
      otherwise = [{ s: 'opaque', why: 'too deep', at: at(kid) }];
      break;
    }
    if (type === 'else_clause') otherwise = clause(c, kid);
    else {
      const [condition, body] = c.kids(kid);
      links.push({
        test: c.flaw(kid) ? { k: 'opaque', why: 'syntax error', at: at(kid) } : c.expr(condition),
        then: c.block(body),
        at: at(kid),
      });
    }
  }
  c.depth = outer;
  for (;;) {
    const link = links.pop()!;
    const statement: Stmt = { s: 'if', test: link.test, then: link.then, else: otherwise, at: link.at };
    if (links.length === 0) return statement;
    otherwise = [statement];
  }
}

/** The body of an `else` or `finally`. */
function clause(c: Context, node: Node): Stmt[] {
  const body = c.block(c.kids(node).find(kid => kid.type === 'block'));
  const flaw = c.flaw(node);
  return flaw ? [{ s: 'opaque', why: 'syntax error', at: at(flaw) }, ...body] : body;
}

function forLoop(c: Context, node: Node): Stmt {
  const [left, right, body, last] = c.kids(node);
  return {
    s: 'for',
    pat: c.target(left),
    in: c.expr(right),
    body: body?.type === 'block' ? c.block(body) : [],
    else: last ? clause(c, last) : [],
    ...(isAsync(c, node) && { async: true }),
    at: at(node),
  };
}

function whileLoop(c: Context, node: Node): Stmt {
  const [test, body, last] = c.kids(node);
  return {
    s: 'while',
    test: c.expr(test),
    body: body?.type === 'block' ? c.block(body) : [],
    else: last ? clause(c, last) : [],
    at: at(node),
  };
}

const isAsync = (c: Context, node: Node): boolean => c.text.startsWith('async', node.startIndex);

function tried(c: Context, node: Node): Stmt {
  const result: Extract<Stmt, { s: 'try' }> = { s: 'try', body: [], handlers: [], else: [], finally: [], at: at(node) };
  for (const kid of c.kids(node)) {
    const type = kid.type;
    if (type === 'block') result.body = c.block(kid);
    else if (type === 'except_clause') result.handlers.push(handler(c, kid));
    else if (type === 'else_clause') result.else = clause(c, kid);
    else if (type === 'finally_clause') result.finally = clause(c, kid);
  }
  return result;
}

/** `except T as e`, the Python 2 form `except T, e`, and a list of types without brackets. */
function handler(c: Context, node: Node): Extract<Stmt, { s: 'try' }>['handlers'][number] {
  const values = c.kids(node);
  const last = values.at(-1);
  const body = last?.type === 'block' ? c.block(values.pop()) : [];
  const [first, second] = values;
  const place = at(node);
  const flaw = c.flaw(node);
  if (flaw) return { types: { k: 'opaque', why: 'syntax error', at: at(flaw) }, body, at: place };
  if (!first) return { body, at: place };
  if (first.type === 'as_pattern') {
    const [type, name] = c.kids(first);
    return { types: c.expr(type), ...(name && { name: c.slice(name) }), body, at: place };
  }
  if (!second) return { types: c.expr(first), body, at: place };
  if (values.length === 2 && second.type === 'identifier' && /^[a-z_]/.test(c.name(second))) {
    return { types: c.expr(first), name: c.name(second), body, at: place };
  }
  return { types: { k: 'tuple', items: values.map(value => c.expr(value)), at: at(first) }, body, at: place };
}

function withItems(c: Context, node: Node): Stmt {
  const [head, body] = c.kids(node);
  const items = (head ? c.items(head) : []).flatMap(item =>
    item.type === 'with_item' ? withItem(c, c.kids(item)[0]) : { value: c.expr(item) },
  );
  const statement: Stmt = { s: 'with', items, body: body?.type === 'block' ? c.block(body) : [], at: at(node) };
  return isAsync(c, node) ? { ...statement, async: true } : statement;
}

/** Brackets round the items are part of the statement, but the grammar may take them for an expression. */
function withItem(c: Context, node: Node | undefined): { value: Expr; as?: Pat }[] {
  if (!node) return [{ value: c.expr(node) }];
  const type = node.type;
  if (type === 'as_pattern') {
    const [value, name] = c.kids(node);
    return [{ value: c.expr(value), as: c.target(name) }];
  }
  if (type === 'tuple') return c.items(node).flatMap(kid => withItem(c, kid));
  if (type === 'parenthesized_expression') {
    const [inner] = c.kids(node);
    if (inner?.type === 'as_pattern') return withItem(c, inner);
  }
  // `with a if b else c as name`: the grammar gives the name to the last operand.
  let last: Node | undefined = node;
  while (last && /^(conditional_expression|boolean_operator|await)$/.test(last.type)) last = c.kids(last).at(-1);
  return [{ value: c.expr(node), ...(last?.type === 'as_pattern' ? { as: c.target(c.kids(last)[1]) } : {}) }];
}

function matched(c: Context, node: Node): Stmt {
  const subjects = c.kids(node);
  const last = subjects.at(-1);
  const body = last?.type === 'block' ? subjects.pop() : undefined;
  const [first] = subjects;
  const tuple = subjects.length > 1 || (first && /^\s*,/.test(c.text.slice(first.endIndex, first.endIndex + 80)));
  const on: Expr = tuple && first ? { k: 'tuple', items: subjects.map(kid => c.expr(kid)), at: at(first) } : c.expr(first);
  const arms = body ? c.items(body).map(kid => c.parts.arm(c, kid)) : [];
  return { s: 'expr', expr: { k: 'match', on, arms, at: at(node) }, dropped: true, at: at(node) };
}
