/** Which functions lead to routes. What starts a large program does much else, and that may not use up what finding them costs. */
import type { FnDef, TypeRef } from '../../facts/types.js';
import type { Ev } from '../../program/ev.js';
import { tyOf } from '../../program/rust.js';
import type { FnVal, Ty } from '../../program/values.js';
import { BUILDERS, calling, mentioned, type Mentioned } from './mentioned.js';

/** Names of what takes a router or an application and serves it. */
const SERVERS = ['serve', 'into_make_service', 'into_make_service_with_connect_info', 'into_service', 'oneshot', 'HttpServer::new'];
const SERVING = new RegExp(`^\\.(${SERVERS.join('|')})/`);
/** Types of what routes are put together from. */
const PARTS = /^(Router|ApiRouter|OpenApiRouter|MethodRouter|ServiceConfig|Scope|App|Resource|Routes)$/;
const WEB = /^(axum|actix|aide|utoipa|paperclip|apistos)/;

/** So much may a function cost that leads to no route, when it is called while the program starts. */
const ASIDE = 60_000;

/** What a call of `def` may cost while the program starts; undefined where it may lead to routes. */
export function bounds(ev: Ev): (def: FnDef) => number | undefined {
  const all = mentioned(ev);
  const known = new Set(all.map(m => m.fn.def));
  const leading = leadingOf(ev, all);
  return def => (known.has(def) && !leading.has(def) ? ASIDE : undefined);
}

function leadingOf(ev: Ev, all: readonly Mentioned[]): ReadonlySet<FnDef> {
  const callers = new Map<string, Mentioned[]>();
  for (const m of all)
    for (const n of [...m.names, ...m.methods]) {
      const known = callers.get(n);
      if (known) known.push(m);
      else callers.set(n, [m]);
    }
  const leading = new Set<Mentioned>();
  const pending: Mentioned[] = [];
  const add = (m: Mentioned): void => {
    if (leading.has(m)) return;
    leading.add(m);
    pending.push(m);
  };
  for (const m of all) if (typed(ev, m.fn)) add(m);
  for (const n of [...BUILDERS, ...SERVERS]) for (const m of callers.get(n) ?? []) add(m);
  for (const m of all) if ([...m.methods].some(n => SERVING.test(n))) add(m);
  const sees = (c: Mentioned, m: Mentioned): boolean => m.behind || ev.program.sees(c.fn.module.crate, m.fn.module.crate);
  for (let m = pending.pop(); m; m = pending.pop())
    for (const n of callsOf(m)) for (const c of callers.get(n) ?? []) if (sees(c, m)) add(c);
  return new Set([...leading].map(m => m.fn.def));
}

/** How a function is called, as far as a look at names can tell; a method by its name, whatever it is called on. */
function callsOf({ fn, key }: Mentioned): string[] {
  const { def, owner } = fn;
  const method = def.params[0]?.kind === 'self' ? [calling(def.name, def.params.length - 1)] : [];
  return owner ? [key, `Self::${def.name}`, ...method] : [key];
}

/** Is this of a web framework, as far as it is known where it comes from? */
const web = (t: Ty): boolean => !t.cls && (!t.path.includes('::') || WEB.test(t.path));

/** Does its signature speak of routers? */
function typed(ev: Ev, { def, scope }: FnVal): boolean {
  const speaks = (t: TypeRef, depth: number): boolean =>
    (PARTS.test(t.path.at(-1) ?? '') && web(tyOf(ev, t, scope))) || (depth < 4 && t.args.some(a => speaks(a, depth + 1)));
  return [def.ret, ...def.params.map(p => p.type)].some(t => t !== undefined && speaks(t, 0));
}
