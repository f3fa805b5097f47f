/** Error handlers of Bottle: each answers for one status, and the status stays unless the handler gives a response of its own. */
import type { Responses } from '../../../infer/responses.js';
import { mapped } from '../../../program/alternatives.js';
import { callback } from '../../../program/calls.js';
import { type Ev, quietly } from '../../../program/ev.js';
import type { Place } from '../../../program/formula.js';
import { args as mkArgs, constant, ext, sym } from '../../../program/make.js';
import { inherits } from '../../../program/tries.js';
import { Prov, type Val } from '../../../program/values.js';

/**
 * The answer of the handler that is registered for the status of `raised`; undefined where there is none.
 * @param handlers by status; the one that was registered last holds
 * @param own whether a value is a response that is sent as it is
 */
export function handled(
  ev: Ev,
  handlers: ReadonlyMap<number, Val>,
  raised: Val,
  responses: Responses,
  own: (v: Val) => boolean,
  place: Place,
): Val | undefined {
  const error = inherits(ev, raised, ext('bottle.HTTPError'));
  // A response that is raised (a redirect, say) is no error.
  if (!error && (inherits(ev, raised, ext('bottle.HTTPResponse')) || (raised.t === 'sym' && raised.path === '@reply'))) return undefined;
  const status = error ? (responses.answer(raised, true).status ?? 500) : 500;
  const handler = handlers.get(status);
  if (!handler) return undefined;
  const given = sym('error', Prov.None, {
    path: 'bottle.HTTPError()',
    present: true,
    store: new Map<string, Val>([
      ['status_code', constant(status)],
      ['status', constant(status)],
      ['exception', raised],
    ]),
  });
  return quietly(ev, () => {
    const out = callback(ev, handler, mkArgs([given]), place);
    if (ev.dead) return ev.sink.at(-1)?.val ?? raised;
    const kept = sym('reply', Prov.None, { path: '@reply', store: new Map<string, Val>([['status', constant(status)]]) });
    return mapped(out, v => (own(v) ? v : kept));
  });
}
