/** The same registration in several routers of which the settings choose one to be served (`match auth { None => serve(app(None)), .. }`). */
import { refuting } from '../../../program/formula.js';
import type { Val } from '../../../program/values.js';
import type { Endpoint } from './model.js';

/**
 * Each registration once, as most is put around it, since an application that can ask for credentials does so where it is served to others. Only
 * of those that are never served together: one that is served beside it is open all the same.
 */
export function mostCovered(all: readonly Endpoint[]): Endpoint[] {
  const same = new Map<string, Endpoint[]>();
  for (const e of all) {
    const { route: r } = e;
    const key = `${e.method} ${e.path} ${r.file}:${r.at} ${'def' in e.handler ? e.handler.def.at : ''}`;
    const known = same.get(key);
    if (known) known.push(e);
    else same.set(key, [e]);
  }
  return [...same.values()].flatMap(copies => copies.filter(e => !copies.some(x => isInstead(x, e) && covers(x) > covers(e))));
}

/** Is one of them served only where the other is not? */
const isInstead = (x: Endpoint, y: Endpoint): boolean => x.run !== undefined && y.run !== undefined && refuting(x.run)(y.run);

const covers = (e: Endpoint): number => e.layers.filter(l => !isNone(l.val)).length;

/** `option_layer(None)` is no layer. */
function isNone(v: Val): boolean {
  const given = v.t === 'call' && v.name === 'option_layer' ? v.args.pos[0] : undefined;
  return given?.t === 'variant' && given.tag === 'None';
}
