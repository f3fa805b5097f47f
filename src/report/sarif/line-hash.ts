/**
 * The line hashes that GitHub's upload action computes for `primaryLocationLineHash`: a rolling 64-bit hash, base 37, over the hundred
 * UTF-16 units that follow the start of a line, spaces and tabs skipped, CRLF read as LF. A report that is uploaded without the action
 * keeps the same identities by sending them itself.
 */

const BLOCK = 100;
const BASE = 37;
const END = 65535;
const HALF = 2 ** 32;

/** 37^100 modulo 2^64, as two halves: the weight of the unit that leaves the window. */
const [FIRST_HIGH, FIRST_LOW] = (() => {
  let v = 1n;
  for (let i = 0; i < BLOCK; i++) v = BigInt.asUintN(64, v * 37n);
  return [Number(v >> 32n), Number(v & 0xffffffffn)];
})();

/** Hashes of all lines of a text, the first line's at index 1: `hex:occurrence`. */
export function lineHashes(text: string): string[] {
  const window = new Uint16Array(BLOCK);
  const lines = new Int32Array(BLOCK).fill(-1);
  const counts = new Map<string, number>();
  const out: string[] = [''];
  // The sum is kept in two halves of 32 bits, since a product of 64 bits has no exact double.
  let high = 0;
  let low = 0;
  let index = 0;
  let line = 0;
  let lineStart = true;
  let afterCr = false;

  const emit = (): void => {
    const hash = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
    const n = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, n);
    out[lines[index]!] = `${hash}:${n}`;
    lines[index] = -1;
  };
  const push = (unit: number): void => {
    const gone = window[index]!;
    window[index] = unit;
    const lowSum = low * BASE + unit - FIRST_LOW * gone;
    const carry = Math.floor(lowSum / HALF);
    low = lowSum - carry * HALF;
    const highSum = high * BASE + carry - FIRST_HIGH * gone;
    high = highSum - Math.floor(highSum / HALF) * HALF;
    index = (index + 1) % BLOCK;
  };
  const take = (unit: number): void => {
    let current = unit;
    if (current === 32 || current === 9 || (afterCr && current === 10)) {
      afterCr = false;
      return;
    }
    afterCr = current === 13;
    if (afterCr) current = 10;
    if (lines[index] !== -1) emit();
    if (lineStart) {
      lineStart = false;
      line++;
      lines[index] = line;
    }
    if (current === 10) lineStart = true;
    push(current);
  };

  for (let i = 0; i < text.length; i++) take(text.charCodeAt(i));
  take(END);
  for (let i = 0; i < BLOCK; i++) {
    if (lines[index] !== -1) emit();
    push(0);
  }
  return out;
}
