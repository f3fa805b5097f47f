/** What is sent to two running servers, what they answered, and what follows for the findings. */
import type { Persona, Side, Trigger, Verdict } from '../contract/types.js';
import type { EndpointRef, ProbeSummary, Probed, Severity } from '../findings/types.js';

/** What a request carries beyond its method and path. `${NAME}` in a text is a captured value, else a variable of the environment. */
export interface Message {
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** Fields of a form. */
  form?: Record<string, string>;
  /** Files of a form, by field; with one of them the form is sent as multipart. */
  files?: Record<string, { name: string; text: string }>;
  json?: unknown;
  /** The body as it stands, with a `content-type` among the headers. */
  body?: string;
}

/** A request by which a persona signs in. Cookies of its answer are kept. */
export interface Step extends Message {
  /** Method and path, such as `POST /login`. */
  request: string;
  /** Values to keep, by name: `json:/pointer`, `header:NAME`, `cookie:NAME`, or `field:NAME` for an `<input>` of the page. */
  capture?: Record<string, string>;
}

export interface PersonaSettings {
  /** Added to every request. */
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** Added to every request that sends a form. */
  form?: Record<string, string>;
  login?: Step[];
  /** Put in place of what the steps left behind, such as a cookie that was tampered with. */
  cookies?: Record<string, string>;
}

/** A credential that is not valid. */
export interface InvalidSettings extends PersonaSettings {
  /** It was valid once. */
  expired?: boolean;
}

/**
 * What makes an otherwise right request of somebody who is entitled fail: a wrong form token, a row that is not there. Findings about it
 * are tried with such a request. Form and JSON fields replace those of the request, as far as it sends such a body.
 */
export type Lacking = Partial<Record<Trigger, Message & { parameters?: Record<string, string> }>>;

/** What is special about the request to one endpoint. */
export interface RequestSettings extends Message {
  /** Method and path as either side writes it; the names of parameters do not matter. */
  endpoint: string;
  /** Only for these; default all. */
  personas?: Persona[];
  parameters?: Record<string, string>;
  lacking?: Lacking;
  /** Why it is never to be sent. */
  skip?: string;
}

export interface SideSettings {
  personas?: Partial<Record<Persona, PersonaSettings>>;
  /** Credentials that are not valid, by what they are called (`a forged token`): who sends one is as anonymous as who sends none. */
  invalid?: Record<string, InvalidSettings>;
  /** Values of path parameters by name. */
  parameters?: Record<string, string>;
  lacking?: Lacking;
  /** All that fit apply, the later ones over the earlier ones. */
  requests?: RequestSettings[];
}

/** The section `probe` of the configuration; what is said for one side wins. */
export interface ProbeSettings extends SideSettings {
  python?: SideSettings;
  rust?: SideSettings;
}

/** What came back: a status, a closed connection, or no answer at all. */
export type Answer = { status: number; location?: string } | { closed: true } | { error: string };

/** How a request differs from that of the persona: it lacks something, or has a method that the original does not answer. */
export type Lack = Trigger | 'method';

/** One endpoint, one side, one persona. */
export interface Cell {
  /** As in findings: the original's, or the port's where it alone has the endpoint. */
  endpoint: EndpointRef;
  side: Side;
  persona: Persona;
  /** Of a further request, for a finding about this; nothing is claimed of it. */
  lacking?: Lack;
  /** The credential that was sent and is not valid, as the configuration calls it. */
  invalid?: string;
  /** Method and target, as sent; absent when nothing was. */
  request?: string;
  /** What parity says; absent where the side has no such endpoint. */
  claim?: Verdict;
  answer?: Answer;
  /** What the answer says about the persona. */
  observed?: 'admitted' | 'refused' | 'unclear';
  /** Why nothing was sent, or why the answer is unclear. */
  why?: string;
  /** Whether the answer is what parity says; absent when that cannot be told. */
  agrees?: boolean;
}

export interface ProbedFinding extends Probed {
  fingerprint: string;
  rule: string;
  severity: Severity;
  endpoint: EndpointRef;
  persona?: Persona;
}

/** What `parity probe --format json` writes and `parity check --probe-results` reads (see `schema.json` beside this file). */
export interface ProbeResults {
  version: 1;
  /** Requests that were sent, signing in included. */
  requests: number;
  summary: ProbeSummary & {
    /** Cells whose answer is what parity says, is not, or says nothing. */
    agree: number;
    differ: number;
    unclear: number;
  };
  findings: ProbedFinding[];
  cells: Cell[];
}
