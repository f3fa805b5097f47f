/** Answers of which the status is not known. */
import { leavesOf } from '../program/alternatives.js';
import { isUnlisted } from '../program/tables.js';
import { argument } from '../packs/arguments.js';
import type { PackModels } from '../packs/models.js';
import type { CallVal, Val } from '../program/values.js';

/** What is known of these is what is known of what they are made of. */
const KEEPS: ReadonlySet<string> = new Set(['ok', 'awaited', 'generic']);

/** Is it given a status, and one that is not known, or is it made by a library of which nothing is known? */
export function unread(models: PackModels, v: Val): boolean {
  switch (v.t) {
    case 'sym':
      return v.path === '@reply';
    case 'seq':
      // `body, status` and `(status, body)`
      return v.kind === 'tuple' && v.items.some(x => unreadBeside(models, x));
    case 'item':
    case 'attr':
      return unread(models, v.of);
    case 'op':
      // `from_u16(n).unwrap()`
      return KEEPS.has(v.op) && v.args[0] !== undefined && unread(models, v.args[0]);
    case 'call': {
      if (statusGiven(models, v) !== undefined) return true;
      const row = models.row(v.path);
      // What is described, and not as an answer (a row of a table), is shown.
      if (row && !row.responds) return false;
      // `(status, body).into_response()`: builders keep the status of what they were called on.
      return v.recv ? unread(models, v.recv) : v.path !== undefined && !row;
    }
    case 'ext':
      return !models.row(v.path);
    default:
      return false;
  }
}

/** Beside a page: is it a status that is not known? */
export const unreadBeside = (models: PackModels, v: Val): boolean => unread(models, v) || isNumber(v);

/** Is it a number that is computed (`400 + n`), or one of a table (`STATUS[kind]`)? */
function isNumber(v: Val): boolean {
  const isNumeral = (x: Val): boolean => x.t === 'const' && typeof x.v === 'number';
  if (v.t === 'phi') return leavesOf(v).some(isUnlisted) && leavesOf(v).some(x => isNumeral(x));
  const any = v.t === 'item' && v.of.t === 'map' ? [...v.of.entries.values()] : v.t === 'op' && v.op === 'either' ? v.args : [];
  if (any.length > 0) return any.some(isNumeral);
  return v.t === 'op' && (v.op === 'int' || (ARITHMETIC.has(v.op) && v.args.some(x => isNumeral(x) || isNumber(x))));
}

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*']);

/** What a call is given as the status of what it makes. */
export function statusGiven(models: PackModels, c: CallVal): Val | undefined {
  const row = models.row(c.path);
  const s = row?.responds?.status ?? row?.raises?.status ?? row?.error?.status;
  if (typeof s !== 'object') return undefined;
  return argument(c.args, { ...(s.arg !== undefined ? { arg: s.arg } : {}), ...(s.name !== undefined ? { name: s.name } : {}) });
}
