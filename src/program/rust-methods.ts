/** Method calls of Rust: the application's own methods, Option and Result as control flow, iterators and strings. */
import type { TypeRef } from '../facts/types.js';
import { call, callFunction, external } from './calls.js';
import type { Ev } from './ev.js';
import { awaited, keyOf } from './expressions.js';
import { and, type F, FALSE, not, or, type Place, TRUE, whole } from './formula.js';
import { args as mkArgs, bool, constant, Err, NONE, None_, Ok, op, phi, prov, seq, Some, STR, UNIT } from './make.js';
import { equal, less, member, split, truthy } from './ops.js';
import { elementOf } from './patterns.js';
import { convertTo, errorType, isWrapper, tyOf, typeOfValue, withTypes } from './rust.js';
import type { CallArgs, Cls, FnVal, Scope, Ty, Val, VariantVal } from './values.js';

/** Methods that hand on what they are called on. */
const SAME = new Set(['clone', 'to_owned', 'as_ref', 'as_mut', 'as_deref', 'as_deref_mut', 'borrow', 'borrow_mut', 'as_str', 'as_slice', 'as_mut_slice', 'to_vec', 'into_inner', 'deref', 'deref_mut',
  'get_ref', 'get_mut_ref', 'cloned', 'copied', 'by_ref', 'into_boxed_str', 'into_string', 'boxed', 'boxed_local', 'into_future', 'as_bytes', 'into_bytes', 'fuse', 'peekable', 'to_ascii_lowercase_', 'lock', 'instrument', 'in_current_span', 'compat']);
/** Reading a text or a number of unknown content: no call into anything that could decide. */
const TEXT = new Set(['to_str', 'to_string_lossy', 'trim', 'trim_start', 'trim_end', 'trim_matches', 'trim_start_matches', 'trim_end_matches', 'strip_prefix', 'strip_suffix', 'split_once', 'rsplit_once', 'split', 'rsplit', 'splitn',
  'split_whitespace', 'split_ascii_whitespace', 'to_lowercase', 'to_uppercase', 'to_ascii_lowercase', 'to_ascii_uppercase', 'starts_with', 'ends_with', 'eq_ignore_ascii_case', 'is_empty', 'is_success', 'is_client_error', 'is_server_error',
  'len', 'chars', 'bytes', 'lines', 'next', 'nth', 'parse', 'as_millis', 'as_secs']);
const LOOKS_LIKE_CONVERSION = new Set(['into', 'try_into', 'to_string', 'into_response']);

