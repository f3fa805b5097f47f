/** What registers routes: which values are applications, blueprints, Apis and namespaces. */
import { libraryBases } from '../../../program/classes.js';
import type { Ev } from '../../../program/ev.js';
import type { Val } from '../../../program/values.js';

export type Kind = 'app' | 'blueprint' | 'api' | 'namespace';

const KINDS: [RegExp, Kind][] = [
  [/^flask\.Flask$/, 'app'],
  [/^flask\.Blueprint$/, 'blueprint'],
  [/^flask_(rest(ful|x|plus)|smorest)\.Api$/, 'api'],
  [/^flask_rest(x|plus)\.Namespace$/, 'namespace'],
];

/** Asks of values what they are; undefined for those that register nothing. */
export function kindsIn(ev: Ev): (v: Val) => Kind | undefined {
  const known = (v: Val): Kind | undefined => KINDS.find(([p]) => p.test(typeOf(ev, v)))?.[1];
  // What a library makes and is given blueprints is an application, too, whatever its class is called.
  const holders = new Set<number>();
  for (const c of ev.events) {
    const [given] = c.args.pos;
    if (c.name === 'register_blueprint' && c.recv?.t === 'call' && given && known(given) === 'blueprint') holders.add(c.recv.id);
  }
  return v => known(v) ?? (v.t === 'call' && holders.has(v.id) ? 'app' : undefined);
}

function typeOf(ev: Ev, v: Val): string {
  if (v.t === 'obj')
    return (
      libraryBases(v.cls)
        .map(p => ev.models.canonical(p))
        .find(p => KINDS.some(([k]) => k.test(p))) ?? ''
    );
  if (v.t !== 'call' && v.t !== 'sym' && v.t !== 'attr' && v.t !== 'ext') return '';
  const path = ev.program.pathOf(v) ?? '';
  return path.endsWith('()') ? ev.models.canonical(path.slice(0, -2)) : '';
}
