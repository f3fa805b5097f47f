/** Gives the evaluator the meaning of library names, from the rows of the packs. */
import { callback } from '../program/calls.js';
import type { Ev, Models } from '../program/ev.js';
import { type F, not, or, type Place } from '../program/formula.js';
import { args as mkArgs, atom, attr, bool, constant, native, NONE, op, prov, seq, STR, sym } from '../program/make.js';
import { fails } from '../program/ops.js';
import { setAttribute } from '../program/python.js';
import { type CallArgs, type CallVal, Prov, type SymVal, type Token, type Val } from '../program/values.js';
import { FACT, provenance, REGISTERED, usually } from './provenance.js';
import { settingsOf } from './settings.js';
import { argument, resolveGuard, stated, values } from './arguments.js';
import { onCursor, ran } from './cursors.js';
import { byName, CREDENTIAL, granted, PRINCIPAL, replyOf } from './asked.js';
import { tokenOf } from './tokens.js';
import { type GuardRow, type Pack, REQUEST, type Row, type SourceKind } from './types.js';

/** A guard of a library that stood on the way of a request and refused nobody. */
export interface OptionalGuard {
  name: string;
  place: Place;
}

/** When a request is refused, and what answers it then: a value that is returned, or an exit of the evaluation. */
export interface Denial {
  refused: F;
  reply: () => Val;
}

export class PackModels implements Models {
  private readonly rows = new Map<string, Row>();
  private readonly aliases = new Map<string, string>();
  private readonly memo = new Map<string, string>();
  private readonly found = new Map<string, Row | undefined>();
  private readonly sources = new Map<string, SymVal>();
  /** Parameters of the request that runs, and the credentials that they turned out to be (set by the caller). */
  shown: ReadonlyMap<Val, SymVal> = new Map();
  /** The names that what is gone through was seen to be asked for, by the path of the mapping (set by the caller). */
  picked: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** What settings are by default, by their names. */
  private readonly defaults = new Map<string, Val>();
  /** Optional library guards that ran, in order (emptied by the caller before each request). */
  optional: OptionalGuard[] = [];
  /** What a guard of a library verifies of the token, by the place of the guard. */
  readonly tokens = new Map<string, Token>();
  /** By the API path of a guard: what the application itself wrote to check the credential; gives the condition of refusal. */
  readonly checks = new Map<string, (ev: Ev, place: Place) => F>();
  /** By API path: what a call gives that the application itself has told the library how to answer. */
  readonly told = new Map<string, (c: CallVal) => Val | undefined>();
  /** By the API path of a container: what else happens when something is put into it. */
  readonly stored = new Map<string, (key: Val, v: Val) => void>();
  /** By the API path of a guard: when the application itself has it refuse a request, and what it answers then. */
  readonly denials = new Map<string, (c: CallVal, place: Place) => Denial>();

  constructor(
    packs: readonly Pack[],
    versions: ReadonlyMap<string, string>,
    holds: (range: string, version: string | undefined) => boolean,
  ) {
    for (const p of packs) {
      for (const [k, v] of Object.entries(p.aliases ?? {})) if (k !== v) this.aliases.set(k, v);
      for (const [k, row] of Object.entries(p.names ?? {})) {
        if (row.versions && !holds(row.versions, versions.get(p.package ?? p.pack))) continue;
        // `a.b@1` and `a.b@2` are rows of one name for different versions.
        this.rows.set(k.replace(/@.*$/, ''), row);
      }
    }
  }

  canonical(path: string): string {
    const known = this.memo.get(path);
    if (known !== undefined) return known;
    let out = this.aliases.get(path) ?? path;
    if (out === path) {
      for (let i = path.length - 1; i > 0; i--) {
        const c = path[i];
        if (c !== '.' && c !== '(' && c !== '[' && c !== ':') continue;
        const to = this.aliases.get(path.slice(0, i));
        if (to !== undefined) {
          out = this.canonical(to + path.slice(i));
          break;
        }
      }
    } else out = this.canonical(out);
    this.memo.set(path, out);
    return out;
  }

  isSettings(path: string): boolean {
    return this.row(path)?.source === 'setting';
  }

  madeOf(c: CallVal): string | undefined {
    const row = this.row(c.path);
    if (!row?.raises) return row?.error ? c.path : undefined;
    const s = row.raises.status;
    const code = typeof s === 'object' && s.arg !== undefined ? c.args.pos[s.arg] : undefined;
    if (code?.t !== 'const') return undefined;
    return [...this.rows].find(([, r]) => r.error?.is === row.error?.is && r.error?.status === code.v && !r.raises)?.[0];
  }

