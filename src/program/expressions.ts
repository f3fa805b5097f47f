/** Expressions. One meaning for both languages; what only one of them has is asked of `python.ts` or `rust.ts`. */
import { isFuture, polled } from './rust-futures.js';
import { leavesOf, onEach } from './alternatives.js';
import type { Expr, FnDef, TypeRef } from '../facts/types.js';
import { call, callMethod } from './calls.js';
import type { Ev } from './ev.js';
import { and, type F, not, type Place, TRUE, under, whole, FALSE } from './formula.js';
import { comprehension } from './comprehensions.js';
import { bare } from './filling.js';
import { macro } from './macros.js';
import { args as mkArgs, bool, constant, joined, map, NONE, Ok, op, phi, seq, STR, unknown, UNIT } from './make.js';
import { binary, condition, index } from './operators.js';
import { split } from './ops.js';
import { asked } from './python-operators.js';
import { assign, bindPattern, elementOf, testPattern } from './patterns.js';
import { pyAttribute, pyName } from './python.js';
import { behind } from './python-requests.js';
import { stepped } from './rust-iterators.js';
import { convertError, convertInto, rsField, rsName, rsPath, rsStruct, tyOf } from './rust.js';
import { defaulted } from './rust-defaults.js';
import { appended } from './rust-strings.js';
import { keyOf } from './keys.js';
import { labelled, repeat } from './loops.js';
import { born } from './rust-collections.js';
import { blockOf, run } from './statements.js';
import { blockValue } from './tails.js';
import { besideComments, neverTaken } from './skipped.js';
import { isGivenUp, isJoined, taskOf } from './tasks.js';
import { type CallArgs, type FnVal, nextId, type Scope, type Val } from './values.js';

