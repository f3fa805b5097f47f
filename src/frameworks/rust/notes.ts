/** Guards that protect nothing where they stand: what their refusals would have been about. */
import type { Param } from '../../facts/types.js';
import { walk } from '../../facts/walk.js';
import { PackModels } from '../../packs/models.js';
import type { Ev, Exit } from '../../program/ev.js';
import { atomsOf, type F, type Place, TRUE } from '../../program/formula.js';
import { prov } from '../../program/make.js';
import { split } from '../../program/ops.js';
import { tyOf } from '../../program/rust.js';
import { type FnVal, Prov, type Val } from '../../program/values.js';
import type { IneffectiveNote } from '../types.js';
import { fnOf, refuse } from './axum/layers.js';
import type { Endpoint, Layered } from './axum/model.js';
import { tidy } from './axum/paths.js';
import { extract, type Web } from './extract.js';
import { mentioned } from './mentioned.js';
import { scopeOf } from './request.js';

/** How a framework runs what is tried out. */
export interface Runs {
  web: Web;
  begin: (ev: Ev) => void;
  layer: (ev: Ev, l: Layered) => void;
  around: (ev: Ev, fn: FnVal) => void;
}

/** Notes of an endpoint whose guard would really refuse somebody; `more` come from the adapter. */
export function notesFor(ev: Ev, e: Endpoint, all: Endpoint[], runs: Runs, more: IneffectiveNote[] = []): IneffectiveNote[] {
  const out: IneffectiveNote[] = [];
  const add = (n: IneffectiveNote): void => {
    if (out.some(o => o.place.at === n.place.at && o.place.file === n.place.file)) return;
    const { guard, place } = n;
    const around = (x: Ev): void => {
      if (guard?.t === 'fn') runs.around(x, guard);
      else if (guard) runs.layer(x, { val: guard, place, scope: 'router', strip: '' });
    };
    const refusal = guard && refusalOf(ev, guard, runs, around);
    if (refusal) out.push({ ...n, name: refusal.name ?? n.name, fails: refusal.fails });
    else if (!guard && n.kind) out.push(n);
  };
  const mine = fnOf(e.handler);
  if (mine) for (const a of mine.def.absent ?? []) out.push(...parameter(ev, mine, a, runs));
  e.notes.forEach(add);
  more.forEach(add);
  unattached(ev).forEach(add);
  // The same handler elsewhere, with a guard that this registration lacks.
  for (const o of all) {
    if (
      !mine ||
      o === e ||
      fnOf(o.handler)?.def !== mine.def ||
      (o.method === e.method && o.path === e.path) ||
      o.layers.length <= e.layers.length
    )
      continue;
    for (const l of o.layers)
      if (!e.layers.some(x => x.val === l.val))
        add({
          guard: l.val,
          name: 'layer',
          reason: 'duplicate-route',
          place: e.route,
          says: `the handler is guarded at ${tidy(o.path)} and not here`,
        });
  }
  return out;
}

/** A parameter that the handler does not have, where it would turn requests away. */
function parameter(ev: Ev, fn: FnVal, { param, by }: { param: Param; by?: string }, runs: Runs): IneffectiveNote[] {
  const { type } = param;
  if (!type) return [];
  const place: Place = { file: fn.module.file, at: param.at };
  const name = type.path.join('::');
  const t = tyOf(ev, type, scopeOf(fn.scope, fn.types, fn.owner));
  const refusal = refusalOf(ev, param, runs, x => {
    const r = extract(x, t, place, runs.web);
    if (!x.dead) refuse(x, r, split(r, place).fail, place);
  });
  if (by === undefined)
    return refusal ? [{ name, place, reason: 'commented-out', says: `\`${name}\` is a parameter in a comment`, fails: refusal.fails }] : [];
  // Its type may be left out together with it: what it asks for cannot be read then.
  const unread = !t.cls && !(ev.models instanceof PackModels && ev.models.row(t.path));
  const says = `\`${name}\` is a parameter only with ${by}, which is not on by default`;
  return refusal || unread ? [{ name, place, reason: 'cfg-gated', says, ...(refusal ? { fails: refusal.fails } : { kind: 'authn' }) }] : [];
}

