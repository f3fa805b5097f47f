/** Replays the contract against two running servers. */
import { PERSONAS, type Persona, type Side } from '../contract/types.js';
import type { CheckResult } from '../findings/types.js';
import { judgeFindings } from './findings.js';
import { ProbeError } from './hosts.js';
import { agrees, agreesInvalid, contented, observe, refusalTargets } from './judge.js';
import { type Further, further, type Planned, plan, planFurther, type Subject, settingsOf, subjects } from './plan.js';
import { type Sender, type Session, send, target } from './send.js';
import { signIn } from './session.js';
import type { Answer, Cell, PersonaSettings, ProbeResults, ProbeSettings, SideSettings } from './types.js';

export interface ProbeOptions extends Sender {
  servers: Record<Side, URL>;
  /** Send requests that may change something, too. */
  unsafe: boolean;
  /** Requests at once on each side; those that may change something go one by one. */
  concurrency: number;
  /** Called before each request that may change something, so that the server's data can be put back. */
  before?: (side: Side) => Promise<void>;
}

const SIDES: readonly Side[] = ['python', 'rust'];
/** So many requests in a row without an answer, and the server is taken for gone. */
const PATIENCE = 5;

/**
 * @throws ProbeError when a server does not answer, or the settings cannot be followed
 */
export async function probe(result: CheckResult, settings: ProbeSettings, options: ProbeOptions): Promise<ProbeResults> {
  const all = subjects(result);
  const more = further(result, all);
  const own = SIDES.map(side => settingsOf(settings, side));
  const sides = await Promise.all(SIDES.map((side, i) => new SideProbe(side, own[i]!, options).run(all, more)));
  const targets = refusalTargets(result);
  const cells = [
    ...all.flatMap(s => SIDES.flatMap((side, i) => PERSONAS.map(p => cell(s, side, p, sides[i]!.replies.get(s)!, targets)))),
    ...all.flatMap(s =>
      SIDES.flatMap((side, i) =>
        [...sides[i]!.invalid.get(s)!].map(([name, sent]) => {
          const invalid = { name, expired: own[i]!.invalid?.[name]?.expired === true };
          return invalidCell(s, side, invalid, sent, sides[i]!.replies.get(s)!, targets);
        }),
      ),
    ),
    ...more.flatMap(m => SIDES.map((side, i) => furtherCell(m, side, sides[i]!.further.get(m)))),
  ];
  const findings = judgeFindings(result, cells, targets);
  const count = (test: (c: Cell) => boolean): number => cells.filter(test).length;
  const of = (v: string): number => findings.filter(f => f.verdict === v).length;
  return {
    version: 1,
    requests: sides.reduce((sum, s) => sum + s.requests, 0),
    summary: {
      confirmed: of('confirmed'),
      refuted: of('refuted'),
      untried: of('untried'),
      agree: count(c => c.agrees === true),
      differ: count(c => c.agrees === false),
      unclear: count(c => c.answer !== undefined && c.claim !== undefined && c.agrees === undefined),
    },
    findings,
    cells,
  };
}

type Sent = { request: string; answer: Answer; guessed: string[] } | { why: string };
type Replies = Partial<Record<Persona, Sent>>;

/** Who asks: a persona, or somebody with a credential that is not valid. */
interface Who {
  name: string;
  settings: PersonaSettings | undefined;
}

function cell(s: Subject, side: Side, persona: Persona, replies: Replies, targets: readonly string[]): Cell {
  const endpoint = s[side];
  const claim = endpoint?.access[persona];
  const base = { endpoint: s.endpoint, side, persona, ...(claim ? { claim } : {}) };
  const sent = replies[persona];
  if (!sent || !('answer' in sent)) return { ...base, ...(sent ? { why: sent.why } : {}) };
  const other = persona === 'entitled' ? undefined : replies.entitled;
  const seen = observe(sent.answer, { persona, endpoint, entitled: other && 'answer' in other ? other.answer : undefined, targets });
  const agreed = agrees(claim, sent.answer, seen, endpoint?.access.entitled);
  const hint = seen.observed === 'unclear' && sent.guessed.length > 0 ? `; ${sent.guessed.join(', ')} was guessed to be 1` : '';
  return {
    ...base,
    request: sent.request,
    answer: sent.answer,
    observed: seen.observed,
    ...(seen.why === undefined ? {} : { why: seen.why + hint }),
    ...(agreed === undefined ? {} : { agrees: agreed }),
  };
}

