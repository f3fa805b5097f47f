import { atStake, changesState } from '../../findings/severity.js';
import { hiddenGuards, PROTECTIVE, working } from '../protection.js';
import { guardPlaces, handlerPlace, names } from '../say.js';
import type { Check } from '../types.js';

export const check: Check = {
  meta: {
    id: 'endpoint-extra',
    title: 'The port has an endpoint that the original does not have',
    description:
      'A route without a counterpart widens what can be reached. It is a warning when nothing guards it and it changes something.',
    cwe: [1125, 306],
    severity: 'warning',
    score: 5.3,
    precision: 'medium',
    help: 'Remove the route, guard it as its neighbours are, or declare an alias when it is a renamed endpoint of the original.',
  },
  run(ctx) {
    return ctx.match.extra
      .filter(e => !ctx.claimed(e, 'extra'))
      .map(e => {
        const guards = PROTECTIVE.flatMap(k => working(e, k));
        const access = e.access.anonymous.verdict;
        const unclear = access === 'unknown' || (access === 'admitted' && guards.length === 0 && hiddenGuards(e).length > 0);
        const open = !unclear && access === 'admitted';
        const grave = open && changesState(e);
        const guarded = open
          ? 'no guard stands before it'
          : unclear
            ? 'whether it is guarded could not be decided'
            : `guarded by ${names(guards.map(g => g.name)) || 'a refusal'}`;
        return {
          subject: e,
          severity: grave ? 'warning' : 'note',
          verdict: unclear ? 'cannot-tell' : 'differs',
          persona: open ? ('anonymous' as const) : undefined,
          atStake: atStake(e),
          invariant: 'absent',
          message: `the original has no such endpoint; ${guarded}${e.when ? ` (only with \`${e.when}\`)` : ''}`,
          python: [],
          rust: [handlerPlace(e, `\`${e.handler}\` answers it`), ...guards.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 1))],
          help: grave ? this.meta.help : undefined,
          claims: ['all'],
        };
      });
  },
};
