/** Guards that protect nothing where they stand: what their refusals would have been about. */
import type { Ev } from '../../program/ev.js';
import { atomsOf } from '../../program/formula.js';
import { prov } from '../../program/make.js';
import { Prov } from '../../program/values.js';
import type { IneffectiveNote } from '../types.js';
import type { Endpoint, Layered } from './axum/model.js';
import { fnOf } from './axum/layers.js';
import { tidy } from './axum/paths.js';

type Run = (ev: Ev, l: Layered) => void;

/** Notes of an endpoint whose guard would really refuse somebody; `more` come from the adapter. */
export function notesFor(ev: Ev, e: Endpoint, all: Endpoint[], run: Run, more: IneffectiveNote[] = []): IneffectiveNote[] {
  const out: IneffectiveNote[] = [];
  const add = (n: IneffectiveNote): void => {
    const kind = n.guard ? refusalKind(ev, { val: n.guard, place: n.place, scope: 'router', strip: '' }, run) : n.kind;
    if (kind && !out.some(o => o.place.at === n.place.at && o.place.file === n.place.file)) out.push({ ...n, kind });
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

/** What the refusals of a layer are about; undefined when it refuses nobody. */
function refusalKind(ev: Ev, l: Layered, run: Run): IneffectiveNote['kind'] {
  let p = 0;
  let refuses = false;
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, gaps: ev.gaps, dropped: ev.dropped, events: ev.events };
  Object.assign(ev, { pc: { f: 'true' }, sink: [], frame: undefined, gaps: [], dropped: [], events: [] });
  try {
    ev.journal.branch(() => {
      run(ev, l);
      for (const x of ev.sink) {
        refuses = true;
        for (const a of atomsOf(x.cond)) for (const v of a.args) p |= prov(v);
      }
    });
  } finally {
    Object.assign(ev, saved);
  }
  if (!refuses) return undefined;
  if (p & Prov.Csrf) return 'csrf';
  if (p & Prov.Rate) return 'rate-limit';
  if (p & Prov.Credential) return 'authn';
  if (p & Prov.Origin) return 'origin';
  return p & Prov.Signature ? 'signature' : undefined;
}
