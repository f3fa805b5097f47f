/** Binary operators, membership, and subscripts. */
import { mapped, onEach } from './alternatives.js';
import type { Expr } from '../facts/types.js';
import { call } from './calls.js';
import type { Ev } from './ev.js';
import { isEnum } from './classes.js';
import { evaluate } from './expressions.js';
import { keyOf } from './keys.js';
import { isIn } from './filling.js';
import { and, type F, FALSE, join, not, or, type Place, TRUE } from './formula.js';
import { args as mkArgs, attr, bool, item, NONE, op, prov, STR, sym } from './make.js';
import { arithmetic, either, equal, fails, less, member } from './ops.js';
import { lacking } from './sets.js';
import { mappingOf } from './sourced.js';
import { chosenFrom, eitherName, unlisted } from './tables.js';
import { asked, contained, operated } from './python-operators.js';
import { kept } from './python-requests.js';
import { Prov, type Scope, type Val } from './values.js';

export function binary(ev: Ev, e: Expr & { k: 'bin' }, scope: Scope, place: Place): Val {
  if (e.op === 'and' || e.op === 'or') {
    if (scope.module.language === 'rust') return bool(condition(ev, e, scope));
    const l = evaluate(ev, e.l, scope);
    if (ev.dead) return NONE;
    const c = asked(ev, l, place);
    const other = (): Val => evaluate(ev, e.r, scope);
    const left = l;
    return e.op === 'and' ? ev.branch(c, other, () => left) : ev.branch(c, () => left, other);
  }
  const l = evaluate(ev, e.l, scope);
  const r = evaluate(ev, e.r, scope);
  if (ev.dead) return NONE;
  return operated(ev, e.op, l, r, place, x => computed(ev, e.op, x, r, place)) ?? computed(ev, e.op, l, r, place);
}

/** `l operator r` of values that are there. */
export function computed(ev: Ev, operator: string, l: Val, r: Val, place: Place): Val {
  switch (operator) {
    case '==':
      return bool(equal(written(ev, l, r), written(ev, r, l), place));
    case '!=':
      return bool(not(equal(written(ev, l, r), written(ev, r, l), place)));
    case 'is':
      return bool(identical(l, r, place));
    case 'is not':
      return bool(not(identical(l, r, place)));
    case 'in':
      return bool(contains(ev, l, r, place));
    case 'not in':
      return bool(not(contains(ev, l, r, place)));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return bool(less(operator, l, r, place));
    case '..':
    case '..=':
      return op('slice', [l, r]);
    case '%':
      if (l.t === 'const' && typeof l.v === 'string') return percent(l.v, r);
      return arithmetic(operator, l, r);
    case '-':
      return lacking(l, r, place) ?? arithmetic(operator, l, r);
    default:
      return arithmetic(operator, l, r);
  }
}

/** A library's constant that is held against a literal, as a literal of the same kind: `request.method() == "GET"`. */
function written(ev: Ev, v: Val, against: Val): Val {
  if (v.t === 'phi' && against.t === 'const') return mapped(v, x => written(ev, x, against));
  if (v.t !== 'ext' || against.t !== 'const') return v;
  const as = { string: 'as_str', number: 'as_u16' }[typeof against.v as string];
  const literal = as === undefined ? undefined : ev.models.attr(ev, v, as, `${v.path}.${as}`);
  return literal?.t === 'const' ? literal : v;
}

/** `l is r`. An object that only stands for itself (`UNSET = Unset()`) is nothing that a request or a database gives. */
function identical(l: Val, r: Val, place: Place): F {
  if (r.t === 'const' && r.v === null) return fails(l, place);
  if (l.t === 'phi') return either(l.c, identical(l.a, r, place), identical(l.b, r, place));
  const given = (l.t === 'attr' || l.t === 'item' || l.t === 'call') && (prov(l) & (Prov.Input | Prov.Credential | Prov.External)) !== 0;
  return given && r.t === 'obj' && r.fields.size === 0 ? FALSE : equal(l, r, place);
}

/** What holds where `e` is true: for a test, whose value is not seen. */
export function condition(ev: Ev, e: Expr, scope: Scope): F {
  // `and`, `or` and `not` that are only asked for their truth stay formulas: no value of theirs is ever seen.
  if (e.k === 'un' && e.op === 'not') return not(condition(ev, e.of, scope));
  if (e.k === 'bin' && (e.op === 'and' || e.op === 'or')) {
    const at = ev.place(scope.module, e.at);
    const l = condition(ev, e.l, scope);
    if (ev.dead || l === (e.op === 'and' ? FALSE : TRUE)) return l;
    const base = ev.pc;
    const sunk = ev.sink.length;
    ev.pc = and(base, e.op === 'and' ? l : not(l));
    const r = ev.dead ? l : condition(ev, e.r, scope);
    // What the right side may have raised is left under the left side's condition alone.
    ev.pc = ev.sink.length === sunk ? base : join(base, [ev.pc, and(base, e.op === 'and' ? not(l) : l)]);
    // `not a and not b` asks what `a or b` does.
    const named = e.op === 'or' ? eitherName(l, r, at) : eitherName(not(l), not(r), at);
    return named ? (e.op === 'or' ? named : not(named)) : e.op === 'and' ? and(l, r) : or([l, r]);
  }
  return asked(ev, evaluate(ev, e, scope), ev.place(scope.module, e.at));
}

