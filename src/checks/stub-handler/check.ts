import { atStake } from '../../findings/severity.js';
import { handlerPlace } from '../say.js';
import type { Check } from '../types.js';

export const check: Check = {
  meta: {
    id: 'stub-handler',
    title: 'The handler of the port is a placeholder',
    description:
      'The route exists in the port and its handler does nothing of what the original does: neither its work nor its checks were ported.',
    cwe: [1068, 862],
    severity: 'error',
    score: 6.5,
    precision: 'very-high',
    help: 'Port the body together with its guards before the route is served.',
  },
  run(ctx) {
    return ctx.match.pairs
      .filter(p => p.rust.stub && !p.python.stub)
      .map(pair => ({
        subject: pair,
        severity: 'error',
        atStake: atStake(pair.python, pair.rust),
        invariant: 'implemented',
        message: `the handler \`${pair.rust.handler}\` is a placeholder: ${pair.rust.stub!.says}`,
        python: [handlerPlace(pair.python, `\`${pair.python.handler}\` does the work in the original`)],
        rust: [{ ...pair.rust.stub!.location, says: pair.rust.stub!.says }],
        help: this.meta.help,
        claims: ['all'],
      }));
  },
};
