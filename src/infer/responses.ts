/** What a response value tells the client: status and redirect, leaf by leaf. */
import { alternatives, leavesOf, tangled } from '../program/alternatives.js';
import type { Refusal } from '../contract/types.js';
import { argument } from '../packs/arguments.js';
import type { PackModels } from '../packs/models.js';
import type { Reply, Row } from '../packs/types.js';
import { libraryBases } from '../program/classes.js';
import type { Frame } from '../program/ev.js';
import { and, type F, FALSE, not, type Place } from '../program/formula.js';
import { op } from '../program/make.js';
import type { CallArgs, CallVal, Cls, Val } from '../program/values.js';
import { carried, carrier } from './envelope.js';
import { onlyOneLeft } from './reasons.js';
import { isUnlisted } from '../program/tables.js';
import { statusGiven, unread, unreadBeside } from './unread.js';

/** One possible answer, the condition under which it is given, and where it was made. */
export interface Leaf {
  val: Val;
  cond: F;
  /** The choice that led to this alternative, where there was one. */
  why?: F;
  place?: Place;
  frame?: Frame | undefined;
  /** When it was made. */
  seq?: number;
}

/** Takes conditional values apart. Alternatives come in the order in which they were decided. */
export function leaves(v: Val, cond: F, depth = 0, why?: F): Leaf[] {
  if (cond === FALSE) return [];
  if (tangled(v)) return alternatives(v).flatMap(x => (x.val.t === 'phi' ? [] : leaves(x.val, and(cond, x.cond), depth + 1, x.cond)));
  if (v.t === 'phi' && depth < 200) {
    const otherwise = v.otherwise ?? not(v.c);
    return [...leaves(v.a, and(cond, v.c), depth + 1, v.c), ...leaves(v.b, and(cond, otherwise), depth + 1, otherwise)];
  }
  return [{ val: v, cond, ...(why ? { why } : {}), ...birth(v) }];
}

export function birth(v: Val): { place?: Place; frame?: Frame | undefined; why?: F; seq?: number } {
  // A response that was made beside the request (a constant of the module) says nothing of when it is given.
  if (v.t === 'call') return { place: v.place, frame: v.frame, ...(v.frame ? { seq: v.seq } : {}) };
  if (v.t === 'obj') return { place: v.place, frame: v.frame };
  if (v.t === 'variant' && v.place) return { place: v.place, frame: v.frame, ...(v.why ? { why: v.why } : {}) };
  if (v.t === 'seq') {
    for (const i of v.items) {
      const b = birth(i);
      if (b.place) return b;
    }
  }
  if (v.t === 'op' && v.args[0]) return birth(v.args[0]);
  return {};
}

/** An answer that carries another one. */
const ENVELOPE = 'envelope';

/** An answer that looks like success, and is that of a refusal. */
export const asRefusal = (a: Answer): Answer => ({ ...a, ok: false, ...(a.unread ? {} : { status: a.status ?? 200 }) });

/** A response: what it says, or that it says nothing special (`ok`). */
export interface Answer extends Refusal {
  ok: boolean;
  /** It has a status that could not be read. */
  unread?: boolean;
}

const isStatus = (n: number | undefined): boolean => n !== undefined && n >= 100 && n < 600;

const num = (v: Val | undefined): number | undefined => {
  if (v?.t === 'const' && typeof v.v === 'number') return v.v;
  if (v?.t === 'const' && typeof v.v === 'string' && /^\d{3}\b/.test(v.v)) return Number(v.v.slice(0, 3));
  if (v?.t === 'variant') return num(v.fields.get('value'));
  return undefined;
};

export class Responses {
  constructor(
    private readonly models: PackModels,
    private readonly pathOf: (v: Val) => string | undefined,
  ) {}

