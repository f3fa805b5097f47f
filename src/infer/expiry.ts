/** Comparisons with the clock: when a credential has run out. */
import { leavesOf } from '../program/alternatives.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { lastName } from './asked.js';

/**
 * @param operator of the comparison, `<` by default
 * @param sides its two sides, left and right
 * @returns what comes out of it while the credential is valid; undefined where the clock has no part in it, or it is about the beginning
 */
export function unexpired(operator: string | undefined, [left, right]: readonly Val[]): boolean | undefined {
  if (!left || !right || !(ofClock(left) || ofClock(right))) return undefined;
  if (/(iat|nbf|issued|created|not_before|login)/i.test(nameOf(left) + nameOf(right))) return undefined;
  const over = ofClock(left) && !ofClock(right) && !remains(left);
  return (operator ?? '<').startsWith(over ? '<' : '>');
}

/** Is it made from the time? What a query gives that was told the time (a counter that fills up again) is what is kept there. */
export function ofClock(v: Val, deep = 0): boolean {
  if (!(prov(v) & Prov.Clock)) return false;
  if (deep > DEEP) return true;
  const made = (x: Val): boolean => ofClock(x, deep + 1);
  switch (v.t) {
    case 'attr':
    case 'item':
      return made(v.of);
    case 'op':
      return v.args.some(made);
    case 'call': {
      if (v.query) return false;
      const from = [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()].filter(x => prov(x) & Prov.Clock);
      return from.length === 0 || from.some(made);
    }
    default:
      return true;
  }
}

const DEEP = 12;

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

/**
 * Is it, or is it read from, the claim that says from when or until when a token holds (RFC 7519, 4.1.4 to 4.1.6)? Whatever is asked of it (that
 * it is the text of a date, say), it asks whether the token is one.
 */
export function isTimeClaim(v: Val): boolean {
  let x: Val | undefined = v;
  for (let i = 0; x && i < 40; i++) {
    if (/^(exp|nbf|iat)$/.test(lastName(x) ?? '')) return true;
    if (x.t === 'phi') return leavesOf(x).every(isTimeClaim);
    x = x.t === 'call' ? (x.recv ?? x.args.pos[0]) : x.t === 'op' ? x.args[0] : x.t === 'attr' || x.t === 'item' ? x.of : undefined;
  }
  return false;
}
