/** Functions that give the same for the same arguments (`functools.cache`): what was made while the application was put together is given again. */
import type { Ev } from './ev.js';
import { keyOf } from './keys.js';
import type { CallArgs, FnVal, Val } from './values.js';

/** Whether calls of what the library decorator `d` decorates are kept. */
export function keepsResults(ev: Ev, d: Val): boolean {
  const path = d.t === 'ext' || d.t === 'call' ? ev.program.pathOf(d) : undefined;
  return path !== undefined && ev.models.caches(path.replace(/\(\)$/, ''));
}

/** What `run` gives, or what it gave before for the same arguments, outside of any request. */
export function once(ev: Ev, fn: FnVal, a: CallArgs, run: () => Val): Val {
  const said = (v: Val): string => keyOf(v) ?? `#${String(v.id)}`;
  const key = a.rest
    ? undefined
    : [...(fn.self ? [fn.self] : []), ...a.pos].map(said).join() + [...a.kw].map(([k, v]) => `,${k}=${said(v)}`).join('');
  const known = key === undefined ? undefined : fn.results?.get(key);
  if (known) return known;
  const v = run();
  const cut = v.t === 'op' && v.op.startsWith('call:');
  if (key !== undefined && !ev.request && !ev.dead && !cut) fn.results?.set(key, v);
  return v;
}
