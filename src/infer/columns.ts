/** What the columns of a query are called, where it says which it asks for. */
import type { Val } from '../program/values.js';
import { chain, statement } from './selection.js';

/** What the column is called that `v` is, where it is none of a name: the one that a query asks for, or a numbered one. */
export function columnName(v: Val): string | undefined {
  switch (v.t) {
    case 'attr':
      return numbered(v.of, Number(v.name));
    case 'item':
      return numbered(v.of, keyOf(v.key));
    case 'call':
      return v.recv && GETS.test(v.name) ? numbered(v.recv, keyOf(v.args.pos[0])) : undefined;
    case 'op': {
      const [of, key] = v.args;
      if (!of || (v.op === 'get') !== (key !== undefined)) return undefined;
      if (key) return numbered(of, keyOf(key));
      const columns = v.op === 'ok' && of.t === 'call' ? columnsOf(of) : [];
      return columns.length === 1 ? columns[0] : of.t === 'op' || of.t === 'call' ? columnName(of) : undefined;
    }
    default:
      return undefined;
  }
}

const GETS = /^(try_)?get(_unwrap)?$/;

const keyOf = (v: Val | undefined): number => (v?.t === 'const' && typeof v.v === 'number' ? v.v : Number.NaN);

const numbered = (row: Val, place: number): string | undefined => (place >= 0 ? columnsOf(row)[place] : undefined);

/**
 * The names of the columns, in order: of a statement in SQL, or of what a query builder is told to select (`users.select(is_admin)`). Undefined
 * for one that goes by no name; none where the query does not say.
 */
function columnsOf(query: Val): (string | undefined)[] {
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
