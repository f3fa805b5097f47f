import type { Pair } from '../../match/types.js';
import { enforced, working } from '../protection.js';
import { requirementsOf } from '../requirements.js';
import { guardPlaces } from '../say.js';
import type { Check } from '../types.js';

export const check: Check = {
  meta: {
    id: 'requirement-renamed',
    title: 'A role or permission has another name in the port',
    description:
      'Wherever the original asks for one word the port asks for another, everywhere the same. It is taken for a renaming, and said so that it can be confirmed.',
    cwe: [],
    severity: 'note',
    precision: 'medium',
    help: 'Confirm that both words mean the same group of people.',
    oneSided: true,
  },
  run(ctx) {
    return [...ctx.vocabulary].flatMap(([from, to]) => {
      const uses = ctx.match.pairs.filter(p => asks(p, 'python', from) && asks(p, 'rust', to));
      const [first] = uses;
      if (!first) return [];
      const text = (side: 'python' | 'rust', word: string): string =>
        requirementsOf(guards(first, side)).find(r => r.any.length === 1 && r.any[0] === word)?.text ?? word;
      const message = `the port asks for \`${text('rust', to)}\` wherever the original asks for \`${text('python', from)}\` (${uses.length} endpoints)`;
      return uses.map(pair => ({
        subject: pair,
        severity: 'note' as const,
        invariant: `renamed:${from}:${to}`,
        message,
        python: guards(pair, 'python')
          .slice(0, 1)
          .flatMap(g => guardPlaces(g).slice(0, 2)),
        rust: guards(pair, 'rust')
          .slice(0, 1)
          .flatMap(g => guardPlaces(g).slice(0, 2)),
        help: this.meta.help,
        group: { key: `${from}\0${to}`, least: 1, message: () => message },
      }));
    });
  },
};

const guards = (p: Pair, side: 'python' | 'rust') => (side === 'python' ? enforced(p.python, 'authz') : working(p.rust, 'authz'));
const asks = (p: Pair, side: 'python' | 'rust', word: string): boolean =>
  requirementsOf(guards(p, side)).some(r => r.any.length === 1 && r.any[0] === word);
