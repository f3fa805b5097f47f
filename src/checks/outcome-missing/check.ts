import { atStake } from '../../findings/severity.js';
import type { EndpointRef } from '../../findings/types.js';
import type { Pair } from '../../match/types.js';
import { answers, type OutcomeChange, outcomeChanges, reasonText } from '../outcomes.js';
import { handlerPlace, refusal } from '../say.js';
import type { Check } from '../types.js';

/** Elsewhere the two languages word the same failure too differently for an absence to mean something. */
const JUDGED = new Set(['credential', 'existence', 'input', 'conflict']);

/** A hook or middleware that closes the application for a while is as plain as any guard. */
const closes = (pair: Pair, c: OutcomeChange): boolean =>
  c.trigger === 'state' &&
  c.lost.some(o =>
    pair.python.guards.some(g => g.kind === 'state' && g.via !== 'inline' && g.rejects.some(r => refusal(r) === refusal(o))),
  );

export const check: Check = {
  meta: {
    id: 'outcome-missing',
    title: 'An error path of the original is missing in the port',
    description: 'The original answers a missing row, bad input or a conflict with an error, and the port has no exit for it.',
    cwe: [754, 20],
    severity: 'warning',
    score: 4.3,
    precision: 'medium',
    help: 'Test the same condition in the port and answer as the original does.',
  },
  run(ctx) {
    return ctx.match.pairs.flatMap(pair =>
      outcomeChanges(ctx, pair)
        .filter(c => c.instead.length === 0 && (JUDGED.has(c.trigger) || c.of || closes(pair, c)))
        .map(c => ({
          subject: pair,
          severity: 'warning' as const,
          atStake: atStake(pair.python, pair.rust),
          about: c.trigger,
          invariant: `outcome:${c.of ?? c.trigger}`,
          message: `the original answers ${reasonText(c)} with ${answers(c.lost)}; the port has no such exit`,
          python: c.lost.slice(0, 4).map(o => ({ ...o.location, says: `answers ${reasonText(c)} with ${answers([o])}` })),
          rust: [handlerPlace(pair.rust, `\`${pair.rust.handler}\` has no exit with ${answers(c.lost)}`)],
          help: this.meta.help,
          group: {
            // One helper of the original that many handlers share is one cause.
            key: `${c.of ?? c.trigger}\0${answers(c.lost)}\0${c.lost[0]!.location.file}\0${c.lost[0]!.location.line}`,
            least: 3,
            message: (all: EndpointRef[]) =>
              `the original answers ${reasonText(c)} with ${answers(c.lost)} on ${all.length} endpoints where the port has no such exit`,
          },
        })),
    );
  },
};
