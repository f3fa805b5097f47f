/** Method calls of Rust: the application's own methods, Option and Result as control flow, iterators and strings. */
import { asShown } from './rust-shown.js';
import { leavesOf, mapped, onEach } from './alternatives.js';
import type { TypeRef } from '../facts/types.js';
import type { Ev } from './ev.js';
import { asOne, call, callFunction, external } from './calls.js';
import { awaited } from './expressions.js';
import { not, type Place } from './formula.js';
import { args as mkArgs, bool, NONE, None_, Ok, Err, op, phi, prov, Some, STR } from './make.js';
import { equal, split, truthy } from './ops.js';
import { ready, unpinned } from './rust-futures.js';
import { isGoneThrough, isSequence } from './rust-sequences.js';
import { asOwner, convertTo, errorType, isWrapper, tyOf, typeOfValue, withTypes } from './rust.js';
import { type CallArgs, type Cls, type FnVal, Prov, type Scope, type Ty, type Val } from './values.js';
import { COMBINATORS, fallible } from './rust-fallible.js';
import { calledBack } from './rust-closures.js';
import { onBuilder } from './rust-builders.js';
import { copied, ofDefault } from './rust-collections.js';
import { dereferenced } from './rust-deref.js';
import { isDefault } from './rust-defaults.js';
import { unlocked } from './rust-locks.js';
import { iterator } from './rust-iterators.js';
import { together } from './rust-together.js';
import { COMPARISONS, compared } from './rust-sets.js';
import { onReport } from './rust-reports.js';
import { ONLY_TEXT, onString } from './rust-strings.js';
import { namesHaving } from './tables.js';
import { ordering } from './ranks.js';

/** Methods that hand on what they are called on. */
const SAME = new Set([
  'clone',
  'to_owned',
  'as_ref',
  'as_mut',
  'as_deref',
  'as_pin_mut',
  'get_unchecked_mut',
  'as_deref_mut',
  'borrow',
  'borrow_mut',
  'as_str',
  'as_slice',
  'as_mut_slice',
  'to_vec',
  'into_inner',
  'deref',
  'deref_mut',
  'get_ref',
  'get_mut_ref',
  'cloned',
  'copied',
  'by_ref',
  'into_boxed_str',
  'into_string',
  'boxed',
  'boxed_local',
  'into_future',
  'as_bytes',
  'into_bytes',
  'fuse',
  'peekable',
  'to_ascii_lowercase_',
  'lock',
  'instrument',
  'in_current_span',
  'compat',
]);
/** Reading a text or a number of unknown content: no call into anything that could decide. */
const TEXT = new Set([
  'to_str',
  'to_string_lossy',
  'trim',
  'trim_start',
  'trim_end',
  'trim_matches',
  'trim_start_matches',
  'trim_end_matches',
  'strip_prefix',
  'strip_suffix',
  'split_once',
  'rsplit_once',
  'split',
  'rsplit',
  'splitn',
  'split_whitespace',
  'split_ascii_whitespace',
  'to_lowercase',
  'to_uppercase',
  'to_ascii_lowercase',
  'to_ascii_uppercase',
  'starts_with',
  'ends_with',
  'eq_ignore_ascii_case',
  'is_empty',
  'is_success',
  'is_client_error',
  'is_server_error',
  'len',
  'chars',
  'bytes',
  'lines',
  'next',
  'nth',
  'parse',
  'as_millis',
  'as_secs',
]);
const REGISTERS = /(^|::)(\w*Router|App|Scope|Resource)(::(new|named))?\(\)|(^|::)web::(scope|resource)\(\)/;
const COPIES = /^(clone|to_vec|to_owned)$/;
const LOOKS_LIKE_CONVERSION = new Set(['into', 'try_into', 'to_string', 'into_response']);

const STANDARD =
  /(^|::)(Arc|Rc|Box|Cow|Clone|ToOwned|ToString|AsRef|Into|IntoResponse|Option|Result|Context|WrapErr|OptionExt|ResultExt|String|str|HeaderValue)::(\w+)$/;

/** `Rc::clone(&x)`, `.filter(Option::is_some)`, `WrapErr::wrap_err(r, ..)`: a method of a standard type, or of the traits around errors and answers, called through it. */
export function throughType(ev: Ev, path: string, a: CallArgs, place: Place, scope: Scope | undefined): Val | undefined {
  const name = STANDARD.exec(path)?.[3];
  const [recv, ...rest] = a.pos;
  if (name === undefined || !recv || !scope) return undefined;
  if (!SAME.has(name) && !TEXT.has(name) && !COMBINATORS.has(name) && !/^(to_string|into|into_response)$/.test(name)) return undefined;
  return rsMethod(ev, recv, name, { ...a, pos: rest }, place, scope);
}

