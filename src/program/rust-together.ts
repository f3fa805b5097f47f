/** Many results of Rust as one: `collect` into a `Result` or an `Option`, and `try_for_each`. */
import type { TypeRef } from '../facts/types.js';
import type { Ev } from './ev.js';
import { and, type Place } from './formula.js';
import { atom, NONE, None_, Ok, phi, seq, Some, UNIT } from './make.js';
import { split } from './ops.js';
import { partsOf, type Part } from './rust-collections.js';
import { apply, errorHere, failing } from './rust-fallible.js';
import { elementsOf } from './rust-iterators.js';
import type { CallArgs, Val } from './values.js';

/** The first failure of all, or what they gave; undefined where it is another method, or makes a list of them. */
export function together(ev: Ev, recv: Val, name: string, a: CallArgs, type: TypeRef | undefined, place: Place): Val | undefined {
  const each = name === 'try_for_each';
  if (!each && name !== 'collect' && name !== 'try_collect') return undefined;
  const into = /^(Result|Option)$/.exec((type ?? (each ? undefined : ev.expected?.type))?.path.at(-1) ?? '')?.[1];
  if (!each && !into) return undefined;
  const list = recv.t === 'op' ? recv.args[0] : recv;
  if (list?.t !== 'seq') return undefined;
  const parts = partsOf(list);
  // One element stands for all of a list that is not known.
  const all: Part[] =
    parts || !list.rest ? elementsOf(list, parts) : [...elementsOf(list, []), { when: atom('iterates', [list.rest], place), x: list.rest }];
  const results = all.map(e => {
    const given = each ? apply(ev, a.pos[0], [e.x], place) : e.x;
    const r = split(given, place);
    return { when: and(e.when, r.fail), ok: r.ok, left: failing(given, place) ?? errorHere(ev, r.err ?? NONE, place, r.fail) };
  });
  const ok = each
    ? UNIT
    : seq(
        'list',
        results.map(r => r.ok),
      );
  return results.reduceRight(
    (rest: Val, r) => phi(r.when, into === 'Option' ? None_ : r.left, rest),
    into === 'Option' ? Some(ok) : Ok(ok),
  );
}
