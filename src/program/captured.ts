/** What a closure does to the variables of the code that it stands in. */
import type { FnDef } from '../facts/types.js';
import { type Written, walk } from '../facts/walk.js';

const known = new WeakMap<FnDef, boolean>();

/** Whether a closure assigns to variables of the code around it. */
export function reachesOut(def: FnDef): boolean {
  if (def.kind !== 'closure') return false;
  let r = known.get(def);
  if (r === undefined) known.set(def, (r = assigned(def)));
  return r;
}

interface Pattern extends Written {
  p?: string;
  pat?: unknown;
  targets?: unknown;
}

/** Is there a name that is assigned to in it, and not its own? */
function assigned(def: FnDef): boolean {
  const own = new Set<string>();
  const set = new Set<string>();
  const names = (x: unknown, into: Set<string>): void =>
    walk(x, n => {
      if ((n as Pattern).p === 'bind' && n.name !== undefined) into.add(n.name);
      return true;
    });
  names(
    def.params.map(p => p.pat),
    own,
  );
  walk([def.body, def.value], n => {
    const { pat, targets } = n as Pattern;
    if (n.s === 'assign') names(targets, set);
    else if (pat !== undefined) names(pat, own);
    return true;
  });
  return [...set].some(name => !own.has(name));
}
