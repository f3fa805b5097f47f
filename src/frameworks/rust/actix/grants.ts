/**
 * actix-web-grants: a middleware (or a validator that calls `req.attach(..)`) puts what the caller was granted into the request, and an
 * attribute on the handler asks for some of it.
 */
import { PackModels } from '../../../packs/models.js';
import type { Expr } from '../../../facts/types.js';
import { call } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { evaluate } from '../../../program/expressions.js';
import { and, type F, not, or, type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, atom, Err, STR, sym } from '../../../program/make.js';
import { truthy } from '../../../program/ops.js';
import { rsMethod } from '../../../program/rust-methods.js';
import { type FnVal, Prov, type Val } from '../../../program/values.js';
import { markPath } from '../marks.js';
import { refuse } from '../axum/layers.js';
import { reply } from '../reply.js';
import { GRANTED } from '../request.js';

/** From here on the request carries `list`. */
export const grant = (ev: Ev, list: Val): void => ev.write(ev.globals, GRANTED, list);

/** Turns away whom the attributes of a handler do not let pass; they are asked once its parameters were extracted. */
export function requireGrants(ev: Ev, fn: FnVal): void {
  for (const m of fn.def.marks) {
    const path = m.expr.k === 'call' ? markPath(ev, m.expr, fn) : '';
    const guard = ev.models instanceof PackModels && path.includes('::') ? ev.models.row(path)?.guard : undefined;
    if (!guard || m.expr.k !== 'call' || ev.dead) continue;
    const place: Place = { file: fn.module.file, at: m.at };
    const typed = m.expr.args.some(a => a.name === 'type' || a.name === 'ty');
    const wanted = m.expr.args.filter(a => a.name === undefined).map(a => asked(ev, a.value, fn, typed, place));
    const fail = not(guard.all ? wanted.reduce<F>((a, b) => and(a, b), TRUE) : or(wanted));
    const name = path.split('::').at(-1) ?? path;
    const frame = { parent: ev.frame, name, role: 'decorator:endpoint', place, site: place, depth: (ev.frame?.depth ?? 0) + 1, pc: ev.pc };
    const error = m.expr.args.find(a => a.name === 'error');
    const said = error && call(ev, evaluate(ev, error.value, fn.scope), mkArgs([]), place);
    refuse(ev, { ...(Err(said ?? reply(guard.status ?? 403)) as Val & { t: 'variant' }), place, frame, why: fail }, fail, place);
  }
}

/** `"EDIT"`, `"Role::Admin"` with a type, `any("A", "B")`, `all(..)`: does the caller have it? */
function asked(ev: Ev, e: Expr, fn: FnVal, typed: boolean, place: Place): F {
  if (e.k === 'call' && e.fn.k === 'name') {
    const parts = e.args.map(a => asked(ev, a.value, fn, typed, place));
    return e.fn.id === 'any' ? or(parts) : e.fn.id === 'not' ? not(or(parts)) : parts.reduce<F>((a, b) => and(a, b), TRUE);
  }
  const text = e.k === 'lit' && typeof e.v === 'string' ? e.v : undefined;
  const parsed = typed && text !== undefined ? ev.program.rustText?.expr(text, place.at) : undefined;
  const wanted = parsed ? evaluate(ev, parsed, fn.scope) : text === undefined ? evaluate(ev, e, fn.scope) : STR(text);
  const list = ev.globals.get(GRANTED);
  if (list) return truthy(rsMethod(ev, list, 'contains', mkArgs([wanted]), place, fn.scope), place);
  return atom('in', [wanted, UNKNOWN], place);
}

/** Granted where it was not seen. */
const UNKNOWN = sym('granted', Prov.Credential, { principal: 'fact' });
