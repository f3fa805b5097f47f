/** Calls: of the analysed code's own functions (evaluated in place), of library names (kept as symbolic results). */
import { leavesOf, onEach } from './alternatives.js';
import type { Param, TypeRef } from '../facts/types.js';
import { instantiate, keepArguments, libraryBases } from './classes.js';
import { chosen, implemented, oneOf, specialised } from './dispatch.js';
import { reachesOut } from './captured.js';
import { asCall, spend } from './effort.js';
import type { Ev } from './ev.js';
import { awaited, evaluate } from './expressions.js';
import { FALSE, type Place, under } from './formula.js';
import { map, NONE, op, phi, prov, seq, sym, unknown } from './make.js';
import { fails, truthy } from './ops.js';
import { bindPattern } from './patterns.js';
import { builtinMethod } from './python-methods.js';
import { once } from './python-caches.js';
import { untilBlock } from './python-generators.js';
import { giveUp, isHandedOn, isUnused } from './tasks.js';
import { viewMethod } from './python-views.js';
import { builtin, pyAttribute } from './python.js';
import { kept } from './python-requests.js';
import { declaredResult, tyOfAnnotation } from './python-types.js';
import { broughtAlong, leftOut } from './recursion.js';
import { collection } from './rust-collections.js';
import { typesIn } from './rust-generics.js';
import { locked } from './rust-locks.js';
import { rsMethod, throughType } from './rust-methods.js';
import { substitute, tyOf } from './rust.js';
import { commentedOut } from './skipped.js';
import { blockValue } from './tails.js';
import { mayRaise } from './tries.js';
import { type CallArgs, type CallVal, type FnVal, nextId, Prov, type Scope, type Ty, type Val } from './values.js';

/** What a call costs beside what its body does: its frame is written, joined and taken back. */
const CALL = 24;

export function call(ev: Ev, fn: Val, a: CallArgs, place: Place, scope?: Scope): Val {
  if (ev.dead) return NONE;
  switch (fn.t) {
    case 'fn':
      return callFunction(ev, fn, a, place);
    case 'native':
      return fn.call(a, place);
    case 'class':
      return instantiate(ev, fn, a, place);
    case 'phi':
      return onEach(ev, fn, x => call(ev, x, a, place, scope));
    case 'obj': {
      const m = fn.cls.members.get('__call__');
      if (m?.t === 'fn') return callFunction(ev, { ...m, self: fn }, a, place);
      return external(ev, '?', fn, undefined, a, place, '()');
    }
    case 'late': {
      const v = fn.get();
      return v ? call(ev, v, a, place, scope) : unknown(`\`${fn.name}\` is not defined`, place, a.pos);
    }
    case 'ext': {
      const b = builtin(ev, fn.path, a, place, scope);
      if (b) return b;
      const made = fn.path.includes('::') ? (collection(ev, fn.path, a) ?? locked(ev, fn.path, a, place)) : undefined;
      if (made) return made;
      const kept = written(ev, fn.path, a) ?? throughType(ev, fn.path, a, place, scope ?? ev.frame?.fn?.scope);
      if (kept) return kept;
      const of = a.pos[0];
      // `Permission.__init__(self, ..)`: what `super().__init__(..)` would do.
      if (of?.t === 'obj' && libraryBases(of.cls).some(b => fn.path === `${b}.__init__`))
        return keepArguments(ev, of, { ...a, pos: a.pos.slice(1) });
      return external(ev, fn.path, fn, undefined, a, place, fn.path.split(/\.|::/).at(-1) ?? fn.path);
    }
    case 'unknown':
      ev.gap('unresolved-call', `the called function is not known: ${fn.why}`, place);
      return unknown(fn.why, place, [...a.pos, ...a.kw.values()]);
    case 'attr': {
      const own = builtinMethod(ev, fn.of, fn.name, a, place) ?? viewMethod(ev, fn.of, fn.name, a, place);
      if (own) return own;
      // What is said of a function's type is said of what it gives: it is called by its name.
      const named = fn.ty && `${ev.program.pathOf(fn.of) ?? '?'}.${fn.name}`;
      const path = named !== undefined && ev.models.known(ev.models.canonical(named)) ? named : ev.program.pathOf(fn);
      return external(ev, path ?? `?.${fn.name}`, fn, fn.of, a, place, fn.name);
    }
    default: {
      // `Repository[User](session)`: a generic class with its arguments.
      if (fn.t === 'op' && fn.op === 'generic' && fn.args[0]) return call(ev, fn.args[0], a, place, scope);
      const listed = oneOf(ev, fn, a, place);
      if (listed) return listed;
      const path = ev.program.pathOf(fn);
      return external(ev, path ?? '?', fn, undefined, a, place, '()');
    }
  }
}

