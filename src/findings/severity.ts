/** How grave a finding is: who gets in (anonymous above signed-in), and what the handler does. */
import type { EffectKind, Endpoint, Persona } from '../contract/types.js';
import type { Finding, Severity } from './types.js';

const RANK: Record<Severity, number> = { error: 3, warning: 2, note: 1 };

/** 3 for error, 2 for warning, 1 for note. */
export const severityRank = (s: Severity): number => RANK[s];

const STAKE: Record<EffectKind, number> = { execute: 5, delete: 4, write: 3, send: 2, read: 1 };

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'WS']);

/**
 * The gravest effect of a handler on either side: a port that still is a placeholder has none of its own, but what it will do is
 * what the original does. Without any known effect the method decides.
 */
export function atStake(...endpoints: (Endpoint | undefined)[]): EffectKind {
  let best: EffectKind | undefined;
  for (const e of endpoints) {
    for (const f of e?.effects ?? []) if (!best || STAKE[f.kind] > STAKE[best]) best = f.kind;
  }
  const method = endpoints.find(Boolean)?.method ?? 'GET';
  const byMethod: EffectKind = method === 'DELETE' ? 'delete' : SAFE.has(method) || method === '*' ? 'read' : 'write';
  return best && STAKE[best] > STAKE[byMethod] ? best : byMethod;
}

/** Whether a request changes something: by its method, or by what its handler is seen to do. */
export function changesState(e: Endpoint): boolean {
  return atStake(e) !== 'read';
}

const PERSONA: Record<Persona, number> = { anonymous: 3, signedIn: 2, entitled: 1 };

/** Orders findings: severity, then who is concerned, then what is at stake, then endpoint, rule and fingerprint. */
export function compareFindings(a: Finding, b: Finding): number {
  const who = (f: Finding): number => (f.persona ? PERSONA[f.persona] : 0);
  const stake = (f: Finding): number => (f.atStake ? STAKE[f.atStake] : 0);
  return (
    RANK[b.severity] - RANK[a.severity] ||
    who(b) - who(a) ||
    stake(b) - stake(a) ||
    compareText(a.endpoint.path, b.endpoint.path) ||
    compareText(a.endpoint.method, b.endpoint.method) ||
    compareText(a.rule, b.rule) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/** By code unit, so that the order does not depend on the locale of the machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
