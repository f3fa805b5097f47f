import type { Pair } from '../../match/types.js';
import { alongWith, kept, lossDraft, lossSeverity, ofSort, usual } from '../losses.js';
import type { Loss } from '../protection.js';
import type { Weakening } from '../requirements.js';
import { guardPlaces, handlerPlace, kind, names, refusal } from '../say.js';
import type { Check, Context, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'guard-weakened',
    title: 'A guard of the port asks for less',
    description: 'The guard of the original has a counterpart in the port, which is optional, or asks for another or a wider role.',
    cwe: [863, 285],
    severity: 'error',
    score: 8.1,
    precision: 'high',
    help: 'Ask for the same credential, role or permission as the original.',
  },
  run(ctx) {
    return ofSort(ctx, ['optional', 'step', 'requires', 'alternative', 'replaced', 'identity', 'expiry']).flatMap(
      ({ pair, loss }) => DRAFT[loss.how]?.(pair, loss, ctx) ?? [],
    );
  },
};

type Sort = Exclude<Loss['how'], 'missing' | 'ineffective' | 'after-effect'>;

const lacking = (loss: Loss): string =>
  loss.rust.length > 0 && loss.rust.every(g => g.by === 'keys')
    ? "the port compares the row's own number with the caller's"
    : 'the port has no such check';

const DRAFT: Record<string, ((pair: Pair, loss: Loss, ctx: Context) => Draft[]) | undefined> = {
  optional: (pair, loss) => [
    {
      ...lossDraft(pair, loss),
      severity: lossSeverity(pair, loss),
      message: `${kept(loss)}; in the port the identity is optional (${names(loss.rust.map(g => g.name))}) and the request goes on without it${alongWith(loss)}`,
      rust: rustPlaces(pair, loss),
      help: 'take the identity itself instead of an optional one, or return the refusal when it is absent',
    },
  ],
  step: (pair, loss) => {
    const by = new Set(loss.python.map(g => g.name));
    const text = `${names([...by]) || 'the original'} ${by.size > 1 ? 'turn' : 'turns'} away some of those who ${by.size > 0 ? 'are signed in' : 'sign in'}, with ${refusal(loss.outcomes[0] ?? loss.python[0]?.rejects[0])}; ${lacking(loss)}${
      loss.kind === 'authn' ? ' of the account' : ''
    }`;
    const asked = loss.outcomes.map(o => `${o.location.file}:${o.location.line}`).sort();
    return [
      {
        ...lossDraft(pair, loss),
        severity: lossSeverity(pair, loss),
        message: text,
        rust: rustPlaces(pair, loss),
        help: loss.kind === 'authn' ? 'ask of the account what the original asks' : 'make both checks, as the original does',
        // What one check asks of every account is one cause where it is lost.
        ...(asked.length > 0 && by.size > 0
          ? { group: { key: `account\0${asked.join()}`, least: 2, message: all => `${text}, on ${all.length} endpoints` } }
          : {}),
      },
    ];
  },
  alternative: (pair, loss) => {
    const asks = names(loss.python.flatMap(g => g.requires)) || kind(loss.kind);
    const instead = pair.python.access.signedIn.verdict === 'refused' ? 'another right is enough' : 'others do';
    return [
      {
        ...lossDraft(pair, loss),
        severity: lossSeverity(pair, loss),
        message: `in the original nobody gets past ${names(loss.python.map(g => g.name))} without ${asks}; in the port ${instead} (${names(loss.rust.map(g => g.name))})`,
        rust: rustPlaces(pair, loss),
        help: 'ask for it whatever other rights the caller has',
      },
    ];
  },
  requires: (pair, loss) =>
    loss.weakenings.map(w => ({
      ...lossDraft(pair, loss),
      invariant: `${loss.kind}:requires:${w.wanted.any.join('|')}`,
      severity: lossSeverity(pair, loss),
      message: requirementMessage(w),
      rust: rustPlaces(pair, loss),
      help: `ask for \`${w.wanted.text}\` as the original does`,
    })),
  replaced: (pair, loss) => [
    {
      ...lossDraft(pair, loss),
      severity: 'warning',
      message: `the original makes ${kind(loss.kind)} (${names(loss.python.map(g => g.name))}); the port makes ${names(loss.rust.map(g => g.name))} instead, which keeps others out`,
      rust: rustPlaces(pair, loss),
      help: 'decide by the same thing as the original: a role is not the same as ownership of the resource',
    },
  ],
  expiry: (pair, loss) => {
    const [ours, theirs] = [names(loss.python.map(g => g.name)), names(loss.rust.map(g => g.name))].map(
      (by, i) => by || `\`${i === 0 ? pair.python.handler : pair.rust.handler}\``,
    );
    const text = `${ours} turns away credentials that have expired; ${theirs} in the port takes them for ever`;
    return [
      {
        ...lossDraft(pair, loss),
        severity: 'warning',
        message: text,
        rust: rustPlaces(pair, loss),
        help: 'hold the time at which the credential expires against the clock, as the original does',
        // How others are turned away is another matter.
        claims: [],
        group: {
          key: (loss.rust.length > 0 ? loss.rust : [pair.rust]).map(g => `${g.location.file}:${g.location.line}`).join(),
          least: 2,
          message: all => `${text}, on ${all.length} endpoints`,
        },
      },
    ];
  },
  identity: (pair, loss, ctx) => {
    const read = loss.python.some(g => g.unused === false);
    return [
      {
        ...lossDraft(pair, loss),
        severity: read ? 'warning' : 'note',
        message: `the original reads who is asking (${names(loss.python.map(g => g.name))}, optional); the port does not look`,
        rust: rustPlaces(pair, loss),
        help: usual(ctx, 'authn') ?? 'take the identity as an optional extractor',
      },
    ];
  },
} satisfies Record<Sort, (pair: Pair, loss: Loss, ctx: Context) => Draft[]>;

function requirementMessage(w: Weakening): string {
  const got = names(w.got.map(r => r.text));
  if (w.how === 'widened') return `the original asks for \`${w.wanted.text}\`; the port also lets in others: ${got}`;
  if (w.how === 'replaced') return `the original asks for \`${w.wanted.text}\`; the port asks for ${got} instead`;
  return `the original asks for \`${w.wanted.text}\`, which the port does not ask for`;
}

function rustPlaces(pair: Pair, loss: Loss) {
  const guards = loss.rust.slice(0, 3).flatMap(g => guardPlaces(g).slice(0, 2));
  return [handlerPlace(pair.rust, guards.length > 0 ? 'the handler' : `\`${pair.rust.handler}\` has no guard of this kind`), ...guards];
}
