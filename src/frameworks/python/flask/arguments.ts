/** What was given where something was made or registered. */
import type { CallArgs, Val } from '../../../program/values.js';
import { methodsOf } from '../common.js';

export const argumentsOf = (v: Val | undefined): CallArgs => (v === undefined ? { pos: [], kw: new Map() } : constructorArgs(v));

export const seqItems = (v: Val | undefined): Val[] => (v?.t === 'seq' ? v.items : []);

/** The methods that a registration names. */
export const methodsOrNone = (v: Val | undefined): string[] | undefined =>
  v === undefined || (v.t === 'const' && v.v === null) ? undefined : methodsOf(v, []);

/** Whether a slash at the end is one that it asks for. */
export const strictness = (a: CallArgs): { strict?: boolean } => {
  const v = a.kw.get('strict_slashes');
  return v?.t === 'const' && typeof v.v === 'boolean' ? { strict: v.v } : {};
};

/** Arguments that a constructor got; those of the application's own subclasses are kept on the instance. */
export function constructorArgs(v: Val): CallArgs {
  if (v.t === 'call') return v.args;
  if (v.t !== 'obj') return { pos: [], kw: new Map() };
  const pos = v.fields.get('__args__');
  return { pos: pos?.t === 'seq' ? pos.items : [], kw: new Map([...v.fields].filter(([k]) => k !== '__args__' && k !== '__kwargs__')) };
}