/** `'/%s/x' % name`: its pieces in order; a text where all of them are known. */
function percent(template: string, r: Val): Val {
  const given = r.t === 'seq' && r.kind === 'tuple' ? r.items : [r];
  const pieces = template.split(/(%[sdir%])/);
  const parts: Val[] = [];
  let next = 0;
  for (const x of pieces)
    if (x === '%%') parts.push(STR('%'));
    else if (/^%[sdir]$/.test(x)) parts.push(given[next++] ?? NONE);
    else if (x !== '') parts.push(STR(x));
  // Widths, precisions and names in parentheses are left as they are.
  if (next !== given.length || pieces.some((x, i) => i % 2 === 0 && x.includes('%'))) return op('fmt', [STR(template), r]);
  return parts.every(x => x.t === 'const') ? STR(parts.map(x => String((x as Val & { t: 'const' }).v)).join('')) : op('fmt', parts);
}

/** `key in container`: of a library's own container, whether reading it there gives anything. */
function contains(ev: Ev, key: Val, container: Val, place: Place): F {
  if (key.t === 'const' && (container.t === 'ext' || container.t === 'sym' || container.t === 'attr' || container.t === 'call')) {
    const path = ev.program.pathOf(container);
    const there = path === undefined ? undefined : kept(ev, path, String(key.v));
    if (there) return there;
    const written = path === undefined ? undefined : ev.globals.get(ev.models.canonical(`${path}.${String(key.v)}`));
    const source = path === undefined ? undefined : ev.models.attr(ev, container, '[]', `${path}[]`);
    // To ask whether it is there raises nothing.
    const { tries } = ev;
    ev.tries = 0;
    const found = written ?? (source?.t === 'native' ? source.call(mkArgs([key]), place) : undefined);
    ev.tries = tries;
    // What is there whenever it is read (a variable of the environment that the application needs) may be missing where that is asked.
    const needed = found?.t === 'sym' && found.present === true && ev.models.known(ev.models.canonical(`${String(path)}.get`));
    const asked = needed ? call(ev, attr(container, 'get'), mkArgs([key]), place) : found;
    if (asked) return not(fails(asked, place));
  }
  // A header that a setting names.
  if (prov(key) === Prov.Setting && mappingOf(ev, container) === container)
    return not(fails(call(ev, attr(container, 'get'), mkArgs([key]), place), place));
  const copied = container.t === 'map' ? (container.entries.has(keyOf(key) ?? '') ? undefined : container.rest) : container;
  const from = key.t === 'const' && (container.t === 'map' || container.t === 'call') ? mappingOf(ev, copied) : undefined;
  if (from && from !== container) return contains(ev, key, from, place);
  return contained(ev, key, container, place, c => member(key, c, place)) ?? member(key, container, place);
}

export function index(ev: Ev, of: Val, key: Val, place: Place): Val {
  if (of.t === 'seq' && key.t === 'const' && typeof key.v === 'number') {
    const i = key.v < 0 ? of.items.length + key.v : key.v;
    const v = of.items[i];
    if (v && (key.v >= 0 || !of.rest)) return v;
    if (of.rest) return of.rest;
  }
  if (of.t === 'map' && key.t === 'phi') return onEach(ev, key, k => index(ev, of, k, place));
  if (of.t === 'map') {
    const k = keyOf(key);
    if (k !== undefined && of.entries.has(k)) {
      const there = isIn(of, k);
      if (there !== TRUE) ev.exitIf(not(there), 'raise', sym('KeyError', Prov.None, { path: 'builtins.KeyError()' }), place);
      return of.entries.get(k) as Val;
    }
    if (k === undefined && of.entries.size > 0 && of.entries.size <= 24 && !of.rest) {
      const other = unlisted([...of.entries.values(), key]);
      return chosenFrom(of, key, other, place) ?? other;
    }
    const from = key.t === 'const' ? mappingOf(ev, of.rest) : undefined;
    if (of.rest) return from ? index(ev, from, key, place) : item(of.rest, key);
  }
  if (of.t === 'const' && typeof of.v === 'string') {
    if (key.t === 'const' && typeof key.v === 'number') return STR(of.v.at(key.v) ?? '');
    if (key.t === 'op' && key.op === 'slice') {
      const [a, b] = key.args;
      const from = a?.t === 'const' && typeof a.v === 'number' ? a.v : a?.t === 'const' ? 0 : undefined;
      const to = b?.t === 'const' && typeof b.v === 'number' ? b.v : b?.t === 'const' ? undefined : null;
      if (from !== undefined && to !== null) return STR(of.v.slice(from, to));
    }
  }
  if (of.t === 'phi') return onEach(ev, of, x => index(ev, x, key, place));
  if (of.t === 'obj') {
    const get = of.cls.members.get('__getitem__');
    if (get?.t === 'fn') return call(ev, { ...get, self: of }, mkArgs([key]), place);
  }
  if (of.t === 'class' && of.kind === 'class') {
    // Generic[T], Enum['NAME']
    if (key.t === 'const' && typeof key.v === 'string') {
      const m = of.members.get(key.v);
      if (m) return m;
    }
    if (isEnum(of)) return op('enum', [key], { path: of.name, cls: of, args: [] });
    return of;
  }
  if (of.t === 'ext' && /^[a-z]/.test(of.path) && /[A-Z]\w*$/.test(of.path))
    return op('generic', [of, ...(key.t === 'seq' ? key.items : [key])]);
  const path = ev.program.pathOf(of);
  if (path !== undefined) {
    const m = ev.models.attr(ev, of, '[]', `${path}[]`);
    if (m) return m.t === 'native' ? m.call(mkArgs([key]), place) : m;
  }
  return item(of, key);
}
