/** The access matrix of one endpoint: what happens to each persona. */
import type { Location, Persona, Verdict } from '../contract/types.js';
import { PERSONAS } from '../contract/types.js';
import type { GapNote } from '../program/ev.js';
import { isChoice } from '../program/dispatch.js';
import { type Atom, allAtoms, conjuncts, literals, type Place } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { depth } from './depth.js';
import { atomsIn } from './directed.js';
import { feasible } from './feasible.js';
import { existing } from './existing.js';
import { Assignment, type Assumptions } from './personas.js';
import type { Trigger } from './triggers.js';
import { UNSERVED } from './unserved.js';
import { asRefusal } from './responses.js';
import { type Entry, isRedirect, plain, type Way, type Ways } from './ways.js';

export function accessOf(ways: Ways, hidden: (p: Persona) => GapNote | undefined, where: (p: Place) => Location): Record<Persona, Verdict> {
  const there = existing(ways.all, ways.kinds);
  // What is asked for exists, unless that is just what the endpoint refuses (a name that must still be free).
  const usable = there.size > 0 && !refuses('entitled', ways, { granted: true, ignored: ways.infra, given: there });
  const assumed: Assumptions = { ignored: ways.infra, given: usable ? there : new Map<Atom, boolean>() };
  // Where the class that answers is chosen at run time, what holds is what all of them do.
  const each = choices(ways).map((given): Record<Persona, Way | undefined> => {
    const chosen = { ...assumed, given: new Map([...(assumed.given ?? []), ...given]) };
    const anonymous = turnedAway('anonymous', ways, chosen);
    return {
      anonymous,
      signedIn: turnedAway('signedIn', ways, chosen, anonymous),
      entitled: turnedAway('entitled', ways, chosen, anonymous),
    };
  });
  const of = (p: Persona): Verdict => {
    const refused = each.flatMap(r => r[p] ?? []);
    const mixed = refused.length > 0 && refused.length < each.length;
    return mixed
      ? { verdict: 'unknown', why: 'the class that decides is chosen at run time', location: where((refused[0] as Way).place) }
      : verdict(refused[0], hidden(p), where);
  };
  return Object.fromEntries(PERSONAS.map(p => [p, of(p)])) as Record<Persona, Verdict>;
}

/**
 * Whether nobody gets past the refusals `by` who lacks what they ask for and has everything else, and nobody who is not signed in, on the
 * requests before which they stand. Undefined where that cannot be told.
 */
export function indispensable(ways: Ways, by: readonly Way[], lacks: (t: Trigger) => boolean): boolean | undefined {
  let told: boolean | undefined;
  for (const assumed of before(ways, by)) {
    if (!refuses('entitled', ways, { ...assumed, lacks }) || serves('anonymous', ways, assumed)) return false;
    told = true;
  }
  return told;
}

/** The rights with any of which alone nobody is refused, on each of the requests on which others are. */
export function alone(ways: Ways): string[] {
  const asked = [...ways.kinds.values()].filter(asksRight);
  const names = new Set(asked.flatMap(t => (t.kind === 'authz' && !t.inverted ? t.requires : [])));
  // With a single one there is nothing that it could stand in for.
  const some = [...names].filter(name => asked.some(t => !t.requires.includes(name)));
  if (some.length === 0) return [];
  const requests = [
    ...before(
      ways,
      ways.all.filter(w => !w.answer.ok && w.triggers.some(asksRight)),
    ),
  ];
  const passes = (name: string, assumed: Assumptions): boolean =>
    !refuses('entitled', ways, { ...assumed, lacks: t => asksRight(t) && !t.requires.includes(name) });
  return requests.length > 0 ? some.filter(name => requests.every(r => passes(name, r))) : [];
}

/** The requests before which the refusals `by` stand, and on which those who have all rights are served. */
function* before(ways: Ways, by: readonly Way[]): Iterable<Assumptions> {
  const there = existing(ways.all, ways.kinds);
  const asked = new Set<string>();
  for (const w of by) {
    // The request is such that the refusal is possible: of the rows and settings that decide this, nobody's rights take part.
    const such = [...literals(w.cond)].filter(([a]) => !a.args.some(v => prov(v) & Prov.Credential));
    // Most refusals of a guard stand before the same requests.
    const requests = such
      .map(([a, holds]) => (holds ? a.id : -a.id))
      .sort((x, y) => x - y)
      .join();
    if (asked.has(requests)) continue;
    asked.add(requests);
    const assumed: Assumptions = { granted: true, ignored: ways.infra, given: new Map([...there, ...such]) };
    if (!refuses('entitled', ways, assumed)) yield assumed;
  }
}

