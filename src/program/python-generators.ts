/** Python's generators that somebody drives: dependencies that wait for the response, context managers that wait for their block. */
import type { Expr, FnDef } from '../facts/types.js';
import type { Ev } from './ev.js';
import type { CallArgs, Val } from './values.js';

/** A generator up to its `yield`: what it does afterwards happens when what it serves is over. */
export function untilYield(def: FnDef): FnDef {
  const known = cut.get(def);
  if (known) return known;
  const out: FnDef = { ...def, generator: false, body: truncate(def.body).body };
  cut.set(def, out);
  return out;
}
const cut = new WeakMap<FnDef, FnDef>();

/** What such a generator gives before its block, as the one item of a list. */
export function untilBlock(def: FnDef): FnDef {
  const known = blocks.get(def);
  if (known) return known;
  const out: FnDef = { ...def, generator: false, body: truncate(def.body, asOne).body };
  blocks.set(def, out);
  return out;
}
const blocks = new WeakMap<FnDef, FnDef>();

/** `contextlib.contextmanager`: the function's block runs after what comes before its `yield`, and before the rest. */
function manager(_ev: Ev, a: CallArgs): Val | undefined {
  const f = a.pos[0];
  return f?.t === 'fn' && f.def.generator ? { ...f, manages: true } : undefined;
}

export const MANAGERS = { 'contextlib.contextmanager': manager, 'contextlib.asynccontextmanager': manager };

const asOne = (of: Expr | undefined, at: number): Expr => ({ k: 'list', items: of ? [of] : [], at });

type Stmts = FnDef['body'];

/** @param given what the `yield` gives, as it is to be returned */
function truncate(body: Stmts, given: (of: Expr | undefined, at: number) => Expr | undefined = of => of): { body: Stmts; done: boolean } {
  const out: Stmts = [];
  for (const s of body) {
    const e = s.s === 'expr' ? s.expr : s.s === 'assign' ? s.value : undefined;
    if (e?.k === 'yield') {
      const value = given(e.of, s.at);
      return { body: [...out, { s: 'return', ...(value ? { value } : {}), at: s.at }], done: true };
    }
    if (s.s === 'with' || s.s === 'for') {
      const t = truncate(s.body, given);
      out.push({ ...s, body: t.body });
      if (t.done) return { body: out, done: s.s === 'with' };
    } else if (s.s === 'try') {
      const t = truncate(s.body, given);
      if (t.done) return { body: [...out, ...(s.handlers.length ? [{ ...s, body: t.body, else: [], finally: [] }] : t.body)], done: true };
      out.push(s);
    } else if (s.s === 'if') {
      const a = truncate(s.then, given);
      const b = truncate(s.else, given);
      out.push({ ...s, then: a.body, else: b.body });
      if (a.done && b.done) return { body: out, done: true };
    } else out.push(s);
  }
  return { body: out, done: false };
}
