/** What Python code asks of its own functions: their signatures, and whether they are coroutines. */
import { call } from './calls.js';
import type { Expr, Param } from '../facts/types.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Place } from './formula.js';
import { constant, ext, map, native, NONE, op, prov, STR, sym } from './make.js';
import { type CallArgs, type FnVal, nextId, Prov, type SymVal, type Val } from './values.js';

const PARAMETER = 'inspect.Parameter()';
const SIGNATURE = 'inspect.Signature()';
const EMPTY = 'inspect.Parameter.empty';
const KINDS = { pos: 'POSITIONAL_OR_KEYWORD', kwonly: 'KEYWORD_ONLY', star: 'VAR_POSITIONAL', starstar: 'VAR_KEYWORD' } as const;

/** A parameter as `inspect` describes it; what it has not is `empty`. */
export interface Parameter {
  name: string;
  kind: string;
  default: Val | undefined;
  annotation: Val | undefined;
}

const given = (v: Val | undefined): Val | undefined => (v?.t === 'ext' && /\.(empty|_empty)$/.test(v.path) ? undefined : v);

/** Parameters of a signature that code has made; undefined where it is none, or not all of it is known. */
export function parametersOf(v: Val | undefined): Parameter[] | undefined {
  const all = v?.t === 'sym' && v.path === SIGNATURE ? v.store?.get('parameters') : undefined;
  if (all?.t !== 'map' || all.rest) return undefined;
  const out: Parameter[] = [];
  for (const p of all.entries.values()) {
    if (p.t !== 'sym' || p.path !== PARAMETER) return undefined;
    const name = p.store?.get('name');
    const kind = p.store?.get('kind');
    if (name?.t !== 'const') return undefined;
    out.push({
      name: String(name.v),
      kind: kind?.t === 'ext' ? (kind.path.split('.').at(-1) as string) : KINDS.pos,
      default: given(p.store?.get('default')),
      annotation: given(p.store?.get('annotation')),
    });
  }
  return out;
}

function parameter(name: Val, kind: Val, fallback: Val | undefined, annotation: Val | undefined): SymVal {
  const self = sym('parameter', Prov.None, { path: PARAMETER, present: true });
  self.store = new Map<string, Val>([
    ['name', name],
    ['kind', kind],
    ['default', fallback ?? ext(EMPTY)],
    ['annotation', annotation ?? ext(EMPTY)],
    [
      'replace',
      native('replace', a => {
        const of = (k: string, otherwise: Val): Val => a.kw.get(k) ?? otherwise;
        return parameter(of('name', name), of('kind', kind), a.kw.get('default') ?? fallback, a.kw.get('annotation') ?? annotation);
      }),
    ],
  ]);
  return self;
}

function signature(parameters: readonly Val[], returns: Val | undefined): SymVal {
  const self = sym('signature', Prov.None, { path: SIGNATURE, present: true });
  const named = new Map<string, Val>();
  for (const p of parameters) {
    const name = p.t === 'sym' ? p.store?.get('name') : undefined;
    if (name?.t === 'const') named.set(String(name.v), p);
  }
  self.store = new Map<string, Val>([
    ['parameters', map(named)],
    ['return_annotation', returns ?? ext(EMPTY)],
    [
      'replace',
      native('replace', a => {
        const ps = a.kw.get('parameters');
        return ps && (ps.t !== 'seq' || ps.rest) ? NONE : signature(ps?.t === 'seq' ? ps.items : parameters, a.kw.get('return_annotation'));
      }),
    ],
  ]);
  return self;
}

/** The function whose parameters a caller sees: `functools.wraps` shows those of what was wrapped. */
function shown(v: Val): Val {
  let x = v;
  for (let i = 0; i < 50 && x.t === 'fn' && x.wraps?.shown && !x.attrs?.has('__signature__'); i++) x = x.wraps.inner;
  return x;
}

function signatureOf(ev: Ev, v: Val): Val | undefined {
  const fn = shown(v);
  const made = fn.t === 'fn' ? fn.attrs?.get('__signature__') : fn.t === 'obj' ? fn.fields.get('__signature__') : undefined;
  if (made) return made;
  const own = fn.t === 'obj' ? fn.cls.members.get('__call__') : fn.t === 'class' ? fn.members.get('__init__') : fn;
  if (own?.t !== 'fn') return undefined;
  const bound = (fn.t !== 'fn' || fn.self !== undefined) && own.role !== 'static' ? 1 : 0;
  const value = (e: Expr | undefined): Val | undefined => (e ? evaluate(ev, e, own.scope) : undefined);
  const ps = own.def.params.slice(bound + (own.bound?.pos.length ?? 0)).flatMap(p => {
    const name = p.pat.p === 'bind' ? p.pat.name : '_';
    if (own.bound?.kw.has(name)) return [];
    const kind = p.kind in KINDS ? KINDS[p.kind as keyof typeof KINDS] : KINDS.pos;
    return [parameter(STR(name), ext(`inspect.Parameter.${kind}`), value(p.default), value(p.ann))];
  });
  return signature(ps, value(own.def.retAnn));
}

