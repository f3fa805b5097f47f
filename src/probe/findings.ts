/** Which findings the answers confirm, which they refute, and which they say nothing about. Pure. */
import { endpointKey } from '../contract/path-template.js';
import { PERSONAS, type Persona, type Side } from '../contract/types.js';
import type { CheckResult, EndpointRef, Finding, Probed } from '../findings/types.js';
import { answered, isServed } from './judge.js';
import type { Answer, Cell, Lack, ProbedFinding } from './types.js';

type Answered = Cell & { answer: Answer; observed: NonNullable<Cell['observed']> };
type Cells = Record<Side, Partial<Record<Persona, Cell>>>;

export function judgeFindings(result: CheckResult, cells: readonly Cell[], targets: readonly string[]): ProbedFinding[] {
  const at = new Map<string, Cells>();
  const lacking = new Map<string, Partial<Record<Side, Cell>>>();
  const invalid = new Map<string, Map<string, Partial<Record<Side, Cell>>>>();
  for (const c of cells) {
    if (c.lacking) {
      const key = `${c.lacking} ${endpointKey(c.endpoint)}`;
      lacking.set(key, { ...lacking.get(key), [c.side]: c });
      continue;
    }
    const key = endpointKey(c.endpoint);
    if (c.invalid !== undefined) {
      const known = invalid.get(key) ?? new Map<string, Partial<Record<Side, Cell>>>();
      invalid.set(key, known.set(c.invalid, { [c.side]: c, ...known.get(c.invalid) }));
      continue;
    }
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
    ...together(
      (f.endpoints ?? [f.endpoint]).map(e => {
        const key = endpointKey(e);
        const plain = judge(f, e, at.get(key));
        const usual = plain.verdict === 'confirmed' ? plain : (letsInInvalid(f, invalid.get(key)) ?? plain);
        const wrong = usual.verdict === 'untried' ? lacking.get(`${f.rule === 'method-widened' ? 'method' : f.about} ${key}`) : undefined;
        return wrong ? judgeLacking(f, wrong, at.get(key), targets, usual) : usual;
      }),
    ),
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

const NOBODY = 'no answer to the three personas shows it';
const NONE = 'it treats none of the three personas otherwise';
const OTHER = 'another method would have to be sent';
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
      return untried(NOBODY);
  }
  const who = f.persona;
  if (!who) return untried(NONE);
  const python = cells.python[who];
  const rust = cells.rust[who];
  if (!isAnswered(rust)) return untried(`the port was not asked: ${rust?.why ?? `it has no ${ref.method} ${ref.path}`}`);
  if (!isAnswered(python)) return untried(`the original was not asked: ${python?.why ?? `it has no ${ref.method} ${ref.path}`}`);
  // A guard may be lost that no persona meets: one of several roles, a form token, a check of what is sent.
  if (claims === 'lets-in' && f.verdict === 'differs' && (rust.claim?.verdict !== 'admitted' || python.claim?.verdict !== 'refused'))
    return untried(NONE);
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

/** Whoever is let in without a credential is let in with a wrong one, and some guards look only whether there is one. */
function letsInInvalid(f: Finding, cells: ReadonlyMap<string, Partial<Record<Side, Cell>>> | undefined): Probed | undefined {
  if (CLAIMS[f.rule] !== 'lets-in' || f.persona !== 'anonymous') return undefined;
  for (const [name, { python, rust }] of cells ?? []) {
    if (!isAnswered(rust) || !isAnswered(python) || rust.observed !== 'admitted' || python.observed !== 'refused') continue;
    return { verdict: 'confirmed', says: `${rust.request} ${answered(rust.answer)} with ${name}; the original ${answered(python.answer)}` };
  }
  return undefined;
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
const TURNED_AWAY = new Set([401, 403, 407]);
const absent = (c: Answered): boolean => hasStatus(c.answer, ABSENT);
const present = (c: Answered): boolean => 'status' in c.answer && !ABSENT.has(c.answer.status) && c.answer.status < 500;
/** Where nothing is known to stand: what guards all paths turns callers away from paths that do not exist, too. */
const found = (c: Answered): boolean =>
  present(c) && 'status' in c.answer && !(c.answer.status >= 300 && c.answer.status < 400) && !hasStatus(c.answer, TURNED_AWAY);

function lacks(cells: Cells): Probed {
  const [python, rust] = [most(cells.python), most(cells.rust)];
  if (!python || !rust) return untried(notAsked(cells));
  const says = `${rust.request} ${answered(rust.answer)} ${TO[rust.persona]}; the original ${answered(python.answer)}`;
  if (found(rust)) return { verdict: 'refuted', says };
  return absent(rust) && present(python) ? { verdict: 'confirmed', says } : untried(`${says}, which decides nothing`);
}

function adds(f: Finding, cells: Cells): Probed {
  const [python, rust] = [most(cells.python), f.persona ? cells.rust[f.persona] : most(cells.rust)];
  if (!python || !isAnswered(rust)) return untried(notAsked(cells));
  if (python.claim) return untried(OTHER);
  const says = `${rust.request} ${answered(rust.answer)} ${TO[rust.persona]}; the original ${answered(python.answer)}`;
  if (found(python)) return { verdict: 'refuted', says };
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

const WITHOUT: Record<Lack, string> = {
  credential: 'with a wrong credential',
  authz: 'without the role',
  ownership: "for what is not the caller's own",
  csrf: 'without a right form token',
  'rate-limit': 'beyond the limit',
  origin: 'from another origin',
  signature: 'without a right signature',
  input: 'with wrong input',
  existence: 'for what does not exist',
  state: 'in another state',
  conflict: 'for what is taken',
  other: 'in another case',
  method: 'for somebody who is entitled',
};

/** What follows from a request that the original turns away for the very thing that the finding is about. */
function judgeLacking(
  f: Finding,
  { python, rust }: Partial<Record<Side, Cell>>,
  usual: Cells | undefined,
  targets: readonly string[],
  otherwise: Probed,
): Probed {
  const lack = rust?.lacking;
  if (!python?.answer || !rust?.answer || !lack) {
    const why = python?.why ?? rust?.why;
    return why !== undefined && [NOBODY, NONE, OTHER].includes(otherwise.says) ? untried(`${otherwise.says}; ${why}`) : otherwise;
  }
  const says = `${rust.request} ${answered(rust.answer)} ${WITHOUT[lack]}; the original ${answered(python.answer)}`;
  const open = (why: string): Probed => untried(`${says}, which decides nothing: ${why}`);
  if ('error' in rust.answer || 'error' in python.answer) return open('there was no answer');
  if (lack === 'method') {
    if (!hasStatus(python.answer, ABSENT)) return open('the original answers this method, too');
    return { verdict: hasStatus(rust.answer, ABSENT) ? 'refuted' : 'confirmed', says };
  }
  if (usual?.python.entitled?.observed !== 'admitted') return open('the original does not serve the right request either');
  if (isServed(python.answer, targets)) return open('the original serves it');
  const outcome = f.rule.startsWith('outcome-');
  if (isServed(rust.answer, targets)) return { verdict: 'confirmed', says };
  if (outcome && answered(rust.answer) !== answered(python.answer)) return { verdict: 'confirmed', says };
  return usual.rust.entitled?.observed === 'admitted'
    ? { verdict: 'refuted', says }
    : open('the port does not serve the right request either');
}

const hasStatus = (a: Answer, of: ReadonlySet<number>): boolean => 'status' in a && of.has(a.status);