  readonly isFresh = (path: string): boolean => this.row(path)?.fresh === true;
  readonly answers = (path: string): boolean => this.row(path)?.responds !== undefined;

  known(path: string): boolean {
    return this.rows.has(path);
  }

  reads(path: string): boolean {
    const row = this.row(path);
    return row?.source !== undefined && row.key === 0;
  }

  named(path: string): boolean {
    if (!this.names)
      this.names = new Set([...this.rows.keys()].flatMap(p => [...p.matchAll(/(?=\.|\(\)|\[\]|$)/g)].map(m => p.slice(0, m.index))));
    return this.names.has(path);
  }
  private names: ReadonlySet<string> | undefined;

  row(path: string): Row | undefined {
    const c = this.canonical(path);
    if (!this.found.has(c)) this.found.set(c, this.rows.get(c) ?? this.suffix(c));
    return this.found.get(c);
  }

  /**
   * `*.save` describes a method by its name alone, on receivers that are of no known type; `*::ActiveModel().save` one of a type that a
   * library's macro makes under this name in many places.
   */
  private suffix(path: string): Row | undefined {
    const m = /(\w+\(\)|)[.:]([\w!]+)$/.exec(path);
    return m ? ((m[1] ? this.rows.get(`*::${m[1]}.${m[2]}`) : undefined) ?? this.rows.get(`*.${m[2]}`)) : undefined;
  }

  caches(path: string): boolean {
    return this.row(path)?.decorator === 'caching';
  }

  transparent(path: string): boolean {
    return this.row(path)?.decorator !== undefined || this.row(path.replace(/\(\)$/, ''))?.decorator !== undefined;
  }

  /** A type that stands for the one it is written with (`Mapped[User]`). */
  wraps(path: string): boolean {
    return this.row(path)?.returns === 'argument';
  }

  isError(sub: string, sup: string): boolean | undefined {
    let p: string | undefined = this.canonical(sub);
    const target = this.canonical(sup);
    let seen = false;
    for (let i = 0; p !== undefined && i < 12; i++) {
      if (p === target) return true;
      const e: Row['error'] = this.rows.get(p)?.error;
      seen ||= e !== undefined;
      p = e?.is === undefined ? undefined : this.canonical(e.is);
    }
    return seen && this.rows.get(target)?.error !== undefined ? false : undefined;
  }

  missed(path: string): boolean {
    return this.rows.get(this.canonical(path))?.query?.misses === 'fails';
  }

  attr(ev: Ev, of: Val, name: string, path: string): Val | undefined {
    const put = name === '[]=' ? this.stored.get(this.canonical(path.slice(0, -3))) : undefined;
    if (put)
      return native(path, a => {
        if (a.pos[0] && a.pos[1]) put(a.pos[0], a.pos[1]);
        return NONE;
      });
    const row = this.rows.get(this.canonical(path));
    if (!row && this.rows.get(`*.${name}`)?.counts) return op('rows', [ran(of)]);
    if (!row || (typeof row.key === 'number' && name !== '[]' && name !== '[]=')) return undefined;
    if (row.source) {
      if (name === '[]' || name === '[]=')
        return native(path, (a, place) => {
          const v = this.read(ev, path, row, a) ?? NONE;
          // That a key is missing is an answer where somebody waits for it; elsewhere it is the application's own mistake.
          if (name === '[]' && row.missing !== undefined && ev.tries > 0)
            ev.exitIf(fails(v, place), 'raise', sym('missing', prov(v), { path: `${row.missing}()` }), place);
          return v;
        });
      return this.read(ev, path, row, mkArgs([STR(name)]), path);
    }
    const is = stated(row);
    if (is) return is;
    if (row.type) return attr(of, name, { path: row.type, args: [] });
    return undefined;
  }

  source(c: CallVal): number | undefined {
    const kind = this.row(c.path)?.source;
    return kind === undefined ? undefined : provenance(kind, '');
  }

  enter(ev: Ev, manager: CallVal): Val | undefined {
    const deny = ev.request && this.denials.get(manager.path);
    return deny && this.asked(ev, manager.name, manager, manager.place, deny, () => NONE);
  }

  /** Goes on with `then` unless the application refuses. */
  private asked(ev: Ev, by: string, c: CallVal, place: Place, deny: (c: CallVal, place: Place) => Denial, then: () => Val): Val {
    const inside = (fn: () => Val): Val => ev.inFrame({ name: by, role: 'decorator:endpoint', place, site: place }, fn);
    let denial: Denial | undefined;
    inside(() => ((denial = deny(c, place)), NONE));
    const { refused, reply } = denial as Denial;
    return ev.branch(refused, () => inside(reply), then);
  }

