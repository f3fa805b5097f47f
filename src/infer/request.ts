/** Runs one request through an endpoint and keeps what it left behind. */
import type { Effect } from '../contract/types.js';
import type { FnDef } from '../facts/types.js';
import type { Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev, Exit, Frame, GapNote } from '../program/ev.js';
import type { F, Place } from '../program/formula.js';
import { forgetRequest } from '../program/make.js';
import type { CallVal, Val } from '../program/values.js';

export interface Run {
  exits: Exit[];
  gaps: GapNote[];
  dropped: Dropped[];
  effects: { effect: Effect['kind']; call: CallVal; body: boolean }[];
  optional: { name: string; place: Place }[];
  /** The function whose body is the handler's work. */
  handler: FnDef | undefined;
  events: CallVal[];
  /** Conditions under which the handler's own body was entered. */
  entries: F[];
}

export function request(ev: Ev, models: PackModels, route: Route): Run {
  forgetRequest();
  ev.reset();
  ev.gaps = [];
  ev.dropped = [];
  ev.events = [];
  ev.seq = 0;
  models.optional = [];
  let def = route.handler;
  while ((def.t === 'fn' && def.wraps) || (def.t === 'native' && def.of))
    def = def.t === 'fn' ? (def.wraps?.inner as Val) : ((def as Val & { t: 'native' }).of as Val);
  const handler = route.body ?? (def.t === 'fn' ? def.def : undefined);
  ev.watch = { def: handler, entries: [] };
  // Whatever one request writes to shared objects (`g`, app state) is taken back after it.
  ev.journal.branch(() => {
    route.run(ev);
  });
  const effects: Run['effects'] = [];
  for (const c of ev.events) {
    const effect = models.row(c.path)?.effect;
    if (effect) effects.push({ effect, call: c, body: inBody(c.frame, handler) });
  }
  return {
    exits: ev.sink,
    gaps: ev.gaps,
    dropped: ev.dropped,
    effects,
    optional: models.optional,
    handler,
    events: ev.events,
    entries: ev.watch.entries,
  };
}

/** Does `f` run inside the handler's own body (or in something that it called)? */
export const inBody = (f: Frame | undefined, handler: FnDef | undefined): boolean => {
  for (let x = f; x; x = x.parent) if (handler && x.def === handler) return true;
  return false;
};
