/** The same registration in several routers of which the settings choose one to be served (`match auth { None => serve(app(None)), .. }`). */
import type { Val } from '../../../program/values.js';
import type { Endpoint } from './model.js';

/** Each registration once: as most is put around it, since an application that can ask for credentials does so where it is served to others. */
export function mostCovered(all: readonly Endpoint[]): Endpoint[] {
  const best = new Map<string, Endpoint>();
  for (const e of all) {
    const { route: r } = e;
    const key = `${e.method} ${e.path} ${r.file}:${r.at} ${'def' in e.handler ? e.handler.def.at : ''}`;
    const known = best.get(key);
    if (!known || covers(e) > covers(known)) best.set(key, e);
  }
  return [...best.values()];
}

const covers = (e: Endpoint): number => e.layers.filter(l => !isNone(l.val)).length;

/** `option_layer(None)` is no layer. */
function isNone(v: Val): boolean {
  const given = v.t === 'call' && v.name === 'option_layer' ? v.args.pos[0] : undefined;
  return given?.t === 'variant' && given.tag === 'None';
}
