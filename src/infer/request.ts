/** Runs one request through an endpoint and keeps what it left behind. */
import type { Effect } from '../contract/types.js';
import type { FnDef } from '../facts/types.js';
import type { Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev, Exit, Frame, GapNote } from '../program/ev.js';
import type { F, Place } from '../program/formula.js';
import { forgetRequest } from '../program/make.js';
import { taskOf } from '../program/tasks.js';
import type { CallVal, Val } from '../program/values.js';
import { chain } from './selection.js';
import { isSql } from './sql.js';

export interface Run {
  exits: Exit[];
  gaps: GapNote[];
  dropped: Dropped[];
  /** Errors that were caught, and answered by their handlers. */
  answered: Ev['answered'];
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
  ev.answered = [];
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
    // What a task does where it is waited for is seen there.
    if (effect && !taskOf(c)?.state.ran)
      effects.push({
        effect: effect === 'write' ? ran(c) : effect === 'read' ? fetched(c) : effect,
        call: c,
        body: inBody(c.frame, handler),
      });
  }
  return {
    exits: ev.sink,
    gaps: ev.gaps,
    dropped: ev.dropped,
    answered: ev.answered,
    effects,
    optional: models.optional,
    handler,
    events: ev.events,
    entries: ev.watch.entries,
  };
}

/** What running a statement does, which is said by how the statement begins. */
function ran(c: CallVal): Effect['kind'] {
  // What writes says so itself, whatever found the row that it writes.
  if (WRITES.test(c.name)) return 'write';
  const calls = chain(c);
  const begins =
    verbOf(calls) ??
    calls
      .map(x => x.name)
      .slice(1)
      .find(n => BUILDS.test(n));
  return begins === undefined || begins === 'with' ? 'write' : effectOf(begins);
}

/** What a statement does whose rows are fetched: `update .. returning` gives rows as well. */
function fetched(c: CallVal): Effect['kind'] {
  const begins = verbOf(chain(c));
  return begins === undefined || begins === 'with' ? 'read' : effectOf(begins);
}

/** The word with which the statement begins that some of the calls is given. */
function verbOf(calls: readonly CallVal[]): string | undefined {
  const text = calls.flatMap(x => x.args.pos).find(x => x.t === 'const' && typeof x.v === 'string' && isSql(x.v));
  return text?.t === 'const' ? /^\W*(?:--.*\n\s*)*(\w+)/.exec(String(text.v))?.[1]?.toLowerCase() : undefined;
}

const effectOf = (begins: string): Effect['kind'] =>
  /^(select|find|count)/.test(begins) ? 'read' : begins.startsWith('delete') ? 'delete' : 'write';

const WRITES = /^(insert|create|update|upsert|save)(_|$)/;
const BUILDS = /^(find|select|count|insert|create|update|upsert|delete)(_|$)/;

/** Does `f` run inside the handler's own body (or in something that it called)? */
export const inBody = (f: Frame | undefined, handler: FnDef | undefined): boolean => {
  if (!handler) return false;
  const seen = new Set<Frame | undefined>([f]);
  for (const x of seen) {
    if (x?.def === handler) return true;
    // A future that the handler made runs after it: it is of its body all the same.
    if (x) seen.add(x.parent).add(x.fn?.within);
  }
  return false;
};
