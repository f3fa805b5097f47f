/** Lowers Python expressions. */
import type { Arg, BinOp, CompClause, Expr } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, isExtra } from './context.js';
import { numberValue } from './literals.js';
import { binary, comparison } from './operators.js';
import { concatenation, string } from './strings.js';

type Lower = (c: Context, node: Node) => Expr;

const STAR = 42;
const COMMA = 44;
const SPACE = 32;
/** `)` and `]` */
const CLOSING = new Set([41, 93]);

/** Lowers one expression node; what is no expression becomes `opaque`. */
export function expr(c: Context, node: Node): Expr {
  const type = node.type;
  if (type === 'identifier') return identifier(c, node);
  const lower = EXPRESSIONS[type];
  if (!lower) return { k: 'opaque', why: type === 'ERROR' ? 'syntax error' : `unexpected ${type}`, at: at(node) };
  if (c.broken && !LISTS.has(type) && c.flaw(node)?.isError) return { k: 'opaque', why: 'syntax error', at: at(node) };
  return lower(c, node);
}

/** Kinds that lower an `ERROR` child in its place instead of giving up as a whole. */
const LISTS: ReadonlySet<string> = new Set([
  'list',
  'tuple',
  'set',
  'dictionary',
  'expression_list',
  'pattern_list',
  'tuple_pattern',
  'list_pattern',
  'string',
  'concatenated_string',
]);

const EXPRESSIONS: Record<string, Lower | undefined> = {
  attribute,
  call,
  string,
  subscript,
  integer: number,
  float: number,
  true: (_, node) => ({ k: 'lit', v: true, at: at(node) }),
  false: (_, node) => ({ k: 'lit', v: false, at: at(node) }),
  none: (_, node) => ({ k: 'lit', v: null, at: at(node) }),
  ellipsis: (_, node) => ({ k: 'name', id: 'Ellipsis', at: at(node) }),
  concatenated_string: concatenation,
  binary_operator: binary,
  boolean_operator: binary,
  comparison_operator: comparison,
  not_operator: (c, node) => ({ k: 'un', op: 'not', of: c.expr(c.kids(node)[0]), at: at(node) }),
  unary_operator: (c, node) => ({ k: 'un', op: c.text[node.startIndex] as '-' | '+' | '~', of: c.expr(c.kids(node)[0]), at: at(node) }),
  parenthesized_expression: parenthesized,
  list: (c, node) => ({ k: 'list', items: elements(c, c.items(node)), at: at(node) }),
  set: (c, node) => ({ k: 'set', items: elements(c, c.items(node)), at: at(node) }),
  tuple,
  expression_list: tuple,
  pattern_list: tuple,
  tuple_pattern: (c, node) => (isGroup(c, node) ? c.expr(c.items(node)[0]) : tuple(c, node)),
  list_pattern: (c, node) => ({ k: 'list', items: elements(c, c.items(node)), at: at(node) }),
  dictionary,
  list_splat: (c, node) => ({ k: 'spread', of: c.expr(c.kids(node)[0]), at: at(node) }),
  list_splat_pattern: (c, node) => ({ k: 'spread', of: c.expr(c.kids(node)[0]), at: at(node) }),
  dictionary_splat: (c, node) => ({ k: 'spread', of: c.expr(c.kids(node)[0]), double: true, at: at(node) }),
  parenthesized_list_splat: parenthesized,
  conditional_expression: conditional,
  named_expression: named,
  lambda: (c, node) => ({ k: 'fn', fn: c.parts.lambda(c, node), at: at(node) }),
  await: (c, node) => ({ k: 'await', of: c.expr(c.kids(node)[0]), at: at(node) }),
  yield: yielded,
  slice,
  list_comprehension: (c, node) => comprehension(c, node, 'list'),
  set_comprehension: (c, node) => comprehension(c, node, 'set'),
  dictionary_comprehension: (c, node) => comprehension(c, node, 'dict'),
  generator_expression: (c, node) => comprehension(c, node, 'gen'),
  // annotations
  type: (c, node) => c.expr(c.kids(node)[0]),
  generic_type: generic,
  union_type: (c, node) => infix(c, node, '|'),
  member_type: (c, node) => ({ k: 'member', of: c.expr(c.kids(node)[0]), name: lastName(c, node), at: at(node) }),
  splat_type: (c, node) => ({ k: 'spread', of: c.expr(c.kids(node)[0]), double: c.text[node.startIndex + 1] === '*', at: at(node) }),
  // where a target stands in place of an expression
  as_pattern: (c, node) => c.expr(c.kids(node)[0]),
  as_pattern_target: (c, node) => c.expr(c.kids(node)[0]),
};

