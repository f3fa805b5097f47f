/** Attributes on handlers: those that leave the function as it is, and those that might put a guard around it. */
import type { Expr } from '../../facts/types.js';
import { PackModels } from '../../packs/models.js';
import type { Ev, GapNote } from '../../program/ev.js';
import { evaluate } from '../../program/expressions.js';
import type { FnVal } from '../../program/values.js';

const PLAIN =
  /^(allow|warn|deny|forbid|expect|cfg|cfg_attr|doc|inline|must_use|deprecated|cold|test|ignore|derive|rustfmt|clippy|no_mangle|track_caller|instrument|debug_handler|debug_middleware|async_trait|path|get|post|put|patch|delete|head|options|trace|connect|route|routes|api_v2_operation|api_operation|openapi|utoipa|main|axum_macros|tracing|tokio|async_recursion|automock|autometrics|skip|feature|automatically_derived|cached|once|io_cached|concurrent_cached)$/;

const lastOf = (e: Expr): string => (e.k === 'name' ? e.id : e.k === 'path' ? (e.segs.at(-1) ?? '') : e.k === 'call' ? lastOf(e.fn) : '');
const headOf = (e: Expr): Expr => (e.k === 'call' ? headOf(e.fn) : e);

/** API path of an attribute, as far as its name resolves. */
export function markPath(ev: Ev, e: Expr, fn: FnVal): string {
  const h = headOf(e);
  if (h.k === 'path') return ev.models.canonical(h.segs.join('::'));
  if (h.k !== 'name') return '';
  const v = evaluate(ev, h, fn.scope);
  return v.t === 'ext' ? v.path : h.id;
}

/** Attribute macros that nobody has described, each name once: they may guard what they stand on. */
export function attributeGaps(ev: Ev, fn: FnVal): GapNote[] {
  const out = new Map<string, GapNote>();
  for (const m of fn.def.marks) {
    const h = headOf(m.expr);
    const first = h.k === 'path' ? (h.segs[0] ?? '') : lastOf(h);
    if (PLAIN.test(lastOf(h)) || PLAIN.test(first)) continue;
    const path = markPath(ev, m.expr, fn);
    if (ev.models instanceof PackModels && ev.models.row(path)) continue;
    const says = `the attribute \`${lastOf(h)}\` is not described`;
    if (out.has(says) || addsNoWayOut(ev, h, fn)) continue;
    out.set(says, { why: 'unknown-decorator', says, place: { file: fn.module.file, at: m.at }, hides: ['guards', 'outcomes'] });
  }
  return [...out.values()];
}

/** What code that can end a request is written with; a body that is put into another one may be put behind anything. */
const LEAVES = /\breturn\b|\?(?!\w)|\bErr\b|\bpanic\b|\babort\b|\bunwrap\b|\bexpect\b|#\w*(block|body|stmts)\b/;

/**
 * Is it an attribute macro of a crate in the tree whose templates hold nothing that could turn a request away? (It documents the
 * function, or registers it.)
 */
function addsNoWayOut(ev: Ev, mark: Expr, fn: FnVal): boolean {
  if (mark.k !== 'name' && mark.k !== 'path') return false;
  const macro = evaluate(ev, mark, fn.scope);
  if (macro.t !== 'fn' || !macro.def.marks.some(m => lastOf(m.expr) === 'proc_macro_attribute')) return false;
  const templates = ev.program.modules.filter(m => m.crate === macro.module.crate).flatMap(m => quoted(m.body));
  return templates.length > 0 && !templates.some(t => LEAVES.test(t));
}

/** Texts of the `quote!` macros in a tree of facts. */
function quoted(x: unknown): string[] {
  if (x === null || typeof x !== 'object') return [];
  if (Array.isArray(x)) return x.flatMap(quoted);
  const n = x as { k?: string; path?: string[]; tokens?: string };
  const own = n.k === 'macro' && /^(quote|parse_quote)(_spanned)?$/.test(n.path?.at(-1) ?? '') && n.tokens !== undefined ? [n.tokens] : [];
  return [...own, ...Object.values(x).flatMap(quoted)];
}
