/** Parsing raw token text again, in a wrapper that makes it whole Rust; places stay those of the real text. */
import type { Context } from './context.js';
import { isNamed } from './context.js';
import type { Syn } from './tree.js';

/** Longer token text is not parsed again. */
const MAX_LENGTH = 20_000;
/** Macros in macros beyond this are not parsed again: every level parses its text once more. */
const MAX_NESTING = 8;

const worth = (cx: Context, start: number, end: number): boolean => end - start <= MAX_LENGTH && cx.macroDepth < MAX_NESTING;

/**
 * The text between two offsets as comma-separated expressions, or undefined when it is not that.
 * `body` is the text to parse instead; it must be as long.
 */
export function reparseArgs(cx: Context, start: number, end: number, body = cx.text.slice(start, end)): Syn[] | undefined {
  if (!worth(cx, start, end)) return undefined;
  const file = cx.reparse(`f(${body}\n);`, start - 2, start, end);
  const call = onlyExpression(file);
  const list = call?.k === 'call_expression' ? call.c[1] : undefined;
  if (list?.k !== 'arguments') return undefined;
  return list.c.filter(c => isNamed(c) && c.k !== 'attribute_item');
}

/** One expression made of `prefix`, the text (or `body`, as long) and `suffix`. */
export function reparseExpr(
  cx: Context,
  prefix: string,
  start: number,
  end: number,
  suffix: string,
  body = cx.text.slice(start, end),
): Syn | undefined {
  if (!worth(cx, start, end)) return undefined;
  return onlyExpression(cx.reparse(`${prefix}${body}${suffix}`, start - prefix.length, start, end));
}

/** The text as items and statements. */
export function reparseItems(cx: Context, start: number, end: number, body = cx.text.slice(start, end)): Syn[] | undefined {
  if (!worth(cx, start, end)) return undefined;
  return cx.reparse(body, start, start, end)?.c;
}

function onlyExpression(file: Syn | undefined): Syn | undefined {
  const only = file?.c.length === 1 ? file.c[0] : undefined;
  return only?.k === 'expression_statement' ? only.c[0] : undefined;
}
