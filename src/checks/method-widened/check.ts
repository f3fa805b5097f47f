import { templateKey } from '../../contract/path-template.js';
import { atStake, changesState } from '../../findings/severity.js';
import type { Check, Draft } from '../types.js';
import { handlerPlace } from '../say.js';

export const check: Check = {
  meta: {
    id: 'method-widened',
    title: 'The port answers more methods than the original',
    description:
      'A handler that the original gave to named methods answers others as well, among them those that a link or an image can send.',
    cwe: [650],
    severity: 'warning',
    score: 5.4,
    precision: 'high',
    help: 'Register the handler for the methods of the original only.',
  },
  run(ctx) {
    const drafts: Draft[] = [];
    const byPath = new Map<string, string[]>();
    for (const p of ctx.match.pairs) {
      const k = templateKey(p.python.path);
      byPath.set(k, [...(byPath.get(k) ?? []), p.python.method]);
    }
    const seen = new Set<object>();
    for (const pair of ctx.match.pairs) {
      const { python, rust } = pair;
      if (python.method !== '*' && rust.method === '*' && !seen.has(rust)) {
        seen.add(rust);
        const methods = [...new Set(byPath.get(templateKey(python.path)))].sort();
        drafts.push({
          subject: pair,
          severity: changesState(python) ? 'warning' : 'note',
          atStake: atStake(python, rust),
          invariant: 'methods',
          message: `the port answers every method here; the original answers ${methods.join(', ')} only`,
          python: [{ ...python.route, says: `registered for ${methods.join(', ')}` }],
          rust: [{ ...rust.route, says: 'registered for every method' }],
          help: this.meta.help,
        });
      }
    }
    const byHandler = new Map(ctx.match.pairs.map(p => [`${p.rust.handler} ${templateKey(p.rust.path)}`, p]));
    for (const extra of ctx.match.extra) {
      const pair = byHandler.get(`${extra.handler} ${templateKey(extra.path)}`);
      if (!pair) continue;
      const grave = changesState(pair.python) && atStake(pair.python, extra) !== 'read';
      drafts.push({
        subject: extra,
        severity: grave ? 'warning' : 'note',
        atStake: atStake(pair.python, extra),
        invariant: 'methods',
        message: `\`${extra.handler}\` answers ${extra.method}, too; the original has it for ${pair.python.method} only`,
        python: [{ ...pair.python.route, says: `registered for ${pair.python.method}` }],
        rust: [{ ...extra.route, says: `registered for ${extra.method}` }, handlerPlace(extra, 'the handler')],
        help: this.meta.help,
        claims: ['extra'],
      });
    }
    return drafts;
  },
};
