/**
 * Routers that libraries make: those of fastapi-users and of fastapi-crudrouter. Which routes they have depends on the arguments;
 * what stands before them is said with the library's own dependencies.
 */
import { external } from '../../../program/calls.js';
import type { Ev } from '../../../program/ev.js';
import { type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, constant, native, NONE, seq, STR } from '../../../program/make.js';
import { type CallVal, nextId, type Val } from '../../../program/values.js';
import { textOf } from '../text.js';
import type { RouteEntry } from './registry.js';

const USERS = /^fastapi_users\.FastAPIUsers\(\)\.get_(\w+)_router$/;
const CRUD = /^fastapi_crudrouter\.(?:\w+\.)*(\w+CRUDRouter)$/;

/** Is `path` that of a call that makes such a router? */
export const isLibraryRouter = (path: string): boolean => USERS.test(path) || CRUD.test(path);

/** The routes of the router that `c` makes, and the prefix that it gives itself. */
export function libraryRoutes(ev: Ev, c: CallVal): { routes: RouteEntry[]; prefix: string } {
  const kind = USERS.exec(c.path)?.[1];
  return kind === undefined ? crudRoutes(c) : { routes: userRoutes(ev, c, kind), prefix: '' };
}

function route(c: CallVal, method: string, path: string, name: string, dependencies: Val | undefined): RouteEntry {
  const kw = new Map<string, Val>([['name', STR(name)], ...(dependencies ? [['dependencies', dependencies] as const] : [])]);
  return {
    t: 'route',
    path: STR(path),
    methods: [method],
    handler: native(name, () => NONE),
    args: mkArgs([], kw),
    place: c.place,
    pc: TRUE,
    ws: false,
    plain: false,
    made: c,
  };
}

function userRoutes(ev: Ev, c: CallVal, kind: string): RouteEntry[] {
  const verified = c.args.kw.get('requires_verification') ?? c.args.pos[{ auth: 1, users: 2, oauth_associate: 4 }[kind] ?? 9];
  const asks = (more: Record<string, boolean>): Val => {
    const kw = new Map<string, Val>([['active', constant(true)], ...(verified ? [['verified', verified] as const] : [])]);
    for (const [k, v] of Object.entries(more)) kw.set(k, constant(v));
    return seq('list', [depends(ev, currentUser(c, kw), c.place)]);
  };
  const add = (method: string, path: string, name: string, dependencies?: Val): RouteEntry => route(c, method, path, name, dependencies);
  switch (kind) {
    case 'auth':
      return [add('POST', '/login', 'login'), add('POST', '/logout', 'logout', asks({}))];
    case 'register':
      return [add('POST', '/register', 'register')];
    case 'verify':
      return [add('POST', '/request-verify-token', 'request_verify_token'), add('POST', '/verify', 'verify')];
    case 'reset_password':
      return [add('POST', '/forgot-password', 'forgot_password'), add('POST', '/reset-password', 'reset_password')];
    case 'users': {
      const own = asks({});
      const all = asks({ superuser: true });
      return [
        add('GET', '/me', 'me', own),
        add('PATCH', '/me', 'update_me', own),
        add('GET', '/{id}', 'get_user', all),
        add('PATCH', '/{id}', 'update_user', all),
        add('DELETE', '/{id}', 'delete_user', all),
      ];
    }
    case 'oauth':
      return [add('GET', '/authorize', 'authorize'), add('GET', '/callback', 'callback')];
    case 'oauth_associate':
      return [add('GET', '/authorize', 'authorize', asks({})), add('GET', '/callback', 'callback', asks({}))];
    default:
      return [];
  }
}

/** `current_user(..)` of the object whose router `c` is, as a dependency. */
function currentUser(c: CallVal, kw: Map<string, Val>): Val {
  const path = 'fastapi_users.FastAPIUsers().current_user';
  return { ...c, id: nextId(), path, name: 'current_user', args: mkArgs([], kw), fn: { t: 'ext', path, id: 0, p: 0 } };
}

const depends = (ev: Ev, dependency: Val, place: Place): Val =>
  external(ev, 'fastapi.Depends', undefined, undefined, mkArgs([dependency]), place, 'Depends');

/** Its routes with their methods; an argument turns each off, or gives it dependencies of its own. */
const CRUD_ROUTES = [
  ['get_all_route', 'GET', ''],
  ['create_route', 'POST', ''],
  ['delete_all_route', 'DELETE', ''],
  ['get_one_route', 'GET', '/{item_id}'],
  ['update_route', 'PUT', '/{item_id}'],
  ['delete_one_route', 'DELETE', '/{item_id}'],
] as const;

function crudRoutes(c: CallVal): { routes: RouteEntry[]; prefix: string } {
  const { kw } = c.args;
  const schema = kw.get('schema') ?? c.args.pos[0];
  const given = textOf(kw.get('prefix'));
  const name = given ?? (schema?.t === 'class' ? schema.name.toLowerCase() : '');
  const routes = CRUD_ROUTES.flatMap(([option, method, path]) => {
    const v = kw.get(option);
    if (v?.t === 'const' && v.v === false) return [];
    return [route(c, method, path, option.replace(/_route$/, ''), v?.t === 'seq' ? v : undefined)];
  });
  return { routes, prefix: `/${name.replace(/^\/|\/$/g, '')}` };
}
