/** The ways out of a request: every exit taken apart into the answers that it may give, and what decided each of them. */
import type { Refusal } from '../contract/types.js';
import { isInnerResponse } from '../frameworks/layers.js';
import type { Found, Route } from '../frameworks/types.js';
import type { Ev, Exit, Frame } from '../program/ev.js';
import {
  and,
  type Atom,
  allAtoms,
  conjuncts,
  type F,
  held,
  last,
  literals,
  not,
  partsOf,
  refuting,
  type Place,
  TRUE,
  type Truth,
  truth,
} from '../program/formula.js';
import { leavesOf } from '../program/alternatives.js';
import { prov } from '../program/make.js';
import { MISSED } from '../program/patterns.js';
import { isCrash } from '../program/ev.js';
import { Prov, type Val } from '../program/values.js';
import { atomsIn, blockLists } from './directed.js';
import { possible } from './diagram.js';
import { deciding } from './deciding.js';
import { Entered } from './entered.js';
import { tells } from './envelope.js';
import { existing } from './existing.js';
import { infrastructure, onlyFailed } from './infra.js';
import { leadingOf } from './leading.js';
import { mannerOf } from './manner.js';
import { closed } from './closed.js';
import { normalOperation } from './normal.js';
import { Assignment } from './personas.js';
import { inBody, type Run } from './request.js';
import { type Answer, asRefusal, leaves, type Responses } from './responses.js';
import { hadByServed, instead, isFailure, sufficing } from './enough.js';
import { decisive, news, type Reason, reasons, reasonsOfLast, undenied, upTo } from './reasons.js';
import { heldByAnother } from './taken.js';
import { asksStanding, GUARD_KINDS, isMadeFor, triggerOf, type Trigger } from './triggers.js';
import { answersToWrong } from './wrong.js';

/** One way out of the request. */
export interface Way {
  cond: F;
  why?: F;
  answer: Answer;
  place: Place;
  frame: Frame | undefined;
  from?: Frame | undefined;
  seq: number;
  kind: Exit['kind'];
  /** It is a page that only says what went wrong. */
  told?: true;
  /** The redirect that it is, where it is not written down where that leads. */
  to?: Val;
  propagated: boolean;
  /** The call that returned under the condition that decided: what answers may be made of its result elsewhere. */
  decided?: Frame | undefined;
  /** What its last condition is about. */
  triggers: Trigger[];
  atoms: Atom[];
  /** Rights that had been enough as well. */
  enough?: Reason[];
}

/** One way into the handler's body. */
export interface Entry {
  cond: F;
  given: ReadonlyMap<Atom, boolean>;
  /** What conditions are under it, as far as they were asked. */
  memo: Map<F, Truth>;
}

/** All ways of a run, judged: what they are about, which are refusals, what is taken for granted. */
export interface Ways {
  all: Way[];
  entries: Entry[];
  kinds: Map<Atom, Trigger>;
  /** Failures of the infrastructure that happen to end the request. */
  infra: Set<Atom>;
  normal: Map<Atom, boolean>;
  /** Settings without which the application does not start. */
  required: ReadonlySet<Val>;
}

