/** Python's decorators: what stands in the place of a function when they are through with it. */
import type { Expr, Mark } from '../facts/types.js';
import { keepsResults } from './python-caches.js';
import { call, callback } from './calls.js';
import { libraryBases } from './classes.js';
import type { Ev } from './ev.js';
import { callArgs, evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { args as mkArgs, native, NONE, unknown } from './make.js';
import { isProxy } from './python-requests.js';
import { declaredAttribute } from './python-types.js';
import { nameOf } from './spelling.js';
import { enter } from './statements.js';
import type { CallArgs, Scope, Val } from './values.js';

/** More decorators on one function were not written by hand. */
const DECORATORS = 5000;

/** Applies decorators bottom-up, each to what the one below it returned: exactly what registers what is then a matter of order. */
export function applyDecorators(ev: Ev, marks: Mark[], target: Val, _name: string, scope: Scope): Val {
  let cur = target;
  if (marks.length > DECORATORS) {
    const place = ev.place(scope.module, (marks[0] as Mark).at);
    ev.gap('too-deep', `${marks.length} decorators are not followed`, place, ['endpoints', 'guards']);
    return unknown('too many decorators', place, [target]);
  }
  for (let i = marks.length - 1; i >= 0; i--) {
    const m = marks[i] as Mark;
    const place = ev.place(scope.module, m.at);
    const d = managing(ev, m.expr, scope, place) ?? evaluate(ev, m.expr, scope);
    if (d.t === 'attr' && d.of.t === 'fn' && d.of.role === 'property' && cur.t === 'fn') {
      // `@name.setter` keeps the property, and what reads it; `@name.getter` reads it otherwise.
      cur = d.name === 'setter' ? { ...d.of, sets: cur } : d.name === 'getter' ? { ...d.of, ...cur, role: 'property' } : d.of;
      continue;
    }
    if (d.t === 'ext' && cur.t === 'fn') {
      const role =
        /(^|\.)(staticmethod|classmethod|property|cached_property|hybrid_property|abstractmethod|abstractproperty|computed_field|overload|override|declared_attr)$/.exec(
          d.path,
        )?.[2];
      if (role) {
        if (role === 'declared_attr') cur = declaredAttribute(ev, cur, scope, place);
        else if (role === 'staticmethod') cur = { ...cur, role: 'static' };
        else if (role === 'classmethod') cur = { ...cur, role: 'class' };
        else if (/property|computed/.test(role)) cur = { ...cur, role: 'property' };
        continue;
      }
    }
    cur = decorate(ev, d, cur, nameOf(m.expr), place, scope);
  }
  return cur;
}

/** Does a function made in `scope` have `v` at hand? */
function encloses(scope: Scope, v: Val): boolean {
  for (let s: Scope | undefined = scope; s && s.kind !== 'module'; s = s.parent) for (const x of s.vars.values()) if (x === v) return true;
  return false;
}

/** What the decorator `d`, known as `by`, makes of `before`. */
export function decorate(ev: Ev, d: Val, before: Val, by: string, place: Place, scope?: Scope): Val {
  if (d.t === 'obj' && libraryBases(d.cls).some(b => MANAGES.test(b))) return managed(ev, by, () => d, before, place);
  if (before.t === 'fn' && keepsResults(ev, d)) return { ...before, results: new Map() };
  const since = ev.events.length;
  const result = call(ev, d, mkArgs([before]), place, scope);
  // A decorator that registers what it makes has handed it out before it returned it, or returns what it decorates.
  if (before.t === 'fn')
    for (const c of ev.events.slice(since))
      for (const x of [...c.args.pos, ...c.args.kw.values()])
        if (x.t === 'fn' && x.def !== before.def && encloses(x.scope, before)) x.wraps ??= { by, place, inner: before };
  if (result.t === 'fn' && before.t === 'fn' && result.def !== before.def) {
    const wraps = { ...(result.wraps?.shown ? result.wraps : { inner: before }), by, place };
    return { ...result, wraps, attrs: result.attrs ?? before.attrs, owner: before.owner };
  }
  if (result.t === 'fn' && before.t === 'native' && before.of) return { ...result, wraps: { by, place, inner: before } };
  if (result.t === 'call' && result.args.pos[0] === before && before.t !== 'class' && !isProxy(result.path)) {
    // A library decorator that nobody has described: what it returns is taken to call what it decorates.
    const path = ev.program.pathOf(d) ?? by;
    if (ev.models.transparent(path)) return before;
    if (before.t === 'fn') return { ...before, opaque: [...(before.opaque ?? []), { by: path, place }] };
    return before.t === 'native' ? opaque(ev, before, path, place) : before;
  }
  const nothing = result.t === 'call' ? !isProxy(result.path) : result.t === 'unknown' || (result.t === 'const' && result.v === null);
  return nothing ? before : result;
}

/** A view behind a decorator that nobody has described. */
const opaque = (ev: Ev, view: Val & { t: 'native' }, by: string, place: Place): Val =>
  native(
    view.name,
    (a, at) => {
      ev.gap('unknown-decorator', `\`${by}\` is a decorator of a library that is not described`, place);
      return view.call(a, at);
    },
    view,
  );

const MANAGES = /^contextlib\.(Async)?ContextDecorator$/;

/** `@manager()`: what a context manager does before its block it does before each call of what it decorates, and not when it decorates it. */
function managing(ev: Ev, e: Expr, scope: Scope, place: Place): Val | undefined {
  const isNamed = (x: Expr): boolean => x.k === 'name' || (x.k === 'member' && isNamed(x.of));
  const manager = e.k === 'call' && isNamed(e.fn) ? evaluate(ev, e.fn, scope) : undefined;
  if (e.k !== 'call' || manager?.t !== 'fn' || !manager.manages) return undefined;
  const given = callArgs(ev, e, scope);
  return native(nameOf(e), a => (a.pos[0] ? managed(ev, nameOf(e), at => call(ev, manager, given, at), a.pos[0], place) : NONE));
}

const managed = (ev: Ev, by: string, manager: (at: Place) => Val, inner: Val, place: Place): Val =>
  native(
    by,
    (a, at) => {
      enter(ev, manager(at), place);
      return ev.dead ? NONE : call(ev, inner, a, at);
    },
    inner,
  );

/**
 * A decorator that a library makes of `caller`, a function that is given what is decorated and what that is called with.
 * @param given in what form `caller` is given them
 */
export function byCaller(ev: Ev, a: CallArgs, given: (inner: Val, b: CallArgs, more: CallArgs['kw']) => CallArgs): Val | undefined {
  const [caller, inner] = a.pos;
  if (caller?.t !== 'fn') return undefined;
  const around = (f: Val, more: CallArgs['kw']): Val => native(caller.def.name, (b, at) => callback(ev, caller, given(f, b, more), at), f);
  const decorator = (more: CallArgs['kw']): Val =>
    native(caller.def.name, b => (b.pos[0] ? around(b.pos[0], new Map([...more, ...b.kw])) : decorator(b.kw)), caller);
  return inner ? around(inner, new Map()) : decorator(new Map());
}
