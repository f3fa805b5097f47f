/**
 * Objects of Rust libraries that are filled step by step (`let mut hasher = Sha256::new(); hasher.update(token);`): a method whose
 * result nobody looks at, and that can not fail, is called for what it does to its receiver.
 */
import type { Expr } from '../facts/types.js';
import { leavesOf } from './alternatives.js';
import type { Ev } from './ev.js';
import { nextId, Prov, type CallVal, type Scope, type Val } from './values.js';
import { op, prov } from './make.js';
import { assignName } from './patterns.js';

const ABOUT_REQUEST = Prov.Credential | Prov.Input | Prov.Header | Prov.Csrf | Prov.Signature | Prov.Origin;

/** After the statement `expr`, which gave `result`: the variable that it names holds what was put in. */
export function fed(ev: Ev, expr: Expr, result: Val, scope: Scope): void {
  if (!ev.request || ev.dead || scope.module.language !== 'rust' || result.t !== 'call') return;
  if (expr.k !== 'call' || expr.fn.k !== 'member' || expr.fn.of.k !== 'name') return;
  const recv = result.recv;
  if (!recv || held(expr.fn.of.id, scope) !== recv) return;
  const given = result.args.pos.filter(x => prov(x) & ABOUT_REQUEST & ~prov(recv));
  const full = given.length > 0 ? filled(recv, given) : undefined;
  if (full) assignName(ev, expr.fn.of.id, full, scope);
}

/** Is what the statement gave made of what the variable holds that its calls begin at (`reply.insert_header(..).insert_header(..);`)? */
export function builtInPlace(expr: Expr, result: Val, scope: Scope): boolean {
  let e = expr;
  while (e.k === 'call' && e.fn.k === 'member') e = e.fn.of;
  const on = e !== expr && e.k === 'name' && scope.module.language === 'rust' ? held(e.id, scope) : undefined;
  if (!on) return false;
  const named = new Set([on, ...leavesOf(on)]);
  return leavesOf(result).every(v => {
    let x: Val | undefined = v;
    while (x && !named.has(x)) x = x.t === 'call' ? x.recv : undefined;
    return x !== undefined;
  });
}

function held(name: string, from: Scope): Val | undefined {
  for (let s: Scope | undefined = from; s; s = s.parent) {
    const v = s.vars.get(name);
    if (v) return s.kind === 'module' ? undefined : v;
  }
  return undefined;
}

/** The object that a constructor of a library made, with more in it; undefined for anything else. */
function filled(v: Val, given: readonly Val[]): Val | undefined {
  if (v.t === 'op' && v.op === 'ok' && v.args[0]) {
    const inner = filled(v.args[0], given);
    return inner && op('ok', [inner], v.ty);
  }
  if (v.t !== 'call' || v.ty?.cls || v.recv || v.query) return undefined;
  const more: CallVal = { ...v, id: nextId(), args: { ...v.args, rest: op('put', [...(v.args.rest ? [v.args.rest] : []), ...given]) } };
  delete more.p;
  return more;
}
