/** Declared types of Python: what an annotation says of a value. */
import type { Expr } from '../facts/types.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import { type Place, TRUE } from './formula.js';
import { NONE } from './make.js';
import { pyAttribute, pyName } from './python.js';
import type { Scope, Ty, Val } from './values.js';

/** The declared type of a Python annotation; `Optional[X]`, `X | None`, `Annotated[X, ..]` are X. */
export function tyOfAnnotation(ev: Ev, ann: Expr, scope: Scope): Ty | undefined {
  const pc = ev.pc;
  ev.pc = TRUE;
  const v =
    ann.k === 'lit' && typeof ann.v === 'string' ? named(ev, ann.v, scope, ev.place(scope.module, ann.at)) : evaluate(ev, ann, scope);
  ev.pc = pc;
  return tyOfValue(ev, v);
}

const named = (ev: Ev, text: string, scope: Scope, place: Place): Val => {
  const parts = text.replace(/\s*\|\s*None|Optional\[|\]/g, '').split('.');
  let v = /^[A-Za-z_]\w*$/.test(parts[0] ?? '') ? pyName(ev, parts[0] as string, scope, place) : NONE;
  for (const p of parts.slice(1)) v = pyAttribute(ev, v, p, place);
  return v;
};

/** What says nothing of the value, or only that it can be called: what it is known to be says more. */
const ANYTHING = /^(typing|typing_extensions|collections\.abc)\.(Any|Callable|Awaitable|Coroutine|Hashable|Type|Union)$/;

export function tyOfValue(ev: Ev, v: Val): Ty | undefined {
  switch (v.t) {
    case 'class':
      return { path: v.name, cls: v, args: [] };
    case 'ext':
      return /^builtins\./.test(v.path) || ANYTHING.test(v.path) ? undefined : { path: v.path, args: [] };
    case 'late': {
      const x = v.get();
      return x ? tyOfValue(ev, x) : undefined;
    }
    case 'op': {
      if (v.op === '|') return v.args.map(a => tyOfValue(ev, a)).find(Boolean);
      if (v.op !== 'generic') return undefined;
      const [head, ...rest] = v.args;
      const path = head?.t === 'ext' ? head.path : '';
      if (/(Optional|Annotated|Union|ClassVar|Final)$/.test(path)) return rest.map(a => tyOfValue(ev, a)).find(Boolean);
      if (ANYTHING.test(path)) return undefined;
      const t = rest.map(a => tyOfValue(ev, a)).filter((x): x is Ty => !!x);
      return { path, args: t };
    }
    default:
      return undefined;
  }
}
