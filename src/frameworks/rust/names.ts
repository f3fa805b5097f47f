/** How handlers and conditions are called in the contract. */
import { atomsOf, type F } from '../../program/formula.js';
import type { FnVal, Val } from '../../program/values.js';

/** Module path (without the crate's name) and name. */
export function handlerName(v: Val): string {
  if (v.t === 'fn') return fnName(v);
  if (v.t === 'phi') return handlerName(v.a);
  if (v.t === 'call') return v.path.replace(/\(\)/g, '').replace(/\./g, '::');
  if (v.t === 'obj') return v.cls.name;
  if (v.t === 'native' && v.of) return handlerName(v.of);
  return v.t === 'class' || v.t === 'native' || v.t === 'sym' ? v.name : 'handler';
}

function fnName(f: FnVal): string {
  const modules = f.module.name.split('::').slice(1);
  return [...modules, ...(f.owner ? [f.owner.name] : []), f.def.name || '{closure}'].join('::');
}

/** A condition that is not about the request, in words. */
export function conditionText(c: F): string {
  const parts = [
    ...new Set(
      atomsOf(c)
        .map(a => a.args.map(text).filter(Boolean).join(' '))
        .filter(Boolean),
    ),
  ];
  return parts.length ? parts.slice(0, 3).join(', ') : 'a setting';
}

function text(v: Val): string {
  switch (v.t) {
    case 'attr': {
      const of = text(v.of);
      return of ? `${of}.${v.name}` : v.name;
    }
    case 'sym':
      return v.name;
    case 'const':
      return String(v.v);
    case 'call':
      return v.name;
    case 'op':
      return v.args[0] ? text(v.args[0]) : '';
    case 'item':
      return text(v.of);
    default:
      return '';
  }
}
