/** Path templates of Starlette in normal form, and what a registration depends on. */
import type { Ev } from '../../../program/ev.js';
import { and, type Atom, atomsOf, conjuncts, type F, TRUE, truth } from '../../../program/formula.js';
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

/** The setting or flag that a registration depends on, as far as it has a name: an application that does not start without one registers nothing. */
export function whenOf(ev: Ev, pc: F): string | undefined {
  if (pc === TRUE) return undefined;
  const all = new Set(conjuncts(pc));
  for (const x of all) {
    const asked = atomsOf(x);
    if (holdsAnyway(x, asked, unstarted(ev, all, new Set(asked)))) continue;
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

/** When the application does not start, of what is `asked`, beside what holds at the registration anyway (`all`). */
function unstarted(ev: Ev, all: ReadonlySet<F>, asked: ReadonlySet<Atom>): F[] {
  const own = ev.unstarted.map(c => conjuncts(c).filter(x => !all.has(x)));
  return own.filter(xs => xs.length > 0 && xs.every(x => atomsOf(x).every(a => asked.has(a)))).map(xs => xs.reduce(and, TRUE));
}

/**
 * Whether `x` holds whatever is answered, as long as nothing fails: a setting that is read, and cannot be, ends the start of the application
 * (`if raw: conf = json.loads(raw)`, `if unknown(raw): raise ..`), and no route depends on it.
 * @param ends when the application does not start
 */
function holdsAnyway(x: F, asked: Atom[], ends: readonly F[]): boolean {
  const open = asked.filter(a => !mishap(a));
  return holdsFor(x, open, [], a => (mishap(a) ? false : undefined)) || (ends.length > 0 && holdsFor(x, asked, ends, () => undefined));
}

/** Whether `x` holds, or one of `ends`, whatever is answered to `open`. */
function holdsFor(x: F, open: Atom[], ends: readonly F[], other: (a: Atom) => boolean | undefined): boolean {
  const given = new Map<Atom, boolean>();
  const said = (f: F): boolean | undefined => truth(f, a => given.get(a) ?? other(a), new Map());
  const holds = (n: number): boolean => {
    const t = said(x);
    if (t === true || ends.some(e => said(e) === true)) return true;
    const a = open[n];
    if ((t !== undefined && ends.length === 0) || !a || n >= MOST) return false;
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
