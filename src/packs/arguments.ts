/** What the rows of the packs say of arguments, looked up in those of a call. */
import type { CallArgs, Val } from '../program/values.js';
import { constant, seq, STR } from '../program/make.js';
import type { ArgRef, GuardRow, Row } from './types.js';

export function argument(a: CallArgs, ref: ArgRef): Val | undefined {
  if (typeof ref === 'number') return a.pos[ref];
  if (typeof ref === 'string') return a.kw.get(ref);
  return (
    (ref.name !== undefined ? a.kw.get(ref.name) : undefined) ??
    (ref.arg !== undefined ? a.pos[ref.arg] : undefined) ??
    (ref.default !== undefined ? { t: 'const', v: ref.default, id: 0, p: 0 } : undefined)
  );
}

/** The values of a list, or the one value that is given instead of one. */
export const values = (v: Val | undefined): Val[] => (v === undefined ? [] : v.t === 'seq' ? v.items : [v]);

/** A guard as its arguments make it. */
export function resolveGuard(g: GuardRow, config: CallArgs): GuardRow {
  let out = g;
  for (const w of g.when ?? []) {
    const v = argument(config, { ...(w.arg !== undefined ? { arg: w.arg } : {}), ...(w.name !== undefined ? { name: w.name } : {}) });
    // A list of one thing asks for that.
    const one = v?.t === 'seq' && v.items.length === 1 && !v.rest ? v.items[0] : v;
    if (one?.t === 'const' && one.v === w.equals) out = { ...out, ...w.then };
  }
  return out;
}

/** What a row says that an attribute is, or (`f()`) a call gives. */
export const stated = ({ value }: Row = {}): Val | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? seq('set', value.map(STR)) : constant(value);
