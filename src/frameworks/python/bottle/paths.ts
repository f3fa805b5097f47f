/** Bottle's rule syntax: `<name>`, `<name:filter>`, `<name:re:..>`, `<:re:..>`, and the old `:name` and `:name#re#`. */
import type { Val } from '../../../program/values.js';
import { innermost } from '../common.js';
import { behindSetting, textOf, UNPLACED } from '../text.js';

export interface Rule {
  /** Normal form. */
  path: string;
  params: string[];
  numeric: Set<string>;
}

export function parseRule(rule: string): Rule {
  const params: string[] = [];
  const numeric = new Set<string>();
  let unnamed = 0;
  const put = (name: string, filter: string, config: string): string => {
    const key = name || `_${++unnamed}`;
    if (name) params.push(name);
    if (filter === 'int' || filter === 'float' || (filter === 're' && /^\[?(\\d|0-9)/.test(config))) numeric.add(key);
    return `{${key}${filter === 'path' || (filter === 're' && /\.[*+]/.test(config)) ? '*' : ''}}`;
  };
  let out = '';
  let i = 0;
  while (i < rule.length) {
    const c = rule[i] as string;
    if (c === '\\' && i + 1 < rule.length) {
      out += rule[i + 1];
      i += 2;
    } else if (c === '<') {
      const end = closing(rule, i);
      const [, name = '', filter = '', config = ''] =
        /^([a-zA-Z_]\w*)?(?::([a-zA-Z_]\w*))?(?::([\s\S]*))?$/.exec(rule.slice(i + 1, end)) ?? [];
      out += put(name, filter, config);
      i = end + 1;
    } else if (c === ':' && /[a-zA-Z_#]/.test(rule[i + 1] ?? '')) {
      const m = /^:([a-zA-Z_]\w*)?(?:#([^#]*)#)?/.exec(rule.slice(i)) as RegExpExecArray;
      out += put(m[1] ?? '', m[2] === undefined ? '' : 're', m[2] ?? '');
      i += m[0].length;
    } else {
      out += c;
      i++;
    }
  }
  return { path: out, params, numeric };
}

/** A regular expression inside a rule may hold `<` and `>` of its own. */
function closing(rule: string, from: number): number {
  let depth = 0;
  for (let i = from; i < rule.length; i++) {
    if (rule[i] === '\\') i++;
    else if (rule[i] === '<') depth++;
    else if (rule[i] === '>' && --depth === 0) return i;
  }
  return rule.length;
}

/** The paths of a route, and what is to be said of those that are not literal. */
export interface Rules {
  texts: string[];
  unread?: string;
}

export function rulesOf(v: Val | undefined): Rules {
  const texts: string[] = [];
  let unread: string | undefined;
  for (const x of v?.t === 'seq' ? v.items : [v]) {
    const known = textOf(x);
    const text = known ?? (behindSetting(x) || undefined);
    if (known === undefined) unread = text === undefined ? 'the path of this route is not a literal' : UNPLACED;
    if (text !== undefined) texts.push(text);
  }
  return { texts, ...(unread === undefined ? {} : { unread }) };
}

/** A route without a path takes it from the function's name and parameters. */
export function fromSignature(handler: Val): string[] {
  const f = innermost(handler);
  if (f.t !== 'fn') return [];
  let path = `/${f.def.name.replaceAll('__', '/').replace(/^\//, '')}`;
  const out: string[] = [];
  const names = f.def.params.map(p => (p.pat.p === 'bind' ? p.pat.name : ''));
  const needed = f.def.params.filter(p => p.default === undefined).length;
  path += names
    .slice(0, needed)
    .map(n => `/<${n}>`)
    .join('');
  out.push(path);
  for (const n of names.slice(needed)) out.push((path += `/<${n}>`));
  return out;
}
