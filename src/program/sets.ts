/** Sets put together: what is in either, what they have in common, and what not. */
import { partly, perhaps } from './filling.js';
import { and, not, type Place } from './formula.js';
import { seq } from './make.js';
import { member } from './ops.js';
import type { Val } from './values.js';

type Const = Val & { t: 'const' };

/** All that is in `v`; undefined where that is not known. */
const contentOf = (v: Val & { t: 'seq' }): Const[] | undefined => {
  const known = v.items.filter((x): x is Const => x.t === 'const');
  return v.rest || known.length < v.items.length ? undefined : known;
};

/** `a | b`, `a - b`, `a & b`, `a ^ b`; undefined where it is another operator, or what is in them is not known. */
export function ofSets(o: string, a: Val, b: Val): Val | undefined {
  if (a.t !== 'seq' || b.t !== 'seq') return undefined;
  if (o === '|') return seq(a.kind, [...new Set([...a.items, ...b.items])], a.rest ?? b.rest);
  const left = a.kind === 'set' ? contentOf(a) : undefined;
  const right = contentOf(b);
  if (!left || !right) return undefined;
  const [inLeft, inRight] = [new Set<unknown>(left.map(x => x.v)), new Set<unknown>(right.map(x => x.v))];
  const alone = left.filter(x => !inRight.has(x.v));
  switch (o) {
    case '-':
      return seq('set', alone);
    case '&':
      return seq(
        'set',
        left.filter(x => inRight.has(x.v)),
      );
    case '^':
      return seq('set', [...alone, ...right.filter(x => !inLeft.has(x.v))]);
    default:
      return undefined;
  }
}

/** `a - b` where it is known what is in `a`: each of it where `b` does not have it. Undefined where it is not. */
export function lacking(a: Val, b: Val, at: Place): Val | undefined {
  if (a.t !== 'seq' || a.kind !== 'set' || a.rest) return undefined;
  const whole = ofSets('-', a, b);
  if (whole) return whole;
  const left = a.items.map(x => {
    const { it, when } = partly(x);
    return perhaps(it, and(when, not(member(it, b, at))));
  });
  return seq('set', left);
}
