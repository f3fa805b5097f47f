/** Path templates of Starlette in normal form, and what a registration depends on. */
import { type Atom, atomsOf, conjuncts, type F, TRUE, truth } from '../../../program/formula.js';
import type { Val } from '../../../program/values.js';

export interface Template {
  path: string;
  /** Parameters that take digits only. */
  numeric: Set<string>;
  /** Parameters that no URL leaves empty. */
  filled: Set<string>;
  names: string[];
}

/** `{x:int}` is `{x}`, `{x:path}` is `{x*}`; repeated slashes and one at the end go. */
export function template(raw: string): Template {
  const numeric = new Set<string>();
  const filled = new Set<string>();
  const names: string[] = [];
  const text = raw.replace(/\{([^{}:]+)(?::([^{}]*))?\}/g, (_m, name: string, conv: string | undefined) => {
    names.push(name);
    if (conv === 'int' || conv === 'float') numeric.add(name);
    else if (conv !== 'path') filled.add(name);
    return conv === 'path' ? `{${name}*}` : `{${name}}`;
  });
  const path = `/${text}`.replace(/\/{2,}/g, '/');
  return { path: path.length > 1 ? path.replace(/\/$/, '') : path, numeric, filled, names };
}

/** The setting or flag that a registration depends on, as far as it has a name. */
export function whenOf(pc: F): string | undefined {
  if (pc === TRUE) return undefined;
  for (const x of conjuncts(pc)) {
    const asked = atomsOf(x);
    if (holdsAnyway(x, asked)) continue;
    for (const a of asked) {
      if (a.kind !== 'truthy' && a.kind !== 'eq' && a.kind !== 'flag' && a.kind !== 'in') continue;
      const name = a.name ?? a.args.map(nameOf).find(n => n !== undefined);
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

const mishap = (a: Atom): boolean => a.kind === 'fails' || a.kind === 'raises';

/** How many questions are answered both ways. */
const MOST = 8;

/**
 * Whether `x` holds whatever is answered, as long as nothing fails: a setting that is read, and cannot be, ends the start of the application
 * (`if raw: conf = json.loads(raw)`), and no route depends on it.
 */
function holdsAnyway(x: F, asked: Atom[]): boolean {
  const open = asked.filter(a => !mishap(a));
  const given = new Map<Atom, boolean>();
  const holds = (n: number): boolean => {
    const t = truth(x, a => (mishap(a) ? false : given.get(a)), new Map());
    const a = open[n];
    if (t !== undefined || !a || n >= MOST) return t === true;
    const both = [true, false].every(v => (given.set(a, v), holds(n + 1)));
    given.delete(a);
    return both;
  };
  return holds(0);
}

function nameOf(v: Val): string | undefined {
  switch (v.t) {
    case 'sym':
      return v.name;
    case 'attr':
      return v.name;
    case 'item':
      return v.key.t === 'const' ? String(v.key.v) : undefined;
    case 'call': {
      const key = v.args.pos[0];
      return key?.t === 'const' ? String(key.v) : v.name;
    }
    case 'op':
      return v.args.map(nameOf).find(n => n !== undefined);
    default:
      return undefined;
  }
}
