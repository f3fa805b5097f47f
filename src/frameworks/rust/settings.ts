/** The application's state as it is when nothing is set: settings with a literal default have it. */
import { type Atom, atomsOf, type F, truth, type Truth } from '../../program/formula.js';
import { prov } from '../../program/make.js';
import { nextId, Prov, type Val } from '../../program/values.js';

const REQUEST = Prov.Credential | Prov.Input | Prov.Header | Prov.Csrf | Prov.Signature | Prov.Origin | Prov.Rate;

const isSetting = (a: Atom): boolean => {
  const p = a.args.reduce((x, v) => x | prov(v), 0);
  return (p & Prov.Setting) !== 0 && (p & REQUEST) === 0;
};

/** What a question about an unset variable is answered with. */
function unset(a: Atom): Truth {
  if (!isSetting(a)) return undefined;
  return a.kind === 'fails' || a.kind === 'raises' ? true : a.kind === 'truthy' || a.kind === 'eq' || a.kind === 'in' ? false : undefined;
}

const decided = (f: F): Truth => (atomsOf(f).length > 60 ? undefined : truth(f, unset, new Map()));

/** `v` with literal defaults in the place of what the environment might say instead. */
export function settled(v: Val, depth = 0): Val {
  if (depth > 12) return v;
  switch (v.t) {
    case 'phi': {
      const t = decided(v.c);
      const side = t === undefined ? undefined : settled(t ? v.a : v.b, depth + 1);
      // A switch stays open: which way it is thrown is the operator's to say.
      if (side && literal(side) && !(side.t === 'const' && typeof side.v === 'boolean')) return side;
      const a = settled(v.a, depth + 1);
      const b = settled(v.b, depth + 1);
      return a === v.a && b === v.b ? v : { ...v, a, b, id: nextId() };
    }
    case 'obj':
    case 'variant': {
      const fields = new Map([...v.fields].map(([k, x]): [string, Val] => [k, settled(x, depth + 1)]));
      return [...fields].every(([k, x]) => v.fields.get(k) === x) ? v : { ...v, fields, id: nextId() };
    }
    case 'seq': {
      const items = v.items.map(x => settled(x, depth + 1));
      return items.every((x, i) => x === v.items[i]) ? v : { ...v, items, id: nextId() };
    }
    default:
      return v;
  }
}

const literal = (v: Val): boolean => (v.t === 'const' ? v.v !== null : v.t === 'seq' && !v.rest && v.items.every(literal));
