/** What the handler still asks, whom its guards have let come so far. */
import { and, type Atom, conjuncts, type F, FALSE, held, literals, not, or, truth, type Truth, TRUE } from '../program/formula.js';

/** What holds on each way into the handler. */
export class Entered {
  private readonly ways: readonly { given: ReadonlyMap<Atom, boolean>; memo: Map<F, Truth> }[];
  private readonly open = new Map<F, F>();

  constructor(conds: readonly F[]) {
    this.ways = conds.map(c => ({ given: literals(c), memo: held(c) }));
  }

  /** `f` without what is the same on all ways into the handler; TRUE where nothing else is left. */
  leftOpen(f: F): F {
    if (this.ways.length === 0) return f;
    let known = this.open.get(f);
    if (!known) this.open.set(f, (known = this.without(f)));
    return known;
  }

  private without(f: F): F {
    const [t, ...others] = this.ways.map(w => truth(f, a => w.given.get(a), w.memo));
    if (t !== undefined && others.every(x => x === t)) return t ? TRUE : FALSE;
    if (f.f === 'not') return not(this.leftOpen(f.x));
    if (f.f !== 'or' && f.f !== 'and') return f;
    const parts = f.f === 'or' ? f.xs : conjuncts(f);
    const left = parts.map(x => this.leftOpen(x));
    if (left.every((x, i) => x === parts[i])) return f;
    return f.f === 'or' ? or(left) : left.reduce(and, TRUE);
  }
}
