/** Werkzeug's rule syntax `<converter(args):name>`, and how prefixes and rules are joined. */
import { prov } from '../../../program/make.js';
import { Prov, type Val } from '../../../program/values.js';
import { textOf } from '../fastapi/paths.js';

export interface Rule {
  /** Normal form, without a trailing slash but a bare `/`. */
  path: string;
  params: string[];
  numeric: Set<string>;
  /** Parameters that are a text, which no URL leaves empty. */
  texts: Set<string>;
  /** The rule ends in a slash. */
  slash: boolean;
}

const PLACEHOLDER = /<(?:([a-zA-Z_]\w*)(?:\(((?:[^()]|\([^()]*\))*)\))?:)?([a-zA-Z_]\w*)>/g;

export function parseRule(rule: string): Rule {
  const params: string[] = [];
  const numeric = new Set<string>();
  const texts = new Set<string>();
  const path = rule.replace(PLACEHOLDER, (_m, converter: string | undefined, args: string | undefined, name: string) => {
    params.push(name);
    if (converter === 'int' || converter === 'float') numeric.add(name);
    if (/^(string|path|uuid|any)$/.test(converter ?? 'string')) texts.add(name);
    return `{${name}${converter === 'path' || (converter === 'regex' && /\.[*+]/.test(args ?? '')) ? '*' : ''}}`;
  });
  const whole = `/${path}`.replace(/\/{2,}/g, '/');
  return {
    path: whole.length > 1 ? whole.replace(/\/$/, '') : whole,
    params,
    numeric,
    texts,
    slash: whole.length > 1 && whole.endsWith('/'),
  };
}

/** Blueprint prefix and rule: one slash between them; an empty rule is the prefix alone. */
export function join(prefix: string, rule: string): string {
  if (prefix === '') return rule;
  if (rule === '') return prefix;
  return `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`;
}

/**
 * What follows in a prefix on the setting that it begins with (`settings.root.rstrip('/') + '/api'`): whoever serves the application
 * elsewhere than at the root sets that one. Undefined where anything else is not literal.
 */
export function behindSetting(v: Val | undefined): string | undefined {
  if (!v) return undefined;
  if (v.t !== 'op' || (v.op !== '+' && v.op !== 'fmt')) return fromOutside(v) ? '' : undefined;
  const parts = v.args.flatMap(x => (x.t === 'op' && x.op === v.op ? x.args : [x]));
  if (!parts[0] || !fromOutside(parts[0])) return undefined;
  const rest = parts.slice(1).map(textOf);
  const text = rest.join('');
  return rest.every(t => t !== undefined) && (text === '' || text.startsWith('/')) ? text : undefined;
}

/** A setting, or a part of what a library gave: not what the application calculates, nor what it is handed. */
function fromOutside(v: Val): boolean {
  if (prov(v) & Prov.Setting) return true;
  let x: Val | undefined = v;
  for (let i = 0; x && i < 12; i++) {
    if (x.t === 'attr' || x.t === 'item') x = x.of;
    else if (x.t === 'call') {
      if (!x.recv) return x.fn?.t === 'ext' && !x.path.startsWith('builtins.');
      x = x.recv;
    } else return x.t === 'ext';
  }
  return false;
}