export function evaluate(ev: Ev, e: Expr, scope: Scope, hint?: TypeRef): Val {
  if (ev.dead) return NONE;
  const rust = scope.module.language === 'rust';
  const place = ev.place(scope.module, e.at);
  switch (e.k) {
    case 'lit':
      return constant(e.v);
    case 'name':
      return narrow(ev, rust ? rsName(ev, e.id, scope, place) : behind(ev, pyName(ev, e.id, scope, place), place));
    case 'path':
      return rsPath(ev, e, scope, place, hint);
    case 'member': {
      const of = evaluate(ev, e.of, scope);
      return rust ? rsField(ev, of, e.name, place) : behind(ev, pyAttribute(ev, of, e.name, place), place);
    }
    case 'index': {
      const of = evaluate(ev, e.of, scope);
      const key = evaluate(ev, e.index, scope);
      return index(ev, of, key, place);
    }
    case 'slice':
      return op('slice', [e.from ? evaluate(ev, e.from, scope) : NONE, e.to ? evaluate(ev, e.to, scope) : NONE]);
    case 'call': {
      if (e.fn.k === 'member') {
        const recv = evaluate(ev, e.fn.of, scope);
        const a = callArgs(ev, e, scope);
        if (ev.dead) return NONE;
        const v = besideComments(ev, e, callMethod(ev, recv, e.fn.name, a, place, scope, e.types), scope, evaluate);
        if (rust && e.fn.of.k === 'name') {
          if (e.fn.name === 'next') stepped(ev, e.fn.of.id, recv, scope);
          else appended(ev, e.fn.of.id, recv, e.fn.name, a, scope);
        }
        if (!rust || !hint || ev.dead) return v;
        if (e.fn.name === 'unwrap_or_default') return defaulted(ev, v, tyOf(ev, hint, scope), place);
        return e.fn.name === 'into' ? convertInto(ev, v, tyOf(ev, hint, scope), place) : v;
      }
      const fn = evaluate(ev, e.fn, scope, hint);
      const a = callArgs(ev, e, scope);
      return ev.dead ? NONE : besideComments(ev, e, call(ev, fn, a, place, scope), scope, evaluate);
    }
    case 'new':
      return rsStruct(ev, e, scope, place);
    case 'list':
    case 'tuple':
    case 'set': {
      if (e.items.length === 0 && e.k === 'tuple') return UNIT;
      const made = ev.journal.own(spreadItems(ev, e.k, e.items, scope));
      return rust ? born(ev, made) : made;
    }
    case 'repeat':
      return seq('list', [], evaluate(ev, e.value, scope));
    case 'dict': {
      const m = map(ev.journal.own(new Map()));
      for (const { key, value } of e.entries) {
        if (!key) {
          const inner = evaluate(ev, value.k === 'spread' ? value.of : value, scope);
          if (inner.t === 'map') {
            for (const [k, v] of inner.entries) m.entries.set(k, v);
            m.rest ??= inner.rest;
          } else m.rest = inner;
          continue;
        }
        const k = evaluate(ev, key, scope);
        const v = evaluate(ev, value, scope);
        const name = keyOf(k);
        if (name !== undefined) {
          m.entries.set(name, v);
          (m.keys ??= new Map()).set(name, k);
        } else m.rest = m.rest ? op('either', [m.rest, v]) : v;
      }
      return m;
    }
    case 'spread':
      return evaluate(ev, e.of, scope);
    case 'fn':
      return closure(ev, e.fn, scope);
    case 'await': {
      const v = evaluate(ev, e.of, scope);
      return awaited(ev, v);
    }
    case 'try': {
      ev.last = undefined;
      const v = evaluate(ev, e.of, scope);
      if (ev.dead) return NONE;
      const s = split(v, place);
      if (s.fail.f !== 'false') {
        // Where one of the alternatives is an error, it is a `Result` (what was made by `map` of an unknown type, say).
        const err =
          s.kind === 'Option' && s.err === undefined
            ? { t: 'variant' as const, of: 'Option', tag: 'None', fields: new Map(), id: nextId() }
            : failure(ev, v, scope, place);
        ev.exitIf(s.fail, 'return', err, place, { propagated: true, ...(calls(e.of) ? { from: ev.last } : {}) });
      }
      return s.ok;
    }
    case 'un': {
      const v = evaluate(ev, e.of, scope);
      switch (e.op) {
        case 'not':
          return bool(not(asked(ev, v, place)));
        case '*':
        case '&':
          return v;
        case '-':
          return v.t === 'const' && typeof v.v === 'number' ? constant(-v.v) : op('-', [v]);
        default:
          return op(e.op, [v]);
      }
    }
    case 'bin':
      return binary(ev, e, scope, place);
    case 'if': {
      // A let-chain binds for its own branch only.
      const inner = rust ? blockOf(scope) : scope;
      const c = condition(ev, e.test, inner);
      if (ev.dead) return NONE;
      if (c === FALSE) neverTaken(ev, e.test, place, inner, () => void evaluate(ev, e.then, inner));
      return ev.branch(
        c,
        () => evaluate(ev, e.then, inner, hint),
        () => (e.else ? evaluate(ev, e.else, scope, hint) : UNIT),
      );
    }
    case 'match':
      return match(ev, e, scope, place, hint);
    case 'block': {
      const inner = blockOf(scope);
      const body = (): Val | undefined => blockValue(ev, e.body, e.value, inner, hint);
      const v = e.label === undefined ? body() : labelled(ev, e.label, body);
      return v ?? (ev.dead ? NONE : UNIT);
    }
    case 'let': {
      const v = evaluate(ev, e.value, scope);
      if (ev.dead) return NONE;
      return bool(bindPattern(ev, e.pat, v, scope, true));
    }
    case 'bind': {
      const v = evaluate(ev, e.value, scope);
      assign(ev, { p: 'bind', name: e.name, at: e.at }, v, scope);
      return v;
    }
    case 'fmt': {
      const texts: string[] = [];
      let known = true;
      const parts: Val[] = [];
      for (const p of e.parts) {
        if (typeof p === 'string') {
          texts.push(p);
          parts.push(STR(p));
          continue;
        }
        const shown = evaluate(ev, p, scope);
        const v = (shown.t === 'sym' && shown.path !== undefined && ev.models.attr(ev, shown, 'to_string', '')) || shown;
        parts.push(v);
        if (v.t === 'const') texts.push(v.v === null ? 'None' : String(v.v));
        else if (v.t === 'variant' && v.fields.get('value')?.t === 'const')
          texts.push(String((v.fields.get('value') as Val & { t: 'const' }).v));
        else known = false;
      }
      const text = known ? joined(texts) : undefined;
      return text === undefined ? op('fmt', parts) : STR(text);
    }
    case 'comp':
      return comprehension(ev, e, scope);
    case 'macro':
      return macro(ev, e, scope, place);
    case 'cast':
      return evaluate(ev, e.of, scope);
    case 'yield': {
      const v = e.of ? evaluate(ev, e.of, scope) : NONE;
      const out = functionScope(scope)?.yielded;
      if (out) out.push(v);
      return op('sent', [v]);
    }
    case 'stmt': {
      if (e.stmt.s === 'loop') return repeat(ev, e.stmt, scope);
      run(ev, e.stmt, scope);
      return UNIT;
    }
    case 'opaque':
      ev.gap('syntax-error', e.why, place);
      return unknown(e.why, place);
  }
}

/** What `?` leaves with: each error converted, and still with the place where it was made; `given` is what led to this alternative. */
function failure(ev: Ev, v: Val, scope: Scope, place: Place, given: F = TRUE, depth = 0): Val {
  if (v.t === 'phi' && depth < 40) {
    const a = split(v.a, place).fail.f === 'false';
    const b = split(v.b, place).fail.f === 'false';
    const ofA = (): Val => failure(ev, v.a, scope, place, and(given, v.c), depth + 1);
    const ofB = (): Val => failure(ev, v.b, scope, place, and(given, not(v.c)), depth + 1);
    if (a !== b) return a ? ofB() : ofA();
    return ev.branch(v.c, ofA, ofB);
  }
  const s = split(v, place);
  const converted = convertError(ev, s.err ?? op('err', [v]), scope, place);
  if (converted.t !== 'variant') return converted;
  return v.t === 'variant' && v.place
    ? { ...converted, place: v.place, frame: v.frame, ...(v.seq === undefined ? {} : { seq: v.seq }), ...(v.why ? { why: v.why } : {}) }
    : { ...converted, place, frame: ev.frame, seq: ev.seq++, why: s.fail === TRUE ? given : whole(s.fail), propagated: true };
}

