/** A table from three small numbers to one, without an object for each row: diagrams ask such tables millions of times. */
export class Triples {
  private first = new Int32Array(START);
  private last = new Int32Array(START);
  private values = new Int32Array(START);
  private rows = 0;

  get size(): number {
    return this.rows;
  }

  /**
   * What was set for the three, or -1.
   * @param x below 2^19
   * @param y below 2^12
   */
  get(x: number, y: number, z: number): number {
    const at = this.at((x << 12) | y, z);
    return this.first[at] === EMPTY ? -1 : (this.values[at] as number);
  }

  /** Sets what was not set before. */
  set(x: number, y: number, z: number, value: number): void {
    if (++this.rows * 2 > this.first.length) this.grow();
    this.put((x << 12) | y, z, value);
  }

  private put(first: number, last: number, value: number): void {
    const at = this.at(first, last);
    this.first[at] = first + 1;
    this.last[at] = last;
    this.values[at] = value;
  }

  /** The place of a row: where it stands, or the free one where it would. */
  private at(first: number, last: number): number {
    const mask = this.first.length - 1;
    const hash = Math.imul(first ^ Math.imul(last, 0x85ebca6b), 0x9e3779b1);
    let at = (hash ^ (hash >>> 15)) & mask;
    while (this.first[at] !== EMPTY && (this.first[at] !== first + 1 || this.last[at] !== last)) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { first, last, values } = this;
    const size = first.length * 4;
    this.first = new Int32Array(size);
    this.last = new Int32Array(size);
    this.values = new Int32Array(size);
    for (let i = 0; i < first.length; i++)
      if (first[i] !== EMPTY) this.put((first[i] as number) - 1, last[i] as number, values[i] as number);
  }
}

const START = 16;
const EMPTY = 0;
