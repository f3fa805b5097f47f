/** Classes of the analysed code: Python class statements, construction of instances, the order of bases. */
import type { Stmt } from '../facts/types.js';
import { callFunction } from './calls.js';
import { spend } from './effort.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { args as mkArgs, constant, item, map, native, NONE, obj, op, prov, seq, STR, sym } from './make.js';
import { applyDecorators } from './python-decorators.js';
import { shape } from './metaclasses.js';
import { tyOfAnnotation } from './python-types.js';
import { runBlock } from './statements.js';
import { mayRaise } from './tries.js';
import { type CallArgs, type CallVal, type Cls, nextId, type ObjVal, Prov, type Scope, type Val, type VariantVal } from './values.js';

type ClassStmt = Stmt & { s: 'class' };

export function defineClass(ev: Ev, s: ClassStmt, scope: Scope): void {
  const place = ev.place(scope.module, s.at);
  const bases: Val[] = [];
  const keywords = new Map<string, Val>();
  for (const b of s.bases) {
    const v = evaluate(ev, b.value, scope);
    if (b.name !== undefined) keywords.set(b.name, v);
    else bases.push(v);
  }
  const cls: Cls = {
    t: 'class',
    id: nextId(),
    name: s.name,
    module: scope.module,
    kind: 'class',
    place,
    marks: s.marks,
    bases,
    members: new Map(),
    impls: [],
    fields: [],
    generics: [],
    annotations: new Map(),
    keywords,
    scope: { vars: new Map(), parent: scope, module: scope.module, kind: 'class' },
  };
  cls.scope.self = cls;
  // The class's own name resolves in its methods before the statement has ended.
  runBlock(ev, s.body, cls.scope);
  for (const [k, v] of cls.scope.vars) {
    if (v.t === 'fn' && !v.owner) v.owner = cls;
    cls.members.set(k, v);
  }
  for (const b of mro(cls).slice(1)) {
    if (b.t !== 'class') continue;
    spend(b.members.size);
    for (const [k, v] of b.members) if (!cls.members.has(k) && isOwn(b, k)) inherit(cls, k, v);
    for (const [k, v] of b.annotations ?? []) if (!cls.annotations?.has(k)) cls.annotations?.set(k, v);
  }
  if (isEnum(cls)) {
    cls.variants = new Map();
    let i = 0;
    for (const [k, v] of cls.scope.vars) {
      if (v.t === 'fn' || k.startsWith('_')) continue;
      const value = v.t === 'call' && v.name === 'auto' ? constant(i + 1) : v;
      const m: VariantVal = {
        t: 'variant',
        of: cls.name,
        tag: k,
        cls,
        fields: new Map([
          ['value', value],
          ['name', STR(k)],
        ]),
        id: nextId(),
      };
      cls.variants.set(k, { fields: [], tuple: false, marks: [], at: s.at, index: i++ });
      cls.members.set(k, m);
    }
  }
  shape(ev, cls, place);
  toldAbout(ev, cls, place);
  const value = applyDecorators(ev, s.marks, cls, s.name, scope);
  ev.write(scope.vars, s.name, value);
}

/** A class that wants to know what is derived from it is told so, and may set what it likes. */
function toldAbout(ev: Ev, cls: Cls, place: Place): void {
  for (const c of mro(cls).slice(1)) {
    const m = c.t === 'class' ? c.scope.vars.get('__init_subclass__') : undefined;
    if (m?.t !== 'fn') continue;
    const kw = new Map([...(cls.keywords ?? [])].filter(([name]) => name !== 'metaclass'));
    callFunction(ev, { ...m, role: 'class', self: cls }, { pos: [], kw }, place);
    return;
  }
}

/** What classes have of their bases. */
const taken = new WeakMap<Cls, Map<string, Val>>();

function inherit(cls: Cls, name: string, v: Val): void {
  spend(INHERITED);
  cls.members.set(name, v);
  const of = taken.get(cls);
  if (of) of.set(name, v);
  else taken.set(cls, new Map([[name, v]]));
}

/** Is it what the class itself says, or was given later? */
const isOwn = (cls: Cls, name: string): boolean => {
  const v = cls.members.get(name);
  return v !== undefined && taken.get(cls)?.get(name) !== v;
};

/** A member of each class below the one that has it stays in memory. */
const INHERITED = 10;

const orders = new WeakMap<Cls, Val[]>();

