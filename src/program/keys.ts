/** What a value is called as the key of a map. */
import type { Val } from './values.js';

/** The same text for the same key; undefined where it is not known which it is. */
export function keyOf(k: Val): string | undefined {
  if (k.t === 'const') return String(k.v);
  if (k.t === 'variant') return `${k.of}.${k.tag}`;
  if (k.t === 'class') return `class:${k.id}`;
  if (k.t === 'ext') return `ext:${k.path}`;
  if (k.t === 'seq' && !k.rest && k.items.every(i => keyOf(i) !== undefined)) {
    const keys = k.items.map(keyOf);
    // Of a set it says nothing in which order it was made.
    return `(${(k.kind === 'set' ? keys.sort() : keys).join()})`;
  }
  return undefined;
}