export function waysOut(ev: Ev, run: Run, route: Route, found: Found, responses: Responses): Ways {
  const all: Way[] = [];
  const errors = new Set(run.answered.flatMap(c => c.errors.flatMap(leavesOf)));
  for (const e of run.exits) if (!isCrash(e)) all.push(...wayOut(ev, e, route, found, responses, errors));
  all.sort((a, b) => a.seq - b.seq);
  // A status that is made from the error that was caught, and can not be read, is none of a success.
  const caught = run.answered.map(c => conjuncts(c.cond));
  for (const w of all) {
    if (!w.answer.ok || !w.answer.unread) continue;
    const own = partsOf(w.cond);
    if (caught.some(c => c.every(f => own.has(f)))) w.answer = { ...w.answer, ok: false };
  }
  const normal = normalOperation(all, run.entries, w => isRedirect(w.answer) && inBody(w.frame, run.handler));
  const entries = run.entries.map((f): Entry => ({ cond: f, given: new Map([...normal, ...literals(f)]), memo: held(f) }));
  // Whoever is answered without the handler having run was turned away, whatever the status says.
  if (entries.length > 0)
    for (const w of [...all]) {
      if (!w.answer.ok) continue;
      const refutes = refuting(w.cond);
      const before = w.kind === 'raise' && !inBody(w.frame, run.handler);
      if (!before && !entries.every(e => truth(w.cond, a => e.given.get(a), e.memo) === false || refutes(e.cond))) continue;
      if (impossible(w.cond)) all.splice(all.indexOf(w), 1);
      else w.answer = asRefusal(w.answer);
    }

  const kinds = new Map<Atom, Trigger>();
  for (const a of allAtoms(all.map(w => w.cond))) kinds.set(a, triggerOf(a, undefined));
  const anonymous = new Assignment('anonymous', kinds);
  const signedIn = new Assignment('signedIn', kinds);
  const entitled = new Assignment('entitled', kinds, { granted: true });
  const mayPass = (f: F): boolean => entitled.of(f) === true && (anonymous.of(f) === false || signedIn.of(f) === false);
  // What has turned requests away so far: the conditions and whether by a redirect.
  const turned = new Map<F, boolean>();
  const refused: ReadonlySet<F>[] = [];
  const deciders = new Map<Way, F>();
  // `not (everything that led to another refusal)`: merely the rest of the requests.
  const leftOver = (f: F, w: Way): boolean => {
    const parts =
      f.f === 'or' && atomsIn(f).some(ofCaller) ? new Set(f.xs.map(not)) : f.f === 'not' && f.x.f === 'and' ? partsOf(f.x) : undefined;
    if (!parts) return false;
    const own = partsOf(w.cond);
    return refused.some(r => [...parts].every(p => r.has(p)) && [...r].every(p => parts.has(p) || own.has(p)));
  };
  const manner = mannerOf(all);
  const entered = new Entered(entries.map(e => e.cond));
  // What 401 was answered for, or access denied: it is about the credential, or a right, whatever other refusals make of it further on.
  const [credentials, rights] = [new Set<Atom>(), new Set<Atom>()];
  const listed = blockLists(
    all.filter(w => w.answer.ok).map(w => w.cond),
    all.filter(w => !w.answer.ok).map(w => ({ why: w.why ?? w.cond, status: w.answer.status })),
  );
  const crashed = new Set(all.filter(w => w.answer.panic).map(w => last(w.why ?? w.cond)));
  for (const w of all) {
    if (w.answer.ok) continue;
    const body = inBody(w.frame, run.handler);
    const refusing = body && !isRedirect(w.answer);
    const passed = (f: F): boolean => {
      if (leftOver(f, w) || manner(w, f) || (refusing && entered.leftOpen(f) === TRUE)) return true;
      if (listed.has(f)) return false;
      // That what is made for the answer (its page) did not crash is no reason for it.
      if (f.f === 'not' && crashed.has(f.x)) return true;
      const atom = f.f === 'not' ? f.x : f;
      const t = atom.f === 'atom' ? triggerOf(atom, undefined) : undefined;
      // That the database did its part (noted the failure, say) is no reason to refuse.
      if (f.f === 'not' && t?.infra && atom.f === 'atom' && atom.kind !== 'is') return true;
      const asked = t?.kind;
      if (
        atom.f === 'atom' &&
        ((atom.kind === 'eq' && asked === 'ownership') || (asked === 'authz' && (atom.kind === 'lt' || denies(w))))
      ) {
        // `if row.owner == me: abort(409)` let pass whoever is not the owner; `if row.owner != me: abort(403)` whoever is.
        const before = askedAnew(w.cond, f, atom) ? undefined : turned.get(not(f));
        if (mayPass(f)) return before !== undefined;
        if (before !== undefined && (!before || isRedirect(w.answer))) return true;
      }
      return mayPass(f);
    };
    let by = deciding(w.why ?? w.cond, passed);
    if (!by && w.why) by = deciding(w.cond, passed);
    // 401 asks for a credential: where a setting stands beside it (`key or DEFAULT_KEY`), the credential is what decides.
    // So it does where the setting only lets everybody in (`LOGIN_DISABLED`): that it is not set is why nobody is turned away. What the server
    // itself cannot do without is its own failure.
    if (by && (w.answer.status === 401 || (isUnset(by) && !isFailure(w))) && decisive(by).every(ofServer))
      by = deciding(w.why ?? w.cond, f => !decisive(f).some(ofCaller) || passed(f)) ?? by;
    // Where the handler asks nothing more than what let the request in, its redirect is its answer.
    const own = by && isRedirect(w.answer) && body ? entered.leftOpen(by) : by;
    if (own === TRUE) {
      w.answer = { ...w.answer, ok: true };
      continue;
    }
    w.decided = parts(by).flatMap(x => ev.decided.get(x) ?? [])[0];
    for (const x of parts(by)) if (!turned.has(x)) turned.set(x, isRedirect(w.answer));
    refused.push(partsOf(w.cond));
    const told = by && own ? saidBy(w, by, own) : [];
    [w.atoms, w.triggers] = [told.map(r => r.atom), told.map(r => r.trigger)];
    // Who comes this far has shown a credential: it is what else is asked for that turns him away.
    if (w.atoms.some(a => !credentials.has(a))) {
      w.triggers = w.triggers.filter((_, i) => !credentials.has(w.atoms[i] as Atom));
      w.atoms = w.atoms.filter(a => !credentials.has(a));
    }
    if (by) deciders.set(w, by);
    const [only] = w.triggers;
    const enough = only?.kind === 'authz' && w.triggers.length === 1 && !only.inverted && by ? instead(w, by, turned) : undefined;
    if (enough) {
      w.atoms = [enough];
      w.triggers = [{ kind: 'authn', requires: [] }];
    }
    if (only?.kind === 'ownership' && heldByAnother(w, turned)) w.triggers = [{ kind: 'existence', requires: [], taken: true }];
    w.atoms.forEach((a, i) => {
      const t = w.triggers[i];
      if (!t || credentials.has(a)) return;
      if (w.answer.status === 401 && t.kind === 'authn') credentials.add(a);
      // Whom another answer denies access for it (`suspended`) is not let in because the rest fails without it, or is told otherwise.
      if ((t.infra && kinds.get(a)?.denies) || (t.kind === 'state' && rights.has(a))) return;
      if (denies(w) && (t.kind === 'authz' || t.kind === 'ownership')) rights.add(a);
      if ((a.name !== MISSED || !t.infra) && (t.inverted || t.kind === 'state' || !listed.has(not(a)))) kinds.set(a, t);
    });
    if (w.answer.status === 401 && w.triggers.some(t => t.kind === 'authn')) {
      w.atoms = w.atoms.filter((_, i) => w.triggers[i]?.kind !== 'state');
      w.triggers = w.triggers.filter(t => t.kind !== 'state');
    }
    // `find(..).await.ok().flatten().ok_or(..)`: that the database may be down as well is no reason of its own.
    if (w.triggers.some(t => !t.infra)) {
      w.atoms = w.atoms.filter((_, i) => !w.triggers[i]?.infra);
      w.triggers = w.triggers.filter(t => !t.infra);
    }
  }
  // An earlier refusal of those whom the credential names (403: the account is disabled) is not about what makes it one.
  for (const w of all) {
    const known = (a: Atom): boolean => credentials.has(a) || (isMadeFor(a) && w.atoms.some(asksStanding));
    if (w.answer.status === 401 || w.atoms.every(known)) continue;
    w.triggers = w.triggers.filter((_, i) => !known(w.atoms[i] as Atom));
    w.atoms = w.atoms.filter(a => !known(a));
  }
  hadByServed(all, kinds);
  for (const a of onlyFailed(all, kinds)) kinds.set(a, { kind: 'state', requires: [] });
  // A redirect that the handler itself gives to those whom its guards let pass is its answer (after a form was posted, say).
  const nobody = new Assignment('anonymous', kinds);
  const entitledNow = new Assignment('entitled', kinds, { granted: true, given: existing(all, kinds) });
  const merely = leadingOf(all, run);
  // Where the other side of the last question is told that access is denied, the redirect says so in another manner.
  const denials = new Set(all.filter(denies).map(w => w.cond));
  const manners = (f: F): boolean => atomsIn(f).every(a => a.args.every(v => (prov(v) & ~Prov.Header) === 0));
  const denied = (w: Way): boolean => w.cond.f === 'and' && manners(w.cond.x) && denials.has(and(w.cond.prev, not(w.cond.x)));
  // Where what fits is refused, the redirect is what the others are served with.
  const wrong = new Set(all.flatMap(w => w.atoms.filter((_, i) => !isRedirect(w.answer) && w.triggers[i]?.backwards)));
  const keeps = (w: Way, k: Trigger['kind']): boolean => (k === 'authn' ? nobody.of(w.cond) !== false : entitledNow.of(w.cond) === false);
  const turnsAway = (w: Way): boolean =>
    !merely(w) &&
    !w.atoms.some(a => wrong.has(a)) &&
    w.triggers.some(t => (t.secret && !t.backwards) || (GUARD_KINDS.has(t.kind) && keeps(w, t.kind)));
  for (const w of all)
    if (isRedirect(w.answer) && !w.answer.ok && inBody(w.frame, run.handler) && !turnsAway(w) && !denied(w))
      w.answer = { ...w.answer, ok: true };
  // Where a page says of everything else that it went wrong, it is the answer to those who have a right to one.
  const answers = (w: Way): boolean => isRedirect(w.answer) && inBody(w.frame, run.handler) && entitledNow.of(w.cond) !== false;
  if (all.some(w => w.told) && !all.some(w => w.answer.ok)) for (const w of all) if (answers(w)) w.answer = { ...w.answer, ok: true };

  for (const [w, atoms] of answersToWrong(all, kinds)) {
    w.answer = asRefusal(w.answer);
    w.atoms = atoms;
    w.triggers = [{ kind: 'input', requires: [], secret: true }];
  }

  const infra = infrastructure(all, kinds);
  for (const [a, v] of closed(
    entries,
    all.filter(w => w.answer.ok),
    kinds,
    { ignored: infra, given: normal },
  ))
    normal.set(a, v);
  for (const e of entries) {
    e.given = new Map([...normal, ...literals(e.cond)]);
    e.memo = held(e.cond);
  }
  const ways: Ways = { all, entries, kinds, infra, normal, required: ev.required };
  sufficing(ways, deciders, turned);
  return ways;
}

