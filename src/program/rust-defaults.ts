/** `Default` of Rust: what a type is when nobody says anything about it. */
import { mapped } from './alternatives.js';
import { callFunction } from './calls.js';
import type { Mark } from '../facts/types.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { args as mkArgs, constant, map, native, None_, obj, Ok, op, seq, STR, sym, variant } from './make.js';
import { born } from './rust-collections.js';
import { tyOf, typeOfValue } from './rust-types.js';
import { type Cls, Prov, type Scope, type Ty, type Val } from './values.js';

/** Is `trait` among what is derived? */
export const derives = (marks: readonly Mark[], trait: string): boolean =>
  marks.some(
    m =>
      m.expr.k === 'call' &&
      m.expr.fn.k === 'name' &&
      m.expr.fn.id === 'derive' &&
      m.expr.args.some(a => (a.value.k === 'name' ? a.value.id : a.value.k === 'path' ? a.value.segs.at(-1) : '') === trait),
  );

/** Does the compiler write `default` for this type? */
export const hasDerivedDefault = (cls: Cls): boolean => derives(cls.marks, 'Default');

/** What readers of the command line and of the environment derive: each gives the type itself, or a `Result` of it. */
const READERS: readonly [string, RegExp, 'value' | 'result'][] = [
  ['Parser', /^parse(_from)?$/, 'value'],
  ['Parser', /^try_parse(_from)?$/, 'result'],
  ['StructOpt', /^from_(args|iter|clap)$/, 'value'],
  ['StructOpt', /^from_(args|iter)_safe$/, 'result'],
  ['Envconfig', /^init_from_env$/, 'result'],
];

/** `Type::name`, where a derived trait has it and gives what was read when the program started. */
export function derivedReader(cls: Cls, name: string): Val | undefined {
  const found = READERS.find(([trait, names]) => names.test(name) && derives(cls.marks, trait));
  if (!found) return undefined;
  return native(`${cls.name}::${name}`, () => {
    const read = sym(cls.name, Prov.Setting, { ty: { path: cls.name, cls, args: [] }, present: true });
    return found[2] === 'value' ? read : Ok(read);
  });
}

/** Types that hold themselves have no default. */
const MAX_NESTING = 8;

/** `T::default()`; symbolic where the type is not known. */
export function defaultOf(ev: Ev, t: Ty | undefined, place: Place, depth = 0): Val {
  if (!t || depth > MAX_NESTING) return op('default', []);
  if (t.cls) {
    for (const i of t.cls.impls) {
      const own = i.trait && /(^|::)Default$/.test(i.trait.path) ? i.members.get('default') : undefined;
      if (own?.t === 'fn') return callFunction(ev, own, mkArgs(), place);
    }
    return hasDerivedDefault(t.cls) ? derived(ev, t.cls, t, place, depth) : op('default', [], t);
  }
  switch (t.path.split('::').at(-1)) {
    case 'Option':
      return None_;
    case 'bool':
      return constant(false);
    case 'String':
    case 'str':
      return STR('');
    case 'Vec':
    case 'VecDeque':
      return born(ev, seq('list', []));
    case 'HashSet':
    case 'BTreeSet':
      return born(ev, seq('set', []));
    case 'HashMap':
    case 'BTreeMap':
      return born(ev, map());
    default:
      return /^([iu](8|16|32|64|128|size)|f32|f64)$/.test(t.path) ? constant(0) : op('default', [], t);
  }
}

function derived(ev: Ev, cls: Cls, t: Ty, place: Place, depth: number): Val {
  if (cls.kind === 'enum') {
    for (const [tag, v] of cls.variants ?? [])
      if (v.marks.some(m => m.expr.k === 'name' && m.expr.id === 'default')) return variant(cls.name, tag, [], cls);
    return op('default', [], t);
  }
  const types = new Map(cls.scope.types ?? []);
  cls.generics.forEach((g, i) => {
    if (t.args[i]) types.set(g.name, t.args[i] as Ty);
  });
  const scope: Scope = { vars: new Map(), parent: cls.scope, module: cls.module, kind: 'block', types };
  const o = obj(cls, place);
  for (const f of cls.fields) o.fields.set(f.name, defaultOf(ev, tyOf(ev, f.type, scope), place, depth + 1));
  return o;
}

/** Is it the default of a type that is not known? */
export const isDefault = (v: Val): boolean => v.t === 'op' && v.op === 'default' && v.args.length === 0 && !v.ty?.cls;

/** `v`, which is to be a `t`, with its default where it had that of a type that was not known. */
export const defaulted = (ev: Ev, v: Val, t: Ty, place: Place): Val => mapped(v, x => (isDefault(x) ? defaultOf(ev, t, place) : x));

/** What stands in the place of `v` where there is no such value. */
export function defaultLike(ev: Ev, v: Val, place: Place): Val {
  if (v.t === 'seq') return born(ev, seq(v.kind, []));
  if (v.t === 'map') return born(ev, map());
  if (v.t === 'const' && v.v !== null) return constant(typeof v.v === 'string' ? '' : typeof v.v === 'number' ? 0 : false);
  return defaultOf(ev, typeOfValue(v), place);
}
