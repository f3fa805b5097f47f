/** Middleware of Rust: code around the rest of the request's way. */
import { awaited } from '../../program/expressions.js';
import type { Ev } from '../../program/ev.js';
import { alternatives } from '../../program/alternatives.js';
import { and, atomsOf, conjuncts, FALSE, not, or, type F, type Place, since, TRUE } from '../../program/formula.js';
import { native, None_, phi, prov, sym } from '../../program/make.js';
import { type CallVal, nextId, Prov, type Val } from '../../program/values.js';
import { INNER_RESPONSE, isInnerResponse, layer } from '../layers.js';
import type { LayerScope } from '../types.js';
import { answer, asWritten } from './render.js';
import { extensionsOf, LOCAL } from './extensions.js';
import { ACTIX_REQUEST, REQUEST } from './request.js';

/**
 * What the inner service answers; one for all, so that it is told from what a middleware answers itself. It is a library's:
 * no method of the application that has the name of one of its own (`status`) is meant.
 */
const INNER: Val = sym('response', Prov.None, { path: INNER_RESPONSE });

/**
 * Runs a middleware with the inner service as `next`. What it answers without having asked `next` ends the request; after it,
 * the path condition is that under which `next` was asked.
 */
export function around(ev: Ev, scope: LayerScope, name: string, place: Place, run: (next: Val) => Val): void {
  const base = ev.pc;
  let passed: F = FALSE;
  const handed: Handed[] = [];
  let asked = Number.POSITIVE_INFINITY;
  // Asking gives a future: the request goes on where that is awaited.
  const next = native('next', (_a, at) => {
    const state = { ran: false };
    return {
      t: 'coro',
      id: nextId(),
      p: 0,
      name: 'next',
      place: at,
      state,
      run: () => {
        state.ran = true;
        if (ev.trying) return INNER;
        asked = Math.min(asked, ev.seq);
        passed = or([passed, ev.pc]);
        const extensions = extensionsOf(ev);
        handed.push({ when: ev.pc, extensions, fields: fieldsIn(extensions.values()) });
        return INNER;
      },
    };
  });
  const from = ev.events.length;
  const v = layer(ev, 'middleware', scope, name, place, () => awaited(ev, run(next)));
  // A library function that was given a closure, or the request, may ask `next`; that a middleware never does is far less likely.
  if (!ev.dead && passed === FALSE && ev.events.slice(from).some(handsOver)) {
    ev.gap('unknown-middleware', `\`${name}\` hands the request to a library function that is not described`, place);
    return;
  }
  const comesBack = !ev.dead && passed !== FALSE;
  if (!ev.dead && passed !== ev.pc) {
    if (passed !== FALSE) ev.pc = and(ev.pc, not(relative(passed, base)));
    answer(ev, v, place, fromInner);
  }
  ev.pc = passed;
  handOn(ev, handed, base);
  if (comesBack) refusesLate(ev, v, passed, asked, place);
}

/** The request as it was when `next` was asked. */
interface Handed {
  when: F;
  extensions: Map<string, Val>;
  /** The fields of the objects in it, which a middleware may set on one way and not on another. */
  fields: Map<Map<string, Val>, Map<string, Val>>;
}

/** The fields, as they are now, of all objects in `vals`. */
function fieldsIn(vals: Iterable<Val>): Handed['fields'] {
  const out: Handed['fields'] = new Map();
  const visit = (v: Val, depth: number): void => {
    if (depth > 8) return;
    if (v.t === 'phi') [v.a, v.b].forEach(x => visit(x, depth + 1));
    else if (v.t === 'variant') [...v.fields.values()].forEach(x => visit(x, depth + 1));
    else if (v.t === 'op' && v.op === 'lock') v.args.forEach(x => visit(x, depth + 1));
    else if (v.t === 'obj' && !out.has(v.fields)) {
      out.set(v.fields, new Map(v.fields));
      [...v.fields.values()].forEach(x => visit(x, depth + 1));
    }
  };
  for (const v of vals) visit(v, 0);
  return out;
}

