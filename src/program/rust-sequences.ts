/** Which values of Rust are gone through piece by piece, or hold others. */
import type { Val } from './values.js';

/** A text that was taken apart; of other values, nothing but an iterator is asked whether any or all of it is so. */
export const isGoneThrough = (v: Val, name: string): boolean =>
  (v.t === 'op' && PIECES.test(v.op)) ||
  (/^(any|all)$/.test(name) && (v.t === 'call' || v.t === 'attr' || v.t === 'item' || (v.t === 'op' && v.op === 'either')));
const PIECES = /^(r?splitn?|split_(ascii_)?whitespace|chars|bytes|lines)$/;

export const isSequence = (v: Val): boolean => v.t === 'seq' || v.t === 'map' || (v.t === 'op' && (v.op === 'iter' || PIECES.test(v.op)));
