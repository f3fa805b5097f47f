import type { Gap } from '../../contract/types.js';
import { atStake } from '../../findings/severity.js';
import type { EndpointRef } from '../../findings/types.js';
import { hiddenGuards, TRIGGER } from '../protection.js';
import { guardPlaces, handlerPlace, kind, names } from '../say.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'unverified',
    title: 'Whether a protection was kept could not be decided',
    description:
      'Something that was not understood stands where the guard would be. Nothing is claimed to be missing, and nothing to be there.',
    cwe: [862],
    severity: 'warning',
    score: 4,
    precision: 'medium',
    help: 'Read the place by hand, or write the guard so that it can be resolved.',
  },
  run(ctx) {
    const drafts: Draft[] = [];
    for (const pair of ctx.match.pairs) {
      if (ctx.claimed(pair, 'all')) continue;
      const open = (ctx.losses.get(pair) ?? []).filter(l => !l.certain && !ctx.claimed(pair, l.kind));
      const [first] = open;
      if (first) {
        const gaps = hiddenGuards(pair.rust);
        const kinds = [...new Set(open.flatMap(l => [l, ...l.also]).map(l => kind(l.kind)))].join(' and ');
        const by = names(first.python.map(g => g.name));
        const why = gaps[0]?.says ?? reasonOf(first.how, pair.rust.access[first.persona ?? 'anonymous'].why);
        const cause: Pick<Gap, 'location'> | undefined = gaps[0] ?? first.rust[0];
        drafts.push({
          subject: pair,
          severity: 'warning',
          verdict: 'cannot-tell',
          persona: first.persona,
          atStake: atStake(pair.python, pair.rust),
          about: TRIGGER[first.kind],
          invariant: `unverified:${first.kind}`,
          message: `whether the port keeps ${kinds}${by ? ` (${by})` : ''} cannot be told: ${why}`,
          python: first.python.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 2)),
          rust: [
            ...gaps.slice(0, 3).map(g => ({ ...g.location, says: g.says })),
            ...first.rust.slice(0, 2).flatMap(g => guardPlaces(g).slice(0, 1)),
            handlerPlace(pair.rust, 'the handler'),
          ],
          help: this.meta.help,
          claims: open.map(l => l.kind),
          group: cause && {
            key: `rust\0${cause.location.file}\0${cause.location.line}\0${first.kind}`,
            least: 2,
            message: (all: EndpointRef[]) => `whether the port keeps ${kinds} cannot be told for ${all.length} endpoints: ${why}`,
          },
        });
        continue;
      }
      const gap = hiddenGuards(pair.python)[0];
      const who = (['anonymous', 'signedIn'] as const).find(
        p => pair.python.access[p].verdict === 'unknown' && pair.rust.access[p].verdict === 'admitted',
      );
      if (!gap || !who || ctx.claimed(pair, 'authn')) continue;
      drafts.push({
        subject: pair,
        severity: 'note',
        verdict: 'cannot-tell',
        persona: who,
        atStake: atStake(pair.python, pair.rust),
        invariant: 'unverified:original',
        message: `what the original asks for cannot be told: ${gap.says}`,
        python: [{ ...gap.location, says: gap.says }],
        rust: [handlerPlace(pair.rust, 'the handler')],
        help: this.meta.help,
        group: {
          key: `python\0${gap.location.file}\0${gap.location.line}`,
          least: 2,
          message: (all: EndpointRef[]) => `what the original asks for on ${all.length} endpoints cannot be told: ${gap.says}`,
        },
      });
    }
    return drafts;
  },
};

function reasonOf(how: string, why: string | undefined): string {
  if (why) return why;
  return how === 'requires'
    ? 'which role or permission it asks for could not be read'
    : 'it refuses some requests, for a reason that could not be classed';
}
