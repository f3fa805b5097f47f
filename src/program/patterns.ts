/** Patterns: what they test and what they bind; assignment targets; elements of what is iterated over. */
import { kept, mapped } from './alternatives.js';
import type { Expr, Pat, TypeRef } from '../facts/types.js';
import { external } from './calls.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import { keyOf } from './keys.js';
import { fill, has } from './filling.js';
import { and, type F, FALSE, not, or, TRUE } from './formula.js';
import { atom, attr, constant, item, op, seq, STR } from './make.js';
import { equal, less, split } from './ops.js';
import { setAttribute } from './python.js';
import { resolvePattern, rsField, tyOf, typeOfValue } from './rust.js';
import { putInto } from './rust-locks.js';
import { pairOf } from './sourced.js';
import { eitherName, membersOf } from './tables.js';
import type { Cls, Scope, Val } from './values.js';

/** The condition under which `pat` matches `v`. */
export function testPattern(ev: Ev, pat: Pat, v: Val, scope: Scope): F {
  const place = ev.place(scope.module, pat.at);
  switch (pat.p) {
    case 'any':
    case 'target':
      return TRUE;
    case 'bind':
      return pat.sub ? testPattern(ev, pat.sub, v, scope) : TRUE;
    case 'lit':
      return equal(v, evaluate(ev, pat.value, scope), place);
    case 'range': {
      const lo = pat.from ? not(less('<', v, evaluate(ev, pat.from, scope), place)) : TRUE;
      return pat.to ? and(lo, less('<=', v, evaluate(ev, pat.to, scope), place)) : lo;
    }
    case 'tuple':
    case 'list': {
      let c: F = TRUE;
      if (pat.p === 'list') c = ofLength(v, pat.items.length - (pat.rest === undefined ? 0 : 1), pat.rest !== undefined, place);
      if (c === FALSE) return c;
      pat.items.forEach((p, i) => {
        if (i !== pat.rest) c = and(c, testPattern(ev, p, part(ev, v, i, pat.items.length, pat.rest), scope));
      });
      return c;
    }
    case 'or':
      return pat.alts.map(p => testPattern(ev, p, v, scope)).reduce((l, r) => eitherName(l, r, place) ?? or([l, r]));
    case 'variant':
    case 'struct': {
      const r = resolvePattern(ev, pat.path, scope);
      let c = isVariant(ev, v, r, place);
      if (c.f === 'false') return c;
      if (pat.p === 'variant')
        pat.items?.forEach((p, i) => {
          c = and(c, testPattern(ev, p, payload(ev, v, r, String(i), place), scope));
        });
      else for (const f of pat.fields) c = and(c, testPattern(ev, f.pat, payload(ev, v, r, f.name, place), scope));
      return c;
    }
  }
}

/** Are there as many items in `v` as a pattern names, or at least as many? */
function ofLength(v: Val, n: number, more: boolean, place: { file: number; at: number }): F {
  if (v.t === 'seq' && !v.rest) return (more ? v.items.length >= n : v.items.length === n) ? TRUE : FALSE;
  if (v.t === 'phi') return or([and(v.c, ofLength(v.a, n, more, place)), and(not(v.c), ofLength(v.b, n, more, place))]);
  if (v.t === 'const') return TRUE;
  const length = op('len', [v]);
  return more ? (n === 0 ? TRUE : not(less('<', length, constant(n), place))) : equal(length, constant(n), place);
}

export interface Resolved {
  of: string;
  tag: string;
  /** A constant or a Python class, compared by value or by type. */
  value?: Val;
  /** The enum of the application that has the variant. */
  enum?: Cls;
}

/** The variant of a library's error that says that no row was there. */
export const MISSED = '@missed';

/** What was asked of alternatives: they share parts, and a `match` asks each of them for every arm. */
const variants = new WeakMap<Val, Map<string, F>>();

function isVariant(ev: Ev, v: Val, r: Resolved, place: { file: number; at: number }): F {
  if (r.value && r.value.t !== 'class') return equal(v, r.value, place);
  if (r.tag === 'Some' || r.tag === 'Ok') return not(split(v, place).fail);
  if (r.tag === 'None' || r.tag === 'Err') return split(v, place).fail;
  // A name that nothing stands for is that of what a macro has written for the same enum, or the pattern would not fit it.
  if (v.t === 'variant') return v.tag === r.tag && (v.of === r.of || r.of === '' || isWritten(v, r)) ? TRUE : FALSE;
  if (v.t === 'obj') return v.cls.name === r.tag ? TRUE : FALSE;
  if (v.t === 'phi') {
    const key = `${r.of}::${r.tag}`;
    let asked = variants.get(v);
    if (!asked) variants.set(v, (asked = new Map()));
    let f = asked.get(key);
    if (!f) asked.set(key, (f = or([and(v.c, isVariant(ev, v.a, r, place)), and(not(v.c), isVariant(ev, v.b, r, place))])));
    return f;
  }
  if (r.of === 'struct') return TRUE;
  const member = membersOf(r.enum).find(m => m.t === 'variant' && m.tag === r.tag);
  if (member) return equal(v, member, place);
  const name = r.of ? `${r.of}::${r.tag}` : r.tag;
  if (!ev.models.missed(name)) return atom('is', [v], place, name);
  return neverMisses(v) ? FALSE : atom('is', [v], place, MISSED);
}

