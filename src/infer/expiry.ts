/** Comparisons with the clock: when a credential has run out. */
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';

/**
 * @param operator of the comparison, `<` by default
 * @param sides its two sides, left and right
 * @returns what comes out of it while the credential is valid; undefined where the clock has no part in it, or it is about the beginning
 */
export function unexpired(operator: string | undefined, [left, right]: readonly Val[]): boolean | undefined {
  if (!left || !right || !((prov(left) | prov(right)) & Prov.Clock)) return undefined;
  if (/(iat|nbf|issued|created|not_before|login)/i.test(nameOf(left) + nameOf(right))) return undefined;
  const over = prov(left) & Prov.Clock && !(prov(right) & Prov.Clock) && !remains(left);
  return (operator ?? '<').startsWith(over ? '<' : '>');
}

const nameOf = (v: Val): string =>
  v.t === 'attr' ? v.name : v.t === 'op' && v.args[0] ? nameOf(v.args[0]) : v.t === 'call' && v.recv ? nameOf(v.recv) : '';

/** `(exp - now).seconds`: how long it is good for yet, not how old it is. */
function remains(v: Val): boolean {
  let x = v;
  for (let i = 0; i < 10; i++) {
    const from = x.t === 'call' ? x.recv : x.t === 'op' ? x.args[0] : x.t === 'attr' ? x.of : undefined;
    if (!from) return false;
    if (!(prov(from) & Prov.Clock)) return (prov(from) & Prov.Credential) !== 0;
    x = from;
  }
  return false;
}
