/** How an expression is called where a reader is told of it. */
import type { Expr } from '../facts/types.js';
import type { Module } from './values.js';

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

/** Does a module define names by writing to its own table of them, as generated ones do? Any name may be one of those. */
export const fillsItself = (m: Module): boolean => JSON.stringify(m.body).includes('"id":"globals"');
