/** A look at facts as they are written: names and members, not what they mean. */

/** What walks ask of a node; which of it is there depends on what the node is. */
export interface Written {
  k?: string;
  s?: string;
  id?: string;
  name?: string;
  segs?: string[];
  v?: unknown;
  tokens?: string;
  fn?: Written;
  args?: unknown[];
}

/** Goes through facts from the outside in; `enter` says whether to go further in. */
export function walk(x: unknown, enter: (n: Written) => boolean): void {
  if (x === null || typeof x !== 'object') return;
  if (Array.isArray(x)) {
    for (const y of x) walk(y, enter);
    return;
  }
  if (!enter(x as Written)) return;
  for (const y of Object.values(x)) walk(y, enter);
}