  call(ev: Ev, c: CallVal): Val | undefined {
    const told = this.told.get(c.path)?.(c) ?? stated(this.row(`${c.path}()`));
    if (told) return told;
    const row = this.row(c.path);
    const factory = c.path.endsWith('()') && c.fn?.t === 'call' ? this.row(c.path.slice(0, -2)) : undefined;
    if (row?.guard?.verifier !== undefined) return undefined;
    const guard = row?.guard ?? factory?.guard;
    if (guard) {
      const config = row?.guard ? c.args : (c.fn as CallVal).args;
      const target = c.args.pos[0];
      // What is looked for is no view.
      const wraps = target && guard.kind !== 'existence' && /^(fn|native|class|obj)$/.test(target.t);
      if (wraps)
        return this.guarded(ev, c.path.replace(/\(\)$/, ''), resolveGuard(guard, row?.guard ? mkArgs() : config), config, target, c);
      // A factory is only asked for here; a plain call is an inline guard when it stands in a running request.
      if (!ev.frame || !ev.request || c.path.endsWith('required') || c.path.endsWith('login_required')) return undefined;
      const g = resolveGuard(guard, config);
      if (g.kind === 'existence') {
        ev.exitIf(atom('fails', [c], c.place), 'raise', replyOf(c.path, g), c.place);
        return c;
      }
      const deny = this.denials.get(c.path);
      if (deny) return this.asked(ev, c.name, c, c.place, deny, () => PRINCIPAL);
      this.refuse(ev, c.path, g, config, c.place);
      return g.kind === 'authn' ? PRINCIPAL : c;
    }
    if (!row && isPart(c)) return op('get', [c.recv as Val, ...c.args.pos]);
    if (!row) return factory?.decorator !== undefined || factory?.returns === 'argument' ? c.args.pos[0] : undefined;
    if (row.raises) {
      ev.exit('raise', c, c.place);
      return NONE;
    }
    if (row.configures) for (const [k, v] of settingsOf(ev, c.args)) this.defaults.set(k, v);
    if (row.source) return this.read(ev, c.path, row, c.args);
    if (row.cursor) onCursor(ev, c, row.cursor);
    if (row.counts && c.recv) return op('rows', [c.recv]);
    if (row.granted !== undefined) return granted(argument(c.args, row.granted), c.place);
    const handed = c.args.pos.at(-1);
    if (row.returns === 'callback' && handed?.t === 'fn') return callback(ev, handed, mkArgs(), c.place);
    if (row.returns === 'argument') return c.args.pos[0] ?? c;
    const scope = row.returns === 'request' ? (c.args.pos[0] ?? c.args.kw.get('scope')) : undefined;
    if (scope?.t === 'map' && scope.entries.has(REQUEST)) return scope.entries.get(REQUEST);
    // `@cache(60)` is asked for first and decorates later.
    if (row.decorator) return decorable(c.args.pos[0]) ? c.args.pos[0] : undefined;
    if (row.returns === 'self' && c.recv) return c.recv;
    if (row.present || (row.responds && c.present === undefined)) c.present = true;
    if (row.query) c.query = row.query;
    if (row.reads) c.reads = row.reads;
    if (row.token) c.token = tokenOf(row.token, c);
    if (row.sets && c.recv) setAttribute(ev, c.recv, row.sets.at, constant(row.sets.to), c.place);
    if (row.type && !c.ty) c.ty = { path: row.type, args: [] };
    return undefined;
  }

  /** A function behind a library guard: first the guard, then the function. */
  private guarded(ev: Ev, path: string, g: GuardRow, config: CallArgs, target: Val, c: CallVal): Val {
    const { place } = c;
    const by = (path.split(/\.|::/).at(-1) ?? path).replace('()', '');
    const run = (a: CallArgs, at: Place): Val => {
      const deny = this.denials.get(path);
      if (deny) return this.asked(ev, by, c.fn?.t === 'call' ? c.fn : c, place, deny, () => callback(ev, target, a, at));
      ev.inFrame({ name: by, role: 'decorator:endpoint', place, site: at }, () => {
        this.refuse(ev, path, g, config, place);
        return NONE;
      });
      return ev.dead ? NONE : callback(ev, target, a, at);
    };
    return native(by, run, target);
  }

