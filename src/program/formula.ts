/**
 * Path conditions: boolean formulas over atoms. A path condition grows as a linked conjunction, so that thousands of exits
 * share their prefixes; evaluation is three-valued and memoised per node.
 */
import { spend } from './effort.js';
import { type And, andNode, type Atom, conjunction, disjunction, FALSE, type F, negationNode, TRUE } from './nodes.js';

export { FALSE, TRUE };
export type { And, Atom, AtomKind, F, Place } from './nodes.js';

/** The negation of alternatives is the conjunction of their negations, so that what is excluded is excluded one by one. */
export function not(x: F): F {
  switch (x.f) {
    case 'true':
      return FALSE;
    case 'false':
      return TRUE;
    case 'not':
      return x.x;
    default: {
      if (x.negation) return x.negation;
      const n = x.f === 'or' ? x.xs.map(not).reduce(and, TRUE) : negationNode(x);
      x.negation = n;
      n.negation ??= x;
      return n;
    }
  }
}

export function and(prev: F, x: F): F {
  spend(1);
  if (prev === TRUE || prev === x) return x;
  if (x === TRUE) return prev;
  if (prev === FALSE || x === FALSE) return FALSE;
  // One chain, whatever was conjoined with what: `p ∧ (r ∧ n)` and `(p ∧ r) ∧ n` are the same node.
  if (x.f === 'and') {
    const parts: F[] = [];
    let p: F = x;
    while (p.f === 'and') {
      parts.push(p.x);
      p = p.prev;
    }
    let out = and(prev, p);
    for (let i = parts.length - 1; i >= 0; i--) out = and(out, parts[i] as F);
    return out;
  }
  if (x.f === 'not' && x.x.f === 'and') {
    const rest = unheld(x.x, prev);
    if (rest === TRUE) return FALSE;
    if (rest !== x.x) return and(prev, not(rest));
  }
  if (x.f === 'or') {
    const latest = latestOf(prev);
    if (x.xs.some(y => latest.includes(y))) return prev;
    const open = x.xs.filter(y => !latest.some(p => negates(p, y)));
    if (open.length < x.xs.length) return and(prev, or(open));
  }
  // A conjunct that is already there, or its negation, is found near the end far more often than not.
  let p: F = prev;
  for (let i = 0; i < 12; i++) {
    const last: F = p.f === 'and' ? p.x : p;
    if (last === x) return prev;
    if (negates(last, x)) return FALSE;
    // `¬(p ∧ q)` where `p` holds and `q` is added.
    if (last.f === 'not' && last.x.f === 'and' && partsOf(last.x).has(x) && unheld(last.x, prev) === x) return FALSE;
    if (p.f !== 'and') break;
    p = p.prev;
  }
  return conjunction(prev, x);
}
/** The latest of what holds. */
function latestOf(holds: F): F[] {
  const out: F[] = [];
  let p: F = holds;
  for (; out.length < 12 && p.f === 'and'; p = p.prev) out.push(p.x);
  if (out.length < 12) out.push(p);
  return out;
}

/** Where `prev` holds, `¬(p ∧ q)` says `¬q` when `p` is part of `prev`: what of the chain is not held already. */
function unheld(chain: F, prev: F): F {
  const parts = partsOf(chain);
  let held: Set<F> | undefined;
  for (let p = prev, i = 0; i < FAR; p = p.prev, i++) {
    const part = p.f === 'and' ? p.x : p;
    if (parts.has(part)) (held ??= new Set()).add(part);
    spend(1);
    if (p.f !== 'and') break;
  }
  if (!held) return chain;
  let out: F = TRUE;
  for (const x of parts) if (!held.has(x)) out = and(out, x);
  return out;
}
/** So far back on a path it is looked for what is held already. */
const FAR = 256;

/** The parts of a conjunction as a set, which is made once. */
export const partsOf = (chain: F): ReadonlySet<F> => (chain.parts ??= new Set(conjuncts(chain)));

/** Is `b` the negation of `a`? Single questions are told apart without making it. */
function negates(a: F, b: F): boolean {
  if (a.f === 'atom') return b.f === 'not' && b.x === a;
  return a.f === 'not' ? a.x === b : not(a) === b;
}

