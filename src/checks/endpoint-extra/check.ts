import { atStake, changesState } from '../../findings/severity.js';
import { hiddenGuards, PROTECTIVE, working } from '../protection.js';
import { guardPlaces, handlerPlace, names } from '../say.js';
import type { Check, Context, Draft } from '../types.js';

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
    return [...alone(ctx), ...always(ctx)];
  },
};

/** Endpoints that the original has only where a setting says so, and the port always. */
function always(ctx: Context): Draft[] {
  if (ctx.rust.gaps.some(g => g.hides.includes('endpoints'))) return [];
  return ctx.match.pairs.flatMap((pair): Draft[] => {
    const { python, rust } = pair;
    const asked =
      rust.outcomes.some(o => o.settings !== undefined || (o.trigger === 'state' && (o.status ?? 500) < 500)) ||
      rust.guards.some(g => g.kind === 'state');
    if (!python.when || rust.when || python.implicit || asked) return [];
    const text = `the original has it only with \`${python.when}\`; the port always has it`;
    return [
      {
        subject: pair,
        severity: 'warning',
        atStake: atStake(python, rust),
        invariant: 'always',
        message: text,
        python: [{ ...python.route, says: `registered only with \`${python.when}\`` }],
        rust: [{ ...rust.route, says: 'registered whatever is set' }],
        help: 'register the route under the same condition, or leave it out',
        group: { key: python.when, least: 2, message: all => `${text}, on ${all.length} endpoints` },
      },
    ];
  });
}

function alone(ctx: Context): Draft[] {
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
        help: grave ? check.meta.help : undefined,
        claims: ['all'],
      };
    });
}
