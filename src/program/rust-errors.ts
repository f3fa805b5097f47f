/** The conversion of errors that `?` does. */
import { onEach } from './alternatives.js';
import { callFunction } from './calls.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs, Err, op, variant } from './make.js';
import { tyOf, typeOfValue } from './rust-types.js';
import type { Cls, FnVal, Scope, Ty, Val } from './values.js';

/** The error type that `?` converts to here, from the function's declared return type. */
export function errorType(ev: Ev, scope: Scope): Ty | undefined {
  let s: Scope | undefined = scope;
  // An async block is a function of its own whose type nobody writes: it is what the function around it gives back.
  while (s && (s.kind !== 'function' || s.inline)) s = s.parent;
  if (!s?.returns) return undefined;
  return resultError(tyOf(ev, s.returns, s));
}

export function resultError(t: Ty): Ty | undefined {
  if (/(^|::)Result$/.test(t.path)) return current(t.args[1]) ?? (t.path === 'Result' ? undefined : { path: `${t.path}::Error`, args: [] });
  if (/(^|::)(Pin|Box|Future|Ready|LocalBoxFuture|BoxFuture)$/.test(t.path) || t.path === '')
    for (const a of [...t.args, ...(t.bounds ?? [])]) {
      const r = resultError(a);
      if (r) return r;
    }
  return undefined;
}

/** What stands in front of a report of errors. */
const current = (t: Ty | undefined): Ty | undefined => (t && !t.cls && t.path === 'error_stack::Report' && t.args[0] ? t.args[0] : t);

/** What `?` makes of `err`: `From` of the function's error type. */
export function convertError(ev: Ev, err: Val, scope: Scope, place: Place): Val {
  const target = errorType(ev, scope);
  if (!target) return Err(err);
  return Err(convertTo(ev, err, target, place));
}

export function convertTo(ev: Ev, err: Val, target: Ty, place: Place): Val {
  if (err.t === 'phi') return onEach(ev, err, x => convertTo(ev, x, target, place));
  const source = typeOfValue(err);
  if (!target.cls) return asLibrary(ev, err, source, target, place) ?? err;
  if (source?.cls === target.cls) return err;
  const froms = target.cls.impls.filter(i => i.trait && /(^|::)From$/.test(i.trait.path));
  const fits: { fn: FnVal; t: Ty; score: number }[] = [];
  for (const i of froms) {
    const arg = i.trait?.ref.args[0];
    const fn = i.members.get('from');
    if (!arg || fn?.t !== 'fn') continue;
    const t = tyOf(ev, arg, i.scope);
    const score = matches(ev, err, source, t);
    if (score > 0) fits.push({ fn, t, score });
  }
  const best = fits.sort((a, b) => b.score - a.score)[0];
  if (best) return callFunction(ev, best.fn, mkArgs([source ? err : ({ ...err, ty: best.t } as Val)]), place);
  for (const i of froms) {
    const arg = i.trait?.ref.args[0];
    const fn = i.members.get('from');
    // `impl<E: Into<anyhow::Error>> From<E>` takes whatever comes.
    if (
      fn?.t === 'fn' &&
      arg?.t === 'path' &&
      arg.path.length === 1 &&
      arg.args.length === 0 &&
      i.generics.some(g => g.name === arg.path[0])
    )
      return callFunction(ev, fn, mkArgs([err]), place);
  }
  for (const [name, v] of target.cls.variants ?? []) {
    const f = v.fields[0];
    if (!f?.marks.some(m => m.expr.k === 'name' && m.expr.id === 'from')) continue;
    if (matches(ev, err, source, tyOf(ev, f.type, target.cls.scope)) > 0) return variant(target.cls.name, name, [err], target.cls);
  }
  return op('from', [err], target);
}

/** `impl From<Mine> for HttpResponse`: a type of the application that becomes one of a library. */
function asLibrary(ev: Ev, v: Val, source: Ty | undefined, target: Ty, place: Place): Val | undefined {
  if (!source?.cls || !target.path) return undefined;
  for (const i of ev.program.libraryImpls.get(target.path) ?? []) {
    const arg = i.trait && /(^|::)From$/.test(i.trait.path) ? i.trait.ref.args[0] : undefined;
    const fn = i.members.get('from');
    if (arg && fn?.t === 'fn' && tyOf(ev, arg, i.scope).cls === source.cls) return callFunction(ev, fn, mkArgs([v]), place);
  }
  return undefined;
}

