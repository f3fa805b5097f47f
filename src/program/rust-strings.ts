/** Methods of Rust strings that are known. */
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { bool, constant, joined, None_, Ok, op, seq, Some, STR } from './make.js';
import { less } from './ops.js';
import { assignName } from './patterns.js';
import type { CallArgs, Scope, Val } from './values.js';

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
    case 'trim_start':
      return STR(s.trimStart());
    case 'trim_end':
      return STR(s.trimEnd());
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
    case 'rsplit':
    case 'splitn':
    case 'rsplitn':
    case 'split_terminator':
    case 'split_inclusive':
      return pieces(s, name, a);
    case 'split_once':
    case 'rsplit_once': {
      if (s === '') return None_;
      if (x === undefined) return undefined;
      const i = name === 'split_once' ? s.indexOf(x) : s.lastIndexOf(x);
      return i < 0 ? None_ : Some(seq('tuple', [STR(s.slice(0, i)), STR(s.slice(i + x.length))]));
    }
    case 'split_whitespace':
    case 'split_ascii_whitespace':
      return seq('list', s.split(/\s+/).filter(Boolean).map(STR));
    case 'lines':
      return seq(
        'list',
        s === ''
          ? []
          : s
              .replace(/\r?\n$/, '')
              .split(/\r?\n/)
              .map(STR),
      );
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

/** The parts of a text that is taken apart at each occurrence of what is given; of an empty one whatever is given. */
function pieces(s: string, name: string, a: CallArgs): Val | undefined {
  const limited = name === 'splitn' || name === 'rsplitn';
  const by = text(a.pos[limited ? 1 : 0]);
  if (s === '') return seq('list', name === 'split_terminator' || name === 'split_inclusive' ? [] : [STR('')]);
  if (by === undefined || by === '' || name === 'split_inclusive') return undefined;
  const all = s.split(by);
  const most = a.pos[0]?.t === 'const' && typeof a.pos[0].v === 'number' ? a.pos[0].v : undefined;
  switch (name) {
    case 'splitn':
      if (most === undefined || most < 1) return undefined;
      return seq('list', [...all.slice(0, most - 1), ...(all.length >= most ? [all.slice(most - 1).join(by)] : [])].map(STR));
    case 'rsplitn': {
      if (most === undefined || most < 1) return undefined;
      const kept = Math.max(0, all.length - most + 1);
      return seq('list', [...all.slice(kept).reverse(), ...(kept > 0 ? [all.slice(0, kept).join(by)] : [])].map(STR));
    }
    case 'rsplit':
      return seq('list', all.reverse().map(STR));
    case 'split_terminator':
      return seq('list', (all.at(-1) === '' ? all.slice(0, -1) : all).map(STR));
    default:
      return seq('list', all.map(STR));
  }
}

/** `text.push_str(more)` leaves the variable with the longer text. */
export function appended(ev: Ev, name: string, was: Val, method: string, a: CallArgs, scope: Scope): void {
  const more = a.pos[0];
  if (ev.dead || !more || (method !== 'push_str' && method !== 'push') || !isText(was)) return;
  assignName(ev, name, isNew(was) ? more : op('fmt', [was, more]), scope);
}

const isNew = (v: Val): boolean => text(v) === '' || (v.t === 'op' && v.op === 'text');
const isText = (v: Val): boolean => text(v) !== undefined || (v.t === 'op' && (v.op === 'text' || v.op === 'fmt'));

/** Methods that only texts have. */
export const ONLY_TEXT =
  /^(r?splitn?|r?split_once|split_(ascii_)?whitespace|split_terminator|trim(_start|_end)?(_matches)?|strip_(prefix|suffix)|to_(ascii_)?(lower|upper)case|chars|lines|bytes|eq_ignore_ascii_case)$/;
