/** Parameters of the request that turned out to be credentials, where they are read. */
import type { Ev } from './ev.js';
import { atomsOf } from './formula.js';
import type { Val } from './values.js';

/** `v`, or the credential that it is, where what was asked of the request before has shown that (`ev.models.shown`). */
export function asShown(ev: Ev, v: Val): Val {
  if (ev.models.shown.size === 0 || (v.t !== 'attr' && v.t !== 'call' && v.t !== 'op')) return v;
  for (const [p, as] of ev.models.shown) if (isSame(p, v)) return 'ty' in v && v.ty ? { ...as, ty: v.ty } : as;
  return v;
}

/** Are both the same part of what was read of the request? */
function isSame(a: Val | undefined, b: Val | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.t !== b.t) return false;
  switch (a.t) {
    case 'attr':
      return b.t === 'attr' && a.name === b.name && isSame(a.of, b.of);
    case 'call':
      return (
        b.t === 'call' &&
        a.name === b.name &&
        (a.recv !== undefined || (a.path === b.path && a.args.pos.length > 0)) &&
        isSame(a.recv, b.recv) &&
        isSame(a.args.pos[0], b.args.pos[0])
      );
    case 'op':
      return b.t === 'op' && a.op === b.op && a.args.length === b.args.length && a.args.every((x, i) => isSame(x, b.args[i]));
    case 'item':
      return b.t === 'item' && isSame(a.of, b.of) && isSame(a.key, b.key);
    case 'seq':
      return b.t === 'seq' && a.items.length === b.items.length && isSame(a.rest, b.rest) && a.items.every((x, i) => isSame(x, b.items[i]));
    case 'bool': {
      // Which of several are kept: told by what is asked of each. What is equal stands in either order.
      const [x, y] = [atomsOf(a.f), b.t === 'bool' ? atomsOf(b.f) : []];
      return x.length === y.length && x.every(p => y.some(q => p.kind === q.kind && p.args.every(r => q.args.some(s => isSame(r, s)))));
    }
    case 'sym':
      return b.t === 'sym' && a.path !== undefined && a.path === b.path;
    default:
      return a.t === 'const' && b.t === 'const' && a.v === b.v;
  }
}
