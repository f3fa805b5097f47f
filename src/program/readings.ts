/** Members of an enum that were read from how they are stored: `match row.role { "admin" => Role::Admin, .. }`. */
import { compare } from './counts.js';
import { type Atom, atomsOf, type F, truth } from './formula.js';
import { op, prov } from './make.js';
import { greatest, ordinal } from './ranks.js';
import { type Cls, Prov, type Val } from './values.js';

/** A table of so many entries is no list of members. */
const MOST = 80;

const isMember = (v: Val | undefined): v is Val & { t: 'variant' } => v?.t === 'variant' && [...v.fields.keys()].every(k => k === 'value');

/** The part of the credential that `v` is read from, where it is chosen by nothing else than how that is spelled, and `fits` each alternative. */
function storedAs(v: Val, fits: (x: Val) => boolean): Val | undefined {
  let stored: Val | undefined;
  const seen = new Set<Val>();
  const table = (x: Val): boolean => {
    if (seen.has(x)) return true;
    seen.add(x);
    if (x.t !== 'phi') return fits(x);
    if (seen.size > MOST) return false;
    for (const a of atomsOf(x.c)) {
      const from = spelt(a);
      if (!from || (stored !== undefined && stored !== from)) return false;
      stored = from;
    }
    return table(x.a) && table(x.b);
  };
  return table(v) && stored && prov(stored) & Prov.Credential ? stored : undefined;
}

/** What it is asked of which of some spellings it has. */
function spelt(a: Atom): Val | undefined {
  if (a.kind !== 'eq' && a.kind !== 'in') return undefined;
  const from = a.args.find(y => y.t !== 'const' && y.t !== 'seq');
  const isSpelling = (y: Val): boolean => y.t === 'const' || (a.kind === 'in' && y.t === 'seq' && !y.rest && y.items.every(isSpelling));
  return from && a.args.some(y => y !== from && isSpelling(y)) ? from : undefined;
}

/** @param other the member that whatever has no spelling of its own is read as */
const reading = (stored: Val, cls: Cls, other?: Val): Val =>
  op('read', other ? [stored, other] : [stored], { path: cls.name, cls, args: [] });

/** What is given where what was stored is none of the spellings. */
function otherwise(v: Val): Val {
  let x = v;
  while (x.t === 'phi') x = truth(x.c, () => false, new Map()) ? x.a : x.b;
  return x;
}

/** Does what is none of the spellings come after all other members, where one of the sides is read so? */
export const otherLast = (sides: readonly Val[]): boolean =>
  sides.some(v => v.t === 'op' && v.op === 'read' && v.args[1] !== undefined && greatest(v.args[1]));

/** `a < b` for a stored text or number that is none of the spellings, where it is read as a member and held against one. */
export function otherBefore(o: string, sides: readonly Val[]): boolean | undefined {
  const [x, y] = sides.map(v => (v.t === 'op' && v.op === 'read' ? v.args[1] : v));
  if (!isMember(x) || !isMember(y) || x.cls !== y.cls) return undefined;
  const [m, n] = [ordinal(x), ordinal(y)];
  return typeof m === 'number' && typeof n === 'number' ? compare[o]?.(m, n) : undefined;
}

const readings = new WeakMap<Val, Val>();

/**
 * A member of an enum that was read from how it is stored, as what it was read from where it is held against another member: what is asked
 * is the member then, not its spelling. Anything else as it is.
 */
export function readAs(v: Val, against: Val): Val {
  if (v.t !== 'phi' || against.t !== 'variant' || !against.cls) return v;
  const known = readings.get(v);
  if (known) return known;
  const cls = against.cls;
  const stored = storedAs(v, x => isMember(x) && x.cls === cls);
  const out = stored ? reading(stored, cls, otherwise(v)) : v;
  readings.set(v, out);
  return out;
}

/**
 * What was read where every member of the enum has a spelling, and only what is none of them gives nothing: `"admin" => Some(Role::Admin), ..,
 * _ => None`. That it fails then says that the credential is malformed, and asks for none of the members.
 * @param absent when there is nothing, by the spellings
 */
export function readWhole(v: Val, absent: F): Val | undefined {
  let cls: Cls | undefined;
  const members = new Set<string>();
  const stored = storedAs(v, x => {
    if (x.t !== 'variant' || (x.of !== 'Option' && x.of !== 'Result')) return false;
    if (x.tag === 'None' || x.tag === 'Err') return true;
    const member = x.fields.get('0');
    if (!isMember(member) || !member.cls || (cls && member.cls !== cls)) return false;
    cls = member.cls;
    members.add(member.tag);
    return true;
  });
  if (!stored || !cls || members.size !== cls.variants?.size) return undefined;
  const fails = (spelling?: Atom): boolean => truth(absent, a => a === spelling, new Map()) === true;
  return fails() && !atomsOf(absent).some(a => fails(a)) ? reading(stored, cls) : undefined;
}
