/** From the exits of one request to an endpoint of the contract: access per persona, guards, outcomes, effects. */
import { lineOf, columnOf } from '../facts/types.js';
import type { Effect, Endpoint, Gap, Guard, Ineffective, Location, Outcome, Persona, Refusal, Trigger as OutcomeTrigger, Verdict } from '../contract/types.js';
import { PERSONAS } from '../contract/types.js';
import type { Found, Route } from '../frameworks/types.js';
import { isInnerResponse } from '../frameworks/layers.js';
import type { PackModels } from '../packs/models.js';
import type { Dropped, Ev, Exit, Frame, GapNote } from '../program/ev.js';
import { type Atom, atomsOf, type F, literals, type Place, TRUE, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { isCrash } from '../program/statements.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import { Assignment } from './personas.js';
import { type Answer, leaves, Responses } from './responses.js';
import { triggerOf, type Trigger } from './triggers.js';
import { droppedVerdicts } from './verdicts.js';
import { unitOf, type Unit } from './units.js';

/** One way out of the request. */
interface Way {
  cond: F;
  why?: F;
  answer: Answer;
  place: Place;
  frame: Frame | undefined;
  from?: Frame | undefined;
  seq: number;
  kind: Exit['kind'];
  propagated: boolean;
  /** What its last condition is about. */
  triggers: Trigger[];
  atoms: Atom[];
}

export interface Context {
  ev: Ev;
  models: PackModels;
  file: (index: number) => string;
}

export function readEndpoint(cx: Context, route: Route, found: Found): Endpoint {
  const { ev, models } = cx;
  const responses = new Responses(models, (v) => ev.program.pathOf(v));
  const where = (p: Place): Location => ({ file: cx.file(p.file), line: lineOf(p.at), column: columnOf(p.at) });
  const run = request(ev, models, route);

  const ways: Way[] = [];
  for (const e of run.exits) if (!isCrash(e)) ways.push(...wayOut(ev, e, route, found, responses));
  ways.sort((a, b) => a.seq - b.seq);
  const normal = normalOperation([...ways.map((w) => w.cond), ...run.entries]);
  const entries = run.entries.map((f): Entry => ({ cond: f, given: new Map([...normal, ...literals(f)]) }));
  // Whoever is answered without the handler having run was turned away, whatever the status says.
  if (entries.length > 0) for (const w of ways) if (w.answer.ok && entries.every((e) => contradicts(w.cond, e))) w.answer = { ...w.answer, ok: false, status: w.answer.status ?? 200 };
  const kinds = new Map<Atom, Trigger>();
  for (const w of ways) {
    if (w.answer.ok) continue;
    for (const a of atomsOf(w.cond)) if (!kinds.has(a)) kinds.set(a, triggerOf(a, undefined));
  }
  for (const w of ways) {
    if (w.answer.ok) continue;
    w.atoms = deciding(w.why ?? w.cond);
    w.triggers = w.atoms.map((a) => triggerOf(a, w.answer.status));
    w.atoms.forEach((a, i) => kinds.set(a, w.triggers[i] as Trigger));
  }
  for (const w of ways) if (w.answer.ok) for (const a of atomsOf(w.cond)) if (!kinds.has(a)) kinds.set(a, triggerOf(a, undefined));

  const infra = new Set<Atom>();
  for (const w of ways) if (!w.answer.ok && (w.answer.status ?? 500) >= 500 && !explicit(w)) for (const a of w.atoms) if (a.kind === 'fails' || a.kind === 'raises') infra.add(a);

  const gaps = run.gaps;
  const hidden = gaps.find((g) => g.hides.includes('guards'));
  const access = Object.fromEntries(PERSONAS.map((p) => [p, verdict(p, ways, entries, normal, kinds, infra, hidden, where)])) as Record<Persona, Verdict>;

  const effects = run.effects;
  const firstWrite = effects.find((e) => e.effect !== 'read' && e.body);
  const guards = guardsOf(ways, access, route, run.handler, firstWrite?.call.seq, run.optional, where, infra);
  optionalIdentity(ev, run, ways, guards, access, route, where);
  return {
    method: route.method, path: route.path, slash: route.slash, handler: route.handlerName, location: where(route.location), route: where(route.route),
    ...(route.implicit ? { implicit: true } : {}), ...(route.when ? { when: route.when } : {}),
    access, guards, ineffective: ineffectiveOf(cx, route, ways, run.dropped, guards, where),
    outcomes: outcomesOf(ways, where, infra), inputs: route.inputs.map((i) => ({ ...i, location: where(route.location) })),
    effects: effects.map((e): Effect => ({ kind: e.effect, name: e.call.name, location: where(e.call.place) })),
    ...(route.stub ? { stub: { says: route.stub.says, location: where(route.stub.place) } } : {}),
    gaps: [...route.gaps, ...gaps].map((g): Gap => ({ why: g.why, says: g.says, hides: g.hides, location: where(g.place) })),
  };
}

// ------------------------------------------------------------------------------------------------ the run

interface Run {
  exits: Exit[];
  gaps: GapNote[];
  dropped: Dropped[];
  effects: { effect: Effect['kind']; call: CallVal; body: boolean }[];
  optional: { name: string; place: Place }[];
  handler: unknown;
  events: CallVal[];
  /** Conditions under which the handler's own body was entered. */
  entries: F[];
}

function request(ev: Ev, models: PackModels, route: Route): Run {
  ev.pc = TRUE;
  ev.sink = [];
  ev.frame = undefined;
  ev.gaps = [];
  ev.dropped = [];
  ev.events = [];
  ev.steps = 0;
  ev.budget = 150_000;
  ev.seq = 0;
  models.optional = [];
  let def = route.handler;
  while ((def.t === 'fn' && def.wraps) || (def.t === 'native' && def.of)) def = def.t === 'fn' ? (def.wraps?.inner as Val) : ((def as Val & { t: 'native' }).of as Val);
  const handler = route.body ?? (def.t === 'fn' ? def.def : undefined);
  ev.watch = { def: handler, entries: [] };
  // Whatever one request writes to shared objects (`g`, app state) is taken back after it.
  ev.journal.branch(() => {
    route.run(ev);
  });
  const effects: Run['effects'] = [];
  for (const c of ev.events) {
    const effect = models.row(c.path)?.effect;
    if (effect) effects.push({ effect, call: c, body: inBody(c.frame, handler) });
  }
  return { exits: ev.sink, gaps: ev.gaps, dropped: ev.dropped, effects, optional: models.optional, handler, events: ev.events, entries: ev.watch.entries };
}

const inBody = (f: Frame | undefined, handler: unknown): boolean => {
  for (let x = f; x; x = x.parent) if (x.def === handler) return true;
  return false;
};

function wayOut(ev: Ev, e: Exit, route: Route, found: Found, responses: Responses): Way[] {
  let v: Val = e.val;
  let raised = e.kind === 'raise';
  const base = { place: e.place, frame: e.frame, from: e.from, seq: e.seq, kind: e.kind, propagated: e.propagated === true, triggers: [], atoms: [] };
  if (e.kind === 'panic') return [{ ...base, cond: e.cond, answer: { ok: false, panic: true } }];
  const out: Way[] = [];
  for (const first of leaves(v, e.cond)) {
    if (isInnerResponse(first.val)) continue;
    v = first.val;
    raised = e.kind === 'raise';
    if (raised && v.t === 'sym' && v.path === '?') continue;
    if (raised) {
      const handled = found.onError?.(ev, v, route);
      if (handled) {
        v = handled;
        raised = false;
      }
    }
    if (found.render) v = found.render(ev, v, route);
    for (const l of leaves(v, first.cond)) {
      if (isInnerResponse(l.val)) continue;
      const answer = responses.answer(l.val, raised);
      // A handled error is turned away where it was raised, not where the handler makes the page.
      const born = e.kind === 'raise' ? { place: first.place ?? e.place, frame: first.frame ?? e.frame } : { place: first.place ?? l.place ?? e.place, frame: first.frame ?? l.frame ?? e.frame };
      const why = l.why ?? first.why;
      out.push({ ...base, cond: l.cond, ...(why ? { why } : {}), answer, place: born.place, frame: born.frame ?? e.frame });
    }
  }
  return out;
}

/** The atoms of the last condition on the way: those that were true to lead here, not those passed before. */
export function deciding(f: F): Atom[] {
  let p = f;
  while (p.f === 'and') {
    const xs = atomsOf(p.x).filter((a) => a.kind !== 'iterates' && a.kind !== 'flag');
    if (xs.length) return xs;
    p = p.prev;
  }
  return atomsOf(p);
}

/** Written by the application as a refusal, not a failure that happens to end the request. */
const explicit = (w: Way): boolean => w.kind === 'raise' || (w.answer.status !== undefined && w.answer.status !== 500) || (!w.propagated && w.kind !== 'panic');

// ------------------------------------------------------------------------------------------------ access

/** One way into the handler's body. */
interface Entry {
  cond: F;
  given: ReadonlyMap<Atom, boolean>;
}

const REQUEST = Prov.Credential | Prov.Input | Prov.Header | Prov.Csrf | Prov.Signature | Prov.Origin | Prov.Rate;

/**
 * Settings and state as they are when the application does its work: on the side of a switch on which most of what can happen to
 * the request lies. (Under a maintenance switch everybody gets the same page; that says nothing about who may come in.)
 */
function normalOperation(conditions: readonly F[]): Map<Atom, boolean> {
  const votes = new Map<Atom, number>();
  for (const f of conditions) for (const [a, holds] of literals(f)) {
    if (!a.args.some((v) => prov(v) & REQUEST)) votes.set(a, (votes.get(a) ?? 0) + (holds ? 1 : -1));
  }
  return new Map([...votes].filter(([, n]) => n !== 0).map(([a, n]) => [a, n > 0]));
}

const contradicts = (f: F, e: Entry): boolean => truth(f, (a) => e.given.get(a), new Map()) === false;

function verdict(persona: Persona, ways: readonly Way[], entries: readonly Entry[], normal: ReadonlyMap<Atom, boolean>, kinds: ReadonlyMap<Atom, Trigger>, infra: ReadonlySet<Atom>, hidden: GapNote | undefined, where: (p: Place) => Location): Verdict {
  const success = ways.filter((w) => w.answer.ok);
  const judge = (ignored: ReadonlySet<Atom>): Verdict | undefined => {
    const as = new Assignment(persona, kinds, ignored, normal);
    const through = (e: Entry): boolean => {
      if (as.of(e.cond) === false) return false;
      const inside = new Assignment(persona, kinds, ignored, e.given);
      return success.some((w) => inside.of(w.cond) !== false);
    };
    if (entries.length > 0 ? entries.some(through) : success.some((w) => as.of(w.cond) !== false)) return undefined;
    const refusing = ways.filter((w) => !w.answer.ok && as.of(w.cond) !== false);
    if (refusing.length === 0) return undefined;
    const sure = refusing.filter((w) => as.of(w.cond) === true);
    const best = pick(sure.length ? sure : refusing, persona);
    return { verdict: 'refused', ...plain(best.answer), location: where(best.place) };
  };
  let r = judge(infra);
  if (!r && persona === 'anonymous' && infra.size) {
    // The only thing that stops a bad credential may be a failure nobody maps: a crash turns him away, too.
    const credential = new Set([...infra].filter((a) => a.args.every((v) => !(prov(v) & Prov.Credential) || prov(v) & Prov.Input)));
    r = judge(credential);
  }
  if (r) return r;
  const none = success.length === 0;
  if (none && ways.length > 0) {
    const best = pick(ways.filter((w) => !w.answer.ok), persona);
    // An endpoint that only ever redirects or only ever answers an error lets everybody do just that.
    return isPlainRedirect(ways) ? { verdict: 'admitted' } : { verdict: 'refused', ...plain(best.answer), location: where(best.place) };
  }
  if (hidden) return { verdict: 'unknown', why: hidden.says, location: where(hidden.place) };
  return { verdict: 'admitted' };
}

const isPlainRedirect = (ways: readonly Way[]): boolean => ways.some((w) => w.answer.redirect !== undefined || ((w.answer.status ?? 0) >= 300 && (w.answer.status ?? 0) < 400));

/** Of several refusals that fit, the one that speaks to this persona. */
function pick(ws: readonly Way[], persona: Persona): Way {
  const rank = (w: Way): number => {
    const k = w.triggers.map((t) => t.kind);
    const mine = persona === 'anonymous' ? k.includes('authn') : k.includes('authz') || k.includes('ownership');
    return (mine ? 0 : 10) + ((w.answer.status ?? 500) >= 500 ? 5 : 0);
  };
  return [...ws].sort((a, b) => rank(a) - rank(b) || a.seq - b.seq)[0] as Way;
}

const plain = (a: Answer): Refusal => ({
  ...(a.status !== undefined ? { status: a.status } : {}), ...(a.redirect !== undefined ? { redirect: a.redirect } : {}),
  ...(a.panic ? { panic: true } : {}), ...(a.error !== undefined ? { error: a.error } : {}),
});

// ------------------------------------------------------------------------------------------------ guards

const GUARD_KINDS = new Set(['authn', 'authz', 'ownership', 'csrf', 'rate-limit', 'origin', 'signature']);

function guardsOf(ways: readonly Way[], access: Record<Persona, Verdict>, route: Route, handler: unknown, firstWrite: number | undefined, optional: Run['optional'], where: (p: Place) => Location, infra: ReadonlySet<Atom>): Guard[] {
  const out = new Map<string, Guard & { seq: number }>();
  for (const w of ways) {
    if (w.answer.ok || (w.atoms.length > 0 && w.atoms.every((a) => infra.has(a)))) continue;
    const unit = unitOf(w, route, handler);
    for (const t of w.triggers) {
      const kind = t.kind === 'state' && isRefusal(w.answer) ? 'state' : t.kind;
      if (!GUARD_KINDS.has(kind) && !(kind === 'state' && unit.via !== 'inline')) continue;
      // A missing row that only happens to be the caller's is a 404 like any other when the caller's id alone was asked for.
      const key = `${kind}:${unit.key}`;
      const refusal = plain(w.answer);
      const known = out.get(key);
      const says = `${unit.name} ends the request${describe(w.answer)}`;
      if (known) {
        if (!known.rejects.some((r) => JSON.stringify(r) === JSON.stringify(refusal))) known.rejects.push(refusal);
        for (const r of t.requires) if (!known.requires.includes(r)) known.requires.push(r);
        known.evidence.push({ says, ...where(w.place) });
        continue;
      }
      const late = firstWrite !== undefined && w.seq > firstWrite && unit.via === 'inline' && kind !== 'state';
      out.set(key, {
        kind, strength: access.anonymous.verdict === 'refused' || kind !== 'authn' ? 'required' : 'optional', requires: [...t.requires], via: unit.via, name: unit.name, scope: unit.scope,
        order: 0, rejects: [refusal], ...(late ? { afterEffect: true } : {}), location: where(w.place), evidence: [{ says, ...where(w.place) }], seq: w.seq,
      });
    }
  }
  for (const o of optional) if (![...out.values()].some((g) => g.kind === 'authn')) {
    out.set(`optional:${o.name}`, { kind: 'authn', strength: 'optional', requires: [], via: 'decorator', name: o.name, scope: 'endpoint', order: 0, rejects: [], location: where(o.place), evidence: [{ says: `${o.name} reads the caller's identity and refuses nobody who has none`, ...where(o.place) }], seq: -1 });
  }
  const list = [...out.values()].sort((a, b) => a.seq - b.seq);
  return list.map(({ seq: _seq, ...g }, i) => ({ ...g, order: i + 1 }));
}

/** An identity that is read and not asked for: the endpoint serves both. */
function optionalIdentity(ev: Ev, run: Run, ways: readonly Way[], guards: Guard[], access: Record<Persona, Verdict>, route: Route, where: (p: Place) => Location): void {
  void ev;
  if (access.anonymous.verdict !== 'admitted' || guards.some((g) => g.kind === 'authn')) return;
  const read = ways.some((w) => w.answer.ok && atomsOf(w.cond).some((a) => a.args.some((v) => prov(v) & Prov.Credential)));
  const passed = run.events.find((c) => c.frame && [...c.args.pos, ...c.args.kw.values(), ...(c.recv ? [c.recv] : [])].some((v) => prov(v) & Prov.Credential && v.t === 'phi'));
  if (!read && !passed) return;
  const unit: Unit = { via: 'inline', name: route.handlerName, scope: 'endpoint', key: 'optional' };
  guards.push({ kind: 'authn', strength: 'optional', requires: [], via: unit.via, name: unit.name, scope: 'endpoint', order: guards.length + 1, rejects: [], location: where(passed?.place ?? route.location), evidence: [{ says: 'the caller\'s identity is used where there is one', ...where(passed?.place ?? route.location) }] });
}

const isRefusal = (a: Answer): boolean => (a.status ?? 0) >= 300;
const describe = (a: Answer): string => (a.panic ? ' by a panic' : a.redirect !== undefined ? ` with ${String(a.status ?? 302)} to ${a.redirect}` : a.status !== undefined ? ` with ${String(a.status)}` : a.error !== undefined ? ` with ${a.error}` : '');

// ------------------------------------------------------------------------------------------------ the rest

const OUTCOME: Record<string, OutcomeTrigger> = { authn: 'credential', authz: 'authz', ownership: 'ownership', csrf: 'csrf', 'rate-limit': 'rate-limit', origin: 'origin', signature: 'signature', input: 'input', existence: 'existence', state: 'state' };

function outcomesOf(ways: readonly Way[], where: (p: Place) => Location, infra: ReadonlySet<Atom>): Outcome[] {
  const out: Outcome[] = [];
  const seen = new Set<string>();
  for (const w of ways) {
    if (w.answer.ok) continue;
    const trigger = OUTCOME[w.triggers[0]?.kind ?? 'other'] ?? 'other';
    const status = w.answer.status;
    if (w.propagated && (status ?? 500) >= 500 && w.atoms.every((a) => infra.has(a))) continue;
    const refined: OutcomeTrigger = status === 409 ? 'conflict' : trigger;
    const o: Outcome = { ...plain(w.answer), trigger: refined, via: w.kind === 'panic' ? 'panic' : w.propagated ? 'propagate' : w.kind === 'raise' ? 'raise' : 'return', location: where(w.place) };
    const key = JSON.stringify([o.status, o.redirect, o.trigger, o.via, o.location.file, o.location.line]);
    if (!seen.has(key)) {
      seen.add(key);
      out.push(o);
    }
  }
  return out;
}

function ineffectiveOf(cx: Context, route: Route, ways: readonly Way[], dropped: readonly Dropped[], guards: readonly Guard[], where: (p: Place) => Location): Ineffective[] {
  const out: Ineffective[] = route.ineffective.map((n) => ({ kind: n.kind ?? 'authn', name: n.name, reason: n.reason, location: where(n.place), evidence: [{ says: n.says, ...where(n.place) }] }));
  for (const d of droppedVerdicts(cx.ev, cx.models, dropped)) out.push({ kind: d.kind, name: d.name, reason: d.reason, location: where(d.place), evidence: [{ says: d.says, ...where(d.place) }] });
  for (const g of guards) if (g.afterEffect) out.push({ kind: g.kind, name: g.name, reason: 'after-effect', location: g.location, evidence: g.evidence });
  void ways;
  return out;
}

