/** From what was registered to the functions that answer: plain functions, and the verbs of class-based views. */
import type { Ev } from '../../../program/ev.js';
import type { F, Place } from '../../../program/formula.js';
import { args as mkArgs, native, op, phi, sym } from '../../../program/make.js';
import { pyAttribute } from '../../../program/python.js';
import { decorate } from '../../../program/python-decorators.js';
import { standsFor } from '../../../program/python-descriptors.js';
import { asView, nameOfValue } from '../../../program/python-views.js';
import { type CallArgs, type CallVal, type Cls, type FnVal, nextId, Prov, type Val } from '../../../program/values.js';
import { innermost, isCallable, literal, methodsOf, urlValue } from '../common.js';
import { switches } from './hooks.js';

const VERBS = ['get', 'post', 'put', 'delete', 'patch'];

export interface View {
  method: string;
  handler: Val;
  /** The method of a class that does the work. */
  body?: FnVal;
}

export interface Views {
  /** Name of the endpoint where none is given. */
  name: string;
  value: Val;
  all: View[];
}

/**
 * The endpoints behind a registered view; undefined where it cannot be seen.
 * @param given the methods of the registration
 * @param around decorators of the Api that the view was added to, the first of which is the innermost
 */
export function viewsOf(ev: Ev, view: Val, given: string[] | undefined, around: readonly Val[], place: Place): Views | undefined {
  const registered = view.t === 'late' ? (view.get() ?? view) : view;
  let value = registered.t === 'class' ? asView(ev, registered, registered.name.toLowerCase(), mkArgs(), place) : registered;
  if (registered.t === 'class' || innermost(value).t === 'class')
    for (const d of around) value = decorate(ev, d, value, nameOfValue(d), place);
  const inner = innermost(value);
  if (inner.t === 'class') return { name: classViewName(value), value, all: verbsOf(inner, given).map(v => ({ ...v, handler: value })) };
  if (!isCallable(value)) return undefined;
  const methods = (given ?? ['GET']).filter(m => m !== 'HEAD' && m !== 'OPTIONS');
  // Who only answers OPTIONS or HEAD is asked for nothing else.
  const all = methods.length > 0 ? methods : (given ?? []);
  return { name: inner.t === 'fn' ? inner.def.name : '', value, all: all.map(method => ({ method, handler: value })) };
}

/**
 * A view as it stands in the table of the application: with what was noted on it there. What is noted on a view whose name is not known may
 * be on this one.
 * @param start the condition under which the route was registered
 */
export function noted(ev: Ev, view: Val, endpoint: string, notes: readonly CallVal[], start: F): Val {
  let out = view;
  for (const c of notes) {
    const [to, [key, value]] = [c.recv?.t === 'item' ? literal(c.recv.key) : undefined, c.args.pos];
    const name = literal(key);
    if (name === undefined || !value || (to !== undefined && to !== endpoint)) continue;
    const before = pyAttribute(ev, out, name, c.place);
    out = withNote(out, name, to === undefined ? op('either', [value, before]) : phi(switches(c.pc, start), value, before));
  }
  return out;
}

/** The table has an object of its own for each view of a class: nothing else is noted on what it was made from. */
function withNote(v: Val, name: string, note: Val): Val {
  if (v.t === 'fn') return { ...v, id: nextId(), attrs: new Map([...(v.attrs ?? []), [name, note]]) };
  return v.t === 'native' && v.of && standsFor(v) ? native(v.name, v.call, withNote(v.of, name, note)) : v;
}

function classViewName(v: Val): string {
  let x = v;
  for (let i = 0; i < 40; i++) {
    if (x.t === 'fn' && x.wraps) x = x.wraps.inner;
    else if (x.t === 'native' && x.of && x.of.t !== 'class') x = x.of;
    else break;
  }
  return x.t === 'native' ? x.name : '';
}

/** Verbs of a class with the function that answers each. */
function verbsOf(cls: Cls, given: string[] | undefined): { method: string; body?: FnVal }[] {
  const own = VERBS.flatMap(v => {
    const m = cls.members.get(v);
    const fn = m && innermost(m);
    return fn?.t === 'fn' ? [{ method: v.toUpperCase(), body: fn }] : [];
  });
  if (own.length > 0) return given ? own.filter(o => given.includes(o.method)) : own;
  const dispatch = cls.members.get('dispatch_request');
  const fn = dispatch && innermost(dispatch);
  return fn?.t === 'fn' ? (given ?? methodsOf(cls.members.get('methods'), ['GET'])).map(method => ({ method, body: fn })) : [];
}

/** Decorators of libraries that parse the request and hand what they found to the function. */
const PARSERS = /^(use_kwargs|use_args|arguments|input|expect|parse|parser|params|body|query|json|form|payload|validate\w*|inject\w*)$/;

/** Adds what a parsing decorator hands to the function: every parameter that the URL does not give. */
export function injected(body: Val, a: CallArgs): CallArgs {
  if (body.t !== 'fn' || !body.def.marks.some(m => PARSERS.test(markName(m.expr)))) return a;
  const kw = new Map(a.kw);
  for (const p of body.def.params) {
    if (p.pat.p !== 'bind' || p.kind === 'star' || p.kind === 'starstar' || p === body.def.params.find(() => body.owner !== undefined))
      continue;
    if (!kw.has(p.pat.name)) kw.set(p.pat.name, urlValue(p.pat.name));
  }
  return { ...a, kw, kwRest: sym('parsed', Prov.Input) };
}

function markName(e: { k: string; fn?: unknown; name?: unknown; id?: unknown }): string {
  if (e.k === 'call') return markName(e.fn as { k: string });
  return String(e.k === 'member' ? e.name : e.k === 'name' ? e.id : '');
}
