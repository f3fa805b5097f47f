/** Which questions of a condition say why it turns away, where it is made of many. */
import { expect, test } from '@jest/globals';
import { reasons } from '../../src/infer/reasons.js';
import { and, type F, not, or } from '../../src/program/formula.js';
import { atom, attr, item, op, STR, sym } from '../../src/program/make.js';
import { Prov, type Val } from '../../src/program/values.js';

const HERE = { file: 0, at: 0 };
const DENIED = 403;
const user = sym('user', Prov.Credential, { principal: 'user' });
const ask = (v: Val): F => atom('truthy', [v], HERE);
const is = (v: Val, name: string): F => atom('eq', [v, STR(name)], HERE);
const each = (v: Val): Val => op('element', [v]);
/** Whoever has none of them is turned away. */
const unless = (xs: F[]): F => xs.map(not).reduce(and);
const requires = (by: F): string[] => reasons(by, DENIED).flatMap(r => (r.trigger.kind === 'authz' ? r.trigger.requires : []));

const columns = Array.from({ length: 70 }, (_, i) => item(each(attr(user, `rows${i}`)), STR('value')));

test('what is asked of each column that is read is no right; who the caller is among several is', () => {
  const role = is(attr(each(attr(user, 'memberships')), 'role'), 'owner');
  expect(requires(unless([...columns.map(ask), role]))).toEqual(['owner']);
  expect(requires(unless([...columns.slice(0, 2).map(ask), role]))).toEqual(['value', 'value', 'owner']);
});

test('a name of many that are read is no right; of few, each is', () => {
  const name = attr(user, 'right');
  const names = ['read', 'write', 'delete', 'invite', 'export'].map(n => is(name, n));
  const others = columns.slice(0, 12).map(ask);
  expect(requires(unless([...names.slice(0, 4), ...others])).filter(r => r !== 'value')).toEqual(['read', 'write', 'delete', 'invite']);
  expect(requires(unless([...names, ...others])).filter(r => r !== 'value')).toEqual([]);
});

test('where nothing else is asked, what would be taken for reading is the reason', () => {
  const names = Array.from({ length: 12 }, (_, i) => `right${i}`);
  expect(requires(unless(names.map(n => is(attr(user, 'right'), n))))).toEqual(names);
});

test('a question that only leads to others is no reason; that there is something is none where it is asked what', () => {
  const others = columns.slice(0, 12).map(ask);
  const reset = ask(attr(user, 'reset_at'));
  const late = ask(attr(user, 'late'));
  const by = or([unless(others), and(reset, late)]);
  expect(requires(by)).not.toContain('reset_at');
  expect(requires(unless([and(ask(attr(user, 'kind')), is(attr(user, 'kind'), 'admin'))]))).toEqual(['admin']);
});

test('where something was found is no reason; that there is less to ask then makes no more of what only leads to others', () => {
  const found = [0, 1, 2, 3].map(i => not(atom('fails', [attr(user, `kept${i}`)], HERE)));
  const refused = (yes: F, i: number): F =>
    or([and(yes, not(ask(attr(user, `here${i}`)))), and(not(yes), not(ask(attr(user, `there${i}`))))]);
  expect(reasons(refused(found[0] as F, 0), DENIED).map(r => r.atom.kind)).toEqual(['truthy', 'truthy']);
  const by = or([found.map(refused).reduce(and), and(ask(attr(user, 'reset_at')), ask(attr(user, 'late')))]);
  expect(requires(by)).toContain('there3');
  expect(requires(by)).not.toContain('!reset_at');
});