  /** The status that a value stands for: a number, an enum member, a library constant. */
  status(v: Val | undefined): number | undefined {
    if (!v) return undefined;
    const n = num(v);
    if (n !== undefined) return n;
    const path = this.pathOf(v);
    if (path !== undefined) {
      const s = this.models.row(path)?.responds?.status;
      if (typeof s === 'number') return s;
      const name = /(?:HTTP_)(\d{3})_/.exec(path)?.[1];
      if (name) return Number(name);
    }
    // The constants of a module that stands in for the library's keep their names.
    if (v.t === 'attr' && /^HTTP_\d{3}_/.test(v.name)) return Number(v.name.slice(5, 8));
    // `int(HTTPStatus.FORBIDDEN)`, `HTTPStatus.FORBIDDEN.value`
    if (v.t === 'op' && v.op === 'int') return this.status(v.args[0]);
    if (v.t === 'attr' && v.name === 'value') return this.status(v.of);
    if (v.t === 'call') return this.reply(v).status;
    return undefined;
  }

  /** What the client sees when `v` is returned (or raised, with `raised`). */
  answer(v: Val, raised: boolean): Answer {
    if (v.t === 'op' && v.op === 'failing' && v.args[0]) {
      const inner = this.answer(v.args[0], raised);
      const usual = inner.status === undefined ? num(v.args[1]) : undefined;
      return { ...inner, ok: false, ...(usual === undefined ? {} : { status: usual }) };
    }
    if (v.t === 'op' && v.op === ENVELOPE && v.args[0] && v.args[1]) {
      const outer = this.answer(v.args[0], raised);
      // What carries a refusal lets nobody in, whatever its own status is.
      const inner = this.answer(v.args[1], false);
      return outer.ok && !inner.ok ? asRefusal(outer) : { ...outer, ...(inner.unread ? { unread: true } : {}) };
    }
    const r = this.read(v, raised);
    const code = r.status;
    const redirected = r.redirect !== undefined || (code !== undefined && code >= 300 && code < 400);
    const ok = !raised && !r.panic && !redirected && (code === undefined || code < 300);
    const untold = code === undefined && unread(this.models, v) ? { unread: true } : {};
    if (code === undefined && this.failsAnyhow(v)) return { ...r, ...untold, ok: false };
    return { ...r, ...untold, ok: raised ? code !== undefined && code < 300 && r.redirect === undefined : ok };
  }

  /** Was it given one of several statuses (`STATUS[type(e).__name__]`), none of which is a success? */
  private failsAnyhow(v: Val): boolean {
    const given = v.t === 'call' ? statusGiven(this.models, v) : undefined;
    const table = given && leavesOf(given).find(isUnlisted);
    const any = table?.t === 'op' ? table.args.map(x => this.status(x)).filter(isStatus) : [];
    return any.length > 0 && any.every(s => (s as number) >= 400);
  }

  /** An answer whose status was decided before it was made is one answer for each status. */
  apart(l: Leaf): Leaf[] {
    const body = l.val;
    // What is made of an answer that somebody else gave (`make_response(view())`) was given there.
    const keeps = body.t === 'call' ? this.models.row(body.path)?.responds?.of : undefined;
    const kept =
      keeps !== undefined && body.t === 'call' && statusGiven(this.models, body) === undefined ? body.args.pos[keeps] : undefined;
    if (kept && this.read(kept, false).status !== undefined) l = { ...l, ...birth(kept) };
    // `return body, status`
    if (body.t === 'seq' && body.kind === 'tuple') {
      const at = body.items.findIndex(x => x.t === 'phi' && leavesOf(x).every(y => isStatus(this.status(y))));
      const code = body.items[at];
      if (code?.t !== 'phi') return [l];
      return leaves(code, l.cond).map(x => {
        const val = { ...body, items: body.items.map((y, i) => (i === at ? x.val : y)) };
        const { why: _why, ...rest } = l;
        const why = onlyOneLeft(x.cond);
        return { ...rest, val, cond: x.cond, ...(why ? { why } : {}) };
      });
    }
    const s = l.val.t === 'call' ? statusGiven(this.models, l.val) : undefined;
    if (l.val.t !== 'call') return [l];
    const c = l.val;
    // `(status, body).into_response()`: builders keep the status of what they were called on.
    const { recv } = c;
    if (recv && this.reply(c).status === undefined) {
      const each = this.apart({ ...l, val: recv });
      if (each.length > 1) return each.map(x => ({ ...x, val: { ...c, recv: x.val } }));
    }
    // `http_exception_handler(request, exc if .. else HTTPException(500))`: it answers as that says which was chosen.
    const given = s === undefined && keeps !== undefined ? c.args.pos[keeps] : s;
    if (given?.t !== 'phi') return this.opened(l, c);
    const instead = (x: Val): Val => ({
      ...c,
      args: {
        ...c.args,
        pos: c.args.pos.map(p => (p === given ? x : p)),
        kw: new Map([...c.args.kw].map(([k, p]) => [k, p === given ? x : p])),
      },
    });
    return alternatives(given).map(x => ({ ...l, val: instead(x.val), cond: and(l.cond, x.cond), why: x.cond }));
  }

