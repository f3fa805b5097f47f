/** What a check is: data about itself and a pure function from the paired contracts to drafts of findings. */
import type { Contract, EffectKind, Endpoint, Evidence, GuardKind, Persona, Trigger } from '../contract/types.js';
import type { EndpointRef, Severity } from '../findings/types.js';
import type { Match, Pair } from '../match/types.js';
import type { Loss } from './protection.js';
import type { Vocabulary } from './requirements.js';

export interface CheckMeta {
  /** kebab-case, thing-change; also the name of the folder. */
  id: string;
  /** One line, no full stop. */
  title: string;
  /** One or two sentences, for a reader who sees nothing else. */
  description: string;
  /** Ids of the Common Weakness Enumeration, the closest first. */
  cwe: number[];
  /** The gravest severity that it gives. */
  severity: Severity;
  /** Score on the scale of CVSS, for tools that rank by it; absent where it is no security matter. */
  score?: number;
  precision: 'very-high' | 'high' | 'medium';
  /** What to do, in general. */
  help: string;
  /** It speaks about one side alone, so that a pair with such a finding may still be the same. */
  oneSided?: boolean;
}

/** What about a subject a finding has accounted for, so that no later check reports an echo of the same cause. */
export type Area = 'all' | GuardKind | 'refusal' | 'outcomes' | 'extra';

/** A pair, or an endpoint that has none. */
export type Subject = Pair | Endpoint;

export interface Draft {
  subject: Subject;
  severity: Severity;
  /** Default: `differs`. */
  verdict?: 'differs' | 'cannot-tell';
  persona?: Persona;
  about?: Trigger;
  atStake?: EffectKind;
  /** What does not hold, for the fingerprint: no line, no file, no wording. */
  invariant: string;
  message: string;
  python: Evidence[];
  rust: Evidence[];
  help?: string;
  /** What it accounts for; default nothing. */
  claims?: Area[];
  /** Drafts of one check with one `key` have one cause. At `least` endpoints they become one finding. */
  group?: { key: string; least: number; message: (endpoints: EndpointRef[]) => string };
}

export interface Context {
  python: Contract;
  rust: Contract;
  match: Match;
  /** What each pair lost of the original's protections, in the order of the pairs. */
  losses: ReadonlyMap<Pair, readonly Loss[]>;
  vocabulary: Vocabulary;
  /** Whether an earlier check has accounted for it. */
  claimed(subject: Subject, area: Area): boolean;
}

export interface Check {
  meta: CheckMeta;
  run(ctx: Context): Draft[];
}