function identifier(c: Context, node: Node): Expr {
  const id = c.name(node);
  return id === '' ? { k: 'opaque', why: 'syntax error', at: at(node) } : { k: 'name', id, at: at(node) };
}

function attribute(c: Context, node: Node): Expr {
  const kids = c.kids(node);
  const of = c.expr(kids[0]);
  const name = kids[1] ? c.name(kids[1]) : '';
  return name === '' ? { k: 'opaque', why: 'syntax error', at: at(node) } : { k: 'member', of, name, at: at(node) };
}

function call(c: Context, node: Node): Expr {
  const kids = c.kids(node);
  const fn = c.expr(kids[0]);
  return { k: 'call', fn, args: kids[1] ? args(c, kids[1]) : [{ value: c.expr(undefined) }], at: at(node) };
}

/** The arguments in an `argument_list`, or the lone generator expression that replaces one. */
export function args(c: Context, node: Node): Arg[] {
  if (node.type === 'generator_expression') return [{ value: c.expr(node) }];
  const list: Arg[] = c.items(node).map(kid => argument(c, kid));
  const flaw = c.flaw(node);
  if (flaw?.isMissing) list.push({ value: { k: 'opaque', why: 'syntax error', at: at(flaw) } });
  return list;
}

function argument(c: Context, node: Node): Arg {
  if (node.type === 'keyword_argument') {
    const kids = c.kids(node);
    if (!c.flaw(node) && kids[1]) return { value: c.expr(kids[1]), name: c.name(kids[0]!) };
    return { value: { k: 'opaque', why: 'syntax error', at: at(node) } };
  }
  const value = element(c, node);
  return value.k === 'spread' ? { value: value.of, spread: value.double ? 2 : 1 } : { value };
}

/** The elements of a display, call or tuple. */
function elements(c: Context, nodes: Node[]): Expr[] {
  return nodes.map(node => element(c, node));
}

/** `*a or b` is parsed as `(*a) or b` in places: the star goes round the whole. */
function element(c: Context, node: Node): Expr {
  const value = c.expr(node);
  if (value.k === 'spread' || c.text.charCodeAt(node.startIndex) !== STAR) return value;
  const bare = unstarred(value);
  return bare ? { k: 'spread', of: bare, at: value.at } : value;
}

function unstarred(value: Expr): Expr | undefined {
  if (value.k === 'spread') return value.of;
  const first =
    value.k === 'bin' ? value.l : value.k === 'if' ? value.then : 'of' in value && typeof value.of === 'object' ? value.of : undefined;
  const bare = value.k === 'call' ? unstarred(value.fn) : first && unstarred(first as Expr);
  if (!bare) return undefined;
  if (value.k === 'call') return { ...value, fn: bare, at: bare.at };
  if (value.k === 'bin') return { ...value, l: bare, at: bare.at };
  if (value.k === 'if') return { ...value, then: bare, at: bare.at };
  if (value.k === 'member' || value.k === 'index') return { ...value, of: bare, at: bare.at };
  return undefined;
}

function tuple(c: Context, node: Node): Expr {
  return { k: 'tuple', items: elements(c, c.items(node)), at: at(node) };
}

/** `(x)` in a place where the grammar sees a tuple pattern: one item and no comma. */
export function isGroup(c: Context, node: Node): boolean {
  const items = c.items(node);
  return items.length === 1 && !endsWithComma(c, node);
}

/** Whether a comma stands behind the last item. */
export function endsWithComma(c: Context, node: Node): boolean {
  const last = node.namedChildren.at(-1);
  if (last && isExtra(last)) return node.children.some(kid => kid.type === ',');
  let i = node.endIndex - 1;
  if (CLOSING.has(c.text.charCodeAt(i))) i--;
  while (i > node.startIndex && c.text.charCodeAt(i) <= SPACE) i--;
  return c.text.charCodeAt(i) === COMMA;
}

function parenthesized(c: Context, node: Node): Expr {
  let inner: Node | undefined = node;
  while (inner && (inner.type === 'parenthesized_expression' || inner.type === 'parenthesized_list_splat')) {
    if (c.flaw(inner)?.isError) return { k: 'opaque', why: 'syntax error', at: at(node) };
    inner = c.kids(inner)[0];
  }
  return c.expr(inner);
}

function dictionary(c: Context, node: Node): Expr {
  const entries: { key?: Expr; value: Expr }[] = [];
  for (const kid of c.items(node)) {
    const pair = kid.type === 'pair' && !c.flaw(kid) ? c.kids(kid) : undefined;
    if (pair) entries.push({ key: c.expr(pair[0]), value: c.expr(pair[1]) });
    else entries.push({ value: c.expr(kid) });
  }
  return { k: 'dict', entries, at: at(node) };
}

