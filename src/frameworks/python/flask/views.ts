/** Class-based views: which verbs a class answers, and how a request reaches the method. */
import { call, callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { args, native } from '../../../program/make.js';
import { type CallArgs, type Cls, type FnVal, nextId, type Val } from '../../../program/values.js';
import { methodsOf } from '../common.js';
import { seqItems } from './registry.js';

const VERBS = ['get', 'post', 'put', 'delete', 'patch'];

/** The class behind a view value: `V.as_view('v')`, or a resource class itself. */
export function classOf(v: Val): { cls: Cls; init: CallArgs } | undefined {
  if (v.t === 'class') return { cls: v, init: args() };
  if (v.t !== 'call' || v.name !== 'as_view') return undefined;
  const c = v.recv ?? (v.fn?.t === 'attr' ? v.fn.of : undefined);
  return c?.t === 'class' ? { cls: c, init: { pos: v.args.pos.slice(1), kw: v.args.kw } } : undefined;
}

/** Verbs with the function that answers each. */
export function verbsOf(cls: Cls, given: string[] | undefined): { method: string; body: FnVal }[] {
  const dispatch = cls.members.get('dispatch_request');
  const own = VERBS.flatMap(v => {
    const m = cls.members.get(v);
    return m?.t === 'fn' ? [{ method: v.toUpperCase(), body: m }] : [];
  });
  if (own.length === 0 && dispatch?.t === 'fn') return (given ?? methodsOf(cls.members.get('methods'), ['GET'])).map(method => ({ method, body: dispatch }));
  return given ? own.filter(o => given.includes(o.method)) : own;
}

/** The function that a request for `method` runs: the class's decorators (first is innermost) around dispatch to the verb. */
export function viewOf(ev: Ev, cls: Cls, init: CallArgs, method: string, body: FnVal, api: readonly Val[], event: Place): Val {
  const run = (a: CallArgs, place: Place): Val => {
    const self = call(ev, cls, init, place);
    if (ev.dead) return self;
    const dispatch = cls.members.get('dispatch_request');
    if (dispatch?.t === 'fn' && VERBS.some(v => cls.members.has(v))) {
      // An overridden dispatch runs first and hands on through super().
      return callback(ev, { ...dispatch, self }, a, place);
    }
    const perMethod = cls.members.get('method_decorators');
    let target: Val = { ...body, self };
    const list = perMethod?.t === 'map' ? seqItems(perMethod.entries.get(method.toLowerCase())) : seqItems(perMethod);
    for (const d of list) target = decorate(ev, d, target, place);
    return callback(ev, target, a, place);
  };
  let view: Val = native(cls.name, run, { ...body, id: nextId() });
  for (const d of [...seqItems(cls.members.get('decorators')), ...api]) view = decorate(ev, d, view, event);
  return view;
}

function decorate(ev: Ev, d: Val, target: Val, place: Place): Val {
  const out = call(ev, d, args([target]), place);
  if (out.t === 'fn') return { ...out, wraps: { by: d.t === 'fn' ? d.def.name : d.t === 'call' ? d.name : d.t === 'ext' ? (d.path.split('.').at(-1) ?? '') : 'decorator', place, inner: target } };
  return out.t === 'native' ? out : target;
}