/** The alternatives of a value that the path so far has ruled out are gone: after `if x is None: return`, x is not None. */
function narrow(ev: Ev, v: Val, seen = new Map<Val, Val>()): Val {
  if (v.t !== 'phi' || seen.size > 60) return v;
  const known = seen.get(v);
  if (known) return known;
  const t = under(ev.pc, v.c);
  let out: Val;
  if (t !== undefined) out = narrow(ev, t ? v.a : v.b, seen);
  else {
    const a = narrow(ev, v.a, seen);
    const b = narrow(ev, v.b, seen);
    out = a === v.a && b === v.b ? v : phi(v.c, a, b, v.otherwise);
  }
  seen.set(v, out);
  return out;
}

const calls = (e: Expr): boolean => e.k === 'call' || (e.k === 'await' && calls(e.of));

const functionScope = (s: Scope): Scope | undefined => {
  let p: Scope | undefined = s;
  while (p && p.kind !== 'function') p = p.parent;
  return p;
};

export function awaited(ev: Ev, v: Val): Val {
  if (v.t === 'coro') {
    v.state.ran = true;
    return v.run();
  }
  if (isFuture(v)) return polled(ev, v);
  const task = taskOf(v);
  if (task && v.t === 'call' && !isGivenUp(task, ev.pc)) return isJoined(v) ? Ok(awaited(ev, task)) : awaited(ev, task);
  return v.t === 'phi' && leavesOf(v).some(x => x.t === 'coro' || isFuture(x)) ? onEach(ev, v, x => awaited(ev, x)) : v;
}

export function callArgs(ev: Ev, e: Expr & { k: 'call' }, scope: Scope): CallArgs {
  const out = mkArgs([], new Map());
  for (const a of e.args) {
    const v = evaluate(ev, a.value, scope);
    if (ev.dead) return out;
    if (a.spread === 1) {
      if (v.t === 'seq') {
        out.pos.push(...bare(v.items));
        if (v.rest) out.rest = v.rest;
      } else out.rest = v;
    } else if (a.spread === 2) {
      if (v.t === 'map') {
        for (const [k, x] of v.entries) out.kw.set(k, x);
        if (v.rest) out.kwRest = v.rest;
      } else out.kwRest = v;
    } else if (a.name !== undefined) out.kw.set(a.name, v);
    else out.pos.push(v);
  }
  return out;
}

function spreadItems(ev: Ev, kind: 'list' | 'tuple' | 'set', items: Expr[], scope: Scope): Val & { t: 'seq' } {
  const out = seq(kind, []);
  for (const i of items) {
    const v = evaluate(ev, i, scope);
    if (i.k === 'spread') {
      if (v.t === 'seq') {
        out.items.push(...v.items);
        out.rest ??= v.rest;
      } else if (v.t === 'map') out.items.push(...[...v.entries.keys()].map(k => v.keys?.get(k) ?? STR(k)));
      else out.rest = out.rest ? op('either', [out.rest, elementOf(v)]) : elementOf(v);
    } else out.items.push(v);
  }
  return out;
}

export function closure(_ev: Ev, def: FnDef, scope: Scope): Val {
  const fn: FnVal = { t: 'fn', def, scope, module: scope.module, id: nextId(), p: 0, types: scope.types };
  if (def.kind !== 'async-block') return fn;
  fn.within = _ev.frame;
  // An async block runs where it is awaited; who makes one and hands it on, hands on a future.
  const state = { ran: false };
  return {
    t: 'coro',
    id: nextId(),
    p: 0,
    name: 'async block',
    place: { file: scope.module.file, at: def.at },
    state,
    run: () => {
      state.ran = true;
      return call(_ev, fn, mkArgs(), { file: scope.module.file, at: def.at });
    },
  };
}

function match(ev: Ev, e: Expr & { k: 'match' }, scope: Scope, place: Place, hint?: TypeRef): Val {
  const on = evaluate(ev, e.on, scope);
  const arm = (i: number): Val => {
    const a = e.arms[i];
    if (!a || ev.dead) return UNIT;
    const inner = blockOf(scope);
    const last = i === e.arms.length - 1 && scope.module.language === 'rust';
    let c = testPattern(ev, a.pat, on, scope);
    if (last && !a.guard && c.f !== 'false') c = TRUE;
    if (c.f === 'false') return arm(i + 1);
    return ev.branch(
      c,
      () => {
        bindPattern(ev, a.pat, on, inner, false);
        if (!a.guard) return evaluate(ev, a.body, inner, hint);
        const g = condition(ev, a.guard, inner);
        return ev.branch(
          g,
          () => evaluate(ev, a.body, inner, hint),
          () => arm(i + 1),
        );
      },
      () => arm(i + 1),
    );
  };
  void place;
  return arm(0);
}
