/** Statements. Each runs under the current path condition; a block stops where control can not reach. */
import { leavesOf, onEach, type Phi } from './alternatives.js';
import type { Expr, Pat, Stmt, TypeRef } from '../facts/types.js';
import { call } from './calls.js';
import { defineClass, iterated } from './classes.js';
import { raised } from './counts.js';
import type { Ev, Exit } from './ev.js';
import { hides } from './captured.js';
import { evaluate } from './expressions.js';
import { condition } from './operators.js';
import { spend } from './effort.js';
import { builtInPlace, fed } from './fed.js';
import { FALSE, not, since, TRUE } from './formula.js';
import { loop, repeat } from './loops.js';
import { args as mkArgs, NONE, op, seq, sym, unknown } from './make.js';
import { arithmetic } from './ops.js';
import { assign, bindPattern, typeOfPattern } from './patterns.js';
import { defineFunction, importInto } from './python.js';
import { asked } from './python-operators.js';
import { defineItems, tyOf, useInto } from './rust.js';
import { compiledOut } from './rust-cfg.js';
import { NEW_TEXT } from './rust-collections.js';
import { guarding } from './rust-locks.js';
import { calleeOf } from './spelling.js';
import { leftOut, neverReached, neverTaken, uncommented } from './skipped.js';
import { runTry } from './tries.js';
import { type Scope, type Val, Prov } from './values.js';

/**
 * Runs statements one after the other.
 * @returns the scope that what follows them stands in
 */
export function runBlock(ev: Ev, body: Stmt[], scope: Scope): Scope {
  const rust = scope.module.language === 'rust';
  if (rust) defineItems(ev, body, scope);
  const hidden = rust ? hides(body) : undefined;
  let here = scope;
  for (let i = 0; i < body.length && !ev.dead; i++) {
    const { pc } = ev;
    const s = body[i] as Stmt;
    const next = hidden?.has(s) ? blockOf(here) : here;
    run(ev, s, here, next);
    if (ev.dead && i + 1 < body.length) neverReached(ev, s, body.slice(i + 1), pc, here, x => run(ev, x, here));
    here = next;
  }
  return here;
}

const lostIn = (e: Expr): 'propagated' | 'statement' =>
  e.k === 'try' || (e.k === 'await' && e.of.k === 'try') ? 'propagated' : 'statement';

