/** Proofs that come with the request itself, as a link that resets a password has one: where the port no longer asks for them. */
import type { Endpoint, Outcome } from '../contract/types.js';
import type { Pair } from '../match/types.js';
import type { Loss } from './protection.js';

/** What became of a proof that the original asks for, and the port does not. */
export function lostProof(pair: Pair, closed: boolean): Loss | undefined {
  const { python, rust } = pair;
  const [ours, theirs] = [python.sent, rust.sent];
  if (!ours) return undefined;
  const base = {
    kind: 'authn' as const,
    python: [],
    rust: [],
    weakenings: [],
    also: [],
    certain: closed,
    outcomes: refusals(python),
    ...(python.access.anonymous.verdict === 'admitted' ? { persona: 'anonymous' as const } : {}),
  };
  if (ours.token?.signature && theirs?.token?.signature === false) {
    const { location } = theirs.token;
    const says = 'the token is read here';
    return {
      ...base,
      how: 'ineffective',
      ineffective: {
        kind: 'authn',
        name: rust.handler,
        reason: 'signature-unverified',
        location,
        evidence: [{ says, ...location }],
      },
    };
  }
  if (ours.token?.expiry && theirs?.token?.expiry === false) return { ...base, how: 'expiry' };
  // Where the proof stands in for a credential, a port that insists on the credential lets nobody new in.
  const instead = python.guards.some(g => g.kind === 'authn' && g.strength === 'optional');
  if (instead && python.access.anonymous.verdict === 'admitted' && rust.access.anonymous.verdict === 'refused') return undefined;
  const unasked = ours.proofs.filter(name => !asks(pair, name));
  return unasked.length > 0 && (ours.token?.signature || opens(python)) ? { ...base, how: 'missing', unasked } : undefined;
}

/** How the original answers to what does not prove anything. */
const refusals = (e: Endpoint): Outcome[] =>
  e.outcomes.filter(o => o.trigger === 'existence' || o.trigger === 'state' || o.trigger === 'credential');

/** Nothing but what is sent keeps anybody from changing something. */
const opens = (e: Endpoint): boolean =>
  e.access.anonymous.verdict === 'admitted' && e.effects.some(f => f.kind !== 'read' && f.kind !== 'send');

/** Whether the port asks for it, perhaps under another name. */
function asks({ python, rust }: Pair, name: string): boolean {
  const theirs = new Set((rust.sent?.asked ?? []).map(plain));
  const at = params(python).indexOf(name);
  const own = at < 0 ? name : (params(rust)[at] ?? name);
  if (theirs.has('*') || theirs.has(plain(own))) return true;
  // It may have another name, where the port has none like this and asks for something of which the original does not.
  const known = new Set([...(python.sent?.asked ?? []), ...params(rust)].map(plain));
  return !rust.inputs.some(i => plain(i.name) === plain(own)) && [...theirs].some(n => !known.has(n));
}

const params = (e: Endpoint): string[] => [...e.path.matchAll(/\{(\w+)\*?\}/g)].map(m => m[1] as string);

/** `resetToken` and `reset_token` are one name. */
const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();