/** Does the condition deny itself? (What is asked about, and stands in the answer, is chosen twice: `if error: return error`.) */
const impossible = (f: F): boolean => possible(f, new Map()) === false;

/** Of several answers those that can be given at all: `Err(Denied) => .., Err(e) => Err(e)` gives the first error never as the second. */
const likely = <A extends { cond: F }>(answers: A[]): A[] => (answers.length > 1 ? answers.filter(a => !impossible(a.cond)) : answers);

/** What `own`, which is left of the part `by` of its condition, says of a way out. */
function saidBy(w: Way, by: F, own: F): readonly Reason[] {
  const at = upTo(by, w.cond) ?? (w.why && upTo(by, w.why));
  const { status } = w.answer;
  const left = undenied(own, w.cond);
  if (left === by && at) return reasonsOfLast(at, status);
  return reasons(left, status, at && news(at));
}

/** A condition and its alternatives. */
const parts = (f: F | undefined): F[] => (f?.f === 'or' ? [f, ...f.xs] : f ? [f] : []);

function wayOut(ev: Ev, e: Exit, route: Route, found: Found, responses: Responses, errors: ReadonlySet<Val>): Way[] {
  let v: Val = e.val;
  let raised = e.kind === 'raise';
  const base = {
    place: e.place,
    frame: e.frame,
    from: e.from,
    seq: e.seq,
    kind: e.kind,
    propagated: e.propagated === true,
    triggers: [],
    atoms: [],
  };
  if (e.kind === 'panic') return [{ ...base, cond: e.cond, answer: { ok: false, panic: true } }];
  const out: Way[] = [];
  for (const first of likely(leaves(v, e.cond).flatMap(l => responses.apart(l)))) {
    if (isInnerResponse(first.val) || (e.some && first.val.t === 'const' && first.val.v === null)) continue;
    v = first.val;
    raised = e.kind === 'raise';
    if (raised && v.t === 'sym' && v.path === '?') continue;
    const handled = raised ? found.onError?.(ev, v, route) : undefined;
    if (handled) {
      v = handled;
      raised = false;
    }
    if (found.render) v = found.render(ev, v, route);
    const made: Way[] = [];
    for (const l of likely(leaves(v, first.cond).flatMap(x => responses.apart(x)))) {
      if (isInnerResponse(l.val)) continue;
      const given = named(responses.answer(l.val, raised), found);
      // A page that an error handler makes in place of the endpoint's answer lets nobody in, whatever its status.
      // Nor does one that only says what went wrong.
      const told = given.ok && tells(l.val, errors) ? true : undefined;
      const answer = told || (given.ok && handled) ? asRefusal(given) : given;
      // A handled error is turned away where it was raised, not where the handler makes the page.
      const born =
        e.kind === 'raise'
          ? { place: first.place ?? e.place, frame: first.frame ?? e.frame }
          : { place: first.place ?? l.place ?? e.place, frame: first.frame ?? l.frame ?? e.frame };
      // A failed lookup that is turned into one of several answers: that it failed, and then which error it was.
      const both = first.why && l.why && first.why !== l.why ? and(first.why, l.why) : (first.why ?? l.why);
      const why = handled ? (first.why ?? first.cond) : found.render ? both : (l.why ?? first.why);
      const seq = Math.min(first.seq ?? e.seq, e.seq);
      made.push({
        ...base,
        seq,
        cond: l.cond,
        ...(told ? { told } : {}),
        ...(answer.redirect?.includes('{}') ? { to: l.val } : {}),
        ...(why ? { why } : {}),
        answer,
        place: born.place,
        frame: born.frame ?? e.frame,
      });
    }
    const [one] = made;
    if (one && made.length > 1 && made.every(w => sameAnswer(w.answer, one.answer) && onlyManners(w.cond, first.cond)))
      out.push({ ...one, cond: first.cond, why: handled ? one.why : first.why });
    else out.push(...made);
  }
  return out;
}