/** What a function says of the types of its parameters, and under `return` of its result; undefined where it is no function of the application. */
function annotationsOf(ev: Ev, v: Val | undefined): Val | undefined {
  const fn = v && shown(v);
  if (fn?.t !== 'fn') return undefined;
  const out = new Map<string, Val>();
  for (const p of fn.def.params) if (p.ann && p.pat.p === 'bind') out.set(p.pat.name, evaluate(ev, p.ann, fn.scope));
  if (fn.def.retAnn) out.set('return', evaluate(ev, fn.def.retAnn, fn.scope));
  return map(out);
}

/** How many parameters of which kinds the code of each count holds; `*args` and `**kwargs` are counted in none. */
const COUNTS: Readonly<Record<string, readonly Param['kind'][]>> = {
  co_argcount: ['pos', 'posonly'],
  co_posonlyargcount: ['posonly'],
  co_kwonlyargcount: ['kwonly'],
};

/** A member of `fn.__code__`: how many parameters are written down, whatever decorators show of others. */
export function codeMember(code: Val, name: string): Val | undefined {
  if (code.t !== 'attr' || code.name !== '__code__' || code.of.t !== 'fn') return undefined;
  const { def } = code.of;
  if (name === 'co_name') return STR(def.name);
  const kinds = Object.hasOwn(COUNTS, name) ? COUNTS[name] : undefined;
  return kinds && constant(def.params.filter(p => kinds.includes(p.kind)).length);
}

const is = (v: Val | undefined, test: (fn: FnVal) => boolean): Val | undefined => {
  if (v?.t === 'fn') return constant(test(v));
  if (v?.t === 'obj') {
    const m = v.cls.members.get('__call__');
    return m?.t === 'fn' ? constant(test(m)) : undefined;
  }
  return v?.t === 'class' || v?.t === 'const' ? constant(false) : undefined;
};
const isCoroutine = (_ev: Ev, a: CallArgs): Val | undefined => is(a.pos[0], f => f.def.async === true && !f.def.generator);

/** The decorator that gives what it decorates another signature. */
const withSignature = (sig: Val | undefined): Val =>
  native('with_signature', a => {
    const fn = a.pos[0];
    return fn?.t === 'fn' && sig ? { ...fn, id: nextId(), attrs: new Map([...(fn.attrs ?? []), ['__signature__', sig]]) } : (fn ?? NONE);
  });

type Builtin = (ev: Ev, a: CallArgs, place: Place) => Val | undefined;

export const INSPECT: Record<string, Builtin> = {
  'inspect.signature': (ev, a) => (a.pos[0] ? signatureOf(ev, a.pos[0]) : undefined),
  'inspect.get_annotations': (ev, a) => annotationsOf(ev, a.pos[0]) ?? map(undefined, op('annotations', a.pos)),
  'typing.get_type_hints': (ev, a) => annotationsOf(ev, a.pos[0]),
  'inspect.Signature': (_ev, a) => {
    const ps = a.kw.get('parameters') ?? a.pos[0];
    return ps && (ps.t !== 'seq' || ps.rest) ? undefined : signature(ps?.t === 'seq' ? ps.items : [], a.kw.get('return_annotation'));
  },
  'inspect.Signature.from_callable': (ev, a) => (a.pos[0] ? signatureOf(ev, a.pos[0]) : undefined),
  'inspect.Parameter': (_ev, a) => {
    const name = a.kw.get('name') ?? a.pos[0];
    const kind = a.kw.get('kind') ?? a.pos[1];
    return name && kind ? parameter(name, kind, a.kw.get('default'), a.kw.get('annotation')) : undefined;
  },
  'makefun.with_signature': (_ev, a) => {
    const sig = a.kw.get('func_signature') ?? a.pos[0];
    return sig?.t === 'sym' ? withSignature(sig) : undefined;
  },
  'makefun.wraps': (ev, a, place) => {
    const sig = a.kw.get('new_sig');
    const wraps = call(ev, ext('functools.wraps'), { pos: a.pos, kw: new Map() }, place);
    return sig ? native('wraps', (b, at) => call(ev, withSignature(sig), { pos: [call(ev, wraps, b, at)], kw: new Map() }, at)) : wraps;
  },
  'inspect.iscoroutinefunction': isCoroutine,
  'asyncio.iscoroutinefunction': isCoroutine,
  'inspect.isasyncgenfunction': (_ev, a) => is(a.pos[0], f => f.def.async === true && f.def.generator === true),
  'inspect.isgeneratorfunction': (_ev, a) => is(a.pos[0], f => !f.def.async && f.def.generator === true),
  'inspect.isfunction': (_ev, a) => (a.pos[0]?.t === 'fn' ? constant(true) : a.pos[0]?.t === 'class' ? constant(false) : undefined),
  'inspect.isclass': (_ev, a) => {
    const v = a.pos[0];
    if (v?.t === 'class') return constant(true);
    // A row that was found, what a request holds: no class is made of them.
    const thing = v && (/^(obj|const|seq|map|fn|bool|variant)$/.test(v.t) || prov(v) & (Prov.Input | Prov.External | Prov.Credential));
    return thing ? constant(false) : undefined;
  },
};
