/**
 * Views that Flask-Admin and Flask-AppBuilder register by themselves: the methods marked with `@expose`, those that the base classes of
 * the library bring along, and what the library asks before any of them (`is_accessible`).
 */
import { callback } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import { not, type Place, TRUE } from '../../../program/formula.js';
import { args as mkArgs, constant, ext, native, NONE, STR, sym } from '../../../program/make.js';
import { fails, truthy } from '../../../program/ops.js';
import { inheritedAs, pyAttribute } from '../../../program/python.js';
import { type CallArgs, type CallVal, nextId, Prov, type Val } from '../../../program/values.js';
import { layer } from '../../layers.js';
import { innermost, literal, methodsOf } from '../common.js';
import { bindMethod } from '../../../program/python-views.js';

/** One URL of a view that registers its own. */
export interface Exposed {
  rule: string;
  methods: string[];
  endpoint: string;
  view: Val;
  event: CallVal;
}

/** A method of a library's view: its URL, its verbs, and the switch of the class that it asks for first, with what that is by default. */
type Builtin = [name: string, url: string, methods: string[], needs?: string, usual?: boolean, effect?: 'delete' | 'write'];

const MODEL: Builtin[] = [
  ['index_view', '/', ['GET']],
  ['create_view', '/new/', ['GET', 'POST'], 'can_create', true, 'write'],
  ['edit_view', '/edit/', ['GET', 'POST'], 'can_edit', true, 'write'],
  ['details_view', '/details/', ['GET'], 'can_view_details', false],
  ['delete_view', '/delete/', ['POST'], 'can_delete', true, 'delete'],
  ['action_view', '/action/', ['POST'], undefined, undefined, 'write'],
  ['export', '/export/<export_type>/', ['GET'], 'can_export', false],
  ['ajax_lookup', '/ajax/lookup/', ['GET']],
  ['ajax_update', '/ajax/update/', ['POST'], 'column_editable_list', false, 'write'],
];
const FILES: Builtin[] = [
  ['index_view', '/', ['GET']],
  ['index_view', '/b/', ['GET']],
  ['index_view', '/b/<path:path>', ['GET']],
  ['upload', '/upload/', ['GET', 'POST'], 'can_upload', true, 'write'],
  ['upload', '/upload/<path:path>', ['GET', 'POST'], 'can_upload', true, 'write'],
  ['download', '/download/<path:path>', ['GET'], 'can_download', true],
  ['mkdir', '/mkdir/', ['GET', 'POST'], 'can_mkdir', true, 'write'],
  ['mkdir', '/mkdir/<path:path>', ['GET', 'POST'], 'can_mkdir', true, 'write'],
  ['delete', '/delete/', ['POST'], 'can_delete', true, 'delete'],
  ['rename', '/rename/', ['GET', 'POST'], 'can_rename', true, 'write'],
  ['edit', '/edit/', ['GET', 'POST'], undefined, undefined, 'write'],
  ['action_view', '/action/', ['POST'], undefined, undefined, 'write'],
];
const INDEX: Builtin[] = [['index', '/', ['GET']]];

const ADMIN = 'flask_admin.Admin';
const EXPOSE = /^flask_(admin|appbuilder)\.expose$/;
const VIEW = /^flask_admin\.(BaseView|AdminIndexView|contrib\..*View|contrib\..*Admin)$/;

/**
 * The URLs of the views that were added to `Admin` objects, each with the value of the application that they are served on (undefined
 * where that is not seen).
 */
