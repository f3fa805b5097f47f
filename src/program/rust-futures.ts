/** Futures that the application writes itself: what awaiting one gives is what its `poll` gives once it is ready. */
import { call, callFunction } from './calls.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args, phi, sym, variant } from './make.js';
import { type CallArgs, type FnVal, type ObjVal, Prov, type Val } from './values.js';

const POLL = 'std::task::Poll';
const READY = 'Ready';

/** What was asked for is there. */
export const ready = (v: Val): Val => variant(POLL, READY, [v]);

/** Is it an object of a type of the application's that can be awaited? */
export const isFuture = (v: Val): v is ObjVal => v.t === 'obj' && v.cls.module.language === 'rust' && pollOf(v) !== undefined;

function pollOf({ cls }: ObjVal): FnVal | undefined {
  const poll = cls.impls.find(i => i.trait && /(^|::)Future$/.test(i.trait.path))?.members.get('poll');
  return poll?.t === 'fn' ? poll : undefined;
}

/** What `poll` of the future `v` gives once it is ready. */
export function polled(ev: Ev, v: ObjVal): Val {
  const poll = pollOf(v);
  if (!poll) return v;
  const place: Place = { file: poll.module.file, at: poll.def.at };
  return whenReady(callFunction(ev, { ...poll, self: v }, args([sym('cx', Prov.None, { present: true })]), place));
}

/** The value behind `Poll::Ready`: whoever awaits goes on when it is there. */
export function whenReady(v: Val): Val {
  if (v.t === 'phi') return phi(v.c, whenReady(v.a), whenReady(v.b));
  if (v.t === 'call' && v.path.endsWith('Poll::Ready')) return v.args.pos[0] ?? v;
  return v.t === 'variant' && v.tag === READY ? (v.fields.get('0') ?? v) : v;
}

/** What is reached of a value that is pinned: its fields (`self.project()`, which a macro writes), or one of them. */
export function unpinned(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  if (recv.t !== 'obj' && recv.t !== 'variant') return undefined;
  if (/^project(_ref)?$/.test(name) && a.pos.length === 0) return recv;
  return /^map_unchecked(_mut)?$/.test(name) && a.pos[0]?.t === 'fn' ? call(ev, a.pos[0], args([recv]), place) : undefined;
}
