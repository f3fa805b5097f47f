/** What an application makes of the refusals of the guards of extensions: a redirect to its login view, or an answer of its own. */
import { leavesOf } from '../../../program/alternatives.js';
import { callback } from '../../../program/calls.js';
import type { PackModels } from '../../../packs/models.js';
import { type Ev, quietly } from '../../../program/ev.js';
import { and, type F, FALSE, not, or, type Place, TRUE } from '../../../program/formula.js';
import { fails, truthy } from '../../../program/ops.js';
import { args as mkArgs, constant, ext, STR, sym } from '../../../program/make.js';
import { typeOfValue } from '../../../program/rust.js';
import { type CallVal, nextId, Prov, type Ty, type Val } from '../../../program/values.js';
import { isCallable, literal } from '../common.js';
import { textOf } from '../text.js';

/** Guards by their API path, and the registrar of the callback that answers in their place. */
const CALLBACKS: [RegExp, (by: string) => string][] = [
  [/^flask_login\./, () => 'flask_login.LoginManager().unauthorized_handler'],
  [/^flask_jwt_extended\./, () => 'flask_jwt_extended.JWTManager().unauthorized_loader'],
  [/^flask_httpauth\.\w+\(\)\.login_required$/, by => by.replace('login_required', 'error_handler')],
];

export type Url = (endpoint: string, blueprint: string | undefined) => string | undefined;

/** Gives what replaces the reply of a library guard; undefined where the guard's own holds. */
export function replies(ev: Ev, url: Url): (raised: Val, blueprint: string | undefined) => Val | undefined {
  const managers = ev.events.filter(c => c.path === 'flask_login.LoginManager');
  const stored = (name: string): Val | undefined => managers.map(m => m.store?.get(name)).find(v => v !== undefined);
  const view = textOf(stored('login_view')) || undefined;
  const refresh = textOf(stored('refresh_view')) || undefined;
  const perBlueprint = stored('blueprint_login_views');
  const callbacks = new Map<string, Val>();
  for (const c of ev.events) if (isCallable(c.args.pos[0]) && !callbacks.has(c.path)) callbacks.set(c.path, c.args.pos[0]);

  const to = (named: string, blueprint: string | undefined): Val => redirect(url(named, blueprint) ?? named);
  const viewOf = (blueprint: string | undefined): string | undefined =>
    (blueprint !== undefined && perBlueprint?.t === 'map' ? literal(perBlueprint.entries.get(blueprint)) : undefined) ?? view;
  // What the application asks its login manager for, instead of a guard.
  const { told } = ev.models as PackModels;
  const inline = (name: string, handler: string, named: (blueprint: string | undefined) => string | undefined): void =>
    void told.set(`flask_login.LoginManager().${name}`, c => {
      const own = callbacks.get(`flask_login.LoginManager().${handler}`);
      if (!ev.request) return undefined;
      if (own) return callback(ev, own, mkArgs(), c.place);
      const blueprint = literal(ev.request.blueprint);
      const target = named(blueprint);
      if (target === undefined) return undefined;
      return { ...c, id: nextId(), path: 'flask.redirect', args: mkArgs([STR(url(target, blueprint) ?? target)]), present: true };
    });
  for (const name of ['has_request_context', 'has_app_context']) told.set(`flask.${name}`, () => (ev.request ? constant(true) : undefined));
  inline('unauthorized', 'unauthorized_handler', viewOf);
  inline('needs_refresh', 'needs_refresh_handler', () => refresh);

  return (raised, blueprint) => {
    const by = raised.t === 'sym' && raised.path === '@reply' ? literal(raised.store?.get('by')) : undefined;
    if (by === undefined) return undefined;
    const registrar = CALLBACKS.find(([p]) => p.test(by))?.[1](by);
    const own = registrar === undefined ? undefined : callbacks.get(registrar);
    const status = raised.t === 'sym' ? raised.store?.get('status') : undefined;
    if (own)
      return quietly(ev, () =>
        callback(ev, own, mkArgs(status && by.startsWith('flask_httpauth') ? [status] : [STR('')]), { file: 0, at: 0 }),
      );
    if (!by.startsWith('flask_login.')) return undefined;
    const named = viewOf(blueprint);
    return named === undefined ? undefined : to(named, blueprint);
  };
}