/** `g.get("user")`: an attribute that was written to an object of a library. */
function written(ev: Ev, path: string, a: CallArgs): Val | undefined {
  const of = /^(.*)\.(?:get|pop)$/.exec(path)?.[1];
  const key = a.pos[0];
  if (of === undefined || key?.t !== 'const') return undefined;
  const v = ev.globals.get(ev.models.canonical(`${of}.${String(key.v)}`));
  const there = kept(ev, of, String(key.v));
  return v && there ? phi(there, v, a.pos[1] ?? NONE) : (v ?? (there === FALSE ? (a.pos[1] ?? NONE) : undefined));
}

export function callMethod(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place, scope: Scope, types?: TypeRef[]): Val {
  if (scope.module.language === 'rust') return rsMethod(ev, recv, name, a, place, scope, types);
  if (recv.t === 'phi') {
    const one = asOne(ev, recv);
    if (one) return callMethod(ev, one, name, a, place, scope);
    // None has no methods: that raises, and what is asked of the result holds of what the others give.
    return onEach(ev, recv, x => (x.t === 'const' && x.v === null ? NONE : callMethod(ev, x, name, a, place, scope)));
  }
  unchecked(ev, recv, place);
  const method = pyAttribute(ev, recv, name, place);
  const instead =
    method.t === 'attr' ? chosen(ev, recv, name, a, place) : method.t === 'fn' ? implemented(ev, recv, method, name, a, place) : undefined;
  return instead ?? call(ev, method, a, place, scope);
}

/** So many alternatives of a library object are still called one by one. */
const ONE_BY_ONE = 3;
/** So many alternatives of anything are: a loop that is unrolled over a table can double them with every row. */
const AT_ALL = 64;

/**
 * A query that conditions have added to (`if q: query = query.filter(..)`) is one object with many histories. Called one by one
 * their number would double with every condition; what they were made from and what they are is the same for all.
 */
export function asOne(ev: Ev, v: Val): Val | undefined {
  const all = leavesOf(v);
  if (all.length <= (all.every(libraryObject) && !all.some(x => isAnswer(ev, x)) ? ONE_BY_ONE : AT_ALL)) return undefined;
  const paths = all.map(x => ev.program.pathOf(x) ?? '?()').sort((x, y) => x.length - y.length || (x < y ? -1 : 1));
  return op('either', all, { path: (paths[0] as string).replace(/\(\)$/, ''), args: [] });
}

/** What a library gave, or what was in the `Result` that it gave. */
function libraryObject(x: Val): boolean {
  if (x.t === 'op' && (x.op === 'ok' || x.op === 'some')) return x.args[0] !== undefined && libraryObject(x.args[0]);
  return (x.t === 'call' || (x.t === 'op' && x.op === 'either')) && !x.ty?.cls;
}

/** `HttpResponse::Unauthorized().insert_header(..)`: which of several answers is gone on with says what the client is told. */
function isAnswer(ev: Ev, x: Val): boolean {
  let root = x;
  while (root.t === 'call' && root.recv) root = root.recv;
  return root.t === 'call' && ev.models.answers(root.path);
}

