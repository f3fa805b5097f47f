/** What a database query was selected by: the part of its provenance that decides which rows it is about. */
import { atomsOf, conjuncts } from '../program/formula.js';
import { bool, prov } from '../program/make.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import { constantsIn } from './constants.js';
import { type Condition, isSql, OWN_KEY, owned, places, selecting } from './sql.js';

/** @returns the union of the provenance of what selects; undefined where `v` is not known to be the result of a query */
export function selection(v: Val): number | undefined {
  if (!selections.has(v))
    selections.set(
      v,
      selectors(chain(v))?.reduce((p, x) => p | origin(x), 0),
    );
  return selections.get(v);
}
/** Many questions are asked of one row. */
const selections = new WeakMap<Val, number | undefined>();

/** Whether all that the caller has a part in, of what selects the rows of `v`, was read from rows that are there. */
export function followsRows(v: Val): boolean {
  const by = selectors(chain(v))?.flatMap(x => sent(x)) ?? [];
  return by.length > 0 && by.every(x => x.t === 'attr' && selection(x.of) !== undefined);
}

/** What the caller has a part in, in a selector: `update(table.find(row.id))` is given a query of its own. */
function sent(x: Val, depth = 0): Val[] {
  if (!(prov(x) & (Prov.Credential | Prov.Input))) return [];
  if (x.t !== 'call' || depth > 20 || x.query !== undefined) return [x];
  return [...(x.recv ? [x.recv] : []), ...argumentsOf(x)].flatMap(y => sent(y, depth + 1));
}

/** The names that rows were asked for by, where the code alone says which they are (`Role.query.filter_by(name="admin").first()`). */
export function lookedUpBy(v: Val): string[] {
  const calls = chain(v.t === 'attr' && isOwnKey(v) ? v.of : v);
  // What stands before the query was given to make the connection.
  const by = selectors(calls.slice(0, calls.findLastIndex(c => c.query !== undefined || textOf(c) !== undefined) + 1)) ?? [];
  return by.some(x => origin(x) & (Prov.Credential | Prov.Input)) ? [] : constantsIn(by.flatMap(x => written(x)));
}

/** What a selector holds columns against. */
function written(x: Val, depth = 0): Val[] {
  const all = (xs: readonly Val[]): Val[] => (depth > 8 ? [] : xs.flatMap(y => written(y, depth + 1)));
  if (x.t === 'bool') return atomsOf(x.f).flatMap(a => a.args.filter(y => y.t === 'const' || y.t === 'variant' || y.t === 'seq'));
  if (x.t !== 'call') return [x];
  // What a column or a connection is made with is no name of a row.
  return [...(x.recv && x.query ? all([x.recv]) : []), ...(x.recv && x.query?.selects !== false ? all(argumentsOf(x)) : [])];
}

/** The values that decide which rows a query is about; undefined where `v` is not known to be the result of one. */
function selectors(calls: readonly CallVal[]): Val[] | undefined {
  if (!calls.some(c => c.query !== undefined || textOf(c) !== undefined)) return undefined;
  const { by, sql, bound, named } = built(calls);
  // More is bound than the text has places for: it was put together out of sight, and what is known of it is not the whole.
  if (sql !== undefined && bound.length <= places(sql)) return [...by, ...filled(selecting(sql), bound, named)];
  by.push(...bound, ...named.values());
  const first = calls.at(-1);
  return first?.recv && first.query?.selects !== false ? [...by, first.recv] : by;
}

/** What the calls that make a query give it: the text of a statement and what is bound to it, or values beside each other. */
function built(calls: readonly CallVal[]): { by: Val[]; sql: string | undefined; bound: Val[]; named: Map<string, Val> } {
  let by: Val[] = [];
  // What is bound to the statement, in order: its own arguments, then those of `.bind(..)`.
  const bound: Val[] = [];
  const named = new Map<string, Val>();
  let sql: string | undefined;
  for (const c of calls.toReversed()) {
    const own = sql === undefined ? textOf(c) : undefined;
    if (own) {
      sql = own.text;
      bound.push(...own.bound);
      for (const [k, x] of own.named) named.set(k, x);
    } else if (sql !== undefined) {
      if (/^(try_)?bind$/.test(c.name)) bound.push(...c.args.pos);
      if (/^(bind)?params$/.test(c.name)) for (const [k, x] of c.args.kw) named.set(k, x);
    } else if (c.query?.selects !== false) {
      const more = argumentsOf(c).flatMap(x => asked(x));
      by = c.name === 'or_filter' ? either([by, more]) : [...by, ...more];
    }
  }
  return { by, sql, bound, named };
}