/** One assignment for each class that may have been chosen at run time; a single empty one where nothing is. */
function choices(ways: Ways): Map<Atom, boolean>[] {
  const flags = allAtoms(ways.all.map(w => w.cond))
    .filter(isChoice)
    .sort((a, b) => a.id - b.id);
  return [...flags, undefined].map(chosen => new Map(flags.map(f => [f, f === chosen] as const)));
}

const verdict = (refused: Way | undefined, hidden: GapNote | undefined, where: (p: Place) => Location): Verdict =>
  refused
    ? { verdict: 'refused', ...plain(refused.answer), location: where(refused.place) }
    : hidden
      ? { verdict: 'unknown', why: hidden.says, location: where(hidden.place) }
      : { verdict: 'admitted' };

/** How the persona is turned away; undefined when nothing that was understood does. */
function turnedAway(persona: Persona, ways: Ways, assumed: Assumptions, anonymous?: Way): Way | undefined {
  let r = refusal(persona, ways, assumed);
  // Two credentials at once may be refused where each of them alone is not (a development override next to a token).
  if (r && (anonymous || (persona !== 'anonymous' && several(persona, ways, assumed))) && ways.all.some(w => w.answer.ok)) {
    const alone = refusal(persona, ways, { ...assumed, either: true });
    if (!alone || (r.triggers.some(t => t.kind === 'authn') && !r.triggers.some(asksRight))) r = alone;
  }
  if (!r && persona === 'anonymous') {
    // What only a setting would let in (a default user) is not let in; what does not work without one says nothing about access.
    const bare = refusal(persona, ways, { ...assumed, unset: true });
    if (bare?.triggers.some(t => t.kind === 'authn')) r = bare;
  }
  if (!r && persona === 'anonymous' && ways.infra.size) {
    // The only thing that stops a bad credential may be a failure nobody maps: a crash turns him away, too.
    const others = new Set([...ways.infra].filter(a => !a.args.some(isCredential)));
    r = refusal(persona, ways, { ...assumed, ignored: others });
  }
  if (r) return r;
  const refusing = ways.all.filter(w => !w.answer.ok);
  // An endpoint that only ever redirects lets everybody do just that.
  return refusing.length === ways.all.length && refusing.length > 0 && !refusing.some(w => isRedirect(w.answer))
    ? pick(refusing, persona)
    : undefined;
}

/** The credential, or what is made of it; not what it is put into to be shown (a page, an answer). */
function isCredential(v: Val): boolean {
  if ((prov(v) & Prov.Credential) === 0 || prov(v) & Prov.Input) return false;
  switch (v.t) {
    case 'call':
      return [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()].some(isCredential);
    case 'op':
      return v.args.some(isCredential);
    case 'attr':
    case 'item':
      return isCredential(v.of);
    default:
      return v.t !== 'map' && v.t !== 'seq' && v.t !== 'obj';
  }
}

const asksRight = (t: Trigger): boolean => t.kind === 'authz' || t.kind === 'ownership';

/** Whether some refusal that may meet the persona is only for who sends several credentials. */
const several = (persona: Persona, ways: Ways, assumed: Assumptions): boolean =>
  turnedAside(persona, ways, assumed)?.of.some(w => sent(w) > 1) === true;

/** How many credentials must have been sent to be turned away like this. */
function sent(w: Way): number {
  const all = new Set<Val>();
  for (const [a, holds] of literals(w.cond)) {
    const v = a.args[0];
    const there = (a.kind === 'truthy' && holds) || (a.kind === 'fails' && !holds);
    if (v && there && prov(v) & Prov.Credential && depth(v) === 0) all.add(v);
  }
  return all.size;
}

/** The refusal that meets the persona when no way leads it to success. */
function refusal(persona: Persona, ways: Ways, assumed: Assumptions): Way | undefined {
  const possible = turnedAside(persona, ways, assumed);
  if (!possible || possible.of.length === 0) return undefined;
  const sure = possible.of.filter(w => possible.as.of(w.cond) === true);
  if (sure.length > 0) return pick(sure, persona);
  // Whoever may reach the handler, and there meets the same refusal in any case, is not turned away by what only might come before.
  const met = possible.of.filter(w => possible.reached.some(e => e.cond === w.cond || possible.within(e).of(w.cond) === true));
  return pick(met.length > 0 ? met : possible.of, persona);
}

