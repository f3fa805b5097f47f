import type { EndpointRef } from '../../findings/types.js';
import { atStake } from '../../findings/severity.js';
import { catchAll } from '../../match/catch-all.js';
import { suggestions } from '../../match/similar.js';
import type { Check } from '../types.js';
import { guardPlaces, handlerPlace } from '../say.js';
import { PROTECTIVE } from '../protection.js';

export const check: Check = {
  meta: {
    id: 'endpoint-missing',
    title: 'The port does not have an endpoint of the original',
    description: 'Requests that the original answers meet no route in the port. All that belongs to the endpoint is lost with it.',
    cwe: [439],
    severity: 'warning',
    precision: 'high',
    help: 'Port the endpoint with its guards, or declare an alias when it was renamed.',
  },
  run(ctx) {
    const hidden = ctx.rust.gaps.filter(g => g.hides.includes('endpoints'));
    const unclear = hidden.length > 0 || ctx.rust.coverage.unresolved > 0;
    const nearest = suggestions(ctx.match.missing.length, ctx.match.extra);
    return ctx.match.missing.map(e => {
      const caught = unclear ? undefined : catchAll(e, ctx.rust.endpoints);
      const near = caught ? undefined : nearest(e);
      const by = caught && `only \`${caught.method} ${caught.path}\` answers there`;
      const guards = e.guards.filter(g => g.strength === 'required' && (PROTECTIVE as readonly string[]).includes(g.kind));
      return {
        subject: e,
        severity: 'warning',
        verdict: unclear ? 'cannot-tell' : 'differs',
        atStake: atStake(e),
        invariant: 'exists',
        message: unclear
          ? 'no such route was found in the port, but not all of its routes could be resolved'
          : `the port has no such route${by ? `; ${by}` : ''}`,
        python: [
          handlerPlace(e, `\`${e.handler}\` answers this in the original`),
          ...guards.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 1)),
        ],
        rust: caught
          ? [{ ...caught.route, says: by ?? '' }]
          : near
            ? [{ ...near.route, says: `\`${near.method} ${near.path}\` comes nearest` }]
            : hidden.slice(0, 3).map(g => ({ ...g.location, says: g.says })),
        help: near
          ? `did you mean \`${near.method} ${near.path}\`? If it is the same endpoint, declare the alias \`${e.path}\` → \`${near.path}\``
          : this.meta.help,
        claims: ['all'],
        // Where the routers could not be read, one cause hides all of them.
        group:
          unclear && !near
            ? { key: 'unresolved', least: 3, message: unresolved }
            : by
              ? { key: by, least: 3, message: all => `the port has no routes for ${all.length} endpoints of the original; ${by}` }
              : undefined,
      };
    });
  },
};

const unresolved = (all: EndpointRef[]): string =>
  `no such routes were found in the port for ${all.length} endpoints, but not all of its routes could be resolved`;
