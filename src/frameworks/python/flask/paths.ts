/** Werkzeug's rule syntax `<converter(args):name>`, and how prefixes and rules are joined. */
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
