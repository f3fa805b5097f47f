/** Bottle's rule syntax: `<name>`, `<name:filter>`, `<name:re:..>`, `<:re:..>`, and the old `:name` and `:name#re#`. */
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
