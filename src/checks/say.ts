/** The words that checks share: refusals, guards and handlers as a reader sees them. Names are quoted with backticks. */
import type { Endpoint, Evidence, Guard, Ineffective, IneffectiveReason, Persona, Refusal, Verdict } from '../contract/types.js';

/** `303 → /login`, `403`, `a panic`, `an error (\`Forbidden\`)`. Empty when nothing is known. */
export function refusal(r: Refusal | undefined): string {
  if (!r) return '';
  if (r.panic) return 'a panic';
  if (r.redirect !== undefined) return r.status !== undefined ? `${r.status} → ${r.redirect}` : `a redirect to ${r.redirect}`;
  if (r.status !== undefined) return String(r.status);
  return r.error ? `an error (\`${r.error}\`)` : '';
}

const PERSONA: Record<Persona, string> = {
  anonymous: 'requests without a valid credential',
  signedIn: 'anyone who is signed in',
  entitled: 'those who are entitled',
};

export const persona = (p: Persona): string => PERSONA[p];

/** `refuses with 303 → /login`, `admits`, `unknown`. */
export function verdict(v: Verdict): string {
  if (v.verdict !== 'refused') return v.verdict;
  const how = refusal(v);
  return how ? `refused, ${how}` : 'refused';
}

const KIND: Record<string, string> = {
  authn: 'authentication',
  authz: 'authorization',
  ownership: 'the ownership check',
  csrf: 'the CSRF check',
  origin: 'the origin check',
  'rate-limit': 'the rate limit',
  signature: 'the signature check',
};

export const kind = (k: string): string => KIND[k] ?? k;

/** `\`a\``, `\`a\` and \`b\``, `\`a\`, \`b\` and 3 more`. */
export function names(all: readonly string[]): string {
  const unique = [...new Set(all)];
  const shown = unique.slice(0, 3).map(n => `\`${n}\``);
  if (unique.length > 3) return `${shown.join(', ')} and ${unique.length - 3} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}

const REASON: Record<IneffectiveReason, string> = {
  'above-route': 'it stands above the decorator that registers the route, which registers the bare handler',
  'layer-order': 'it is attached to the router where it does not cover this route',
  'optional-unchecked': 'it yields an optional identity that nothing checks',
  'logs-only': 'when it fails, the request goes on',
  'always-passes': 'it can not fail',
  'wrong-polarity': 'it refuses those whom it should admit, and admits the others',
  'verdict-dropped': 'its verdict is thrown away',
  'not-awaited': 'it is never awaited, so that it does not run',
  'dead-code': 'the code never runs',
  'cfg-gated': 'it is compiled only under a condition',
  'commented-out': 'it stands in a comment',
  'after-effect': 'it runs after the effect that it should prevent',
  'presence-only': 'it tests only that a credential is there, not that it is valid',
  'signature-unverified': 'it reads the token without verifying the signature, so that anybody can write one',
  'password-unverified': 'it takes the name of an account without the password that belongs to it',
  'fail-open': 'it can be switched off, by a setting that is not there or by what is sent',
  'duplicate-route': 'the route is registered a second time without it',
  'not-registered': 'it is defined and never attached',
  swallowed: 'its refusal is caught and dropped',
};

export const reason = (r: IneffectiveReason): string => REASON[r];

/** Places of a guard: what it does, then why that is claimed. */
export function guardPlaces(g: Guard): Evidence[] {
  const how = [...new Set(g.rejects.map(refusal).filter(Boolean))].join(', ');
  const asks = g.requires.length > 0 ? ` without ${g.requires.join(' and ')}` : '';
  const says =
    g.strength === 'optional'
      ? `\`${g.name}\` reads the identity, if there is one`
      : `\`${g.name}\` refuses${asks}${how ? ` with ${how}` : ''}`;
  return distinct([{ ...g.location, says }, ...g.evidence]);
}

export function ineffectivePlaces(i: Ineffective): Evidence[] {
  const what = i.reason === 'layer-order' ? 'does not protect this route' : 'protects nothing';
  return distinct([{ ...i.location, says: `\`${i.name}\` ${what}: ${REASON[i.reason]}` }, ...i.evidence]);
}

/** The definition of a handler, with what is to be said about it. */
export function handlerPlace(e: Endpoint, says: string): Evidence {
  return { ...e.location, says };
}

/** The first evidence of each place. */
export function distinct(all: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return all.filter(e => {
    const k = `${e.file}:${e.line}`;
    return !seen.has(k) && seen.add(k);
  });
}
