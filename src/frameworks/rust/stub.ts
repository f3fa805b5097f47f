/** Handlers that are placeholders. */
import type { Expr, FnDef, Stmt } from '../../facts/types.js';
import type { Place } from '../../program/formula.js';
import type { FnVal } from '../../program/values.js';

/** Says what makes `fn` a placeholder; undefined when it does something. */
export function stubOf(fn: FnVal): { says: string; place: Place } | undefined {
  const says = reason(fn.def);
  return says === undefined ? undefined : { says, place: { file: fn.module.file, at: fn.def.at } };
}

function reason(def: FnDef): string | undefined {
  const body = def.body.filter(s => !idle(s));
  const last =
    def.value ??
    (body.at(-1)?.s === 'expr'
      ? (body.at(-1) as Stmt & { s: 'expr' }).expr
      : body.at(-1)?.s === 'return'
        ? (body.at(-1) as Stmt & { s: 'return' }).value
        : undefined);
  const only = body.length === (def.value ? 0 : 1) ? last : undefined;
  if (body.length === 0 && !def.value) return 'the body is empty';
  const first = body[0]?.s === 'expr' ? (body[0] as Stmt & { s: 'expr' }).expr : only;
  for (const e of [first, only]) {
    if (e?.k === 'macro' && /^(todo|unimplemented)$/.test(e.path.at(-1) ?? '')) return `the body is \`${e.path.at(-1) as string}!()\``;
    if (e?.k === 'macro' && e.path.at(-1) === 'panic' && /not (yet )?implemented|todo/i.test(e.tokens))
      return 'the body panics with "not implemented"';
  }
  if (only && mentionsNotImplemented(only)) return 'the only answer is 501';
  return undefined;
}

/** Statements that do nothing: `let _ = x;`, logging. */
function idle(s: Stmt): boolean {
  if (s.s === 'let') return s.pat.p === 'any' && (s.value?.k === 'name' || s.value?.k === 'tuple');
  if (s.s !== 'expr') return s.s === 'use';
  return s.expr.k === 'macro' && /^(trace|debug|info|warn|error|println|eprintln)$/.test(s.expr.path.at(-1) ?? '');
}

function mentionsNotImplemented(e: Expr, depth = 0): boolean {
  if (depth > 6) return false;
  switch (e.k) {
    case 'path':
      return e.segs.at(-1) === 'NOT_IMPLEMENTED' || e.segs.at(-1) === 'NotImplemented';
    case 'call':
      return mentionsNotImplemented(e.fn, depth + 1) || e.args.some(a => mentionsNotImplemented(a.value, depth + 1));
    case 'member':
      return mentionsNotImplemented(e.of, depth + 1);
    case 'tuple':
      return e.items.some(x => mentionsNotImplemented(x, depth + 1));
    default:
      return false;
  }
}
