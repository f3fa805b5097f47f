/**
 * Flask-Principal and Flask-Allows: who may do what is decided by objects of the application (needs that an identity provides,
 * requirements that a user fulfils), which are evaluated here where the library would ask them.
 */
import { leavesOf } from '../../../program/alternatives.js';
import { callback } from '../../../program/calls.js';
import { libraryBases } from '../../../program/classes.js';
import { type Ev, quietly } from '../../../program/ev.js';
import { and, type F, FALSE, not, or, type Place, TRUE } from '../../../program/formula.js';
import { constantsIn } from '../../../infer/constants.js';
import { args as mkArgs, atom, attr, bool, constant, ext, NONE, seq, STR, sym } from '../../../program/make.js';
import { truthy } from '../../../program/ops.js';
import { type CallVal, Prov, type Val } from '../../../program/values.js';
import { PRINCIPAL } from '../../../packs/asked.js';
import type { Denial, PackModels } from '../../../packs/models.js';
import { isCallable } from '../common.js';

/** What the identity provides, and when. */
interface Grant {
  need: Val;
  when: F;
}

const PERMISSION = 'flask_principal.Permission';
const IDENTITY = sym('identity', Prov.Credential, { path: 'flask_principal.Identity()', present: true, principal: 'user' });

/** Lets permissions and requirements of the application decide where a request is held against them. */
export function usePermissions(ev: Ev, models: PackModels): void {
  const grants = provided(ev);
  const required = (c: CallVal, place: Place): Denial => ({
    refused: not(allows(models, grants, c.recv, place)),
    reply: () => {
      const given = c.args.pos[0] ?? c.args.kw.get('http_exception');
      const denied =
        given && !(given.t === 'const' && given.v === null)
          ? sym('reply', Prov.None, { path: '@reply', store: new Map([['status', given]]) })
          : sym('denied', Prov.None, { path: 'flask_principal.PermissionDenied()' });
      ev.exit('raise', denied, place);
      return NONE;
    },
  });
  for (const name of ['can', 'allows']) models.told.set(`${PERMISSION}().${name}`, c => bool(allows(models, grants, c.recv, c.place)));
  models.denials.set(`${PERMISSION}().require`, required);
  models.told.set(`${PERMISSION}().test`, c => models.enter(ev, { ...c, path: `${PERMISSION}().require` }));

  const allowed = (c: CallVal, requirements: readonly Val[], place: Place): Denial => ({
    refused: or(requirements.map(r => not(fulfilled(ev, models, r, place)))),
    reply: () => {
      const otherwise = c.args.kw.get('on_fail');
      const answer = isCallable(otherwise) ? callback(ev, otherwise, mkArgs(), place) : NONE;
      if (ev.dead || !(answer.t === 'const' && answer.v === null)) return answer;
      const thrown = c.args.kw.get('throws') ?? manager(c)?.args.kw.get('throws');
      ev.exit('raise', thrown ?? sym('reply', Prov.None, { path: '@reply', store: new Map([['status', constant(403)]]) }), place);
      return NONE;
    },
  });
  for (const path of ['flask_allows.Allows().requires', 'flask_allows.requires'])
    models.denials.set(path, (c, place) => allowed(c, c.args.pos, place));
  models.told.set('flask_allows.Permission', c => bool(not(allowed(c, c.args.pos, c.place).refused)));
  models.told.set('flask_allows.Allows().fulfill', c => {
    const list = c.args.pos[0];
    return list?.t === 'seq' ? bool(not(allowed(c, list.items, c.place).refused)) : undefined;
  });
}

const manager = (c: CallVal): CallVal | undefined => (c.recv?.t === 'call' ? c.recv : undefined);

// ------------------------------------------------------------------------------------------------------------ needs

/** When the caller has one of the needs of a permission. */
function allows(models: PackModels, grants: readonly Grant[], permission: Val | undefined, place: Place): F {
  const needs = permission && needsOf(models, permission);
  if (needs?.length === 0) return TRUE;
  const names = (needs ?? []).map(n => STR(nameOfNeed(n)));
  const held = atom('in', [attr(PRINCIPAL, 'granted'), seq('list', names.length > 0 ? names : [STR('permission')])], place);
  const sure = grants.filter(g => needs?.some(n => same(n, g.need))).map(g => g.when);
  const computed = grants.some(g => !isLiteral(g.need));
  return sure.length > 0 ? or(computed ? [...sure, held] : sure) : held;
}