export function adminRoutes(ev: Ev): { app: Val | undefined; route: Exposed }[] {
  const admins = new Map<number, { made: Val; app?: Val; index?: Val; url: string; event: CallVal }>();
  const views: { admin: Val; view: Val; event: CallVal }[] = [];
  for (const c of ev.events) {
    const path = ev.models.canonical(c.path);
    if (path === ADMIN && c.fn?.t !== 'class') admins.set(c.id, adminOf(c, c.args, c));
    if (c.recv === undefined || !path.startsWith(`${ADMIN}().`)) continue;
    const admin = admins.get(c.recv.id) ?? adminOf(c.recv, argsOf(c.recv), c);
    admins.set(c.recv.id, admin);
    if (c.name === 'init_app') {
      admin.app = c.args.pos[0] ?? c.args.kw.get('app');
      admin.index = c.args.pos[1] ?? c.args.kw.get('index_view') ?? admin.index;
      admin.url = literal(c.args.pos[3] ?? c.args.kw.get('url')) ?? admin.url;
    } else if (c.name === 'add_view' && c.args.pos[0]) views.push({ admin: c.recv, view: c.args.pos[0], event: c });
    else if (c.name === 'add_views')
      for (const view of c.args.pos.flatMap(x => (x.t === 'seq' ? x.items : [x]))) views.push({ admin: c.recv, view, event: c });
  }
  if (admins.size === 0) return [];
  const marked = exposures(ev);
  const out: { app: Val | undefined; route: Exposed }[] = [];
  for (const admin of admins.values()) {
    const index = admin.index && given(admin.index, 'url', 3);
    const url = admin.url || literal(index) || '/admin';
    const all = [
      ...(admin.app ? [{ view: admin.index, event: admin.event, base: url }] : []),
      ...views
        .filter(v => v.admin === admin.made)
        .map(v => ({ view: v.view as Val | undefined, event: v.event, base: baseOf(v.view, url) })),
    ];
    for (const { view, event, base } of all)
      for (const route of routesOf(ev, view, event, base, marked)) out.push({ app: admin.app, route });
  }
  return out;
}

const adminOf = (made: Val, a: CallArgs, event: CallVal): { made: Val; app?: Val; index?: Val; url: string; event: CallVal } => {
  const app = a.pos[0] ?? a.kw.get('app');
  const index = a.pos[4] ?? a.kw.get('index_view');
  return {
    made,
    event,
    url: literal(a.pos[2] ?? a.kw.get('url')) ?? '',
    ...(app && !(app.t === 'const' && app.v === null) ? { app } : {}),
    ...(index ? { index } : {}),
  };
};

function argsOf(v: Val): CallArgs {
  if (v.t === 'call') return v.args;
  const pos = v.t === 'obj' ? v.fields.get('__args__') : undefined;
  return { pos: pos?.t === 'seq' ? pos.items : [], kw: new Map(v.t === 'obj' ? v.fields : []) };
}

const given = (v: Val, name: string, at: number): Val | undefined => argsOf(v).kw.get(name) ?? argsOf(v).pos[at];

/** API path of the library class that a view is made of. */
function libraryOf(ev: Ev, v: Val | undefined): string {
  if (v?.t === 'obj')
    return (
      libraryBases(v.cls)
        .map(p => ev.models.canonical(p))
        .find(p => VIEW.test(p)) ?? ''
    );
  return v?.t === 'call' ? ev.models.canonical(v.path) : '';
}

/** Where a view is served: `endpoint` and `url` stand behind what its kind is made of (a model and a session, a folder). */
function baseOf(v: Val, admin: string): string {
  const kind = v.t === 'obj' ? libraryBases(v.cls).join(' ') : v.t === 'call' ? v.path : '';
  const model = /contrib\.(?!fileadmin)\w+\.ModelView|model\.BaseModelView/.test(kind);
  const at = model ? 4 : /fileadmin/i.test(kind) ? 4 : 2;
  const first = argsOf(v).pos[0] ?? argsOf(v).kw.get('model');
  const own =
    model && first?.t === 'class'
      ? first.name
      : model && first?.t === 'ext'
        ? (first.path.split('.').at(-1) ?? '')
        : v.t === 'obj'
          ? v.cls.name
          : '';
  const endpoint = literal(given(v, 'endpoint', at)) ?? own.toLowerCase();
  const url = literal(given(v, 'url', at + 1));
  if (url === undefined) return admin === '/' ? `/${endpoint}` : `${admin}/${endpoint}`;
  return url.startsWith('/') ? url : `${admin}/${url}`;
}

/** What `@expose(url, methods)` was said of: the URLs of each function. */
function exposures(ev: Ev): Map<unknown, [string, string[]][]> {
  const out = new Map<unknown, [string, string[]][]>();
  for (const c of ev.events) {
    if (c.fn?.t !== 'call' || !EXPOSE.test(ev.models.canonical(c.fn.path)) || !c.args.pos[0]) continue;
    const fn = innermost(c.args.pos[0]);
    const url = c.fn.args.pos[0] ?? c.fn.args.kw.get('url');
    const rule = url === undefined ? '/' : literal(url);
    if (fn.t !== 'fn' || rule === undefined) continue;
    const list = out.get(fn.def) ?? [];
    list.push([rule, methodsOf(c.fn.args.pos[1] ?? c.fn.args.kw.get('methods'), ['GET'])]);
    out.set(fn.def, list);
  }
  return out;
}