/** `v.into()` where `target` is what is asked for: as it is where nobody says how it becomes one. */
export function convertInto(ev: Ev, v: Val, target: Ty, place: Place): Val {
  if (v.t === 'phi') return onEach(ev, v, x => convertInto(ev, x, target, place));
  const source = typeOfValue(v);
  if (!source?.cls || source.cls === target.cls) return v;
  const made = convertTo(ev, v, target, place);
  return made.t === 'op' && made.op === 'from' ? v : made;
}

/** `Type::from(x)`, where `Type` says for several types how it is made of them; undefined where none of them is that of `x`. */
export function fromOf(ev: Ev, target: Cls, x: Val, place: Place): Val | undefined {
  const made = convertTo(ev, x, { path: target.name, cls: target, args: [] }, place);
  return made === x || (made.t === 'op' && made.op === 'from') ? undefined : made;
}

/** How well an error fits a type that it may be converted from; 0 for not at all. */
function matches(ev: Ev, err: Val, source: Ty | undefined, wanted: Ty): number {
  if (source?.cls || wanted.cls) return source?.cls === wanted.cls ? 100 : 0;
  if (source?.path && wanted.path && source.path === wanted.path) return 100;
  if (err.t === 'const') return /(^|::)(String|str)$/.test(wanted.path) ? 100 : 0;
  if (source?.path?.includes('::')) {
    // A crate may hand on another one under its own name (`argon2::password_hash::Error`).
    const [from = '', ...rest] = source.path.split('::');
    const to = wanted.path.split('::');
    return to.slice(0, -1).includes(from) && rest.at(-1) === to.at(-1) ? 90 : 0;
  }
  // The crate that the failing call belongs to is the crate of its error; among its error types, that of the call's module.
  const crate = wanted.path.split('::')[0] ?? '';
  const named = originCrate(ev, err);
  // A table or a schema of the application's own stands where a crate would: it says nothing of the error.
  const origin = named !== undefined && ev.program.isDependency(named) ? named : undefined;
  const call = failingCall(err);
  if (origin === undefined ? !(call && DATABASE.test(crate) && QUERY.test(call.name)) : origin !== crate) return 0;
  const text = call ? chainText(call) : '';
  let score = 50;
  for (const m of wanted.path.split('::').slice(1, -1)) score += text.includes(`${m}::`) ? 10 : /^(result|error|errors)$/.test(m) ? 1 : -10;
  return score - ((wanted.path.split('::').at(-1) ?? '') === 'Error' ? 0 : 2);
}

const DATABASE = /^(diesel|diesel_async|sqlx|sea_orm|rusqlite|tokio_postgres|mongodb)$/;
const QUERY =
  /^(first|get_result|get_results|load|execute|fetch|fetch_one|fetch_all|fetch_optional|one|all|exec|find|save|insert|update|delete|query|query_one|query_opt|query_row|find_one|count|paginate)$/;

function failingCall(v: Val, depth = 0): (Val & { t: 'call' }) | undefined {
  if (depth > 12) return undefined;
  return v.t === 'call'
    ? v
    : v.t === 'op' && v.args[0]
      ? failingCall(v.args[0], depth + 1)
      : v.t === 'attr' || v.t === 'item'
        ? failingCall(v.of, depth + 1)
        : undefined;
}

/** Names on the way to a call: its own path and the types of what it is called on. */
function chainText(c: Val & { t: 'call' }): string {
  const out: string[] = [];
  let v: Val | undefined = c;
  for (let i = 0; v && i < 40; i++) {
    if (v.t === 'call') {
      out.push(v.path, v.ty?.path ?? '');
      v = v.recv;
    } else if (v.t === 'attr' || v.t === 'sym') {
      out.push(v.ty?.path ?? '', ...(v.ty?.args ?? []).map(a => a.path));
      v = v.t === 'attr' ? v.of : undefined;
    } else v = v.t === 'op' ? v.args[0] : undefined;
  }
  return out.join(' ');
}

function originCrate(ev: Ev, v: Val, depth = 0): string | undefined {
  if (depth > 30) return undefined;
  if (v.t === 'op' && v.args[0]) return originCrate(ev, v.args[0], depth + 1);
  if (v.t === 'attr' || v.t === 'item') return originCrate(ev, v.of, depth + 1);
  if (v.t === 'call') return v.recv ? (originCrate(ev, v.recv, depth + 1) ?? crateOf(v.path)) : crateOf(v.path);
  if (v.t === 'sym') return v.ty?.path ? crateOf(v.ty.path) : undefined;
  return undefined;
}
const crateOf = (path: string): string | undefined => (path.includes('::') ? path.split('::')[0] : undefined);
