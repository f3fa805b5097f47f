/** How an expression is called where a reader is told of it. */
import type { Expr } from '../facts/types.js';

export function nameOf(e: Expr): string {
  switch (e.k) {
    case 'name':
      return e.id;
    case 'path':
      return e.segs.join('::');
    case 'member':
      return `${nameOf(e.of)}.${e.name}`;
    case 'call':
      return nameOf(e.fn);
    case 'lit':
      return String(e.v);
    default:
      return '<expression>';
  }
}
