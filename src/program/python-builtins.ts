/** Python's built-in functions, and those of the standard library that shape control flow. */
import { alternatives, mapped as ofEach } from './alternatives.js';
import { call, callback } from './calls.js';
import { isSubclass, iterated, libraryBases } from './classes.js';
import type { Ev } from './ev.js';
import { counted, perhaps } from './filling.js';
import { and, type F, FALSE, not, or, type Place, TRUE } from './formula.js';
import { args as mkArgs, atom, bool, constant, map, native, NONE, op, phi, seq, STR, sym } from './make.js';
import { fails, less, truthy } from './ops.js';
import { OPERATOR } from './python-operator.js';
import { asked } from './python-operators.js';
import { elementOf } from './patterns.js';
import { CONTEXTVARS } from './python-contextvars.js';
import { countedIn, firstOf, mapped, quantifier } from './python-iteration.js';
import { byCaller } from './python-decorators.js';
import { MANAGERS } from './python-generators.js';
import { INSPECT } from './python-inspect.js';
import { kept } from './python-requests.js';
import { importModule, pyAttribute, setAttribute } from './python.js';
import { standsFor } from './python-descriptors.js';
import { tyOfAnnotation } from './python-types.js';
import { regex } from './python-methods.js';
import { type CallArgs, type FnVal, nextId, Prov, type Scope, type Ty, type Val } from './values.js';

type Builtin = (ev: Ev, a: CallArgs, place: Place, scope: Scope | undefined) => Val | undefined;

const first = (a: CallArgs): Val => a.pos[0] ?? NONE;
/** What the decorators of a class make of a function, called by hand: `over = property(lambda self: ..)`. */
const inClass = (role: NonNullable<FnVal['role']>, fn: Val, sets?: Val): Val =>
  fn.t === 'fn' ? { ...fn, role, ...(sets?.t === 'fn' ? { sets } : {}) } : fn;
const listOf = (v: Val): Val =>
  v.t === 'seq'
    ? seq('list', v.items, v.rest)
    : v.t === 'map'
      ? seq(
          'list',
          [...v.entries.keys()].map(k => elementOf(v, k)),
          v.rest,
        )
      : op('list', [v]);

/** Are the members of `v` all known, so that what is not found is not there? */
const listsAll = (v: Val): boolean => v.t === 'obj' || v.t === 'fn' || v.t === 'class' || v.t === 'module' || standsFor(v);

/** What holds other values is no text, number or truth value. */
const composed = (v: Val): false | undefined => (v.t === 'map' || v.t === 'seq' ? false : undefined);

const TYPES: Record<string, (v: Val) => boolean | undefined> = {
  __proto__: null as never,
  str: v => (v.t === 'const' ? typeof v.v === 'string' : composed(v)),
  int: v => (v.t === 'const' ? typeof v.v === 'number' : composed(v)),
  bool: v => (v.t === 'const' ? typeof v.v === 'boolean' : v.t === 'bool' ? true : composed(v)),
  list: v => (v.t === 'seq' ? v.kind === 'list' : v.t === 'const' || v.t === 'map' || v.t === 'obj' ? false : undefined),
  tuple: v => (v.t === 'seq' ? v.kind === 'tuple' : v.t === 'const' || v.t === 'map' || v.t === 'obj' ? false : undefined),
  set: v => (v.t === 'seq' ? v.kind === 'set' : undefined),
  dict: v => (v.t === 'map' ? true : v.t === 'seq' || v.t === 'const' || v.t === 'obj' ? false : undefined),
};