export const rsMethod = (ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val =>
  asShown(ev, method(ev, recv, name, a, place, scope, types));

function method(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val {
  if (ev.dead) return NONE;
  if (recv.t === 'coro') {
    if (
      /^(boxed|boxed_local|instrument|bind_hub|with_subscriber|with_current_subscriber|fuse|in_current_span|left_future|right_future|into_future)$/.test(
        name,
      )
    )
      return recv;
    if (/^(poll|poll_unpin)$/.test(name)) return ready(awaited(ev, recv));
    // Combinators of futures work on what the future gives.
    return rsMethod(ev, awaited(ev, recv), name, a, place, scope, types);
  }
  if (recv.t === 'ext' || (recv.t === 'sym' && recv.path !== undefined && name === 'to_string')) {
    const known = ev.models.attr(ev, recv, name, `${recv.path ?? ''}.${name}`);
    if (known) return known;
  }
  // `State(x)`, `Extension(x)`: what is in it answers.
  if (recv.t === 'sym' && recv.store?.has('0') && recv.ty && isWrapper(recv.ty.path)) {
    const inner = recv.store.get('0') as Val;
    return name === 'into_inner' ? inner : rsMethod(ev, inner, name, a, place, scope, types);
  }
  const held = unlocked(ev, recv, name, a, place) ?? onBuilder(ev, recv, name, a, place);
  if (held) return held;
  const own = ownMethod(ev, recv, name);
  if (own && recv.t !== 'phi') return invoke(ev, own, recv, a, place, scope, types);
  const part = unpinned(ev, recv, name, a, place);
  if (part) return part;
  // `(self.check)(request)`: a function that a field holds. No method has its name.
  const field = recv.t === 'obj' ? recv.fields.get(name) : undefined;
  if (field && leavesOf(field).some(x => x.t === 'fn')) return call(ev, field, a, place);
  const kind = recv.t === 'variant' || recv.t === 'phi' ? split(recv, place).kind : undefined;
  const extension = kind && extensionMethod(ev, kind, name);
  if (extension) return invoke(ev, extension, recv, a, place, scope, types);
  const nothing = ofDefault(recv, name);
  if (nothing) return nothing;
  if (COPIES.test(name) && (recv.t === 'seq' || recv.t === 'map')) return copied(ev, recv);
  if (SAME.has(name) && a.pos.length === 0) return recv;
  if (recv.t === 'seq' || recv.t === 'map' || (recv.t === 'op' && recv.op === 'iter')) {
    const r = together(ev, recv, name, a, types?.[0], place) ?? iterator(ev, recv, name, a, place, scope);
    if (r) return r;
  }
  if (recv.t === 'phi' && leavesOf(recv).every(isSequence)) {
    const named = name === 'contains' ? namesHaving(recv, a.pos[0] ?? NONE, place) : undefined;
    if (named) return bool(named);
    // Of what was sent, and what stands for it where it was not, each is gone through for itself; what a setting may hold is asked as a whole.
    if (prov(recv) & SENT) return onEach(ev, recv, x => rsMethod(ev, x, name, a, place, scope, types));
  }
  // What is gone through piece by piece, though it is known only where it comes from.
  if (a.pos[0]?.t === 'fn' && isGoneThrough(recv, name)) return rsMethod(ev, op('iter', [recv]), name, a, place, scope, types);
  const known = recv.t === 'const' && typeof recv.v === 'string' ? recv.v : isDefault(recv) && ONLY_TEXT.test(name) ? '' : undefined;
  if (known !== undefined) {
    const r = onString(known, name, a, ev, place);
    if (r) return r;
  }
  // A builder around another one hands that out to be gone on with.
  if (name === 'map' && a.pos[0]?.t === 'fn' && recv.t === 'call' && REGISTERS.test(ev.program.pathOf(recv) ?? ''))
    return call(ev, a.pos[0], mkArgs([recv]), place);
  const o = onReport(ev, recv, name, a, place) ?? fallible(ev, recv, name, a, place, scope);
  if (o) return o;
  if (recv.t === 'phi' && (name === 'to_string' || name === 'to_owned')) return mapped(recv, x => rsMethod(ev, x, name, a, place, scope));
  if (name === 'to_string' || name === 'to_owned')
    return recv.t === 'const' ? STR(String(recv.v)) : recv.t === 'variant' ? display(ev, recv, place) : op('str', [recv]);
  if (name === 'into' && a.pos.length === 0 && recv.t === 'phi') return onEach(ev, recv, x => rsMethod(ev, x, name, a, place, scope));
  if (name === 'into' && a.pos.length === 0) return into(ev, recv, scope, place);
  switch (name) {
    case 'eq':
      return bool(equal(recv, a.pos[0] ?? NONE, place));
    case 'ne':
      return bool(not(equal(recv, a.pos[0] ?? NONE, place)));
    case 'iter':
    case 'into_iter':
    case 'iter_mut':
    case 'drain':
      return recv.t === 'phi' ? recv : op('iter', [recv]);
    case 'then':
      // What is called with nothing is called where a truth value holds; a future would give it something.
      if (recv.t === 'bool' || (recv.t === 'const' && typeof recv.v === 'boolean') || isThunk(a.pos[0])) {
        const f = a.pos[0];
        return f
          ? ev.branch(
              truthy(recv, place),
              () => Some(call(ev, f, mkArgs(), place)),
              () => None_,
            )
          : NONE;
      }
      break;
    case 'then_some':
      return phi(truthy(recv, place), Some(a.pos[0] ?? NONE), None_);
    case 'not':
      return bool(not(truthy(recv, place)));
    case 'cmp':
    case 'partial_cmp':
      if (a.pos[0]) return name === 'cmp' ? ordering(recv, a.pos[0], place) : Some(ordering(recv, a.pos[0], place));
      break;
    // It says where it is, or where it would be.
    case 'binary_search': {
      const is = truthy(rsMethod(ev, recv, 'contains', a, place, scope), place);
      return phi(is, Ok(op('index', [recv])), Err(op('index', [recv])));
    }
    default: {
      const of = COMPARISONS.has(name) && a.pos[0] ? compared(ev, name, recv, a.pos[0], place) : undefined;
      if (of) return of;
    }
  }
  if (TEXT.has(name) && (recv.t === 'sym' || recv.t === 'op' || recv.t === 'attr' || recv.t === 'item' || recv.t === 'call') && prov(recv))
    return op(name, [recv, ...a.pos]);
  if (recv.t === 'phi') {
    const one = asOne(ev, recv);
    // What routes are registered on is taken apart by who reads it, however many conditions it ran through.
    if (one && leavesOf(recv).every(x => REGISTERS.test(ev.program.pathOf(x) ?? '')))
      return external(ev, `${ev.program.pathOf(leavesOf(recv)[0] as Val)}.${name}`, undefined, recv, a, place, name);
    if (one) return rsMethod(ev, one, name, a, place, scope, types);
    return onEach(ev, recv, x => rsMethod(ev, x, name, a, place, scope, types));
  }
  const behind = dereferenced(ev, recv, place);
  if (behind) return rsMethod(ev, behind, name, a, place, scope, types);
  if (LOOKS_LIKE_CONVERSION.has(name) && a.pos.length === 0)
    return external(ev, `${ev.program.pathOf(recv) ?? '?'}.${name}`, undefined, recv, a, place, name, typeOfValue(recv));
  if (recv.t === 'fn' && name === 'layer') return external(ev, 'axum::handler::Handler::layer', undefined, recv, a, place, name);
  const guess = recv.t === 'native' ? undefined : onlyMethod(ev, recv, name, a);
  if (guess) {
    const given = invoke(ev, guess, recv, a, place, scope, types);
    return given.t === 'coro' ? { ...given, guessed: true } : given;
  }
  calledBack(ev, recv, a, place);
  if (ev.dead) return NONE;
  const path = `${ev.program.pathOf(recv) ?? '?'}.${name}`;
  return external(
    ev,
    path,
    types?.length ? { t: 'ext', path, id: 0, p: 0, ty: types.map(t => tyOf(ev, t, scope)) } : undefined,
    recv,
    a,
    place,
    name,
  );
}

const SENT = Prov.Credential | Prov.Input | Prov.Header;

const isThunk = (v: Val | undefined): boolean => v?.t === 'fn' && v.def.kind === 'closure' && v.def.params.length === 0;

function invoke(ev: Ev, fn: FnVal, recv: Val, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val {
  const ty = typeOfValue(recv);
  let f = fn;
  if (ty?.args.length && fn.impl) f = withTypes(ev, fn, ty);
  if (types?.length && f.def.generics?.length) {
    const m = new Map(f.types ?? []);
    f.def.generics.forEach((g, i) => {
      if (types[i]) m.set(g.name, tyOf(ev, types[i] as TypeRef, scope));
    });
    f = { ...f, types: m };
  }
  return callFunction(ev, { ...f, self: asOwner(recv, fn.owner) }, a, place);
}

/** The method `name` of the receiver's own type, seen through smart pointers. */
function ownMethod(ev: Ev, recv: Val, name: string): FnVal | undefined {
  // A struct without fields is its own only value.
  if (recv.t === 'class') return recv.kind === 'struct' && recv.fields?.length === 0 ? methodOf(ev, recv, name) : undefined;
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
    const m = extensionMethod(ev, ty.path, name);
    if (m) return m;
    if (!ty.cls && isWrapper(ty.path) && ty.args[0]) ty = ty.args[0];
    else break;
  }
  return undefined;
}

/** A method that the application gives to a type of a library, by a trait of its own. */
function extensionMethod(ev: Ev, path: string, name: string): FnVal | undefined {
  for (const impl of ev.program.libraryImpls.get(path) ?? []) {
    const own = impl.members.get(name);
    // `fn uri(&self) { self.uri() }` of such a trait means the library's own method.
    if (own?.t === 'fn' && ev.frame?.def !== own.def) return own;
    const inherited = impl.trait?.cls?.members.get(name);
    if (inherited?.t === 'fn' && (inherited.def.body.length > 0 || inherited.def.value)) return inherited;
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
    // `Self` in what a trait does by default is the type that has the method.
    if (x?.t === 'fn' && (x.def.body.length > 0 || x.def.value)) return { ...x, owner: cls };
    const y = i.members.get(name);
    if (y?.t === 'fn') return y;
  }
  return undefined;
}

/** Nothing is known of the receiver's type, and just one method of the application has this name and this many parameters. */
function onlyMethod(ev: Ev, recv: Val, name: string, a: CallArgs): FnVal | undefined {
  const all = ev.program.methods.get(name)?.filter(m => m.def !== ev.frame?.def);
  if (!all?.length) return undefined;
  const ty = typeOfValue(recv);
  if (ty && (ty.cls || ty.path) && !/^(\?|\(tuple\)|impl|dyn)?$/.test(ty.path) && !ty.path.includes('Error')) {
    const forLibrary = all.filter(m => !m.owner || m.impl?.trait?.cls);
    if (forLibrary.length !== 1) return undefined;
  }
  if (ofLibrary(recv)) return all.length === 1 && all[0]?.impl?.trait?.cls && !all[0].owner ? all[0] : undefined;
  const fits = all.filter(m => m.def.params.length - 1 === a.pos.length);
  const distinct = new Set(fits.map(m => m.def));
  return distinct.size === 1 ? fits[0] : undefined;
}

/** Is it what a library made, or a part of that which is no row of the application's and no data of a request (`server.bind(port)?`)? */
function ofLibrary(v: Val): boolean {
  if (v.t === 'call' || v.t === 'ext' || v.t === 'sym') return v.path?.includes('::') === true;
  const of = v.t === 'attr' || v.t === 'item' ? v.of : v.t === 'op' && v.op === 'ok' ? v.args[0] : undefined;
  return of !== undefined && (prov(v) & SENT) === 0 && !isQueried(of) && ofLibrary(of);
}

const isQueried = (v: Val): boolean => v.t === 'call' && (v.query !== undefined || (v.recv !== undefined && isQueried(v.recv)));

function display(ev: Ev, v: Val, place: Place): Val {
  void ev;
  void place;
  return op('str', [v]);
}

/** `.into()`: to the error type of the function where that is what it becomes; otherwise the value itself. */
function into(ev: Ev, v: Val, scope: Scope, place: Place): Val {
  const ty = typeOfValue(v);
  const target = errorType(ev, scope);
  if (
    target?.cls &&
    ty?.cls !== target.cls &&
    (target.cls.impls.some(i => i.trait && /From$/.test(i.trait.path) && fromMatches(ev, i.trait.ref, i.scope, ty)) ||
      (ty?.cls && derivedFrom(ev, target.cls, ty.cls)))
  )
    return convertTo(ev, v, target, place);
  return v;
}
/** `#[from]` on the only field of a variant. */
const derivedFrom = (ev: Ev, target: Cls, source: Cls): boolean =>
  [...(target.variants ?? [])].some(([, v]) => {
    const f = v.fields[0];
    return f?.marks.some(m => m.expr.k === 'name' && m.expr.id === 'from') && tyOf(ev, f.type, target.scope).cls === source;
  });
const fromMatches = (ev: Ev, ref: TypeRef, scope: Scope, ty: Ty | undefined): boolean => {
  const t = ref.args[0] ? tyOf(ev, ref.args[0], scope) : undefined;
  return !!t && !!ty && (t.cls ? t.cls === ty.cls : t.path === ty.path);
};