/** Functions made to stand around handlers that nothing in the program names. */
function unattached(ev: Ev): IneffectiveNote[] {
  let all = forgotten.get(ev);
  if (!all) {
    const around = mentioned(ev).filter(m => m.fn.def.params.at(-1)?.type?.path.at(-1) === 'Next');
    const words = around.length > 0 ? wordsOf(ev) : new Set<string>();
    const lone = around.filter(m => !words.has(m.fn.def.name));
    all = lone.map(({ fn, key }) => ({
      guard: fn,
      name: key,
      reason: 'not-registered',
      place: { file: fn.module.file, at: fn.def.at },
      says: `nothing puts \`${key}\` around a handler`,
      elsewhere: true,
    }));
    forgotten.set(ev, all);
  }
  return all;
}

/** Every name that the code of the program says, but for imports. */
function wordsOf(ev: Ev): ReadonlySet<string> {
  const out = new Set<string>();
  for (const m of ev.program.modules)
    walk(m.body, n => {
      if (n.s === 'use') return false;
      if (n.k === 'name' && n.id !== undefined) out.add(n.id);
      else if (n.k === 'member' && n.name !== undefined) out.add(n.name);
      else if (n.k === 'path') for (const seg of n.segs ?? []) out.add(seg);
      // Attributes name functions in strings.
      else if (n.k === 'lit' && typeof n.v === 'string') out.add(n.v);
      if (n.tokens !== undefined) for (const [w] of n.tokens.matchAll(/\w+/g)) out.add(w);
      return true;
    });
  return out;
}

const forgotten = new WeakMap<Ev, IneffectiveNote[]>();

const LEFT_OUT = {
  dead: { reason: 'dead-code', says: 'what adds it never runs' },
  gated: { reason: 'cfg-gated', says: 'it is not added by default: what adds it is not compiled' },
  commented: { reason: 'commented-out', says: 'what adds it stands in a comment' },
} as const;

/** Layers on what a router is made of that are never added to it. */
export function leftOutOf(ev: Ev, of: Val, names: RegExp): IneffectiveNote[] {
  return (ev.leftOut.get(of) ?? []).flatMap(({ call, how }): IneffectiveNote[] => {
    const [guard] = call.args.pos;
    if (!guard || !names.test(call.name)) return [];
    const { name, place } = call;
    return [{ guard, name, place, ...LEFT_OUT[how] }];
  });
}

interface RefusalOf {
  /** What refuses, as guards are called. */
  name: string | undefined;
  fails: F[];
}

/** What is looked at for each of many routes is the same for all of them. */
const refusals = new WeakMap<Ev, Map<object, RefusalOf | undefined>>();

/** How something refuses on account of who sent the request; undefined when it refuses nobody. */
function refusalOf(ev: Ev, of: object, runs: Runs, run: (ev: Ev) => void): RefusalOf | undefined {
  let known = refusals.get(ev);
  if (!known) refusals.set(ev, (known = new Map()));
  if (!known.has(of)) known.set(of, tried(ev, runs, run));
  return known.get(of);
}

const GUARDED = Prov.Csrf | Prov.Rate | Prov.Credential | Prov.Origin | Prov.Signature;

function tried(ev: Ev, runs: Runs, run: (ev: Ev) => void): RefusalOf | undefined {
  let exits: Exit[] = [];
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, gaps: ev.gaps, dropped: ev.dropped, events: ev.events };
  Object.assign(ev, { pc: TRUE, sink: [], frame: undefined, gaps: [], dropped: [], events: [] });
  try {
    ev.journal.branch(() => {
      runs.begin(ev);
      run(ev);
      exits = ev.sink;
    });
  } finally {
    Object.assign(ev, saved);
  }
  const fails = exits.map(x => x.cond).filter(f => atomsOf(f).some(a => a.args.some(v => prov(v) & GUARDED)));
  if (fails.length === 0) return undefined;
  let name: string | undefined;
  for (let f = exits[0]?.frame; f; f = f.parent) if (f.role) name = f.name;
  return { name, fails };
}
