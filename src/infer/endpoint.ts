/** From one request to an endpoint of the contract. */
import type { Effect, Endpoint, Gap, Guard, Ineffective, Location, Verdict } from '../contract/types.js';
import { columnOf, lineOf } from '../facts/types.js';
import type { Found, Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev } from '../program/ev.js';
import { atomsOf, type Place } from '../program/formula.js';
import { accessOf } from './access.js';
import { afterEffect, guardsOf } from './guards.js';
import { optionalIdentity } from './identity.js';
import { outcomesOf } from './outcomes.js';
import { Assignment } from './personas.js';
import { request, type Run } from './request.js';
import { Responses } from './responses.js';
import { triggerOf } from './triggers.js';
import { unitOf } from './units.js';
import { droppedVerdicts } from './verdicts.js';
import { type Ways, waysOut } from './ways.js';

export interface Context {
  ev: Ev;
  models: PackModels;
  file: (index: number) => string;
}

export function readEndpoint(cx: Context, route: Route, found: Found): Endpoint {
  const { ev, models } = cx;
  const where = (p: Place): Location => ({ file: cx.file(p.file), line: lineOf(p.at), column: columnOf(p.at) });
  const run = request(ev, models, route);
  const ways = waysOut(ev, run, route, found, new Responses(models, v => ev.program.pathOf(v)));
  const access = accessOf(
    ways,
    [...route.gaps, ...run.gaps].find(g => g.hides.includes('guards')),
    where,
  );
  const guards = guardsOf(ways, run, access, route, where);
  optionalIdentity(ev, run, ways, guards, access, route, where);
  return {
    method: route.method,
    path: route.path,
    slash: route.slash,
    handler: route.handlerName,
    location: where(route.location),
    route: where(route.route),
    ...(route.implicit ? { implicit: true } : {}),
    ...(route.when ? { when: route.when } : {}),
    access,
    guards,
    ineffective: [
      ...ineffectiveOf(cx, route, run.dropped, guards, where),
      ...gated(cx, run, route, where),
      ...logged(run, ways, access, where),
      ...backwards(ways, run, route, where),
    ],
    outcomes: outcomesOf(ways, afterEffect(run), where),
    inputs: route.inputs.map(i => ({ ...i, location: where(route.location) })),
    effects: run.effects.map((e): Effect => ({ kind: e.effect, name: e.call.name, location: where(e.call.place) })),
    ...(route.stub ? { stub: { says: route.stub.says, location: where(route.stub.place) } } : {}),
    gaps: [...route.gaps, ...run.gaps].map((g): Gap => ({ why: g.why, says: g.says, hides: g.hides, location: where(g.place) })),
  };
}

/** The endpoint of a request that could not be followed to its end. */
export function unread(cx: Context, route: Route): Endpoint {
  const where = (p: Place): Location => ({ file: cx.file(p.file), line: lineOf(p.at), column: columnOf(p.at) });
  const why = 'following a request reached the bound of the evaluation';
  const location = where(route.location);
  const unknown: Verdict = { verdict: 'unknown', why, location };
  return {
    method: route.method,
    path: route.path,
    slash: route.slash,
    handler: route.handlerName,
    location,
    route: where(route.route),
    ...(route.implicit ? { implicit: true } : {}),
    ...(route.when ? { when: route.when } : {}),
    access: { anonymous: unknown, signedIn: unknown, entitled: unknown },
    guards: [],
    ineffective: [],
    outcomes: [],
    inputs: route.inputs.map(i => ({ ...i, location })),
    effects: [],
    gaps: [{ why: 'too-deep', says: why, hides: ['guards', 'outcomes', 'effects'], location }],
  };
}

function ineffectiveOf(
  cx: Context,
  route: Route,
  dropped: readonly Dropped[],
  guards: readonly Guard[],
  where: (p: Place) => Location,
): Ineffective[] {
  const out: Ineffective[] = route.ineffective.map(n => ({
    kind: n.kind ?? 'authn',
    name: n.name,
    reason: n.reason,
    location: where(n.place),
    evidence: [{ says: n.says, ...where(n.place) }],
  }));
  for (const d of droppedVerdicts(cx.ev, cx.models, dropped))
    out.push({ kind: d.kind, name: d.name, reason: d.reason, location: where(d.place), evidence: [{ says: d.says, ...where(d.place) }] });
  for (const g of guards)
    if (g.afterEffect) out.push({ kind: g.kind, name: g.name, reason: 'after-effect', location: g.location, evidence: g.evidence });
  return out;
}

/** Checks that refuse what fits and let pass what does not. */
function backwards(ways: Ways, run: Run, route: Route, where: (p: Place) => Location): Ineffective[] {
  return ways.all.flatMap(w => {
    const t = w.answer.ok ? undefined : w.triggers.find(x => x.backwards);
    if (!t) return [];
    const { name } = unitOf(w, route, run.handler);
    const at = where(w.place);
    const kind = t.secret ? 'authn' : t.kind === 'state' ? 'ownership' : t.kind;
    return [{ kind, name, reason: 'wrong-polarity', location: at, evidence: [{ says: `\`${name}\` refuses here what fits`, ...at }] }];
  });
}

/** Parameters of the handler that a default build leaves out, where they could have turned requests away. */
function gated(cx: Context, run: Run, route: Route, where: (p: Place) => Location): Ineffective[] {
  return (run.handler?.gated ?? [])
    .filter(g => !cx.models.row(g.type))
    .map((g): Ineffective => {
      const at = where({ file: route.location.file, at: g.at });
      return {
        kind: 'authn',
        name: g.type,
        reason: 'cfg-gated',
        location: at,
        evidence: [{ says: `\`${g.type}\` is a parameter only with ${g.by}, which is not on by default`, ...at }],
      };
    });
}

/** A check whose failure is written to the log and has no other consequence. */
function logged(run: Run, ways: Ways, access: Endpoint['access'], where: (p: Place) => Location): Ineffective[] {
  const kinds = new Map(ways.kinds);
  // Nobody is turned away by it: it may be asked here alone.
  for (const d of run.dropped)
    if (d.how === 'logged' && d.pc) for (const a of atomsOf(d.pc)) if (!kinds.has(a)) kinds.set(a, triggerOf(a, undefined));
  const entitled = new Assignment('entitled', kinds, { ignored: ways.infra, given: ways.normal, granted: true });
  const out: Ineffective[] = [];
  for (const [persona, kind] of [
    ['anonymous', 'authn'],
    ['signedIn', 'authz'],
  ] as const) {
    if (access[persona].verdict !== 'admitted') continue;
    const as = new Assignment(persona, kinds, { ignored: ways.infra, given: ways.normal });
    const d = run.dropped.find(x => x.how === 'logged' && x.pc && as.of(x.pc) !== false && entitled.of(x.pc) === false);
    if (!d || out.length) continue;
    const says = 'whoever fails the check is only logged here, and the request goes on';
    out.push({
      kind,
      name: d.frame?.name ?? 'check',
      reason: 'logs-only',
      location: where(d.place),
      evidence: [{ says, ...where(d.place) }],
    });
  }
  return out;
}