function routesOf(ev: Ev, view: Val | undefined, event: CallVal, base: string, marked: Map<unknown, [string, string[]][]>): Exposed[] {
  const path = libraryOf(ev, view);
  const cls = view?.t === 'obj' ? view.cls : undefined;
  const table =
    view === undefined || /AdminIndexView$/.test(path) ? INDEX : /fileadmin/i.test(path) ? FILES : /ModelView$/.test(path) ? MODEL : [];
  const self = view ?? sym('view', Prov.None);
  const prefix = base.replace(/\/$/, '');
  const endpoint = (base.split('/').filter(Boolean).at(-1) ?? 'admin').replace(/\W/g, '_');
  const out: Exposed[] = [];
  const add = (name: string, rule: string, methods: string[], view_: Val): void =>
    void out.push({ rule: prefix + rule || '/', methods, endpoint: `${endpoint}.${name}`, view: view_, event });
  for (const [name, rule, methods, needs, usual, effect] of table) {
    if (cls?.members.has(name)) continue;
    const run = (a: CallArgs, at: Place): Val =>
      handled(ev, self, name, a, at, () => {
        if (needs !== undefined) {
          const own = cls?.members.has(needs) || (self.t === 'obj' && self.fields.has(needs));
          const may = own ? truthy(pyAttribute(ev, self, needs, at), at) : usual ? TRUE : not(TRUE);
          ev.exitIf(not(may), 'return', needs === 'column_editable_list' ? reply(404) : redirect(event, prefix), at);
        }
        if (effect && !ev.dead)
          ev.events.push({ ...event, path: `flask_admin.${effect}`, name, pc: ev.pc, seq: ev.seq++, frame: ev.frame, id: nextId() });
        return NONE;
      });
    add(name, rule, methods, native(`${path || 'flask_admin.AdminIndexView'}.${name}`, run));
  }
  for (const [name, member] of cls?.members ?? []) {
    const fn = innermost(member);
    for (const [rule, methods] of (fn.t === 'fn' && marked.get(fn.def)) || [])
      add(
        name,
        rule,
        methods,
        native(name, (a, at) => handled(ev, self, name, a, at, () => callback(ev, bindMethod(member, self), a, at)), member),
      );
  }
  return out;
}

/** What the library asks before each method of a view, then the method. */
function handled(ev: Ev, self: Val, name: string, a: CallArgs, at: Place, then: () => Val): Val {
  const asked: CallArgs = { pos: [STR(name)], kw: a.kw };
  if (self.t !== 'obj') return then();
  const { cls } = self;
  const method = (x: string): Val | undefined => {
    const m = cls.members.get(x);
    return m?.t === 'fn' || m?.t === 'native' ? bindMethod(m, self) : undefined;
  };
  const library: Record<string, (b: CallArgs, p: Place) => Val> = {
    is_accessible: () => constant(true),
    inaccessible_callback: (_b, p) => {
      ev.exit('raise', reply(403), p);
      return NONE;
    },
    _handle_view: (b, p) => {
      const accessible = method('is_accessible');
      const may = accessible ? truthy(callback(ev, accessible, mkArgs(), p), p) : TRUE;
      return ev.branch(
        may,
        () => NONE,
        () =>
          callback(ev, method('inaccessible_callback') ?? native('inaccessible_callback', library.inaccessible_callback as never), b, p),
      );
    },
  };
  // What `super()` reaches, and what the class itself has not.
  for (const [x, run] of Object.entries(library)) {
    ev.write(self.fields, inheritedAs(x), native(x, run));
    if (!cls.members.has(x)) ev.write(self.fields, x, native(x, run));
  }
  const before = method('_handle_view') ?? native('_handle_view', library._handle_view as never);
  const first = layer(ev, 'mixin', 'endpoint', 'is_accessible', at, () => callback(ev, before, asked, at));
  if (ev.dead) return NONE;
  ev.exitIf(not(fails(first, at)), 'return', first, at);
  return ev.dead ? NONE : then();
}

const reply = (status: number): Val => sym('reply', Prov.None, { path: '@reply', store: new Map([['status', constant(status) as Val]]) });
const redirect = (c: CallVal, to: string): Val => ({
  ...c,
  id: nextId(),
  path: 'flask.redirect',
  name: 'redirect',
  fn: ext('flask.redirect'),
  recv: undefined,
  args: mkArgs([STR(`${to}/`)]),
  present: true,
});