export function or(xs: F[]): F {
  const flat: F[] = [];
  for (const x of xs) {
    if (x === TRUE) return TRUE;
    if (x.f === 'or') flat.push(...x.xs);
    else if (x !== FALSE) flat.push(x);
  }
  if (flat.length < 2) return flat[0] ?? FALSE;
  // The shorter ones first: `(¬a ∧ ¬b) ∨ a ∨ b` is certain, in whatever order it was found.
  const lengths = flat.map(length);
  const order = flat.map((_, i) => i).sort((i, j) => (lengths[i] as number) - (lengths[j] as number));
  const settled = new Set<F>();
  const rests: F[] = [];
  let nested = false;
  for (const i of order) {
    const rest = beyond(flat[i] as F, settled);
    if (rest === TRUE) return TRUE;
    nested ||= rest.f === 'or';
    rests[i] = rest;
  }
  if (nested) return or(rests);
  const out: F[] = [];
  for (const r of rests) if (add(out, r)) return TRUE;
  return out.length === 1 ? (out[0] as F) : disjunction(out);
}

/** How many parts a conjunction has, as far as it matters for an order. */
function length(x: F): number {
  let n = 1;
  for (let p = x; p.f === 'and' && n < 100; p = p.prev) n++;
  return n;
}

/**
 * What `y` says when the alternatives before it do not hold: `a ∨ (¬a ∧ b)` is `a ∨ b`. `settled` holds what follows from their
 * not holding, and receives what follows from `y` not holding.
 */
export function beyond(y: F, settled: Set<F>): F {
  const parts = conjuncts(y);
  const kept = settled.size === 0 ? parts : parts.filter(c => !settled.has(c));
  const rest = kept.length === parts.length ? y : kept.reduce(and, TRUE);
  if (rest.f !== 'or') for (const c of conjuncts(and(TRUE, not(rest)))) settled.add(c);
  return rest;
}

/** Adds an alternative, taking together `p ∧ x` and `p ∧ ¬x`; true when the whole has become certain. */
function add(out: F[], y: F): boolean {
  for (let i = 0; i < out.length && i < 64; i++) {
    const o = out[i] as F;
    if (o === y) return false;
    if (negates(o, y)) return true;
    if (o.f === 'and' && y.f === 'and' && o.prev === y.prev && negates(o.x, y.x)) {
      out.splice(i, 1);
      return o.prev === TRUE || add(out, o.prev);
    }
  }
  out.push(y);
  return false;
}

/** The conjunction of what `pc` adds to its prefix `base` (`base` must be one of its prefixes; otherwise the whole). */
export function since(pc: F, base: F): F {
  if (pc === base) return TRUE;
  if (base === TRUE && pc.f !== 'and') return pc;
  // The exits of a call share most of their way: what the shorter one adds is a part of what the longer one adds.
  const steps: And[] = [];
  let p = pc;
  let r: F | undefined;
  while (p !== base) {
    if (p.f !== 'and') {
      if (base !== TRUE) return pc;
      r = p;
      break;
    }
    if (p.added?.to === base) {
      r = p.added.is;
      break;
    }
    steps.push(p);
    p = p.prev;
  }
  r ??= TRUE;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i] as And;
    r = and(r, step.x);
    step.added = { to: base, is: r };
  }
  return r;
}

/** `x` as one condition, whatever it is made of. */
export const whole = (x: F): F => (x.f === 'and' ? andNode(TRUE, x) : x);

/** Joins branches that all started at `base`: what holds after them. */
export function join(base: F, ends: F[]): F {
  const live = ends.filter(e => e !== FALSE);
  if (live.length === 0) return FALSE;
  if (live.some(e => e === base)) return base;
  const shared = live.reduce((a, b) => commonPrefix(a, b, base));
  return live.includes(shared) ? shared : and(shared, or(live.map(e => since(e, shared))));
}

/** How far `a` and `b`, which both began at `base`, went the same way. */
function commonPrefix(a: F, b: F, base: F): F {
  const way = new Set<F>();
  for (let p: F | undefined = a; p && p !== base; p = shorter(p)) way.add(p);
  for (let p: F | undefined = b; p && p !== base; p = shorter(p)) if (way.has(p)) return p;
  return base;
}
const shorter = (p: F): F | undefined => (p.f === 'and' ? p.prev : undefined);

export type Truth = true | false | undefined;

/** What is known so far under one assignment. */
export type Memo = Pick<Map<F, Truth>, 'has' | 'get' | 'set'>;

