/**
 * What is derived from values is made once: the same expression over the same base is the same value. Two keys find it, for a text
 * made of both would have to be built, and hashed, each time that somebody asks.
 */

/** One kind of derived thing, by two keys. */
export class Interned<A, B, V> {
  private readonly lasting = new Map<A, Map<B, V>>();
  /** What was made while a request runs: nobody asks for it after that request. */
  private readonly passing = new Map<A, Map<B, V>>();

  constructor() {
    tables.push(this);
  }

  get(a: A, b: B): V | undefined {
    return this.lasting.get(a)?.get(b) ?? this.passing.get(a)?.get(b);
  }

  set(a: A, b: B, v: V): V {
    const table = request.runs ? this.passing : this.lasting;
    let row = table.get(a);
    if (!row) table.set(a, (row = new Map()));
    row.set(b, v);
    return v;
  }

  forget(all: boolean): void {
    this.passing.clear();
    if (all) this.lasting.clear();
  }
}

const tables: { forget(all: boolean): void }[] = [];

/** Does a request run? What is made then passes with it: all values from the number `since` on. */
export const request = { runs: false, since: 0 };

export function forgetInterned(all: boolean): void {
  for (const t of tables) t.forget(all);
}
