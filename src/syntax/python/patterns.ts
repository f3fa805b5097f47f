/** Lowers assignment targets and the patterns of `case`. */
import type { Expr, MatchArm, Pat } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, MAX_DEPTH } from './context.js';
import { isGroup } from './expr.js';

const MINUS = 45;

/** An assignment target, written as a pattern or (after `as`) as an expression. */
export function target(c: Context, node: Node): Pat {
  const place = at(node);
  switch (node.type) {
    case 'identifier': {
      const name = c.name(node);
      return name === ''
        ? { p: 'target', expr: { k: 'opaque', why: 'syntax error', at: place }, at: place }
        : { p: 'bind', name, at: place };
    }
    case 'tuple_pattern':
      return isGroup(c, node) ? c.target(c.items(node)[0]) : { p: 'tuple', ...targets(c, c.items(node)), at: place };
    case 'tuple':
    case 'pattern_list':
    case 'expression_list':
      return { p: 'tuple', ...targets(c, c.items(node)), at: place };
    case 'list':
    case 'list_pattern':
      return { p: 'list', ...targets(c, c.items(node)), at: place };
    case 'parenthesized_expression':
    case 'as_pattern_target':
    case 'list_splat':
    case 'list_splat_pattern':
    case 'dictionary_splat_pattern':
      return c.target(c.kids(node)[0]);
    default:
      return { p: 'target', expr: c.expr(node), at: place };
  }
}

function targets(c: Context, nodes: Node[]): { items: Pat[]; rest?: number } {
  const rest = nodes.findIndex(node => c.text[node.startIndex] === '*');
  const items = nodes.map(node => c.target(node));
  return rest < 0 ? { items } : { items, rest };
}

/** One `case`; what stands unparsed between them is an arm of which nothing is known. */
export function arm(c: Context, node: Node): MatchArm {
  if (node.type !== 'case_clause') {
    const unknown: Expr = { k: 'opaque', why: 'syntax error', at: at(node) };
    return { pat: { p: 'any', at: unknown.at }, guard: unknown, body: unknown, at: unknown.at };
  }
  const patterns: Node[] = [];
  let guard: Expr | undefined;
  let block: Node | undefined;
  for (const kid of c.kids(node)) {
    const type = kid.type;
    if (type === 'case_pattern') patterns.push(kid);
    else if (type === 'if_clause') guard = c.expr(c.kids(kid)[0]);
    else if (type === 'block') block = kid;
  }
  const place = at(node);
  const flaw = c.flaw(node);
  if (flaw) guard = { k: 'opaque', why: 'syntax error', at: at(flaw) };
  const open = patterns.length !== 1 || followedByComma(c, patterns[0]!);
  const pat: Pat = open ? sequence(c, patterns, 'tuple', patterns[0] ? at(patterns[0]) : place) : casePattern(c, patterns[0]!);
  const body: Expr = { k: 'block', body: c.block(block), at: block ? at(block) : place };
  return { pat, ...(guard && { guard }), body, at: place };
}

function followedByComma(c: Context, node: Node): boolean {
  return /^\s*,/.test(c.text.slice(node.endIndex, node.endIndex + 80));
}

/** Children of a pattern node; `_` and `-` are anonymous and matter. */
function parts(c: Context, node: Node): Node[] {
  if (c.flaw(node)) return [];
  return node.children.filter(kid => !kid.isExtra);
}

function casePattern(c: Context, node: Node): Pat {
  if (c.depth >= MAX_DEPTH) return opaque('too deep', node);
  c.depth++;
  const pat = lowerCase(c, node);
  c.depth--;
  return pat;
}

function lowerCase(c: Context, node: Node): Pat {
  if (c.flaw(node)) return opaque('syntax error', node);
  const place = at(node);
  switch (node.type) {
    case 'case_pattern':
      return simple(c, parts(c, node), node);
    case '_':
      return { p: 'any', at: place };
    case 'identifier':
      return { p: 'bind', name: c.name(node), at: place };
    case 'dotted_name': {
      const path = names(c, node);
      return path.length === 1 ? { p: 'bind', name: path[0]!, at: place } : { p: 'variant', path, at: place };
    }
    case 'as_pattern': {
      const [sub, , name] = parts(c, node);
      return sub && name ? { p: 'bind', name: c.name(name), sub: casePattern(c, sub), at: place } : opaque('syntax error', node);
    }
    case 'union_pattern':
      return { p: 'or', alts: alternatives(c, parts(c, node)), at: place };
    case 'tuple_pattern': {
      const items = c.items(node);
      return isGroup(c, node) && !isSplat(c, items[0]!) ? casePattern(c, items[0]!) : sequence(c, items, 'tuple', place);
    }
    case 'list_pattern':
      return sequence(c, c.items(node), 'list', place);
    case 'class_pattern':
      return classPattern(c, node);
    case 'dict_pattern':
      return mapping(c, node);
    case 'splat_pattern':
      return splat(c, node);
    case 'complex_pattern':
      return { p: 'lit', value: complex(c, node), at: place };
    case 'string':
    case 'concatenated_string':
    case 'integer':
    case 'float':
    case 'true':
    case 'false':
    case 'none':
      return { p: 'lit', value: c.expr(node), at: place };
    default:
      return opaque(node.type === 'ERROR' ? 'syntax error' : `unexpected ${node.type}`, node);
  }
}

