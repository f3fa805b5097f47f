/** What the functions of a program name in their bodies: a cheap look at how they hang together, without evaluating them. */
import type { FnDef } from '../../facts/types.js';
import { walk } from '../../facts/walk.js';
import type { Ev } from '../../program/ev.js';
import type { FnVal, Val } from '../../program/values.js';

export const BUILDERS: ReadonlySet<string> = new Set([
  'Router::new',
  'ApiRouter::new',
  'OpenApiRouter::new',
  'App::new',
  'Router::default',
  'ApiRouter::default',
  'OpenApiRouter::default',
  'OpenApiRouter::with_openapi',
]);

export interface Mentioned {
  fn: FnVal;
  /** What its body names: `name` and `Type::name`. */
  names: ReadonlySet<string>;
  /** Methods that it calls, with a dot before them and the number of arguments behind: `.merge/1`. */
  methods: ReadonlySet<string>;
  /** How others name it: `name`, or `Type::name` of a method. */
  key: string;
  /** It may be called by code that cannot name it: a method of a trait, through a trait object or a parameter of a type. */
  behind: boolean;
}

const memo = new WeakMap<Ev, Mentioned[]>();

/** Every function and method of the program but `main`. */
export function mentioned(ev: Ev): Mentioned[] {
  let all = memo.get(ev);
  if (!all) memo.set(ev, (all = functions(ev).map(([fn, behind]): Mentioned => ({ fn, ...named(fn), key: keyOf(fn), behind }))));
  return all;
}

const keyOf = (fn: FnVal): string => (fn.owner ? `${fn.owner.name}::${fn.def.name}` : fn.def.name);

/** How a call of the method `name` with so many arguments is written down. */
export const calling = (name: string, args: number): string => `.${name}/${String(args)}`;

/** Traits of what values are, which every type has and none registers anything in. */
const PLAIN =
  /(^|::)(Clone|Copy|Debug|Display|Default|Drop|PartialEq|Eq|PartialOrd|Ord|Hash|From|TryFrom|FromStr|AsRef|AsMut|Borrow|Iterator|DoubleEndedIterator|IntoIterator|Extend|FromIterator|Index|IndexMut|Add|Sub|Mul|Div|Not|Neg|Read|Write|BufRead|Error|Serialize|Deserialize|Serializer|Deserializer|Visitor)$/;

function functions(ev: Ev): [FnVal, boolean][] {
  const out = new Map<FnDef, [FnVal, boolean]>();
  const add = (v: Val, behind = false): void => {
    if (v.t === 'fn' && v.def.name !== 'main' && !out.has(v.def)) out.set(v.def, [v, behind]);
  };
  for (const m of ev.program.modules)
    for (const v of m.scope.vars.values()) {
      add(v);
      if (v.t !== 'class') continue;
      for (const x of v.members.values()) add(x, v.kind === 'trait');
      for (const i of v.impls) for (const x of i.members.values()) add(x, !!i.trait && (!!i.trait.cls || !PLAIN.test(i.trait.path)));
    }
  return [...out.values()];
}

/** Names and paths in a body, as they are written; `Self` is the type it stands for, but in what a trait does by default. */
function named({ def, owner }: FnVal): { names: Set<string>; methods: Set<string> } {
  const names = new Set<string>();
  const methods = new Set<string>();
  const self = owner && owner.kind !== 'trait' ? owner.name : 'Self';
  walk([def.body, def.value], n => {
    if (n.k === 'name' && n.id !== undefined) names.add(n.id);
    else if (n.k === 'call' && n.fn?.k === 'member' && n.fn.name !== undefined) methods.add(calling(n.fn.name, n.args?.length ?? 0));
    else if (n.k === 'path' && n.segs?.length) {
      const [type, name] = n.segs.slice(-2) as [string, string | undefined];
      if (name === undefined) names.add(type);
      else names.add(/^[A-Z]/.test(type) ? `${type === 'Self' ? self : type}::${name}` : name);
    }
    return true;
  });
  return { names, methods };
}
