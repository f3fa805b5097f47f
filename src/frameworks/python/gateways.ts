/**
 * What an application puts around the whole of it, by the protocol between a server and an application (WSGI, PEP 3333; ASGI 3.0): it sees
 * every request before the framework does.
 */
import { callback } from '../../program/calls.js';
import type { Ev } from '../../program/ev.js';
import type { Place } from '../../program/formula.js';
import { args as mkArgs, constant, ext, native, NONE, phi, sym } from '../../program/make.js';
import { pyAttribute } from '../../program/python.js';
import { type FnVal, Prov, type Scope, type Val } from '../../program/values.js';
import type { PackModels } from '../../packs/models.js';
import { around } from '../layers.js';
import { literal } from './common.js';

export type Protocol = 'wsgi' | 'asgi';

/** A callable around an application. */
export interface Gateway {
  fn: FnVal;
  name: string;
  /** Is it the application itself, or what a library made around it? */
  leadsOn: (v: Val) => boolean;
  /** There is another one, and it is not known which of them the server is given. */
  unclear?: true;
}

/** How many arguments the server calls it with: `(environ, start_response)`, `(scope, receive, send)`. */
const ARITY: Record<Protocol, number> = { wsgi: 2, asgi: 3 };
const DEEP = 4;

/**
 * The outermost callable of the application's own code around an application, as the server is given it: what a module keeps under a name, what is
 * handed to a library, or `inside`.
 * @param isApp which value is the application
 * @param inside what the application was told to call itself by (`app.wsgi_app`)
 * @returns undefined where there is none
 */
export function gatewayOf(ev: Ev, isApp: (v: Val) => boolean, protocol: Protocol, inside?: Val): Gateway | undefined {
  const leadsOn = (v: Val): boolean => holds(v, isApp, DEEP);
  const seen = new Set<Val>();
  const consider = (v: Val | undefined): void => {
    if (v?.t === 'obj' && !isApp(v) && entryOf(v, protocol) && leadsOn(v)) seen.add(v);
  };
  for (const m of ev.program.modules)
    if (m.language === 'python' && m.state !== 'new') for (const v of m.scope.vars.values()) consider(v.t === 'late' ? v.get() : v);
  for (const c of ev.events) for (const v of [...c.args.pos, ...c.args.kw.values()]) consider(v);
  const outermost = [...seen].filter(v => ![...seen].some(x => x !== v && holds(x, y => y === v, DEEP)));
  const value = outermost[0] ?? inside;
  const fn = value && entryOf(value, protocol);
  return fn && { fn, name: value.t === 'obj' ? value.cls.name : fn.def.name, leadsOn, ...(outermost.length > 1 ? { unclear: true } : {}) };
}

/** The same of a Flask application, which calls itself by `wsgi_app`. */
export function gatewayAround(ev: Ev, app: Val): Gateway | undefined {
  const kept = app.t === 'obj' ? app.fields : app.t === 'call' || app.t === 'sym' ? app.store : undefined;
  return gatewayOf(ev, v => v === app || v.id === app.id, 'wsgi', kept?.get('wsgi_app'));
}

/** Notes where it is not known through which of several callables requests come. */
export function isClear(ev: Ev, { fn, name, unclear }: Gateway): boolean {
  if (unclear)
    ev.gap('unknown-middleware', `\`${name}\` and others stand around the application: which of them is served is not known`, placeOf(fn));
  return !unclear;
}

export const placeOf = (fn: FnVal): Place => ({ file: fn.module.file, at: fn.def.at });

/** The function that a server calls, where `v` can be called by this protocol. */
function entryOf(v: Val, protocol: Protocol): FnVal | undefined {
  const fn = v.t === 'obj' ? v.cls.members.get('__call__') : v;
  if (fn?.t !== 'fn') return undefined;
  const taken = fn.def.params.filter(p => p.kind !== 'self').length - (v.t === 'obj' && fn.def.params[0]?.kind !== 'self' ? 1 : 0);
  return taken === ARITY[protocol] ? (v.t === 'obj' ? { ...fn, self: v } : fn) : undefined;
}

/** Does `v` have at hand what is looked for: itself, in a field, as an argument that it was made with, or around it where it is a closure? */
function holds(v: Val, wanted: (v: Val) => boolean, deep: number): boolean {
  if (wanted(v)) return true;
  if (deep === 0) return false;
  const inner = (x: Val): boolean => holds(x, wanted, deep - 1);
  switch (v.t) {
    case 'obj':
      return [...v.fields.values()].some(inner);
    case 'attr':
      return inner(v.of);
    case 'call':
      return v.args.pos.some(inner) || [...v.args.kw.values()].some(inner);
    case 'fn':
      return closes(v.scope, inner);
    default:
      return false;
  }
}

const closes = (scope: Scope, wanted: (v: Val) => boolean): boolean =>
  (scope.kind === 'function' || scope.kind === 'block') && ([...scope.vars.values()].some(wanted) || closes(scope.parent as Scope, wanted));

/**
 * Runs a gateway around the rest of a request.
 * @param library the name under which the framework's request is known (`flask`, of `flask.request`)
 */
export function throughWsgi(ev: Ev, g: Gateway, library: string, models: PackModels): void {
  if (!isClear(ev, g)) return;
  const place = placeOf(g.fn);
  const request = ext(`${library}.request`);
  const environ = pyAttribute(ev, request, 'environ', place);
  for (const name of REQUESTS) models.told.set(name, c => (c.args.pos[0] === environ ? request : undefined));
  around(ev, 'middleware', 'app', g.name, place, next => {
    let answer: Val | undefined;
    const put = (v: Val, pc: Ev['pc']): void => {
      answer = answer === undefined ? v : phi(pc, v, answer);
    };
    const start = native('start_response', a => {
      const status = /^\d{3}\b/.exec(literal(a.pos[0]) ?? '')?.[0];
      put(sym('reply', Prov.None, { path: '@reply', store: new Map(status ? [['status', constant(Number(status))]] : []) }), ev.pc);
      return native('write', () => NONE);
    });
    const before = ev.events.length;
    callback(ev, g.fn, mkArgs([environ, start]), place);
    const after = ev.pc;
    for (const c of ev.events.slice(before)) {
      if (c.args.pos[1] !== start || !c.fn) continue;
      // A response is an application, too: it answers.
      if (!g.leadsOn(c.fn)) put(c.fn, c.pc);
      else if (next.t === 'native') {
        ev.pc = c.pc;
        next.call(mkArgs(), place);
      }
    }
    ev.pc = after;
    return answer ?? NONE;
  });
}

/** What makes a request of an environment. */
const REQUESTS = ['flask.Request', 'bottle.Request', 'bottle.BaseRequest', 'bottle.LocalRequest'];
