/** Code that never runs, tried out: a check in it was meant to turn requests away, and is worth a word where nothing else does. */
import type { Comment, Expr, FnDef, Mark, Stmt } from '../facts/types.js';
import { within } from './effort.js';
import type { Dropped, Ev } from './ev.js';
import { type Atom, atomsOf, type F, type Place } from './formula.js';
import { NONE, prov } from './make.js';
import { configured } from './rust-cfg.js';
import { Prov, type Scope, type Val } from './values.js';

type How = 'dead' | 'gated' | 'commented';

/** So much may be spent on a statement that is left out while the application is put together, and on what stands in a comment. */
const LEFT_OUT = 200_000;

/** Notes a statement with attributes that leave it out of a default build. */
export function leftOut(ev: Ev, s: Stmt & { marks?: Mark[] }, scope: Scope, run: () => void): void {
  note(ev, ev.place(scope.module, s.at), scope, 'gated', run);
}

/** Notes the branch of a condition that never holds, whatever is asked for: of other conditions this cannot be said. */
export function neverTaken(ev: Ev, test: Expr, place: Place, scope: Scope, then: () => void): void {
  const c = constantOf(ev, test, scope);
  if (c?.v === false) note(ev, place, scope, c.how, then);
}

/**
 * Notes what stands behind a statement that always leaves the function.
 * @param rest the statements behind it
 * @param pc the path condition under which it was come to
 */
export function neverReached(ev: Ev, s: Stmt, rest: readonly Stmt[], pc: F, scope: Scope, run: (s: Stmt) => void): void {
  const [first] = rest;
  const how = leaves(ev, s, scope);
  if (!first || !how) return;
  const { pc: dead } = ev;
  ev.pc = pc;
  note(ev, ev.place(scope.module, first.at), scope, how, () => {
    for (const x of rest) if (!ev.dead && x.s !== 'fn' && x.s !== 'class') run(x);
  });
  ev.pc = dead;
}

/** What a comment says as code; `null` where it is none. */
const codes = new WeakMap<Comment, { body: Stmt[]; value?: Expr } | null>();

/**
 * Notes checks that stand in comments of a function, tried out after all that stands before them.
 * @param run runs a block of the function
 */
export function commentedOut(ev: Ev, def: FnDef, scope: Scope, run: (body: Stmt[], value?: Expr) => void): void {
  // What is tried out is not tried out again in it: each level would double the work.
  if (!ev.request || ev.trying) return;
  for (const c of def.comments ?? []) {
    const code = codeOf(ev, c);
    if (!code) continue;
    const { body, value } = code;
    const before = def.body.filter(s => s.at < c.at);
    const place = ev.place(scope.module, c.at);
    note(
      ev,
      place,
      scope,
      'commented',
      () => run(body, value),
      () => run(before),
    );
  }
}

/** Notes a statement that stands in a comment, while the application is put together. */
export function uncommented(ev: Ev, c: Comment, scope: Scope, run: (body: Stmt[]) => void): void {
  const code = ev.request || ev.trying ? undefined : codeOf(ev, c);
  if (code) note(ev, ev.place(scope.module, c.at), scope, 'commented', () => run(code.body));
}

/** What a receiver is called in code that is made of a comment. */
const RECEIVER = '__receiver';

/** The value of a call; calls of its methods that stand in comments behind it are noted, while the application is put together. */
export function besideComments(
  ev: Ev,
  e: Extract<Expr, { k: 'call' }>,
  on: Val,
  scope: Scope,
  run: (ev: Ev, call: Expr, scope: Scope) => void,
): Val {
  if (!e.beside || ev.request || ev.trying) return on;
  const { module, self, types, returns } = scope;
  for (const c of e.beside) {
    const call = codeOf(ev, c, RECEIVER)?.value;
    if (!call) continue;
    const inner: Scope = { vars: new Map([[RECEIVER, on]]), parent: scope, module, kind: 'block', self, types, returns };
    note(ev, ev.place(module, c.at), scope, 'commented', () => run(ev, call, inner));
  }
  return on;
}

function codeOf(ev: Ev, c: Comment, before = ''): { body: Stmt[]; value?: Expr } | null {
  let code = codes.get(c);
  if (code === undefined) codes.set(c, (code = ev.program.rustText?.block(before + c.text, c.at) ?? null));
  return code;
}

