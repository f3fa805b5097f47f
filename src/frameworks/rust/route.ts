/** What a route says of itself, whichever of the frameworks serves it. */
import type { Ev } from '../../program/ev.js';
import type { Place } from '../../program/formula.js';
import type { Route } from '../types.js';
import { fnOf, paramTypes } from './axum/layers.js';
import type { Endpoint } from './axum/model.js';
import { tidy } from './axum/paths.js';
import { inputsOf } from './inputs.js';
import { attributeGaps } from './marks.js';
import { conditionText, handlerName } from './names.js';
import { stubOf } from './stub.js';

/** @param resolved whether it is known what answers, function or not; `elsewhere` is its place where it is no function */
export function routeOf(
  ev: Ev,
  e: Endpoint,
  resolved: boolean,
  elsewhere: Place,
  own: Pick<Route, 'framework' | 'run' | 'ineffective'>,
): Route {
  const fn = fnOf(e.handler);
  const path = tidy(e.path);
  const stub = fn && stubOf(fn);
  return {
    ...own,
    method: e.method,
    path,
    slash: e.slash,
    handler: e.handler,
    handlerName: handlerName(e.handler),
    location: fn ? { file: fn.module.file, at: fn.def.at } : elsewhere,
    route: e.route,
    ...(e.service && !fn ? { implicit: true } : {}),
    ...(e.cond ? { when: conditionText(e.cond) } : {}),
    ...(stub ? { stub } : {}),
    inputs: fn ? inputsOf(ev, paramTypes(ev, fn), path) : [],
    gaps: [
      ...(e.gaps ?? []),
      ...(fn ? attributeGaps(ev, fn) : []),
      ...(fn || resolved
        ? []
        : [
            {
              why: 'unresolved-handler' as const,
              says: `the handler of ${e.method} ${path} is not known`,
              place: e.route,
              hides: ['guards' as const, 'outcomes' as const, 'effects' as const],
            },
          ]),
    ],
  };
}
