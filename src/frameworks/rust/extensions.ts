/** What middleware puts into a request for those that come after it, by type. */
import type { Ev } from '../../program/ev.js';
import type { Place } from '../../program/formula.js';
import { PackModels } from '../../packs/models.js';
import { atom, None_, op, phi, prov, Some, STR, sym } from '../../program/make.js';
import { split } from '../../program/ops.js';
import { typeOfValue } from '../../program/rust.js';
import { type CallVal, type Cls, Prov, type Ty, type Val } from '../../program/values.js';
import { extract } from './extract.js';

/** Beginning of the names under which they are kept. */
export const TYPED = 'ext:';
const UNTYPED = 'ext:?';
/** Beginning of the names of what a task knows: it goes the same way as the request, and is no part of it. */
export const LOCAL = 'ext:!';
export const EXTENSIONS = sym('extensions', Prov.None, { path: 'http::Extensions()' });

const keyOfType = (t: Ty | undefined): string | undefined => {
  let x = t;
  while (x && !x.cls && /(^|::)(Arc|Rc|Box)$/.test(x.path) && x.args[0]) x = x.args[0];
  return x?.cls ? `${TYPED}${x.cls.id}` : x?.path ? `${TYPED}${x.path}` : undefined;
};

/** `written`: the type that is said where it is put in, `insert::<T>(..)`. */
export function putExtension(ev: Ev, value: Val, written?: Ty): void {
  const said = written && (written.cls ?? written.path.includes('::')) ? written : undefined;
  const v: Val = said && untyped(value) ? { ...value, ty: said } : value;
  const t =
    said ??
    (v.t === 'const'
      ? { path: typeof v.v === 'string' ? 'String' : typeof v.v, args: [] }
      : v.t === 'class'
        ? { path: v.name, cls: v, args: [] }
        : (typeOfValue(v) ?? named(v)));
  const more = [...ev.globals.keys()].filter(k => k.startsWith(UNTYPED)).length;
  ev.write(ev.globals, keyOfType(t) ?? `${UNTYPED}${String(more)}`, Some(v));
}

const untyped = (v: Val): v is Val & { t: 'call' | 'op' | 'sym' | 'attr' | 'item' } =>
  (v.t === 'call' || v.t === 'op' || v.t === 'sym' || v.t === 'attr' || v.t === 'item') && !v.ty?.cls && !v.ty?.path;

/** The type of the application that a query was asked for by name: `.first::<User>(..)`, `query_as::<_, User>(..)`. */
function named(v: Val): Ty | undefined {
  let x: Val | undefined = v;
  for (let i = 0; x && i < 20; i++) {
    if (x.t === 'op' && x.op === 'ok') x = x.args[0];
    else if (x.t === 'call') {
      const ty = x.fn?.t === 'ext' ? x.fn.ty?.find(t => t.cls) : undefined;
      if (ty) return ty;
      x = x.recv;
    } else return undefined;
  }
  return undefined;
}

/** The value that a layer put into the request for this type, as an Option; undefined when none did. */
export function extension(ev: Ev, t: Ty | undefined): Val | undefined {
  const k = keyOfType(t);
  const exact = k === undefined ? undefined : ev.globals.get(k);
  if (exact) return exact;
  const all = [...ev.globals].filter(([key]) => key.startsWith(TYPED) && !key.startsWith(LOCAL));
  const untyped = all.filter(([key]) => key.startsWith(UNTYPED)).map(([, v]) => v);
  // A request for a type that was not written: the only candidate, or any.
  if (k === undefined) return all.length > 1 ? Some(sym('extension', Prov.State)) : all[0]?.[1];
  const of = traitOf(t);
  const fits = (v: Val | undefined): boolean => !!v && classOf(v)?.impls.some(i => i.trait?.cls === of) === true;
  const implementor = of && all.find(([, v]) => fits(present(v)));
  if (implementor) return implementor[1];
  if (t && described(ev, t)) return undefined;
  // Of values whose type was not seen, types of the application rather stand for the caller than those of libraries.
  const identity = untyped.filter(v => prov(v) & Prov.Credential);
  return (t?.cls ? identity.at(-1) : untyped.find(v => !identity.includes(v))) ?? untyped.at(-1);
}

/** All that is in the request now, by the name under which it is kept. */
export const extensionsOf = (ev: Ev): Map<string, Val> => new Map([...ev.globals].filter(([key]) => key.startsWith(TYPED)));

const classOf = (v: Val): Cls | undefined => (v.t === 'class' ? v : typeOfValue(v)?.cls);

/** Is it a type of a library that says how it is extracted? */
const described = (ev: Ev, t: Ty): boolean => !t.cls && ev.models instanceof PackModels && ev.models.row(t.path)?.extractor !== undefined;

const present = (v: Val): Val | undefined =>
  v.t === 'variant' ? v.fields.get('0') : v.t === 'phi' ? (present(v.a) ?? present(v.b)) : undefined;

/** The trait of the application behind `Arc<dyn Trait>`. */
function traitOf(t: Ty | undefined): Cls | undefined {
  let x = t;
  while (x && !x.cls && /(^|::)(Arc|Rc|Box)$/.test(x.path) && x.args[0]) x = x.args[0];
  return x?.cls?.kind === 'trait' ? x.cls : undefined;
}

export function onExtensions(ev: Ev, c: CallVal): Val | undefined {
  const t = c.fn?.t === 'ext' ? c.fn.ty?.[0] : undefined;
  switch (c.name) {
    case 'insert':
      if (c.args.pos[0]) putExtension(ev, c.args.pos[0], t);
      return None_;
    case 'get':
    case 'get_mut':
    case 'remove': {
      return extension(ev, t) ?? ofLibrary(ev, t, c.place) ?? None_;
    }
    case 'contains':
      return op('contains', [EXTENSIONS, STR(t?.path ?? '')]);
    default:
      return undefined;
  }
}

/** What a library puts into requests, as far as it is described as an extractor; of others it is not known whether they are there. */
function ofLibrary(ev: Ev, t: Ty | undefined, place: Place): Val | undefined {
  if (!t || t.cls || !t.path.includes('::') || /^(std|core|alloc)::/.test(t.path)) return undefined;
  if (described(ev, t)) return Some(split(extract(ev, t, place, 'axum'), place).ok);
  const v = sym('extension', Prov.State, { ty: t });
  return phi(atom('fails', [v], place), None_, Some(v));
}
