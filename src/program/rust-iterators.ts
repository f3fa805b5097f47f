/** Iterators and collections of Rust whose contents are known, or whose elements stand for all. */
import { mapped } from './alternatives.js';
import { sought } from './counts.js';
import type { Ev } from './ev.js';
import { keyOf } from './keys.js';
import { and, type F, FALSE, not, or, type Place, someAtom, TRUE } from './formula.js';
import { bool, constant, joined, NONE, None_, op, phi, seq, Some, STR, UNIT } from './make.js';
import { arithmetic, equal, member, split, truthy } from './ops.js';
import { assignName, elementOf } from './patterns.js';
import { changes, copied, holds, isEmpty, listed, mayHold, type Part, partsOf, put, putAt, under } from './rust-collections.js';
import type { CallArgs, Scope, Val } from './values.js';
import { apply } from './rust-fallible.js';

export function iterator(
  ev: Ev,
  recv: Val & ({ t: 'seq' } | { t: 'map' } | { t: 'op' }),
  name: string,
  a: CallArgs,
  place: Place,
  scope: Scope,
): Val | undefined {
  const f = a.pos[0];
  const known = recv.t === 'seq' ? recv : recv.t === 'map' ? pairsOf(ev, recv) : undefined;
  // What is in it under conditions; undefined where there is more that is not known.
  const loose = known && partsOf(known);
  const any = loose ? undefined : (known?.rest ?? elementOf(recv.t === 'op' && recv.args[0] ? recv.args[0] : recv));
  const each = (fn: (x: Val) => Val): Val =>
    known && loose
      ? listed(
          ev,
          known.items.map(fn),
          loose.map(p => ({ when: p.when, x: fn(p.x) })),
        )
      : known
        ? seq('list', known.items.map(fn), fn(any as Val))
        : op('iter', [seq('list', [], fn(any as Val))]);
  switch (name) {
    case 'iter':
    case 'into_iter':
    case 'iter_mut':
    case 'drain':
    case 'collect':
    case 'collect_vec':
    case 'sorted':
      return known ? copied(ev, known) : recv;
    case 'rev':
    case 'skip':
    case 'step_by':
    case 'par_iter':
    case 'chars_':
      return recv.t === 'map' && known ? known : recv;
    case 'map':
      return each(x => apply(ev, f, [x], place));
    case 'for_each':
      each(x => apply(ev, f, [x], place));
      return UNIT;
    case 'filter':
    case 'skip_while':
    case 'take_while': {
      if (!known || !loose) return any ? op('iter', [op('where', [any, apply(ev, f, [any], place)])]) : recv;
      return sieved(ev, known, loose, x => ({ when: truthy(apply(ev, f, [x], place), place), x: [x] }));
    }
    case 'filter_map':
    case 'flat_map': {
      if (!known || !loose) return each(x => split(apply(ev, f, [x], place), place).ok);
      return sieved(ev, known, loose, x => {
        const r = apply(ev, f, [x], place);
        if (r.t === 'seq' && !r.rest) return { when: TRUE, x: r.items };
        const s = split(r, place);
        return { when: not(s.fail), x: [s.ok] };
      });
    }
    case 'any':
    case 'all': {
      const conds: F[] = [];
      for (const x of known?.items ?? []) conds.push(truthy(apply(ev, f, [x], place), place));
      for (const p of loose ?? []) {
        const is = truthy(apply(ev, f, [p.x], place), place);
        conds.push(name === 'any' ? and(p.when, is) : or([not(p.when), is]));
      }
      if (any) conds.push(truthy(apply(ev, f, [any], place), place));
      return bool(name === 'any' ? or(conds) : conds.reduce((p, q) => and(p, q), TRUE as F));
    }
    case 'find_map': {
      let out: Val = any ? op('find', [any, apply(ev, f, [any], place)]) : None_;
      for (const { x, when } of elementsOf(known, loose).reverse()) {
        const s = split(apply(ev, f, [x], place), place);
        out = phi(and(when, not(s.fail)), Some(s.ok), out);
      }
      return out;
    }
    case 'find':
    case 'position': {
      let out: Val = any ? op('find', [any, apply(ev, f, [any], place)]) : None_;
      for (const { x, when } of elementsOf(known, loose).reverse())
        out = phi(and(when, truthy(apply(ev, f, [x], place), place)), Some(x), out);
      return out;
    }
    case 'contains_key':
      // Pairs that were collected are asked for their first halves.
      if (recv.t === 'seq' && f) {
        const keys = each(keyHalf) as Listed;
        return bool(holds(keys, f, place) ?? member(f, keys, place));
      }
      return f ? bool((recv.t === 'map' ? holds(recv, f, place) : undefined) ?? member(f, recv, place)) : undefined;
    case 'contains':
      return f
        ? bool(
            (recv.t === 'op' ? undefined : holds(recv, f, place)) ??
              member(f, recv.t === 'op' && recv.args[0] ? recv.args[0] : recv, place),
          )
        : undefined;
    case 'zip': {
      const g = f?.t === 'seq' ? f : undefined;
      if (known && !known.rest && g && !g.rest)
        return seq(
          'list',
          known.items.slice(0, g.items.length).map((x, i) => seq('tuple', [x, g.items[i] as Val])),
        );
      return op('iter', [seq('list', [], seq('tuple', [any ?? elementOf(recv), f ? elementOf(f) : NONE]))]);
    }
    case 'enumerate':
      return known && !known.rest
        ? seq(
            'list',
            known.items.map((x, i) => seq('tuple', [constant(i), x])),
          )
        : op('iter', [seq('list', [], seq('tuple', [op('index', [recv]), any ?? NONE]))]);
    case 'chain':
      if (known && loose && f?.t === 'seq' && partsOf(f))
        return listed(ev, [...known.items, ...f.items], [...loose, ...(partsOf(f) ?? [])]);
      return known && f?.t === 'seq' ? seq('list', [...known.items, ...f.items], known.rest ?? f.rest) : recv;
    case 'len':
    case 'count':
      if (!known || !loose || loose.length > COUNTED) return op('len', [recv]);
      // One round of a loop stands for all: how often it puts something in is not known.
      if (loose.some(p => someAtom(p.when, a => a.kind === 'iterates')))
        return phi(or(loose.map(p => p.when)), op('len', [recv]), constant(known.items.length));
      return loose.reduce(
        (n: Val, p) =>
          phi(
            p.when,
            mapped(n, x => arithmetic('+', x, constant(1))),
            n,
          ),
        constant(known.items.length),
      );
    case 'is_empty':
      return (recv.t === 'op' ? undefined : isEmpty(recv)) ?? bool(equal(op('len', [recv]), constant(0), place));
    case 'first':
    case 'next':
      if (known?.items[0] || loose)
        return known?.items[0] ? Some(known.items[0]) : (loose ?? []).reduceRight((out: Val, p) => phi(p.when, Some(p.x), out), None_);
      return sought(recv) ?? op(name, [recv]);
    case 'last':
      return known?.items.length ? Some(known.items.at(-1) as Val) : known && !known.rest ? None_ : op(name, [recv]);
    case 'nth':
    case 'get': {
      if (known && f?.t === 'const' && typeof f.v === 'number' && recv.t === 'seq')
        return known.items[f.v] ? Some(known.items[f.v] as Val) : known.rest ? op('get', [recv, f]) : None_;
      if (recv.t === 'seq' && !recv.rest && f?.t === 'const' && recv.items.every(p => p.t === 'seq' && p.items[0]?.t === 'const')) {
        const pair = recv.items.find(p => p.t === 'seq' && p.items[0] === f);
        return pair?.t === 'seq' && pair.items[1] ? Some(pair.items[1]) : None_;
      }
      const there = recv.t === 'map' && f ? under(recv, f, place) : undefined;
      if (there) return there;
      if (recv.t === 'map' && f) {
        const k = keyOf(f);
        if (k !== undefined && recv.entries.has(k)) return Some(recv.entries.get(k) as Val);
        if (k !== undefined && !recv.rest) return None_;
      }
      return undefined;
    }
    case 'as_object':
    case 'as_object_mut':
      return recv.t === 'map' ? Some(recv) : undefined;
    case 'as_array':
    case 'as_array_mut':
      return recv.t === 'seq' ? Some(recv) : undefined;
    case 'fold':
    case 'try_fold': {
      const g = a.pos[1];
      if (!known || !loose || !g) return undefined;
      return elementsOf(known, loose).reduce((acc, p) => phi(p.when, apply(ev, g, [acc, p.x], place), acc), f ?? NONE);
    }
    case 'push':
    case 'insert':
    case 'push_back': {
      // A set says whether it was new, a map what it held before.
      const before =
        name !== 'insert' || !f
          ? UNIT
          : recv.t === 'seq' && recv.kind === 'set'
            ? bool(not(holds(recv, f, place) ?? member(f, recv, place)))
            : recv.t === 'map'
              ? (iterator(ev, recv, 'get', a, place, scope) ?? op('get', [recv, f]))
              : UNIT;
      if (recv.t === 'seq' && f) put(ev, recv, [a.pos.length === 2 && recv.kind === 'list' ? (a.pos[1] as Val) : f]);
      else if (recv.t === 'map' && f && a.pos[1]) putAt(ev, recv, f, a.pos[1]);
      return before;
    }
    case 'extend':
      if (recv.t === 'seq' && f) {
        if (f.t === 'seq') put(ev, recv, f.items);
        const perhaps = f.t === 'seq' ? partsOf(f) : undefined;
        for (const p of perhaps ?? []) mayHold(ev, recv, p.x, undefined, p.when);
        const more = perhaps ? undefined : f.t === 'seq' ? f.rest : elementOf(f);
        if (more) mayHold(ev, recv, more);
      } else if (recv.t === 'map' && f) {
        if (f.t === 'map') for (const [k, x] of f.entries) putAt(ev, recv, elementOf(f, k), x);
        const perhaps = f.t === 'map' ? partsOf(f) : undefined;
        for (const p of perhaps ?? []) mayHold(ev, recv, p.x, p.key, p.when);
        const more = perhaps ? undefined : f.t === 'map' ? f.rest : elementOf(f);
        if (more) mayHold(ev, recv, more);
      }
      return UNIT;
    case 'join':
    case 'concat': {
      const sep = f?.t === 'const' ? String(f.v) : '';
      const all =
        known && !known.rest && known.items.every(i => i.t === 'const')
          ? joined(
              known.items.map(i => String((i as Val & { t: 'const' }).v)),
              sep,
            )
          : undefined;
      return all === undefined ? undefined : STR(all);
    }
    default:
      void scope;
      if (recv.t !== 'op') changes(ev, recv, name, a);
      return undefined;
  }
}