const sameAnswer = (a: Answer, b: Answer): boolean =>
  a.ok === b.ok && a.status === b.status && a.redirect === b.redirect && a.panic === b.panic && a.unread === b.unread;

/** Whether what was asked since `before` is in which form the client wants the answer. */
function onlyManners(f: F, before: F): boolean {
  const known = new Set(conjuncts(before));
  return conjuncts(f).every(
    x => known.has(x) || atomsIn(x).every(a => a.args.every(v => (prov(v) & ~Prov.Header) === 0) && a.args.some(v => prov(v))),
  );
}

/** `url_for("login")` in a redirect is the path of that endpoint. */
function named(a: Answer, found: Found): Answer {
  if (!a.redirect?.startsWith('@')) return a;
  const name = a.redirect.slice(1);
  return { ...a, redirect: found.endpointPath?.(name) ?? name };
}

/** Was `f` one of several things of which any was enough before it is asked by itself? */
function askedAnew(cond: F, f: F, atom: Atom): boolean {
  const parts = conjuncts(cond);
  const known = new Map(parts.flatMap((x): [F, boolean][] => (x === f ? [] : x.f === 'not' ? [[x.x, false]] : [[x, true]])));
  // `if form.valid: if row.owner == me: return ..`: where the rest holds, what is left over says `f` and no more.
  const says = (yes: boolean, x: F): Truth => truth(x, a => (a === atom ? yes : known.get(a)), new Map());
  const restates = (x: F): boolean => says(f === atom, x) === true && says(f !== atom, x) === false;
  return parts
    .slice(0, parts.indexOf(f))
    .some(x => x.f !== 'atom' && !(x.f === 'not' && x.x.f === 'atom') && atomsIn(x).includes(atom) && !restates(x));
}

/** Does the answer say that access is denied? */
const denies = (w: Way): boolean => w.answer.status === 401 || w.answer.status === 403;

const ofServer = (a: Atom): boolean => a.args.every(v => (prov(v) & ~(Prov.Setting | Prov.State)) === 0);
const isUnset = (f: F): boolean =>
  f.f === 'not' && f.x.f === 'atom' && f.x.kind === 'truthy' && f.x.args.every(v => prov(v) === Prov.Setting);
const ofCaller = (a: Atom): boolean => a.args.some(v => prov(v) & (Prov.Credential | Prov.Header));

export const isRedirect = (a: Refusal): boolean => a.redirect !== undefined || ((a.status ?? 0) >= 300 && (a.status ?? 0) < 400);

/** Status, target and error of an answer, as the contract has them. */
export const plain = (a: Answer): Refusal => ({
  ...(a.status !== undefined ? { status: a.status } : {}),
  ...(a.redirect !== undefined ? { redirect: a.redirect } : {}),
  ...(a.panic ? { panic: true } : {}),
  ...(a.error !== undefined ? { error: a.error } : {}),
});
