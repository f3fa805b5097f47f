import { type Endpoint, PERSONAS, type Persona } from '../../contract/types.js';
import { atStake } from '../../findings/severity.js';
import type { EndpointRef } from '../../findings/types.js';
import { hiddenGuards } from '../protection.js';
import { guardPlaces, handlerPlace, names, persona, verdict } from '../say.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'access-tightened',
    title: 'The port refuses somebody whom the original admits',
    description: 'Nobody new gets in, but callers who were served by the original are turned away by the port.',
    cwe: [],
    severity: 'warning',
    precision: 'high',
    help: 'Make the identity optional, or ask for no more than the original, if those callers are still to be served.',
  },
  run(ctx) {
    const drafts: Draft[] = [];
    for (const pair of ctx.match.pairs) {
      const { python, rust } = pair;
      if (ctx.claimed(pair, 'all') || hiddenGuards(python).length > 0) continue;
      // What whichever method meets says little of the one of the original.
      if (rust.method === '*' && python.method !== '*') continue;
      // A check with the wrong polarity refuses those whom it should admit: that is said of the check.
      if (ctx.losses.get(pair)?.some(l => l.ineffective?.reason === 'wrong-polarity')) continue;
      // Who carries less is refused with more reason: the first persona says what the others would repeat.
      const who = PERSONAS.find(p => python.access[p].verdict === 'admitted' && rust.access[p].verdict === 'refused');
      if (!who) continue;
      const guards = deciding(rust, who);
      const named = [...new Set(guards.map(g => g.name))];
      const by =
        named.length > 0 ? `${names(named)} ${named.length > 1 ? 'turn' : 'turns'} them away in the port` : 'the port turns them away';
      const how = verdict(rust.access[who]);
      drafts.push({
        subject: pair,
        severity: 'warning',
        persona: who,
        atStake: atStake(python, rust),
        invariant: `admits:${who}`,
        message: `the original serves ${persona(who)}; ${by} (${how})`,
        python: [handlerPlace(python, `\`${python.handler}\` serves them`)],
        rust: [...guards.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 2)), handlerPlace(rust, 'the handler')],
        help: this.meta.help,
        // Where nobody at all gets in, what the handler would answer is not met, either.
        claims: who === 'entitled' ? ['refusal', 'outcomes'] : ['refusal'],
        group: {
          key: `${who}\0${by}`,
          least: 3,
          message: (all: EndpointRef[]) => `on ${all.length} endpoints the original serves ${persona(who)}; ${by} (${how})`,
        },
      });
    }
    return drafts;
  },
};

/** The guards that turn this persona away: the first that asks for a credential, else the first that asks for more. */
function deciding(e: Endpoint, who: Persona) {
  const required = e.guards.filter(g => g.strength === 'required');
  const kinds = who === 'anonymous' ? ['authn', 'signature', 'authz', 'ownership', 'other'] : ['authz', 'ownership', 'other', 'state'];
  for (const k of kinds) {
    const of = required.filter(g => g.kind === k);
    if (of.length > 0) return of;
  }
  return [];
}
