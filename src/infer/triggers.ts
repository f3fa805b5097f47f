/** What a condition is about: who the caller is, what he may do, what he sent, what is there. */
import type { GuardKind } from '../contract/types.js';
import { type Atom, atomsOf } from '../program/formula.js';
import { prov } from '../program/make.js';
import { leavesOf } from '../program/alternatives.js';
import { MISSED } from '../program/patterns.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import { asksList, isAppointed, isListed, isOfSets, lastName, ofEach, ranksNobody } from './asked.js';
import { constantsIn } from './constants.js';
import { depth, isConversion, isCut, isHeader, isTextSent, unmade } from './depth.js';
import { isTimeClaim, ofClock } from './expiry.js';
import { failed, misses, raisedBy } from './failures.js';
import { provenance } from '../packs/provenance.js';
import { answersSecret, COMPARES, isHeld, mentions, SECRET } from './passwords.js';
import { question } from './question.js';
import { byOwnKey, chain, columnOf, countsRows, followsRows, isHidden, lookedUpBy, neverMisses, selection } from './selection.js';
import { asksOfForm } from './written.js';
import { asksOfCaller, denies, UNSERVED } from './unserved.js';

/** Kinds whose refusals protect somebody or something, whoever sends the request. */
export const GUARD_KINDS: ReadonlySet<GuardKind> = new Set(['authn', 'authz', 'ownership', 'csrf', 'rate-limit', 'origin', 'signature']);

export interface Trigger {
  kind: GuardKind;
  /** Roles, permissions, attributes that are asked for; alternatives joined with `|`. */
  requires: string[];
  /** What the request sent is held against the account's own secret (its password), as when it is changed. */
  secret?: boolean;
  /** The answer that it leads to says that access is denied. */
  denies?: boolean;
  /** What is refused is that there is such a row already. */
  taken?: boolean;
  /** Only the infrastructure makes it hold. */
  infra?: boolean;
  /** It refuses those of whom the condition holds (`if user.is_admin: abort(403)`), not those of whom it does not. */
  inverted?: boolean;
  /** What fits is refused (`if token == expected: abort(403)`, `if user.verified: abort(403)`): the check has the wrong polarity. */
  backwards?: boolean;
}

/** The answers that somebody may get who lacks a right: redirects to elsewhere, and those that deny it or the page. */
const MAY_DENY: ReadonlySet<number> = new Set([301, 302, 303, 307, 308, 401, 403, 404]);

/** Claims of a token that say whether it is valid, not what its bearer may do. Only used where the reply is 401. */
const TOKEN_CLAIM =
  /^(type|typ|token_type|token_use|iss|aud|exp|expires|expires_at|expiry|expiration|nbf|iat|sub|kind|purpose|alg(orithm)?|kid|jti|scheme|credentials|id|user_id|uid|email|username|active|is_active|enabled|disabled|is_deleted|deleted_at|revoked|is_revoked|verified|is_verified|state|status|session_state|version|token_version|session_version)$/i;

/** Claims that are of the token, whatever the reply: they have no other meaning. */
const OF_WHAT_KIND = /^(scheme|alg|kid|typ|token_?type|token_?use|jti|iss|aud|azp)$/i;

/** Claims that name the bearer, and those that every token has (RFC 7519, 4.1): one without them is none. */
const NAMES = /^(sub|subject|id|user_?id|uid|e?mail|user_?name|login|preferred_username|client[-_]?id|jti|iss|aud|exp|iat|nbf)$/i;

/** Whose a key or a session is, by the row that is kept of it. */
const HOLDER = /^(user|account|owner|member|customer)$/i;

/** What an account says of its bearer, who need not have said it. */
const TEXT = /(^|_)(user_?name|e?mail|phone|address|url)$/i;

