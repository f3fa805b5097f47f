/** Which findings the answers confirm, which they refute, and which they say nothing about. Pure. */
import { endpointKey } from '../contract/path-template.js';
import { PERSONAS, type Persona, type Side } from '../contract/types.js';
import type { CheckResult, EndpointRef, Finding, Probed } from '../findings/types.js';
import { answered } from './judge.js';
import type { Answer, Cell, ProbedFinding } from './types.js';

type Answered = Cell & { answer: Answer; observed: NonNullable<Cell['observed']> };
type Cells = Record<Side, Partial<Record<Persona, Cell>>>;

export function judgeFindings(result: CheckResult, cells: readonly Cell[]): ProbedFinding[] {
  const at = new Map<string, Cells>();
  for (const c of cells) {
    const key = endpointKey(c.endpoint);
    const all = at.get(key) ?? { python: {}, rust: {} };
    at.set(key, all);
    // Of two endpoints with one key (a duplicate registration) the first is the one that pairs.
    all[c.side][c.persona] ??= c;
  }
  return result.findings.map(f => ({
    fingerprint: f.fingerprint,
    rule: f.rule,
    severity: f.severity,
    endpoint: f.endpoint,
    ...(f.persona ? { persona: f.persona } : {}),
    ...together((f.endpoints ?? [f.endpoint]).map(e => judge(f, e, at.get(endpointKey(e))))),
  }));
}

/** Of many endpoints one confirmation is enough; a refutation has to hold for all of them that could be tried. */
function together(all: readonly Probed[]): Probed {
  const of = (v: Probed['verdict']): Probed[] => all.filter(p => p.verdict === v);
  const [confirmed, refuted] = [of('confirmed'), of('refuted')];
  const first = confirmed[0] ?? refuted[0] ?? all[0] ?? untried('nothing was asked');
  if (all.length < 2) return first;
  const counts = [
    `confirmed for ${confirmed.length} of ${all.length} endpoints`,
    ...(refuted.length > 0 ? [`refuted for ${refuted.length}`] : []),
    ...(of('untried').length > 0 ? [`not to be tried for ${of('untried').length}`] : []),
  ];
  return { verdict: first.verdict, says: `${first.says} (${counts.join(', ')})` };
}

const untried = (says: string): Probed => ({ verdict: 'untried', says });

/** What a rule claims that answers can show. */
const CLAIMS: Record<string, 'lets-in' | 'refuses-otherwise' | 'turns-away' | 'lacks' | 'adds' | 'placeholder'> = {
  'guard-missing': 'lets-in',
  'guard-weakened': 'lets-in',
  'guard-ineffective': 'lets-in',
  unverified: 'lets-in',
  'refusal-changed': 'refuses-otherwise',
  'access-tightened': 'turns-away',
  'endpoint-missing': 'lacks',
  'endpoint-extra': 'adds',
  'method-widened': 'adds',
  'stub-handler': 'placeholder',
};

