/** Declared types of Python: what an annotation says of a value. */
import { leavesOf, mapped } from './alternatives.js';
import { call } from './calls.js';
import type { Expr } from '../facts/types.js';
import { type Ev, quietly } from './ev.js';
import { evaluate } from './expressions.js';
import { type Place, TRUE } from './formula.js';
import { args as mkArgs, NONE } from './make.js';
import { pyAttribute, pyName } from './python.js';
import type { FnVal, Scope, Ty, Val } from './values.js';

/** The declared type of a Python annotation; `Optional[X]`, `X | None`, `Annotated[X, ..]` are X. */
export function tyOfAnnotation(ev: Ev, ann: Expr, scope: Scope): Ty | undefined {
  const pc = ev.pc;
  ev.pc = TRUE;
  const v =
    ann.k === 'lit' && typeof ann.v === 'string' ? named(ev, ann.v, scope, ev.place(scope.module, ann.at)) : evaluate(ev, ann, scope);
  ev.pc = pc;
  const ty = tyOfValue(ev, v);
  return ty && ann.k === 'lit' && MAYBE.test(String(ann.v)) ? { ...ty, maybe: true } : ty;
}

/** An annotation in quotes that says that there may be nothing. */
const MAYBE = /\bNone\b|\bOptional\[/;

const named = (ev: Ev, text: string, scope: Scope, place: Place): Val => {
  const parts = text.replace(/\s*\|\s*None|Optional\[|\]/g, '').split('.');
  let v = /^[A-Za-z_]\w*$/.test(parts[0] ?? '') ? pyName(ev, parts[0] as string, scope, place) : NONE;
  for (const p of parts.slice(1)) v = pyAttribute(ev, v, p, place);
  return v;
};

/** What says nothing of the value, or only that it can be called: what it is known to be says more. */
const ANYTHING = /^(typing|typing_extensions|collections\.abc)\.(Any|Callable|Awaitable|Coroutine|Hashable|Type|Union)$/;

function tyOfValue(ev: Ev, v: Val): Ty | undefined {
  const inner = (x: Val): Ty | undefined => tyOfValue(ev, x);
  switch (v.t) {
    case 'class':
      return { path: v.name, cls: v, args: [] };
    case 'ext':
      return /^builtins\./.test(v.path) || ANYTHING.test(v.path) ? undefined : { path: v.path, args: [] };
    case 'late': {
      const x = v.get();
      return x ? inner(x) : undefined;
    }
    case 'op': {
      const perhaps = v.args.some(x => x.t === 'const' && x.v === null) || (v.args[0]?.t === 'ext' && v.args[0].path.endsWith('Optional'));
      const alone = (types: readonly (Ty | undefined)[]): Ty | undefined => {
        const ty = only(types);
        return ty && perhaps ? { ...ty, maybe: true } : ty;
      };
      if (v.op === '|') return alone(v.args.map(inner));
      if (v.op !== 'generic') return undefined;
      const [head, ...rest] = v.args;
      const path = head?.t === 'ext' ? head.path : '';
      if (/(Optional|Annotated|Union|ClassVar|Final)$/.test(path) || ev.models.wraps(path)) return alone(rest.map(inner));
      if (ANYTHING.test(path)) return undefined;
      const t = rest.map(inner).filter((x): x is Ty => !!x);
      return { path, args: t };
    }
    default:
      return undefined;
  }
}

/** The first of some types; of several classes of the application it may be any, and none is told. */
function only(types: readonly (Ty | undefined)[]): Ty | undefined {
  const classes = new Set(types.flatMap(t => t?.cls ?? []));
  return classes.size > 1 ? undefined : types.find(Boolean);
}

/** What comes out of a Python function learns the type that it is declared to have. Nobody holds it to that: there may be nothing. */
export function declaredResult(ev: Ev, v: Val, fn: FnVal): Val {
  const ann = fn.def.retAnn;
  if (!ann || fn.def.generator || !leavesOf(v).some(isUntyped)) return v;
  const ty = tyOfAnnotation(ev, ann, fn.scope);
  return ty?.cls ? mapped(v, x => (isUntyped(x) ? { ...x, ty: { ...ty, maybe: true }, id: x.id } : x)) : v;
}

const isUntyped = (v: Val): v is Val & { t: 'sym' | 'call' | 'attr' | 'item' | 'op' } =>
  (v.t === 'sym' || v.t === 'call' || v.t === 'attr' || v.t === 'item' || v.t === 'op') && !v.ty;

/** An attribute that is computed for each class on its own: what the class has under this name, of the type that is declared. */
export function declaredAttribute(ev: Ev, fn: FnVal, scope: Scope, place: Place): Val {
  if (scope.self && fn.def.retAnn) scope.self.annotations?.set(fn.def.name, { ann: fn.def.retAnn, at: fn.def.at });
  return quietly(ev, () => call(ev, { ...fn, self: scope.self }, mkArgs(), place));
}
