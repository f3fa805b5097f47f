/** What a call that reads a token verifies of it, with the arguments that it is given. */
import type { CallVal, Token, Val } from '../program/values.js';
import { argument } from './arguments.js';
import type { TokenRow } from './types.js';

/** @returns what is verified, as far as the arguments are known */
export function tokenOf(row: TokenRow, c: CallVal): Token {
  const out: Token = {
    ...(row.signature !== undefined && { signature: row.signature }),
    ...(row.expiry !== undefined && { expiry: row.expiry }),
  };
  for (const w of row.when ?? []) {
    const given = argument(c.args, w);
    const applies = w.equals === undefined ? given === undefined : says(given, w.at, w.equals);
    if (applies === undefined) for (const k of Object.keys(w.then) as (keyof Token)[]) delete out[k];
    else if (applies) Object.assign(out, w.then);
  }
  return out;
}

/** Whether the argument, or what stands at `at` in it, is `value`; undefined where that is not known. */
function says(given: Val | undefined, at: string | undefined, value: string | number | boolean): boolean | undefined {
  const v = given && at !== undefined ? part(given, at) : given;
  if (v === undefined) return false;
  if (v.t === 'const') return v.v === value;
  if (v.t === 'bool' && (v.f.f === 'true' || v.f.f === 'false')) return (v.f.f === 'true') === value;
  return undefined;
}

/** What stands at `at`; undefined where the argument is known and has no such part, the argument itself where it is not. */
function part(v: Val, at: string): Val | undefined {
  if (v.t === 'map') return v.entries.get(at) ?? v.rest;
  if (v.t === 'obj' || v.t === 'variant') return v.fields.get(at);
  // A struct that is written out has its fields as arguments.
  if (v.t === 'call') return v.store?.get(at) ?? v.args.kw.get(at);
  if (v.t === 'const') return undefined;
  return v;
}
