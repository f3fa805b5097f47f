import { PERSONAS } from '../../contract/types.js';
import { atStake } from '../../findings/severity.js';
import { handlerPlace, persona, verdict } from '../say.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'duplicate-route',
    title: 'The port has a route twice',
    description:
      'Two registrations answer the same method and path (perhaps apart from a slash at the end). Which one is reached depends on the framework.',
    cwe: [1041, 288],
    severity: 'warning',
    score: 5.3,
    precision: 'medium',
    help: 'Keep one registration.',
    oneSided: true,
  },
  run(ctx) {
    const drafts: Draft[] = [];
    for (const [first, ...rest] of ctx.match.duplicates.values()) {
      const pair = ctx.match.pairs.find(p => p.rust === first);
      for (const other of rest) {
        if (!first || pair === undefined ? false : ctx.claimed(pair, 'all')) continue;
        const who = PERSONAS.find(p => first!.access[p].verdict === 'refused' && other.access[p].verdict === 'admitted');
        if (!who && first!.handler === other.handler) continue;
        const differs = who ? `; it admits ${persona(who)}, whom the other one refuses (${verdict(first!.access[who])})` : '';
        drafts.push({
          subject: pair ?? first!,
          severity: who ? 'warning' : 'note',
          persona: who,
          atStake: atStake(first, other),
          invariant: `duplicate:${other.handler}`,
          message: `\`${other.handler}\` is registered for the same method and path as \`${first!.handler}\`${differs}`,
          python: pair ? [handlerPlace(pair.python, 'the original has it once')] : [],
          rust: [
            { ...other.route, says: `registers \`${other.handler}\`` },
            { ...first!.route, says: `registers \`${first!.handler}\`` },
          ],
          help: this.meta.help,
        });
      }
    }
    return drafts;
  },
};
