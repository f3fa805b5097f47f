/** Error handlers: which of those registered answers for what was raised, and with what. */
import type { PackModels } from '../../../packs/models.js';
import type { Responses } from '../../../infer/responses.js';
import { callback } from '../../../program/calls.js';
import { type Ev, quietly } from '../../../program/ev.js';
import { args as mkArgs, constant, ext } from '../../../program/make.js';
import { inherits } from '../../../program/tries.js';
import type { Val } from '../../../program/values.js';
import type { Place } from '../../../program/formula.js';
import type { ErrorHandler } from './registry.js';

const HTTP = ext('werkzeug.exceptions.HTTPException');

/**
 * The answer of the application's own handler to `raised`; undefined where it has none.
 * @param tables handlers in the order in which they are asked: those of the innermost blueprint first, the application's last
 */
export function handled(
  ev: Ev,
  tables: readonly (readonly ErrorHandler[])[],
  raised: Val,
  responses: Responses,
  place: Place,
): Val | undefined {
  // An exception that carries a response of its own is sent as it is.
  const carried = raised.t === 'call' && raised.path === 'flask.abort' ? raised.args.pos[0] : undefined;
  if (carried && carried.t !== 'const' && carried.t !== 'variant' && carried.t !== 'ext') return undefined;
  // One without a code of its own is sent by what it carries, and no handler is asked (flask/app.py, handle_http_exception).
  const response = raised.t === 'call' && raised.path !== 'flask.abort' ? responses.carried(raised) : undefined;
  if (response && raised.t === 'call' && raised.path === HTTP.path && !raised.store?.has('code')) return undefined;
  const reply = raised.t === 'sym' && raised.path === '@reply';
  const http = reply || inherits(ev, raised, HTTP);
  const status = http ? responses.answer(raised, true).status : 500;
  const hit =
    (http ? byStatus(ev, tables, raised, status, responses) : undefined) ??
    byClass(ev, tables, raised, reply) ??
    (http ? undefined : byStatus(ev, tables, raised, 500, responses));
  if (!hit) return http ? ownResponse(ev, raised, place) : undefined;
  const given = withStatus(raised, http ? status : undefined, response);
  let died = false;
  const v = quietly(ev, () => {
    const out = callback(ev, hit.handler, mkArgs([given]), place);
    died = ev.dead;
    // What a handler raises is answered without asking handlers again.
    return died ? (ev.sink.at(-1)?.val ?? raised) : out;
  });
  // What a library makes of the exception itself is answered as that says.
  return v?.t === 'call' && v.args.pos.includes(given) && (ev.models as PackModels).row(v.path) === undefined ? undefined : v;
}

/** An HTTP exception of the application that says itself how it is answered. */
function ownResponse(ev: Ev, raised: Val, place: Place): Val | undefined {
  const respond = raised.t === 'obj' ? raised.cls.members.get('get_response') : undefined;
  if (respond?.t !== 'fn') return undefined;
  return quietly(ev, () => callback(ev, { ...respond, self: raised }, mkArgs([ext('flask.request.environ')]), place));
}

function byStatus(
  ev: Ev,
  tables: readonly (readonly ErrorHandler[])[],
  raised: Val,
  status: number | undefined,
  responses: Responses,
): ErrorHandler | undefined {
  if (status === undefined) return undefined;
  for (const t of tables) {
    const fits = [...t]
      .reverse()
      .filter(h =>
        h.on.t === 'const'
          ? h.on.v === status
          : isClass(h.on) && !isBase(h.on) && responses.answer(h.on, true).status === status && isHttp(h.on),
      );
    const hit = fits.find(h => isSpecial(ev, h.on) && special(ev, raised, h.on)) ?? fits.find(h => !isSpecial(ev, h.on));
    if (hit) return hit;
  }
  return undefined;
}

/** Is it a class of errors below the one that stands for its status? */
function isSpecial(ev: Ev, on: Val): boolean {
  const base = on.t === 'ext' ? (ev.models as PackModels).row(on.path)?.error?.is : undefined;
  return base !== undefined && base !== HTTP.path;
}

/** Is what was raised of the special class `on`, or does the library that refused raise just that? */
function special(ev: Ev, raised: Val, on: Val): boolean {
  if (raised.t !== 'sym' || raised.path !== '@reply') return inherits(ev, raised, on);
  const by = raised.store?.get('by');
  return by?.t === 'const' && on.t === 'ext' && String(by.v).split('.')[0] === on.path.split('.')[0];
}

const isClass = (v: Val): boolean => v.t === 'ext' || v.t === 'class';
const isBase = (v: Val): boolean => v.t === 'ext' && /(HTTPException|^builtins\.\w+)$/.test(v.path);
const isHttp = (v: Val): boolean => v.t === 'ext' && /^(werkzeug|flask)/.test(v.path);

/** Of the classes that fit, the nearest: the one that no other fitting one derives from. */
function byClass(ev: Ev, tables: readonly (readonly ErrorHandler[])[], raised: Val, reply: boolean): ErrorHandler | undefined {
  for (const t of tables) {
    const fits = t.filter(
      h => h.on.t !== 'const' && (everything(h.on) || (reply ? h.on.t === 'ext' && h.on.path === HTTP.path : inherits(ev, raised, h.on))),
    );
    const best = fits.filter(
      h => !fits.some(o => o !== h && o.on !== h.on && (everything(h.on) ? !everything(o.on) : inherits(ev, o.on, h.on))),
    );
    const hit = best.at(-1);
    if (hit) return hit;
  }
  return undefined;
}

const everything = (v: Val): boolean => v.t === 'ext' && /^builtins\.(Exception|BaseException)$/.test(v.path);

/** The exception as the handler sees it: its `code`, and the response that it carries, can be read. */
function withStatus(raised: Val, status: number | undefined, response: Val | undefined): Val {
  if (status === undefined || (raised.t !== 'call' && raised.t !== 'sym')) return raised;
  const told: [string, Val][] = [
    ['code', constant(status)],
    ['status_code', constant(status)],
    ['response', response ?? constant(null)],
  ];
  return { ...raised, store: new Map([...(raised.store ?? []), ...told]) };
}