  /** An answer that is made of what others carry is one answer for each of them. */
  private opened(l: Leaf, c: CallVal): Leaf[] {
    const isAnswer = (x: CallVal): boolean => this.models.row(x.path)?.responds !== undefined;
    const inside = isAnswer(c) ? carried(c, isAnswer) : undefined;
    if (!inside) return [l];
    return alternatives(inside).flatMap(({ val, cond }) => {
      const of = carrier(val, isAnswer);
      const one = { ...l, cond: and(l.cond, cond), why: cond };
      return of ? this.apart({ ...one, ...birth(of), val: of }).map(x => ({ ...x, val: op(ENVELOPE, [c, x.val]) })) : [one];
    });
  }

  private read(v: Val, raised: boolean): Refusal {
    switch (v.t) {
      case 'sym': {
        // An exception as its handler sees it.
        const told = v.path === '@reply' ? undefined : this.status(v.store?.get('status_code'));
        if (told !== undefined) return { status: told };
        if (v.path !== '@reply') return raised ? { status: 500, error: v.path?.replace(/\(\)$/, '') ?? v.name } : {};
        const status = this.status(v.store?.get('status'));
        const redirect = text(v.store?.get('redirect'));
        return { ...(status !== undefined ? { status } : {}), ...(redirect !== undefined ? { redirect } : {}) };
      }
      case 'call': {
        const r = this.reply(v);
        if (r.status === undefined && r.redirect === undefined && raised) return { status: 500, error: last(v.path) };
        const keeps = r.status === undefined && !statusGiven(this.models, v) ? this.models.row(v.path)?.responds?.of : undefined;
        const kept = keeps === undefined ? undefined : v.args.pos[keeps];
        if (kept) return { ...this.read(kept, false), ...r };
        if (r.status === undefined && v.recv) {
          // `make_response(..).set_cookie(..)`: builders keep the status of what they were called on.
          const inner = this.read(v.recv, false);
          return { ...inner, ...r };
        }
        return r;
      }
      case 'obj':
        return this.object(v.cls, v.fields, raised);
      case 'class':
        return this.object(v, new Map(), raised);
      case 'variant':
        return raised ? { status: 500, error: v.tag } : {};
      case 'seq': {
        if (v.kind !== 'tuple') return {};
        const inner = v.items[0] ? this.read(v.items[0], false) : {};
        // `render(..), 404`: a status beside a body holds, whatever the body would say alone.
        for (const i of [...v.items.filter(x => x.t !== 'call'), ...v.items.filter(x => x.t === 'call')]) {
          const s = this.status(i);
          // What stands beside a page may be its status.
          if (s !== undefined && i === v.items[0] && this.isPage(i) && v.items.slice(1).some(x => unreadBeside(this.models, x))) return {};
          if (s !== undefined && s >= 100 && s < 600) {
            const redirect = inner.redirect ?? locationOf(v.items);
            return { ...inner, status: s, ...(redirect !== undefined && s >= 300 && s < 400 ? { redirect } : {}) };
          }
        }
        return inner;
      }
      case 'ext': {
        const row = this.models.row(v.path);
        const s = this.fixed(row);
        return s !== undefined ? { status: s } : raised ? { status: 500, error: last(v.path) } : {};
      }
      case 'op':
        return v.op === 'ok' || v.op === 'awaited' ? (v.args[0] ? this.read(v.args[0], raised) : {}) : raised ? { status: 500 } : {};
      case 'attr':
        return raised ? { status: 500, error: v.name } : {};
      default:
        return raised ? { status: 500 } : {};
    }
  }

