/** Two contracts in, a result out: pairing, losses, checks in their order, grouping, identity, order, summary. Pure. */
import { endpointKey } from '../contract/path-template.js';
import type { Contract, Endpoint, Location } from '../contract/types.js';
import { fingerprint } from '../findings/fingerprint.js';
import { compareFindings, compareText } from '../findings/severity.js';
import type { CheckResult, EndpointRef, Finding, PairView, SideProblem, SideSummary, SourceMap } from '../findings/types.js';
import { match } from '../match/match.js';
import type { Alias, Pair } from '../match/types.js';
import { checks } from './index.js';
import { elsewhere } from './elsewhere.js';
import { enforced, losses, working } from './protection.js';
import { learnVocabulary } from './requirements.js';
import type { Area, Check, Context, Draft, Subject } from './types.js';

export interface CompareOptions {
  aliases?: readonly Alias[];
  sources?: { python: SourceMap; rust: SourceMap };
  timings?: Record<string, number>;
  /** Default: all of them. */
  checks?: readonly Check[];
}

export function compare(python: Contract, rust: Contract, options: CompareOptions = {}): CheckResult {
  const matched = match(python, rust, options.aliases);
  const vocabulary = learnVocabulary(
    matched.pairs,
    p => enforced(p.python, 'authz'),
    p => working(p.rust, 'authz'),
  );
  const others = elsewhere(matched.pairs);
  const claims = new Map<Subject, Set<Area>>();
  const ctx: Context = {
    python,
    rust,
    match: matched,
    vocabulary,
    losses: new Map(matched.pairs.map(p => [p, losses(p, vocabulary, others)])),
    claimed: (s, area) => claims.get(s)?.has(area) === true || claims.get(s)?.has('all') === true,
  };

  const findings: Finding[] = [];
  const touched = new Map<Pair, Set<Finding['verdict']>>();
  for (const check of options.checks ?? checks) {
    const drafts = check.run(ctx);
    for (const d of drafts) {
      claims.set(d.subject, new Set([...(claims.get(d.subject) ?? []), ...(d.claims ?? [])]));
      if (check.meta.oneSided || !('python' in d.subject)) continue;
      touched.set(d.subject, (touched.get(d.subject) ?? new Set()).add(d.verdict ?? 'differs'));
    }
    findings.push(...grouped(check.meta.id, drafts));
  }

  const all = unique(findings).sort(compareFindings);
  const pairs = matched.pairs
    .map(p => view(p, touched.get(p)))
    .sort((a, b) => compareText(a.endpoint.path, b.endpoint.path) || compareText(a.endpoint.method, b.endpoint.method));
  const count = (v: PairView['verdict']): number => pairs.filter(p => p.verdict === v).length;
  const severity = (s: Finding['severity']): number => all.filter(f => f.severity === s).length;
  return {
    version: 1,
    summary: {
      pairs: pairs.length,
      same: count('same'),
      differs: count('differs'),
      cannotTell: count('cannot-tell'),
      findings: { error: severity('error'), warning: severity('warning'), note: severity('note') },
      python: sideSummary(python, matched.missing.length),
      rust: sideSummary(rust, matched.extra.length),
    },
    findings: all,
    pairs,
    problems: [...ofSide(python), ...ofSide(rust), ...matched.notes],
    python,
    rust,
    sources: options.sources ?? { python: new Map(), rust: new Map() },
    ...(options.timings ? { timings: options.timings } : {}),
  };
}

const endpointOf = (s: Subject): Endpoint => ('python' in s ? s.python : s);
const refOf = (s: Subject): EndpointRef => ({ method: endpointOf(s).method, path: endpointOf(s).path });
const byRef = (a: EndpointRef, b: EndpointRef): number => compareText(a.path, b.path) || compareText(a.method, b.method);

