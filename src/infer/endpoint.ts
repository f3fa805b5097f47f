/** From one request to an endpoint of the contract. */
import type { Effect, Endpoint, Gap, Guard, GuardKind, Ineffective, Location, Verdict } from '../contract/types.js';
import { columnOf, lineOf } from '../facts/types.js';
import type { Found, Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev } from '../program/ev.js';
import { within } from '../program/effort.js';
import {
  type Atom,
  atomsOf,
  conjuncts,
  type F,
  held,
  literals,
  type Memo,
  someAtom,
  type Place,
  type Truth,
  truth,
} from '../program/formula.js';
import { accessOf, alone } from './access.js';
import { afterEffect, guardsOf } from './guards.js';
import { optionalIdentity } from './identity.js';
import { outcomesOf } from './outcomes.js';
import { pickedBy } from './picked.js';
import { presented } from './presented.js';
import { request, type Run } from './request.js';
import { Responses } from './responses.js';
import { sentOf } from './sent.js';
import { GUARD_KINDS, type Trigger, triggerOf } from './triggers.js';
import { unheeded } from './unheeded.js';
import { unitOf } from './units.js';
import { untold } from './untold.js';
import { type DroppedVerdict, droppedVerdicts } from './verdicts.js';
import { type Way, type Ways, waysOut } from './ways.js';

export interface Context {
  ev: Ev;
  models: PackModels;
  file: (index: number) => string;
}

/** So much may it cost to find which rights are enough alone. */
const ALONE = 1_000_000;

