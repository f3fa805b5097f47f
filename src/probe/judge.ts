/**
 * What an answer says. Pure. An answer counts as a refusal only when it cannot be anything else: by its status, by where it leads, or
 * because the same request of somebody who is entitled is served.
 */
import type { Endpoint, Guard, GuardKind, Persona, Refusal, Verdict } from '../contract/types.js';
import type { CheckResult } from '../findings/types.js';
import type { Answer } from './types.js';

/** What surrounds an answer. */
export interface Around {
  persona: Persona;
  /** The endpoint on the side that answered; absent where it has none. */
  endpoint: Endpoint | undefined;
  /** What the same side answered to the same request of somebody who is entitled; absent for that persona itself. */
  entitled: Answer | undefined;
  /** Where refusals lead, on either side (`refusalTargets`). */
  targets: readonly string[];
}

export interface Observation {
  observed: 'admitted' | 'refused' | 'unclear';
  why?: string;
}

/** Statuses by which a server says: not you. */
const NOT_YOU = new Set([401, 403, 407]);
/** Statuses that say nothing about the caller, whatever others get. */
const BUSY = new Set([408, 425, 429, 502, 503, 504]);
const ABOUT_CALLER = new Set<GuardKind>(['authn', 'authz', 'ownership']);

/** Every place to which callers are sent who are turned away, as the two contracts have them. */
export function refusalTargets(result: CheckResult): string[] {
  const all = [...result.python.endpoints, ...result.rust.endpoints].flatMap(e => refusals(e));
  return [...new Set(all.flatMap(r => r.redirect ?? []))].sort();
}

const refusals = (e: Endpoint): Refusal[] => [
  ...Object.values(e.access).filter(v => v.verdict === 'refused'),
  ...e.guards.filter(g => g.strength === 'required' && ABOUT_CALLER.has(g.kind)).flatMap(g => g.rejects),
];

export function observe(answer: Answer, around: Around): Observation {
  const { persona, endpoint, entitled, targets } = around;
  const claim = endpoint?.access[persona];
  const served = entitled !== undefined && isServed(entitled, targets);
  if ('error' in answer) return unclear(answer.error);
  if ('closed' in answer) return served || claim?.panic ? REFUSED : unclear('the connection was closed');
  const { status } = answer;
  if (status >= 200 && status < 300) return ADMITTED;
  if (BUSY.has(status)) return unclear(`${status} says nothing about the caller`);

  const same = entitled !== undefined && 'status' in entitled && entitled.status === status && entitled.location === answer.location;
  const redirect = isRedirect(status) && answer.location !== undefined;
  if (NOT_YOU.has(status) || (redirect && targets.some(t => leadsTo(answer.location!, t)))) {
    if (same && endpoint?.access.entitled.verdict !== 'refused') return unclear('those who are entitled get the same answer');
    const by = endpoint?.guards.find(
      g => !ABOUT_CALLER.has(g.kind) && g.strength === 'required' && g.rejects.some(r => r.status === status),
    );
    if (by && claim?.status !== status) return unclear(`the answer may come from another check (${by.name})`);
    return REFUSED;
  }
  if (redirect) {
    if (served && !same && 'status' in entitled && !isRedirect(entitled.status)) return REFUSED;
    const open =
      endpoint === undefined || refusals(endpoint).some(r => r.redirect === undefined && (r.status === undefined || isRedirect(r.status)));
    return open ? unclear('whether the redirect turns the caller away is not known') : ADMITTED;
  }
  if (served) return REFUSED;
  return unclear(`${status} is no answer about the caller`);
}

const ADMITTED: Observation = { observed: 'admitted' };
const REFUSED: Observation = { observed: 'refused' };
const unclear = (why: string): Observation => ({ observed: 'unclear', why });

