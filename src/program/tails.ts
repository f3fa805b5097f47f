/** What a block of Rust gives: its last expression, of those that are compiled in by default. */
import type { Expr, Stmt, TypeRef } from '../facts/types.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import { compiledOut } from './rust-cfg.js';
import { runBlock } from './statements.js';
import type { Scope, Val } from './values.js';

interface Split {
  before: Stmt[];
  value: Expr;
}

/** Every body belongs to one program, which is compiled in one way. */
const splits = new WeakMap<Stmt[], Split | null>();

/**
 * Runs a block and gives its value; undefined where it has none.
 * @param hint the type that is asked for
 */
export function blockValue(ev: Ev, body: Stmt[], value: Expr | undefined, scope: Scope, hint?: TypeRef): Val | undefined {
  const split = value ? null : gatedTail(ev, body);
  const end = runBlock(ev, split?.before ?? body, scope);
  const last = value ?? split?.value;
  return ev.dead || !last ? undefined : evaluate(ev, last, end, hint);
}

/** `#[cfg(a)] return x; #[cfg(not(a))] y`: an expression under an attribute is the tail where nothing that follows is compiled in. */
function gatedTail(ev: Ev, body: Stmt[]): Split | null {
  const known = splits.get(body);
  if (known !== undefined) return known;
  let i = body.length - 1;
  for (; i >= 0; i--) {
    const s = body[i] as Stmt;
    if (!((s.s === 'expr' || s.s === 'let') && s.marks && compiledOut(ev, s.marks))) break;
  }
  const s = body[i];
  const found = s?.s === 'expr' && s.marks && !s.dropped ? { before: [...body.slice(0, i), ...body.slice(i + 1)], value: s.expr } : null;
  splits.set(body, found);
  return found;
}
