/** `macro_rules!` definitions, read from the text. */
import type { At, Stmt } from '../../facts/types.js';
import { groupEnd, plainName, skipBlank } from './scan.js';

/** The definition as a statement with the raw text of each rule. */
export function macroRules(written: string, at: At): Stmt[] {
  const head = /^macro_rules\s*!\s*((?:r#)?[\p{ID_Continue}]+)\s*/u.exec(written);
  if (!head) return [{ s: 'opaque', why: 'macro definition', at }];
  const rules: { pattern: string; body: string }[] = [];
  const open = skipBlank(written, head[0].length, written.length);
  const end = groupEnd(written, open, written.length) - 1;
  let i = open + 1;
  while (i < end) {
    i = skipBlank(written, i, end);
    if (written[i] === ';') {
      i++;
      continue;
    }
    if (i >= end || !'([{'.includes(written[i]!)) break;
    const pattern = groupEnd(written, i, end);
    const arrow = skipBlank(written, pattern, end);
    if (!written.startsWith('=>', arrow)) break;
    const body = skipBlank(written, arrow + 2, end);
    if (body >= end || !'([{'.includes(written[body]!)) break;
    const stop = groupEnd(written, body, end);
    rules.push({ pattern: written.slice(i + 1, pattern - 1), body: written.slice(body + 1, stop - 1) });
    i = stop;
  }
  return [{ s: 'macro-rules', name: plainName(head[1]!), rules, at }];
}
