/** Loops and labelled blocks: code that is left by `break` and `continue`. */
import type { Stmt } from '../facts/types.js';
import { isChanged } from './captured.js';
import type { Ev, Exit } from './ev.js';
import { partly } from './filling.js';
import { and, type F, FALSE, join, or, since, TRUE } from './formula.js';
import { given } from './left.js';
import { leavable } from './leaving.js';
import { atom, NONE, sym } from './make.js';
import { condition } from './operators.js';
import { elementOf } from './patterns.js';
import { forAll } from './rounds.js';
import { picked } from './sourced.js';
import { blockOf, runBlock } from './statements.js';
import { Prov, type Scope, type Val } from './values.js';

const UNROLL = 64;
/** While an application is put together, tables of routes are walked whole: what is left out would be endpoints. */
const UNROLL_AT_START = 2000;

/** Runs `fn` with a sink of its own and gives what it sank. */
export function capture(ev: Ev, fn: () => void): Exit[] {
  const outer = ev.sink;
  const mine: Exit[] = [];
  ev.sink = mine;
  try {
    fn();
  } finally {
    ev.sink = outer;
  }
  return mine;
}

/** `while` and `loop`: one round stands for all. Gives the value that a `loop` is left with. */
export function repeat(ev: Ev, s: Stmt & ({ s: 'while' } | { s: 'loop' }), scope: Scope): Val {
  let endless = s.s === 'loop';
  const start = ev.pc;
  const at = ev.place(scope.module, s.at);
  let exits: Exit[] = [];
  const body = (): void => {
    exits = capture(ev, () => {
      const c = s.s === 'while' ? condition(ev, s.test, scope) : TRUE;
      const again = s.s === 'loop' ? TRUE : c;
      // A test that holds in the first round need not hold for ever: where there is an `else`, or it is worked at, the loop is meant to end.
      endless ||= c === TRUE && s.s === 'while' && s.else.length === 0 && !isChanged(s.test, s.body);
      ev.branch(
        again,
        () => (runBlock(ev, s.body, blockOf(scope)), NONE),
        () => NONE,
      );
    });
  };
  const { label } = s;
  const round = (): void => leavable(ev, { kind: 'continue', label }, start, body);
  // Who leaves a loop that only ends so has mostly been through it before.
  const before = (): F => (endless && !ev.dead ? atom('iterates', [sym('rounds', Prov.None, { present: true })], at) : FALSE);
  forAll(ev, () => leavable(ev, { kind: 'break', label }, start, round, before));
  const mine = (e: Exit, kind: Exit['kind']): boolean => e.kind === kind && (!e.label || e.label === label);
  const out = exits.filter(e => mine(e, 'break')).map(e => e.cond);
  const again = [ev.pc, ...exits.filter(e => mine(e, 'continue')).map(e => e.cond)];
  const rest = exits.filter(e => !mine(e, 'break') && !mine(e, 'continue'));
  ev.sink.push(...rest);
  // One round stands for all. An endless loop that was seen to end goes back for the same again, and that ends nowhere new;
  // one that was not ends in a round that this one does not show.
  const ends = out.length > 0 || rest.some(e => e.kind === 'return');
  if (endless && ends && again.some(f => f !== FALSE)) ev.retried++;
  const done = endless && ends ? [] : again;
  if (s.s === 'while' && s.else.length) unbroken(ev, start, or(done), out, () => runBlock(ev, s.else, scope));
  else ev.pc = or([...done, ...out]);
  return (s.s === 'loop' ? given(exits, e => mine(e, 'break'), FALSE, NONE, start) : undefined) ?? NONE;
}

/** A block that `break` leaves by its label, with a value. */
export function labelled(ev: Ev, label: string, body: () => Val | undefined): Val | undefined {
  const start = ev.pc;
  let last: Val | undefined;
  let exits: Exit[] = [];
  leavable(ev, { kind: 'break', label }, start, () => {
    exits = capture(ev, () => {
      last = body();
    });
  });
  const mine = (e: Exit): boolean => e.kind === 'break' && e.label === label;
  ev.sink.push(...exits.filter(e => !mine(e)));
  const end = ev.pc;
  ev.pc = join(start, [end, ...exits.filter(mine).map(e => e.cond)]);
  return given(exits, mine, end, last ?? NONE, start);
}

const isFew = (v: Val): boolean => v.t === 'seq' && !v.rest && v.items.length < 2;

/** Runs `body` for each known item of `iterable` in turn, or once for all where they are not known; then `otherwise`, the loop's `else`. */
export function loop(
  ev: Ev,
  scope: Scope,
  label: string | undefined,
  iterable: Val,
  body: (item: Val, inner: Scope) => void,
  at: number,
  otherwise?: () => void,
): void {
  // What stands where there is nothing to go through (`header.unwrap_or("").split(';')`) is gone through for itself.
  if (ev.request && iterable.t === 'phi' && (isFew(iterable.a) || isFew(iterable.b))) {
    const each = (v: Val) => (): Val => (loop(ev, scope, label, v, body, at, otherwise), NONE);
    ev.branch(iterable.c, each(iterable.a), each(iterable.b));
    return;
  }
  const place = ev.place(scope.module, at);
  if (ev.request) iterable = picked(ev, iterable, place);
  const most = ev.request ? UNROLL : UNROLL_AT_START;
  const items =
    iterable.t === 'seq' && !iterable.rest && iterable.items.length <= most
      ? iterable.items
      : iterable.t === 'map' && !iterable.rest && iterable.entries.size <= most
        ? [...iterable.entries.keys()].map(k => elementOf(iterable, k))
        : undefined;
  const after: F[] = [];
  const start = ev.pc;
  const mine = (e: Exit): boolean => !e.label || e.label === label;
  const rounds = (run: () => void): void => leavable(ev, { kind: 'break', label }, start, run);
  const round = (item: Val): void => {
    const base = ev.pc;
    let exits: Exit[] = [];
    leavable(ev, { kind: 'continue', label }, start, () => {
      exits = capture(ev, () => body(item, blockOf(scope)));
    });
    const next: F[] = [ev.pc];
    for (const e of exits) {
      if (e.kind === 'break' && mine(e)) after.push(e.cond);
      else if (e.kind === 'continue' && mine(e)) next.push(e.cond);
      else ev.sink.push(e);
    }
    ev.pc = join(base, next);
  };
  if (items) {
    rounds(() => {
      for (const i of items) {
        if (ev.dead) break;
        const { it, when } = partly(i);
        ev.branch(
          when,
          () => (round(it), NONE),
          () => NONE,
        );
      }
    });
  } else {
    const { it, when } = partly(elementOf(iterable));
    forAll(ev, () => {
      ev.branch(
        and(atom('iterates', [iterable], place), when),
        () => {
          rounds(() => round(it));
          if (!otherwise) ev.pc = or([ev.pc, ...after.splice(0)]);
          return NONE;
        },
        () => NONE,
      );
    });
  }
  if (otherwise) unbroken(ev, start, ev.pc, after, otherwise);
  else if (after.length) ev.pc = or([ev.pc, ...after]);
}

/** The `else` of a loop: for whoever came to its end (`end`) and did not leave it by a `break`. */
function unbroken(ev: Ev, base: F, end: F, broken: F[], otherwise: () => void): void {
  ev.pc = or([end, ...broken]);
  if (ev.dead) return;
  ev.branch(
    or(broken.map(f => since(f, base))),
    () => NONE,
    () => (otherwise(), NONE),
  );
}
