/** Cells of Rust that are filled once: what is in one that a request made is known as long as the request runs. */
import type { Ev } from './ev.js';
import { and, FALSE, not, type Place } from './formula.js';
import { args as mkArgs, bool, Err, None_, Ok, phi, Some, sym, UNIT } from './make.js';
import { call } from './calls.js';
import { split } from './ops.js';
import { type CallArgs, Prov, type Val } from './values.js';

const CELL = /(^|::)(OnceCell|OnceLock|SetOnce)$/;

/** Under this key the option of what is in it is kept. */
const HELD = '@held';

/** `OnceCell::new()`, `OnceLock::from(x)` in a request; undefined where `path` makes no cell. */
export function celled(ev: Ev, path: string, a: CallArgs): Val | undefined {
  const [, type, made] = /^(.*)::(new|from|default)$/.exec(path) ?? [];
  if (!ev.request || type === undefined || !CELL.test(type) || (made === 'from') !== (a.pos.length === 1)) return undefined;
  const held = a.pos[0] ? Some(a.pos[0]) : None_;
  return sym('cell', Prov.None, { path: `${type}()`, ty: { path: type, args: [] }, store: new Map([[HELD, held]]) });
}

/** A method of such a cell. Undefined where `recv` is none, or the method is another one. */
export function onCell(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  const store = recv.t === 'sym' ? recv.store : undefined;
  const held = store?.get(HELD);
  if (!store || !held) return undefined;
  const [given] = a.pos;
  const s = split(held, place);
  switch (name) {
    case 'get':
    case 'get_mut':
    case 'into_inner':
      return held;
    case 'take':
      ev.write(store, HELD, None_);
      return held;
    case 'initialized':
      return bool(not(s.fail));
    case 'set':
      if (!given) return undefined;
      ev.write(store, HELD, phi(s.fail, Some(given), held));
      return phi(s.fail, Ok(UNIT), Err(given));
    case 'get_or_init':
    case 'get_or_try_init': {
      if (!given) return undefined;
      const v = ev.branch(
        s.fail,
        () => {
          const v = call(ev, given, mkArgs(), place);
          return v.t === 'coro' ? v.run() : v;
        },
        () => (name === 'get_or_init' ? s.ok : Ok(s.ok)),
      );
      const made = name === 'get_or_init' ? { fail: FALSE, ok: v } : split(v, place);
      ev.write(store, HELD, phi(and(s.fail, made.fail), held, Some(made.ok)));
      return v;
    }
    default:
      return undefined;
  }
}
