/** Python's comprehensions: what is in them, and where it is there. */
import type { Expr } from '../facts/types.js';
import { iterated } from './classes.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import { keyOf } from './keys.js';
import { anyOf, bare, isIn, perhaps } from './filling.js';
import { and, type F, TRUE } from './formula.js';
import { map, NONE, op, seq } from './make.js';
import { condition } from './operators.js';
import { bindPattern } from './patterns.js';
import { loop } from './loops.js';
import { pairOf } from './sourced.js';
import type { Scope, Val } from './values.js';

export function comprehension(ev: Ev, e: Expr & { k: 'comp' }, scope: Scope): Val {
  const inner: Scope = { vars: new Map(), parent: scope, module: scope.module, kind: 'function', self: scope.self };
  const place = ev.place(scope.module, e.at);
  const out = seq(e.of === 'set' ? 'set' : 'list', []);
  const entries = map();
  const clause = (i: number): void => {
    const c = e.clauses[i];
    if (!c) {
      const v = evaluate(ev, e.item, inner);
      const w = e.value ? evaluate(ev, e.value, inner) : undefined;
      if (w) {
        const k = keyOf(v);
        if (k !== undefined) {
          entries.entries.set(k, w);
          (entries.keys ??= new Map()).set(k, v);
        } else entries.rest = pairOf(ev, v, w) ?? w;
      } else if (open) rests.push(v);
      else out.items.push(v);
      return;
    }
    const iterable = iterated(evaluate(ev, c.in, inner));
    if (!(iterable.t === 'seq' && !iterable.rest) && !(iterable.t === 'map' && !iterable.rest)) open = true;
    loop(
      ev,
      inner,
      undefined,
      iterable,
      v => {
        bindPattern(ev, c.pat, v, inner, true);
        const conds = c.if.map(t => condition(ev, t, inner));
        const all = conds.reduce((a, b) => and(a, b), TRUE as F);
        if (all.f === 'false') return;
        if (all.f === 'true') return clause(i + 1);
        const [items, others, keys] = [out.items.length, rests.length, new Set(entries.entries.keys())];
        ev.branch(
          all,
          () => (clause(i + 1), NONE),
          () => NONE,
        );
        for (const [of, from] of [
          [out.items, items],
          [rests, others],
        ] as const)
          of.splice(from, of.length, ...of.slice(from).map(x => perhaps(x, all)));
        for (const k of entries.entries.keys()) if (!keys.has(k)) (entries.has ??= new Map()).set(k, and(isIn(entries, k), all));
      },
      e.at,
    );
  };
  let open = false;
  const rests: Val[] = [];
  const base = ev.pc;
  clause(0);
  out.rest = rests.length > 1 ? perhaps(op('either', bare(rests)), anyOf(rests)) : rests[0];
  if (!ev.dead) ev.pc = ev.sink.length ? ev.pc : base;
  void place;
  return e.value ? entries : out;
}