function subscript(c: Context, node: Node): Expr {
  const kids = c.kids(node);
  const of = c.expr(kids[0]);
  const single = kids.length === 2 && !endsWithComma(c, node);
  const index: Expr = single || kids.length < 2 ? c.expr(kids[1]) : { k: 'tuple', items: elements(c, kids.slice(1)), at: at(kids[1]!) };
  // `x[*a]` is a tuple, too.
  return { k: 'index', of, index: index.k === 'spread' ? { k: 'tuple', items: [index], at: index.at } : index, at: at(node) };
}

function slice(c: Context, node: Node): Expr {
  const bounds: (Expr | undefined)[] = [undefined, undefined, undefined];
  let colons = 0;
  for (const kid of node.children) {
    if (kid.type === ':') colons++;
    else if (kid.isNamed && !kid.isExtra && colons < 3) bounds[colons] = c.expr(kid);
  }
  const [from, to, step] = bounds;
  return { k: 'slice', ...(from && { from }), ...(to && { to }), ...(step && { step }), at: at(node) };
}

function conditional(c: Context, node: Node): Expr {
  const kids = c.kids(node);
  return { k: 'if', test: c.expr(kids[1]), then: c.expr(kids[0]), else: c.expr(kids[2]), at: at(node) };
}

function named(c: Context, node: Node): Expr {
  const [name, value] = c.kids(node);
  return { k: 'bind', name: name ? c.name(name) : '', value: c.expr(value), at: at(node) };
}

function yielded(c: Context, node: Node): Expr {
  c.sawYield();
  const [value] = c.kids(node);
  if (!value) return { k: 'yield', at: at(node) };
  // 'yield' has 5 letters
  const from = /^(?:\s|\\\r?\n)*from\b/.test(c.text.slice(node.startIndex + 5, value.startIndex));
  return from ? { k: 'yield', of: c.expr(value), from, at: at(node) } : { k: 'yield', of: c.expr(value), at: at(node) };
}

function comprehension(c: Context, node: Node, of: 'list' | 'set' | 'dict' | 'gen'): Expr {
  const [body, ...rest] = c.kids(node);
  const pair = of === 'dict' && body ? c.kids(body) : undefined;
  const item = c.expr(pair ? pair[0] : body);
  const value = pair && { value: c.expr(pair[1]) };
  return { k: 'comp', of, item, ...value, clauses: clauses(c, rest), at: at(node) };
}

/** `for .. in ..` and the `if`s behind each. */
export function clauses(c: Context, nodes: Node[]): CompClause[] {
  const list: CompClause[] = [];
  for (const node of nodes) {
    const [left, ...right] = c.kids(node);
    if (node.type !== 'for_in_clause') {
      list.at(-1)?.if.push(c.expr(left));
      continue;
    }
    const over: Expr = right.length > 1 ? { k: 'tuple', items: elements(c, right), at: at(right[0]!) } : c.expr(right[0]);
    const flaw = c.flaw(node);
    list.push({ pat: c.target(left), in: flaw ? { k: 'opaque', why: 'syntax error', at: at(flaw) } : over, if: [] });
  }
  return list;
}

function number(c: Context, node: Node): Expr {
  const found = numberValue(c.slice(node));
  if (!found) return { k: 'opaque', why: 'number out of range', at: at(node) };
  const lit: Expr = { k: 'lit', v: found.value, at: at(node) };
  if (!found.imaginary) return lit;
  return {
    k: 'call',
    fn: { k: 'name', id: 'complex', at: lit.at },
    args: [{ value: { k: 'lit', v: 0, at: lit.at } }, { value: lit }],
    at: lit.at,
  };
}

/** `list[int]` in an annotation, which has a node of its own. */
function generic(c: Context, node: Node): Expr {
  const [name, parameters] = c.kids(node);
  const items = parameters ? elements(c, c.items(parameters)) : [];
  const index: Expr = items.length === 1 ? items[0]! : { k: 'tuple', items, at: parameters ? at(parameters) : at(node) };
  return { k: 'index', of: c.expr(name), index, at: at(node) };
}

function infix(c: Context, node: Node, op: BinOp): Expr {
  const [l, r] = c.kids(node);
  return { k: 'bin', op, l: c.expr(l), r: c.expr(r), at: at(node) };
}

function lastName(c: Context, node: Node): string {
  const last = c.kids(node).at(-1);
  return last ? c.name(last) : '';
}
