/** Which requests replay the contract: every endpoint of either side, on both sides, as each persona. Pure. */
import { endpointKey, fillPath, paramNames, templateKey } from '../contract/path-template.js';
import type { Contract, Endpoint, Persona, Side } from '../contract/types.js';
import { changesState } from '../findings/severity.js';
import type { CheckResult, EndpointRef, PairView } from '../findings/types.js';
import type { Lack, Message, PersonaSettings, ProbeSettings, RequestSettings, SideSettings } from './types.js';

/** One endpoint on both sides; a side that does not have it is asked for it all the same. */
export interface Subject {
  endpoint: EndpointRef;
  python?: Endpoint;
  rust?: Endpoint;
  /** Method and template that each side is asked for. */
  ask: Record<Side, EndpointRef>;
  /** It changes something, by its method or by what either handler is seen to do. */
  unsafe: boolean;
}

export interface Planned {
  method: string;
  /** Filled in, encoded, without the query. */
  path: string;
  message: Message;
  /** Names of the parameters for which the configuration has no value. */
  guessed: string[];
}

/** Every endpoint that somebody wrote, pairs first, in the order of their paths; those that change something come last, deletions at the end. */
export function subjects(result: CheckResult): Subject[] {
  const find = (c: Contract, v: PairView['python']): Endpoint | undefined =>
    c.endpoints.find(e => e.method === v.method && e.path === v.path && e.handler === v.handler);
  const paired = result.pairs.map(p => subject(p.endpoint, find(result.python, p.python), find(result.rust, p.rust)));
  const alone = (side: Side): Subject[] => {
    const known = new Set(result.pairs.map(p => endpointKey(p[side])));
    return result[side].endpoints
      .filter(e => !e.implicit && !known.has(endpointKey(e)))
      .map(e => subject({ method: e.method, path: e.path }, side === 'python' ? e : undefined, side === 'rust' ? e : undefined));
  };
  const distinct = new Map<string, Subject>();
  for (const s of [...paired, ...alone('python'), ...alone('rust')]) {
    const key = `${endpointKey(s.ask.python)} ${endpointKey(s.ask.rust)}`;
    if (!distinct.has(key)) distinct.set(key, s);
  }
  return [...distinct.values()].sort((a, b) => rank(a) - rank(b));
}

