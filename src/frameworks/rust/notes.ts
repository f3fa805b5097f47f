/** Guards that protect nothing where they stand: what their refusals would have been about. */
import type { Ev, Exit } from '../../program/ev.js';
import { atomsOf, type F, TRUE } from '../../program/formula.js';
import { prov } from '../../program/make.js';
import { Prov, type Val } from '../../program/values.js';
import type { IneffectiveNote } from '../types.js';
import type { Endpoint, Layered } from './axum/model.js';
import { fnOf } from './axum/layers.js';
import { tidy } from './axum/paths.js';

type Run = (ev: Ev, l: Layered) => void;

/** Notes of an endpoint whose guard would really refuse somebody; `more` come from the adapter. */
export function notesFor(ev: Ev, e: Endpoint, all: Endpoint[], run: Run, more: IneffectiveNote[] = []): IneffectiveNote[] {
  const out: IneffectiveNote[] = [];
  const add = (n: IneffectiveNote): void => {
    if (out.some(o => o.place.at === n.place.at && o.place.file === n.place.file)) return;
    const refusal = n.guard && refusalOf(ev, { val: n.guard, place: n.place, scope: 'router', strip: '' }, run);
    if (refusal) out.push({ ...n, name: refusal.name ?? n.name, fails: refusal.fails });
    else if (!n.guard && n.kind) out.push(n);
  };
  e.notes.forEach(add);
  more.forEach(add);
  // The same handler elsewhere, with a guard that this registration lacks.
  const mine = fnOf(e.handler);
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

/** Layers on what a router is made of that are never added to it. */
export function leftOutOf(ev: Ev, of: Val, names: RegExp): IneffectiveNote[] {
  return (ev.leftOut.get(of) ?? []).flatMap(({ call, how }): IneffectiveNote[] => {
    const [guard] = call.args.pos;
    if (!guard || !names.test(call.name)) return [];
    const { name, place } = call;
    return how === 'dead'
      ? [{ guard, name, reason: 'dead-code', place, says: 'what adds it never runs' }]
      : [{ guard, name, reason: 'cfg-gated', place, says: 'it is not added by default: what adds it is not compiled' }];
  });
}

interface RefusalOf {
  /** What refuses, as guards are called. */
  name: string | undefined;
  fails: F[];
}

/** A layer may be looked at for each of many routes, and is the same for all of them. */
const refusals = new WeakMap<Ev, Map<Val, RefusalOf | undefined>>();

/** How a layer refuses on account of who sent the request; undefined when it refuses nobody. */
function refusalOf(ev: Ev, l: Layered, run: Run): RefusalOf | undefined {
  let known = refusals.get(ev);
  if (!known) refusals.set(ev, (known = new Map()));
  if (!known.has(l.val)) known.set(l.val, tried(ev, l, run));
  return known.get(l.val);
}

const GUARDED = Prov.Csrf | Prov.Rate | Prov.Credential | Prov.Origin | Prov.Signature;

function tried(ev: Ev, l: Layered, run: Run): RefusalOf | undefined {
  let exits: Exit[] = [];
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, gaps: ev.gaps, dropped: ev.dropped, events: ev.events };
  Object.assign(ev, { pc: TRUE, sink: [], frame: undefined, gaps: [], dropped: [], events: [] });
  try {
    ev.journal.branch(() => {
      run(ev, l);
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