/** @param into where what it declares is bound, when that is not `scope` */
export function run(ev: Ev, s: Stmt, scope: Scope, into = scope): void {
  const place = ev.place(scope.module, s.at);
  spend(1);
  if ((s.s === 'expr' || s.s === 'let') && s.marks && compiledOut(ev, s.marks)) {
    leftOut(ev, s, scope, () => run(ev, { ...s, marks: [] }, scope, into));
    return;
  }
  switch (s.s) {
    case 'expr': {
      ev.unused = place;
      const v = evaluate(ev, s.expr, scope);
      // A method of this name that has to be awaited, and is not, was the wrong guess.
      if (v.t === 'coro' && !v.state.ran) {
        if (!v.guessed) ev.dropped.push({ val: v, place, frame: ev.frame, how: 'not-awaited' });
      } else if (s.dropped && s.expr.k !== 'yield' && !ev.dead)
        ev.dropped.push({
          val: v,
          place,
          frame: ev.frame,
          pc: ev.pc,
          name: calleeOf(s.expr),
          how: lostIn(s.expr),
          ...(builtInPlace(s.expr, v, scope) ? { kept: true } : {}),
        });
      fed(ev, s.expr, v, scope);
      return;
    }
    case 'let': {
      if (!s.value) {
        if (s.pat.p === 'bind') ev.write(into.vars, s.pat.name, unknown('uninitialised', place));
        return;
      }
      const given = s.type ? expecting(ev, s.value, scope, s.type) : matching(ev, s.value, scope, s.pat);
      if (ev.dead) return;
      const v = isNewText(s.value) ? op('text', []) : given;
      if (s.pat.p === 'bind') guarding(ev, s.pat.name, s.value, scope);
      if (v.t === 'coro' && !v.state.ran) ev.dropped.push({ val: v, place, frame: ev.frame, how: 'not-awaited' });
      else if (s.pat.p === 'any')
        ev.dropped.push({ val: v, place, frame: ev.frame, pc: ev.pc, name: calleeOf(s.value), how: 'underscore' });
      if (s.otherwise) {
        const otherwise = s.otherwise;
        const c = bindPattern(ev, s.pat, v, into, true);
        ev.branch(
          c,
          () => NONE,
          () => evaluate(ev, otherwise, scope),
        );
      } else bindPattern(ev, s.pat, v, into, true);
      return;
    }
    case 'assign': {
      if (!s.value) {
        const target = s.targets[0];
        if (scope.kind === 'class' && s.ann && target?.p === 'bind') {
          scope.self?.annotations?.set(target.name, { ann: s.ann, at: s.at });
        } else if (s.ann && target?.p === 'bind' && !scope.vars.has(target.name)) scope.annotations?.set(target.name, s.ann);
        return;
      }
      let v = evaluate(ev, s.value, scope);
      if (ev.dead) return;
      const first = s.targets[0];
      if (s.op && first) {
        const old =
          first.p === 'bind'
            ? evaluate(ev, { k: 'name', id: first.name, at: first.at }, scope)
            : first.p === 'target'
              ? evaluate(ev, first.expr, scope)
              : NONE;
        v =
          old.t === 'seq' && v.t === 'seq' && s.op === '+'
            ? seq(old.kind, [...old.items, ...v.items], old.rest ?? v.rest)
            : ((s.op === '+' && ev.rounds === ev.frame && ev.request ? raised(old, v) : undefined) ?? arithmetic(s.op, old, v));
      }
      if (scope.kind === 'class' && s.ann && first?.p === 'bind')
        scope.self?.annotations?.set(first.name, { ann: s.ann, value: v, at: s.at });
      for (const t of s.targets) assign(ev, t, v, scope, s.ann);
      return;
    }
    case 'return':
      leave(ev, s.value ? evaluate(ev, s.value, scope, scope.returns) : NONE, place);
      return;
    case 'raise': {
      if (!s.value) {
        for (const e of ev.handling.at(-1) ?? []) ev.sink.push({ ...e, cond: since(e.cond, TRUE), seq: ev.seq++ });
        ev.pc = FALSE;
        return;
      }
      let v = evaluate(ev, s.value, scope);
      if (ev.dead) return;
      if (v.t === 'class' || v.t === 'ext') v = call(ev, v, mkArgs(), place);
      ev.exit('raise', v, place);
      return;
    }
    case 'assert': {
      const error = sym('AssertionError', Prov.None, { path: 'builtins.AssertionError()' });
      ev.exitIf(not(asked(ev, evaluate(ev, s.test, scope), place)), 'raise', error, place);
      return;
    }
    case 'if': {
      const inner = blockOf(scope);
      const c = condition(ev, s.test, inner);
      if (ev.dead) return;
      if (c === FALSE) neverTaken(ev, s.test, place, inner, () => runBlock(ev, s.then, inner));
      ev.branch(
        c,
        () => (runBlock(ev, s.then, inner), NONE),
        () => (runBlock(ev, s.else, blockOf(scope)), NONE),
      );
      return;
    }
    case 'for': {
      const iterable = iterated(evaluate(ev, s.in, scope));
      if (ev.dead) return;
      loop(
        ev,
        scope,
        s.label,
        iterable,
        (v, inner) => {
          bindPattern(ev, s.pat, v, inner, true);
          runBlock(ev, s.body, inner);
        },
        s.at,
        s.else.length ? () => runBlock(ev, s.else, scope) : undefined,
      );
      return;
    }
    case 'while':
    case 'loop':
      repeat(ev, s, scope);
      return;
    case 'break':
    case 'continue':
      ev.exit(s.s, s.s === 'break' && s.value ? evaluate(ev, s.value, scope) : NONE, place, { label: s.label });
      return;
    case 'try':
      runTry(ev, s, scope);
      return;
    case 'with': {
      for (const item of s.items) {
        const manager = evaluate(ev, item.value, scope);
        if (ev.dead) return;
        const entered = enter(ev, manager, place);
        if (ev.dead) return;
        if (item.as) assign(ev, item.as, entered, scope);
      }
      runBlock(ev, s.body, scope);
      return;
    }
    case 'fn':
      if (scope.module.language === 'python') defineFunction(ev, s.fn, scope);
      return;
    case 'class':
      defineClass(ev, s, scope);
      return;
    case 'import':
      importInto(ev, s, scope);
      return;
    case 'use':
      useInto(ev, s, scope);
      return;
    case 'scope':
      scope.outer ??= new Set();
      for (const n of s.names) scope.outer.add(n);
      return;
    case 'del':
      return;
    case 'comment':
      uncommented(ev, s, scope, body => runBlock(ev, body, scope));
      return;
    case 'opaque':
      ev.gap('syntax-error', s.why, place);
      return;
    default:
      return;
  }
}

