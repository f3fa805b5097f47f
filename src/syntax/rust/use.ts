/** `use` trees, read from the text. */
import { groupEnd, pathAt, plainName, skipBlank, splitCommas } from './scan.js';

export interface UseLeaf {
  path: string[];
  as: string;
}

const MAX_NESTING = 50;

/** The leaves of a whole `use` declaration, in the order written. A glob has `as: '*'`. */
export function useLeaves(written: string): UseLeaf[] {
  const start = /^(?:pub\b\s*(?:\([^)]*\))?\s*)?use\b/.exec(written);
  const out: UseLeaf[] = [];
  if (!start) return out;
  const text = written.replace(/;\s*$/, '');
  tree(text, start[0].length, text.length, [], out, 0);
  return out;
}

function tree(text: string, start: number, end: number, prefix: string[], out: UseLeaf[], depth: number): void {
  if (depth > MAX_NESTING) return;
  let i = skipBlank(text, start, end);
  const head = pathAt(text, i, end);
  const path = head ? [...prefix, ...head.segs] : prefix;
  if (head) i = skipBlank(text, head.end, end);
  if (text.startsWith('::', i)) i = skipBlank(text, i + 2, end);
  if (text[i] === '*') {
    out.push({ path, as: '*' });
    return;
  }
  if (text[i] === '{') {
    for (const { s, e } of splitCommas(text, i + 1, groupEnd(text, i, end) - 1)) tree(text, s, e, path, out, depth + 1);
    return;
  }
  if (!head) return;
  // `a::{self}` names `a` itself
  const real = prefix.length > 0 && path[path.length - 1] === 'self' ? path.slice(0, -1) : path;
  const alias = /^as\s+((?:r#)?[\p{ID_Continue}]+)/u.exec(text.slice(i, end));
  const as = alias ? plainName(alias[1]!) : real[real.length - 1];
  if (as !== undefined) out.push({ path: real, as });
}