const isWritten = (v: Val & { t: 'variant' }, r: Resolved): boolean =>
  r.enum === undefined && r.value === undefined && v.cls?.variants?.has(r.tag) === true && v.cls.marks.some(m => names(m.expr, r.of));

/** Does the argument of an attribute name it (`#[pin_project(project = StateProj)]`)? */
const names = (e: Expr, name: string): boolean =>
  e.k === 'call' && e.args.some(a => a.value.k === 'name' && a.value.id === name.split('::').at(-1));

/** The error of a query that is content with no row: that there was none is not what it failed with. */
const neverMisses = (v: Val): boolean => v.t === 'op' && v.op === 'err' && v.args[0]?.t === 'call' && v.args[0].query?.misses === 'never';

function payload(ev: Ev, v: Val, r: Resolved, field: string, place: { file: number; at: number }): Val {
  if (r.tag === 'Some' || r.tag === 'Ok') return split(v, place).ok;
  if (r.tag === 'Err') return split(v, place).err ?? op('err', [v]);
  if (v.t === 'variant' || v.t === 'obj') return v.fields.get(field) ?? op('field', [v, STR(field)]);
  if (v.t !== 'phi') return declaredPart(ev, v, r, field) ?? rsField(ev, v, field, place);
  const matching = kept(v, x => (x.t === 'variant' && x.tag === r.tag) || x.t === 'obj');
  return mapped(matching ?? v, x => payload(ev, x, r, field, place));
}

/** What an unknown value of an enum of the application holds, with the type that is declared for it where that is the application's, too. */
function declaredPart(ev: Ev, v: Val, r: Resolved, field: string): Val | undefined {
  if (!r.enum || (v.t !== 'sym' && v.t !== 'attr' && v.t !== 'call' && v.t !== 'op')) return undefined;
  const declared = r.enum.variants?.get(r.tag)?.fields.find((f, i) => f.name === field || String(i) === field);
  const ty = declared && tyOf(ev, declared.type, r.enum.scope);
  // Several variants have a first field.
  return ty?.cls ? attr(v, /^\d/.test(field) ? `${r.tag}.${field}` : field, ty) : undefined;
}

const part = (ev: Ev, v: Val, i: number, n: number, rest?: number): Val => {
  if (v.t === 'seq') {
    const at = rest !== undefined && i > rest ? v.items.length - (n - i) : i;
    return v.items[at] ?? v.rest ?? item(v, constant(i));
  }
  if (v.t === 'phi') return mapped(v, x => part(ev, x, i, n, rest));
  const of = rest === undefined ? typeOfValue(v) : undefined;
  return item(v, constant(i), of?.path === '(tuple)' ? of.args[i] : undefined);
};

/** Binds the names of `pat` to the parts of `v`; gives the condition under which it matches when `test` is set. */
export function bindPattern(ev: Ev, pat: Pat, v: Val, scope: Scope, test: boolean): F {
  const c = test ? testPattern(ev, pat, v, scope) : TRUE;
  bind(ev, pat, v, scope);
  return c;
}

function bind(ev: Ev, pat: Pat, v: Val, scope: Scope): void {
  const place = ev.place(scope.module, pat.at);
  switch (pat.p) {
    case 'bind':
      if (scope.module.language === 'python') assignName(ev, pat.name, v, scope);
      else ev.write(scope.vars, pat.name, v);
      if (pat.sub) bind(ev, pat.sub, v, scope);
      return;
    case 'tuple':
    case 'list':
      pat.items.forEach((p, i) =>
        bind(ev, p, i === pat.rest ? rest(v, i, pat.items.length) : part(ev, v, i, pat.items.length, pat.rest), scope),
      );
      return;
    case 'or':
      if (pat.alts[0]) bind(ev, pat.alts[0], v, scope);
      return;
    case 'variant': {
      if (!pat.items?.length) return;
      const r = resolvePattern(ev, pat.path, scope);
      pat.items.forEach((p, i) => bind(ev, p, payload(ev, v, r, String(i), place), scope));
      return;
    }
    case 'struct': {
      const r = resolvePattern(ev, pat.path, scope);
      for (const f of pat.fields) bind(ev, f.pat, payload(ev, v, r, f.name, place), scope);
      return;
    }
    case 'target':
      assign(ev, pat, v, scope);
      return;
    default:
      return;
  }
}

const rest = (v: Val, i: number, n: number): Val =>
  v.t === 'seq' ? seq('list', v.items.slice(i, v.items.length - (n - i - 1)), v.rest) : op('rest', [v]);

