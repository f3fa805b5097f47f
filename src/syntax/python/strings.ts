/** Lowers string nodes: plain literals, f-strings and implicit concatenation. */
import type { Expr } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context, MAX_DEPTH } from './context.js';
import { decode, type StringForm, stringForm } from './literals.js';

type PartList = (string | Expr)[];

/** One string literal or f-string. */
export function string(c: Context, node: Node): Expr {
  const parts: PartList = [];
  const form = addString(c, node, parts);
  if (form.backquoted) return { k: 'opaque', why: 'backquotes', at: at(node) };
  return fromParts(parts, form.bytes, node);
}

/** Adjacent literals, which Python joins. */
export function concatenation(c: Context, node: Node): Expr {
  const parts: PartList = [];
  let bytes = false;
  for (const kid of c.items(node)) {
    if (kid.type === 'string') bytes = addString(c, kid, parts).bytes || bytes;
    else parts.push(c.expr(kid));
  }
  return fromParts(parts, bytes, node);
}

function fromParts(parts: PartList, bytes: boolean, node: Node): Expr {
  const place = at(node);
  if (parts.length === 0) parts.push('');
  const [only] = parts;
  if (parts.length > 1 || typeof only !== 'string') return { k: 'fmt', parts, at: place };
  return bytes ? { k: 'lit', v: only, at: place, of: 'bytes' } : { k: 'lit', v: only, at: place };
}

function addString(c: Context, node: Node, parts: PartList): StringForm {
  const start = node.startIndex;
  const end = node.endIndex;
  const form = stringForm(c.text.slice(start, end));
  if (form.format) addPieces(c, c.items(node), start + form.open, end - form.close, form, parts);
  else addText(parts, decode(c.text.slice(start + form.open, end - form.close), form));
  return form;
}

/** The literal text from `from` to `to` with the replacement fields between. */
function addPieces(c: Context, nodes: Node[], from: number, to: number, form: StringForm, parts: PartList): void {
  let done = from;
  for (const node of nodes) {
    const type = node.type;
    if (type !== 'interpolation' && type !== 'format_expression' && type !== 'ERROR') continue;
    // An error may reach over the quotes.
    if (node.startIndex < done) continue;
    addText(parts, decode(c.text.slice(done, node.startIndex), form));
    if (type === 'ERROR') parts.push({ k: 'opaque', why: 'syntax error', at: at(node) });
    else addField(c, node, form, parts);
    done = node.endIndex;
  }
  if (done < to) addText(parts, decode(c.text.slice(done, to), form));
}

const CONVERSIONS: Record<string, string> = { __proto__: null as never, '!r': 'repr', '!s': 'str', '!a': 'ascii' };

/** `{value=!r:spec}` is the value, in calls of `repr`, `str`, `ascii` and `format` where these change it. */
function addField(c: Context, node: Node, form: StringForm, parts: PartList): void {
  const kids = c.kids(node);
  const valueNode = kids[0];
  if (!valueNode || c.depth >= MAX_DEPTH || c.flaw(node)) {
    parts.push({ k: 'opaque', why: c.depth >= MAX_DEPTH ? 'too deep' : 'syntax error', at: at(node) });
    return;
  }
  const conversion = kids.find(kid => kid.type === 'type_conversion');
  const specifier = kids.find(kid => kid.type === 'format_specifier');
  let value = c.expr(valueNode);
  const named = /^\s*=\s*/.exec(c.text.slice(valueNode.endIndex, (conversion ?? specifier)?.startIndex ?? node.endIndex));
  if (named) addText(parts, c.text.slice(node.startIndex + 1, valueNode.endIndex) + named[0]);
  const wrap = conversion ? CONVERSIONS[c.slice(conversion)] : named && !specifier ? 'repr' : undefined;
  if (wrap) value = { k: 'call', fn: { k: 'name', id: wrap, at: value.at }, args: [{ value }], at: value.at };
  if (specifier) {
    const spec: PartList = [];
    c.depth++;
    addPieces(c, c.items(specifier), specifier.startIndex + 1, specifier.endIndex, form, spec);
    c.depth--;
    const args = [{ value }, { value: fromParts(spec, false, specifier) }];
    value = { k: 'call', fn: { k: 'name', id: 'format', at: value.at }, args, at: value.at };
  }
  parts.push(value);
}

function addText(parts: PartList, text: string): void {
  if (text === '') return;
  const last = parts.length - 1;
  if (typeof parts[last] === 'string') parts[last] += text;
  else parts.push(text);
}