function judge(f: Finding, ref: EndpointRef, cells: Cells | undefined): Probed {
  const claims = CLAIMS[f.rule];
  if (!cells) return untried('the endpoint was not asked');
  switch (claims) {
    case 'lacks':
      return lacks(cells);
    case 'adds':
      return adds(f, cells);
    case 'placeholder':
      return placeholder(cells);
    case undefined:
      return untried('no answer to the three personas shows it');
  }
  const who = f.persona;
  if (!who) return untried('it treats none of the three personas otherwise');
  const python = cells.python[who];
  const rust = cells.rust[who];
  if (!isAnswered(rust)) return untried(`the port was not asked: ${rust?.why ?? `it has no ${ref.method} ${ref.path}`}`);
  if (!isAnswered(python)) return untried(`the original was not asked: ${python?.why ?? `it has no ${ref.method} ${ref.path}`}`);
  // A guard may be lost that no persona meets: one of several roles, a form token, a check of what is sent.
  if (claims === 'lets-in' && f.verdict === 'differs' && (rust.claim?.verdict !== 'admitted' || python.claim?.verdict !== 'refused'))
    return untried('it treats none of the three personas otherwise');
  const says = `${rust.request} ${answered(rust.answer)} ${TO[who]}; the original ${answered(python.answer)}`;
  const unclear = rust.observed === 'unclear' ? rust : python.observed === 'unclear' ? python : undefined;
  const open = (): Probed => untried(`${says}, which decides nothing: ${unclear?.why ?? 'neither answer is the expected one'}`);
  const confirmed: Probed = { verdict: 'confirmed', says };
  const refuted: Probed = { verdict: 'refuted', says };
  switch (claims) {
    case 'lets-in':
      if (rust.observed === 'refused' && python.observed !== 'unclear') return refuted;
      if (unclear) return open();
      return python.observed === 'refused' ? confirmed : refuted;
    case 'turns-away':
      if (rust.observed === 'admitted') return refuted;
      if (unclear) return open();
      return python.observed === 'admitted' ? confirmed : refuted;
    case 'refuses-otherwise':
      if (unclear) return open();
      if (rust.observed !== 'refused' || python.observed !== 'refused') return refuted;
      return answered(rust.answer) === answered(python.answer) ? refuted : confirmed;
  }
}

const TO: Record<Persona, string> = {
  anonymous: 'without a credential',
  signedIn: 'for somebody who is only signed in',
  entitled: 'for somebody who is entitled',
};

const isAnswered = (c: Cell | undefined): c is Answered => c?.answer !== undefined && c.observed !== undefined;

/** The answer to whoever may most: others may be stopped before anybody looks whether there is such an endpoint. */
const most = (cells: Partial<Record<Persona, Cell>>): Answered | undefined =>
  [...PERSONAS]
    .reverse()
    .map(p => cells[p])
    .find(isAnswered);

const ABSENT = new Set([404, 405]);
const absent = (c: Answered): boolean => 'status' in c.answer && ABSENT.has(c.answer.status);
const present = (c: Answered): boolean => 'status' in c.answer && !ABSENT.has(c.answer.status) && c.answer.status < 500;

function lacks(cells: Cells): Probed {
  const [python, rust] = [most(cells.python), most(cells.rust)];
  if (!python || !rust) return untried(notAsked(cells));
  const says = `${rust.request} ${answered(rust.answer)} ${TO[rust.persona]}; the original ${answered(python.answer)}`;
  if (present(rust)) return { verdict: 'refuted', says };
  return absent(rust) && present(python) ? { verdict: 'confirmed', says } : untried(`${says}, which decides nothing`);
}

function adds(f: Finding, cells: Cells): Probed {
  const [python, rust] = [most(cells.python), f.persona ? cells.rust[f.persona] : most(cells.rust)];
  if (!python || !isAnswered(rust)) return untried(notAsked(cells));
  if (python.claim) return untried('another method would have to be sent');
  const says = `${rust.request} ${answered(rust.answer)} ${TO[rust.persona]}; the original ${answered(python.answer)}`;
  if (present(python)) return { verdict: 'refuted', says };
  if (!absent(python)) return untried(`${says}, which decides nothing`);
  // An open endpoint that turns the caller away is there, but not as it was described.
  if (f.persona && rust.observed === 'refused') return { verdict: 'refuted', says };
  const there = f.persona ? rust.observed === 'admitted' : present(rust);
  return there ? { verdict: 'confirmed', says } : untried(`${says}, which decides nothing`);
}

function placeholder(cells: Cells): Probed {
  const rust = most(cells.rust);
  if (!rust) return untried(notAsked(cells));
  const says = `${rust.request} ${answered(rust.answer)} ${TO[rust.persona]}`;
  const broken = 'closed' in rust.answer || ('status' in rust.answer && rust.answer.status >= 500);
  return broken ? { verdict: 'confirmed', says } : untried(`${says}, which decides nothing`);
}

function notAsked(cells: Cells): string {
  const why = [...PERSONAS].flatMap(p => [cells.rust[p]?.why, cells.python[p]?.why]).find(w => w !== undefined);
  return `not asked on both sides: ${why ?? 'no request was sent'}`;
}