/** The text of the statement that these calls make and run. */
export const statement = (calls: readonly CallVal[]): string | undefined => (calls.length > 0 ? built(calls).sql : undefined);

/** What stands in these places of a statement. */
const filled = (c: Condition, bound: readonly Val[], named: ReadonlyMap<string, Val>): Val[] =>
  either(
    c.alternatives.map(keys =>
      keys.flatMap(k => {
        if (typeof k === 'object') return filled(k, bound, named);
        const x = typeof k === 'number' ? bound[k - 1] : named.get(k);
        return x ? [x] : [];
      }),
    ),
  );

/**
 * What selects rows for which one of these has to hold. Where one of them asks for what the request names, and not for the caller, he
 * names what he likes: that the others ask for him restricts nothing. (What a row says of itself, as that it is public, is not for him to say.)
 */
function either(alternatives: readonly Val[][]): Val[] {
  const has = (by: readonly Val[], p: number): boolean => by.some(x => origin(x) & p);
  const open = alternatives.filter(by => has(by, Prov.Input) && !has(by, Prov.Credential));
  return (open.length > 0 ? open : alternatives).flat();
}

/** What selects rows in what a query is given: `or_(Note.id == id, Note.owner == me)`, `notes::id.eq(id).or(notes::owner.eq(me))`. */
function asked(x: Val, depth = 0): Val[] {
  if (depth > 8) return [x];
  const all = (xs: readonly Val[]): Val[][] => xs.map(y => asked(y, depth + 1));
  if (x.t === 'bool') {
    if (x.f.f === 'or') return either(all(x.f.xs.map(f => bool(f))));
    const parts = conjuncts(x.f);
    return parts.length > 1 ? all(parts.map(f => bool(f))).flat() : [x];
  }
  const parts = x.t === 'op' ? x.args : x.t === 'call' ? [...(x.recv ? [x.recv] : []), ...x.args.pos] : [];
  const how = x.t === 'op' ? x.op : x.t === 'call' ? x.name : '';
  if (/^(or_?|\|)$/.test(how)) return either(all(parts));
  if (/^(and_?|&)$/.test(how)) return all(parts).flat();
  // `Condition::any().add(..).add(..)`
  const calls = chain(x);
  return calls.at(-1)?.path.endsWith('Condition::any') ? either(calls.toReversed().flatMap(c => all(c.args.pos))) : [x];
}

/** Is the row asked for by its own key, which the request names? It is somebody's then, while one made of two others may not be there yet. */
export function byOwnKey(v: Val): boolean {
  const calls = chain(v);
  const { sql, bound, named } = built(calls);
  const given = sql === undefined ? heldTo(calls[0] as Val) : filled(owned(sql), bound, named);
  return given.some(x => prov(x) & Prov.Input && !(prov(x) & Prov.Credential));
}

/** What a row's own key is held against: `filter_by(id=..)`, `Note.id == ..`, `notes::id.eq(..)`. */
function heldTo(x: Val, depth = 0): Val[] {
  if (x.t === 'bool') return atomsOf(x.f).flatMap(a => (a.kind === 'eq' && a.args.some(isOwnKey) ? a.args.filter(y => !isOwnKey(y)) : []));
  if (x.t !== 'call' || depth > 8) return [];
  if (x.name === 'eq' && x.recv && isOwnKey(x.recv)) return x.args.pos;
  const named = [...x.args.kw].filter(([k]) => OWN_KEY.test(k)).map(([, y]) => y);
  return [...named, ...[...(x.recv ? [x.recv] : []), ...x.args.pos].flatMap(y => heldTo(y, depth + 1))];
}

const isOwnKey = (v: Val): boolean => {
  const name = v.t === 'attr' ? v.name : v.t === 'ext' ? v.path.split(/::|\./).at(-1) : undefined;
  return name !== undefined && OWN_KEY.test(name);
};

/** Does the failing of `v` say only that the database did not answer? (A query that finds nothing succeeds.) */
export function neverMisses(v: Val, raised: boolean): boolean {
  // Nothing that a statement was to change was there; what it was to make is.
  if (v.t === 'op' && v.op === 'rows') return chain(v).some(c => c.args.pos.some(x => INSERT.test(text(x) ?? '')));
  if (v.t !== 'call') return false;
  if (v.query?.misses === 'never' || (raised && v.query?.misses === 'none')) return true;
  // An insert makes its row, a count is a row. (What merely sends a statement, `session.execute(..)`, says nothing of either.)
  const calls = chain(v);
  const first = calls.at(-1);
  // That there is no row is raised only by what is known to: a statement that is made is not run yet, and what one gave is merely read.
  const merely = first?.query?.selects === false || calls.some(c => c !== v && c.query?.misses === 'never');
  if (raised && merely && v.query?.misses !== 'fails') return true;
  return (
    (first?.recv === undefined && first?.query?.misses === 'never') ||
    calls.some(c => c.args.pos.some(x => (x.t === 'call' && x.query?.misses === 'never') || AGGREGATE.test(text(x) ?? '')))
  );
}

