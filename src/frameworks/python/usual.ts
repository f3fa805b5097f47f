/** What code decides at the start while nobody has set any of the settings that it asks for. */
import { type Atom, type F, type Memo, truth } from '../../program/formula.js';
import type { Val } from '../../program/values.js';

type Literal = string | number | boolean | null;

/** Whether `c` holds while every setting has the value that the code gives it; undefined where anything else is asked. */
export function usually(c: F): boolean | undefined {
  const memo: Memo = new Map();
  return truth(c, a => holds(a, memo), memo);
}

function holds(a: Atom, memo: Memo): boolean | undefined {
  const [x, y] = a.args;
  switch (a.kind) {
    case 'truthy': {
      const v = literal(x, memo);
      return v === undefined ? undefined : Boolean(v);
    }
    case 'fails': {
      const v = literal(x, memo);
      return v === undefined ? undefined : v === null;
    }
    case 'eq': {
      const [v, w] = [literal(x, memo), literal(y, memo)];
      return v === undefined || w === undefined ? undefined : v === w;
    }
    case 'in': {
      const v = literal(x, memo);
      const all = y?.t === 'seq' && !y.rest ? y.items.map(i => literal(i, memo)) : [undefined];
      return v === undefined || all.includes(undefined) ? undefined : all.includes(v);
    }
    default:
      return undefined;
  }
}

/** The value itself, a setting's when nobody has set it, and what methods of text make of that. */
function literal(v: Val | undefined, memo: Memo): Literal | undefined {
  switch (v?.t) {
    case 'const':
      return v.v;
    case 'sym':
      return literal(v.store?.get('@default'), memo);
    case 'bool': {
      return truth(v.f, a => holds(a, memo), memo);
    }
    case 'phi': {
      const first = truth(v.c, a => holds(a, memo), memo);
      return first === undefined ? undefined : literal(first ? v.a : v.b, memo);
    }
    case 'call': {
      const of = v.args.pos.length === 0 ? literal(v.recv, memo) : undefined;
      if (typeof of !== 'string') return undefined;
      if (v.name === 'lower' || v.name === 'casefold') return of.toLowerCase();
      if (v.name === 'upper') return of.toUpperCase();
      return v.name === 'strip' ? of.trim() : undefined;
    }
    default:
      return undefined;
  }
}
