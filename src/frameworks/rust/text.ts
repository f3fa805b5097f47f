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

/**
 * The text behind an unknown first part (`format!("{root}/users")`): under which path an application is mounted is a matter of its
 * deployment. Undefined where anything else is unknown, too, or the rest is no path of its own.
 */
export function mountedText(v: Val): string | undefined {
  const [first, ...rest] = pieces(v, 0);
  if (!first || joinText(first) !== undefined) return undefined;
  const parts = rest.map(p => joinText(p));
  const text = parts.includes(undefined) ? '' : parts.join('');
  return text.startsWith('/') ? text : undefined;
}

function pieces(v: Val, depth: number): Val[] {
  if (depth > 20) return [v];
  if (v.t === 'op' && (v.op === 'fmt' || v.op === '+')) return v.args.flatMap(a => pieces(a, depth + 1));
  if (v.t === 'op' && v.op === 'str' && v.args[0]) return pieces(v.args[0], depth + 1);
  if (v.t === 'call' && v.recv && /^(as_str|to_string|to_owned|into|as_ref|clone)$/.test(v.name)) return pieces(v.recv, depth + 1);
  return [v];
}
