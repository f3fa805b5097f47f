/** What requests are presumed to ask for: rows that are there, and what can be read. */
import type { Atom } from '../program/formula.js';
import { MISSED } from '../program/patterns.js';
import type { Val } from '../program/values.js';
import type { Trigger } from './triggers.js';
import type { Way } from './ways.js';

/** Rows that are looked up by what the request asks for are there; what is refused when it can not be read can be read. */
export function existing(all: readonly Way[], kinds: ReadonlyMap<Atom, Trigger>): Map<Atom, boolean> {
  const out = new Map<Atom, boolean>();
  // What is merely optional (a filter in the query) stays open.
  const asked = new Set(all.filter(w => !w.answer.ok).flatMap(w => w.atoms));
  for (const [a, t] of kinds)
    if (
      (a.kind === 'fails' || a.kind === 'raises' || a.name === MISSED) &&
      !a.args.some(isColumn) &&
      (t.kind === 'existence' || (t.kind === 'input' && asked.has(a)))
    )
      out.set(a, false);
  return out;
}

/** A column of a row, a member of what was found: that it is asked for says that there is the row, not that it has been filled. */
const isColumn = (v: Val): boolean => v.t === 'attr' && (v.of.t === 'call' || v.of.t === 'op' || isColumn(v.of));
