/** Guards above the decorator that registers a route: the URL is bound to the function as it was below them. */
import type { Responses } from '../../infer/responses.js';
import { leaves } from '../../infer/responses.js';
import { triggerOf } from '../../infer/triggers.js';
import type { GuardKind } from '../../contract/types.js';
import type { Mark } from '../../facts/types.js';
import { callback } from '../../program/calls.js';
import type { Ev, Frame } from '../../program/ev.js';
import { atomsOf, type Place, TRUE } from '../../program/formula.js';
import { args as mkArgs, STR, sym } from '../../program/make.js';
import { nameOf } from '../../program/python.js';
import { type FnVal, Prov, type Val } from '../../program/values.js';
import type { IneffectiveNote } from '../types.js';
import { definitionOf } from './fastapi/params.js';

const GUARDS: ReadonlySet<GuardKind> = new Set(['authn', 'authz', 'ownership', 'csrf', 'rate-limit', 'signature']);

/**
 * Guards among the decorators that stand above the one at `route`.
 * @param isRoute whether a decorator at a place registers a route itself
 */
export function guardsAbove(ev: Ev, handler: Val, route: Place, isRoute: (p: Place) => boolean, responses: Responses): IneffectiveNote[] {
  const fn = definitionOf(handler);
  if (!fn || fn.module.file !== route.file) return [];
  const at = fn.def.marks.findIndex(m => m.at === route.at);
  const above = at < 0 ? [] : fn.def.marks.slice(0, at).filter(m => !isRoute({ file: route.file, at: m.at }));
  if (above.length === 0) return [];
  const final = fn.owner?.members.get(fn.def.name) ?? fn.scope.vars.get(fn.def.name);
  if (!final) return [];
  const out: IneffectiveNote[] = [];
  for (const [i, layer] of layersOf(final, fn, above).entries()) {
    if (!layer) continue;
    const mark = above[i] as Mark;
    const kind = kindOf(ev, layer, fn, responses);
    if (kind === undefined) continue;
    const place = { file: route.file, at: mark.at };
    const name = nameOf(mark.expr);
    out.push({
      kind,
      guard: layer,
      name,
      reason: 'above-route',
      place,
      says: `\`${name}\` stands above the decorator that registers the route: requests reach the function without it`,
    });
  }
  return out;
}

/** What each of the marks made of the function, outermost first; undefined where it left it as it was. */
function layersOf(final: Val, fn: FnVal, marks: readonly Mark[]): (Val | undefined)[] {
  const found: (Val | undefined)[] = marks.map(() => undefined);
  let x: Val | undefined = final;
  for (let guard = 0; x && guard < 50; guard++) {
    if (x.t === 'fn' && x.wraps) {
      const { at, file } = x.wraps.place;
      const i = marks.findIndex(m => m.at === at && file === fn.module.file);
      if (i >= 0) found[i] = x;
      x = x.wraps.inner;
    } else if (x.t === 'native' && x.of) {
      const name = x.name;
      const i = marks.findIndex((m, k) => !found[k] && nameOf(m.expr).split('.').at(-1) === name);
      if (i >= 0) found[i] = x;
      x = x.of;
    } else break;
  }
  return found;
}

/** What a wrapper asks before it calls the function; undefined when it refuses nobody. */
function kindOf(ev: Ev, wrapper: Val, fn: FnVal, responses: Responses): GuardKind | undefined {
  const inner = (f: Frame | undefined): boolean => {
    for (let x = f; x; x = x.parent) if (x.def === fn.def) return true;
    return false;
  };
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, events: ev.events, gaps: ev.gaps, dropped: ev.dropped, request: ev.request };
  Object.assign(ev, {
    pc: TRUE,
    sink: [],
    frame: undefined,
    events: [],
    gaps: [],
    dropped: [],
    request: { method: STR('GET'), path: STR('/') },
  });
  let kind: GuardKind | undefined;
  const look = (cond: Parameters<typeof atomsOf>[0], status: number | undefined): void => {
    for (const a of atomsOf(cond)) {
      const t = triggerOf(a, status).kind;
      if (kind === undefined && GUARDS.has(t)) kind = t;
    }
  };
  ev.journal.branch(() => {
    const kw = new Map(
      fn.def.params.flatMap(p => (p.pat.p === 'bind' ? [[p.pat.name, sym(p.pat.name, Prov.None) as Val] as [string, Val]] : [])),
    );
    const v = callback(ev, wrapper, mkArgs([], kw), { file: fn.module.file, at: fn.def.at });
    for (const e of ev.sink)
      if (!inner(e.frame) && (e.kind === 'raise' || e.kind === 'return')) look(e.cond, responses.answer(e.val, e.kind === 'raise').status);
    if (!ev.dead)
      for (const l of leaves(v, TRUE)) {
        const a = responses.answer(l.val, false);
        if (!a.ok && !inner(l.frame)) look(l.cond, a.status);
      }
  });
  Object.assign(ev, saved);
  return kind;
}