/** A method of what a query may not have found: `None.delete()` is a crash, and the request ends there. */
function unchecked(ev: Ev, recv: Val, place: Place): void {
  if (recv.t !== 'call' || !ev.frame || !/^(first|one_or_none|scalar_one_or_none|get_or_none)$/.test(recv.name) || recv.args.pos.length > 1)
    return;
  const missing = fails(recv, place);
  if (under(ev.pc, missing) !== undefined || under(ev.pc, truthy(recv, place)) !== undefined) return;
  ev.exitIf(missing, 'raise', sym('AttributeError', prov(recv), { path: 'builtins.AttributeError()' }), place);
}

/** A call that leaves the analysed code. Its result is symbolic and made from all that went in. */
export function external(
  ev: Ev,
  path: string,
  fn: Val | undefined,
  recv: Val | undefined,
  a: CallArgs,
  place: Place,
  name: string,
  ty?: Ty,
): Val {
  const c: CallVal = {
    t: 'call',
    path: ev.models.canonical(path),
    fn,
    recv,
    name,
    args: a,
    place,
    pc: ev.pc,
    seq: ev.seq++,
    frame: ev.frame,
    id: nextId(),
    ty,
  };
  c.ty ??= classHint(c);
  ev.events.push(c);
  ev.spawned?.(c);
  giveUp(c);
  // A coroutine handed to a library is run by it (gather, wait_for, Box::pin); a plain callback is not.
  for (const x of [...a.pos, ...a.kw.values()])
    if (x.t === 'coro' && !x.state.ran && !isHandedOn(name)) {
      const v = awaited(ev, x);
      if (ev.dead) return NONE;
      c.args = { ...c.args, pos: c.args.pos.map(p => (p === x ? v : p)) };
    }
  const m = ev.models.call(ev, c);
  if (m) return m;
  // To make an object (an exception, a response) is not what a handler waits for.
  if (!/^[A-Z]/.test(name)) mayRaise(ev, c);
  return c;
}

/** A library call on a class of the application (`User.get(..)`, `session.get(User, id)`) gives one of its instances. */
function classHint(c: CallVal): Ty | undefined {
  let r: Val | undefined = c.recv ?? c.fn;
  for (let i = 0; r && i < 12; i++) {
    if (r.t === 'class') return { path: r.name, cls: r, args: [] };
    if (r.t === 'call') {
      if (r.ty?.cls) return r.ty;
      r = r.recv ?? r.fn;
    } else if (r.t === 'item' || (r.t === 'attr' && r.of.t !== 'call')) r = r.of;
    // What an instance has (`found.role`) is no instance of its class.
    else break;
  }
  const first = c.args.pos[0];
  // In Rust a struct without fields is a value, and types are no arguments.
  if (first?.t === 'class' && first.kind === 'class') return { path: first.name, cls: first, args: [] };
  if (first?.t === 'call' && first.ty?.cls && /^(scalar|scalars|execute|exec|all|first|one)/.test(c.name)) return first.ty;
  return undefined;
}

export function callFunction(ev: Ev, fn: FnVal, a: CallArgs, place: Place): Val {
  const def = fn.def;
  ev.called.add(def);
  const instead = fn.self && specialised(ev, fn, a, place);
  if (instead) return instead;
  if ((def.async && def.kind !== 'async-block') || (def.generator && !fn.manages && isUnused(ev, place))) {
    const state = { ran: false };
    return {
      t: 'coro',
      id: nextId(),
      p: 0,
      name: def.name,
      place,
      state,
      run: () => {
        state.ran = true;
        return invoke(ev, fn, a, place);
      },
    };
  }
  return fn.results ? once(ev, fn, a, () => invoke(ev, fn, a, place)) : invoke(ev, fn, a, place);
}

