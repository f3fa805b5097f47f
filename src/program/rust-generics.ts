/** Type parameters of functions: what is said at the call, and what follows from the arguments. */
import type { FnDef, TypeRef } from '../facts/types.js';
import { typeOfValue } from './rust.js';
import type { CallArgs, FnVal, Ty } from './values.js';

interface Told {
  /** The type parameter, ... */
  name: string;
  /** ... and the argument that is of this type, or a pointer to it. */
  index: number;
}

const known = new WeakMap<FnDef, readonly Told[]>();

/** The type parameters in force in a call of `fn`; undefined where there are none. */
export function typesIn(fn: FnVal, a: CallArgs): Map<string, Ty> | undefined {
  const told = fn.module.language === 'rust' ? toldBy(fn.def) : [];
  let types = fn.types || fn.scope.types ? new Map([...(fn.scope.types ?? []), ...(fn.types ?? [])]) : undefined;
  for (const { name, index } of told) {
    if (fn.types?.get(name)?.cls) continue;
    const value = a.pos[index];
    const type = value && pointedTo(typeOfValue(value));
    if (type?.cls && type.cls.kind !== 'trait') (types ??= new Map()).set(name, type);
  }
  return types;
}

function toldBy(def: FnDef): readonly Told[] {
  let told = known.get(def);
  if (told) return told;
  const names = new Set(def.generics?.filter(g => !g.const).map(g => g.name));
  const params = def.params.filter(p => p.kind !== 'self');
  told = names.size ? params.flatMap((p, index) => [...names].filter(name => isOf(p.type, name)).map(name => ({ name, index }))) : [];
  known.set(def, told);
  return told;
}

/** Is it `name`, or a pointer to it? */
function isOf(t: TypeRef | undefined, name: string): boolean {
  if (t?.t === 'ref') return isOf(t.args[0], name);
  if (t?.t !== 'path') return false;
  return t.path.length === 1 && t.path[0] === name ? t.args.length === 0 : POINTER.test(t.path.at(-1) ?? '') && isOf(t.args[0], name);
}
const POINTER = /^(Arc|Rc|Box)$/;

function pointedTo(t: Ty | undefined): Ty | undefined {
  let x = t;
  while (x && !x.cls && POINTER.test(x.path.split('::').at(-1) ?? '')) x = x.args[0];
  return x;
}
