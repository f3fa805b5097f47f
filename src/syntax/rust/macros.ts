/** Macro calls of Rust: what their tokens say, as far as it can be parsed again. */
import type { Arg, At, Expr, Mark, MatchArm, Stmt } from '../../facts/types.js';
import { lowerCfg } from './attributes.js';
import { child, type Context, isNamed, named } from './context.js';
import { fillFormat, formats, logs } from './format.js';
import { reparseArgs, reparseExpr, reparseItems } from './reparse.js';
import { findTop, groupEnd, segments, skipBlank, splitCommas } from './scan.js';
import { simpleArgs } from './simple.js';
import type { Syn } from './tree.js';

interface Call {
  path: string[];
  name: string;
  /** The text inside the delimiters. */
  s: number;
  e: number;
  at: number;
}

function callOf(cx: Context, n: Syn): Call | undefined {
  const head = n.c[0];
  const tree = child(n, 'token_tree');
  if (!head || !tree) return undefined;
  const path = segments(cx.text.slice(head.s, head.e || cx.text.indexOf('!', head.s)));
  return { path, name: path[path.length - 1] ?? '', s: tree.s + 1, e: Math.max(tree.s + 1, tree.e - 1), at: cx.at(n.s) };
}

export function lowerMacro(cx: Context, n: Syn): Expr {
  const call = callOf(cx, n);
  if (!call) return { k: 'opaque', why: 'syntax error', at: cx.at(n.s) };
  cx.macroDepth++;
  const expr = special(cx, call) ?? plain(cx, call);
  cx.macroDepth--;
  return expr;
}

function plain(cx: Context, { path, name, s, e, at }: Call): Expr {
  const tokens = cx.text.slice(s, e);
  const args = simpleArgs(cx, s, e) ?? reparseArgs(cx, s, e, logs(name) ? withoutSigils(cx.text, s, e) : undefined)?.map(c => cx.expr(c));
  if (!args) return { k: 'macro', path, tokens, at };
  return { k: 'macro', path, args: formats(name) ? fillFormat(name, args) : args, tokens, at };
}

/** Macros that stand for a plain expression. */
function special(cx: Context, call: Call): Expr | undefined {
  switch (call.name) {
    case 'vec': {
      const list = reparseExpr(cx, '[', call.s, call.e, '\n];');
      const expr = list?.k === 'array_expression' ? cx.expr(list) : undefined;
      return expr && { ...expr, at: call.at };
    }
    case 'json':
      return json(cx, call);
    case 'matches':
      return matches(cx, call);
    case 'cfg':
      return { k: 'macro', path: call.path, args: [lowerCfg(cx, call.s, call.e)], tokens: cx.text.slice(call.s, call.e), at: call.at };
    default:
      return undefined;
  }
}

/** Replaces single characters of a text. */
function edit(text: string, s: number, e: number, edits: Map<number, string>): string {
  let out = '';
  let from = s;
  for (const [i, ch] of [...edits].sort((a, b) => a[0] - b[0])) {
    out += text.slice(from, i) + ch;
    from = i + 1;
  }
  return out + text.slice(from, e);
}

/** Field sigils (`%x`, `?x`, `key = %x`) and `target:` of the logging macros are no expressions; they are blanked out. */
function withoutSigils(text: string, s: number, e: number): string {
  const edits = new Map<number, string>();
  for (const piece of splitCommas(text, s, e)) {
    const colon = /^(?:target|parent|name)\s*:(?!:)/.exec(text.slice(piece.s, piece.e));
    if (colon) edits.set(piece.s + colon[0].length - 1, '=');
    const sigil = /^(?:[\w.]+\s*=\s*)?[%?]/.exec(text.slice(piece.s, piece.e));
    if (sigil) edits.set(piece.s + sigil[0].length - 1, ' ');
  }
  return edit(text, s, e, edits);
}