function subject(endpoint: EndpointRef, python: Endpoint | undefined, rust: Endpoint | undefined): Subject {
  const method = [python?.method, rust?.method].find(m => m !== undefined && m !== '*') ?? 'GET';
  const ask = (own: Endpoint | undefined, other: Endpoint | undefined): EndpointRef => ({
    method,
    path: own?.path ?? other?.path ?? endpoint.path,
  });
  return {
    endpoint,
    ...(python ? { python } : {}),
    ...(rust ? { rust } : {}),
    ask: { python: ask(python, rust), rust: ask(rust, python) },
    unsafe: !SAFE.has(method) || [python, rust].some(e => e !== undefined && changesState({ ...e, method })),
  };
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What one request deletes the next ones would miss. */
function rank(s: Subject): number {
  if (!s.unsafe) return 0;
  const deletes = s.ask.python.method === 'DELETE' || [s.python, s.rust].some(e => e?.effects.some(f => f.kind === 'delete'));
  return deletes ? 2 : 1;
}

/** What holds for one side: the common settings with the side's own over them. */
export function settingsOf(all: ProbeSettings, side: Side): SideSettings {
  const own = all[side] ?? {};
  const personas: SideSettings['personas'] = { ...all.personas };
  for (const [name, p] of Object.entries(own.personas ?? {}) as [Persona, PersonaSettings][]) {
    const common = personas[name];
    personas[name] = {
      ...common,
      ...p,
      headers: { ...common?.headers, ...p.headers },
      query: { ...common?.query, ...p.query },
      form: { ...common?.form, ...p.form },
    };
  }
  return {
    personas,
    invalid: { ...all.invalid, ...own.invalid },
    parameters: { ...all.parameters, ...own.parameters },
    lacking: { ...all.lacking, ...own.lacking },
    requests: [...(all.requests ?? []), ...(own.requests ?? [])],
  };
}

export interface Further {
  subject: Subject;
  lack: Lack;
  /** Of another method. */
  method?: string;
}

/** Further requests, which findings about something else than the personas can be tried with. */
export function further(result: CheckResult, all: readonly Subject[]): Further[] {
  const found = new Map<string, Further>();
  for (const f of result.findings) {
    const lack = f.rule === 'method-widened' ? 'method' : f.about;
    for (const ref of lack === undefined ? [] : (f.endpoints ?? [f.endpoint])) {
      const subject = all.find(s => endpointKey(s.endpoint) === endpointKey(ref));
      if (!subject?.python || !subject.rust) continue;
      const taken = result.python.endpoints.filter(e => templateKey(e.path) === templateKey(subject.ask.python.path)).map(e => e.method);
      const method = lack === 'method' ? METHODS.find(m => !taken.includes(m)) : undefined;
      found.set(`${lack} ${endpointKey(ref)}`, { subject, lack: lack!, ...(method ? { method } : {}) });
    }
  }
  return [...found.values()];
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Such a request of somebody who is entitled, or why there is none. */
export function planFurther(
  { subject: s, lack, method }: Further,
  side: Side,
  settings: SideSettings,
  unsafe: boolean,
): Planned | { why: string } {
  const usual = plan(s, side, 'entitled', settings, unsafe);
  if ('why' in usual) return usual;
  if (lack === 'method') {
    if (!unsafe) return { why: 'another method may change something; --unsafe-methods sends it' };
    const { headers, query } = usual.message;
    return { ...usual, method: method ?? 'GET', message: { ...(headers ? { headers } : {}), ...(query ? { query } : {}) } };
  }
  const special = (settings.requests ?? []).filter(r => concerns(r, s));
  const changes = [settings.lacking?.[lack], ...special.map(r => r.lacking?.[lack])].flatMap(c => c ?? []);
  if (changes.length === 0) return { why: `the configuration does not say which request fails for ${lack} (lacking)` };
  const parameters = Object.assign({}, ...changes.map(c => c.parameters)) as Record<string, string>;
  const wrong = {
    ...settings,
    requests: [...(settings.requests ?? []), { endpoint: `${s.endpoint.method} ${s.endpoint.path}`, parameters }],
  };
  const planned = plan(s, side, 'entitled', wrong, unsafe);
  return 'why' in planned ? planned : { ...planned, message: changes.reduce<Message>(changed, planned.message) };
}

/** The request with parts replaced; a body stays of its sort. */
function changed(m: Message, c: Message): Message {
  const fields = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
  return {
    ...m,
    ...(c.headers ? { headers: { ...m.headers, ...c.headers } } : {}),
    ...(c.query ? { query: { ...m.query, ...c.query } } : {}),
    ...(m.form && c.form ? { form: { ...m.form, ...c.form } } : {}),
    ...(m.files && c.files ? { files: { ...m.files, ...c.files } } : {}),
    ...(m.json !== undefined && c.json !== undefined ? { json: fields(m.json) && fields(c.json) ? { ...m.json, ...c.json } : c.json } : {}),
    ...(m.body !== undefined && c.body !== undefined ? { body: c.body } : {}),
  };
}

/**
 * The request of one persona to one side, or why there is none.
 * @param who what the persona carries
 */
export function plan(
  s: Subject,
  side: Side,
  persona: Persona,
  settings: SideSettings,
  unsafe: boolean,
  who = settings.personas?.[persona],
): Planned | { why: string } {
  const { method, path } = s.ask[side];
  if (method === 'WS') return { why: 'websockets are not tried' };
  if (!who && persona !== 'anonymous') return { why: `the configuration has no credential for ${persona}` };
  if (s.unsafe && !unsafe) return { why: 'the request may change something; --unsafe-methods sends it' };
  const special = (settings.requests ?? []).filter(r => concerns(r, s) && (r.personas?.includes(persona) ?? true));
  const skip = special.findLast(r => r.skip !== undefined)?.skip;
  if (skip !== undefined) return { why: skip };

  const values = Object.assign(Object.create(null), settings.parameters, ...special.map(r => r.parameters)) as Record<string, string>;
  const others = paramNames(s.ask[side === 'python' ? 'rust' : 'python'].path);
  const guessed: string[] = [];
  const filled = fillPath(path, (name, i) => {
    const value = values[name] ?? values[others[i] ?? name];
    if (value === undefined) guessed.push(name);
    return value ?? '1';
  });
  const message = merge([{ headers: who?.headers, query: who?.query }, ...special]);
  return { method, path: filled, message: withBody(message, method, who, s), guessed };
}

function concerns(r: RequestSettings, s: Subject): boolean {
  const [method = '', path = ''] = r.endpoint.trim().split(/\s+/, 2);
  const key = endpointKey({ method, path });
  return [s.endpoint, s.ask.python, s.ask.rust].some(e => endpointKey(e) === key);
}

type Parts = { [K in keyof Message]?: Message[K] | undefined };

/** Headers, query and fields add up; of bodies the last one counts. */
function merge(parts: readonly Parts[]): Message {
  const out: Message = {};
  for (const p of parts) {
    if (p.headers) out.headers = { ...out.headers, ...p.headers };
    if (p.query) out.query = { ...out.query, ...p.query };
    if (p.form || p.files) {
      delete out.json;
      delete out.body;
      out.form = { ...out.form, ...p.form };
      if (p.files) out.files = { ...out.files, ...p.files };
    } else if (p.json !== undefined || p.body !== undefined) {
      delete out.form;
      delete out.files;
      delete out.json;
      delete out.body;
      if (p.json !== undefined) out.json = p.json;
      else out.body = p.body!;
    }
  }
  return out;
}

/** A request without a body of its own sends an empty one of the sort that the handlers read, with what the persona adds to forms. */
function withBody(m: Message, method: string, who: PersonaSettings | undefined, s: Subject): Message {
  if (method === 'GET' || method === 'HEAD') return m;
  const bare = m.form === undefined && m.json === undefined && m.body === undefined;
  if (!bare) return m.form ? { ...m, form: { ...who?.form, ...m.form } } : m;
  const reads = new Set([s.python, s.rust].flatMap(e => e?.inputs.map(i => i.in) ?? []));
  if (reads.has('json')) return { ...m, json: {} };
  if (reads.has('form') || Object.keys(who?.form ?? {}).length > 0) return { ...m, form: { ...who?.form } };
  return m;
}
