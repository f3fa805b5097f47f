/**
 * The only import of tree-sitter. Parsers and grammars are WebAssembly; a tree lives outside the JavaScript heap and is
 * freed here as soon as the caller is done with it, so no node may be kept beyond `withTree`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language as Grammar, type Node, Parser, type Tree } from 'web-tree-sitter';
import type { Language } from '../facts/types.js';

export type { Node, Tree, TreeCursor } from 'web-tree-sitter';

/** Where a grammar lies: beside the built code, or in the development dependency from which the build copies it. */
const GRAMMARS: Record<Language, { built: string; development: string }> = {
  python: { built: 'tree-sitter-python.wasm', development: 'tree-sitter-python/tree-sitter-python.wasm' },
  rust: { built: 'tree-sitter-rust.wasm', development: '@vscode/tree-sitter-wasm/wasm/tree-sitter-rust.wasm' },
};

/** Error recovery is worse than linear on some input; a file that takes longer than this is reported instead of parsed. */
const PARSE_BUDGET_MS = 20_000;

/** Thrown by `withTree` when there is no tree: the file took too long, or the parser ran out of memory. */
export class ParseFailure extends Error {
  override name = 'ParseFailure';
}

let starting: Promise<void> | undefined;
const grammars = new Map<Language, Grammar>();
const parsers = new Map<Language, Parser>();

/** Loads the parser and both grammars. Needed once before `withTree`; later calls are free. Rejects when a grammar file is missing. */
export function initParser(): Promise<void> {
  starting ??= start();
  return starting;
}

/**
 * Parses `text` and hands the root node to `fn`; the tree is freed when `fn` returns or throws.
 * Rows and columns of nodes are 0-based UTF-16 units.
 * @throws ParseFailure when the parser gives no tree; Error when `initParser` was not awaited.
 */
export function withTree<T>(language: Language, text: string, fn: (root: Node, tree: Tree) => T): T {
  const tree = parse(language, text);
  try {
    return fn(tree.rootNode, tree);
  } finally {
    tree.delete();
  }
}

async function start(): Promise<void> {
  await Parser.init();
  await Promise.all(
    (Object.keys(GRAMMARS) as Language[]).map(async language => {
      grammars.set(language, await Grammar.load(readFileSync(grammarFile(language))));
    }),
  );
}

function parse(language: Language, text: string): Tree {
  const parser = parserOf(language);
  const until = performance.now() + PARSE_BUDGET_MS;
  let tree: Tree | null;
  try {
    tree = parser.parse(text, null, { progressCallback: () => performance.now() > until });
  } catch (error) {
    parsers.delete(language);
    throw new ParseFailure(`the parser failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (tree) return tree;
  parser.reset();
  throw new ParseFailure(`parsing took longer than ${PARSE_BUDGET_MS / 1000} s`);
}

function parserOf(language: Language): Parser {
  const known = parsers.get(language);
  if (known) return known;
  const grammar = grammars.get(language);
  if (!grammar) throw new Error('initParser() has to be awaited before the first parse');
  const parser = new Parser();
  parser.setLanguage(grammar);
  parsers.set(language, parser);
  return parser;
}

/** `dist/grammars` when running from the build, else the nearest `node_modules` above this file. */
function grammarFile(language: Language): string {
  const { built, development } = GRAMMARS[language];
  const here = dirname(fileURLToPath(import.meta.url));
  const shipped = join(here, '..', 'grammars', built);
  if (existsSync(shipped)) return shipped;
  for (let folder = here; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', development);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) throw new Error(`the ${language} grammar is missing: ${built}`);
  }
}
