/** Names that code asks for as it goes through all that a request came with: `for name, value in headers: if name == b"authorization": ..`. */
import type { Ev } from '../program/ev.js';
import { namedIn } from '../program/sourced.js';
import type { Val } from '../program/values.js';
import type { Ways } from './ways.js';

/** @returns the names, by the path of the mapping that they are looked for in (`ev.models.picked`) */
export function pickedBy(ways: Ways, ev: Ev): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  for (const w of ways.all)
    for (const a of w.atoms) {
      if (a.kind !== 'eq' && a.kind !== 'in') continue;
      const [x, y] = a.args;
      if (!x || !y) continue;
      const path = namedIn(ev, x) ?? (a.kind === 'eq' ? namedIn(ev, y) : undefined);
      if (path === undefined) continue;
      const names = out.get(path) ?? new Set();
      for (const n of [...textsOf(x), ...textsOf(y)]) names.add(n);
      if (names.size > 0) out.set(path, names);
    }
  return out;
}

const textsOf = (v: Val): string[] =>
  v.t === 'const' && typeof v.v === 'string' ? [v.v] : v.t === 'seq' && !v.rest ? v.items.flatMap(textsOf) : [];