/** Does control always leave the function here, and by which constant? */
function leaves(ev: Ev, s: Stmt | undefined, scope: Scope): How | undefined {
  if (!s) return undefined;
  if (s.s === 'return') return 'dead';
  if (s.s === 'if') return decided(ev, s.test, scope, () => leaves(ev, s.then.at(-1), scope));
  if (s.s !== 'expr') return undefined;
  if (s.expr.k === 'stmt') return leaves(ev, s.expr.stmt, scope);
  const { expr } = s;
  if (expr.k !== 'if' || expr.then.k !== 'block') return undefined;
  const { value, body } = expr.then;
  const last: Stmt | undefined = value ? { s: 'expr', expr: value, dropped: false, at: value.at } : body.at(-1);
  return decided(ev, expr.test, scope, () => leaves(ev, last, scope));
}

function decided(ev: Ev, test: Expr, scope: Scope, then: () => How | undefined): How | undefined {
  const c = constantOf(ev, test, scope);
  return c?.v === true && then() ? c.how : undefined;
}

/** What a condition is that asks only for literals, constants of a module and what is compiled in. */
function constantOf(ev: Ev, e: Expr, scope: Scope): { v: boolean; how: How } | undefined {
  switch (e.k) {
    case 'lit':
      return typeof e.v === 'boolean' ? { v: e.v, how: 'dead' } : undefined;
    case 'macro': {
      const v = e.path.at(-1) === 'cfg' ? configured(ev, e.args?.[0]) : undefined;
      return v === undefined ? undefined : { v, how: 'gated' };
    }
    case 'name': {
      let s: Scope | undefined = scope;
      while (s && !s.vars.has(e.id) && !s.lazy?.has(e.id)) s = s.parent;
      const v = s && s === scope.module.scope ? (s.vars.get(e.id) ?? s.lazy?.get(e.id)?.()) : undefined;
      return v?.t === 'const' && typeof v.v === 'boolean' ? { v: v.v, how: 'dead' } : undefined;
    }
    case 'un': {
      const c = e.op === 'not' ? constantOf(ev, e.of, scope) : undefined;
      return c && { ...c, v: !c.v };
    }
    case 'bin': {
      if (e.op !== 'and' && e.op !== 'or') return undefined;
      const sides = [constantOf(ev, e.l, scope), constantOf(ev, e.r, scope)];
      return sides.find(c => c?.v === (e.op === 'or'));
    }
    default:
      return undefined;
  }
}

/** During a request what it would refuse, before one what it would build; of modules of Python nothing is left out that routes are made of. */
function note(ev: Ev, place: Place, scope: Scope, how: How, run: () => void, first?: () => void): void {
  if (ev.dead || !(ev.request || scope.module.language === 'rust')) return;
  const { pc, sink, dropped, gaps, events, last, expected, spawned, called, trying, frame } = ev;
  let before = new Set<Atom>(atomsOf(pc));
  const tried = { sink: [] as typeof sink, dropped: [], gaps: [], events: [] as typeof events };
  Object.assign(ev, { ...tried, spawned: undefined, called: new Set(called), trying: true });
  const whole = (): void => {
    first?.();
    tried.sink.length = 0;
    if (ev.dead) return;
    if (first) before = new Set(atomsOf(ev.pc));
    run();
  };
  const bounded = (): void =>
    within(
      LEFT_OUT,
      () => void ev.journal.branch(whole),
      () => undefined,
    );
  try {
    if (ev.request && !first) ev.journal.branch(whole);
    else bounded();
  } finally {
    Object.assign(ev, { pc, sink, dropped, gaps, events, last, expected, spawned, called, trying, frame });
  }
  if (!ev.request) {
    const here = new Set<Val>(tried.events);
    for (const c of tried.events) {
      // What several calls in a row are made on is what the first of them is made on.
      let { recv } = c;
      while (recv?.t === 'call' && here.has(recv)) ({ recv } = recv);
      if (recv) ev.leftOut.set(recv, [...(ev.leftOut.get(recv) ?? []), { call: c, how }]);
    }
    return;
  }
  if (!ev.frame) return;
  for (const e of tried.sink) {
    if (!atomsOf(e.cond).some(a => !before.has(a) && a.args.some(v => prov(v) & Prov.Credential))) continue;
    const by = e.from?.name ?? (e.frame !== ev.frame ? e.frame?.name : undefined);
    ev.dropped.push({ val: NONE, place, frame: ev.frame, how, pc: e.cond, name: by, exit: e } satisfies Dropped);
  }
}
