import { lossDraft, lossSeverity, ofSort } from '../losses.js';
import { guardPlaces, ineffectivePlaces, kind, names } from '../say.js';
import type { Check } from '../types.js';

export const check: Check = {
  meta: {
    id: 'effect-before-guard',
    title: 'The port acts before it checks',
    description: 'The guard is there and refuses, but the handler has written, deleted or sent before it runs: the refusal comes too late.',
    cwe: [696, 862],
    severity: 'error',
    score: 8.1,
    precision: 'high',
    help: 'Move the check before the first effect, best into an extractor, which always runs before the body.',
  },
  run(ctx) {
    return ofSort(ctx, ['after-effect']).map(({ pair, loss }) => {
      const first = pair.rust.effects.find(f => f.kind !== 'read');
      const late = pair.rust.outcomes.filter(o => loss.outcomes.length > 0 && o.secret);
      const guard =
        late.length > 0
          ? 'the check of the password'
          : loss.rust.length > 0
            ? names(loss.rust.map(g => g.name))
            : `\`${loss.ineffective?.name ?? 'the check'}\``;
      return {
        ...lossDraft(pair, loss),
        severity: lossSeverity(pair, loss),
        message: `${guard} runs after the handler's first effect${first ? ` (${first.kind}${first.name ? `, \`${first.name}\`` : ''})` : ''}; the original makes ${kind(loss.kind)} come first`,
        rust: [
          ...(first ? [{ ...first.location, says: `the first effect: ${first.kind}${first.name ? `, \`${first.name}\`` : ''}` }] : []),
          ...loss.rust.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 2)),
          ...late.slice(0, 2).map(o => ({ ...o.location, says: 'a wrong password is refused here' })),
          ...(loss.ineffective && loss.rust.length === 0 ? ineffectivePlaces(loss.ineffective) : []),
        ],
        help: this.meta.help,
      };
    });
  },
};
