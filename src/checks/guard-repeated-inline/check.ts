import type { Endpoint, Guard } from '../../contract/types.js';
import { endpointKey } from '../../contract/path-template.js';
import { compareText } from '../../findings/severity.js';
import { guardPlaces, refusal } from '../say.js';
import type { Check, Draft } from '../types.js';

/** How many handlers must repeat a guard before it is worth a word. */
const LEAST = 4;

export const check: Check = {
  meta: {
    id: 'guard-repeated-inline',
    title: 'The same guard is written into many handlers',
    description:
      'Each handler calls it for itself, and the next handler may forget to. An extractor in the signature cannot be forgotten silently.',
    cwe: [1041],
    severity: 'note',
    precision: 'high',
    help: 'Make it an extractor and take it in the signature of each handler.',
    oneSided: true,
  },
  run(ctx) {
    const by = new Map<string, Map<Endpoint, Guard>>();
    for (const e of ctx.rust.endpoints) {
      for (const g of e.guards) {
        if (g.via !== 'inline' || g.strength !== 'required' || (g.kind !== 'authn' && g.kind !== 'authz')) continue;
        const key = `${g.kind}\0${g.name}\0${g.rejects.map(refusal).sort().join(' ')}`;
        by.set(key, (by.get(key) ?? new Map<Endpoint, Guard>()).set(e, g));
      }
    }
    const trait = ctx.rust.frameworks.some(f => f.name.startsWith('actix')) ? 'FromRequest' : 'FromRequestParts';
    const drafts: Draft[] = [];
    for (const [key, uses] of [...by].sort(([a], [b]) => compareText(a, b))) {
      const handlers = new Set([...uses.keys()].map(e => e.handler));
      if (handlers.size < LEAST) continue;
      const [kind, name = ''] = key.split('\0');
      const extractor = extractorName(name, kind === 'authz');
      const text = `\`${name}\` is called at the top of ${handlers.size} handlers; as an extractor (\`${extractor}: ${trait}\`) it would stand in their signatures`;
      for (const e of [...uses.keys()].sort((a, b) => compareText(endpointKey(a), endpointKey(b)))) {
        drafts.push({
          subject: e,
          severity: 'note',
          invariant: `inline:${key}`,
          message: text,
          python: [],
          rust: guardPlaces(uses.get(e)!).slice(0, 2),
          help: `implement \`${trait}\` for \`${extractor}\` and take it as a parameter`,
          group: { key, least: 1, message: () => text },
        });
      }
    }
    return drafts;
  },
};

/** `require_user_id` becomes `RequireUserId`; what is no identifier gets a name after what it tests. */
function extractorName(name: string, authz: boolean): string {
  const last = name.split(/::|\./).at(-1) ?? '';
  const camel = (last.match(/[A-Za-z0-9]+/g) ?? []).map(w => w[0]!.toUpperCase() + w.slice(1)).join('');
  return /^[A-Z]\w*$/.test(camel) && /^\w+$/.test(last) ? camel : authz ? 'Authorized' : 'CurrentUser';
}