function invalidCell(
  s: Subject,
  side: Side,
  invalid: { name: string; expired: boolean },
  sent: Sent,
  replies: Replies,
  targets: readonly string[],
): Cell {
  const { name, expired } = invalid;
  const { claim, agrees: _, ...seen } = cell(s, side, 'anonymous', { ...replies, anonymous: sent }, targets);
  const base: Cell = { ...seen, invalid: name };
  if (!seen.answer || !seen.observed) return base;
  const agreed = agreesInvalid(s[side], seen.answer, { observed: seen.observed }, expired);
  // Of such a guard nothing is claimed of one credential.
  const said = claim && s[side] && !contented(s[side], expired) ? { claim } : {};
  return { ...base, ...said, ...(agreed === undefined ? {} : { agrees: agreed }) };
}

function furtherCell({ subject, lack }: Further, side: Side, sent: Sent | undefined): Cell {
  const base: Cell = { endpoint: subject.endpoint, side, persona: 'entitled', lacking: lack };
  if (!sent || !('answer' in sent)) return { ...base, ...(sent ? { why: sent.why } : {}) };
  return { ...base, request: sent.request, answer: sent.answer };
}

/** All requests to one server. */
class SideProbe {
  private requestCount = 0;
  private silent = 0;
  private readonly sessions = new Map<string, Promise<Session>>();

  constructor(
    private readonly side: Side,
    private readonly settings: SideSettings,
    private readonly options: ProbeOptions,
  ) {}

  async run(
    all: readonly Subject[],
    more: readonly Further[],
  ): Promise<{ replies: Map<Subject, Replies>; invalid: Map<Subject, Map<string, Sent>>; further: Map<Further, Sent>; requests: number }> {
    const replies = new Map<Subject, Replies>(all.map(s => [s, {}]));
    const invalid = new Map<Subject, Map<string, Sent>>(all.map(s => [s, new Map()]));
    const further = new Map<Further, Sent>();
    const jobs: (() => Promise<void>)[] = [];
    const later: (() => Promise<void>)[] = [];
    const { settings, side } = this;
    const add = (planned: Planned | { why: string }, who: Who, unsafe: boolean, keep: (sent: Sent) => void): void => {
      if ('why' in planned) keep(planned);
      else (unsafe ? later : jobs).push(async () => keep(await this.ask(planned, who, unsafe)));
    };
    const named = (persona: Persona): Who => ({ name: persona, settings: settings.personas?.[persona] });
    for (const s of all)
      for (const p of PERSONAS)
        add(plan(s, side, p, settings, this.options.unsafe), named(p), s.unsafe, sent => {
          replies.get(s)![p] = sent;
        });
    for (const s of all)
      for (const [name, own] of Object.entries(settings.invalid ?? {}))
        add(plan(s, side, 'anonymous', settings, this.options.unsafe, own), { name: `invalid ${name}`, settings: own }, s.unsafe, sent =>
          invalid.get(s)!.set(name, sent),
        );
    for (const m of more)
      add(planFurther(m, side, settings, this.options.unsafe), named('entitled'), m.subject.unsafe || m.lack === 'method', sent =>
        further.set(m, sent),
      );
    await pool(jobs, this.options.concurrency);
    await pool(later, 1);
    const answers = [...replies.values()].flatMap(r => Object.values(r)).flatMap(sent => ('answer' in sent ? [sent.answer] : []));
    const [first] = answers;
    if (first && 'error' in first && answers.every(a => 'error' in a)) throw this.gone(first.error);
    return { replies, invalid, further, requests: this.requestCount };
  }

  private async ask(planned: Planned, who: Who, unsafe: boolean): Promise<Sent> {
    if (unsafe) await this.options.before?.(this.side);
    const session = await this.session(who, unsafe);
    this.requestCount++;
    const { answer } = await send(this.options.servers[this.side], planned, session, this.options);
    this.silent = 'error' in answer ? this.silent + 1 : 0;
    if ('error' in answer && this.silent >= PATIENCE) throw this.gone(answer.error);
    return { request: target(planned), answer, guessed: planned.guessed };
  }

  private gone(how: string): ProbeError {
    return new ProbeError(`the ${this.side} server ${this.options.servers[this.side].host} does not answer (${how})`);
  }

  /** Whoever may have signed out or been deleted signs in again. */
  private session({ name, settings }: Who, anew: boolean): Promise<Session> {
    const known = this.sessions.get(name);
    if (known && !anew) return known;
    const made = signIn(this.options.servers[this.side], settings, this.options).then(({ session, requests }) => {
      this.requestCount += requests;
      return session;
    });
    this.sessions.set(name, made);
    return made;
  }
}

async function pool(jobs: readonly (() => Promise<void>)[], size: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let job = jobs[next++]; job; job = jobs[next++]) await job();
    } catch (error) {
      // The others end with the requests that they are at.
      next = jobs.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, jobs.length) }, worker));
}