/** One pattern that may have a `-` before it. */
function simple(c: Context, tokens: Node[], node: Node): Pat {
  const [first, second] = tokens;
  if (!first) return opaque('syntax error', node);
  if (first.type !== '-' || !second) return casePattern(c, first);
  return { p: 'lit', value: { k: 'un', op: '-', of: c.expr(second), at: at(first) }, at: at(first) };
}

function alternatives(c: Context, tokens: Node[]): Pat[] {
  const alts: Pat[] = [];
  let from = 0;
  for (let i = 0; i <= tokens.length; i++) {
    if (i < tokens.length && tokens[i]!.type !== '|') continue;
    const pat = simple(c, tokens.slice(from, i), tokens[from] ?? tokens[0]!);
    if (pat.p === 'or') for (const alt of pat.alts) alts.push(alt);
    else alts.push(pat);
    from = i + 1;
  }
  return alts;
}

function sequence(c: Context, nodes: Node[], p: 'tuple' | 'list', place: number): Pat {
  const rest = nodes.findIndex(node => isSplat(c, node));
  const items = nodes.map(node => casePattern(c, node));
  return rest < 0 ? { p, items, at: place } : { p, items, rest, at: place };
}

const isSplat = (c: Context, node: Node): boolean => c.text[node.startIndex] === '*';

function splat(c: Context, node: Node): Pat {
  const name = c.kids(node)[0];
  const id = name ? c.name(name) : '_';
  return id === '_' ? { p: 'any', at: at(node) } : { p: 'bind', name: id, at: at(node) };
}

/** `A(x)` is a variant; with keywords it is a struct whose positional fields are named by their index. */
function classPattern(c: Context, node: Node): Pat {
  const [name, ...rest] = c.items(node);
  const path = name ? names(c, name) : [];
  const fields = rest.map((kid, i) => keywordField(c, kid) ?? { name: String(i), pat: casePattern(c, kid), keyword: false });
  if (!fields.some(field => field.keyword)) return { p: 'variant', path, items: fields.map(field => field.pat), at: at(node) };
  return { p: 'struct', path, fields: fields.map(({ name, pat }) => ({ name, pat })), at: at(node) };
}

/** `key=pattern`; of `key=pattern as name` the grammar makes `(key=pattern) as name`. */
function keywordField(c: Context, node: Node): { name: string; pat: Pat; keyword: true } | undefined {
  let inner = node.type === 'case_pattern' ? c.kids(node)[0] : undefined;
  let alias: Node | undefined;
  if (inner?.type === 'as_pattern') {
    const [sub, name] = c.kids(inner);
    inner = sub && c.kids(sub)[0];
    alias = name;
  }
  if (inner?.type !== 'keyword_pattern') return undefined;
  const [key, , ...value] = parts(c, inner);
  const sub = simple(c, value, inner);
  const pat: Pat = alias ? { p: 'bind', name: c.name(alias), sub, at: sub.at } : sub;
  return { name: key ? c.name(key) : '', pat, keyword: true };
}

/** `{"a": x, **rest}` is a struct `dict` whose fields are the keys as values or, for names and numbers, as written. */
function mapping(c: Context, node: Node): Pat {
  const fields: { name: string; pat: Pat }[] = [];
  let key: Node[] = [];
  let value: Node[] | undefined;
  const finish = (): void => {
    if (value && key[0]) fields.push({ name: keyName(c, key), pat: simple(c, value, key[0]) });
    else if (key[0]) fields.push({ name: '**', pat: casePattern(c, key[0]) });
    key = [];
    value = undefined;
  };
  for (const kid of parts(c, node).slice(1, -1)) {
    const type = kid.type;
    if (type === ',') finish();
    else if (type === ':') value = [];
    else if (value) value.push(kid);
    else key.push(kid);
  }
  finish();
  return { p: 'struct', path: ['dict'], fields, at: at(node) };
}

function keyName(c: Context, key: Node[]): string {
  const value = key.length === 1 && key[0]!.type.endsWith('string') ? c.expr(key[0]!) : undefined;
  if (value?.k === 'lit') return String(value.v);
  return c.text.slice(key[0]!.startIndex, key.at(-1)!.endIndex);
}

function complex(c: Context, node: Node): Expr {
  const [l, r] = c.kids(node);
  const negative = c.text.charCodeAt(node.startIndex) === MINUS;
  const real: Expr = negative ? { k: 'un', op: '-', of: c.expr(l), at: at(node) } : c.expr(l);
  const op = l && r && c.text.slice(l.endIndex, r.startIndex).includes('-') ? '-' : '+';
  return { k: 'bin', op, l: real, r: c.expr(r), at: at(node) };
}

function names(c: Context, node: Node): string[] {
  return c.kids(node).map(kid => c.name(kid));
}

function opaque(why: string, node: Node): Pat {
  return { p: 'target', expr: { k: 'opaque', why, at: at(node) }, at: at(node) };
}
