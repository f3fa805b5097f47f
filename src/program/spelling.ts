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

/** The function that an expression calls first, as it is written. */
export function calleeOf(e: Expr): string | undefined {
  switch (e.k) {
    case 'await':
    case 'try':
      return e.of ? calleeOf(e.of) : undefined;
    case 'call':
      return e.fn.k === 'name' ? e.fn.id : e.fn.k === 'path' ? e.fn.segs.at(-1) : e.fn.k === 'member' ? e.fn.name : undefined;
    default:
      return undefined;
  }
}

/** Does a module define names by writing to its own table of them, as generated ones do? Any name may be one of those. */
export const fillsItself = (m: Module): boolean => JSON.stringify(m.body).includes('"id":"globals"');
