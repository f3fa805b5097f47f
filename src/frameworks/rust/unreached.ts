/** Functions that build an application and that no `main` was seen to reach: something on the way there was not understood. */
import type { Ev } from '../../program/ev.js';
import type { FnDef } from '../../facts/types.js';
import type { FnVal, Val } from '../../program/values.js';

/** So far up the calls are followed. */
const ROUNDS = 6;
const BUILDERS: ReadonlySet<string> = new Set(['Router::new', 'ApiRouter::new', 'OpenApiRouter::new', 'App::new']);

interface Seen {
  fn: FnVal;
  /** What its body names: `name` and `Type::name`. */
  names: ReadonlySet<string>;
  key: string;
}

/**
 * The outermost function that leads to a router or an application being built, in a crate where none was built so far. It
 * is called by others in ways that could not be followed (by a trait object, after a call that seemed never to return). Those that
 * were `tried` are left out: what they call is then outermost.
 */
export function unreached(ev: Ev, tried: ReadonlySet<FnDef>): FnVal | undefined {
  const all = seen(ev).filter(s => !tried.has(s.fn.def));
  const builds = all.filter(s => [...s.names].some(n => BUILDERS.has(n)));
  const crate = (s: Seen): string => s.fn.module.crate ?? '';
  const alive = new Set(builds.filter(s => ev.called.has(s.fn.def)).map(crate));
  const found = new Set(builds.filter(s => !alive.has(crate(s))));
  for (let round = 0; round < ROUNDS; round++) {
    const keys = new Set([...found].map(s => s.key));
    const more = all.filter(s => !found.has(s) && !ev.called.has(s.fn.def) && [...s.names].some(n => keys.has(n)));
    if (more.length === 0) break;
    for (const s of more) found.add(s);
  }
  const inner = new Set([...found].flatMap(s => [...s.names].filter(n => n !== s.key)));
  return [...found].find(s => !inner.has(s.key))?.fn;
}

const memo = new WeakMap<Ev, Seen[]>();
function seen(ev: Ev): Seen[] {
  let all = memo.get(ev);
  if (!all) memo.set(ev, (all = functions(ev).map((fn): Seen => ({ fn, names: named(fn.def), key: keyOf(fn) }))));
  return all;
}

const keyOf = (fn: FnVal): string => (fn.owner ? `${fn.owner.name}::${fn.def.name}` : fn.def.name);

function functions(ev: Ev): FnVal[] {
  const out = new Map<FnDef, FnVal>();
  const add = (v: Val): void => {
    if (v.t === 'fn' && v.def.name !== 'main' && !out.has(v.def)) out.set(v.def, v);
  };
  for (const m of ev.program.modules)
    for (const v of m.scope.vars.values()) {
      add(v);
      if (v.t !== 'class') continue;
      for (const x of v.members.values()) add(x);
      for (const i of v.impls) for (const x of i.members.values()) add(x);
    }
  return [...out.values()];
}

/** Names and paths in a body, as they are written. */
function named(def: FnDef): Set<string> {
  const out = new Set<string>();
  const visit = (x: unknown): void => {
    if (x === null || typeof x !== 'object') return;
    if (Array.isArray(x)) {
      for (const y of x) visit(y);
      return;
    }
    const n = x as { k?: string; id?: string; name?: string; segs?: string[] };
    if (n.k === 'name' && n.id !== undefined) out.add(n.id);
    else if (n.k === 'path' && n.segs?.length) {
      const [type, name] = n.segs.slice(-2) as [string, string | undefined];
      if (name === undefined) out.add(type);
      else out.add(/^[A-Z]/.test(type) ? `${type}::${name}` : name);
    }
    for (const y of Object.values(x)) visit(y);
  };
  visit(def.body);
  visit(def.value);
  return out;
}
