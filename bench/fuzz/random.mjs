// @ts-check
/** Numbers that are the same for the same seed on every machine. */

/**
 * @typedef {object} Random
 * @property {(n: number) => number} below an integer from 0 to n - 1
 * @property {<T>(items: readonly T[]) => T} pick
 */

/**
 * Mulberry32: small, fast, and good enough to choose places in a text.
 * @param {number} seed any integer
 * @returns {Random}
 */
export function random(seed) {
  let state = seed >>> 0;
  const below = (/** @type {number} */ n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
  return { below, pick: items => /** @type {any} */ (items[below(items.length)]) };
}
