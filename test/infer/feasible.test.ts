/** Whether a way can be taken by somebody of whom not everything is known. */
import { feasible } from '../../src/infer/feasible.js';
import { and, type Atom, type F, not, or } from '../../src/program/formula.js';
import { atom, op, resetValues, sym } from '../../src/program/make.js';
import { Prov, type Val } from '../../src/program/values.js';
import { Assignment } from '../../src/infer/personas.js';

const at = { file: 0, at: 0 };
const asked = (v: Val): Atom => atom('truthy', [v], at) as Atom;
const same = (x: F, y: F): F => or([and(x, y), and(not(x), not(y))]);
const other = (x: F, y: F): F => or([and(x, not(y)), and(not(x), y)]);

/** `a` is as `b`, `b` as `c`, and `a` not as `c`. */
const contradiction = (a: F, b: F, c: F): F => [same(a, b), same(b, c), other(a, c)].reduce(and);
const tried = (cond: F): boolean => feasible(cond, new Assignment('signedIn', new Map()));

beforeEach(resetValues);

test.each<[string, (name: string) => Val, boolean]>([
  ['what is asked of the caller has one answer', name => sym(name, Prov.Credential, { principal: 'fact' }), false],
  ['what is asked of the request may be answered anew', name => sym(name, Prov.Input), true],
  ['so may what is asked of each of his roles', name => op('element', [sym(name, Prov.Credential, { principal: 'fact' })]), true],
])('%s', (_, of, possible) => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => asked(of(name))) as [Atom, Atom, Atom];
  expect(tried(contradiction(a, b, c))).toBe(possible);
  expect(tried([same(a, b), same(b, c), same(a, c)].reduce(and))).toBe(true);
});
