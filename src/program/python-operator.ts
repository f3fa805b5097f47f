/** The `operator` module: operators as functions. */
import type { Ev } from './ev.js';
import { not, type Place } from './formula.js';
import { bool, native, NONE, seq } from './make.js';
import { computed, index } from './operators.js';
import { asked, operated } from './python-operators.js';
import { callMethod } from './calls.js';
import { pyAttribute } from './python.js';
import type { CallArgs, Scope, Val } from './values.js';

type Function = (ev: Ev, a: CallArgs, place: Place, scope: Scope | undefined) => Val | undefined;

const BINARY: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  is_: 'is',
  is_not: 'is not',
  and_: '&',
  or_: '|',
  add: '+',
  sub: '-',
};

const binary =
  (operator: string): Function =>
  (ev, a, place) => {
    const [l, r] = a.pos;
    if (!l || !r) return undefined;
    return operated(ev, operator, l, r, place, x => computed(ev, operator, x, r, place)) ?? computed(ev, operator, l, r, place);
  };

/** Several names give several values. */
const each = (names: readonly Val[], one: (name: Val, of: Val, place: Place) => Val): Val =>
  native('getter', (a, place) => {
    const of = a.pos[0] ?? NONE;
    const all = names.map(n => one(n, of, place));
    return all.length === 1 ? (all[0] as Val) : seq('tuple', all);
  });

const dotted = (ev: Ev, of: Val, path: string, place: Place): Val =>
  path.split('.').reduce((v, name) => pyAttribute(ev, v, name, place), of);

export const OPERATOR: Record<string, Function> = {
  ...Object.fromEntries(Object.entries(BINARY).map(([name, o]) => [`operator.${name}`, binary(o)])),
  'operator.not_': (ev, a, place) => a.pos[0] && bool(not(asked(ev, a.pos[0], place))),
  'operator.truth': (ev, a, place) => a.pos[0] && bool(asked(ev, a.pos[0], place)),
  'operator.contains': (ev, a, place) => a.pos[0] && a.pos[1] && computed(ev, 'in', a.pos[1], a.pos[0], place),
  'operator.attrgetter': (ev, a) => each(a.pos, (n, of, place) => (n.t === 'const' ? dotted(ev, of, String(n.v), place) : NONE)),
  'operator.itemgetter': (ev, a) => each(a.pos, (n, of, place) => index(ev, of, n, place)),
  'operator.methodcaller': (ev, a, _place, scope) => {
    const [name, ...pos] = a.pos;
    if (name?.t !== 'const' || !scope) return undefined;
    return native('caller', (b, place) => callMethod(ev, b.pos[0] ?? NONE, String(name.v), { pos, kw: a.kw }, place, scope));
  },
};
