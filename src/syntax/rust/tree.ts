/**
 * A plain copy of a syntax tree with only what the lowering reads. One cursor pass is much cheaper than asking nodes for
 * fields: every question to tree-sitter is a call into WebAssembly, so punctuation is dropped by its type id alone and
 * token trees, attributes, `use` trees and literals stay single leaves that are read from the source text.
 */
import type { Node } from '../parser.js';

/** A node. `s` and `e` are offsets into the source text; `e` is 0 on inner nodes outside `END`; a bare token has no place (`s` is -1). */
export interface Syn {
  k: string;
  s: number;
  e: number;
  c: Syn[];
}

/** A place without a parse, as offsets. */
export interface Broken {
  s: number;
  e: number;
  says: string;
}

/** Tokens that tell what stands before or after them; all others are dropped. */
const TOKENS = new Set(
  ('= ; else async move .. ..= ... -> ! - * + / % & | ^ << >> && || == != < <= > >= ' + '+= -= *= /= %= &= |= ^= <<= >>=').split(' '),
);

/** Named nodes that are read from the text. */
const LEAVES = new Set(
  (
    'token_tree string_literal raw_string_literal char_literal integer_literal float_literal boolean_literal negative_literal ' +
    'metavariable lifetime ' +
    'lifetime_parameter label visibility_modifier attribute_item inner_attribute_item function_modifiers extern_modifier use_declaration ' +
    'macro_definition mutable_specifier empty_statement unit_expression unit_type removed_trait_bound remaining_field_pattern ' +
    'foreign_mod_item extern_crate_declaration never_type use_bounds for_lifetimes'
  ).split(' '),
);

const WORDS = new Set([
  'identifier',
  'field_identifier',
  'type_identifier',
  'shorthand_field_identifier',
  'primitive_type',
  'self',
  'super',
  'crate',
]);

/** Inner nodes whose end is read. */
const END = new Set(['function_item', 'function_signature_item', 'closure_expression', 'async_block', 'gen_block', 'ERROR', 'const_block']);

/** Nodes whose children are statements or items: an error below them is reported beside the statement it lies in. */
const LISTS = new Set(['source_file', 'block', 'declaration_list', 'ERROR']);

const DROP = 0;
const TOKEN = 1;
const LEAF = 2;
const INNER = 3;
const INNER_END = 4;
/** A comma tells `(a,)` from `(a)`, which only patterns leave to it. */
const COMMA = 5;
/** A closing bracket is the last child of its node, so that no next one has to be asked for. */
const CLOSE = 6;
/** A leaf whose end is where its word ends. */
const WORD = 7;
/** `ERROR` has no entry of its own in the grammar's tables. */
const ERROR_ID = 65535;

interface Tables {
  what: Uint8Array;
  names: string[];
  tokens: (Syn | undefined)[];
}

let tables: { of: unknown; tables: Tables } | undefined;

function tablesOf(root: Node): Tables {
  const language = root.tree.language;
  if (tables?.of === language) return tables.tables;
  const what = new Uint8Array(ERROR_ID + 1);
  const names: string[] = [];
  const tokens: (Syn | undefined)[] = [];
  for (let id = 0; id < language.nodeTypeCount; id++) {
    const name = language.types[id] ?? '';
    names[id] = name;
    if (!language.nodeTypeIsNamed(id)) {
      if (name === '_') what[id] = WORD;
      else if (name === ')' || name === '}' || name === ']') what[id] = CLOSE;
      else if (name === ',' || TOKENS.has(name)) {
        what[id] = name === ',' ? COMMA : TOKEN;
        tokens[id] = { k: name, s: -1, e: 0, c: [] };
      }
    } else if (name !== 'line_comment' && name !== 'block_comment') {
      what[id] = WORDS.has(name) ? WORD : LEAVES.has(name) ? LEAF : END.has(name) ? INNER_END : INNER;
    }
  }
  names[ERROR_ID] = 'ERROR';
  what[ERROR_ID] = INNER_END;
  const made = { what, names, tokens };
  tables = { of: language, tables: made };
  return made;
}