/** A text that is kept before anything is in it (`let mut text = String::new()`) is filled later. */
const isNewText = (e: Expr): boolean => e.k === 'call' && e.fn.k === 'path' && NEW_TEXT.test(e.fn.segs.slice(-2).join('::'));

/** Evaluates what a variable of a declared type is set to; a symbolic value learns the type. */
function expecting(ev: Ev, e: Expr, scope: Scope, type: TypeRef): Val {
  const outer = ev.expected;
  ev.expected = { type, scope };
  const v = evaluate(ev, e, scope, type);
  ev.expected = outer;
  if ((v.t !== 'sym' && v.t !== 'call' && v.t !== 'op' && v.t !== 'attr' && v.t !== 'item') || v.ty || type.t !== 'path') return v;
  const ty = tyOf(ev, type, scope);
  return ty.cls || ty.path ? { ...v, ty } : v;
}

/** Evaluates what a pattern is to take apart; the pattern names the type as a declaration does. */
function matching(ev: Ev, e: Expr, scope: Scope, pat: Pat): Val {
  const type = typeOfPattern(pat);
  if (!type) return evaluate(ev, e, scope);
  const outer = ev.expected;
  ev.expected = { type, scope };
  const v = evaluate(ev, e, scope);
  ev.expected = outer;
  return v;
}

/** A function's end with a value; `loop`/`while` bodies and blocks share it. */
export function leave(ev: Ev, v: Val, at: Exit['place']): void {
  ev.exit('return', v, at);
}

export const blockOf = (scope: Scope): Scope =>
  scope.module.language === 'python'
    ? scope
    : { vars: new Map(), parent: scope, module: scope.module, kind: 'block', self: scope.self, types: scope.types, returns: scope.returns };

/** `with manager:` what it yields; a context manager of the application runs to its `yield`. */
export function enter(ev: Ev, manager: Val, place: Exit['place']): Val {
  if (manager.t === 'obj') {
    const method = manager.cls.members.get('__enter__') ?? manager.cls.members.get('__aenter__');
    if (method) {
      const r = call(ev, { ...(method as Val & { t: 'fn' }), self: manager }, mkArgs(), place);
      return r.t === 'coro' ? r.run() : r;
    }
  }
  const given = manager.t === 'coro' ? manager.run() : manager;
  if (given.t === 'phi' && leavesOf(given).every(x => x.t === 'seq')) return onEach(ev, given as Phi, x => enter(ev, x, place));
  if (given.t === 'seq' && given.items[0]) return given.items[0];
  if (manager.t === 'coro') return given;
  return (manager.t === 'call' ? ev.models.enter(ev, manager) : undefined) ?? op('enter', [manager]);
}