export function assign(ev: Ev, target: Pat, v: Val, scope: Scope, ann?: Expr): void {
  switch (target.p) {
    case 'bind':
      if (ann && scope.kind === 'function') (scope.annotations ??= new Map()).set(target.name, ann);
      assignName(ev, target.name, v, scope);
      return;
    case 'target': {
      const e = target.expr;
      const place = ev.place(scope.module, e.at);
      if (e.k === 'un' && putInto(ev, e.of, v, scope)) return;
      if (e.k === 'member') {
        const of = evaluate(ev, e.of, scope);
        setAttribute(ev, of, e.name, v, place);
      } else if (e.k === 'index') {
        const of = evaluate(ev, e.of, scope);
        const key = evaluate(ev, e.index, scope);
        store(ev, of, key, v, place);
      } else if (e.k === 'call' && e.fn.k === 'member' && e.fn.name.endsWith('_mut') && e.args.length === 0) {
        // `*response.status_mut() = x` sets what `response.status` is.
        setAttribute(ev, evaluate(ev, e.fn.of, scope), e.fn.name.slice(0, -4), v, place);
      } else if (e.k === 'un') assign(ev, { p: 'target', expr: e.of, at: e.at }, v, scope);
      else if (e.k === 'name') assignName(ev, e.id, v, scope);
      return;
    }
    case 'any':
      return;
    default:
      bind(ev, target, v, scope);
  }
}

function store(ev: Ev, of: Val, key: Val, v: Val, place: { file: number; at: number }): void {
  if (of.t === 'map') {
    const k = keyOf(key);
    if (k !== undefined) {
      fill(ev, of);
      has(ev, of, k);
      ev.write(of.entries, k, v, of);
      (of.keys ??= new Map()).set(k, key);
    } else of.rest ??= pairOf(ev, key, v) ?? v;
  } else if (of.t === 'sym' && key.t === 'const') {
    of.store ??= new Map();
    ev.write(of.store, `[${String(key.v)}]`, v, of);
  }
  const path = ev.program.pathOf(of);
  // What is put into the tables of a library while the application is put together is a registration like any other.
  if (path !== undefined && !ev.request && of.t === 'attr')
    external(ev, `${path}[]=`, undefined, of.of, { pos: [key, v], kw: new Map() }, place, '[]=');
  if (path !== undefined)
    ev.models.attr(ev, of, '[]=', `${path}[]=`)?.t === 'native' &&
      (ev.models.attr(ev, of, '[]=', `${path}[]=`) as Val & { t: 'native' }).call({ pos: [key, v], kw: new Map() }, place);
}

export function assignName(ev: Ev, name: string, v: Val, scope: Scope): void {
  if (scope.module.language === 'rust') {
    let s: Scope | undefined = scope;
    while (s) {
      if (s.vars.has(name)) return ev.write(s.vars, name, v);
      s = s.parent;
    }
    return ev.write(scope.vars, name, v);
  }
  let s: Scope = scope;
  if (s.outer?.has(name)) {
    let p = s.parent;
    while (p) {
      if (p.vars.has(name) || !p.parent) {
        if (!p.parent) ev.refilled.set(p.vars, (ev.refilled.get(p.vars) ?? new Set()).add(name));
        return ev.write(p.vars, name, v);
      }
      p = p.parent;
    }
  }
  while (s.kind === 'block' && s.parent) s = s.parent;
  ev.write(s.vars, name, v);
}

/** What a loop over `v` binds: the element named `key` where that is known, else any element. */
export function elementOf(v: Val, key?: string): Val {
  if (v.t === 'map') {
    if (key !== undefined) return v.keys?.get(key) ?? STR(key);
    return op('key', [v]);
  }
  if (v.t === 'seq') {
    if (v.rest && v.items.length === 0) return v.rest;
    if (v.items.length) return op('either', [...v.items.slice(0, 64), ...(v.rest ? [v.rest] : [])]);
  }
  return 'ty' in v && v.ty && !Array.isArray(v.ty) && v.ty.args[0] ? op('element', [v], v.ty.args[0]) : op('element', [v]);
}

/** The type that a pattern can only be for: `User { id, .. }`, `Path((a, b))`. A variant stands for the type that it is a part of. */
export function typeOfPattern(p: Pat): TypeRef | undefined {
  switch (p.p) {
    case 'struct':
      return { t: 'path', path: p.path, args: [], at: p.at };
    case 'variant': {
      const name = p.path.at(-1) ?? '';
      if (!p.items || name === 'Err') return undefined;
      const path = name === 'Some' ? ['Option'] : name === 'Ok' ? ['Result'] : p.path;
      return { t: 'path', path, args: p.items.map(i => typeOfPattern(i) ?? { t: 'infer', path: [], args: [], at: i.at }), at: p.at };
    }
    case 'tuple': {
      const items = p.rest === undefined ? p.items.map(typeOfPattern) : [];
      return items.some(i => i)
        ? { t: 'tuple', path: [], args: items.map(i => i ?? { t: 'infer', path: [], args: [], at: p.at }), at: p.at }
        : undefined;
    }
    default:
      return undefined;
  }
}