/** Whether some refusal meets the persona. */
const refuses = (persona: Persona, ways: Ways, assumed: Assumptions): boolean => (turnedAside(persona, ways, assumed)?.of.length ?? 0) > 0;

/** Whether the persona surely gets an answer that is none. */
function serves(persona: Persona, ways: Ways, assumed: Assumptions): boolean {
  const as = new Assignment(persona, ways.kinds, { ...assumed, given: new Map([...(assumed.given ?? []), ...ways.normal]) });
  return ways.all.some(w => w.answer.ok && as.of(w.cond) === true);
}

/** A persona before an endpoint where no way leads it to success. */
interface TurnedAside {
  as: Assignment;
  /** Where it has come into the handler on that way. */
  within: (e: Entry) => Assignment;
  /** The ways into the handler that are open to it. */
  reached: readonly Entry[];
  /** The refusals that it may meet. */
  of: readonly Way[];
}

function turnedAside(persona: Persona, ways: Ways, assumed: Assumptions): TurnedAside | undefined {
  const base = new Map([...(assumed.given ?? []), ...ways.normal]);
  const as = new Assignment(persona, ways.kinds, { ...assumed, given: base });
  const inside = new Map<Entry, Assignment>();
  const within = (e: Entry): Assignment => {
    let known = inside.get(e);
    if (!known) inside.set(e, (known = new Assignment(persona, ways.kinds, { ...assumed, given: new Map([...base, ...e.given]) })));
    return known;
  };
  // A condition that is asked twice has one answer: what must hold on this way decides it wherever it is asked again.
  const passable = (w: Way, usual: Assignment): boolean => {
    const sure = usual.of(w.cond);
    if (sure !== undefined) return sure;
    const told = usual.with(literals(w.cond));
    return told.of(w.cond) ?? (persona === 'entitled' || feasible(w.cond, told));
  };
  const success = ways.all.filter(w => w.answer.ok);
  const open = (e: Entry): boolean => as.of(e.cond) !== false;
  const through = (usual: Assignment): boolean => success.some(w => passable(w, usual));
  if (ways.entries.length > 0 ? ways.entries.some(e => open(e) && through(within(e))) : through(as)) return undefined;
  const reached = ways.entries.filter(open);
  const possible = ways.all.filter(w => as.of(w.cond) !== false);
  const of = possible.filter(w => !w.answer.ok);
  // Who is answered, and comes into the handler on no way, is turned away by whatever answers him (a page that serves for failures, too).
  const outside = ways.entries.length > 0 && reached.length === 0;
  return { as, within, reached, of: of.length === 0 && outside ? possible.map(aside) : of };
}

/** The way out as a refusal. */
const aside = (w: Way): Way => ({ ...w, answer: asRefusal(w.answer) });

/** Of several refusals that fit, the one that speaks to this persona. */
function pick(ws: readonly Way[], persona: Persona): Way {
  const rank = (w: Way): number => {
    const k = w.triggers.map(t => t.kind);
    const right = w.triggers.some(asksRight);
    // Nobody has a right, either; what else may end his request (a row that is missing) says less.
    const mine = persona === 'anonymous' ? (k.includes('authn') ? 0 : right ? 8 : 10) : right ? 0 : 10;
    // What is wrong with the request may be said of his, too, and says nothing of him.
    const status = w.answer.status ?? 500;
    // A refusal that is dressed as a success (JSONP) is what he meets who asks for it.
    return mine + (status >= 500 ? 5 : UNSERVED.has(status) ? 3 : status < 300 ? 2 : 0);
  };
  return [...ws].sort((a, b) => rank(a) - rank(b) || announced(a) - announced(b) || a.seq - b.seq)[0] as Way;
}

/** How much a request must say of its form to be answered in this manner (`if request.is_json: abort(403)`): a page that is called up says nothing. */
const announced = (w: Way): number =>
  conjuncts(w.cond).filter(x => x.f !== 'not' && x.f !== 'true' && atomsIn(x).every(a => a.kind !== 'fails' && isOfForm(a))).length;
/** That it is read by a browser (`'text/html' in accepted`) is what it says by itself. */
const isOfForm = (a: Atom): boolean =>
  a.args.some(v => prov(v)) &&
  a.args.every(
    v => (prov(v) & ~Prov.Header) === 0 && !(v.t === 'const' ? /html/.test(String(v.v)) : v.t === 'attr' && /html/.test(v.name)),
  );