/** The order in which classes are asked for an attribute, each before its bases and these as they are written; library bases stay as `ext`. */
export function mro(cls: Cls): Val[] {
  const known = orders.get(cls);
  if (known) return known;
  // A class that is its own base by mistake has none.
  orders.set(cls, [cls]);
  const out = [cls, ...merged([...cls.bases.map(b => (b.t === 'class' ? [...mro(b)] : [b])), [...cls.bases]])];
  orders.set(cls, out);
  return out;
}

/** What a class says of those above it. */
export function ancestors(cls: Cls, name: string): Val | undefined {
  if (name === '__bases__') return seq('tuple', cls.bases);
  if (name === '__mro__') return seq('tuple', mro(cls));
  return name === 'mro' ? native('mro', () => seq('list', mro(cls))) : undefined;
}

/** The lists as one that keeps the order of each; where there is none, the first list comes first. */
function merged(lists: Val[][]): Val[] {
  const same = (a: Val | undefined, b: Val): boolean => a === b || (a?.t === 'ext' && b.t === 'ext' && a.path === b.path);
  const out: Val[] = [];
  for (;;) {
    const left = lists.filter(l => l.length > 0);
    const heads = left.map(l => l[0] as Val);
    const next = heads.find(h => !left.some(l => l.some((x, i) => i > 0 && same(x, h)))) ?? heads[0];
    if (!next) return out;
    out.push(next);
    for (const l of left) for (let i = l.length - 1; i >= 0; i--) if (same(l[i], next)) l.splice(i, 1);
  }
}

/** API paths of the library classes that `cls` inherits from. */
export function libraryBases(cls: Cls): string[] {
  return mro(cls)
    .flatMap(b => (b.t === 'ext' ? [b.path] : b.t === 'attr' || b.t === 'call' || b.t === 'op' ? [libraryPath(b)] : []))
    .filter(Boolean);
}
const libraryPath = (v: Val): string => {
  if (v.t === 'ext') return v.path;
  if (v.t === 'attr') return `${libraryPath(v.of)}.${v.name}`;
  if (v.t === 'call') return `${v.path}()`;
  if (v.t === 'op' && v.op === 'generic' && v.args[0]) return libraryPath(v.args[0]);
  return '';
};

export const isEnum = (cls: Cls): boolean =>
  libraryBases(cls).some(p => /(^|\.)(Enum|IntEnum|StrEnum|Flag|IntFlag|TextChoices|IntegerChoices)$/.test(p));

/** What going through `v` gives, where `v` is an enumeration: its members in order. Of flags, the one that says nothing is left out (Python 3.11). */
export function iterated(v: Val): Val {
  if (v.t !== 'class' || !v.variants || v.module.language !== 'python') return v;
  const flags = libraryBases(v).some(p => /(^|\.)(Int)?Flag$/.test(p));
  const members = [...v.variants.keys()].map(k => v.members.get(k)).filter(m => m?.t === 'variant');
  const says = (m: Val): boolean => {
    const value = m.t === 'variant' ? m.fields.get('value') : undefined;
    return !(flags && value?.t === 'const' && value.v === 0);
  };
  return seq('list', (members as Val[]).filter(says));
}

export function isSubclass(cls: Cls, of: Val): boolean {
  return mro(cls).some(c => c === of || (c.t === 'ext' && of.t === 'ext' && c.path === of.path));
}

