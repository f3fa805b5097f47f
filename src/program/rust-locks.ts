/**
 * Locks and cells of Rust. What is in one that a request made is known as long as the request runs. What was put into one when the
 * application started may have been replaced since: only its type is known.
 */
import type { Expr } from '../facts/types.js';
import { leavesOf, mapped } from './alternatives.js';
import { call } from './calls.js';
import { type Ev, quietly } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { args as mkArgs, None_, Ok, op } from './make.js';
import { assign, assignName } from './patterns.js';
import { celled, onCell } from './rust-cells.js';
import { onceForAll } from './rust-items.js';
import { apply } from './rust-fallible.js';
import { isWrapper, typeOfValue } from './rust-types.js';
import type { CallArgs, Scope, Ty, Val } from './values.js';

const LOCK = /(^|::)(Mutex|RwLock|RefCell|ReentrantMutex|FairMutex)$/;
const CELL = /(^|::)(OnceCell|OnceLock|SetOnce|ArcSwap|ArcSwapAny|ArcSwapOption)$/;
const LAZY = /(^|::)(Lazy|LazyLock|LazyCell)::new$/;
const GUARDS =
  /^(read|write|lock|upgradable_read|blocking_(lock|read|write)|(lock|read|write)_(owned|arc)|borrow|borrow_mut|get_mut|into_inner|get_ref|load|load_full)$/;
const TRIES = /^try_(lock|read|write|borrow|borrow_mut|lock_owned|read_owned|write_owned)$/;

/** `RwLock::new(x)`, `LazyLock::new(|| x)`; undefined where `path` makes none of them. */
export function locked(ev: Ev, path: string, a: CallArgs, place: Place): Val | undefined {
  const x = a.pos[0];
  const cell = celled(ev, path, a);
  if (cell || !x) return cell;
  // What is made once, when it is first asked for, is a constant from then on.
  if (LAZY.test(path) && (x.t === 'fn' || x.t === 'native')) {
    const v = onceForAll(ev, () => apply(ev, x, [], place));
    return v.t === 'const' || v.t === 'seq' || v.t === 'map' || v.t === 'obj' || v.t === 'variant' || v.t === 'call' ? v : undefined;
  }
  const type = /^(.*)::(new|const_new|from|from_pointee)$/.exec(path)?.[1];
  if (type === undefined || !(LOCK.test(type) || CELL.test(type))) return undefined;
  const inner = typeOfValue(x);
  const ty: Ty = { path: type, args: inner ? [inner] : [] };
  return op(ev.request ? 'lock' : 'shared', ev.request ? [x] : [op('initially', [x])], ty);
}

/** The lock that a type is, behind pointers. */
function lockType(t: Ty | undefined): Ty | undefined {
  let x = t;
  for (let i = 0; x && !x.cls && i < 6; i++) {
    if (LOCK.test(x.path) || CELL.test(x.path)) return x;
    if (!isWrapper(x.path)) return undefined;
    x = x.args[0];
  }
  return undefined;
}

/** A lock that a request made. */
const isLock = (v: Val): boolean => v.t === 'op' && v.op === 'lock';

/** A method of a lock: what is in it. Undefined where `recv` is no lock, or the method is another one. */
export function unlocked(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  if (recv.t === 'phi' && leavesOf(recv).every(isLock)) return mapped(recv, x => unlocked(ev, x, name, a, place) ?? x);
  if (recv.t === 'phi' || recv.t === 'obj') return undefined;
  const cell = onCell(ev, recv, name, a, place);
  if (cell) return cell;
  const t = lockType(typeOfValue(recv));
  if (!t) return undefined;
  const known = recv.t === 'op' && recv.op === 'lock' ? recv.args[0] : undefined;
  const inner = known ?? op('held', [recv], t.args[0]);
  if (CELL.test(t.path)) {
    if (name === 'get' && a.pos.length === 0) return known ?? op('get', [recv], { path: 'Option', args: t.args });
    if (/^(get_or_init|get_or_try_init)$/.test(name) && a.pos[0]) {
      const made = onceForAll(ev, () => {
        const v = call(ev, a.pos[0] as Val, mkArgs(), place);
        return v.t === 'coro' ? v.run() : v;
      });
      return made === None_ ? inner : made;
    }
    if (/^(load|load_full|wait)$/.test(name)) return inner;
    return undefined;
  }
  // A service in a cell is a service (actix-service, `impl Service for RefCell<S>`).
  if (name === 'call' && known?.t === 'native') return call(ev, known, a, place);
  // Another request that holds it makes this one wait, or try again: that says nothing of who sent it.
  if (TRIES.test(name)) return Ok(inner);
  if (!GUARDS.test(name) || a.pos.length > 0) return undefined;
  // A poisoned lock of the standard library panics, whoever asks.
  return /^std::sync::/.test(t.path) ? Ok(inner) : inner;
}

/** The place of the lock in `place.lock().unwrap()`, `place.borrow_mut()`, `place.write().await`. */
function placeIn(e: Expr): Expr | undefined {
  if (e.k === 'await' || e.k === 'try') return placeIn(e.of);
  if (e.k !== 'call' || e.fn.k !== 'member') return undefined;
  if (/^(unwrap|expect)$/.test(e.fn.name)) return placeIn(e.fn.of);
  const of = e.fn.of;
  return GUARDS.test(e.fn.name) && e.args.length === 0 && (of.k === 'member' || of.k === 'name') ? of : undefined;
}

/** `let mut guard = place.lock().unwrap();`: what is assigned to `*guard` is put into the lock. */
export function guarding(ev: Ev, name: string, value: Expr, scope: Scope): void {
  const place = ev.request && placeIn(value);
  if (place) (scope.guards ??= new Map()).set(name, { place, scope });
  else scope.guards?.delete(name);
}

/** `*place.lock().unwrap() = v`: puts `v` into a lock that the request made. False where `target` is none. */
export function putInto(ev: Ev, target: Expr, v: Val, scope: Scope): boolean {
  if (!ev.request || scope.module.language !== 'rust') return false;
  const found = target.k === 'name' ? guardOf(target.id, scope) : { place: placeIn(target), scope };
  if (!found?.place) return false;
  const now = quietly(ev, () => evaluate(ev, found.place as Expr, found.scope));
  const locks = leavesOf(now);
  const one = locks[0];
  if (one?.t !== 'op' || !locks.every(isLock)) return false;
  assign(ev, { p: 'target', expr: found.place, at: found.place.at }, op('lock', [v], one.ty), found.scope);
  if (target.k === 'name') assignName(ev, target.id, v, scope);
  return true;
}

function guardOf(name: string, from: Scope): { place: Expr; scope: Scope } | undefined {
  for (let s: Scope | undefined = from; s; s = s.parent) if (s.vars.has(name)) return s.guards?.get(name);
  return undefined;
}