function isInstance(ev: Ev, v: Val, c: Val, place: Place): F {
  if (c.t === 'seq') return or(c.items.map(x => isInstance(ev, v, x, place)));
  if (v.t === 'phi') return or(alternatives(v).map(x => and(x.cond, isInstance(ev, x.val, c, place))));
  const known = c.t === 'ext' ? TYPES[c.path.replace('builtins.', '')]?.(v) : undefined;
  if (known !== undefined) return known ? TRUE : FALSE;
  const cls = v.t === 'obj' || v.t === 'variant' ? v.cls : 'ty' in v && v.ty && !Array.isArray(v.ty) ? v.ty.cls : undefined;
  const made = v.t === 'obj' || v.t === 'variant';
  // What is looked up, or declared to be perhaps of a class, may not be there at all.
  const absent = !made && 'ty' in v && ((v.t === 'call' && v.query !== undefined) || (v.ty as Ty | undefined)?.maybe === true);
  if (cls && isSubclass(cls, c)) return absent ? not(fails(v, place)) : TRUE;
  if (cls && c.t === 'class' && made) return FALSE;
  // A class of a library is no text, number or collection, unless it is one of those that are made to be.
  if (v.t === 'obj' && c.t === 'ext' && PLAIN.test(c.path) && !libraryBases(v.cls).some(b => LIKE_PLAIN.test(b))) return FALSE;
  if (v.t === 'const' || v.t === 'class' || v.t === 'fn') return FALSE;
  const path = c.t === 'ext' ? c.path : c.t === 'class' ? c.name : (ev.program.pathOf(c) ?? '?');
  // An error as its handler sees it is an instance of what was raised.
  const from = v.t === 'call' ? v.path : v.t === 'sym' && v.path?.endsWith('()') ? v.path.slice(0, -2) : undefined;
  if (from && c.t === 'ext') {
    const e = ev.models.isError(from, c.path);
    if (from === c.path || e !== undefined) return from === c.path || e ? TRUE : FALSE;
  }
  return atom('is', [v], place, path);
}

const PLAIN = /^(builtins\.)?(str|bytes|int|float|bool|list|tuple|set|frozenset|dict)$/;
const LIKE_PLAIN =
  /^(builtins|enum|collections|typing|numbers|abc)\.|(^|\.)[A-Z]?\w*(Str|Int|Dict|List|Tuple|Set|Enum|String|Markup)\w*$|^\w+$/;

/** Whether it can be called: of a member of what a library made nothing is known; what the request brings along is data. */
function isCallable(v: Val, place: Place): F {
  if (v.t === 'phi') return or(alternatives(v).map(x => and(x.cond, isCallable(x.val, place))));
  if (v.t === 'fn' || v.t === 'class' || v.t === 'native' || v.t === 'ext') return TRUE;
  const member = (v.t === 'attr' || v.t === 'item') && v.of.t !== 'sym';
  return member || v.t === 'unknown' ? atom('is', [v], place, 'builtins.callable') : FALSE;
}

