/** Werkzeug's rule syntax `<converter(args):name>`, and how prefixes and rules are joined. */
export interface Rule {
  /** Normal form, without a trailing slash but a bare `/`. */
  path: string;
  params: string[];
  numeric: Set<string>;
  /** The rule ends in a slash. */
  slash: boolean;
}

export function parseRule(rule: string): Rule {
  const params: string[] = [];
  const numeric = new Set<string>();
  const path = rule.replace(/<(?:([a-zA-Z_]\w*)(?:\(.*?\))?:)?([a-zA-Z_]\w*)>/g, (_m, converter: string | undefined, name: string) => {
    params.push(name);
    if (converter === 'int' || converter === 'float') numeric.add(name);
    return `{${name}${converter === 'path' ? '*' : ''}}`;
  });
  const trimmed = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  return { path: trimmed === '' ? '/' : trimmed.startsWith('/') ? trimmed : `/${trimmed}`, params, numeric, slash: path.length > 1 && path.endsWith('/') };
}

/** Blueprint prefix and rule: one slash between them; an empty rule is the prefix alone. */
export function join(prefix: string, rule: string): string {
  if (prefix === '') return rule;
  if (rule === '') return prefix;
  return `${prefix.replace(/\/+$/, '')}/${rule.replace(/^\/+/, '')}`;
}
