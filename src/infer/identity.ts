/** Identities that an endpoint reads where there is one, and asks of nobody. */
import type { Guard, Location, Persona, Verdict } from '../contract/types.js';
import type { Route } from '../frameworks/types.js';
import { call } from '../program/calls.js';
import type { Ev, Frame } from '../program/ev.js';
import { atomsOf, type F, type Place, TRUE } from '../program/formula.js';
import { args, prov } from '../program/make.js';
import { type CallVal, type Cls, Prov, type Val } from '../program/values.js';
import type { Run } from './request.js';
import type { Ways } from './ways.js';

/** Adds the optional guard of an endpoint that serves everybody, be it a library's or the code of the handler itself. */
export function optionalIdentity(
  ev: Ev,
  run: Run,
  ways: Ways,
  guards: Guard[],
  access: Record<Persona, Verdict>,
  route: Route,
  where: (p: Place) => Location,
): void {
  if (guards.some(g => g.kind === 'authn')) return;
  const decided = decides(ways);
  const use = usedBy(run);
  for (const o of run.optional)
    guards.push({
      kind: 'authn',
      strength: 'optional',
      requires: [],
      via: 'decorator',
      name: o.name,
      scope: 'endpoint',
      order: 0,
      rejects: [],
      unused: !decided && use === undefined && !run.exits.some(e => shows(ev, e.val)),
      location: where(o.place),
      evidence: [{ says: `${o.name} reads the caller's identity and refuses nobody who has none`, ...where(o.place) }],
    });
  if (run.optional.length > 0) guards.sort((a, b) => a.order - b.order).forEach((g, i) => (g.order = i + 1));
  else if (access.anonymous.verdict === 'admitted' && (decided || use)) {
    const place = where(use?.place ?? route.location);
    guards.push({
      kind: 'authn',
      strength: 'optional',
      requires: [],
      via: 'inline',
      name: route.handlerName,
      scope: 'endpoint',
      order: guards.length + 1,
      rejects: [],
      location: place,
      evidence: [{ says: "the caller's identity is used where there is one", ...place }],
    });
  }
}

const mine = (v: Val): boolean => (prov(v) & Prov.Credential) !== 0;

/** Does who asks decide how a request succeeds? */
function decides(ways: Ways): boolean {
  const seen = new Set<F>();
  return ways.all.some(w => w.answer.ok && atomsOf(w.cond, seen).some(a => a.args.some(mine)));
}

/** A call that is given the identity where there is one. */
function usedBy(run: Run): CallVal | undefined {
  const given = (c: CallVal): Val[] => [...c.args.pos, ...c.args.kw.values(), ...(c.recv ? [c.recv] : [])].filter(mine);
  return (
    run.events.find(c => c.frame && !extracts(c.frame) && !LOGGER.test(c.path) && given(c).some(v => v.t === 'phi')) ??
    run.effects.find(e => e.effect !== 'read' && given(e.call).length > 0 && atomsOf(e.call.pc).some(a => a.args.some(mine)))?.call
  );
}

/** What an extractor is given to make the identity is no use of it. */
function extracts(of: Frame): boolean {
  for (let f: Frame | undefined = of; f; f = f.parent) if (f.role?.startsWith('extractor:')) return true;
  return false;
}

/** Writing down who it was is no use of an identity. */
export const LOGGER = /(^|[.:])(logging|loguru|structlog|getLogger|logger|tracing|log)\b/;

/** Is the identity in what is answered? An object that is turned into an answer is asked for its properties. */
function shows(ev: Ev, v: Val): boolean {
  if (mine(v)) return true;
  const cls = classOf(v);
  if (!cls) return false;
  let found = false;
  ev.journal.branch(() => {
    for (const m of cls.members.values()) {
      if (found || m.t !== 'fn' || m.role !== 'property') continue;
      ev.pc = TRUE;
      found = mine(call(ev, { ...m, self: v, role: undefined }, args(), { file: m.module.file, at: m.def.at }));
    }
  });
  return found;
}

function classOf(v: Val, guard = 0): Cls | undefined {
  if (v.t === 'obj') return v.cls;
  if (v.t === 'call') return v.ty?.cls;
  if (guard > 4) return undefined;
  const inner =
    v.t === 'seq' ? [...v.items, ...(v.rest ? [v.rest] : [])] : v.t === 'phi' ? [v.a, v.b] : v.t === 'map' ? [...v.entries.values()] : [];
  for (const x of inner) {
    const c = classOf(x, guard + 1);
    if (c) return c;
  }
  return undefined;
}