/** Drafts of one check as findings: those with a common cause as one, the rest each for itself. */
function grouped(rule: string, drafts: readonly Draft[]): Finding[] {
  const groups = new Map<string, Draft[]>();
  for (const [i, d] of drafts.entries()) {
    const key = d.group ? `g\0${d.group.key}\0${d.severity}` : `s\0${i}`;
    groups.set(key, [...(groups.get(key) ?? []), d]);
  }
  return [...groups.values()].flatMap(members => {
    const group = members[0]!.group;
    const refs = distinctRefs(members);
    if (!group || refs.length < group.least) return members.map(d => single(rule, d));
    return [common(rule, members, refs, group.message(refs))];
  });
}

function distinctRefs(members: readonly Draft[]): EndpointRef[] {
  const seen = new Map<string, EndpointRef>();
  for (const m of members) {
    const ref = refOf(m.subject);
    if (!seen.has(endpointKey(ref))) seen.set(endpointKey(ref), ref);
  }
  return [...seen.values()].sort(byRef);
}

function single(rule: string, d: Draft): Finding {
  return finding(rule, d, refOf(d.subject), endpointKey(endpointOf(d.subject)), d.message);
}

function common(rule: string, members: readonly Draft[], refs: EndpointRef[], message: string): Finding {
  const gravest = members.reduce((a, b) => (stakeOrder(b) > stakeOrder(a) ? b : a));
  const first = members.find(m => endpointKey(refOf(m.subject)) === endpointKey(refs[0]!)) ?? members[0]!;
  // The invariant of the group, not its members: one endpoint more or less is the same finding.
  const f = finding(rule, first, refs[0]!, '*', message);
  return { ...f, ...(gravest.atStake ? { atStake: gravest.atStake } : {}), ...(refs.length > 1 ? { endpoints: refs } : {}) };
}

const STAKES = ['read', 'send', 'write', 'delete', 'execute'];
const stakeOrder = (d: Draft): number => STAKES.indexOf(d.atStake ?? '');

function finding(rule: string, d: Draft, endpoint: EndpointRef, key: string, message: string): Finding {
  return {
    rule,
    verdict: d.verdict ?? 'differs',
    severity: d.severity,
    endpoint,
    ...(d.persona ? { persona: d.persona } : {}),
    ...(d.about ? { about: d.about } : {}),
    ...(d.atStake ? { atStake: d.atStake } : {}),
    message,
    python: d.python,
    rust: d.rust,
    fingerprint: fingerprint(rule, key, d.invariant),
    ...(d.help ? { help: d.help } : {}),
  };
}

/**
 * One finding for each identity. The same one twice on an endpoint (a handler of every method that pairs with several) is dropped; two
 * groups that only their places tell apart get a counter.
 */
function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  const out: Finding[] = [];
  for (const f of findings) {
    let id = f.fingerprint;
    if (seen.has(id) && !f.endpoints) continue;
    for (let n = 2; seen.has(id); n++) id = fingerprint(f.rule, f.fingerprint, String(n));
    seen.set(id, f);
    out.push(id === f.fingerprint ? f : { ...f, fingerprint: id });
  }
  return out;
}

function view(p: Pair, verdicts: ReadonlySet<Finding['verdict']> | undefined): PairView {
  const side = (e: Endpoint) => ({ method: e.method, path: e.path, handler: e.handler, access: e.access });
  const verdict = verdicts?.has('differs') ? 'differs' : verdicts?.has('cannot-tell') ? 'cannot-tell' : 'same';
  return { endpoint: { method: p.python.method, path: p.python.path }, by: p.by, python: side(p.python), rust: side(p.rust), verdict };
}

function sideSummary(c: Contract, unpaired: number): SideSummary {
  const place = (l: Location): string => `${l.file}:${l.line}`;
  const gaps = new Set([...c.gaps, ...c.endpoints.flatMap(e => e.gaps)].map(g => `${place(g.location)}:${g.why}`));
  return { ...c.coverage, frameworks: c.frameworks.map(f => (f.version ? `${f.name} ${f.version}` : f.name)), gaps: gaps.size, unpaired };
}

const ofSide = (c: Contract): SideProblem[] => c.problems.map(p => ({ side: c.side, ...p }));
