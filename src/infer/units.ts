/** Which piece of code on the request's way made a refusal: the decorator, hook, extractor or line that a reader would name. */
import type { Guard, Via } from '../contract/types.js';
import type { Route } from '../frameworks/types.js';
import type { Frame } from '../program/ev.js';
import type { Place } from '../program/formula.js';

export interface Unit {
  via: Via;
  name: string;
  scope: Guard['scope'];
  /** Two refusals of one unit have one key. */
  key: string;
}

/** How a request was turned away: where the answer was made, and which call returned under the condition that decided. */
interface Left {
  frame: Frame | undefined;
  from?: Frame | undefined;
  decided?: Frame | undefined;
  place: Place;
}

export function unitOf(w: Left, route: Route, handler: unknown): Unit {
  const { unit, by } = maker(w, route, handler);
  // What a decorator further in decided may get its form from one further out, which renders the pages of all.
  if (unit.via !== 'decorator' || !by || !w.decided || !callers(w.decided).includes(by)) return unit;
  const inner = maker({ ...w, frame: w.decided }, route, handler).unit;
  return inner.via === 'decorator' ? inner : unit;
}

/** The calls that led to this one, the outermost first. */
function callers(frame: Frame | undefined): Frame[] {
  const chain: Frame[] = [];
  for (let f = frame; f; f = f.parent) chain.unshift(f);
  return chain;
}

/** The piece of code that made the answer, and the call of it where it is a layer. */
function maker(w: Left, route: Route, handler: unknown): { unit: Unit; by?: Frame } {
  const chain = callers(w.frame);
  const body = chain.findIndex(f => f.def !== undefined && f.def === handler);
  // The innermost layer before the handler's own body decides, unless the body itself called on another guarded function.
  for (let i = chain.length - 1; i >= 0; i--) {
    const f = chain[i] as Frame;
    if (i === body) break;
    const role = f.role?.split(':');
    if (body >= 0 && i > body && (f.fn?.wraps || role?.[0] === 'decorator')) {
      const name = f.fn?.wraps?.by ?? f.name;
      return { unit: { via: 'delegate', name, scope: 'endpoint', key: `delegate:${name}:${f.place.file}:${f.place.at}` }, by: f };
    }
    if (i > body && role && role[0] !== 'handler') {
      const scope = (role[1] ?? 'endpoint') as Guard['scope'];
      return { unit: { via: role[0] as Via, name: f.name, scope, key: `${f.role}:${f.name}:${f.place.file}:${f.place.at}` }, by: f };
    }
    if (f.fn?.wraps && (body < 0 || i < body)) {
      const name = f.fn.wraps.by;
      return { unit: { via: 'decorator', name, scope: 'endpoint', key: `decorator:${name}:${f.place.file}:${f.place.at}` }, by: f };
    }
  }
  const called = body >= 0 ? chain[body + 1] : chain.find(f => f.role === undefined);
  const helper = called && converts(called) ? undefined : called;
  const origin = helper ?? w.from;
  const name = origin?.name ?? route.handlerName;
  const at = origin ? `${origin.name}:${origin.place.file}:${origin.place.at}` : `${w.place.file}:${w.place.at}`;
  return { unit: { via: 'inline', name, scope: 'endpoint', key: `inline:${at}` } };
}

/** What makes another form of an answer that was decided on elsewhere: `err.into()`, `From::from(err)`. */
const converts = (f: Frame): boolean => /(^|::)(From|Into|IntoResponse|ResponseError|Responder)$/.test(f.fn?.impl?.trait?.path ?? '');