export function instantiate(ev: Ev, cls: Cls, a: CallArgs, place: Place): Val {
  if (cls.module.language === 'rust') return tupleStruct(cls, a, place);
  if (isEnum(cls)) {
    const wanted = a.pos[0];
    for (const k of cls.variants?.keys() ?? []) {
      const m = cls.members.get(k);
      if (m?.t === 'variant' && wanted?.t === 'const' && (m.fields.get('value') as (Val & { v?: unknown }) | undefined)?.v === wanted.v)
        return m;
    }
    return op('enum', a.pos, { path: cls.name, cls, args: [] });
  }
  const other = madeByNew(ev, cls, a, place);
  if (other) return other;
  // A dict, whose keys are described.
  if (libraryBases(cls).some(b => /^typing(_extensions)?\.TypedDict$/.test(b)))
    return a.pos[0] && a.kw.size === 0 ? a.pos[0] : map(new Map(a.kw), a.kwRest ?? a.pos[0]);
  const self: ObjVal = { ...obj(cls, place), frame: ev.frame };
  ev.journal.own(self.fields);
  const init = cls.members.get('__init__');
  if (init?.t === 'fn') {
    callFunction(ev, { ...init, self }, a, place);
    return self;
  }
  // dataclasses, NamedTuple and models: arguments become the annotated fields in order.
  let i = 0;
  const configured = libraryBases(cls).some(b => ev.models.isSettings(b));
  for (const [name, f] of cls.annotations ?? []) {
    if (configured) {
      self.fields.set(name, sym(name, Prov.Setting, { ty: tyOfAnnotation(ev, f.ann, cls.scope) }));
      continue;
    }
    const given = a.kw.get(name) ?? a.pos[i++];
    if (given) self.fields.set(name, given);
    // `Claims(**payload)`: what the mapping holds comes before the default.
    else if (a.kwRest || a.rest) self.fields.set(name, item((a.kwRest ?? a.rest) as Val, STR(name), tyOfAnnotation(ev, f.ann, cls.scope)));
    else if (f.value && !(f.value.t === 'call')) self.fields.set(name, f.value);
  }
  for (const [k, v] of a.kw) if (!self.fields.has(k)) self.fields.set(k, v);
  const post = cls.members.get('__post_init__');
  if (post?.t === 'fn') callFunction(ev, { ...post, self }, mkArgs(), place);
  // What a library base does with the arguments stays visible as a call on it.
  const base = libraryBases(cls)[0];
  if (base) {
    self.fields.set('__args__', seq('tuple', a.pos, a.rest));
    const made: CallVal = {
      t: 'call',
      path: ev.models.canonical(base),
      fn: cls,
      name: cls.name,
      args: a,
      place,
      pc: ev.pc,
      seq: ev.seq++,
      id: nextId(),
    };
    ev.events.push(made);
    // What was sent may not fit the model that is made of it, and whoever catches that answers it.
    if (prov(made) & Prov.Input) mayRaise(ev, made);
    const from = ev.models.source(made);
    if (from !== undefined) readFrom(cls, self, a, from);
  }
  return self;
}

/** What `__new__` gives where that is no instance of the class: a factory in the shape of a class. */
function madeByNew(ev: Ev, cls: Cls, a: CallArgs, place: Place): Val | undefined {
  const make = cls.members.get('__new__');
  if (make?.t !== 'fn') return undefined;
  const v = callFunction(ev, { ...make, self: cls, role: 'class' }, a, place);
  if (v.t === 'obj') return isSubclass(v.cls, cls) ? undefined : v;
  return v.t === 'call' && v.fn?.t === 'ext' && !v.path.startsWith('builtins.') ? v : undefined;
}

/** An object whose fields are read from outside (settings): those that are empty by default may be anything. */
function readFrom(cls: Cls, self: ObjVal, a: CallArgs, from: number): void {
  for (const [name, f] of cls.annotations ?? []) {
    if (a.kw.has(name)) continue;
    const usual = f.value?.t === 'call' && f.value.name === 'Field' ? (f.value.args.kw.get('default') ?? f.value.args.pos[0]) : f.value;
    const known =
      usual !== undefined &&
      usual.t !== 'call' &&
      !(usual.t === 'const' && (usual.v === null || usual.v === '')) &&
      !(usual.t === 'ext' && usual.path.endsWith('Ellipsis'));
    self.fields.set(
      name,
      known
        ? usual
        : sym(name, from, usual === undefined ? { present: true } : usual.t === 'const' ? { store: new Map([['@default', usual]]) } : {}),
    );
  }
}

function tupleStruct(cls: Cls, a: CallArgs, place: Place): Val {
  const self = obj(cls, place);
  a.pos.forEach((v, i) => self.fields.set(String(i), v));
  return self;
}

export function superCall(ev: Ev, cls: Cls, self: Val, name: string, place: Place): Val | undefined {
  // What comes next depends on the class of the instance: that of a mixin may be a base that the mixin has never heard of.
  const of = self.t === 'obj' ? self.cls : self.t === 'class' ? self : cls;
  const order = mro(of).includes(cls) ? mro(of) : mro(cls);
  for (const c of order.slice(order.indexOf(cls) + 1)) {
    if (c.t !== 'class') continue;
    const m = c.scope.vars.get(name) ?? (isOwn(c, name) ? c.members.get(name) : undefined);
    if (m?.t === 'fn') return { ...m, self };
    if (m) return m;
  }
  void ev;
  void place;
  return undefined;
}

/** What the constructor of a library base is given is kept with the instance: what it makes of that is the library's affair. */
export function keepArguments(ev: Ev, self: ObjVal, a: CallArgs): Val {
  if (a.pos.length > 0 || a.rest || !self.fields.has('__args__')) ev.write(self.fields, '__args__', seq('tuple', a.pos, a.rest));
  ev.write(self.fields, '__kwargs__', map(new Map(a.kw)));
  for (const [k, v] of a.kw) if (!self.fields.has(k)) ev.write(self.fields, k, v);
  return NONE;
}