export function readEndpoint(cx: Context, route: Route, found: Found): Endpoint {
  const { ev, models } = cx;
  const where = (p: Place): Location => ({ file: cx.file(p.file), line: lineOf(p.at), column: columnOf(p.at) });
  const responses = new Responses(models, v => ev.program.pathOf(v));
  let run = request(ev, models, route);
  let ways = waysOut(ev, run, route, found, responses);
  const shown = presented(ways, run);
  const picked = pickedBy(ways, ev);
  if (shown.size > 0 || picked.size > 0) {
    models.shown = shown;
    models.picked = picked;
    try {
      run = request(ev, models, route);
    } finally {
      models.shown = new Map();
      models.picked = new Map();
    }
    ways = waysOut(ev, run, route, found, responses);
  }
  const doubts = untold(ways);
  const gaps = [...route.gaps, ...run.gaps, ...doubts.map(d => d.note)];
  const hidden = [...route.gaps, ...run.gaps].find(g => g.hides.includes('guards'));
  const access = accessOf(ways, p => hidden ?? doubts.find(d => d.meets(p))?.note, where);
  const guards = guardsOf(ways, run, access, route, where, models.tokens);
  const broken = [
    ...ineffectiveOf(route, lostVerdicts(cx, run.dropped, ways), guards, where),
    ...backwards(ways, run, route, access, where),
  ];
  const aside = noted(route, true, where);
  // It is asked beside the rest, which has to be known even where this would cost too much.
  const enough = within(
    ALONE,
    () => alone(ways),
    () => [],
  );
  const sent = sentOf(ways, run, route, where);
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
    ineffective: [...broken, ...unheeded(run, ways, access, [...guards, ...broken], where)],
    ...(aside.length > 0 ? { aside } : {}),
    ...(enough.length > 0 ? { alone: enough } : {}),
    outcomes: outcomesOf(ways, afterEffect(run), where),
    inputs: route.inputs.map(i => ({ ...i, location: where(route.location) })),
    ...(sent ? { sent } : {}),
    effects: run.effects.map((e): Effect => ({ kind: e.effect, name: e.call.name, location: where(e.call.place) })),
    ...(route.stub ? { stub: { says: route.stub.says, location: where(route.stub.place) } } : {}),
    gaps: gaps.map((g): Gap => ({ why: g.why, says: g.says, hides: g.hides, location: where(g.place) })),
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

/**
 * Is nothing lost with it? Where it is sure to be yes, whoever gave it has acted on it (a helper that aborts, and returns the verdict as
 * well). Where nobody is let through, a check is thrown away for its time, so that no caller learns which accounts there are.
 */
function vain(d: Dropped, ways: Ways): boolean {
  if (d.pc === undefined) return false;
  const here = literals(d.pc);
  const memo = held(d.pc);
  if (d.val.t === 'bool' && truth(d.val.f, a => here.get(a), memo) === true) return true;
  const through = ways.all.filter(w => w.answer.ok);
  return through.length > 0 && through.every(w => truth(w.cond, a => here.get(a), memo) === false);
}

/** Verdicts that were thrown away. Most of what a statement throws away is none: only of the rest it is asked whether it was in vain. */
function lostVerdicts({ ev, models }: Context, dropped: readonly Dropped[], ways: Ways): DroppedVerdict[] {
  const thrown = dropped.filter(d => d.how === 'statement');
  return [
    ...droppedVerdicts(
      ev,
      models,
      dropped.filter(d => d.how !== 'statement'),
    ),
    ...thrown.flatMap(d => {
      const said = droppedVerdicts(ev, models, [d]);
      return said.length > 0 && vain(d, ways) ? [] : said;
    }),
  ];
}

function ineffectiveOf(
  route: Route,
  lost: readonly DroppedVerdict[],
  guards: readonly Guard[],
  where: (p: Place) => Location,
): Ineffective[] {
  const out = noted(route, false, where);
  for (const d of lost)
    out.push({ kind: d.kind, name: d.name, reason: d.reason, location: where(d.place), evidence: [{ says: d.says, ...where(d.place) }] });
  for (const g of guards)
    if (g.afterEffect) out.push({ kind: g.kind, name: g.name, reason: 'after-effect', location: g.location, evidence: g.evidence });
  return out;
}

/** What an adapter says of guards, once for each thing that they ask for. */
function noted(route: Route, elsewhere: boolean, where: (p: Place) => Location): Ineffective[] {
  return route.ineffective
    .filter(n => (n.elsewhere ?? false) === elsewhere)
    .flatMap(n => {
      const at = where(n.place);
      const about = (kind: GuardKind): Ineffective => ({
        kind,
        name: n.name,
        reason: n.reason,
        location: at,
        evidence: [{ says: n.says, ...at }],
      });
      if (!n.fails) return [about(n.kind ?? 'authn')];
      const kinds = new Set(n.fails.flatMap(f => atomsOf(f)).map(a => triggerOf(a, undefined).kind));
      return [...kinds].filter(k => GUARD_KINDS.has(k)).map(about);
    });
}

/** Checks that refuse what fits and let pass what does not. */
function backwards(ways: Ways, run: Run, route: Route, access: Endpoint['access'], where: (p: Place) => Location): Ineffective[] {
  const { anonymous, entitled } = access;
  // Whoever has a credential is turned away, and whoever has none is not.
  const guests = anonymous.verdict === 'admitted' && entitled.verdict === 'refused' && (entitled.status === 401 || entitled.status === 403);
  return ways.all.flatMap(w => {
    // A failure of the server itself says nothing of who may come in.
    const served = w.answer.ok || (w.answer.status ?? 0) >= 500;
    const wrong = (x: Trigger, i: number): boolean =>
      x.backwards ? decides(ways, w, w.atoms[i]) : guests && x.kind === 'authn' && x.denies === true;
    const t = served ? undefined : w.triggers.find(wrong);
    if (!t) return [];
    const { name } = unitOf(w, route, run.handler);
    const at = where(w.place);
    const kind = t.secret ? 'authn' : t.kind === 'state' ? 'ownership' : t.kind;
    return [{ kind, name, reason: 'wrong-polarity', location: at, evidence: [{ says: `\`${name}\` refuses here what fits`, ...at }] }];
  });
}

/** Whether the other answer to `a` may let in whom `w` turns away. (What only says why the request is refused, like a known mistake, lets nobody in.) */
function decides(ways: Ways, w: Way, a: Atom | undefined): boolean {
  const own = literals(w.cond);
  const now = a && own.get(a);
  if (!a || now === undefined) return true;
  // What held because of `a` (one of several reasons of an extractor) need not hold otherwise.
  const asks = new Map<F, boolean>();
  const before = new Set(conjuncts(w.cond).filter(c => !someAtom(c, x => x === a, asks)));
  const other = new Map(own).set(a, !now);
  const memo: Memo = new Map<F, Truth>();
  const otherwise = (f: F): boolean => before.has(f) || truth(f, q => other.get(q), memo) === true;
  return !ways.all.some(x => x !== w && !x.answer.ok && conjuncts(x.cond).every(otherwise));
}