const BUILTINS: Record<string, Builtin> = {
  __proto__: null as never,
  isinstance: (ev, a, place) => bool(isInstance(ev, first(a), a.pos[1] ?? NONE, place)),
  issubclass: (_ev, a) => (a.pos[0]?.t === 'class' && a.pos[1] ? constant(isSubclass(a.pos[0], a.pos[1])) : undefined),
  len: (_ev, a) => {
    const v = first(a);
    if (v.t === 'seq' && !v.rest) return counted(v, v.items.length);
    if (v.t === 'map' && !v.rest) return counted(v, v.entries.size);
    if (v.t === 'const' && typeof v.v === 'string') return constant(v.v.length);
    return op('len', [v]);
  },
  str: (_ev, a) => {
    const v = first(a);
    if (a.pos.length === 0) return STR('');
    if (v.t === 'const') return STR(v.v === null ? 'None' : String(v.v));
    return op('str', [v]);
  },
  repr: (_ev, a) => op('str', [first(a)]),
  int: (ev, a, place) => {
    const v = first(a);
    if (v.t === 'const' && v.v !== null && !Number.isNaN(Number(v.v))) return constant(Math.trunc(Number(v.v)));
    return convert(ev, 'int', v, place);
  },
  float: (ev, a, place) => convert(ev, 'float', first(a), place),
  bool: (ev, a, place) => bool(asked(ev, first(a), place)),
  list: (_ev, a) => (a.pos.length ? listOf(iterated(first(a))) : seq('list', [])),
  tuple: (_ev, a) =>
    a.pos.length && first(a).t === 'seq'
      ? seq('tuple', (first(a) as Val & { t: 'seq' }).items, (first(a) as Val & { t: 'seq' }).rest)
      : a.pos.length
        ? op('list', [first(a)])
        : seq('tuple', []),
  set: (_ev, a) => setOf(a),
  frozenset: (_ev, a) => setOf(a),
  dict: (_ev, a) => {
    const base = a.pos[0];
    const m = map(
      new Map(base?.t === 'map' ? base.entries : []),
      base && base.t !== 'map' ? base : base?.t === 'map' ? base.rest : undefined,
    );
    for (const [k, v] of a.kw) m.entries.set(k, v);
    return m;
  },
  'dict.fromkeys': (_ev, a) => {
    const keys = a.pos[0];
    if (keys?.t !== 'seq' || keys.rest || !keys.items.every(k => k.t === 'const')) return undefined;
    return map(new Map(keys.items.map(k => [String((k as Val & { t: 'const' }).v), a.pos[1] ?? NONE])));
  },
  any: quantifier(false),
  all: quantifier(true),
  getattr: (ev, a, place) => {
    const [o, n, d] = a.pos;
    if (!o || n?.t !== 'const' || typeof n.v !== 'string') return undefined;
    const there = o.t === 'ext' ? kept(ev, o.path, n.v) : undefined;
    if (d && there === FALSE) return d;
    const v = pyAttribute(ev, o, n.v, place);
    if (d && there) return phi(there, v, d);
    // It may be there under a condition only.
    const orElse = (x: Val, otherwise: Val): Val =>
      x.t === 'phi'
        ? phi(x.c, orElse(x.a, otherwise), orElse(x.b, otherwise), x.otherwise)
        : x.t === 'attr' || (x.t === 'op' && x.op === 'missing')
          ? otherwise
          : x;
    return d && listsAll(o) ? orElse(v, d) : v;
  },
  hasattr: (ev, a, place) => {
    const [o, n] = a.pos;
    if (!o || n?.t !== 'const' || typeof n.v !== 'string') return undefined;
    const there = o.t === 'ext' ? kept(ev, o.path, n.v) : undefined;
    if (there) return bool(there);
    const v = pyAttribute(ev, o, n.v, place);
    if (listsAll(o)) return constant(!(v.t === 'attr' || (v.t === 'op' && v.op === 'missing')));
    return bool(not(fails(v, place)));
  },
  setattr: (ev, a, place) => {
    const [o, n, v] = a.pos;
    if (o && n?.t === 'const' && typeof n.v === 'string' && v) setAttribute(ev, o, n.v, v, place);
    // Under a name that is computed: any of those that the class declares.
    else if (o?.t === 'obj' && n && n.t !== 'const' && v)
      for (const [name, f] of o.cls.annotations ?? [])
        if (!o.fields.has(name)) ev.write(o.fields, name, op('field', [v, STR(name)], tyOfAnnotation(ev, f.ann, o.cls.scope)));
    return NONE;
  },
  callable: (_ev, a, place) => bool(isCallable(first(a), place)),
  sorted: (_ev, a) => listOf(first(a)),
  reversed: (_ev, a) =>
    first(a).t === 'seq'
      ? seq('list', [...(first(a) as Val & { t: 'seq' }).items].reverse(), (first(a) as Val & { t: 'seq' }).rest)
      : op('list', [first(a)]),
  iter: (_ev, a) => first(a),
  enumerate: (_ev, a) => {
    const v = first(a);
    return v.t === 'seq'
      ? seq(
          'list',
          v.items.map((x, i) => seq('tuple', [constant(i), x])),
          v.rest && seq('tuple', [op('index', [v]), v.rest]),
        )
      : seq('list', [], seq('tuple', [op('index', [v]), elementOf(v)]));
  },
  zip: (_ev, a) => {
    const xs = a.pos;
    if (xs.every(x => x.t === 'seq' && !x.rest)) {
      const n = Math.min(...xs.map(x => (x as Val & { t: 'seq' }).items.length));
      return seq(
        'list',
        Array.from({ length: Number.isFinite(n) ? n : 0 }, (_, i) =>
          seq(
            'tuple',
            xs.map(x => (x as Val & { t: 'seq' }).items[i] as Val),
          ),
        ),
      );
    }
    return seq(
      'list',
      [],
      seq(
        'tuple',
        xs.map(x => elementOf(x)),
      ),
    );
  },
  map: (ev, a, place) => mapped(ev, a, place, (_x, r) => r),
  filter: (ev, a, place) => mapped(ev, a, place, (x, r) => perhaps(x, truthy(r, place))),
  next: (ev, a, place) => firstOf(ev, first(a).t === 'map' ? listOf(first(a)) : first(a), a.pos[1], place),
  print: () => NONE,
  super: (ev, a, _place, scope) => {
    if (a.pos[0]?.t === 'class') return { t: 'super', cls: a.pos[0], self: a.pos[1] ?? NONE, id: nextId() };
    const fn = ev.frame?.fn;
    let s = scope;
    while (s && s.kind !== 'function') s = s.parent;
    return fn?.owner ? { t: 'super', cls: fn.owner, self: fn.self ?? [...(s?.vars.values() ?? [])][0] ?? NONE, id: nextId() } : undefined;
  },
  type: (_ev, a) => {
    const v = first(a);
    if (a.pos.length !== 1) return undefined;
    return ofEach(v, x => (x.t === 'obj' ? x.cls : 'ty' in x && x.ty && !Array.isArray(x.ty) && x.ty.cls ? x.ty.cls : op('type', [x])));
  },
  property: (_ev, a) => inClass('property', first(a), a.pos[1] ?? a.kw.get('fset')),
  staticmethod: (_ev, a) => inClass('static', first(a)),
  classmethod: (_ev, a) => inClass('class', first(a)),
  range: (_ev, a) => {
    const n = first(a);
    return n.t === 'const' && typeof n.v === 'number' && n.v <= 32 && a.pos.length === 1
      ? seq(
          'list',
          Array.from({ length: n.v }, (_, i) => constant(i)),
        )
      : op('range', a.pos);
  },
  min: (_ev, a, place) =>
    a.pos.length === 2 && a.pos.every(x => x.t === 'const')
      ? less('<', a.pos[0] as Val, a.pos[1] as Val, place).f === 'true'
        ? a.pos[0]
        : a.pos[1]
      : op('min', a.pos),
  max: (_ev, a) => op('max', a.pos),
  sum: (_ev, a, place) => (a.pos.length === 1 ? countedIn(first(a), place) : undefined) ?? op('sum', a.pos),
  id: (_ev, a) => op('id', a.pos),
  hash: (_ev, a) => op('hash', a.pos),
  abs: (_ev, a) => op('abs', a.pos),
  round: (_ev, a) => op('round', a.pos),
  format: (_ev, a) => op('fmt', a.pos),
  vars: (_ev, a) => (first(a).t === 'obj' ? map((first(a) as Val & { t: 'obj' }).fields) : op('vars', a.pos)),
};