/** Facts about the account itself: whether it may be used at all. */
const ACCOUNT =
  /^(is_)?(active|enabled|verified|confirmed|authenticated|logged_in|valid|deleted|disabled|banned|blocked|locked|suspended|anonymous|expired|revoked|email_verified|email_confirmed)$/i;

/** What the account is above others: a right, whatever is answered to those who are not (401, 400). Only used where the reply leaves it open. */
export const RANK = /^(is_?)?(admin|administrator|super_?admin|super_?user|staff|root|moderator)$/i;

/** What is against its bearer: its name breaks the tie of what such a question is left open for. */
export const AGAINST = /ban|disabled|blocked|deleted|locked|suspend|anonymous|expired|revoked|pending|must_/i;

const memo = new WeakMap<Atom, Map<number | undefined, Trigger>>();

/**
 * What an atom is about, where `status` is that of the reply it leads to (a tie-breaker between authn and authz). Ways ask most of what
 * others ask, too: it is found out once.
 */
export function triggerOf(a: Atom, status: number | undefined): Trigger {
  let of = memo.get(a);
  if (!of) memo.set(a, (of = new Map<number | undefined, Trigger>()));
  let t = of.get(status);
  if (!t) of.set(status, (t = answered(a, status)));
  return t;
}

function answered(a: Atom, status: number | undefined): Trigger {
  const t = about(a, status);
  // What stands behind the server does not answer, or not well (502 to 504, RFC 9110, 15.6), or not in time: that keeps nobody out.
  if (
    status !== undefined &&
    (status >= 502 || (status === 500 && isReply(a)) || isLate(a, status)) &&
    /^(authn|authz|ownership)$/.test(t.kind)
  )
    return { ...t, kind: 'state', requires: [] };
  if (t.kind === 'authn' && (status === 401 || status === 403)) return { ...t, denies: true };
  // What is counted in rows of the application's own, for each address or for each account, is told by the answer (429, RFC 6585, 4):
  // only that no credential was sent stays what it is.
  const counted = t.kind === 'origin' || !GUARD_KINDS.has(t.kind) || (/^(authn|authz|ownership)$/.test(t.kind) && !isSent(a));
  return status === 429 && counted ? { kind: 'rate-limit', requires: [] } : t;
}

/** Is it only about the credential as it was sent? */
const isSent = (a: Atom): boolean => a.args.every(v => !(prov(v) & Prov.External)) && Math.max(0, ...a.args.map(v => depth(v))) === 0;

function about(a: Atom, status: number | undefined): Trigger {
  const p = a.args.reduce((x, v) => x | prov(v), 0);
  const t = (kind: GuardKind, requires: string[] = []): Trigger => ({ kind, requires });
  if (p & Prov.Csrf) return t('csrf');
  if (p & Prov.Rate) return t('rate-limit');
  if (p & Prov.Signature) return t('signature');
  if (p & Prov.Input && answersSecret(a)) return { kind: 'input', requires: [], secret: true };
  const q = p & (Prov.Credential | Prov.Input) ? ofQuery(a, status) : undefined;
  if (q) return q;
  if (p & Prov.Credential && isPartOfRow(a) && status !== 401 && status !== 403) return { kind: 'existence', requires: [] };
  if (p & Prov.Credential) {
    const t = principal(a, p, status);
    return status === undefined || denies(status) || asksOfCaller(a, t.kind, t.requires, status) ? t : { kind: 'state', requires: [] };
  }
  // 401 says that a credential is missing (RFC 9110, 15.5.2): the header that was asked for is one, whatever it is called.
  if (p & Prov.Header && status === 401 && (a.kind === 'fails' || a.kind === 'truthy') && isHeader(a.args[0] as Val))
    return a.args.some(isUsual) ? t('input') : t('authn');
  if (p & Prov.Header && p & Prov.Setting && a.kind === 'eq' && (status === 401 || holdsKey(a))) return t('authn');
  // That what looks an address up has failed is not asked of who sends from it.
  if (p & Prov.Origin) return t(a.kind === 'raises' && p & Prov.External && status === 500 ? 'state' : 'origin');
  if (p & Prov.Input) {
    if (p & (Prov.External | Prov.Setting) && (a.kind === 'eq' || a.kind === 'truthy') && mentions(SECRET, a.args) && isHeld(a))
      return { kind: 'input', requires: [], secret: true };
    if (a.kind === 'raises' || a.kind === 'fails' || (a.kind === 'truthy' && p & Prov.External)) {
      const v = a.args[0];
      if (v && isConversion(v)) return t('input');
      return t(p & Prov.External || (p & Prov.State && status === 404) ? 'existence' : 'input');
    }
    return t(p & Prov.External && a.kind === 'eq' ? 'state' : 'input');
  }
  if (status === 403 && ranksNobody(a)) return t('authz');
  // Nothing that the request asked for: what the server itself needs is there, or it can not work.
  if (p & Prov.External) return t(a.kind === 'fails' && status !== undefined && status < 500 ? 'existence' : 'state');
  if (p & (Prov.Setting | Prov.State | Prov.Clock)) return t('state');
  return t('other');
}

