/** Members of an enum that were read from how they are stored: `match row.role { "admin" => Role::Admin, .. }`. */
import { type Atom, atomsOf, type F, truth } from './formula.js';
import { op, prov } from './make.js';
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
      const from = a.args.find(y => y.t !== 'const');
      if (a.kind !== 'eq' || !from || a.args.every(y => y.t !== 'const') || (stored !== undefined && stored !== from)) return false;
      stored = from;
    }
    return table(x.a) && table(x.b);
  };
  return table(v) && stored && prov(stored) & Prov.Credential ? stored : undefined;
}

const reading = (stored: Val, cls: Cls): Val => op('read', [stored], { path: cls.name, cls, args: [] });

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
  const out = stored ? reading(stored, cls) : v;
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