/**
 * Is `fn` the handler or a layer of the request, perhaps behind other decorators? Only there may a decorator of a library answer the request;
 * around what they call it is presumed not to, as every other call of a library is.
 */
const answers = (ev: Ev, fn: FnVal): boolean => {
  const { frame } = ev;
  const inner = frame?.fn?.wraps?.inner;
  return !frame || frame.role !== undefined || ev.watch.def === fn.def || (inner?.t === 'fn' && inner.def === fn.def);
};

function invoke(ev: Ev, fn: FnVal, a: CallArgs, place: Place): Val {
  const def = fn.def;
  const runs = fn.manages ? untilBlock(def) : def;
  const inputs = [...(fn.self ? [fn.self] : []), ...a.pos, ...a.kw.values()];
  const brought = broughtAlong(ev, fn);
  const cut = leftOut(ev, fn, inputs, brought);
  if (cut?.ends) {
    ev.retried++;
    ev.pc = FALSE;
    return NONE;
  }
  if (cut?.hides && ev.request)
    ev.gap('too-deep', `\`${def.name || 'a closure'}\` calls itself again and again: what it does then is not known`, place);
  if (cut) return op(`call:${def.name}`, inputs.slice(0, 8));
  spend(CALL);
  if (fn.opaque && answers(ev, fn))
    for (const o of fn.opaque) ev.gap('unknown-decorator', `\`${o.by}\` is a decorator of a library that is not described`, o.place);
  const scope: Scope = {
    vars: ev.journal.own(new Map()),
    parent: fn.scope,
    module: fn.module,
    kind: 'function',
    self: fn.owner ?? fn.scope.self,
    types: typesIn(fn, a),
    returns: def.ret,
  };
  if (def.kind === 'async-block') scope.inline = true;
  if (runs.generator) scope.yielded = [];
  const { aside, expected } = ev;
  ev.expected = undefined;
  const body = (): Val => {
    bindParams(ev, fn, a, scope, place);
    if (ev.dead) return NONE;
    if (ev.watch.def === def && !ev.trying) ev.watch.entries.push(ev.pc);
    if (def.comments) commentedOut(ev, def, scope, (b, tail) => void blockValue(ev, b, tail, scope));
    const v = blockValue(ev, runs.body, def.value, scope, def.ret) ?? NONE;
    // Nothing that it asks leads elsewhere, either.
    if (v.t === 'const' && v.v === true && ev.pc === base && inputs.some(x => prov(x) & Prov.Credential))
      ev.dropped.push({ val: v, place, frame: ev.frame?.parent, how: 'constant', name: def.name });
    return scope.yielded ? seq('list', scope.yielded) : v;
  };
  // What it assigns to holds when it is left, by whichever return.
  if (reachesOut(def)) for (let s: Scope | undefined = fn.scope; s && s.kind !== 'module'; s = s.parent) ev.outlives(s.vars);
  const base = ev.pc;
  const most = aside?.(def);
  if (most !== undefined) ev.aside = unlimited;
  const given = asCall(
    () =>
      ev.inFrame(
        {
          name: def.name || '<closure>',
          def,
          fn,
          given: asGiven(inputs),
          brought,
          place: { file: fn.module.file, at: def.at },
          site: place,
        },
        body,
      ),
    () => {
      ev.pc = base;
      if (most === undefined)
        ev.gap('too-deep', `\`${def.name || 'a closure'}\` takes more than a call may: what it does is not known`, place);
      // What it is declared to give says what its parts are, and which methods they have.
      return op(`call:${def.name}`, inputs.slice(0, 8), def.ret && fn.module.language === 'rust' ? tyOf(ev, def.ret, scope) : undefined);
    },
    most,
  );
  Object.assign(ev, { aside, expected });
  if (given.t === 'phi' && ev.request && fn.module.language === 'rust')
    ev.dropped.push({ val: given, place, frame: ev.frame, how: 'asked', pc: base, name: def.name });
  return declaredResult(ev, given, fn);
}