/**
 * An object becomes a tuple of keys and values, character by character, so that all of it is parsed at once and every place
 * stays right; `cx.json` remembers which tuples are objects and which names are `null`.
 */
function json(cx: Context, { s, e, at }: Call): Expr | undefined {
  const { text } = cx;
  const edits = new Map<number, string>();
  const value = (start: number, end: number, depth: number): void => {
    const i = skipBlank(text, start, end);
    if (i >= end || depth > 100) return;
    const open = text[i];
    if ((open === '{' || open === '[') && skipBlank(text, groupEnd(text, i, end), end) >= end) {
      const close = groupEnd(text, i, end) - 1;
      for (const piece of splitCommas(text, i + 1, close)) {
        if (open === '[') {
          value(piece.s, piece.e, depth + 1);
          continue;
        }
        const colon = findTop(text, piece.s, piece.e, p => text[p] === ':' && text[p + 1] !== ':' && text[p - 1] !== ':');
        if (colon < 0) continue;
        edits.set(colon, ',');
        value(colon + 1, piece.e, depth + 1);
      }
      if (open === '{') {
        edits.set(i, '(').set(close, ')');
        cx.json.add(i);
      }
    } else if (/^null\s*$/.test(text.slice(i, end))) cx.json.add(i);
  };
  const first = skipBlank(text, s, e);
  if (text[first] !== '{' && text[first] !== '[') return undefined;
  value(s, e, 0);
  const parsed = reparseArgs(cx, s, e, edit(text, s, e, edits));
  const expr = parsed?.length === 1 ? cx.expr(parsed[0]) : undefined;
  return expr && { ...expr, at };
}

/** `matches!(e, pat if guard)` is `match e { pat if guard => true, _ => false }`. */
function matches(cx: Context, { s, e, at }: Call): Expr | undefined {
  const comma = findTop(cx.text, s, e, i => cx.text[i] === ',');
  if (comma < 0) return undefined;
  const edits = new Map([[comma, '{']]);
  const trailing = /,\s*$/.exec(cx.text.slice(comma + 1, e));
  if (trailing) edits.set(comma + 1 + trailing.index, ' ');
  const parsed = reparseExpr(cx, 'match ', s, e, '\n=>1}', edit(cx.text, s, e, edits));
  const arms = parsed?.k === 'match_expression' ? child(parsed, 'match_block')?.c.filter(c => c.k === 'match_arm') : undefined;
  const pattern = arms?.length === 1 ? child(arms[0]!, 'match_pattern') : undefined;
  if (!pattern) return undefined;
  const [pat, guard] = named(pattern);
  const yes: MatchArm = { pat: cx.pat(pat), body: { k: 'lit', v: true, at }, at: cx.at(pattern.s) };
  if (guard) yes.guard = cx.expr(guard);
  const no: MatchArm = { pat: { p: 'any', at }, body: { k: 'lit', v: false, at }, at };
  return { k: 'match', on: cx.expr(parsed!.c[0]), arms: [yes, no], at };
}

/** Macros around items: their items, or undefined when the macro is none of them. */
export function lowerItemMacro(cx: Context, n: Syn, marks: Mark[]): Stmt[] | undefined {
  const call = callOf(cx, n);
  if (!call) return undefined;
  cx.macroDepth++;
  const items = around(cx, call, marks);
  cx.macroDepth--;
  return items;
}

function around(cx: Context, { name, s, e }: Call, marks: Mark[]): Stmt[] | undefined {
  if (name === 'cfg_if') return cfgIf(cx, s, e, marks);
  if (name === 'cfg_select') return cfgSelect(cx, s, e, marks);
  if (name !== 'lazy_static' && name !== 'thread_local' && name !== 'task_local') return undefined;
  // `static ref X: T = v;` is `static X: T = v;` behind a `Deref`; the last one may lack its semicolon
  const text = cx.text.slice(s, e).replace(/\bstatic(\s+)ref\b/g, 'static$1   ');
  const parsed = reparseItems(cx, s, e, /;\s*$/.test(text) ? text : `${text};`);
  return parsed?.length ? cx.parts.items(cx, parsed, marks) : undefined;
}

