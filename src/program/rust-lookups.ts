/**
 * What names mean at the top of a Rust module. Items do not change while code runs, so that a name that has been looked up once means
 * the same again: a path of an inner function is resolved through `use`, globs and re-exports each time that it is come by. Only what is
 * one thing for all is kept: a module, an item, a name of a library, or that there is nothing. Constants and variants are made anew for
 * whoever asks.
 */
import type { Ev } from './ev.js';
import type { Module, Val } from './values.js';

interface Table<T> {
  /** Of which state of the program it is: items in bodies of functions bring impls along. */
  of: number;
  known: Map<string, T | null>;
}

export type Lookups = Partial<Record<string, Table<unknown>>>;

/** For the test that holds runs with and without against each other. */
export const lookups = { kept: true };

/** `kind` of name `id` at the top of `m`: as it was found before, or as `find` finds it; kept where `keep` says so. */
export function lookedUp<T>(
  ev: Ev,
  m: Module,
  kind: string,
  id: string,
  find: () => T | undefined,
  keep: (t: T) => boolean = () => true,
): T | undefined {
  const p = ev.program;
  // Within a lookup the names that led to it are passed over: what is found there is not all.
  if (!p.linked || p.resolving.size > 0 || !lookups.kept) return find();
  const tables = (m.lookups ??= {});
  let table = tables[kind] as Table<T> | undefined;
  if (table?.of !== p.items) tables[kind] = table = { of: p.items, known: new Map() };
  const known = table.known.get(id);
  if (known !== undefined) return known ?? undefined;
  const found = find();
  if (found === undefined || keep(found)) table.known.set(id, found ?? null);
  return found;
}

export const isItem = (v: Val): boolean => v.t === 'class' || v.t === 'module' || v.t === 'fn' || v.t === 'ext';
