/**
 * The nodes of conditions. Equal conditions are one object, so that they are compared by identity and what follows from one is
 * computed once. What was made of a node is kept at the node: it is asked for all the time, and a field costs a fraction of a
 * lookup in a weak map, whose entries the garbage collector has to look through again and again.
 */
import type { At } from '../facts/types.js';
import type { Val } from './values.js';

export type AtomKind =
  /** `v` is None, Err, missing. */
  | 'fails'
  | 'truthy'
  | 'eq'
  | 'in'
  | 'lt'
  /** `v` is of the variant / class named by `name`. */
  | 'is'
  /** The external call `v` raises (an exception of type `name`, when one is asked for). */
  | 'raises'
  /** A loop over `v` runs at least once. */
  | 'iterates'
  /** A condition that static reading can not decide and that is not about the request: a feature, a build flag. */
  | 'flag';

/** A place in an analysed file: the file's index in the program and the position in it. */
export interface Place {
  file: number;
  at: At;
}

interface Node {
  /** Of equal conditions the same, of others not. */
  key: number;
  /** It is made of nothing that the running request brought along: it stays when that is forgotten. */
  lasting: boolean;
  negation: F | undefined;
  /** The conjunctions that begin with it: the only one, or each by what it adds. */
  longer: And | Map<F, And> | undefined;
  /** Of a lasting node: those that end with the running request. */
  passing: And | Map<F, And> | undefined;
  /** The parts of a conjunction, once somebody has asked. */
  parts: ReadonlySet<F> | undefined;
}

export interface Atom extends Node {
  f: 'atom';
  id: number;
  kind: AtomKind;
  args: Val[];
  name: string | undefined;
  /** Where it was first asked. */
  at: Place;
}
export interface And extends Node {
  f: 'and';
  prev: F;
  x: F;
  /** What it adds to the prefix that was asked about last. */
  added: { to: F; is: F } | undefined;
}
export type F = (Node & { f: 'true' }) | (Node & { f: 'false' }) | Atom | (Node & { f: 'not'; x: F }) | And | (Node & { f: 'or'; xs: F[] });

let keys = 0;
const node = (lasting: boolean): Node => ({
  key: ++keys,
  lasting,
  negation: undefined,
  longer: undefined,
  passing: undefined,
  parts: undefined,
});

export const TRUE: F = { f: 'true', ...node(true) };
export const FALSE: F = { f: 'false', ...node(true) };

export const atomNode = (lasting: boolean, id: number, kind: AtomKind, args: Val[], at: Place, name: string | undefined): Atom => ({
  f: 'atom',
  id,
  kind,
  args,
  name,
  at,
  ...node(lasting),
});

export const negationNode = (x: F): F => ({ f: 'not', x, ...node(x.lasting) });

/** A conjunction that is equal to no other. */
export const andNode = (prev: F, x: F): And => ({ f: 'and', prev, x, added: undefined, ...node(prev.lasting && x.lasting) });

/** The conjunction of `prev` and `x`, whichever they are. */
export function conjunction(prev: F, x: F): And {
  const stays = prev.lasting === (prev.lasting && x.lasting);
  const known = stays ? prev.longer : prev.passing;
  if (known instanceof Map) {
    let n = known.get(x);
    if (!n) known.set(x, (n = andNode(prev, x)));
    return n;
  }
  if (known?.x === x) return known;
  const n = andNode(prev, x);
  const all: Node['longer'] = known
    ? new Map([
        [known.x, known],
        [x, n],
      ])
    : n;
  if (stays) prev.longer = all;
  else {
    if (!prev.passing) marked.push(prev);
    prev.passing = all;
  }
  return n;
}
/** Lasting nodes with something at them that passes. */
const marked: F[] = [];

/** Alternatives by a number that equal ones share. */
const alternatives = { lasting: new Map<number, F[]>(), passing: new Map<number, F[]>() };

/** The alternative of all of `xs`, whichever they are. */
export function disjunction(xs: F[]): F {
  let sum = xs.length;
  let lasting = true;
  for (const x of xs) {
    sum = (Math.imul(sum, 31) + x.key) | 0;
    lasting &&= x.lasting;
  }
  const table = lasting ? alternatives.lasting : alternatives.passing;
  const row = table.get(sum);
  for (const o of row ?? []) if (o.f === 'or' && o.xs.length === xs.length && o.xs.every((x, i) => x === xs[i])) return o;
  const n: F = { f: 'or', xs, ...node(lasting) };
  if (row) row.push(n);
  else table.set(sum, [n]);
  return n;
}

/** Forgets what the last request made. */
export function forgetPassing(): void {
  for (const n of marked.splice(0)) n.passing = undefined;
  alternatives.passing.clear();
}

/** Forgets everything. */
export function forgetNodes(): void {
  forgetPassing();
  alternatives.lasting.clear();
}