/** The needs that a permission was made with; undefined where they are not known. */
function needsOf(models: PackModels, v: Val): readonly Val[] | undefined {
  if (v.t === 'call' && models.canonical(v.path) === PERMISSION) return v.args.rest ? undefined : v.args.pos;
  if (v.t !== 'obj' || !libraryBases(v.cls).some(b => models.canonical(b) === PERMISSION)) return undefined;
  const given = v.fields.get('__args__');
  if (given?.t !== 'seq') return undefined;
  // Which ones there are may depend on the settings.
  const more = given.rest ? leavesOf(given.rest).flatMap(x => (x.t === 'seq' ? x.items : [])) : [];
  const needs = [...given.items, ...more];
  return given.rest && needs.length === 0 ? undefined : needs;
}

/** `RoleNeed('admin')` is known by what it names; `UserNeed(user.id)` by what it is. */
const nameOfNeed = (n: Val): string => {
  const names = n.t === 'call' ? constantsIn([...n.args.pos, ...n.args.kw.values()]) : constantsIn([n]);
  return names.at(-1) ?? (n.t === 'call' ? n.name : 'need');
};

const isLiteral = (n: Val): boolean => n.t === 'call' && n.args.pos.every(a => a.t === 'const');

const same = (a: Val, b: Val): boolean =>
  a === b ||
  (a.t === 'call' &&
    b.t === 'call' &&
    a.path === b.path &&
    isLiteral(a) &&
    isLiteral(b) &&
    a.args.pos.length === b.args.pos.length &&
    a.args.pos.every((x, i) => x.t === 'const' && x.v === (b.args.pos[i] as Val & { t: 'const' }).v));

/** What the handlers of `identity_loaded` give to an identity. */
function provided(ev: Ev): Grant[] {
  const handlers = ev.events.flatMap(c =>
    /^flask_principal\.identity_loaded\.(connect|connect_via\(\))$/.test(c.path) && isCallable(c.args.pos[0]) ? [c.args.pos[0]] : [],
  );
  const out: Grant[] = [];
  for (const fn of new Set(handlers)) {
    const from = ev.events.length;
    ev.journal.branch(() => {
      quietly(ev, () => callback(ev, fn, mkArgs([sym('sender', Prov.None), IDENTITY]), { file: 0, at: 0 }));
    });
    for (const c of ev.events.splice(from))
      if (c.path === 'flask_principal.Identity().provides.add' && c.args.pos[0]) out.push({ need: c.args.pos[0], when: c.pc });
  }
  return out;
}

// ----------------------------------------------------------------------------------------------------- requirements

/** When the user fulfils a requirement of Flask-Allows: a function, an object with `fulfill`, or a combination of those. */
function fulfilled(ev: Ev, models: PackModels, r: Val, place: Place): F {
  const user = models.attr(ev, ext('flask_login'), 'current_user', 'flask_login.current_user') ?? PRINCIPAL;
  const each = (vs: readonly Val[]): F[] => vs.map(v => fulfilled(ev, models, v, place));
  switch (r.t) {
    case 'class':
    case 'late': {
      const made = r.t === 'late' ? r.get() : callback(ev, r, mkArgs(), place);
      return made ? fulfilled(ev, models, made, place) : FALSE;
    }
    case 'obj': {
      const method = r.cls.members.get('fulfill') ?? r.cls.members.get('__call__');
      return method?.t === 'fn' ? truthy(callback(ev, { ...method, self: r }, mkArgs([user]), place), place) : asked(r, place);
    }
    case 'fn': {
      const needed = r.def.params.filter(p => p.default === undefined).length;
      return truthy(callback(ev, r, mkArgs([user, ext('flask.request')].slice(0, Math.max(1, needed))), place), place);
    }
    case 'call':
      if (/\.(And|C)$/.test(r.path)) return each(r.args.pos).reduce(and, TRUE);
      if (/\.Or$/.test(r.path)) return or(each(r.args.pos));
      if (/\.Not$/.test(r.path)) return not(each(r.args.pos).reduce(and, TRUE));
      return asked(r, place);
    default:
      return asked(r, place);
  }
}

const asked = (r: Val, place: Place): F =>
  atom('in', [attr(PRINCIPAL, 'granted'), seq('list', [STR(r.t === 'obj' ? r.cls.name : r.t === 'call' ? r.name : 'requirement')])], place);
