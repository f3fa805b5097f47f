/** What a mutation is, and what has to be reported of it. */
import type { Outcome } from '../../src/contract/types.js';
import { isProtective, type Place, type Subject } from './subject.js';
import { type Edit, lineAt, type Source, type Syn } from './syntax.js';

/** What has to be said of one endpoint. */
export interface Expectation {
  /** One of these rules; none where nothing has to be said. */
  rules: readonly string[];
  /** And any of these beside it: what else the same edit takes away or changes there. */
  also: readonly string[];
}

export interface Mutant {
  operator: string;
  /** The same over runs of the same sources: operator, file and line of the edit, and what was done. */
  id: string;
  edits: Edit[];
  /** Of which side the edits are; default the port. */
  side?: 'python';
  expected: Map<string, Expectation>;
  /** What may be said of any endpoint: a condition that was changed can refuse more elsewhere. */
  anywhere?: readonly string[];
  /** Why nothing is lost by it: then nothing may be reported. */
  equivalent?: string;
}

export interface Operator {
  name: string;
  /** What it does, for the table. */
  title: string;
  /** Which side it changes; default the port. */
  side?: 'python';
  run(subject: Subject): Mutant[];
}

/** A guard that is gone, asks for less, or stands there and keeps nobody out. */
export const LOST = ['guard-missing', 'guard-weakened', 'guard-ineffective'];
export const LATE = ['effect-before-guard', 'guard-ineffective'];
export const ANSWER = ['refusal-changed', 'outcome-changed'];
export const PATH = ['outcome-missing', 'outcome-changed'];
export const STUB = ['stub-handler'];
/** Takes from a request what a layer put into it. */
export const TAKES = /\bextensions\b[^;]*\.get::</;

export function mutant(operator: string, at: Source, node: Syn, what: string, edits: Edit[], expected: Map<string, Expectation>): Mutant {
  return { operator, id: `${operator} ${at.path}:${lineAt(at, node.start)} ${what}`.trim(), edits, expected };
}

/** A line in the log, of the crate that the port has for it. */
export const logged = (subject: Subject): string =>
  `${[...subject.sources.values()].some(s => /\btracing::/.test(s.text)) ? 'tracing' : 'log'}::warn!("refused");`;

/** Replaces a node. */
export const replace = (s: Source, n: Syn, text: string): Edit => ({ file: s.path, start: n.start, end: n.end, text });
export const insert = (s: Source, at: number, text: string): Edit => ({ file: s.path, start: at, end: at, text });

/**
 * What has to be reported when endpoints lose exits: a lost guard where somebody was kept out by one of them, else a lost error path.
 * Endpoints that lose nothing are left out.
 */
export function losing(subject: Subject, places: readonly Place[], lost: (p: Place) => readonly Outcome[]): Map<string, Expectation> {
  const out = new Map<string, Expectation>();
  for (const p of places) {
    const told = subject.told(p, lost(p));
    if (told.length === 0 || subject.isImplied(p, told)) continue;
    const kept = told.some(isProtective);
    // The same answer for another reason as well: without the guard it is seen that the port gives it for that one no more.
    const hid = told.some(o => p.python.outcomes.some(q => q.status === o.status && q.trigger !== o.trigger));
    const also = [...(kept ? ANSWER : []), ...(hid || told.some(o => !isProtective(o)) ? PATH : [])];
    // Who signs in is no guard: a credential that is not checked is a lost error path of the login.
    const login = kept && p.python.access.anonymous.verdict === 'admitted';
    out.set(p.key, kept ? { rules: login ? [...LOST, ...PATH] : LOST, also } : { rules: [...PATH, 'guard-ineffective'], also });
  }
  return out;
}

/** The same exits, another answer or condition: only what `rules` say. */
export function changing(
  subject: Subject,
  places: readonly Place[],
  changed: (p: Place) => readonly Outcome[],
  rules: readonly string[],
  also: readonly string[] = [],
): Map<string, Expectation> {
  const told = (p: Place) => (rules === ANSWER ? subject.only(p, changed(p)) : subject.told(p, changed(p)));
  return new Map(places.filter(p => told(p).length > 0).map(p => [p.key, { rules, also }]));
}