/** Whether the answer is one of the handler: success, or a redirect that is no refusal (as after a form). */
export function isServed(a: Answer, targets: readonly string[]): boolean {
  if (!('status' in a)) return false;
  if (a.status >= 200 && a.status < 300) return true;
  return isRedirect(a.status) && a.location !== undefined && !targets.some(t => leadsTo(a.location!, t));
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400 && status !== 304;

/** Whether a location is the target that a contract names, in which `{..}` stands for anything. What follows `?` or `#` is no part of it. */
export function leadsTo(location: string, target: string): boolean {
  const pattern = bare(target.replace(/^https?:\/\/[^/]+(?=\/)/, ''))
    .split(/\{[^{}]*\}/)
    .map(s => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(bare(location));
}

function bare(path: string): string {
  const cut = path.replace(/[?#].*$/, '');
  return cut.length > 1 ? cut.replace(/\/+$/, '') || '/' : cut;
}

/** Whether the answer is what parity says of the persona; undefined when that cannot be told. */
export function agrees(claim: Verdict | undefined, answer: Answer, seen: Observation, entitled?: Verdict): boolean | undefined {
  if (!claim || claim.verdict === 'unknown' || 'error' in answer) return undefined;
  if (claim.verdict === 'admitted') return seen.observed === 'unclear' ? undefined : seen.observed === 'admitted';
  if (seen.observed === 'admitted') return false;
  // Who refuses everybody needs no contrast: the very answer that was expected is there.
  const everybody = entitled?.verdict === 'refused';
  if (seen.observed === 'unclear' && !everybody) return undefined;
  if (claim.panic) return 'closed' in answer || ('status' in answer && answer.status === 500);
  if ('closed' in answer) return false;
  if (claim.status !== undefined && claim.status !== answer.status) return false;
  if (claim.redirect !== undefined) return answer.location !== undefined && leadsTo(answer.location, claim.redirect);
  return seen.observed === 'refused' || claim.status !== undefined ? true : undefined;
}

/** Whether an endpoint lets in whoever sends any credential at all, or one that anybody can write. */
export const asksPresence = (e: Endpoint): boolean => takes(e, g => g.presenceOnly === true || g.verifies?.signature === false);

/** Whether a token that was valid once is as good as one that is. */
const takesExpired = (e: Endpoint): boolean => takes(e, g => g.verifies?.expiry === false);

const takes = (e: Endpoint, which: (g: Guard) => boolean): boolean =>
  e.access.anonymous.verdict === 'refused' && e.guards.some(g => g.kind === 'authn' && g.strength === 'required' && which(g));

/** Whether nothing is claimed of one credential that is not valid: the endpoint may be content with it. */
export const contented = (e: Endpoint, expired: boolean): boolean => asksPresence(e) || (expired && takesExpired(e));

/**
 * Whether somebody with a credential that is not valid is treated as parity says; undefined when that cannot be told. Another status than
 * for no credential at all is no disagreement.
 */
export function agreesInvalid(e: Endpoint | undefined, answer: Answer, seen: Observation, expired = false): boolean | undefined {
  const claim = e?.access.anonymous;
  if (!e || !claim || claim.verdict === 'unknown') return undefined;
  // What everybody gets says nothing of who asks, and may still be the very answer that was expected.
  if (seen.observed === 'unclear') return agrees(claim, answer, seen, e.access.entitled) || undefined;
  // It is content with any of the right name, which this one may not be.
  if (contented(e, expired)) return seen.observed === 'admitted' ? true : undefined;
  if (seen.observed === claim.verdict) return true;
  // Who sends nothing is served, and what is sent has to be valid.
  const told =
    claim.verdict === 'admitted' && 'status' in answer && e.outcomes.some(o => o.trigger === 'credential' && o.status === answer.status);
  return told;
}

/** `answers 303 → /login`, `closes the connection`, `gives no answer (..)`. */
export function answered(a: Answer): string {
  if ('closed' in a) return 'closes the connection';
  if ('error' in a) return `gives no answer (${a.error})`;
  return `answers ${a.status}${a.location !== undefined && isRedirect(a.status) ? ` → ${bare(a.location)}` : ''}`;
}
