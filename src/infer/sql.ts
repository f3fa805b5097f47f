/**
 * Which placeholders of an SQL statement decide what rows it is about. `where id = $1 and owner = $2` asks whose row it is;
 * `select exists(select 1 from likes where by = $2)` in the list of columns, or a value that is inserted, does not.
 */
import type { Val } from '../program/values.js';

type Clause = 'list' | 'from' | 'where' | 'with' | 'other';

interface Level {
  verb?: 'select' | 'insert' | 'update' | 'delete';
  clause: Clause;
  /** A statement here: do its conditions restrict what the whole is about? */
  restricts: boolean;
  parent?: Level;
  /** What the placeholders that come next are a part of. */
  condition: Condition;
  /** What its clauses are the parts of. */
  base: Condition;
}

/** Conditions beside each other, joined by `or`; each has the placeholders and the groups in parentheses that are joined by `and` in it. */
export interface Condition {
  alternatives: (number | string | Condition)[][];
}

const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|::\w+|\$(\d+)|\?(\d*)|%s|%\((\w+)\)s|:([A-Za-z_]\w*)|[A-Za-z_]\w*|[()]/g;

/** Is `text` a statement at all? */
export const isSql = (text: string): boolean => /^\s*(?:--[^\n]*\n\s*)*(?:select|insert|update|delete|with)\s/i.test(text);

/** The text of a statement, or what one is put together from. */
export const isStatement = (v: Val, deep = 0): boolean =>
  (v.t === 'const' && typeof v.v === 'string' && isSql(v.v)) || (v.t === 'op' && deep < 3 && v.args.some(x => isStatement(x, deep + 1)));

/** How many values a statement has a place for. */
export function places(sql: string): number {
  const keys = [...sql.matchAll(TOKEN)].map(m => m[1] ?? m[3] ?? m[4] ?? (m[2] || (m[0] === '?' || m[0] === '%s' ? m.index : undefined)));
  const numbers = keys.map(Number).filter(n => Number.isInteger(n) && n > 0);
  return Math.max(new Set(keys.filter(k => k !== undefined)).size, 0, ...numbers.filter(n => n < 1000));
}

/** A row's own key, as schemas call it. */
export const OWN_KEY = /^_?(id|pk|uuid|uid|guid)$/i;

/** @returns the one table that a statement reads, as it is written in it */
export function tableOf(sql: string): string | undefined {
  const all = [...sql.matchAll(/\b(?:from|join)\s+["`]?(?:\w+["`]?\.["`]?)?(\w+)/gi)];
  return all.length === 1 ? all[0]?.[1]?.toLowerCase() : undefined;
}

/** @returns the placeholders that select rows: positions (from 1, in order where they are not numbered) and names, joined as they are */
export const selecting = (sql: string): Condition => selected(sql, () => true);

/** @returns those of them that a row's own key is held against */
export const owned = (sql: string): Condition => selected(sql, before => OWN_KEY.test(/(\w+)["`]?\s*=\s*$/.exec(before)?.[1] ?? ''));

function selected(sql: string, which: (before: string) => boolean): Condition {
  const all: Condition = { alternatives: [[]] };
  let level: Level = { clause: 'other', restricts: true, condition: all, base: all };
  let position = 0;
  let outer = false;
  for (const m of sql.matchAll(TOKEN)) {
    const word = m[0];
    const key =
      m[1] !== undefined ? Number(m[1]) : (m[3] ?? m[4] ?? (m[2] ? Number(m[2]) : word === '?' || word === '%s' ? ++position : undefined));
    if (key !== undefined) {
      if (selects(level) && which(sql.slice(0, m.index))) level.condition.alternatives.at(-1)?.push(key);
    } else if (word === '(') {
      const group = within(level.condition);
      level = { clause: 'other', restricts: false, parent: level, condition: group, base: group };
    } else if (word === ')') level = level.parent ?? level;
    else if (/^or$/i.test(word)) {
      if (selects(level)) level.condition.alternatives.push([]);
    } else {
      outer = keyword(level, word.toLowerCase(), outer);
      // What each clause asks has to hold beside what the others ask.
      if (/^(where|having|on)$/i.test(word)) level.condition = within(level.base);
    }
  }
  return all;
}

/** A group of its own, which has to hold beside the rest of the last alternative. */
function within(c: Condition): Condition {
  const group: Condition = { alternatives: [[]] };
  c.alternatives.at(-1)?.push(group);
  return group;
}

/** @returns whether the next `join` is an outer one */
function keyword(level: Level, word: string, outer: boolean): boolean {
  switch (word) {
    case 'select':
    case 'insert':
    case 'update':
    case 'delete':
      // `for update`, `on conflict do update`: no statement of its own. `insert .. select` goes on as a select.
      if (level.verb && !(level.verb === 'insert' && word === 'select')) break;
      level.verb = word;
      level.clause = word === 'delete' ? 'from' : 'list';
      level.restricts = !level.parent || word === 'update' || word === 'delete' || selects(level.parent) || level.parent.clause === 'from';
      break;
    case 'with':
      if (!level.verb) level.clause = 'with';
      break;
    case 'from':
    case 'using':
      level.clause = 'from';
      break;
    case 'left':
    case 'full':
      return true;
    case 'join':
      level.clause = outer ? 'other' : 'from';
      return outer;
    case 'on':
      if (level.clause === 'from') level.clause = 'where';
      return false;
    case 'where':
    case 'having':
      level.clause = 'where';
      break;
    case 'set':
    case 'values':
    case 'returning':
    case 'group':
    case 'order':
    case 'limit':
    case 'offset':
    case 'conflict':
      level.clause = 'other';
      break;
    case 'union':
    case 'intersect':
    case 'except':
      delete level.verb;
      break;
    default:
      break;
  }
  return outer;
}

function selects(level: Level): boolean {
  if (level.verb) return level.restricts && level.clause === 'where';
  return level.parent !== undefined && selects(level.parent);
}

/** @returns the columns that decide which rows a statement is about by what stands in it: `active`, `revoked = 0`, `deleted_at is null` */
export function asides(sql: string): string[] {
  const where = /\bwhere\b([\s\S]*?)(?:\b(?:group|order|limit|returning|union|for)\b|$)/i.exec(sql)?.[1] ?? '';
  return where
    .split(/\b(?:and|or)\b/i)
    .flatMap(
      part =>
        /^[\s(]*(?:not\s+)?[("`]*(?:\w+["`]?\.["`]?)?(\w+)["`]?\s*(?:$|\)|is\b|(?:=|==|<>|!=)\s*(?:'|\d|true\b|false\b))/i.exec(
          part,
        )?.[1] ?? [],
    );
}