/** The end of the word at `i`, or -1 when only tree-sitter knows it. */
function wordEnd(text: string, i: number): number {
  for (; ; i++) {
    const c = text.charCodeAt(i);
    if ((c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 95 || (c >= 65 && c <= 90)) continue;
    return c > 127 || c === 35 ? -1 : i;
  }
}

/**
 * Copies the tree under `root`, the tree of `text`. Offsets are moved by `shift` and kept between `low` and `high`.
 * Errors and missing tokens are appended to `broken`.
 */
export function readTree(root: Node, text: string, broken: Broken[], shift = 0, low = 0, high = Number.MAX_SAFE_INTEGER): Syn {
  const { what, names, tokens } = tablesOf(root);
  const careful = root.hasError;
  const place = (offset: number) => Math.min(Math.max(offset + shift, low), high);
  const cursor = root.walk();
  const top: Syn = { k: root.type, s: place(root.startIndex), e: place(root.endIndex), c: [] };
  const stack = [top];
  let current = top;
  // A node begins where its first child does: from this place in the stack on, nodes wait for the start of a leaf.
  let waiting = -1;
  const begin = (start: number): number => {
    const s = place(start);
    if (waiting >= 0) {
      for (let i = waiting; i < stack.length; i++) stack[i]!.s = s;
      waiting = -1;
    }
    return s;
  };
  let more = cursor.gotoFirstChild();
  while (more) {
    const id = cursor.nodeTypeId;
    const kind = what[id]!;
    let next = true;
    if (careful && kind !== INNER && cursor.nodeIsMissing) {
      const s = begin(cursor.startIndex);
      broken.push({ s, e: s, says: `missing ${names[id]}` });
      if (kind !== DROP && kind !== COMMA && kind !== CLOSE) current.c.push({ k: 'MISSING', s, e: s, c: [] });
    } else if (kind === WORD || kind === LEAF) {
      const start = cursor.startIndex;
      const end = kind === WORD ? wordEnd(text, start) : -1;
      current.c.push({ k: names[id]!, s: begin(start), e: place(end > start ? end : cursor.endIndex), c: [] });
    } else if (kind === INNER || kind === INNER_END) {
      const node: Syn = { k: names[id]!, s: 0, e: 0, c: [] };
      if (kind === INNER_END || current.k === 'type_arguments') {
        node.s = begin(cursor.startIndex);
        node.e = place(cursor.endIndex);
      } else if (waiting < 0) waiting = stack.length;
      if (id === ERROR_ID) addError(node, stack, broken);
      else current.c.push(node);
      stack.push(node);
      if (cursor.gotoFirstChild()) {
        current = node;
        continue;
      }
      begin(cursor.startIndex);
      stack.pop();
    } else {
      if (waiting >= 0) begin(cursor.startIndex);
      if (kind === TOKEN || (kind === COMMA && current.k === 'tuple_pattern')) current.c.push(tokens[id]!);
      else if (kind === CLOSE) next = careful;
    }
    while (!next || !cursor.gotoNextSibling()) {
      next = true;
      stack.pop();
      if (stack.length === 0 || !cursor.gotoParent()) {
        more = false;
        break;
      }
      current = stack[stack.length - 1]!;
    }
  }
  cursor.delete();
  // A file that is no file as a whole: what is wrong inside of it says where.
  if (top.k === 'ERROR' && broken.length === 0) broken.push({ s: top.s, e: top.e, says: 'syntax error' });
  return top;
}

/** An error in the middle of a statement is hung in front of that statement, where the lowering of lists sees it. */
function addError(node: Syn, stack: Syn[], broken: Broken[]): void {
  // what lies inside a region without a parse is not told twice
  if (!stack.some((n, i) => i > 0 && n.k === 'ERROR')) broken.push({ s: node.s, e: node.e, says: 'syntax error' });
  const here = stack[stack.length - 1]!;
  if (LISTS.has(here.k)) {
    here.c.push(node);
    return;
  }
  for (let i = stack.length - 2; i >= 0; i--) {
    const list = stack[i]!;
    if (!LISTS.has(list.k)) continue;
    list.c.splice(list.c.length - 1, 0, node);
    return;
  }
}
