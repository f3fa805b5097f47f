/** What the application's own Python classes make of operators: `not page` asks `__bool__`, `x in roles` asks `__contains__`. */
import { leavesOf, onEach } from './alternatives.js';
import { call } from './calls.js';
import { isEnum, libraryBases, mro } from './classes.js';
import type { Ev } from './ev.js';
import { type F, FALSE, not, type Place } from './formula.js';
import { args, bool } from './make.js';
import { truthy } from './ops.js';
import type { Val } from './values.js';

const METHODS: Readonly<Record<string, string>> = {
  '==': '__eq__',
  '!=': '__ne__',
  '<': '__lt__',
  '<=': '__le__',
  '>': '__gt__',
  '>=': '__ge__',
  '&': '__and__',
  '|': '__or__',
  '+': '__add__',
  '-': '__sub__',
};

/** The method of an instance that one of the application's classes defines, bound to it. */
function own(v: Val, name: string): Val | undefined {
  if (v.t !== 'obj' || v.cls.module.language !== 'python') return undefined;
  for (const c of mro(v.cls)) {
    const m = c.t === 'class' ? c.members.get(name) : undefined;
    if (m?.t === 'fn') return { ...m, self: v };
  }
  return undefined;
}

const some = (v: Val, name: string): boolean =>
  v.t === 'obj' ? own(v, name) !== undefined : v.t === 'phi' && leavesOf(v).some(x => own(x, name) !== undefined);

/** A row, an instance: it is no text, unless its class is one of those that are, or says itself what equals it. */
const unlike = (v: Val, text: Val): boolean => {
  const cls = v.t === 'obj' ? v.cls : (v.t === 'call' || v.t === 'op') && v.ty ? v.ty.cls : undefined;
  return (
    text.t === 'const' &&
    typeof text.v === 'string' &&
    cls?.kind === 'class' &&
    cls.module.language === 'python' &&
    !cls.members.has('__eq__') &&
    !isEnum(cls) &&
    !libraryBases(cls).some(b => /(^|\.)(\w*[Ss]tr|bytes)$/.test(b))
  );
};

/** `l operator r` where the class of `l` says what that is; undefined where it does not. */
export function operated(ev: Ev, operator: string, l: Val, r: Val, place: Place, otherwise: (l: Val) => Val): Val | undefined {
  const name = METHODS[operator];
  if (name === undefined) return undefined;
  // A class that says only what is equal has thereby said what is not.
  if (operator === '!=' && !some(l, name)) {
    const no = (v: Val): Val => bool(not(asked(ev, v, place)));
    const equal = operated(ev, '==', l, r, place, x => no(otherwise(x)));
    return equal && no(equal);
  }
  if (operator === '==' && (unlike(l, r) || unlike(r, l))) return bool(FALSE);
  if (!some(l, name)) return undefined;
  const one = (x: Val): Val => {
    const m = own(x, name);
    return m ? call(ev, m, args([r]), place) : otherwise(x);
  };
  return l.t === 'phi' ? onEach(ev, l, one) : one(l);
}

/** `key in container` where the class of the container answers it. */
export function contained(ev: Ev, key: Val, container: Val, place: Place, otherwise: (c: Val) => F): F | undefined {
  if (!some(container, '__contains__')) return undefined;
  const one = (x: Val): Val => {
    const m = own(x, '__contains__');
    return bool(m ? asked(ev, call(ev, m, args([key]), place), place) : otherwise(x));
  };
  return truthy(container.t === 'phi' ? onEach(ev, container, one) : one(container), place);
}

/** Is `v` true in a condition? Its class may say so, or how long it is. */
export function asked(ev: Ev, v: Val, place: Place, deep = 0): F {
  const name = ['__bool__', '__len__'].find(n => some(v, n));
  if (name === undefined || deep > 4) return truthy(v, place);
  const one = (x: Val): Val => {
    const m = own(x, '__bool__') ?? own(x, '__len__');
    return bool(m ? asked(ev, call(ev, m, args(), place), place, deep + 1) : truthy(x, place));
  };
  const answer = v.t === 'phi' ? onEach(ev, v, one) : one(v);
  return ev.dead ? FALSE : truthy(answer, place);
}