/** Arguments as they were when the call began: what is small enough to be filled by it is kept apart. */
const asGiven = (vs: readonly Val[]): readonly Val[] =>
  vs.some(isFew) ? vs.map(v => (isFew(v) && v.t === 'map' ? { ...v, entries: new Map(v.entries) } : v)) : vs;
const isFew = (v: Val): boolean => v.t === 'map' && v.entries.size < 4;

/** What stands aside may call what it likes: it is bounded as a whole. */
const unlimited = (): number => Number.POSITIVE_INFINITY;

/** Binds arguments to parameters as Python and Rust do; what is missing becomes symbolic. */
export function bindParams(ev: Ev, fn: FnVal, a: CallArgs, scope: Scope, place: Place): void {
  const pos = [...(fn.bound?.pos ?? []), ...a.pos];
  const kw = new Map([...(fn.bound?.kw ?? []), ...a.kw]);
  const params = fn.def.params;
  let i = 0;
  const bound = fn.self !== undefined && fn.role !== 'static';
  const rust = fn.module.language === 'rust';
  const self = fn.role === 'class' && fn.self?.t === 'obj' ? fn.self.cls : fn.self;
  // `def wrapper(*args)` around a method: the instance is the first of them.
  const among = bound && !rust && params[0]?.kind === 'star';
  if (among) pos.unshift(self as Val);
  for (const p of params) {
    const name = p.pat.p === 'bind' ? p.pat.name : undefined;
    if (bound && !among && i === 0 && p === params[0] && (!rust || p.kind === 'self')) {
      bindPattern(ev, p.pat, self as Val, scope, false);
      i = -1;
    }
    if (i === -1) {
      i = 0;
      continue;
    }
    if (p.kind === 'star') {
      const more = seq('tuple', pos.splice(0), a.rest);
      if (name) scope.vars.set(name, more);
      continue;
    }
    if (p.kind === 'starstar') {
      const m = map(new Map(kw), a.kwRest);
      kw.clear();
      if (name) scope.vars.set(name, m);
      continue;
    }
    let v: Val | undefined;
    if (p.kind !== 'kwonly' && pos.length) v = pos.shift();
    else if (name !== undefined && kw.has(name)) {
      v = kw.get(name);
      kw.delete(name);
    } else if (p.default) v = evaluate(ev, p.default, fn.scope);
    else if (a.rest) v = op('rest', [a.rest]);
    else if (a.kwRest) v = op('rest', [a.kwRest]);
    v ??= missing(ev, fn, p, place);
    bindPattern(ev, p.pat, typed(ev, v, p, fn, scope), scope, false);
  }
}

const missing = (ev: Ev, fn: FnVal, p: Param, place: Place): Val => {
  void ev;
  void place;
  return sym(p.pat.p === 'bind' ? p.pat.name : `param of ${fn.def.name}`, Prov.None);
};

/** Symbolic arguments learn the declared type of their parameter. */
function typed(ev: Ev, v: Val, p: Param, fn: FnVal, scope: Scope): Val {
  if (v.t !== 'sym' && v.t !== 'call' && v.t !== 'attr' && v.t !== 'item' && v.t !== 'op') return v;
  if (v.ty) return v;
  let ty: Ty | undefined;
  if (p.type) ty = substitute(tyOf(ev, p.type, scope), scope.types);
  else if (p.ann) ty = tyOfAnnotation(ev, p.ann, fn.scope);
  if (!ty || (!ty.cls && !ty.path)) return v;
  // It is the same object: what is written to it by either name is found by both.
  if (v.t === 'call' || v.t === 'sym') v.store ??= new Map();
  return { ...v, ty, id: v.id };
}

/** Calls `fn` and awaits what it gives, as a framework does with its callbacks. */
export function callback(ev: Ev, fn: Val, a: CallArgs, place: Place): Val {
  return awaited(ev, call(ev, fn, a, place));
}
