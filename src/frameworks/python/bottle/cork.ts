/** Cork: who is signed in, with which role, where to send everybody else; a decorator made from it has defaults of its own. */
import { CREDENTIAL, PRINCIPAL } from '../../../packs/asked.js';
import type { Denial, PackModels } from '../../../packs/models.js';
import type { Ev } from '../../../program/ev.js';
import { not, or, type Place } from '../../../program/formula.js';
import { atom, attr, NONE, seq, sym } from '../../../program/make.js';
import { type CallVal, Prov, type Val } from '../../../program/values.js';

const given = (v: Val | undefined): Val | undefined => (v?.t === 'const' && v.v === null ? undefined : v);

/** Lets the arguments of `require` and of decorators decide whom they turn away, and how. */
export function useCork(models: PackModels, ev: Ev): void {
  const denial = (find: (name: string, at: number) => Val | undefined, place: Place): Denial => {
    const wanted = [given(find('role', 1)), given(find('username', 0))].filter(v => v !== undefined);
    const to = given(find('fail_redirect', 3));
    return {
      refused: or([
        atom('fails', [CREDENTIAL], place),
        ...wanted.map(w => not(atom('in', [attr(PRINCIPAL, 'granted'), seq('list', [w])], place))),
      ]),
      reply: () => {
        const reply: Val = to
          ? {
              t: 'call',
              path: 'bottle.redirect',
              name: 'redirect',
              args: { pos: [to], kw: new Map() },
              place,
              pc: ev.pc,
              seq: ev.seq++,
              id: 0,
            }
          : sym('refused', Prov.None, { path: 'cork.AuthException()' });
        ev.exit('raise', reply, place);
        return NONE;
      },
    };
  };
  const of = (c: CallVal, name: string, at: number): Val | undefined => c.args.kw.get(name) ?? c.args.pos[at];
  models.denials.set('cork.Cork().require', (c, place) => denial((name, at) => of(c, name, at), place));
  models.denials.set('cork.Cork().make_auth_decorator()', (c, place) =>
    denial((name, at) => of(c, name, at) ?? (c.fn?.t === 'call' ? of(c.fn, name, at) : undefined), place),
  );
}
