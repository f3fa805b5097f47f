/**
 * Builders that a derive writes (`#[derive(TypedBuilder)]`, `#[derive(bon::Builder)]`): `Type::builder().field(value).build()` is the type with
 * these fields, and nobody has written the methods.
 */
import type { Expr, Mark } from '../facts/types.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { native, None_, obj, op, Some, sym } from './make.js';
import { defaultOf, derives } from './rust-defaults.js';
import { tyOf, typeOfValue } from './rust-types.js';
import { type CallArgs, type Cls, Prov, type Ty, type Val } from './values.js';

/** What is being built: of which type, and with which fields so far. */
interface Building {
  cls: Cls;
  /** What its generics are, as far as that was written. */
  types: readonly Ty[];
  fields: ReadonlyMap<string, Val>;
}
const buildings = new WeakMap<Val, Building>();

function building(b: Building): Val {
  const v = sym(`${b.cls.name}::builder`, Prov.None, { path: `${b.cls.name}Builder()`, present: true });
  buildings.set(v, b);
  return v;
}

/** `Type::builder`, or `Type::<A, _>::builder`, where a derive has written it. */
export function derivedBuilder(cls: Cls, name: string, types: readonly Ty[] = []): Val | undefined {
  if (name !== 'builder' || cls.kind !== 'struct' || !(derives(cls.marks, 'TypedBuilder') || derives(cls.marks, 'Builder')))
    return undefined;
  // What it makes is made into something else.
  if (cls.marks.some(m => says(m, 'build_method'))) return undefined;
  return native(`${cls.name}::builder`, () => building({ cls, types, fields: new Map() }));
}

/** A method of a derived builder: one for each field, and the last one. */
export function onBuilder(ev: Ev, recv: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  const known = buildings.get(recv);
  if (!known) return undefined;
  const { cls } = known;
  const [given] = a.pos;
  if (!given) return name === 'build' ? built(ev, known, place) : undefined;
  const set = (field: string, v: Val): Val => building({ ...known, fields: new Map([...known.fields, [field, v]]) });
  const field = cls.fields.find(f => f.name === name);
  if (!field) return name.startsWith('maybe_') && cls.fields.some(f => f.name === name.slice(6)) ? set(name.slice(6), given) : undefined;
  const stripped = !derives(cls.marks, 'TypedBuilder') || [...field.marks, ...cls.marks].some(m => says(m, 'strip_option'));
  return set(name, field.type.path.at(-1) === 'Option' && stripped ? Some(given) : given);
}

function built(ev: Ev, { cls, types, fields }: Building, place: Place): Val {
  const o = obj(cls, place);
  o.types = cls.generics.map((g, i): Ty => {
    const written = types[i];
    if (written && written.path !== '_') return written;
    // `authorizer: A` says by what it was given what `A` is.
    const of = cls.fields.map(f => fields.get(f.name) && f.type.path.length === 1 && f.type.path[0] === g.name && fields.get(f.name));
    const given = of.find(v => typeof v === 'object');
    return (given && typeOfValue(given)) ?? { path: g.name, args: [] };
  });
  for (const f of cls.fields) {
    const t = tyOf(ev, f.type, cls.scope);
    const usual = f.marks.map(m => defaultIn(m.expr)).find(d => d !== undefined);
    const value =
      fields.get(f.name) ??
      (usual && usual !== 'own'
        ? evaluate(ev, usual, cls.scope)
        : usual || f.type.path.at(-1) === 'Option'
          ? defaultOf(ev, t, place)
          : undefined);
    o.fields.set(f.name, value ?? (t.path === 'Option' ? None_ : op('default', [], t)));
  }
  return o;
}

/** What `#[builder(default)]` or `#[builder(default = ..)]` gives to a field. */
function defaultIn(e: Expr): Expr | 'own' | undefined {
  if (e.k !== 'call' || e.fn.k !== 'name' || e.fn.id !== 'builder') return undefined;
  for (const a of e.args) {
    if (a.name === 'default') return a.value;
    if (a.value.k === 'name' && a.value.id === 'default') return 'own';
  }
  return undefined;
}

/** Does a `#[builder(..)]` mention `word`? */
const says = (m: Mark, word: string): boolean =>
  m.expr.k === 'call' && m.expr.fn.k === 'name' && m.expr.fn.id === 'builder' && JSON.stringify(m.expr.args).includes(`"${word}"`);
