/** Constructors of values; derived values are interned, so that the same expression over the same base is the same value. */
import { type Atom, type AtomKind, atomsOf, type F, type Place, not, TRUE, FALSE } from './formula.js';
import { spend } from './effort.js';
import { forgetInterned, Interned, request } from './intern.js';
import { atomNode, forgetNodes, forgetPassing } from './nodes.js';
import { type CallArgs, type Cls, type ObjVal, type SymVal, type Ty, type Val, type VariantVal, nextId, Prov } from './values.js';

/** Longer texts are not computed with: a few steps that double one would fill any memory. */
export const MAX_TEXT = 65_536;

const consts = new Map<unknown, Val>();
export function constant(v: string | number | boolean | null): Val {
  if (typeof v === 'string' && v.length > MAX_TEXT) return sym('text', Prov.None, { present: true });
  let c = consts.get(v);
  if (!c) consts.set(v, (c = { t: 'const', v, id: nextId(), p: 0 }));
  return c;
}
export const NONE = constant(null);
export const STR = (v: string): Val => constant(v);
/** The texts in one; undefined where that is longer than anything that is computed with. */
export function joined(parts: readonly string[], separator = ''): string | undefined {
  const length = parts.reduce((n, p) => n + p.length + separator.length, 0);
  return length > MAX_TEXT + separator.length ? undefined : parts.join(separator);
}
export const UNIT: Val = { t: 'seq', kind: 'tuple', items: [], id: nextId(), p: 0 };

export function seq(kind: 'list' | 'tuple' | 'set', items: Val[], rest?: Val): Val & { t: 'seq' } {
  spend(items.length);
  return { t: 'seq', kind, items, rest, id: nextId() };
}
export const map = (entries: Map<string, Val> = new Map(), rest?: Val): Val & { t: 'map' } => ({ t: 'map', entries, rest, id: nextId() });
export const ext = (path: string, ty?: Ty[]): Val & { t: 'ext' } => ({ t: 'ext', path, id: nextId(), p: 0, ...(ty ? { ty } : {}) });
export const sym = (name: string, prov: number, extra: Partial<SymVal> = {}): SymVal => ({ t: 'sym', name, prov, id: nextId(), ...extra });
export const unknown = (why: string, place: Place, from?: Val[]): Val => ({ t: 'unknown', why, place, from, id: nextId() });
export const native = (name: string, call: (args: CallArgs, place: Place) => Val, of?: Val): Val => ({
  t: 'native',
  name,
  call,
  of,
  id: nextId(),
  p: 0,
});
export const obj = (cls: Cls, place: Place): ObjVal => ({ t: 'obj', cls, fields: new Map(), place, id: nextId() });
export const args = (pos: Val[] = [], kw: Map<string, Val> = new Map()): CallArgs => ({ pos, kw });

export function variant(of: string, tag: string, items: Val[] = [], cls?: Cls): VariantVal {
  const fields = new Map<string, Val>();
  items.forEach((v, i) => fields.set(String(i), v));
  return { t: 'variant', of, tag, fields, cls, id: nextId() };
}
export const Some = (v: Val): Val => variant('Option', 'Some', [v]);
export const None_ = variant('Option', 'None');
export const Ok = (v: Val): Val => variant('Result', 'Ok', [v]);
export const Err = (v: Val): Val => variant('Result', 'Err', [v]);

const attrs = new Interned<string, number, Val>();
export const attr = (of: Val, name: string, ty?: Ty): Val =>
  attrs.get(name, of.id) ?? attrs.set(name, of.id, { t: 'attr', of, name, ty, id: nextId() });

const elements = new Interned<number, number, Val>();
export const item = (of: Val, key: Val, ty?: Ty): Val =>
  elements.get(of.id, key.id) ?? elements.set(of.id, key.id, { t: 'item', of, key, ty, id: nextId() });

const ops = new Interned<string, number | string, Val>();
export function op(name: string, xs: Val[], ty?: Ty): Val {
  // What is made of nothing (the default value of a type) is told by its type alone.
  const of = xs.length === 0 && ty ? spelt(ty) : idsOf(xs);
  return ops.get(name, of) ?? ops.set(name, of, { t: 'op', op: name, args: xs, ty, id: nextId() });
}

