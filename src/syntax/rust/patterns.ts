/** Patterns of Rust. `mut`, `ref`, `&` and `box` change nothing about what is matched and are dropped. */
import type { Expr, Pat } from '../../facts/types.js';
import { type Context, has, isNamed, MAX_DEPTH, named } from './context.js';
import { pathOf } from './types.js';
import type { Syn } from './tree.js';

/** A single name in a pattern is a constant or variant when it is written like one. */
const NAMES_VARIANT = /^\p{Lu}/u;

export function lowerPat(cx: Context, n: Syn | undefined): Pat {
  if (!n) return { p: 'any', at: 0 };
  if (cx.depth >= MAX_DEPTH) return { p: 'any', at: cx.at(n.s) };
  cx.depth++;
  const pat = patOf(cx, n);
  cx.depth--;
  return pat;
}

const bindOrVariant = (name: string, at: number): Pat =>
  NAMES_VARIANT.test(name) ? { p: 'variant', path: [name], at } : { p: 'bind', name, at };

function patOf(cx: Context, n: Syn): Pat {
  const at = cx.at(n.s);
  switch (n.k) {
    case 'identifier':
    case 'type_identifier': {
      const name = cx.name(n);
      return name === '_' ? { p: 'any', at } : bindOrVariant(name, at);
    }
    case 'shorthand_field_identifier':
    case 'self':
    case 'metavariable':
      return { p: 'bind', name: cx.name(n), at };
    case '_':
    case 'remaining_field_pattern':
    case 'MISSING':
    case 'ERROR':
      return { p: 'any', at };
    case 'mut_pattern':
    case 'ref_pattern':
    case 'reference_pattern':
    case 'match_pattern':
    case 'parenthesized_pattern':
      return cx.pat(n.c.find(c => isNamed(c) && c.k !== 'mutable_specifier'));
    case 'tuple_pattern':
    case 'slice_pattern': {
      const items = named(n).filter(c => c.k !== 'attribute_item');
      // `(p)` is only grouping; `(p,)` and `(..)` are tuples
      if (n.k === 'tuple_pattern' && items.length === 1 && items[0]!.k !== 'remaining_field_pattern' && !has(n, ',')) {
        return cx.pat(items[0]);
      }
      return sequence(cx, n, items);
    }
    case 'tuple_struct_pattern': {
      const [type, ...items] = named(n);
      return {
        p: 'variant',
        path: type ? pathOf(cx, type).segs : [],
        items: items.filter(c => c.k !== 'attribute_item').map(c => cx.pat(c)),
        at,
      };
    }
    case 'struct_pattern':
      return structPattern(cx, n);
    case 'captured_pattern': {
      const [name, sub] = named(n);
      return { p: 'bind', name: cx.name(name), sub: cx.pat(sub), at };
    }
    case 'or_pattern': {
      const alts: Syn[] = [];
      let left: Syn | undefined = n;
      while (left?.k === 'or_pattern') {
        const parts: Syn[] = named(left);
        if (parts.length > 1) alts.unshift(...parts.slice(1));
        left = parts[0];
      }
      if (left) alts.unshift(left);
      return alts.length === 1 ? cx.pat(alts[0]) : { p: 'or', alts: alts.map(c => cx.pat(c)), at };
    }
    case 'range_pattern':
      return rangePattern(cx, n);
    case 'scoped_identifier':
    case 'scoped_type_identifier':
    case 'generic_pattern':
    case 'generic_type':
    case 'generic_type_with_turbofish':
      return { p: 'variant', path: pathOf(cx, n).segs, at };
    default:
      return { p: 'lit', value: cx.expr(n), at };
  }
}

function sequence(cx: Context, n: Syn, items: Syn[]): Pat {
  const out: Pat = { p: n.k === 'tuple_pattern' ? 'tuple' : 'list', items: items.map(c => cx.pat(c)), at: cx.at(n.s) };
  const rest = items.findIndex(isRest);
  if (rest >= 0) out.rest = rest;
  return out;
}

const isRest = (n: Syn): boolean =>
  n.k === 'remaining_field_pattern' || ((n.k === 'captured_pattern' || n.k === 'ref_pattern') && n.c.some(isRest));

function structPattern(cx: Context, n: Syn): Pat {
  const [type, ...fields] = named(n);
  const out: Extract<Pat, { p: 'struct' }> = { p: 'struct', path: type ? pathOf(cx, type).segs : [], fields: [], at: cx.at(n.s) };
  for (const field of fields) {
    if (field.k !== 'field_pattern') continue;
    const parts = named(field).filter(c => c.k !== 'mutable_specifier' && c.k !== 'attribute_item');
    const name = cx.name(parts[0]);
    out.fields.push({ name, pat: parts.length > 1 ? cx.pat(parts[1]) : { p: 'bind', name, at: cx.at(field.s) } });
  }
  return out;
}

function rangePattern(cx: Context, n: Syn): Pat {
  const out: Extract<Pat, { p: 'range' }> = { p: 'range', at: cx.at(n.s) };
  let seen = false;
  for (const c of n.c) {
    if (!isNamed(c)) seen = true;
    else if (seen) out.to = cx.expr(c);
    else out.from = cx.expr(c);
  }
  return out;
}

/** The target of an assignment, written as an expression. */
export function target(expr: Expr): Pat {
  switch (expr.k) {
    case 'name':
      return expr.id === '_' ? { p: 'any', at: expr.at } : { p: 'bind', name: expr.id, at: expr.at };
    case 'tuple':
    case 'list': {
      const out: Pat = { p: expr.k, items: [], at: expr.at };
      expr.items.forEach((item, i) => {
        const rest = item.k === 'slice' && !item.from && !item.to;
        if (rest) out.rest = i;
        out.items.push(rest ? { p: 'any', at: item.at } : target(item));
      });
      return out;
    }
    default:
      return { p: 'target', expr, at: expr.at };
  }
}