/** Is it a header that clients send of themselves, whoever sits before them (RFC 9110, 8, 10.1.5 and 12.5)? */
const isUsual = (v: Val): boolean =>
  v.t === 'sym'
    ? /^(user-agent|accept|accept-(charset|encoding|language)|content-(encoding|language|length|type))$/i.test(v.name)
    : v.t === 'op' && v.args[0] !== undefined && isUsual(v.args[0]);

/** Is a header held against what the settings keep under the name of a key (`ADMIN_KEY`)? */
const holdsKey = (a: Atom): boolean =>
  a.args.some(v => prov(v) === Prov.Header) &&
  a.args.some(v => prov(v) === Prov.Setting && (provenance('header', settingOf(v) ?? '') & Prov.Credential) !== 0);

/** What a setting is kept under. */
function settingOf(v: Val): string | undefined {
  const x = v.t === 'op' && v.op === 'ok' ? v.args[0] : v;
  return x?.t === 'sym' ? x.name : x && lastName(x);
}

/** A query that fails: whose row it is, where the caller's identity decides which row; otherwise nothing about the caller. */
function ofQuery(a: Atom, status: number | undefined): Trigger | undefined {
  const v = a.args[0];
  // One column of a row that was found: it is about what the column is made from.
  const column = a.kind === 'truthy' && v?.t === 'item' ? columnOf(v) : undefined;
  if (column) return prov(column) & Prov.Credential ? undefined : { kind: 'existence', requires: [] };
  const asked = v && failed(v);
  const run = asked ?? (a.kind === 'fails' || a.kind === 'raises' ? v : undefined);
  const by = run && selection(run);
  if (!run || by === undefined) return undefined;
  // Which error it was: the one of a missing row, or one of the database's own.
  if ((asked && a.name !== MISSED) || neverMisses(run, a.kind === 'raises')) return { kind: 'state', requires: [], infra: true };
  // The server's own failure where one row names another: the request asked for neither.
  if (status !== undefined && status >= 500 && followsRows(run)) return { kind: 'state', requires: [], infra: true };
  // What the caller does not have yet, or has no more (`not followed`): the request can not be served, and nobody is kept out.
  if (by & Prov.Credential && by & Prov.Input && status !== undefined && UNSERVED.has(status) && !(misses(run, a) && byOwnKey(run)))
    return { kind: 'state', requires: [] };
  // What the statement does with the caller stands in a file that was not read.
  if (by & Prov.Credential && by & Prov.Input && isHidden(run)) return { kind: 'existence', requires: [] };
  if (by & Prov.Credential) return { kind: by & Prov.Input ? 'ownership' : 'authn', requires: [] };
  return { kind: by & Prov.Input ? 'existence' : 'state', requires: [] };
}