/** How many of several things there are is computed for so many of them. */
const COUNTED = 8;

type Listed = Val & { t: 'seq' };

/** The keys of a map, each with what is under it. */
function pairsOf(ev: Ev, v: Val & { t: 'map' }): Listed {
  const pairs = [...v.entries].map(([k, x]): Val => seq('tuple', [elementOf(v, k), x]));
  const parts = partsOf(v);
  if (!parts) return seq('list', pairs, v.rest);
  return listed(
    ev,
    pairs,
    parts.map(p => ({ when: p.when, x: seq('tuple', [p.key ?? NONE, p.x]) })),
  );
}

/** What is in a list, each with the condition under which it is. */
export const elementsOf = (known: Listed | undefined, loose: readonly Part[] | undefined): Part[] => [
  ...(known?.items ?? []).map(x => ({ when: TRUE, x })),
  ...(loose ?? []),
];

/** What `fits` makes of each element, where it says so. While an application is put together, what may be in a table is in it. */
function sieved(ev: Ev, known: Listed, loose: readonly Part[], fits: (x: Val) => { when: F; x: Val[] }): Val {
  const items: Val[] = [];
  const parts: Part[] = [];
  for (const e of elementsOf(known, loose)) {
    const fit = fits(e.x);
    const when = and(e.when, fit.when);
    if (when === FALSE) continue;
    if (when === TRUE || (!ev.request && e.when === TRUE)) items.push(...fit.x);
    else parts.push(...fit.x.map(x => ({ when, x })));
  }
  return listed(ev, items, parts);
}

/** `parts.next()` leaves the variable with what comes after: asked again, it gives another element. */
export function stepped(ev: Ev, name: string, was: Val, scope: Scope): void {
  const left = mapped(was, after);
  if (!ev.dead && left !== was) assignName(ev, name, left, scope);
}

function after(v: Val): Val {
  if (v.t === 'seq' && !v.rest) return seq('list', v.items.slice(1));
  return (v.t === 'op' && v.op !== 'default') || v.t === 'call' || v.t === 'sym' || v.t === 'attr' ? op('after', [v]) : v;
}

const keyHalf = (p: Val): Val => (p.t === 'seq' && p.items[0] ? p.items[0] : op('key', [p]));
