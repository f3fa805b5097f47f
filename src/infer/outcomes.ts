/** Every exit that is not success, with its status and what triggers it. */
import type { Location, Outcome, Trigger as OutcomeTrigger } from '../contract/types.js';
import type { Atom, Place } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov } from '../program/values.js';
import { mayBeLeftOut, ofAccount } from './account.js';
import { ofEach } from './asked.js';
import { opening } from './open.js';
import { mentions, SECRET } from './passwords.js';
import { GUARD_KINDS } from './triggers.js';
import { plain, type Way, type Ways } from './ways.js';

const OUTCOME: Record<string, OutcomeTrigger> = {
  authn: 'credential',
  authz: 'authz',
  ownership: 'ownership',
  csrf: 'csrf',
  'rate-limit': 'rate-limit',
  origin: 'origin',
  signature: 'signature',
  input: 'input',
  existence: 'existence',
  state: 'state',
};

/** @param late whether a way out comes after the handler's first effect */
export function outcomesOf(ways: Ways, late: (w: Way) => boolean, where: (p: Place) => Location): Outcome[] {
  const out: Outcome[] = [];
  const seen = new Map<string, Outcome>();
  for (const w of ways.all) {
    if (w.answer.ok) continue;
    // Among several reasons, the one that is about the caller says most.
    const first =
      w.triggers.find(t => t.kind === 'authn' || t.kind === 'authz' || t.kind === 'ownership') ??
      w.triggers.find(t => GUARD_KINDS.has(t.kind)) ??
      w.triggers.find(t => t.kind !== 'state' && t.kind !== 'other') ??
      w.triggers[0];
    const trigger = OUTCOME[first?.kind ?? 'other'] ?? 'other';
    const status = w.answer.status;
    if (w.propagated && (status ?? 500) >= 500 && w.atoms.every(a => ways.infra.has(a)) && !w.atoms.some(a => forRow(a))) continue;
    const secret = w.triggers.some(t => t.secret) && !isKey(w);
    const credential = (status === 401 && WEAK.has(trigger)) || secret;
    const refined: OutcomeTrigger =
      status === 409 || (trigger === 'existence' && (status ?? 500) < 500 && isTaken(w))
        ? 'conflict'
        : credential
          ? 'credential'
          : status === 404 && (trigger === 'state' || trigger === 'other')
            ? 'existence'
            : trigger === 'existence' && crashes(w, ways)
              ? 'other'
              : trigger;
    const settings = settingsOf(w);
    const account = w.atoms.every(a => ways.infra.has(a)) || mayBeLeftOut(w, ways) ? [] : ofAccount(w, refined === 'credential');
    const switches = secret || account.length > 0 ? opening([w], ways, 'authn') : {};
    const o: Outcome = {
      ...plain(w.answer),
      trigger: refined,
      via:
        refined === 'input' && byExtractor(w)
          ? 'extractor'
          : w.kind === 'panic'
            ? 'panic'
            : w.propagated
              ? 'propagate'
              : w.kind === 'raise'
                ? 'raise'
                : 'return',
      ...(secret ? { secret, ...(late(w) ? { afterEffect: true } : {}) } : {}),
      ...(account.length > 0 ? { account } : {}),
      ...switches,
      ...(w.triggers.some(t => t.kind === 'state' && t.backwards) ? { own: true } : {}),
      ...(settings.length > 0 ? { settings } : {}),
      ...(status === 401 && !secret && !w.atoms.some(aboutRequest) ? { unclear: true } : {}),
      location: where(w.place),
    };
    const key = JSON.stringify([o.status, o.redirect, o.trigger, o.via, o.secret, o.own, o.location.file, o.location.line]);
    const known = seen.get(key);
    if (known) addAccount(known, o);
    else {
      seen.set(key, o);
      out.push(o);
    }
  }
  return out;
}

/** The same answer from the same place is also about what else the account has to be. */
function addAccount(to: Outcome, o: Outcome): void {
  if (!o.account) return;
  const alone = !to.account && !to.secret;
  for (const k of ['unless', 'waived'] as const)
    if (alone && o[k] !== undefined) to[k] = o[k];
    else if (o[k] === undefined) delete to[k];
  to.account = [...new Set([...(to.account ?? []), ...o.account])].sort();
}

/** The settings that are asked about, where nothing else is. */
function settingsOf(w: Way): string[] {
  if (!w.atoms.every(a => a.args.every(v => (prov(v) & ~Prov.Setting) === 0))) return [];
  return [...new Set(w.atoms.flatMap(a => a.args.flatMap(v => (v.t === 'sym' || v.t === 'attr' ? [v.name] : []))))].sort();
}

/** It is refused because there is such a row already, as was found or as the database says. */
const isTaken = (w: Way): boolean =>
  w.atoms.some(a => a.kind === 'raises' && CLASH.test(a.name ?? '')) || w.triggers.every(t => t.kind !== 'existence' || t.taken === true);

const CLASH = /(Integrity|Unique|Duplicate)\w*$/;

const aboutRequest = (a: Atom): boolean => a.args.some(v => (prov(v) & (Prov.Input | Prov.Credential)) !== 0);

/**
 * Of rows that are gone through one by one, what was sent is the key by which one is found, where 404 says that there is none. A password
 * is no key: it is held against that of whoever was found.
 */
const isKey = (w: Way): boolean =>
  w.answer.status === 404 && w.atoms.every((a, i) => !w.triggers[i]?.secret || (a.args.some(ofEach) && !mentions(SECRET, a.args)));

/** Reasons that say little beside the status 401, which speaks of credentials. */
const WEAK: ReadonlySet<OutcomeTrigger> = new Set(['input', 'existence', 'state', 'other']);

/** A server error that only the infrastructure causes. A query for exactly one row fails when there is none, too. */
function crashes(w: Way, ways: Ways): boolean {
  if (w.answer.panic || (w.answer.status ?? 500) < 500 || w.atoms.length === 0) return false;
  return w.atoms.every(a => ways.infra.has(a) && !forRow(a));
}

const forRow = (a: Atom): boolean => a.args.some(v => v.t === 'call' && v.query?.misses === 'fails');

const byExtractor = (w: Way): boolean => {
  for (let f = w.frame; f; f = f.parent) if (f.role?.startsWith('extractor')) return true;
  return false;
};
