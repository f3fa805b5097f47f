/** The Python lowering: a syntax tree in, the facts of the file out. */
import type { FileFacts, Stmt, SyntaxProblem } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, Context, endAt, type Parts } from './context.js';
import { lambda, parameters } from './definitions.js';
import { args, clauses, expr } from './expr.js';
import { arm, target } from './patterns.js';
import { block, salvage } from './statements.js';

const PARTS: Parts = { expr, target, block, args, params: parameters, clauses, arm, lambda };

/**
 * Lowers the tree of one Python file. `root` is its `module` node, `text` the very text that was parsed.
 * Never throws: what the grammar did not understand is listed in `errors` and stands as `opaque` in the body.
 */
export function lowerPython(root: Node, text: string): FileFacts {
  const context = new Context(text, root, PARTS);
  const body: Stmt[] = [];
  if (root.isError) salvage(context, root, body);
  else for (const statement of context.block(root)) body.push(statement);
  return { language: 'python', body, errors: context.broken ? problems(root) : [], lines: lineCount(text) };
}

/**
 * All outermost `ERROR` nodes and all tokens that the parser invented, in source order. Where the file as a whole is one, what is wrong
 * inside of it says where.
 */
function problems(root: Node): SyntaxProblem[] {
  const found: SyntaxProblem[] = [];
  const open: Node[] = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.isError && (node !== root || !node.children.some(kid => kid.hasError)))
      found.push({ at: at(node), end: endAt(node), says: 'syntax error' });
    else if (node.isMissing) found.push({ at: at(node), end: endAt(node), says: `missing ${node.type}` });
    else if (node.hasError) for (const kid of node.children.toReversed()) open.push(kid);
  }
  return found;
}

function lineCount(text: string): number {
  let lines = 0;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++;
  return text === '' || text.endsWith('\n') ? lines : lines + 1;
}
