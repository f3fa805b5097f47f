/** Python's built-in functions that go through something: whether any of it holds, how many, the first of it. */
import { call } from './calls.js';
import type { Ev } from './ev.js';
import { partly, perhaps } from './filling.js';
import { and, type F, FALSE, not, or, type Place, TRUE } from './formula.js';
import { args as mkArgs, bool, NONE, op, phi, seq, sym } from './make.js';
import { truthy } from './ops.js';
import { elementOf } from './patterns.js';
import { type CallArgs, Prov, type Val } from './values.js';

type Quantifier = (ev: Ev, a: CallArgs, place: Place) => Val | undefined;

const first = (a: CallArgs): Val => a.pos[0] ?? NONE;

/** `any` and `all`. */
export const quantifier =
  (all: boolean): Quantifier =>
  (_ev, a, place) => {
    const v = first(a);
    if (v.t !== 'seq') return undefined;
    const each = [...v.items, ...(v.rest ? [v.rest] : [])].map(i => {
      const { it, when } = partly(i);
      return all ? or([not(when), truthy(it, place)]) : and(when, truthy(it, place));
    });
    // `any` over no known item is a question about the unknown ones only.
    return bool(all ? each.reduce((x, y) => and(x, y), TRUE as F) : or(each));
  };

/** How many of `v` there are that count: what is added up is one, or whether something holds. Undefined where it may be anything. */
export function countedIn(v: Val, place: Place): Val | undefined {
  if (v.t !== 'seq') return undefined;
  const one = (x: Val): Val | undefined => {
    const { it } = partly(x);
    return it.t === 'const' && it.v === 1
      ? x
      : it.t === 'bool' || typeof (it as { v?: unknown }).v === 'boolean'
        ? perhaps(x, truthy(it, place))
        : undefined;
  };
  const [items, rest] = [v.items.map(one), v.rest && one(v.rest)];
  if (items.includes(undefined) || (v.rest && !rest)) return undefined;
  return op('len', [seq('list', items as Val[], rest)]);
}

/** The first of `v` that is there; where there is none, `otherwise`, or the iteration ends. */
export function firstOf(ev: Ev, v: Val, otherwise: Val | undefined, place: Place): Val {
  if (v.t !== 'seq') return otherwise ? op('next', [elementOf(v)]) : elementOf(v);
  const sure = v.items.findIndex(x => partly(x).when === TRUE);
  const some = (sure < 0 ? v.items : v.items.slice(0, sure)).map(partly);
  const last = sure < 0 ? v.rest && partly(v.rest) : partly(v.items[sure] as Val);
  // How many there are is not known: each time there may be one more.
  const open = sure < 0 && last?.when === TRUE;
  if (open) return otherwise ? op('next', [last.it]) : last.it;
  if (last) some.push(last);
  const none = not(or(some.map(x => x.when)));
  if (!otherwise && none !== FALSE) ev.exitIf(none, 'raise', sym('StopIteration', Prov.None, { path: 'builtins.StopIteration()' }), place);
  return some.reduceRight((rest, x) => phi(x.when, x.it, rest), otherwise ?? some.at(-1)?.it ?? NONE);
}

/** What `map` and `filter` give: `pick` chooses between an element and what the function made of it. */
export function mapped(ev: Ev, a: CallArgs, place: Place, pick: (x: Val, r: Val) => Val): Val {
  const [f, xs] = a.pos;
  if (!f || !xs) return op('map', a.pos);
  const one = (x: Val): Val => {
    const { it, when } = partly(x);
    return perhaps(pick(it, f.t === 'const' ? it : call(ev, f, mkArgs([it]), place)), when);
  };
  if (xs.t !== 'seq' || xs.rest) return seq('list', [], one(elementOf(xs)));
  return seq(
    'list',
    xs.items.map(one).filter(x => partly(x).when !== FALSE),
  );
}