/** The one scope that a token is for says what it was made for; of those that its bearer has, one is looked for among them. */
export const isMadeFor = (a: Atom): boolean => a.kind === 'eq' && a.args.some(v => prov(v) & Prov.Credential && lastName(v) === 'scope');

/** Is it whether the account may be used at all? */
export const asksStanding = (a: Atom): boolean => a.kind === 'truthy' && ACCOUNT.test((a.args[0] && lastName(a.args[0])) ?? '');

/** Is it asked whether a part of a row is there that was found by what the request names, too (a column that may be empty, the half of a join)? */
function isPartOfRow(a: Atom): boolean {
  const v = a.args[0];
  return a.kind === 'fails' && v?.t === 'attr' && ((selection(v.of.t === 'op' ? (v.of.args[0] ?? v.of) : v.of) ?? 0) & Prov.Input) !== 0;
}

/** Something took too long: the answer says so (408, RFC 9110, 15.5.9), or the error that was caught. */
const isLate = (a: Atom, status: number): boolean =>
  status === 408 || (a.kind === 'raises' && /(^|\.)(\w*Timeout\w*|TimedOut)$/.test(a.name ?? ''));

/** Is it the status with which another server answered? */
const isReply = (a: Atom): boolean =>
  a.kind !== 'fails' && a.args.some(v => /^(status|status_code|is_success)$/.test(lastName(v) ?? '') && prov(v) & Prov.External);

/** Where `yes` speaks for the caller: what was sent fits what is kept, or the account is in order. */
export function speaksFor(a: Atom, t: Trigger): boolean {
  if ((a.kind !== 'eq' && a.kind !== 'truthy') || asksList(a.args[0])) return false;
  if (t.kind === 'ownership') return a.kind === 'eq';
  if (t.kind !== 'authn' && t.kind !== 'csrf' && t.kind !== 'signature' && !t.secret) return false;
  const last = a.args[0] && lastName(a.args[0]);
  const key = a.kind === 'eq' && a.args.some(v => prov(v) & Prov.Credential && depth(v) === 0);
  return isHeld(a) || key || (a.kind === 'truthy' && last !== undefined && IN_ORDER.test(last));
}

/** Is it the name of the state in which an account is in order (`user.status != Status.ACTIVE`)? */
const isStanding = (name: string): boolean => IN_ORDER.test(name.split('.').at(-1) as string);

const IN_ORDER = /^(is_)?(active|enabled|verified|confirmed|authenticated|logged_in|valid|email_verified|email_confirmed)$/i;