export function rsMethod(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val {
  if (ev.dead) return NONE;
  if (recv.t === 'coro') {
    if (/^(boxed|boxed_local|instrument|fuse|in_current_span|left_future|right_future|into_future)$/.test(name)) return recv;
    // Combinators of futures work on what the future gives.
    return rsMethod(ev, awaited(ev, recv), name, a, place, scope, types);
  }
  if (recv.t === 'ext') {
    const known = ev.models.attr(ev, recv, name, `${recv.path}.${name}`);
    if (known) return known;
  }
  // `State(x)`, `Extension(x)`: what is in it answers.
  if (recv.t === 'sym' && recv.store?.has('0') && recv.ty && isWrapper(recv.ty.path)) {
    const inner = recv.store.get('0') as Val;
    return name === 'into_inner' ? inner : rsMethod(ev, inner, name, a, place, scope, types);
  }
  const own = ownMethod(ev, recv, name);
  if (own && recv.t !== 'phi') return invoke(ev, own, recv, a, place, scope, types);
  if (SAME.has(name) && a.pos.length === 0) return recv;
  if (recv.t === 'seq' || recv.t === 'map' || (recv.t === 'op' && recv.op === 'iter')) {
    const r = iterator(ev, recv, name, a, place, scope);
    if (r) return r;
  }
  if (recv.t === 'const' && typeof recv.v === 'string') {
    const r = onString(recv.v, name, a, ev, place);
    if (r) return r;
  }
  const o = fallible(ev, recv, name, a, place, scope);
  if (o) return o;
  if (recv.t === 'phi' && (name === 'to_string' || name === 'to_owned')) return phi(recv.c, rsMethod(ev, recv.a, name, a, place, scope), rsMethod(ev, recv.b, name, a, place, scope));
  if (name === 'to_string' || name === 'to_owned') return recv.t === 'const' ? STR(String(recv.v)) : recv.t === 'variant' ? display(ev, recv, place) : op('str', [recv]);
  if (name === 'into' && a.pos.length === 0) return into(ev, recv, scope, place);
  switch (name) {
    case 'eq': return bool(equal(recv, a.pos[0] ?? NONE, place));
    case 'ne': return bool(not(equal(recv, a.pos[0] ?? NONE, place)));
    case 'iter': case 'into_iter': case 'iter_mut': case 'drain': return recv.t === 'phi' ? recv : op('iter', [recv]);
    case 'then': if (recv.t === 'bool' || (recv.t === 'const' && typeof recv.v === 'boolean')) { const f = a.pos[0]; return f ? ev.branch(truthy(recv, place), () => Some(call(ev, f, mkArgs(), place)), () => None_) : NONE; } break;
    case 'then_some': return phi(truthy(recv, place), Some(a.pos[0] ?? NONE), None_);
    case 'not': return bool(not(truthy(recv, place)));
    default: break;
  }
  if (TEXT.has(name) && (recv.t === 'sym' || recv.t === 'op' || recv.t === 'attr' || recv.t === 'item' || recv.t === 'call') && prov(recv)) return op(name, [recv, ...a.pos]);
  if (recv.t === 'phi') return ev.branch(recv.c, () => rsMethod(ev, recv.a, name, a, place, scope, types), () => rsMethod(ev, recv.b, name, a, place, scope, types));
  if (LOOKS_LIKE_CONVERSION.has(name) && a.pos.length === 0) return external(ev, `${ev.program.pathOf(recv) ?? '?'}.${name}`, undefined, recv, a, place, name, typeOfValue(recv));
  if (recv.t === 'fn' && name === 'layer') return external(ev, 'axum::handler::Handler::layer', undefined, recv, a, place, name);
  const guess = recv.t === 'native' ? undefined : onlyMethod(ev, recv, name, a);
  if (guess) return invoke(ev, guess, recv, a, place, scope, types);
  const path = `${ev.program.pathOf(recv) ?? '?'}.${name}`;
  return external(ev, path, types?.length ? { t: 'ext', path, id: 0, p: 0, ty: types.map((t) => tyOf(ev, t, scope)) } : undefined, recv, a, place, name);
}

function invoke(ev: Ev, fn: FnVal, recv: Val, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val {
  const ty = typeOfValue(recv);
  let f = fn;
  if (ty?.args.length && fn.impl) f = withTypes(ev, fn, ty);
  if (types?.length && f.def.generics?.length) {
    const m = new Map(f.types ?? []);
    f.def.generics.forEach((g, i) => { if (types[i]) m.set(g.name, tyOf(ev, types[i] as TypeRef, scope)); });
    f = { ...f, types: m };
  }
  return callFunction(ev, { ...f, self: recv }, a, place);
}

/** The method `name` of the receiver's own type, seen through smart pointers. */
function ownMethod(ev: Ev, recv: Val, name: string): FnVal | undefined {
  if (recv.t === 'class') return undefined;
  let ty = typeOfValue(recv);
  for (let i = 0; ty && i < 6; i++) {
    if (ty.cls) {
      const m = methodOf(ev, ty.cls, name);
      if (m) return m;
    }
    for (const b of ty.bounds ?? []) {
      const m = b.cls && methodOf(ev, b.cls, name);
      if (m) return m;
    }
    const lib = ev.program.libraryImpls.get(ty.path);
    for (const impl of lib ?? []) {
      const m = impl.members.get(name);
      if (m?.t === 'fn') return m;
    }
    if (!ty.cls && isWrapper(ty.path) && ty.args[0]) ty = ty.args[0];
    else break;
  }
  return undefined;
}

export function methodOf(ev: Ev, cls: Cls, name: string): FnVal | undefined {
  const m = cls.members.get(name);
  if (m?.t === 'fn' && (m.def.body.length > 0 || m.def.value || cls.kind !== 'trait')) return m;
  for (const i of cls.impls) {
    const x = i.members.get(name);
    if (x?.t === 'fn') return x;
  }
  if (cls.kind === 'trait') {
    for (const i of ev.program.implementorsOf(cls)) {
      const x = i.members.get(name);
      if (x?.t === 'fn') return x;
    }
  }
  for (const i of [...cls.impls, ...(ev.program.libraryImpls.get('*') ?? [])]) {
    const x = i.trait?.cls?.members.get(name);
    if (x?.t === 'fn' && (x.def.body.length > 0 || x.def.value)) return x;
    const y = i.members.get(name);
    if (y?.t === 'fn') return y;
  }
  return undefined;
}

/** Nothing is known of the receiver's type, and just one method of the application has this name and this many parameters. */
function onlyMethod(ev: Ev, recv: Val, name: string, a: CallArgs): FnVal | undefined {
  const all = ev.program.methods.get(name);
  if (!all) return undefined;
  const ty = typeOfValue(recv);
  if (ty && (ty.cls || ty.path) && !/^(\?|\(tuple\)|impl|dyn)?$/.test(ty.path) && !ty.path.includes('Error')) {
    const forLibrary = all.filter((m) => !m.owner || m.impl?.trait?.cls);
    if (forLibrary.length !== 1) return undefined;
  }
  if (recv.t === 'call' && /::/.test(recv.path)) return all.length === 1 && all[0]?.impl?.trait?.cls && !all[0].owner ? all[0] : undefined;
  const fits = all.filter((m) => m.def.params.length - 1 === a.pos.length);
  const distinct = new Set(fits.map((m) => m.def));
  return distinct.size === 1 ? fits[0] : undefined;
}

function display(ev: Ev, v: Val, place: Place): Val {
  void ev;
  void place;
  return op('str', [v]);
}

/** `.into()`: to the error type of the function where that is what it becomes; otherwise the value itself. */
function into(ev: Ev, v: Val, scope: Scope, place: Place): Val {
  const ty = typeOfValue(v);
  const target = errorType(ev, scope);
  if (target?.cls && ty?.cls !== target.cls && target.cls.impls.some((i) => i.trait && /From$/.test(i.trait.path) && fromMatches(ev, i.trait.ref, i.scope, ty))) return convertTo(ev, v, target, place);
  return v;
}
const fromMatches = (ev: Ev, ref: TypeRef, scope: Scope, ty: Ty | undefined): boolean => {
  const t = ref.args[0] ? tyOf(ev, ref.args[0], scope) : undefined;
  return !!t && !!ty && (t.cls ? t.cls === ty.cls : t.path === ty.path);
};

// ------------------------------------------------------------------------------------------------ Option and Result

const errorHere = (ev: Ev, e: Val, place: Place, why: F): Val => ({ ...(Err(e) as VariantVal), place, frame: ev.frame, why: whole(why), seq: ev.seq++ });

function apply(ev: Ev, f: Val | undefined, v: Val[], place: Place): Val {
  if (!f) return NONE;
  const r = call(ev, f, mkArgs(v), place);
  return r.t === 'coro' ? r.run() : r;
}

/** Option/Result combinators, once for all: each is a branch on whether the receiver holds a value. */
function fallible(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope): Val | undefined {
  if (!COMBINATORS.has(name)) return undefined;
  if (recv.t === 'bool' || (recv.t === 'const' && recv.v !== null) || recv.t === 'obj') return undefined;
  const s = split(recv, place);
  const f = a.pos[0];
  const onOk = (ok: () => Val, bad: () => Val): Val => ev.branch(not(s.fail), ok, bad);
  const isResult = s.kind === 'Result' || (s.kind === undefined && /err/.test(name));
  const wrap = (v: Val): Val => (isResult ? Ok(v) : Some(v));
  const failure = (): Val => (isResult ? Err(s.err ?? op('err', [recv])) : s.kind === 'Option' ? None_ : { t: 'variant', of: 'Result', tag: 'Err', fields: new Map([['0', s.err ?? op('err', [recv])]]), id: -1 });
  switch (name) {
    case 'is_some': case 'is_ok': return bool(not(s.fail));
    case 'is_none': case 'is_err': return bool(s.fail);
    case 'unwrap': case 'expect': case 'unwrap_unchecked':
      if (s.fail !== FALSE) ev.exitIf(s.fail, 'panic', op('panic', [recv]), place);
      return s.ok;
    case 'unwrap_err': case 'expect_err': return s.err ?? op('err', [recv]);
    case 'unwrap_or': return phi(s.fail, f ?? NONE, s.ok);
    case 'unwrap_or_default': return phi(s.fail, op('default', []), s.ok);
    case 'unwrap_or_else': return onOk(() => s.ok, () => apply(ev, f, isResult || s.kind === undefined ? [s.err ?? op('err', [recv])] : [], place));
    case 'ok': return phi(s.fail, None_, Some(s.ok));
    case 'err': return phi(s.fail, Some(s.err ?? op('err', [recv])), None_);
    case 'ok_or': return phi(s.fail, errorHere(ev, f ?? NONE, place, s.fail), Ok(s.ok));
    case 'ok_or_else': case 'with_context_': return onOk(() => Ok(s.ok), () => errorHere(ev, apply(ev, f, [], place), place, s.fail));
    case 'map': return onOk(() => wrap(apply(ev, f, [s.ok], place)), failure);
    case 'map_err': return onOk(() => Ok(s.ok), () => errorHere(ev, apply(ev, f, [s.err ?? op('err', [recv])], place), place, s.fail));
    case 'context': case 'with_context': case 'wrap_err': case 'or_raise': return s.kind === 'Option' || s.kind === 'Result' || prov(recv) ? phi(s.fail, Err(op('context', [s.err ?? op('err', [recv])])), Ok(s.ok)) : undefined;
    case 'and_then': return onOk(() => apply(ev, f, [s.ok], place), failure);
    case 'and': return onOk(() => f ?? NONE, failure);
    case 'or_else': return onOk(() => wrap(s.ok), () => apply(ev, f, isResult ? [s.err ?? op('err', [recv])] : [], place));
    case 'or': return onOk(() => wrap(s.ok), () => f ?? NONE);
    case 'map_or': return onOk(() => apply(ev, a.pos[1], [s.ok], place), () => f ?? NONE);
    case 'map_or_else': return onOk(() => apply(ev, a.pos[1], [s.ok], place), () => apply(ev, f, [], place));
    case 'is_some_and': case 'is_ok_and': return onOk(() => apply(ev, f, [s.ok], place), () => constant(false));
    case 'is_none_or': return onOk(() => apply(ev, f, [s.ok], place), () => constant(true));
    case 'filter': {
      if (s.kind === undefined && recv.t !== 'variant') return undefined;
      const keep = truthy(onOk(() => apply(ev, f, [s.ok], place), () => constant(false)), place);
      return phi(keep, Some(s.ok), None_);
    }
    case 'flatten': return phi(s.fail, failure(), s.ok);
    case 'transpose': {
      const inner = split(s.ok, place);
      return phi(s.fail, Ok(None_), phi(inner.fail, Err(inner.err ?? op('err', [s.ok])), Ok(Some(inner.ok))));
    }
    case 'inspect': case 'inspect_err': case 'tap': case 'tap_err': return recv;
    case 'take': case 'replace': return s.kind ? recv : undefined;
    default: void scope; return undefined;
  }
}
const COMBINATORS = new Set(['is_some', 'is_ok', 'is_none', 'is_err', 'unwrap', 'expect', 'unwrap_err', 'expect_err', 'unwrap_or', 'unwrap_or_default', 'unwrap_or_else', 'ok', 'err', 'ok_or', 'ok_or_else', 'map', 'map_err',
  'context', 'with_context', 'wrap_err', 'and_then', 'and', 'or_else', 'or', 'map_or', 'map_or_else', 'is_some_and', 'is_ok_and', 'is_none_or', 'filter', 'flatten', 'transpose', 'inspect', 'inspect_err', 'take', 'replace']);

// ------------------------------------------------------------------------------------------------ iterators and collections

function iterator(ev: Ev, recv: Val & ({ t: 'seq' } | { t: 'map' } | { t: 'op' }), name: string, a: CallArgs, place: Place, scope: Scope): Val | undefined {
  const f = a.pos[0];
  const known = recv.t === 'seq' ? recv : recv.t === 'map' ? seq('list', [...recv.entries].map(([k, v]) => seq('tuple', [elementOf(recv, k), v])), recv.rest) : undefined;
  const any = known && !known.rest ? undefined : (known?.rest ?? elementOf(recv.t === 'op' && recv.args[0] ? recv.args[0] : recv));
  const each = (fn: (x: Val) => Val): Val => (known && !known.rest ? seq('list', known.items.map(fn)) : known ? seq('list', known.items.map(fn), fn(any as Val)) : op('iter', [seq('list', [], fn(any as Val))]));
  switch (name) {
    case 'iter': case 'into_iter': case 'iter_mut': case 'drain': case 'collect': case 'collect_vec': case 'rev': case 'skip': case 'step_by': case 'par_iter': case 'sorted': case 'chars_': return recv.t === 'map' && known ? known : recv;
    case 'map': return each((x) => apply(ev, f, [x], place));
    case 'for_each': each((x) => apply(ev, f, [x], place)); return UNIT;
    case 'filter': case 'skip_while': case 'take_while': {
      if (!known || known.rest) return any ? op('iter', [op('where', [any, apply(ev, f, [any], place)])]) : recv;
      const keep = known.items.filter((x) => truthy(apply(ev, f, [x], place), place) !== FALSE);
      return seq('list', keep);
    }
    case 'filter_map': case 'flat_map': return each((x) => split(apply(ev, f, [x], place), place).ok);
    case 'any': case 'all': {
      const conds: F[] = [];
      for (const x of known?.items ?? []) conds.push(truthy(apply(ev, f, [x], place), place));
      if (any) conds.push(truthy(apply(ev, f, [any], place), place));
      return bool(name === 'any' ? or(conds) : conds.reduce((p, q) => and(p, q), TRUE as F));
    }
    case 'find': case 'position': case 'find_map': {
      let out: Val = any ? op('find', [any, apply(ev, f, [any], place)]) : None_;
      for (const x of [...(known?.items ?? [])].reverse()) out = phi(truthy(apply(ev, f, [x], place), place), Some(x), out);
      return out;
    }
    case 'contains': case 'contains_key': return f ? bool(member(f, recv.t === 'op' && recv.args[0] ? recv.args[0] : recv, place)) : undefined;
    case 'zip': {
      const g = f?.t === 'seq' ? f : undefined;
      if (known && !known.rest && g && !g.rest) return seq('list', known.items.slice(0, g.items.length).map((x, i) => seq('tuple', [x, g.items[i] as Val])));
      return op('iter', [seq('list', [], seq('tuple', [any ?? elementOf(recv), f ? elementOf(f) : NONE]))]);
    }
    case 'enumerate': return known && !known.rest ? seq('list', known.items.map((x, i) => seq('tuple', [constant(i), x]))) : op('iter', [seq('list', [], seq('tuple', [op('index', [recv]), any ?? NONE]))]);
    case 'chain': return known && f?.t === 'seq' ? seq('list', [...known.items, ...f.items], known.rest ?? f.rest) : recv;
    case 'len': case 'count': return known && !known.rest ? constant(known.items.length) : op('len', [recv]);
    case 'is_empty': return known && !known.rest ? constant(known.items.length === 0) : bool(equal(op('len', [recv]), constant(0), place));
    case 'first': case 'next': return known?.items[0] ? Some(known.items[0]) : known && !known.rest ? None_ : op(name, [recv]);
    case 'last': return known?.items.length ? Some(known.items.at(-1) as Val) : known && !known.rest ? None_ : op(name, [recv]);
    case 'nth': case 'get': {
      if (known && f?.t === 'const' && typeof f.v === 'number' && recv.t === 'seq') return known.items[f.v] ? Some(known.items[f.v] as Val) : known.rest ? op('get', [recv, f]) : None_;
      if (recv.t === 'map' && f) {
        const k = keyOf(f);
        if (k !== undefined && recv.entries.has(k)) return Some(recv.entries.get(k) as Val);
        if (k !== undefined && !recv.rest) return None_;
      }
      return undefined;
    }
    case 'fold': case 'try_fold': {
      const g = a.pos[1];
      if (!known || known.rest || !g) return undefined;
      return known.items.reduce((acc, x) => apply(ev, g, [acc, x], place), f ?? NONE);
    }
    case 'push': case 'insert': case 'push_back':
      if (recv.t === 'seq' && f) ev.journal.write(recv as unknown as Record<string, unknown>, 'items', [...recv.items, a.pos.length === 2 && recv.kind === 'list' ? (a.pos[1] as Val) : f]);
      else if (recv.t === 'map' && f && a.pos[1]) {
        const k = keyOf(f);
        if (k !== undefined) { ev.write(recv.entries, k, a.pos[1]); (recv.keys ??= new Map()).set(k, f); } else recv.rest ??= a.pos[1];
      }
      return UNIT;
    case 'extend': if (recv.t === 'seq' && f?.t === 'seq') ev.journal.write(recv as unknown as Record<string, unknown>, 'items', [...recv.items, ...f.items]); return UNIT;
    case 'join': case 'concat': {
      const sep = f?.t === 'const' ? String(f.v) : '';
      return known && !known.rest && known.items.every((i) => i.t === 'const') ? STR(known.items.map((i) => String((i as Val & { t: 'const' }).v)).join(sep)) : undefined;
    }
    default: void scope; return undefined;
  }
}

// ------------------------------------------------------------------------------------------------ strings

const text = (v: Val | undefined): string | undefined => (v?.t === 'const' && typeof v.v === 'string' ? v.v : undefined);

function onString(s: string, name: string, a: CallArgs, ev: Ev, place: Place): Val | undefined {
  const p = a.pos[0];
  const x = text(p);
  const test = (fn: (c: string) => boolean): Val => constant(fn(x as string));
  switch (name) {
    case 'starts_with': if (x !== undefined) return test((c) => s.startsWith(c)); return p?.t === 'seq' && p.items.every((i) => text(i) !== undefined) ? constant(p.items.some((i) => s.startsWith(text(i) as string))) : undefined;
    case 'ends_with': return x !== undefined ? test((c) => s.endsWith(c)) : undefined;
    case 'contains': if (x !== undefined) return test((c) => s.includes(c)); return p?.t === 'seq' ? constant(p.items.some((i) => s.includes(text(i) ?? '\0'))) : undefined;
    case 'eq_ignore_ascii_case': return x !== undefined ? test((c) => s.toLowerCase() === c.toLowerCase()) : undefined;
    case 'to_lowercase': case 'to_ascii_lowercase': return STR(s.toLowerCase());
    case 'to_uppercase': case 'to_ascii_uppercase': return STR(s.toUpperCase());
    case 'trim': return STR(s.trim());
    case 'trim_end_matches': case 'trim_start_matches': case 'trim_matches': {
      if (x === undefined || x === '') return undefined;
      let t = s;
      if (name !== 'trim_start_matches') while (t.endsWith(x)) t = t.slice(0, -x.length);
      if (name !== 'trim_end_matches') while (t.startsWith(x)) t = t.slice(x.length);
      return STR(t);
    }
    case 'strip_prefix': return x === undefined ? undefined : s.startsWith(x) ? Some(STR(s.slice(x.length))) : None_;
    case 'strip_suffix': return x === undefined ? undefined : s.endsWith(x) ? Some(STR(s.slice(0, s.length - x.length))) : None_;
    case 'split': case 'split_terminator': return x === undefined ? undefined : seq('list', s.split(x).map(STR));
    case 'split_once': { if (x === undefined) return undefined; const i = s.indexOf(x); return i < 0 ? None_ : Some(seq('tuple', [STR(s.slice(0, i)), STR(s.slice(i + x.length))])); }
    case 'split_whitespace': return seq('list', s.split(/\s+/).filter(Boolean).map(STR));
    case 'replace': { const y = text(a.pos[1]); return x === undefined || y === undefined ? undefined : STR(s.split(x).join(y)); }
    case 'chars': case 'bytes': return seq('list', [...s].map(STR));
    case 'len': return constant(s.length);
    case 'is_empty': return constant(s.length === 0);
    case 'to_string': case 'to_owned': case 'into': case 'as_str': case 'clone': case 'path': return STR(s);
    case 'to_str': return undefined;
    case 'parse': case 'find': return undefined;
    case 'cmp': case 'partial_cmp': return undefined;
    case 'lt': return p ? bool(less('<', STR(s), p, place)) : undefined;
    default: void ev; return undefined;
  }
}

