/** What closures and loops do to the variables of the code that they stand in. */
import type { Expr, FnDef, Stmt } from '../facts/types.js';
import { type Written, walk } from '../facts/walk.js';

const known = new WeakMap<FnDef, boolean>();

/** Whether a closure, or a function in another one, assigns to variables of the code around it. */
export function reachesOut(def: FnDef): boolean {
  if (def.kind !== 'closure') return def.body.some(s => s.s === 'scope' && s.of === 'nonlocal');
  let r = known.get(def);
  if (r === undefined) known.set(def, (r = assigned(def)));
  return r;
}

const hiding = new WeakMap<readonly Stmt[], ReadonlySet<Stmt> | undefined>();

/**
 * The statements of a block of Rust that declare a name once more of which a closure or an async block before them, or in them, speaks:
 * that one goes on meaning the variable that it was made beside (`let served = async { served.run().await }`).
 */
export function hides(body: readonly Stmt[]): ReadonlySet<Stmt> | undefined {
  if (hiding.has(body)) return hiding.get(body);
  let found: Set<Stmt> | undefined;
  const spoken = new Set<string>();
  for (const s of body) {
    if (body.length > 1) spokenIn(s, spoken);
    if (s.s !== 'let' || spoken.size === 0) continue;
    const own = new Set<string>();
    boundIn(s.pat, own);
    if ([...own].some(name => spoken.has(name))) (found ??= new Set()).add(s);
  }
  hiding.set(body, found);
  return found;
}

/** The names that closures and async blocks in `x` speak of. */
function spokenIn(x: unknown, into: Set<string>): void {
  walk(x, n => {
    if (n.k !== 'fn') return true;
    walk(n, m => {
      if (m.k === 'name' && m.id !== undefined) into.add(m.id);
      return true;
    });
    return false;
  });
}

function boundIn(x: unknown, into: Set<string>): void {
  walk(x, n => {
    if ((n as Pattern).p === 'bind' && n.name !== undefined) into.add(n.name);
    return true;
  });
}

interface Pattern extends Written {
  p?: string;
  pat?: unknown;
  targets?: unknown;
}

/** Does the body of a loop assign to what its test reads? A test that looks into something (`buffer.len() < 4`) is one of which anybody may change the answer. */
export function isChanged(test: Expr, body: readonly Stmt[]): boolean {
  const read = new Set<string>();
  let changed = false;
  walk(test, n => {
    if (n.k === 'name' && n.id !== undefined) read.add(n.id);
    changed ||= n.k === 'call' || n.k === 'member';
    return true;
  });
  walk(body, n => {
    changed ||= (n as Pattern).p === 'bind' && n.name !== undefined && read.has(n.name);
    return !changed;
  });
  return changed;
}

/** Is there a name that is assigned to in it, and not its own? */
function assigned(def: FnDef): boolean {
  const own = new Set<string>();
  const set = new Set<string>();
  boundIn(
    def.params.map(p => p.pat),
    own,
  );
  walk([def.body, def.value], n => {
    const { pat, targets } = n as Pattern;
    if (n.s === 'assign') boundIn(targets, set);
    else if (pat !== undefined) boundIn(pat, own);
    return true;
  });
  return [...set].some(name => !own.has(name));
}