  /** Turns away whom the guard of a row turns away. */
  refuse(ev: Ev, path: string, g: GuardRow, config: CallArgs, place: Place): void {
    if (g.strength === 'optional') {
      this.optional.push({ name: path.split(/\.|::/).at(-1) ?? path, place });
      return;
    }
    const to = g.endpoint === undefined ? undefined : argument(config, g.endpoint);
    const reply = replyOf(path, g, to);
    if (g.token) this.tokens.set(`${place.file}:${place.at}`, g.token);
    const wanted = [...(g.requires ?? []).flatMap(r => values(argument(config, r))).map(byName), ...(g.needs ?? []).map(STR)];
    let c: F | undefined;
    if (g.kind === 'authn') c = this.checks.get(path)?.(ev, place) ?? atom('fails', [CREDENTIAL], place);
    else if (g.all) c = or(wanted.map(w => not(atom('in', [attr(PRINCIPAL, 'granted'), seq('list', [w])], place))));
    else if (g.kind === 'authz' || g.kind === 'ownership') c = not(atom('in', [attr(PRINCIPAL, 'granted'), seq('list', wanted)], place));
    else
      c = not(
        atom(
          'truthy',
          [
            sym(
              g.kind,
              g.kind === 'csrf'
                ? Prov.Csrf
                : g.kind === 'rate-limit'
                  ? Prov.Rate
                  : g.kind === 'signature'
                    ? Prov.Signature
                    : g.kind === 'origin'
                      ? Prov.Origin
                      : Prov.Input,
            ),
          ],
          place,
        ),
      );
    ev.exitIf(c, 'raise', reply, place);
    if (g.kind === 'authn' && wanted.length)
      ev.exitIf(
        not(atom('in', [attr(PRINCIPAL, 'granted'), seq('list', wanted)], place)),
        'raise',
        replyOf(path, g.denied ?? { status: 403 }),
        place,
      );
  }

  /** `api` is the API path of what is read: without `()` where nothing is called. */
  private read(ev: Ev, path: string, row: Row, a: CallArgs, api = `${path}()`): Val | undefined {
    const given = typeof row.key === 'number' ? a.pos[row.key] : undefined;
    const key = typeof row.key === 'string' ? row.key : given?.t === 'const' ? String(given.v) : given ? `#${given.id}` : '';
    const kind = (row.keys && Object.hasOwn(row.keys, key) ? row.keys[key] : row.source) as SourceKind;
    const literal =
      ev.request &&
      (kind === 'request-method'
        ? ev.request.method
        : kind === 'request-path'
          ? ev.request.path
          : kind === 'request-endpoint'
            ? ev.request.endpoint
            : kind === 'request-blueprint'
              ? ev.request.blueprint
              : undefined);
    if (literal) return literal;
    if (kind === 'authenticated' || kind === 'anonymous') {
      const nobody = atom('fails', [CREDENTIAL], { file: 0, at: 0 });
      return bool(kind === 'anonymous' ? nobody : not(nobody));
    }
    const signed = row.signed === true || (row.signed !== undefined && argument(a, row.signed) !== undefined);
    const id = `${api}(${key})${signed ? ' signed' : ''}`;
    let s = this.sources.get(id);
    if (!s) {
      // Looked up under the name that a credential's scheme was made for.
      const named = given && (prov(given) & Prov.Credential) !== 0;
      s = sym(key || path, named ? Prov.Credential : (usually(kind, given) ?? provenance(kind, key)), {
        path: row.types?.[key] ? `${row.types[key]}()` : row.type ? `${row.type}()` : api,
        ...((row.present ?? kind === 'principal') ? { present: true } : {}),
        ...(!signed && (kind === 'header' || kind === 'cookie' || kind === 'connection') ? { sent: true } : {}),
        ...(kind === 'principal'
          ? { principal: 'user' }
          : (FACT.test(key) && (kind === 'session' || kind === 'credential')) || (kind === 'claim' && !REGISTERED.test(key))
            ? { principal: 'fact' }
            : {}),
      });
      // What a setting is when nobody has set it.
      const usual = kind === 'setting' ? (a.kw.get('default') ?? a.pos[1] ?? this.defaults.get(key)) : undefined;
      if (usual?.t === 'const' && usual.v !== null) s.store = new Map([['@default', usual]]);
      this.sources.set(id, s);
    }
    return this.shown.get(s) ?? s;
  }
}

/** `document.get("title")`: what stands in what was sent, and was looked up nowhere. */
const isPart = (c: CallVal): boolean =>
  c.name === 'get' &&
  !c.path.includes('::') &&
  c.recv !== undefined &&
  c.recv.t !== 'call' &&
  prov(c.recv) === Prov.Input &&
  c.args.pos.length > 0;

const decorable = (v: Val | undefined): boolean =>
  v?.t === 'fn' || v?.t === 'native' || v?.t === 'class' || v?.t === 'obj' || v?.t === 'call';
