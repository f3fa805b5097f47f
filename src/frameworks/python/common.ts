/** What the adapters of Python frameworks share: reading registrations from the log of library calls, naming handlers. */
import type { Ev } from '../../program/ev.js';
import { and, type F, literals, not, type Place, TRUE, truth } from '../../program/formula.js';
import { leavesOf, tangled } from '../../program/alternatives.js';
import { phi, sym } from '../../program/make.js';
import { Prov, type Val } from '../../program/values.js';

export const literal = (v: Val | undefined): string | undefined =>
  v?.t === 'const' && typeof v.v === 'string' ? v.v : v?.t === 'variant' ? literal(v.fields.get('value')) : undefined;

/** HTTP methods of an argument in any of its spellings: a text, a list, an enum member. */
export function methodsOf(v: Val | undefined, otherwise: string[]): string[] {
  if (!v || (v.t === 'const' && v.v === null)) return otherwise;
  const one = literal(v);
  if (one !== undefined) return [one.toUpperCase()];
  if (v.t === 'seq')
    return v.items.map(i => literal(i)?.toUpperCase() ?? (i.t === 'ext' ? (i.path.split('.').at(-1) ?? '') : '')).filter(Boolean);
  if (v.t === 'ext') return [(v.path.split('.').at(-1) ?? '').toUpperCase()];
  return otherwise;
}

/** The function behind decorators and library wrappers. */
export function innermost(v: Val): Val {
  let x = v;
  for (let i = 0; i < 40; i++) {
    if (x.t === 'fn' && x.wraps) x = x.wraps.inner;
    else if (x.t === 'native' && x.of) x = x.of;
    else if (x.t === 'phi') x = leavesOf(x)[0] as Val;
    else break;
  }
  return x;
}

/** Name and place of a handler as a reader would look for it. */
export function handlerOf(ev: Ev, v: Val, registered: Place): { name: string; place: Place } {
  const x = innermost(v);
  if (x.t === 'fn') {
    const owner = x.owner ? `${x.owner.name}.` : '';
    return { name: `${x.module.name}.${owner}${x.def.name || '<lambda>'}`, place: { file: x.module.file, at: x.def.at } };
  }
  if (x.t === 'class' || x.t === 'obj') {
    const cls = x.t === 'class' ? x : x.cls;
    return { name: `${cls.module.name}.${cls.name}`, place: cls.place };
  }
  void ev;
  return { name: x.t === 'ext' ? x.path : x.t === 'native' ? x.name : '?', place: registered };
}

const symbols = new Map<string, Val>();
/**
 * A value of the URL.
 * @param filled no URL leaves it empty, and it is no number: it is as good as true
 */
export function urlValue(name: string, filled = false): Val {
  const key = filled ? name : `${name}?`;
  let v = symbols.get(key);
  if (!v) symbols.set(key, (v = sym(name, Prov.Input, filled ? { present: true, filled } : {})));
  return v;
}

export const isCallable = (v: Val | undefined): v is Val =>
  v !== undefined &&
  (v.t === 'fn' || v.t === 'native' || v.t === 'class' || v.t === 'obj' || (v.t === 'phi' && leavesOf(v).every(x => isCallable(x))));

/** Arguments of the values of a URL, as keywords. */
export const keywords = (names: Iterable<string>): { pos: Val[]; kw: Map<string, Val> } => ({
  pos: [],
  kw: new Map([...names].map(n => [n, urlValue(n)])),
});

/** Handlers whose whole body is `pass`, `...`, a docstring, or `raise NotImplementedError`. */
export function stubOf(v: Val): { says: string; place: Place } | undefined {
  const x = innermost(v);
  if (x.t !== 'fn') return undefined;
  const rest = x.def.body.filter(
    s => s.s !== 'pass' && !(s.s === 'expr' && (s.expr.k === 'lit' || (s.expr.k === 'name' && s.expr.id === 'Ellipsis'))),
  );
  const place = { file: x.module.file, at: x.def.at };
  if (rest.length === 0 && !x.def.value) return { says: 'the body is empty', place };
  const only = rest.length === 1 ? rest[0] : undefined;
  if (only?.s === 'raise' && only.value && JSON.stringify(only.value).includes('"NotImplementedError"'))
    return { says: 'it raises NotImplementedError', place };
  return undefined;
}

/**
 * What is answered where something was set beside it (`response.status = 401; return body`): `make` of each value and of what is sure to
 * have been set where that value is returned. What is set on some ways to one and the same value keeps none of it back, and so changes
 * nothing.
 * @param set what was set in the end, by its part of the answer (the status, say): none where it is the constant None
 */
export function beside(v: Val, set: readonly Val[], make: (v: Val, ...set: (Val | undefined)[]) => Val, way: readonly F[] = []): Val {
  if (v.t === 'phi' && !tangled(v)) return phi(v.c, beside(v.a, set, make, [...way, v.c]), beside(v.b, set, make, [...way, not(v.c)]));
  const known = literals(way.reduce((x, y) => and(x, y), TRUE as F));
  return make(
    v,
    ...set.map(x => {
      let s: Val | undefined = x;
      while (s?.t === 'phi') {
        const c: F = s.c;
        // A question of several parts is known as a whole.
        const holds: boolean | undefined = way.includes(c) ? true : way.includes(not(c)) ? false : truth(c, a => known.get(a), new Map());
        s = holds === undefined ? undefined : holds ? s.a : s.b;
      }
      return s?.t === 'const' && s.v === null ? undefined : s;
    }),
  );
}

const FINDS = /^(importlib|pkgutil|builtins\.(__import__|getattr|vars))\b|\bimport_string$/;

/** Is it what code finds while it runs (in modules that are imported by computed names), rather than a thing of a library? */
export function isFound(v: Val): boolean {
  if (v.t === 'attr' || v.t === 'item') return isFound(v.of);
  if (v.t === 'phi') return isFound(v.a) || isFound(v.b);
  return v.t === 'call' ? FINDS.test(v.path) : v.t !== 'ext';
}