/** What comes next sees the request as it was handed on, wherever the middleware returned after that. */
function handOn(ev: Ev, handed: readonly Handed[], base: F): void {
  const joined = (values: readonly Val[]): Val | undefined =>
    values.reduceRight<Val | undefined>(
      (rest, x, i) => (rest === undefined || x === rest ? x : phi(relative((handed[i] as Handed).when, base), x, rest)),
      undefined,
    );
  const now = extensionsOf(ev);
  for (const key of new Set([...now.keys(), ...handed.flatMap(h => [...h.extensions.keys()])])) {
    // What the task knows is said beside the future that asks for the rest, and holds from there on.
    if (key.startsWith(LOCAL)) continue;
    const v = joined(handed.map(h => h.extensions.get(key) ?? None_));
    if (v && v !== now.get(key)) ev.write(ev.globals, key, v);
  }
  for (const fields of new Set(handed.flatMap(h => [...h.fields.keys()])))
    for (const [key, is] of fields) {
      const v = joined(handed.map(h => h.fields.get(fields)?.get(key) ?? is));
      if (v && v !== is) ev.write(fields, key, v);
    }
}

/** A refusal in the place of the response that was asked for: what the handler does is done by then. */
interface Late {
  cond: F;
  passed: F;
  val: Val & { t: 'variant' | 'call' };
  /** So many exits were there before. */
  outside: number;
}
const late = new WeakMap<Ev, Late[]>();

/** That the inner service answered at all. */
const answers = (f: F): boolean => f.f === 'not' && f.x.f === 'atom' && f.x.kind === 'fails' && f.x.args.every(x => isInnerResponse(x));

function refusesLate(ev: Ev, v: Val, passed: F, asked: number, place: Place): void {
  for (const { val, cond: whole } of alternatives(v)) {
    const cond = conjuncts(whole)
      .filter(f => !answers(f))
      .reduce((a, b) => and(a, b), TRUE as F);
    if ((val.t !== 'variant' && val.t !== 'call') || val.seq === undefined || val.seq < asked || fromInner(val)) continue;
    const parts = atomsOf(cond).flatMap(a => a.args);
    // What depends on the response (a page for errors) keeps nobody out.
    if (!parts.some(x => prov(x) & Prov.Credential) || parts.some(x => fromInner(x))) continue;
    late.get(ev)?.push({ cond, passed, val: val.t === 'variant' ? { place, ...val, why: cond } : val, outside: ev.sink.length });
  }
}

/** Runs a whole request, and lets those middleware functions speak last that look at the caller after the handler has run. */
export function throughout(ev: Ev, run: () => void): void {
  const all: Late[] = [];
  late.set(ev, all);
  run();
  late.delete(ev);
  for (const l of all.reverse()) {
    ev.sink.forEach((e, i) => {
      if (i >= l.outside && e.kind === 'return') ev.sink[i] = { ...e, cond: and(e.cond, not(l.cond)) };
    });
    const cond = and(l.passed, l.cond);
    const seq = ev.seq++;
    if (cond !== FALSE)
      ev.sink.push({ kind: 'return', val: asWritten({ ...l.val, seq }), cond, place: l.val.place as Place, frame: l.val.frame, seq });
  }
}

const handsOver = (e: CallVal): boolean =>
  e.args.pos.some(a => a === REQUEST || a === ACTIX_REQUEST || (a.t === 'fn' && a.def.kind === 'closure' && a.def.params.length === 0));

const relative = (f: F, base: F): F => (f.f === 'or' ? or(f.xs.map(x => since(x, base))) : since(f, base));

/** Is it the inner response, or made from it? */
function fromInner(v: Val, depth = 0): boolean {
  if (isInnerResponse(v)) return true;
  if (depth > 12) return false;
  switch (v.t) {
    case 'call':
      return (v.recv !== undefined && fromInner(v.recv, depth + 1)) || v.args.pos.some(a => fromInner(a, depth + 1));
    case 'op':
      return v.args.some(a => fromInner(a, depth + 1));
    case 'seq':
      return v.items.some(a => fromInner(a, depth + 1));
    case 'attr':
    case 'item':
      return fromInner(v.of, depth + 1);
    case 'variant':
      return [...v.fields.values()].some(a => fromInner(a, depth + 1));
    default:
      return false;
  }
}