  /** The response that an exception of a library was made with, or given since. */
  carried(c: CallVal): Val | undefined {
    let error = this.models.row(c.path)?.error;
    while (error?.is !== undefined && error.carries === undefined) error = this.models.row(error.is)?.error;
    if (error?.carries === undefined) return undefined;
    const v = c.store?.get(error.carries.name) ?? argument(c.args, error.carries);
    return v?.t === 'const' && v.v === null ? undefined : v;
  }

  /** Does it answer in one way, whatever it is given? */
  private isPage(v: Val): boolean {
    return v.t === 'call' && typeof this.models.row(v.path)?.responds?.status === 'number';
  }

  private reply(c: CallVal): Refusal {
    const row = this.models.row(c.path);
    const carried = row?.raises ? undefined : this.carried(c);
    if (carried) return this.read(carried, false);
    const set = this.status(c.store?.get('status_code') ?? c.store?.get('status') ?? (row?.error ? c.store?.get('code') : undefined));
    if (set !== undefined) return { status: set };
    if (!row) return {};
    const spec: Reply | undefined = row.raises ?? row.responds;
    const out: Refusal = {};
    const s = spec ? this.pick(spec.status, c.args) : this.fixed(row, c.args);
    if (s !== undefined) out.status = s;
    const headers = c.args.kw.get('headers') ?? c.args.pos.find(x => x.t === 'map');
    const target =
      spec?.redirect !== undefined
        ? argument(c.args, spec.redirect)
        : headers?.t === 'map'
          ? (headers.entries.get('Location') ?? headers.entries.get('location'))
          : c.args.kw.get('Location');
    const to = redirectText(target, this.pathOf);
    if (to !== undefined) out.redirect = to;
    return out;
  }

  private pick(s: Reply['status'], a: CallArgs): number | undefined {
    if (typeof s === 'number' || s === undefined) return s;
    const given = argument(a, { ...(s.arg !== undefined ? { arg: s.arg } : {}), ...(s.name !== undefined ? { name: s.name } : {}) });
    // An argument of another kind (a text where the status may stand) says nothing of it.
    return this.status(given) ?? (given === undefined || (given.t === 'const' && typeof given.v === 'string') ? s.default : undefined);
  }

  private fixed(row: Row | undefined, a?: CallArgs): number | undefined {
    const s = row?.error?.status ?? row?.responds?.status ?? row?.raises?.status;
    if (s !== undefined) return typeof s === 'number' ? s : this.pick(s, a ?? { pos: [], kw: new Map() });
    return row?.error?.is ? this.fixed(this.models.row(row.error.is), a) : undefined;
  }

  /** An exception or response object of the application's own class. */
  private object(cls: Cls, fields: ReadonlyMap<string, Val>, raised: boolean): Refusal {
    const to = this.target(cls, fields);
    for (const name of ['status_code', 'code', 'status', 'http_status']) {
      const v = fields.get(name) ?? cls.members.get(name);
      const s = v ? this.status(v) : undefined;
      if (s !== undefined && s >= 100 && s < 600 && this.isHttp(cls)) return { status: s, ...to };
    }
    const pos = fields.get('__args__');
    const kw = new Map([...fields].filter(([k]) => !k.startsWith('__')));
    for (const base of libraryBases(cls)) {
      const row = this.models.row(base);
      const spec = row?.raises?.status ?? row?.responds?.status ?? row?.error?.status;
      const s = typeof spec === 'number' ? spec : this.pick(spec, { pos: pos?.t === 'seq' ? pos.items : [], kw });
      if (s !== undefined) return { status: s, ...to };
      const f = this.fixed(row);
      if (f !== undefined) return { status: f };
    }
    return raised ? { status: 500, error: cls.name } : {};
  }