function principal(a: Atom, p: number, status: number | undefined): Trigger {
  const authn: Trigger = { kind: 'authn', requires: [] };
  const withInput = (p & Prov.Input) !== 0;
  const mine = a.args.filter(v => prov(v) & Prov.Credential);
  const others = a.args.filter(v => !(prov(v) & Prov.Credential));
  const subject = mine[0] as Val;
  const last = lastName(subject);
  const tie = last !== undefined && (OF_WHAT_KIND.test(last) || (status === 401 && (isMadeFor(a) || TOKEN_CLAIM.test(last))));
  // Data that the account lacks (no address to write to): the request can not be served, nobody is kept out.
  const part = subject.t === 'op' && subject.op === 'ok' ? subject.args[0] : subject;
  const lacks =
    (part?.t === 'attr' || (part && isColumn(part))) &&
    depth(subject) >= 2 &&
    mine.length === a.args.length &&
    (a.kind === 'fails' || (a.kind === 'truthy' && !RANK.test(last ?? '')));
  if (lacks && status !== undefined && (UNSERVED.has(status) || (status === 404 && (TEXT.test(last ?? '') || isRow(part)))))
    return { kind: 'state', requires: [] };
  // What belongs to the account by the application's own data, and the server's own failure where it is gone.
  if (lacks && status !== undefined && status >= 500) return { kind: 'state', requires: [], infra: true };
  if (asksOfForm(a, subject)) return { kind: 'state', requires: [] };
  // Whether any cookies were sent, whichever: a browser that keeps none can not be served.
  if (status !== undefined && UNSERVED.has(status) && subject.t === 'sym' && /\.cookies$/.test(subject.path ?? ''))
    return { kind: 'input', requires: [] };
  if (!withInput && (status === 401 || (status ?? 500) >= 500) && isTimeClaim(subject)) return authn;
  if (last !== undefined && ACCOUNT.test(last) && (a.kind === 'truthy' || a.kind === 'eq')) return authn;
  // The session's own token held against that of the form: what is compared is named for what it is, by the application itself.
  const unfilled = a.args.some(v => v.t === 'const' && v.v === '');
  if ((withInput || unfilled) && (a.kind === 'eq' || a.kind === 'truthy') && mentions(CSRF, a.args)) return { kind: 'csrf', requires: [] };
  // A buffer that the library fills does not say what was derived into it; a stored password is held against nothing else.
  const kept = depth(subject) > 0 && a.kind === 'eq';
  if ((withInput || kept) && (a.kind === 'eq' || a.kind === 'truthy' || answersSecret(a)) && mentions(SECRET, a.args))
    return { kind: 'input', requires: [], ...(kept || isHeld(a) || answersSecret(a) ? { secret: true } : {}) };
  // Which error it was that the library gave says how it failed, and asks for no right.
  switch (a.kind !== 'is' && (failed(subject) ?? raisedBy(subject)) ? 'raises' : a.kind) {
    case 'fails':
    case 'raises':
      // What a library raises is the server's own failure, or that of the request, whatever it was given, where the answer denies nothing.
      if (
        withInput &&
        status !== undefined &&
        (a.kind === 'raises' ? status >= 500 || UNSERVED.has(status) : depth(subject) > 1 && status >= 500)
      )
        return { kind: 'state', requires: [] };
      // 401 asks who it is, wherever the key was looked up that the credential was checked with.
      if (withInput && status !== 401) return { kind: 'ownership', requires: [] };
      // What is looked for among what the caller has is a right, whether it is asked for or taken.
      if (subject.t === 'op' && subject.op === 'find' && subject.args[0] && depth(subject.args[0]) > 1 && status !== 401) {
        const sought = constantsIn(subject.args.slice(1).flatMap(v => (v.t === 'bool' ? atomsOf(v.f).flatMap(x => x.args) : [v])));
        if (sought.length > 0) return { kind: 'authz', requires: [sought.join('|')] };
      }
      return authn;
    case 'truthy': {
      // What a library says of an object that was filled from the request (a form), where the answer denies nobody anything.
      if (withInput && status !== undefined && UNSERVED.has(status) && isAskedOfObject(subject)) return { kind: 'input', requires: [] };
      const q = isCut(subject) ? undefined : question(subject);
      // What is there or not about the caller (`already followed`), where the answer denies nobody anything.
      if (withInput && status !== undefined && UNSERVED.has(status) && isFound(subject)) return { kind: 'state', requires: [] };
      // A row that another one names, and the server's own failure where it is gone.
      if (q === undefined && withInput && status !== undefined && status >= 500 && isFound(subject)) return { kind: 'state', requires: [] };
      if (q === undefined) return withInput && depth(subject) > 1 ? { kind: 'ownership', requires: [] } : authn;
      // Where a column stands in a row is not what it holds.
      if (!withInput && NUMBER.test(q.name) && q.constants.length === 0) return status === 401 ? authn : { kind: 'authz', requires: [] };
      // Holding a secret against another one asks who it is, whatever it is held against; so does whether a session is kept for him.
      if (
        tie ||
        (!withInput && last !== undefined && (NAMES.test(last) || (q.constants.length === 0 && HOLDER.test(last)))) ||
        (!withInput && isListed(subject, q, status)) ||
        COMPARES.test(q.name) ||
        (status === 401 && q.constants.length === 0 && depth(subject) <= 2 && !RANK.test(q.name))
      )
        return authn;
      if (q.constants.length > 0) return { kind: 'authz', requires: [q.constants.join('|')] };
      if (withInput || q.withRow) return { kind: 'ownership', requires: [] };
      return { kind: 'authz', requires: isOfSets(q.name) ? [] : [q.name] };
    }
    case 'eq':
    case 'in':
    case 'lt': {
      if (others.length === 0)
        // The token that was sent is held against the one that was given to whom it names.
        return !withInput && a.kind === 'eq' && mine.some(m => depth(m) === 0)
          ? authn
          : withInput || (mine.length > 1 && mine.some(m => prov(m) & Prov.Input))
            ? { kind: 'ownership', requires: [] }
            : constantsIn(a.args).length
              ? { kind: 'authz', requires: [constantsIn(a.args).join('|')] }
              : authn;
      const other = others[0] as Val;
      const q = prov(other);
      if (a.kind === 'lt' ? a.args.some(v => ofClock(v)) : p & Prov.Clock && ofClock(other)) return authn;
      if (status === 403 && !tie && isAppointed(a, subject, other)) return { kind: 'authz', requires: constantsIn([other]) };
      // What was sent, held against what the server keeps, whoever asks for whatever.
      const sent = a.kind === 'eq' ? unmade(subject, other) : subject;
      const held = q & Prov.Setting || a.kind === 'eq' || (a.kind === 'in' && sent === a.args[0] && leavesOf(sent).some(isTextSent));
      if (depth(sent) === 0 && !(q & Prov.Input) && held) return authn;
      // So much may be asked for as there is, whoever asks.
      if (a.kind === 'lt' && p & Prov.Input && status !== undefined && UNSERVED.has(status)) return { kind: 'input', requires: [] };
      // How much there is of the caller's (tokens, sessions) is no right of his.
      if (a.kind !== 'in' && isLength(subject) && constantsIn([subject]).length === 0)
        return status === 401 ? authn : { kind: 'state', requires: [] };
      if (a.kind === 'lt' && !withInput && countsRows(subject) && (other.t !== 'const' || Number(other.v) > (beyond(a, subject) ? 0 : 1)))
        return { kind: 'state', requires: [] };
      // How far a count has come (tries, seats) is told to whom it concerns, in answers of its own (423, 507, ..); a rank is asked for in one that denies.
      if (a.kind === 'lt' && other.t === 'const' && typeof other.v === 'number' && status !== undefined && !MAY_DENY.has(status))
        return { kind: 'state', requires: [] };
      if (a.kind === 'lt' && !(q & Prov.Input) && constantsIn(others).length === 0) return authn;
      // What a token says of itself, held against a setting (by which key it was signed).
      if (status === 401 && q & Prov.Setting && !(q & Prov.Input)) return authn;
      // Another header has to name the same caller: 401 says that what was sent of him does not go together.
      if (status === 401 && q & Prov.Header && !(q & Prov.Input)) return authn;
      // A key that is sent is held against the one that is kept: that asks who it is, wherever it is kept.
      if (a.kind === 'eq' && (q & Prov.External || !(q & Prov.Input)) && isKey(subject)) return authn;
      // Which claims a token has says what kind of token it is.
      if (a.kind === 'eq' && isKeys(subject)) return authn;
      const names = constantsIn(others);
      // Of a token, held against what is kept of tokens; a rank, held against that of a name, wherever ranks are kept.
      if (tie && a.kind === 'lt' && !(q & Prov.Input)) return authn;
      // A right that is a row of its own is called what it is looked up by.
      const row = a.kind === 'lt' || depth(subject) === 0 ? [] : lookedUpBy(a.kind === 'in' && other.t === 'attr' ? other.of : other);
      if (row.length > 0) return { kind: 'authz', requires: [row.join('|')] };
      const ranked = a.kind === 'lt' && !(q & Prov.Input) && names.some(n => /[a-z]/i.test(n));
      if (q & (Prov.Input | Prov.External) && !ranked) return { kind: 'ownership', requires: [] };
      // `"sub" in claims` asks whether anybody is named, `"@" in claims["sub"]` how he is: neither is a right.
      const inside = a.kind === 'in' && !withInput && a.args[1] === subject && names.length === 1;
      if (inside && (NAMES.test(names[0] as string) || NAMES.test(last ?? ''))) return authn;
      // A rank is asked for by its name, of whatever the caller's part in it was looked up by; where one alone will do, access is denied.
      const rank = a.kind === 'in' || (names.length > 0 && (a.kind === 'lt' || status === 403));
      if (withInput && !rank) return { kind: 'ownership', requires: [] };
      const standing = a.kind === 'eq' && isMember(part) && !ofEach(part) && names.some(isStanding);
      if (tie || depth(subject) === 0 || names.length === 0 || standing) return authn;
      return { kind: 'authz', requires: [names.join('|')] };
    }
    case 'is':
      // A text, a number, an identifier of some library: how the credential is made, and no right that it carries.
      return /\.|Error|Err|Expired|Invalid|None/.test(a.name ?? '') || status === 401
        ? authn
        : { kind: 'authz', requires: [(a.name ?? '').split('::').slice(-2).join('.')] };
    default:
      return authn;
  }
}