function setOf(a: CallArgs): Val {
  const v = first(a);
  if (a.pos.length === 0) return seq('set', []);
  if (v.t === 'seq') return seq('set', v.items, v.rest);
  if (v.t === 'map')
    return seq(
      'set',
      [...v.entries.keys()].map(k => elementOf(v, k)),
      v.rest,
    );
  return op('set', [v]);
}

/** `int(x)` of something that may be no number raises ValueError. */
function convert(ev: Ev, name: string, v: Val, place: Place): Val {
  const r = op(name, [v]);
  if (ev.tries > 0 && ev.frame) {
    const bad = atom('raises', [r], place);
    ev.sink.push({
      kind: 'raise',
      val: sym('ValueError', Prov.Input, { path: 'builtins.ValueError()' }),
      cond: and(ev.pc, bad),
      place,
      frame: ev.frame,
      seq: ev.seq++,
    });
    ev.pc = and(ev.pc, not(bad));
  }
  return r;
}

/** Library functions that only pass control on. */
const STANDARD: Record<string, Builtin> = {
  __proto__: null as never,
  ...INSPECT,
  ...CONTEXTVARS,
  ...MANAGERS,
  ...OPERATOR,
  'functools.wraps': (ev, a) => {
    const inner = first(a);
    return native('wraps', (b, place) => {
      const f = b.pos[0];
      if (f?.t !== 'fn' || inner.t !== 'fn') return f ?? NONE;
      const wraps = { by: ev.frame?.name ?? f.def.name, place, inner, shown: true };
      return { ...f, wraps, attrs: new Map([...(inner.attrs ?? []), ...(f.attrs ?? [])]) };
    });
  },
  'functools.update_wrapper': (_ev, a) => first(a),
  'decorator.decorator': (ev, a) => byCaller(ev, a, (inner, b, more) => ({ pos: [inner, ...b.pos], kw: new Map([...more, ...b.kw]) })),
  'wrapt.decorator': (ev, a) => byCaller(ev, a, (inner, b) => mkArgs([inner, NONE, seq('tuple', b.pos, b.rest), map(new Map(b.kw))])),
  // A function made anew from the code of another one.
  'types.FunctionType': (_ev, a) => {
    const code = a.kw.get('code') ?? a.pos[0];
    return code?.t === 'attr' && code.name === '__code__' && code.of.t === 'fn' ? { ...code.of, id: nextId() } : undefined;
  },
  'functools.partial': (_ev, a) => {
    const f = first(a);
    if (f.t === 'fn')
      return {
        ...f,
        id: nextId(),
        bound: { pos: [...(f.bound?.pos ?? []), ...a.pos.slice(1)], kw: new Map([...(f.bound?.kw ?? []), ...a.kw]) },
      } satisfies FnVal;
    return native('partial', (b, place) => call(_ev, f, { pos: [...a.pos.slice(1), ...b.pos], kw: new Map([...a.kw, ...b.kw]) }, place), f);
  },
  'functools.reduce': (ev, a, place) => {
    const [f, xs, init] = a.pos;
    if (!f || xs?.t !== 'seq' || xs.rest) return undefined;
    const items = init ? [init, ...xs.items] : xs.items;
    return items.slice(1).reduce((acc, x) => call(ev, f, mkArgs([acc, x]), place), items[0] ?? NONE);
  },
  'importlib.import_module': (ev, a, place, scope) => {
    const name = first(a);
    if (name.t !== 'const' || typeof name.v !== 'string' || !scope) return undefined;
    const level = /^\.*/.exec(name.v)?.[0].length ?? 0;
    const m = importModule(ev, name.v.slice(level), level, scope.module);
    if (m.t === 'module' || ev.tries === 0) return m;
    // A module that is tried for and that no manifest names is not there.
    const root = (name.v.split('.')[0] ?? '').replaceAll('_', '-').toLowerCase();
    if (ev.program.versions.size === 0 || ev.program.versions.has(root)) return m;
    ev.exit('raise', sym('ImportError', Prov.None, { path: 'builtins.ImportError()' }), place);
    return NONE;
  },
  're.match': (_ev, a) => regex(a.pos[0], 'match', a.pos.slice(1)),
  're.search': (_ev, a) => regex(a.pos[0], 'search', a.pos.slice(1)),
  're.fullmatch': (_ev, a) => regex(a.pos[0], 'fullmatch', a.pos.slice(1)),
  'typing.cast': (_ev, a) => a.pos[1],
  'copy.copy': (_ev, a) => first(a),
  'copy.deepcopy': (_ev, a) => first(a),
  'asyncio.run': (ev, a, place) =>
    a.pos[0]?.t === 'coro'
      ? callback(
          ev,
          native('run', () => (a.pos[0] as Val & { t: 'coro' }).run()),
          mkArgs(),
          place,
        )
      : undefined,
  'itertools.chain': (_ev, a) =>
    seq(
      'list',
      a.pos.flatMap(x => (x.t === 'seq' ? x.items : [])),
      a.pos.find(x => x.t !== 'seq'),
    ),
};

/** Calls a built-in by its API path, or declines. */
export function builtin(ev: Ev, path: string, a: CallArgs, place: Place, scope: Scope | undefined): Val | undefined {
  const b = path.startsWith('builtins.') ? BUILTINS[path.slice(9)] : STANDARD[path];
  return b?.(ev, a, place, scope);
}
