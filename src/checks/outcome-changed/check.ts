import { atStake } from '../../findings/severity.js';
import type { EndpointRef } from '../../findings/types.js';
import { answers, type OutcomeChange, outcomeChanges, reasonText } from '../outcomes.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'outcome-changed',
    title: 'The port answers an error with another status',
    description: 'The same condition leads to an error on both sides, with another status, another target, or a panic in the port.',
    cwe: [755, 248],
    severity: 'warning',
    score: 3.1,
    precision: 'medium',
    help: 'Answer with the status of the original, or declare the change.',
  },
  run(ctx) {
    return ctx.match.pairs.flatMap(pair =>
      outcomeChanges(ctx, pair)
        .filter(c => c.instead.length > 0)
        .map((c): Draft => {
          const from = answers(c.lost);
          const to = answers(c.instead);
          const text = c.byLibrary
            ? `the libraries answer invalid input otherwise: ${from} in the original, ${to} in the port`
            : `the original answers ${reasonText(c)} with ${from}; the port answers with ${to}`;
          return {
            subject: pair,
            severity: severity(c),
            atStake: atStake(pair.python, pair.rust),
            about: c.trigger,
            invariant: `outcome:${c.trigger}${c.byLibrary ? ':library' : ''}`,
            message: text,
            python: c.lost.slice(0, 3).map(o => ({ ...o.location, says: `answers ${reasonText(c)} with ${answers([o])}` })),
            rust: c.instead.slice(0, 3).map(o => ({ ...o.location, says: `answers ${reasonText(c)} with ${answers([o])}` })),
            help: this.meta.help,
            group: {
              key: `${c.trigger}\0${c.byLibrary}\0${from}\0${to}`,
              least: c.byLibrary ? 2 : 3,
              message: (all: EndpointRef[]) => `${text}, on ${all.length} endpoints`,
            },
          };
        }),
    );
  },
};

function severity(c: OutcomeChange): 'warning' | 'note' {
  if (c.byLibrary) return 'note';
  if (c.instead.some(o => o.panic)) return 'warning';
  if (c.trigger === 'state' || c.trigger === 'other') return 'note';
  // A status among the client's errors that a library chose, or one server error for another, misleads nobody.
  if (c.instead.every(o => o.via === 'framework' || o.via === 'extractor')) return 'note';
  return c.lost.every(o => (o.status ?? 0) >= 500) ? 'note' : 'warning';
}
