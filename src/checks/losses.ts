/** What the guard checks share: each takes the losses of its own sort, pair by pair, and words them. */
import type { EffectKind, Evidence } from '../contract/types.js';
import { atStake } from '../findings/severity.js';
import type { Severity } from '../findings/types.js';
import type { Pair } from '../match/types.js';
import { type Loss, TRIGGER } from './protection.js';
import { guardPlaces, kind, names, persona } from './say.js';
import type { Area, Context, Draft } from './types.js';

/** The losses of these sorts that nothing has accounted for, with the pair. Those that are not certain are left to `unverified`. */
export function ofSort(ctx: Context, sorts: readonly Loss['how'][]): { pair: Pair; loss: Loss }[] {
  return ctx.match.pairs.flatMap(pair =>
    (ctx.losses.get(pair) ?? [])
      .filter(l => l.certain && sorts.includes(l.how) && !ctx.claimed(pair, 'all') && !ctx.claimed(pair, l.kind))
      .map(loss => ({ pair, loss })),
  );
}

const WHOEVER: ReadonlySet<Loss['kind']> = new Set(['csrf', 'origin', 'rate-limit']);

/** What every draft about a loss has in common. */
export function lossDraft(
  pair: Pair,
  loss: Loss,
): Pick<Draft, 'subject' | 'persona' | 'about' | 'atStake' | 'python' | 'claims' | 'invariant'> {
  return {
    subject: pair,
    persona: loss.persona,
    about: TRIGGER[loss.kind],
    atStake: atStake(pair.python, pair.rust) satisfies EffectKind,
    invariant: `${loss.kind}:${loss.how}`,
    python: pythonPlaces(pair, loss),
    // How those without a right are turned away is another matter than how often anybody may ask, and from where.
    claims: [loss.kind, ...loss.also.map(l => l.kind), ...(WHOEVER.has(loss.kind) ? [] : (['refusal'] as const))] satisfies Area[],
  };
}

function pythonPlaces(pair: Pair, loss: Loss): Evidence[] {
  if (loss.python.length > 0)
    return [...loss.python, ...loss.also.flatMap(l => l.python)].slice(0, 4).flatMap(g => guardPlaces(g).slice(0, 3));
  return loss.outcomes
    .slice(0, 2)
    .map(o => ({ ...o.location, says: `\`${pair.python.handler}\` refuses here${o.status ? ` with ${o.status}` : ''}` }));
}

/** An anonymous caller, or a signed-in one who gets past roles or ownership, is an error; what only slows down or confuses is a warning. */
export function lossSeverity(pair: Pair, loss: Loss): Severity {
  switch (loss.kind) {
    case 'rate-limit':
    case 'origin':
      return 'warning';
    case 'csrf':
      // A forged request matters where it changes something.
      return atStake(pair.python, pair.rust) === 'read' ? 'warning' : 'error';
    default:
      return 'error';
  }
}

/** ` with authorization (\`ADMIN\`) and the ownership check`, or nothing. */
export function alongWith(loss: Loss): string {
  if (loss.also.length === 0) return '';
  const parts = loss.also.map(l => {
    const asks = l.python.flatMap(g => g.requires);
    return asks.length > 0 ? `${kind(l.kind)} (${names(asks)})` : kind(l.kind);
  });
  return `; with it goes ${parts.join(' and ')}`;
}

/** `\`login_required\` keeps requests without a valid credential out`. */
export function kept(loss: Loss): string {
  const some = loss.kind === 'authz' || loss.kind === 'ownership' ? 'some of those who are signed in' : 'such requests';
  const who = loss.persona ? persona(loss.persona) : some;
  const by = [...new Set(loss.python.map(g => g.name))];
  return `${names(by) || 'the original'} ${by.length > 1 ? 'keep' : 'keeps'} ${who} out`;
}

/**
 * What guards many endpoints at once (a hook, a middleware) and has nothing to do with who is asking is one cause where it is lost. The key
 * for its finding; nothing for a guard whose loss lets somebody in, which is said for each endpoint.
 */
export function sharedCause(loss: Loss): string | undefined {
  const [g] = loss.python;
  if (!g || !WHOEVER.has(loss.kind) || loss.also.length > 0 || g.scope === 'endpoint') return undefined;
  return `${loss.kind}\0${g.name}\0${g.location.file}\0${g.location.line}`;
}

/** The guard that the port uses most for a kind elsewhere, as a hint; nothing when it has none. */
export function usual(ctx: Context, k: Loss['kind']): string | undefined {
  const known = USUAL.get(ctx) ?? new Map<Loss['kind'], string | undefined>();
  USUAL.set(ctx, known);
  if (!known.has(k)) known.set(k, mostUsed(ctx, k));
  return known.get(k);
}

/** Every finding of a kind asks the same question, and the answer takes a walk over all endpoints. */
const USUAL = new WeakMap<Context, Map<Loss['kind'], string | undefined>>();

function mostUsed(ctx: Context, k: Loss['kind']): string | undefined {
  const uses = new Map<string, number>();
  for (const e of ctx.rust.endpoints) {
    const names = new Set(e.guards.filter(g => g.kind === k && g.strength === 'required' && !g.afterEffect).map(g => g.name));
    for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const [best] = [...uses].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (!best) return undefined;
  return `${best[1]} other ${best[1] === 1 ? 'endpoint of the port has' : 'endpoints of the port have'} \`${best[0]}\` for this`;
}
