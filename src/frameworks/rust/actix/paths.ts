/** Path patterns of actix-web: `{id}`, `{id:\d+}`, `{tail:.*}`, `{tail}*`; and the prefix that a module gives. */
import type { Ev } from '../../../program/ev.js';
import type { FnVal } from '../../../program/values.js';
import { markPath } from '../marks.js';

export interface Pattern {
  /** In normal form. */
  path: string;
  /** Parameters that only take digits. */
  numeric: Set<string>;
}

export function pattern(raw: string): Pattern {
  const numeric = new Set<string>();
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] !== '{') {
      out += raw[i];
      continue;
    }
    let depth = 0;
    let end = i;
    for (; end < raw.length; end++) {
      if (raw[end] === '{') depth++;
      else if (raw[end] === '}' && --depth === 0) break;
    }
    const inner = raw.slice(i + 1, end);
    const colon = inner.indexOf(':');
    const name = (colon < 0 ? inner : inner.slice(0, colon)).trim();
    const regex = colon < 0 ? '' : inner.slice(colon + 1).trim();
    const tail = /^\(?\.[*+]\)?$/.test(regex) || raw[end + 1] === '*';
    if (/^\[?\\d|^\[0-9\]/.test(regex)) numeric.add(name);
    out += tail ? `{${name}*}` : `{${name}}`;
    i = raw[end + 1] === '*' ? end + 1 : end;
  }
  return { path: out, numeric };
}

/** A scope's prefix and what stands in it, concatenated as actix does; a missing leading slash is put in. */
export function joined(prefix: string, path: string): string {
  const p = prefix.replace(/\/+$/, '');
  return path === '' ? p : `${p}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** Does every path that `path` matches lie under the prefix? */
export function under(prefix: string, path: string): boolean {
  const a = prefix.split('/').filter(Boolean);
  const b = path.split('/').filter(Boolean);
  return a.length <= b.length && a.every((x, i) => x === b[i] || (x.startsWith('{') && b[i] !== undefined));
}

/** What `#[scope("/prefix")] mod m { .. }` puts before the paths of the functions that stand in it. */
export function scopedBy(ev: Ev, fn: FnVal): string {
  const { parent, name } = fn.module;
  if (!parent) return '';
  for (const s of parent.body) {
    if (s.s !== 'mod' || s.name !== name.split('::').at(-1)) continue;
    for (const { expr: e } of s.marks) {
      const text = e.k === 'call' ? e.args[0]?.value : undefined;
      if (text?.k !== 'lit' || typeof text.v !== 'string') continue;
      if (/^(actix_web::)?scope$/.test(markPath(ev, e, { ...fn, module: parent, scope: parent.scope }))) return text.v;
    }
  }
  return '';
}