/** Three-valued value of `x`, where `atom` gives that of an atom; `memo` belongs to one assignment. */
export function truth(x: F, atom: (a: Atom) => Truth, memo: Memo): Truth {
  switch (x.f) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'not': {
      const t = truth(x.x, atom, memo);
      return t === undefined ? undefined : !t;
    }
    default:
      break;
  }
  if (memo.has(x)) return memo.get(x);
  spend(1);
  let r: Truth;
  if (x.f === 'atom') r = atom(x);
  else if (x.f === 'or') {
    r = false;
    for (const y of x.xs) {
      const t = truth(y, atom, memo);
      if (t === true) {
        r = true;
        break;
      }
      if (t === undefined) r = undefined;
    }
  } else {
    // Iterative over the chain: it can be thousands of links long.
    const chain: F[] = [];
    let p: F = x;
    while (p.f === 'and' && !memo.has(p)) {
      chain.push(p);
      p = p.prev;
    }
    let t: Truth = p.f === 'and' ? memo.get(p) : truth(p, atom, memo);
    for (let i = chain.length - 1; i >= 0; i--) {
      const link = chain[i] as F & { f: 'and' };
      if (t !== false) {
        const u = truth(link.x, atom, memo);
        t = u === false ? false : t === undefined || u === undefined ? undefined : true;
      }
      memo.set(link, t);
    }
    r = t;
  }
  memo.set(x, r);
  return r;
}

/** All atoms of a formula, in the order in which they were added, each once; what is in `seen` is passed over, and added to it. */
export function atomsOf(x: F, seen = new Set<F>()): Atom[] {
  const out: Atom[] = [];
  const visit = (start: F): void => {
    const chain: F[] = [];
    let p = start;
    while (p.f === 'and' && !seen.has(p)) {
      seen.add(p);
      chain.push(p.x);
      p = p.prev;
    }
    if (p.f !== 'and') chain.push(p);
    for (let i = chain.length - 1; i >= 0; i--) {
      const y = chain[i] as F;
      if (y.f === 'and') {
        visit(y);
        continue;
      }
      if (seen.has(y)) continue;
      seen.add(y);
      if (y.f === 'atom') out.push(y);
      else if (y.f === 'not') visit(y.x);
      else if (y.f === 'or') y.xs.forEach(visit);
    }
  };
  visit(x);
  return out;
}

/** All atoms of several formulas, each once. What they share, as the ways out of a request share most of theirs, is walked once. */
export function allAtoms(xs: readonly F[]): Atom[] {
  const seen = new Set<F>();
  return xs.flatMap(x => atomsOf(x, seen));
}

/** Is there an atom in `x` of which `test` is true? `memo` belongs to the test. */
export function someAtom(x: F, test: (a: Atom) => boolean, memo = new Map<F, boolean>()): boolean {
  const chain: F[] = [];
  let p = x;
  let found: boolean | undefined;
  while (found === undefined) {
    if (p.f === 'not') p = p.x;
    found = memo.get(p);
    if (found !== undefined) break;
    chain.push(p);
    if (p.f === 'and' && !someAtom(p.x, test, memo)) p = p.prev;
    else found = p.f === 'and' || (p.f === 'atom' ? test(p) : p.f === 'or' && p.xs.some(y => someAtom(y, test, memo)));
  }
  for (const y of chain) memo.set(y, found);
  return found;
}

/** What certainly holds where `f` holds, as far as single questions tell: the atoms of its conjunction with their polarity. */
export function literals(f: F): Map<Atom, boolean> {
  const out = new Map<Atom, boolean>();
  for (const x of conjuncts(f)) {
    if (x.f === 'atom') out.set(x, true);
    else if (x.f === 'not' && x.x.f === 'atom') out.set(x.x, false);
  }
  return out;
}

/** What is known where `f` holds, to be the memo of its truth: the parts of its conjunction do. */
export const held = (f: F): Map<F, Truth> => new Map(conjuncts(f).map((x): [F, Truth] => (x.f === 'not' ? [x.x, false] : [x, true])));

/** Asks of conditions whether they can not hold where `f` does. What one of them leaves to several things may be denied one by one in the other. */
export function refuting(f: F): (x: F) => boolean {
  const known = literals(f);
  const memo = held(f);
  return x => truth(x, a => known.get(a), memo) === false;
}

/** The part of a conjunction that was asked last; what is no conjunction itself. */
export const last = (f: F): F => (f.f === 'and' ? f.x : f);

/** The parts of a conjunction, in order. */
export function conjuncts(f: F): F[] {
  const out: F[] = [];
  let p = f;
  while (p.f === 'and') {
    spend(1);
    out.push(p.x);
    p = p.prev;
  }
  out.push(p);
  return out.reverse();
}

interface Known {
  literals: Map<Atom, boolean>;
  memo: Map<F, Truth>;
}
/** That of the path that was asked about last: each has as many answers as it has questions, and few are asked again later. */
let known: { pc: F; of: Known } | undefined;

/** What `c` is where `pc` holds, as far as single atoms tell. */
export function under(pc: F, c: F): Truth {
  if (known?.pc !== pc) known = { pc, of: { literals: literals(pc), memo: new Map() } };
  const { literals: held, memo } = known.of;
  return held.size === 0 ? undefined : truth(c, a => held.get(a), memo);
}
