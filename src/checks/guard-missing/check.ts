import { alongWith, kept, lossDraft, lossSeverity, ofSort, sharedCause, usual } from '../losses.js';
import { handlerPlace, kind, names, refusal } from '../say.js';
import type { Pair } from '../../match/types.js';
import { answers } from '../outcomes.js';
import type { Loss } from '../protection.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'guard-missing',
    title: 'A guard of the original is missing in the port',
    description: 'The original turns somebody away before the handler does anything, and the port lets them in.',
    cwe: [862, 306],
    severity: 'error',
    score: 9.1,
    precision: 'high',
    help: 'Put the guard before the handler: an extractor in its signature, or a layer that covers its route.',
  },
  run(ctx) {
    return ofSort(ctx, ['missing']).map(({ pair, loss }) => {
      const how = refusal(loss.python[0]?.rejects[0]);
      const asks = names(loss.python.flatMap(g => g.requires));
      if (loss.outcomes.length > 0) return noSecret(pair, loss, this.meta.help);
      const lets = loss.persona !== undefined && pair.rust.access[loss.persona].verdict !== 'refused';
      const message =
        `${kept(loss)}${asks ? ` (asks for ${asks})` : ''}${how ? ` with ${how}` : ''}; ` +
        `the port has lost ${kind(loss.kind)}${lets ? ' and lets them in' : ''}${alongWith(loss)}`;
      const shared = sharedCause(loss);
      return {
        ...lossDraft(pair, loss),
        severity: lossSeverity(pair, loss),
        message,
        rust: [
          handlerPlace(pair.rust, `no guard of this kind stands before \`${pair.rust.handler}\``),
          { ...pair.rust.route, says: 'the route' },
        ],
        help: usual(ctx, loss.kind) ?? this.meta.help,
        group: shared === undefined ? undefined : { key: shared, least: 3, message: all => `${message}, on ${all.length} endpoints` },
      };
    });
  },
};

function noSecret(pair: Pair, loss: Loss, help: string): Draft {
  const what = loss.unasked ? names(loss.unasked) : 'password';
  return {
    ...lossDraft(pair, loss),
    severity: lossSeverity(pair, loss),
    message: `\`${pair.python.handler}\` refuses a wrong ${what} with ${answers(loss.outcomes)}; ${
      loss.unasked ? 'the port asks nothing of it' : 'the port holds what was sent against none'
    }${alongWith(loss)}`,
    rust: [handlerPlace(pair.rust, loss.unasked ? `nothing depends on ${what}` : `no password is checked in \`${pair.rust.handler}\``)],
    help,
  };
}
