/**
 * What a comparison of two contracts yields. Everything that prints, gates or stores reads these shapes and nothing else.
 * `parity check PY RS --format json` is `CheckResult` without the contracts and the sources (see `report/json/schema.json`).
 */
import type { Contract, Coverage, EffectKind, Evidence, Persona, Problem, Trigger, Verdict } from '../contract/types.js';

export type Severity = 'error' | 'warning' | 'note';

/** The least severity that makes a gate fail. `none` never fails on findings. */
export type FailOn = Severity | 'none';

/** Method and whole path as the original writes them (as the port does, where the original has no such endpoint). */
export interface EndpointRef {
  method: string;
  path: string;
}

export interface Finding {
  /** Id of the check, kebab-case. */
  rule: string;
  /** `cannot-tell`: something that was not understood stands where the difference would be. */
  verdict: 'differs' | 'cannot-tell';
  severity: Severity;
  /** The endpoint it is about; the first of `endpoints` where one cause covers many. */
  endpoint: EndpointRef;
  /** All endpoints of one common cause, sorted; absent for a single one. */
  endpoints?: EndpointRef[];
  /** Who is treated differently. */
  persona?: Persona;
  /** What is decided otherwise: who asks, a role, a form token, whether there is such a row. Absent where it is none of these. */
  about?: Trigger;
  /** The gravest thing that the handler does. */
  atStake?: EffectKind;
  message: string;
  /** Places in the original, the most telling first. */
  python: Evidence[];
  /** Places in the port, the most telling first. */
  rust: Evidence[];
  /** Stable over edits that move or reword code: a hash of rule, endpoint and invariant. 32 hex digits. */
  fingerprint: string;
  /** What to do about it. */
  help?: string;
  /** What running servers answered, where they were asked. */
  probe?: Probed;
}

/** What the answers of running servers say about a finding. */
export interface Probed {
  verdict: 'confirmed' | 'refuted' | 'untried';
  /** One sentence: the requests and their answers, or why nothing follows from them. */
  says: string;
}

/** How many findings the answers confirm, refute, or say nothing about. */
export type ProbeSummary = Record<Probed['verdict'], number>;

/** How the two endpoints of a pair were found to be the same one. */
export type PairedBy = 'path' | 'any-method' | 'alias' | 'prefix' | 'suffix' | 'catch-all';

export interface PairView {
  endpoint: EndpointRef;
  by: PairedBy;
  python: { method: string; path: string; handler: string; access: Record<Persona, Verdict> };
  rust: { method: string; path: string; handler: string; access: Record<Persona, Verdict> };
  verdict: 'same' | 'differs' | 'cannot-tell';
}

export interface SideSummary extends Coverage {
  frameworks: string[];
  /** Everything that was not understood, at endpoints and beside them, each place once. */
  gaps: number;
  /** Endpoints of this side without a counterpart (those made by the framework not counted). */
  unpaired: number;
}

export interface Summary {
  pairs: number;
  same: number;
  differs: number;
  cannotTell: number;
  findings: Record<Severity, number>;
  /** Only where results of a probe were given. */
  probe?: ProbeSummary;
  python: SideSummary;
  rust: SideSummary;
}

/** Text of the analysed files by the path that locations use. */
export type SourceMap = ReadonlyMap<string, string>;

export interface CheckResult {
  version: 1;
  summary: Summary;
  /** Sorted: gravest first, then by endpoint and rule. */
  findings: Finding[];
  pairs: PairView[];
  problems: SideProblem[];
  python: Contract;
  rust: Contract;
  sources: { python: SourceMap; rust: SourceMap };
  /** Milliseconds of each phase. */
  timings?: Record<string, number>;
}

/** A problem, with the side on which it arose (absent: it concerns the comparison). */
export interface SideProblem extends Problem {
  side?: 'python' | 'rust';
}