  /** Where an instance leads: by its headers, or by what its library base was made with. */
  private target(cls: Cls, fields: ReadonlyMap<string, Val>): Refusal {
    const pos = fields.get('__args__');
    for (const base of libraryBases(cls)) {
      const at = this.models.row(base)?.responds?.redirect;
      const given = at === undefined ? undefined : argument({ pos: pos?.t === 'seq' ? pos.items : [], kw: new Map(fields) }, at);
      const to = redirectText(given, this.pathOf);
      if (to !== undefined) return { redirect: to };
    }
    return redirectOf(fields);
  }

  /** Does a framework read a status from instances of this class? */
  private isHttp(cls: Cls): boolean {
    return libraryBases(cls).some(b => {
      const row = this.models.row(b);
      return (
        row?.raises !== undefined ||
        row?.responds !== undefined ||
        row?.error?.status !== undefined ||
        (row?.error?.is !== undefined && this.fixed(row) !== undefined)
      );
    });
  }
}

const redirectOf = (fields: ReadonlyMap<string, Val>): Refusal => {
  const h = fields.get('headers');
  const to = h?.t === 'map' ? redirectText(h.entries.get('Location') ?? h.entries.get('location'), () => undefined) : undefined;
  return to === undefined ? {} : { redirect: to };
};
const locationOf = (items: readonly Val[]): string | undefined => {
  for (const i of items) {
    if (i.t === 'map') {
      const to = redirectText(i.entries.get('Location') ?? i.entries.get('location'), () => undefined);
      if (to !== undefined) return to;
    }
    if (i.t === 'seq')
      for (const pair of i.items)
        if (pair.t === 'seq' && pair.items.length === 2) {
          const name = pair.items[0];
          if ((name?.t === 'ext' && /LOCATION$/.test(name.path)) || (name?.t === 'const' && /^location$/i.test(String(name.v))))
            return redirectText(pair.items[1], () => undefined) ?? '?';
        }
  }
  return undefined;
};
const last = (path: string): string => path.split(/\.|::/).at(-1) ?? path;
const text = (v: Val | undefined): string | undefined => (v?.t === 'const' && v.v !== null ? String(v.v) : undefined);

/** The target of a redirect as far as it is literal; `{..}` where it is not. */
export function redirectText(v: Val | undefined, pathOf: (v: Val) => string | undefined): string | undefined {
  if (!v) return undefined;
  switch (v.t) {
    case 'const':
      return v.v === null ? undefined : String(v.v);
    case 'op':
      if (v.op === 'fmt' || v.op === '+') return v.args.map(a => redirectText(a, pathOf) ?? '{}').join('');
      return v.args.length === 1 ? redirectText(v.args[0], pathOf) : '{}';
    case 'call': {
      const first = v.args.pos[0];
      // `url_for("login")` names the endpoint; the path is filled in where the routes are known.
      if (/url_for|url_path_for/.test(v.name) && first?.t === 'const') return `@${String(first.v)}`;
      if (v.recv && /^(to_string|as_str|into|include_query_params|build|parse|unwrap)$/.test(v.name)) return redirectText(v.recv, pathOf);
      return first ? redirectText(first, pathOf) : '{}';
    }
    case 'phi':
      return leavesOf(v)
        .map(x => redirectText(x, pathOf))
        .find(x => x !== undefined);
    default:
      return '{}';
  }
}
