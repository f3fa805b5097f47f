import type { Endpoint, Problem } from '../contract/types.js';
import type { PairedBy } from '../findings/types.js';

/** One path that the port serves under another name. Both are whole paths or prefixes of paths, without parameters' names mattering. */
export interface Alias {
  /** As the original has it. */
  from: string;
  /** As the port has it. */
  to: string;
}

/** An endpoint of the original and the one that answers the same requests in the port. */
export interface Pair {
  /** Method and template of the original. */
  key: string;
  python: Endpoint;
  rust: Endpoint;
  by: PairedBy;
}

export interface Match {
  pairs: Pair[];
  /** Endpoints of the original that nothing answers in the port. */
  missing: Endpoint[];
  /** Endpoints of the port that the original does not have. */
  extra: Endpoint[];
  /** Endpoints of the port that have the key of another one of the port, by that key, the paired one first. */
  duplicates: Map<string, Endpoint[]>;
  /** What was done beyond comparing keys: a prefix, a suffix, a catch-all. */
  notes: Problem[];
}
