/** `#[cfg(..)]`: what is compiled in by default. */
import type { Expr, FnDef, Mark } from '../facts/types.js';
import type { Ev } from './ev.js';

/** Is an item with these attributes left out of a default build? Unknown predicates are taken to hold. */
export function compiledOut(ev: Ev, marks: Mark[]): boolean {
  return marks.some(m => {
    const e = m.expr;
    if (e.k === 'name') return e.id === 'test';
    if (e.k === 'path') return e.segs.at(-1) === 'test';
    return (
      e.k === 'call' &&
      e.fn.k === 'name' &&
      e.fn.id === 'cfg' &&
      e.args[0] !== undefined &&
      holds(ev, e.args[0].value, e.args[0].name) === false
    );
  });
}

/** What `cfg!(..)` is in a default build; undefined where that is not known. */
export const configured = (ev: Ev, predicate: Expr | undefined): boolean | undefined =>
  predicate?.k === 'call' && predicate.args[0] ? holds(ev, predicate.args[0].value, predicate.args[0].name) : undefined;

/** The feature that an item is gated by, when it is off by default. */
export function gatedBy(ev: Ev, marks: Mark[]): string | undefined {
  for (const m of marks) {
    const e = m.expr;
    if (e.k !== 'call' || e.fn.k !== 'name' || e.fn.id !== 'cfg' || !e.args[0]) continue;
    const a = e.args[0];
    if (holds(ev, a.value, a.name) === false && !(a.value.k === 'name' && a.value.id === 'test'))
      return a.name === 'feature' && a.value.k === 'lit' ? `feature "${String(a.value.v)}"` : 'cfg';
  }
  return undefined;
}

/** The function as a default build has it: without the parameters that are left out of it. */
export function compiledIn(ev: Ev, fn: FnDef): FnDef {
  const out = fn.params.filter(p => p.marks && compiledOut(ev, p.marks));
  if (out.length === 0) return fn;
  const absent = out.map(param => ({ param, by: gatedBy(ev, param.marks ?? []) ?? 'cfg' }));
  return { ...fn, params: fn.params.filter(p => !out.includes(p)), absent: [...absent, ...(fn.absent ?? [])] };
}

function holds(ev: Ev, e: Expr, name: string | undefined): boolean | undefined {
  if (name === 'feature' && e.k === 'lit') return ev.program.features.has(String(e.v));
  // What is deployed is a release build, on a server.
  if (e.k === 'name') return e.id === 'unix' ? true : /^(test|doc|miri|loom|debug_assertions|windows|wasm)$/.test(e.id) ? false : undefined;
  if (e.k === 'lit' && name === 'target_family') return e.v === 'unix';
  // Which Unix it is may be asked; that it is none of the others may not.
  if (e.k === 'lit' && name === 'target_os' && /^(windows|ios|android|unknown|wasi|emscripten)$/.test(String(e.v))) return false;
  if (e.k === 'lit' && name === 'target_arch' && /^wasm/.test(String(e.v))) return false;
  if (e.k === 'call' && e.fn.k === 'name') {
    const parts = e.args.map(a => holds(ev, a.value, a.name));
    if (e.fn.id === 'not') return parts[0] === undefined ? undefined : !parts[0];
    if (e.fn.id === 'all') return parts.includes(false) ? false : parts.every(p => p === true) ? true : undefined;
    if (e.fn.id === 'any') return parts.includes(true) ? true : parts.every(p => p === false) ? false : undefined;
  }
  return undefined;
}
