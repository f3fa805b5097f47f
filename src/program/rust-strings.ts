/** Methods of Rust strings that are known. */
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { bool, constant, joined, None_, Ok, seq, Some, STR } from './make.js';
import { less } from './ops.js';
import type { CallArgs, Val } from './values.js';

const text = (v: Val | undefined): string | undefined => (v?.t === 'const' && typeof v.v === 'string' ? v.v : undefined);

export function onString(s: string, name: string, a: CallArgs, ev: Ev, place: Place): Val | undefined {
  const p = a.pos[0];
  const x = text(p);
  const test = (fn: (c: string) => boolean): Val => constant(fn(x as string));
  switch (name) {
    case 'starts_with':
      if (x !== undefined) return test(c => s.startsWith(c));
      return p?.t === 'seq' && p.items.every(i => text(i) !== undefined)
        ? constant(p.items.some(i => s.startsWith(text(i) as string)))
        : undefined;
    case 'ends_with':
      return x !== undefined ? test(c => s.endsWith(c)) : undefined;
    case 'contains':
      if (x !== undefined) return test(c => s.includes(c));
      return p?.t === 'seq' ? constant(p.items.some(i => s.includes(text(i) ?? '\0'))) : undefined;
    case 'eq_ignore_ascii_case':
      return x !== undefined ? test(c => s.toLowerCase() === c.toLowerCase()) : undefined;
    case 'to_lowercase':
    case 'to_ascii_lowercase':
      return STR(s.toLowerCase());
    case 'to_uppercase':
    case 'to_ascii_uppercase':
      return STR(s.toUpperCase());
    case 'trim':
      return STR(s.trim());
    case 'trim_end_matches':
    case 'trim_start_matches':
    case 'trim_matches': {
      if (x === undefined || x === '') return undefined;
      let t = s;
      if (name !== 'trim_start_matches') while (t.endsWith(x)) t = t.slice(0, -x.length);
      if (name !== 'trim_end_matches') while (t.startsWith(x)) t = t.slice(x.length);
      return STR(t);
    }
    case 'strip_prefix':
      return x === undefined ? undefined : s.startsWith(x) ? Some(STR(s.slice(x.length))) : None_;
    case 'strip_suffix':
      return x === undefined ? undefined : s.endsWith(x) ? Some(STR(s.slice(0, s.length - x.length))) : None_;
    case 'split':
    case 'split_terminator':
      return x === undefined ? undefined : seq('list', s.split(x).map(STR));
    case 'split_once': {
      if (x === undefined) return undefined;
      const i = s.indexOf(x);
      return i < 0 ? None_ : Some(seq('tuple', [STR(s.slice(0, i)), STR(s.slice(i + x.length))]));
    }
    case 'split_whitespace':
      return seq('list', s.split(/\s+/).filter(Boolean).map(STR));
    case 'replace': {
      const y = text(a.pos[1]);
      const all = x === undefined || y === undefined ? undefined : joined(s.split(x), y);
      return all === undefined ? undefined : STR(all);
    }
    case 'is_alphabetic':
      return [...s].length === 1 ? constant(/^\p{L}$/u.test(s)) : undefined;
    case 'is_numeric':
      return [...s].length === 1 ? constant(/^\p{N}$/u.test(s)) : undefined;
    case 'is_alphanumeric':
      return [...s].length === 1 ? constant(/^[\p{L}\p{N}]$/u.test(s)) : undefined;
    case 'is_ascii_alphabetic':
      return s.length === 1 ? constant(/^[A-Za-z]$/.test(s)) : undefined;
    case 'is_ascii_alphanumeric':
      return s.length === 1 ? constant(/^[A-Za-z0-9]$/.test(s)) : undefined;
    case 'is_ascii_digit':
      return s.length === 1 ? constant(/^[0-9]$/.test(s)) : undefined;
    case 'is_ascii_hexdigit':
      return s.length === 1 ? constant(/^[0-9A-Fa-f]$/.test(s)) : undefined;
    case 'is_ascii_lowercase':
      return s.length === 1 ? constant(/^[a-z]$/.test(s)) : undefined;
    case 'is_ascii_uppercase':
      return s.length === 1 ? constant(/^[A-Z]$/.test(s)) : undefined;
    case 'is_whitespace':
    case 'is_ascii_whitespace':
      return s.length === 1 ? constant(/^\s$/.test(s)) : undefined;
    case 'chars':
    case 'bytes':
      return seq('list', [...s].map(STR));
    case 'len':
      return constant(s.length);
    case 'is_empty':
      return constant(s.length === 0);
    case 'to_string':
    case 'to_owned':
    case 'into':
    case 'as_str':
    case 'clone':
    case 'path':
      return STR(s);
    case 'to_str':
      return Ok(STR(s));
    case 'parse':
    case 'find':
      return undefined;
    case 'cmp':
    case 'partial_cmp':
      return undefined;
    case 'lt':
      return p ? bool(less('<', STR(s), p, place)) : undefined;
    default:
      void ev;
      return undefined;
  }
}
