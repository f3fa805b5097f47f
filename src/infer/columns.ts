/** What the columns of a query are called, where it says which it asks for. */
import type { Val } from '../program/values.js';
import { chain, statement } from './selection.js';

/**
 * The names of the columns, in order: of a statement in SQL, or of what a query builder is told to select (`users.select(is_admin)`). Undefined
 * for one that goes by no name; none where the query does not say.
 */
export function columnsOf(query: Val): (string | undefined)[] {
  const calls = chain(query);
  const sql = statement(calls);
  if (sql !== undefined) return listOf(sql).map(nameOf);
  const given = calls.find(c => c.name === 'select')?.args.pos ?? [];
  const [only] = given;
  const all = given.length === 1 && only?.t === 'seq' ? only.items : given;
  return all.map(v => (v.t === 'ext' ? v.path.split(/::|\./).at(-1) : v.t === 'attr' ? v.name : undefined));
}

/** What stands between SELECT and FROM, by its commas. */
function listOf(sql: string): string[] {
  const from = /^\s*select\s+(?:distinct\s+)?/i.exec(sql);
  if (!from) return [];
  const out = [''];
  let deep = 0;
  for (const token of sql.slice(from[0].length).match(/'(?:[^']|'')*'|\w+|[^\w]/g) ?? []) {
    if (deep === 0 && /^from$/i.test(token)) return out.map(s => s.trim());
    if (token === '(') deep++;
    else if (token === ')') deep--;
    if (token === ',' && deep === 0) out.push('');
    else out[out.length - 1] += token;
  }
  return [];
}

/** `u.is_admin`, `"is_admin"`, `role = 'admin' AS is_admin`. */
const nameOf = (column: string): string | undefined => /(?:^|\bas\s+|\.)["`]?([a-z_]\w*)["`]?[!?]?$/i.exec(column)?.[1];