/** Does the comparison ask for more than the number, rather than for as much? */
const beyond = (a: Atom, subject: Val): boolean => (a.args[0] === subject ? /^(>|<=)$/ : /^(<|>=)$/).test(a.name ?? '');

const isMember = (v: Val | undefined): v is Val & { t: 'attr' | 'item' } => v?.t === 'attr' || v?.t === 'item';

const NUMBER = /^\d+$/;

/** Is it another object, which belongs to this one? */
const isRow = (v: Val): boolean => 'ty' in v && v.ty !== undefined && !Array.isArray(v.ty) && v.ty.cls !== undefined;

/** A column of a row (`row['email']`). */
const isColumn = (v: Val): boolean => v.t === 'item' && v.key.t === 'const' && typeof v.key.v === 'string' && selection(v.of) !== undefined;

/** The names of what stands in a document, as a list or a set. */
const isKeys = (v: Val): boolean =>
  v.t === 'call' ? v.name === 'keys' && v.recv !== undefined : v.t === 'op' && v.args.length === 1 && isKeys(v.args[0] as Val);

const isAskedOfObject = (v: Val): boolean => v.t === 'call' && v.recv?.t === 'obj';

const isLength = (v: Val): boolean => v.t === 'op' && v.op === 'len';

/** A header that carries a key or a token as it is, rather than whose it is (`x-user-id`): its name breaks that tie. */
const isKey = (v: Val): boolean => v.t === 'sym' && v.sent === true && /auth|token|key|secret/i.test(v.name);

/** Does a chain of calls begin at the caller's own account? */
function askedOf(c: CallVal): boolean {
  const first = chain(c).at(-1) ?? c;
  return first.recv !== undefined && (prov(first.recv) & Prov.Credential) !== 0;
}

/** Is it, or is it a part of, what was looked up elsewhere than in the caller's own data? */
function isFound(v: Val): boolean {
  let x: Val | undefined = v;
  for (let i = 0; x && i < 20; i++)
    if (x.t === 'call') return !askedOf(x);
    else if (x.t === 'attr' || x.t === 'item') x = x.of;
    else if (x.t === 'op' && (x.op === 'field' || x.op === 'ok')) x = x.args[0];
    else return false;
  return false;
}

const CSRF = /csrf|xsrf|(^|_)nonce$|oauth_?state$/i;