const spelt = (t: Ty): string => `${t.cls ? String(t.cls.id) : t.path}<${t.args.map(spelt).join()}>`;

/** Of one value its number, of several (or none) their numbers as a text. */
const idsOf = (xs: readonly Val[]): number | string => (xs.length === 1 ? (xs[0] as Val).id : xs.map(x => x.id).join());

const units = new Interned<string, number, Val>();
/** A variant that carries nothing: the same one wherever it is named. */
export const unitVariant = (cls: Cls, tag: string): Val =>
  units.get(tag, cls.id) ?? units.set(tag, cls.id, variant(cls.name, tag, [], cls));

export function bool(f: F): Val {
  return f === TRUE ? constant(true) : f === FALSE ? constant(false) : { t: 'bool', f, id: nextId() };
}

export function phi(c: F, a: Val, b: Val, otherwise?: F): Val {
  if (c === TRUE || a === b) return a;
  if (c === FALSE) return b;
  if (a.t === 'const' && b.t === 'const') {
    if (a.v === true && b.v === false) return bool(c);
    if (a.v === false && b.v === true) return bool(not(c));
  }
  return { t: 'phi', c, a, b, ...(otherwise ? { otherwise } : {}), id: nextId() };
}

const atoms = new Interned<string, number | string, Atom>();
export function atom(kind: AtomKind, xs: Val[], at: Place, name?: string): Atom {
  const asked = name === undefined ? kind : `${kind}:${name}`;
  const of = idsOf(xs);
  return atoms.get(asked, of) ?? atoms.set(asked, of, atomNode(!request.runs, nextId(), kind, xs, at, name));
}

/** Forgets what was interned: values must not outlive the analysis that made them. */
export function resetValues(): void {
  forgetInterned(true);
  forgetNodes();
  request.runs = false;
}

/** Forgets what the last request interned, and keeps what the next one interns apart from the rest. */
export function forgetRequest(): void {
  forgetInterned(false);
  forgetPassing();
  request.runs = true;
  request.since = nextId();
}

/** What `v` was made from (union of `Prov` bits). */
export function prov(v: Val): number {
  if (v.p !== undefined) return v.p;
  spend(1);
  v.p = 0; // a cycle adds nothing
  const p = compute(v);
  // Containers are written to: what holds now need not hold later.
  v.p = v.t === 'seq' || v.t === 'map' || v.t === 'obj' || v.t === 'variant' ? undefined : p;
  return p;
}

function compute(v: Val): number {
  const all = (xs: Iterable<Val>): number => {
    let p = 0;
    for (const x of xs) p |= prov(x);
    return p;
  };
  switch (v.t) {
    case 'seq':
      return all(v.items) | (v.rest ? prov(v.rest) : 0);
    case 'map':
      return all(v.entries.values()) | (v.rest ? prov(v.rest) : 0);
    case 'obj':
      return all(v.fields.values());
    case 'variant':
      return all(v.fields.values());
    case 'call':
      return (
        Prov.External |
        (v.recv ? prov(v.recv) : 0) |
        all(v.args.pos) |
        all(v.args.kw.values()) |
        (v.args.rest ? prov(v.args.rest) : 0) |
        (v.args.kwRest ? prov(v.args.kwRest) : 0) |
        (v.fn && v.fn.t !== 'ext' ? prov(v.fn) : 0)
      );
    case 'attr':
      return prov(v.of);
    case 'item':
      return prov(v.of) | prov(v.key);
    case 'sym':
      return v.prov;
    case 'op':
      return all(v.args);
    case 'phi':
      return prov(v.a) | prov(v.b);
    case 'bool':
      return all(atomsOf(v.f).flatMap(a => a.args));
    case 'unknown':
      return Prov.Unknown | (v.from ? all(v.from) : 0);
    case 'native':
      return v.of ? prov(v.of) : 0;
    case 'super':
      return prov(v.self);
    default:
      return 0;
  }
}
