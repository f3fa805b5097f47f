/** Literal text in values. */
import type { Val } from '../../program/values.js';

/** The text of a value, where it is literal all through. */
export function joinText(v: Val, depth = 0): string | undefined {
  if (depth > 20) return undefined;
  switch (v.t) {
    case 'const':
      return typeof v.v === 'string' ? v.v : v.v === null ? undefined : String(v.v);
    case 'op': {
      if (v.op === 'fmt' || v.op === '+') {
        const parts = v.args.map(a => joinText(a, depth + 1));
        return parts.includes(undefined) ? undefined : parts.join('');
      }
      return v.op === 'str' && v.args[0] ? joinText(v.args[0], depth + 1) : undefined;
    }
    case 'call':
      return v.recv && /^(as_str|to_string|to_owned|into|as_ref|clone)$/.test(v.name) ? joinText(v.recv, depth + 1) : undefined;
    case 'phi': {
      // A setting with a default: the default is what is written.
      const a = joinText(v.a, depth + 1);
      const b = joinText(v.b, depth + 1);
      return a === undefined ? b : b === undefined || a === b ? a : undefined;
    }
    default:
      return undefined;
  }
}
