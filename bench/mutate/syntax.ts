/** Syntax trees as plain data: the operators look at a file as long as they like, and nothing has to be freed. */
import type { Language } from '../../src/facts/types.js';
import { type TreeCursor, withTree } from '../../src/syntax/parser.js';

export interface Syn {
  type: string;
  named: boolean;
  /** Offsets in UTF-16 units, `end` exclusive. */
  start: number;
  end: number;
  parent: Syn | undefined;
  children: Syn[];
  /** Name of the grammar for its place in the parent. */
  field: string | undefined;
}

export interface Source {
  path: string;
  text: string;
  root: Syn;
}

/** Parses `text`. Needs `initParser()` awaited before. */
export function parse(language: Language, path: string, text: string): Source {
  return { path, text, root: withTree(language, text, (_, tree) => convert(tree.walk())) };
}

/** The same without what is compiled for the tests of an application only. */
export function untested(s: Source): Source {
  const prune = (n: Syn): void => {
    n.children = n.children.filter((c, i) => {
      const of = attributes(n.children, i);
      return !(c.type === 'mod_item' || c.type === 'function_item') || !of.some(a => /^#\[(cfg\(test\)|(\w+::)*test\b)/.test(text(s, a)));
    });
    n.children.forEach(prune);
  };
  prune(s.root);
  return s;
}

/** Attributes before an item. */
function attributes(siblings: readonly Syn[], i: number): Syn[] {
  const out: Syn[] = [];
  for (let k = i - 1; siblings[k] && /^(attribute_item|\w*comment)$/.test(siblings[k]!.type); k--) out.push(siblings[k]!);
  return out;
}

/** Whether the text has no syntax error. */
export const parses = (language: Language, text: string): boolean => withTree(language, text, root => !root.hasError);

function convert(cursor: TreeCursor, parent?: Syn): Syn {
  const node: Syn = {
    type: cursor.nodeType,
    named: cursor.nodeIsNamed,
    start: cursor.startIndex,
    end: cursor.endIndex,
    parent,
    children: [],
    field: cursor.currentFieldName ?? undefined,
  };
  if (cursor.gotoFirstChild()) {
    do node.children.push(convert(cursor, node));
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return node;
}

export const field = (n: Syn | undefined, name: string): Syn | undefined => n?.children.find(c => c.field === name);
export const named = (n: Syn | undefined): Syn[] => n?.children.filter(c => c.named && !c.type.endsWith('comment')) ?? [];

/** The node and everything in it, in the order of the text; `into` false leaves a node's inside out. */
export function* walk(n: Syn, into: (n: Syn) => boolean = () => true): Generator<Syn> {
  yield n;
  if (into(n)) for (const c of n.children) yield* walk(c, into);
}

export const all = (n: Syn | undefined, type: string): Syn[] => (n ? [...walk(n)].filter(x => x.type === type) : []);

export function* ancestors(n: Syn): Generator<Syn> {
  for (let p = n.parent; p; p = p.parent) yield p;
}

export function above(n: Syn, type: string): Syn | undefined {
  for (const p of ancestors(n)) if (p.type === type) return p;
  return undefined;
}

export const text = (s: Source, n: Syn | undefined): string => (n ? s.text.slice(n.start, n.end) : '');

/** 1-based line of an offset. */
export const lineAt = (s: Source, offset: number): number => s.text.slice(0, offset).split('\n').length;

/** Offset of a 1-based line and column. */
export function offsetAt(s: Source, line: number, column: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) at = s.text.indexOf('\n', at) + 1;
  return at + column - 1;
}

export interface Edit {
  file: string;
  start: number;
  end: number;
  text: string;
}

/** One more element of a list in parentheses, which may be empty or end with a comma. */
export function appended(s: Source, list: Syn, what: string): Edit {
  const last = named(list).at(-1);
  const at = last?.end ?? list.start + 1;
  return { file: s.path, start: at, end: at, text: last ? `, ${what}` : what };
}

/** The texts of all edited files. Edits of one file do not overlap. */
export function apply(sources: ReadonlyMap<string, Source>, edits: readonly Edit[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const e of [...edits].sort((a, b) => b.start - a.start)) {
    const before = out.get(e.file) ?? sources.get(e.file)?.text ?? '';
    out.set(e.file, before.slice(0, e.start) + e.text + before.slice(e.end));
  }
  return out;
}
