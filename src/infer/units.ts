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

export function unitOf(w: { frame: Frame | undefined; from?: Frame | undefined; place: Place }, route: Route, handler: unknown): Unit {
  const chain: Frame[] = [];
  for (let f = w.frame; f; f = f.parent) chain.unshift(f);
  const body = chain.findIndex(f => f.def !== undefined && f.def === handler);
  // The innermost layer before the handler's own body decides, unless the body itself called on another guarded function.
  for (let i = chain.length - 1; i >= 0; i--) {
    const f = chain[i] as Frame;
    if (i === body) break;
    const role = f.role?.split(':');
    if (body >= 0 && i > body && (f.fn?.wraps || role?.[0] === 'decorator')) {
      return {
        via: 'delegate',
        name: f.fn?.wraps?.by ?? f.name,
        scope: 'endpoint',
        key: `delegate:${f.fn?.wraps?.by ?? f.name}:${f.place.file}:${f.place.at}`,
      };
    }
    if (i > body && role && role[0] !== 'handler') {
      return {
        via: role[0] as Via,
        name: f.name,
        scope: (role[1] ?? 'endpoint') as Guard['scope'],
        key: `${f.role}:${f.name}:${f.place.file}:${f.place.at}`,
      };
    }
    if (f.fn?.wraps && (body < 0 || i < body))
      return { via: 'decorator', name: f.fn.wraps.by, scope: 'endpoint', key: `decorator:${f.fn.wraps.by}:${f.place.file}:${f.place.at}` };
  }
  const called = body >= 0 ? chain[body + 1] : chain.find(f => f.role === undefined);
  const helper = called && converts(called) ? undefined : called;
  const origin = helper ?? w.from;
  if (origin)
    return { via: 'inline', name: origin.name, scope: 'endpoint', key: `inline:${origin.name}:${origin.place.file}:${origin.place.at}` };
  return { via: 'inline', name: route.handlerName, scope: 'endpoint', key: `inline:${w.place.file}:${w.place.at}` };
}

/** What makes another form of an answer that was decided on elsewhere: `err.into()`, `From::from(err)`. */
const converts = (f: Frame): boolean => /(^|::)(From|Into|IntoResponse|ResponseError|Responder)$/.test(f.fn?.impl?.trait?.path ?? '');