const redirect = (to: string): Val =>
  sym('reply', Prov.None, {
    path: '@reply',
    store: new Map<string, Val>([
      ['status', constant(302)],
      ['redirect', STR(to)],
    ]),
  });

/** Makes the callbacks that verify credentials for Flask-HTTPAuth decide, where one class of it has just one. */
export function useVerifiers(ev: Ev, models: PackModels): void {
  const found = new Map<string, Set<Val>>();
  for (const c of ev.events) {
    const m = /^(flask_httpauth\.\w+\(\))\.(verify_password|verify_token)$/.exec(c.path);
    const fn = c.args.pos[0];
    if (!m || !isCallable(fn)) continue;
    const key = `${m[1] as string} ${m[2] as string}`;
    found.set(key, (found.get(key) ?? new Set()).add(fn));
  }
  for (const [key, fns] of found) {
    const [owner = '', kind = ''] = key.split(' ');
    const [fn] = fns;
    if (fns.size !== 1 || !fn) continue;
    const given = kind === 'verify_token' ? [TOKEN] : [USERNAME, PASSWORD];
    models.checks.set(`${owner}.login_required`, (e, place) => rejected(callback(e, fn, mkArgs(given), place), place));
  }
}

/** Whoever Flask-Login says is signed in is what the loaders of users give, where that is always of one class. */
export function usePrincipal(ev: Ev): void {
  const current = ev.models.attr(ev, ext('flask_login'), 'current_user', 'flask_login.current_user');
  if (current?.t !== 'sym') return;
  const classes = new Map<unknown, Ty>();
  for (const c of ev.events) {
    const fn = c.args.pos[0];
    if (!/^flask_login\.LoginManager\(\)\.(user|request|header)_loader$/.test(c.path) || !isCallable(fn)) continue;
    const user = quietly(ev, () => callback(ev, fn, mkArgs([sym('id', Prov.Credential)]), c.place));
    for (const x of leavesOf(user)) {
      if (x.t === 'const') continue;
      const ty = typeOfValue(x);
      if (ty?.cls) classes.set(ty.cls, ty);
    }
  }
  const [only] = classes.values();
  if (only && classes.size === 1) current.ty = only;
}

const TOKEN = sym('token', Prov.Credential);
const USERNAME = sym('username', Prov.Credential);
const PASSWORD = sym('password', Prov.Credential);

/** A verifier rejects with False and None; everything else is the user. */
function rejected(v: Val, place: Place): F {
  switch (v.t) {
    case 'const':
      return v.v === null || v.v === false ? TRUE : FALSE;
    case 'bool':
      return not(v.f);
    case 'phi':
      return or([and(v.c, rejected(v.a, place)), and(not(v.c), rejected(v.b, place))]);
    case 'call':
      return /^(verify|check|valid|compare|is_|has_)/.test(v.name) ? not(truthy(v, place)) : fails(v, place);
    default:
      return fails(v, place);
  }
}

/** The views and blueprints that `csrf.exempt` names, and where protection was switched on. */
export function csrfOf(events: readonly CallVal[]): { at: CallVal | undefined; exempt: readonly Val[] } {
  const PROTECT = /^flask_wtf\.(csrf\.)?(CSRFProtect|CsrfProtect)$/;
  const made = events.filter(c => PROTECT.test(c.path));
  const at =
    events.find(c => /^flask_wtf\.(csrf\.)?(CSRFProtect|CsrfProtect)\(\)\.init_app$/.test(c.path)) ??
    made.find(c => c.args.pos[0] !== undefined || c.args.kw.has('app'));
  const exempt = events
    .filter(c => /^flask_wtf\.(csrf\.)?(CSRFProtect|CsrfProtect)\(\)\.exempt$/.test(c.path))
    .flatMap(c => (c.args.pos[0] ? [c.args.pos[0]] : []));
  return { at, exempt };
}