/** `if #[cfg(a)] { .. } else if #[cfg(b)] { .. } else { .. }`: the items of every branch, each with its condition. */
function cfgIf(cx: Context, s: number, e: number, marks: Mark[]): Stmt[] | undefined {
  const { text } = cx;
  const out: Stmt[] = [];
  const before: Arg[] = [];
  let i = skipBlank(text, s, e);
  while (i < e) {
    const head = /^(?:else\s+)?if\s*#\s*|^else\s*/.exec(text.slice(i, e));
    if (!head) return undefined;
    let open = i + head[0].length;
    let own: Arg[] = [];
    if (head[0].includes('if')) {
      const start = text.lastIndexOf('#', open);
      if (text[open] !== '[') return undefined;
      open = groupEnd(text, open, e);
      const { expr } = cx.parts.mark(cx, { k: 'attribute_item', s: start, e: open, c: [] });
      if (expr.k === 'call') own = expr.args;
    }
    const branch = guarded(cx, skipBlank(text, open, e), e, [...marks, chosen(own, before, cx.at(i))]);
    if (!branch) return undefined;
    out.push(...branch.items);
    before.push(...own);
    i = skipBlank(text, branch.end, e);
  }
  return out;
}

/** `cfg_select! { a => { .. } b => { .. } _ => { .. } }` of the standard library: the first arm that holds. */
function cfgSelect(cx: Context, s: number, e: number, marks: Mark[]): Stmt[] | undefined {
  const { text } = cx;
  const out: Stmt[] = [];
  const before: Arg[] = [];
  let i = skipBlank(text, s, e);
  while (i < e) {
    const arrow = text.indexOf('=>', i);
    if (arrow < 0 || arrow >= e) return undefined;
    const cfg = lowerCfg(cx, i, arrow);
    const own = text.slice(i, arrow).trim() === '_' || cfg.k !== 'call' ? [] : cfg.args;
    const branch = guarded(cx, skipBlank(text, arrow + 2, e), e, [...marks, chosen(own, before, cx.at(i))]);
    if (!branch) return undefined;
    out.push(...branch.items);
    before.push(...own);
    i = skipBlank(text, branch.end, e);
    if (text[i] === ',') i = skipBlank(text, i + 1, e);
  }
  return out;
}

/** The items of the block that opens at `open`. */
function guarded(cx: Context, open: number, e: number, marks: Mark[]): { items: Stmt[]; end: number } | undefined {
  if (cx.text[open] !== '{') return undefined;
  const end = groupEnd(cx.text, open, e);
  const parsed = reparseItems(cx, open + 1, end - 1);
  return parsed && { items: cx.parts.items(cx, parsed, marks), end };
}

/** `#[cfg(all(own, not(any(before))))]`: the condition of a branch that is taken where none before it is. */
function chosen(own: Arg[], before: Arg[], at: At): Mark {
  const call = (id: string, args: Arg[]): Expr => ({ k: 'call', fn: { k: 'name', id, at }, args, at });
  const rest: Arg[] = before.length > 0 ? [{ value: call('not', [{ value: call('any', [...before]) }]) }] : [];
  const all = [...own, ...rest];
  return { expr: call('cfg', all.length === 1 ? all : [{ value: call('all', all) }]), at };
}

/** The tuple that stands for a JSON object. */
export function jsonObject(cx: Context, n: Syn): Expr {
  const parts = n.c.filter(isNamed);
  const entries: { key?: Expr; value: Expr }[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) entries.push({ key: cx.expr(parts[i]), value: cx.expr(parts[i + 1]) });
  return { k: 'dict', entries, at: cx.at(n.s) };
}
