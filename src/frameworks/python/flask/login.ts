/** What an application makes of flask-login's refusals: a redirect to its login view, or the answer of its own handler. */
import { callback } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { args, constant, STR, sym } from '../../../program/make.js';
import { quietly } from '../../../program/rust.js';
import { type CallVal, Prov, type Val } from '../../../program/values.js';
import { isCallable, literal } from '../common.js';

/** Gives the reply to put in place of a library guard's own, when the application has set one. */
export function loginReply(ev: Ev, url: (endpoint: string) => string | undefined): (raised: Val) => Val | undefined {
  const managers = ev.events.filter(c => c.path === 'flask_login.LoginManager');
  const view = managers.map(m => literal(m.store?.get('login_view'))).find(v => v !== undefined);
  const handler = ev.events.find((c: CallVal) => c.path === 'flask_login.LoginManager().unauthorized_handler' && isCallable(c.args.pos[0]))?.args.pos[0];
  return raised => {
    const by = raised.t === 'sym' && raised.path === '@reply' ? literal(raised.store?.get('by')) : undefined;
    if (!by?.startsWith('flask_login.')) return undefined;
    if (handler) return quietly(ev, () => callback(ev, handler, args(), { file: 0, at: 0 }));
    if (view === undefined) return undefined;
    return sym('reply', Prov.None, { path: '@reply', store: new Map<string, Val>([['status', constant(302)], ['redirect', STR(url(view) ?? view)]]) });
  };
}
