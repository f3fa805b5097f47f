/**
 * Decision diagrams of conditions (Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986): reduced and ordered, so
 * that two conditions with the same meaning have the same diagram, and one contains just the questions on which its meaning depends.
 * Questions are ordered as the code asks them, in which order the conditions of code stay small.
 */
import { spend } from '../program/effort.js';
import { type Atom, allAtoms, atomsOf, conjuncts, type F } from '../program/formula.js';
import { Triples } from './triples.js';

/** Larger diagrams are not drawn, nor those that take more steps. */
const NODES = 4096;
const STEPS = 32_768;
const NO = 0;
const YES = 1;

class TooLarge extends Error {}
const TOO_LARGE = new TooLarge();

/** The diagrams of some conditions, which share their nodes: each asks one question and goes on with `low` on no, with `high` on yes. */
export class Diagrams {
  private readonly level: number[] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  private readonly low: number[] = [NO, YES];
  private readonly high: number[] = [NO, YES];
  private readonly nodes = new Triples();
  private readonly joined = new Triples();
  private readonly drawn = new Map<F, number>();
  private readonly levels: Map<Atom, number>;

  /** @param told answers that are known */
  constructor(
    private readonly atoms: readonly Atom[],
    private readonly told?: ReadonlyMap<Atom, boolean>,
  ) {
    this.levels = new Map(atoms.map((a, i) => [a, i]));
  }

  /** The diagram of `f`, all of whose questions were given. */
  of(f: F): number {
    if (f.f === 'true') return YES;
    if (f.f === 'false') return NO;
    if (f.f === 'not') return this.choose(this.of(f.x), NO, YES);
    const known = this.drawn.get(f);
    if (known !== undefined) return known;
    const told = f.f === 'atom' ? this.told?.get(f) : undefined;
    const n =
      told !== undefined
        ? Number(told)
        : f.f === 'atom'
          ? this.node(this.levels.get(f) as number, NO, YES)
          : f.f === 'and'
            ? this.all(conjuncts(f))
            : f.xs.reduce((any, x) => (any === YES ? YES : this.choose(any, YES, this.of(x))), NO);
    this.drawn.set(f, n);
    return n;
  }

  /** The diagram of all of `fs` together. */
  all = (fs: readonly F[]): number => fs.reduce((n, f) => (n === NO ? NO : this.choose(n, this.of(f), NO)), YES);

  /** Does `b` hold wherever `a` does? */
  implies = (a: number, b: number): boolean => this.choose(a, b, YES) === YES;

  /** What is left of `n` when `a` is answered with `yes`. */
  given(n: number, a: Atom, yes: boolean): number {
    const at = this.levels.get(a);
    if (at === undefined) return n;
    const memo = new Map<number, number>();
    const visit = (x: number): number => {
      const level = this.level[x] as number;
      if (level > at) return x;
      if (level === at) return (yes ? this.high[x] : this.low[x]) as number;
      let r = memo.get(x);
      if (r === undefined) memo.set(x, (r = this.node(level, visit(this.low[x] as number), visit(this.high[x] as number))));
      return r;
    };
    return visit(n);
  }

  /** The questions on which it depends. */
  asks(n: number): Set<Atom> {
    const seen = new Set<number>([NO, YES]);
    const out = new Set<Atom>();
    const visit = (x: number): void => {
      if (seen.has(x)) return;
      seen.add(x);
      out.add(this.atoms[this.level[x] as number] as Atom);
      visit(this.low[x] as number);
      visit(this.high[x] as number);
    };
    visit(n);
    return out;
  }

  /** `c` decides between `a` and `b`. */
  private choose(c: number, a: number, b: number): number {
    if (c === YES || a === b) return a;
    if (c === NO) return b;
    if (a === YES && b === NO) return c;
    const known = this.joined.get(c, a, b);
    if (known >= 0) return known;
    if (this.joined.size >= STEPS) throw TOO_LARGE;
    spend(1);
    const level = Math.min(this.level[c] as number, this.level[a] as number, this.level[b] as number);
    const on = (x: number, side: readonly number[]): number => (this.level[x] === level ? (side[x] as number) : x);
    const low = this.choose(on(c, this.low), on(a, this.low), on(b, this.low));
    const high = this.choose(on(c, this.high), on(a, this.high), on(b, this.high));
    const n = this.node(level, low, high);
    this.joined.set(c, a, b, n);
    return n;
  }

  private node(level: number, low: number, high: number): number {
    if (low === high) return low;
    const known = this.nodes.get(level, low, high);
    if (known >= 0) return known;
    const n = this.level.length;
    if (n >= NODES) throw TOO_LARGE;
    this.level.push(level);
    this.low.push(low);
    this.high.push(high);
    this.nodes.set(level, low, high, n);
    return n;
  }
}

interface Drawn {
  all: Diagrams;
  root: number;
}
const memo = new WeakMap<F, Drawn | 'too large'>();

function drawn(f: F): Drawn | undefined {
  let known = memo.get(f);
  if (!known) {
    known = drawing(() => {
      const all = new Diagrams(atomsOf(f));
      return { all, root: all.of(f) };
    });
    memo.set(f, (known ??= 'too large'));
  }
  return known === 'too large' ? undefined : known;
}

/** What `draw` gives; undefined where a diagram becomes too large for it. */
function drawing<T>(draw: () => T): T | undefined {
  try {
    return draw();
  } catch (error) {
    if (error !== TOO_LARGE) throw error;
    return undefined;
  }
}

/** The questions on which the meaning of `f` depends; undefined where that was not found out. */
export function essential(f: F): ReadonlySet<Atom> | undefined {
  const d = drawn(f);
  return d?.all.asks(d.root);
}

/** Does `f` hold in more cases where `a` is answered with `told` than where it is not, and in none in which it is the other way round? */
export function onlyWith(f: F, a: Atom, told: boolean): boolean {
  const d = drawn(f);
  if (!d) return false;
  const sides = drawing(() => [d.all.given(d.root, a, told), d.all.given(d.root, a, !told)] as const);
  return sides !== undefined && sides[0] !== sides[1] && (drawing(() => d.all.implies(sides[1], sides[0])) ?? false);
}

/** Questions that merely choose between others: of neither answer it can be said that `f` holds where it holds with the other one. */
export function choosing(f: F): ReadonlySet<Atom> {
  const d = drawn(f);
  const out = new Set<Atom>();
  for (const a of d?.all.asks(d.root) ?? []) {
    const one = drawing(() => {
      const { all, root } = d as Drawn;
      const [yes, no] = [all.given(root, a, true), all.given(root, a, false)];
      return all.implies(yes, no) || all.implies(no, yes);
    });
    if (one === false) out.add(a);
  }
  return out;
}

/** Does `x` hold wherever all of `before` do? False where that was not found out. */
export const follows = (x: F, before: readonly F[]): boolean =>
  drawing(() => {
    const diagrams = new Diagrams(allAtoms([...before, x]));
    return diagrams.implies(diagrams.all(before), diagrams.of(x));
  }) ?? false;

/** Can `f` hold with these answers to some of its questions? Undefined where that was not found out. */
export const possible = (f: F, told: ReadonlyMap<Atom, boolean>): boolean | undefined =>
  drawing(() => new Diagrams(atomsOf(f), told).of(f) !== NO);