/** Does the statement stand where it was not read? */
export const isHidden = (v: Val): boolean => chain(v).some(c => c.query?.hidden === true);

const INSERT = /^\s*(insert|replace)\s/i;
const AGGREGATE = /^\s*(select\s+(count|exists|sum|max|min|avg)\s*\(|insert\s)/i;
const COUNT = /^\s*select\s+count\s*\([^']*$/i;
const text = (x: Val): string | undefined => (x.t === 'const' && typeof x.v === 'string' ? x.v : undefined);

/** Is it how many rows there are? (Of those that a literal names there may have to be one.) */
export const countsRows = (v: Val, depth = 0): boolean =>
  depth < 4 &&
  chain(v.t === 'attr' || v.t === 'item' ? v.of : v).some(
    c => isCount(c) || c.args.pos.some(x => COUNT.test(text(x) ?? '') || (x.t === 'call' && countsRows(x, depth + 1))),
  );

/** A function of SQL, or a method of a query (`select(count(id))`, `.count()`). */
const isCount = (v: Val): boolean => v.t === 'call' && /^count(_star|_distinct)?$/.test(v.name);

/** What the column of a row holds that `v` is, where the statement lists its columns (`select(Article, following)`). */
export function columnOf(v: Val & { t: 'item' }): Val | undefined {
  if (v.key.t !== 'const' || typeof v.key.v !== 'number') return undefined;
  const list = chain(v.of)
    .flatMap(c => argumentsOf(c).flatMap(x => chain(x).at(-1) ?? []))
    .find(c => c.query?.selects === false);
  return list?.args.pos[v.key.v];
}

/** What `v` was made from; what came out of a query, from what selected it. */
function origin(v: Val, depth = 0): number {
  if (v.t === 'attr') return origin(v.of, depth);
  if (v.t === 'op' && v.args.length === 1 && v.args[0]) return origin(v.args[0], depth);
  const selected = selection(v);
  if (selected !== undefined || v.t !== 'call' || depth > 8 || !v.recv || prov(v.recv)) return selected ?? prov(v);
  // A part of a query (`notes::table.find(row.id)`): it is made from what its table is given.
  const given = argumentsOf(v);
  return given.reduce((p, x) => p | origin(x, depth + 1), prov(v) & ~given.reduce((p, x) => p | prov(x), 0));
}

/** The calls that made a query, the last one first. */
export function chain(v: Val): CallVal[] {
  const out: CallVal[] = [];
  let x: Val | undefined = v;
  for (let i = 0; x && i < 60; i++) {
    if (x.t === 'call') {
      out.push(x);
      x = x.recv;
    } else if (x.t === 'op' && (x.op === 'ok' || x.op === 'err' || x.op === 'rows')) x = x.args[0];
    else if (x.t === 'attr' && out.length > 0) x = x.of;
    else break;
  }
  return out;
}

const argumentsOf = (c: CallVal): Val[] => [...c.args.pos, ...c.args.kw.values(), ...(c.args.rest ? [c.args.rest] : [])];

/** The statement that a call is given, and what follows it. */
function textOf(c: CallVal): { text: string; bound: Val[]; named: [string, Val][] } | undefined {
  const at = c.args.pos.findIndex(x => statementOf(x) !== undefined);
  const statement = c.args.pos[at] && statementOf(c.args.pos[at]);
  if (statement === undefined) return undefined;
  const given = c.args.pos.slice(at + 1);
  return {
    text: statement,
    bound: given.flatMap(x => (x.t === 'seq' ? x.items : [x])),
    named: [...given.flatMap(x => (x.t === 'map' ? [...x.entries] : [])), ...c.args.kw],
  };
}

/** A statement, as a text or as what a library wraps around one (`text("select ..")`). */
function statementOf(x: Val): string | undefined {
  const s = text(x) ?? (x.t === 'call' && x.args.pos.length === 1 ? text(x.args.pos[0] as Val) : undefined);
  return s !== undefined && isSql(s) ? s : undefined;
}
