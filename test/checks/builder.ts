/** Small contracts for the tests of everything behind the contract. */
import type { Alias } from '../../src/match/types.js';
import { compare } from '../../src/checks/compare.js';
import type {
  Contract,
  Effect,
  EffectKind,
  Endpoint,
  Gap,
  Guard,
  GuardKind,
  Ineffective,
  IneffectiveReason,
  Outcome,
  Persona,
  Side,
  Trigger,
  Verdict,
} from '../../src/contract/types.js';
import type { CheckResult } from '../../src/findings/types.js';

const FILE: Record<Side, string> = { python: 'app.py', rust: 'src/main.rs' };

export const admitted: Verdict = { verdict: 'admitted' };
export const unknown: Verdict = { verdict: 'unknown', why: 'a call could not be resolved' };
export const refused = (status?: number, redirect?: string): Verdict => ({
  verdict: 'refused',
  ...(status !== undefined ? { status } : {}),
  ...(redirect !== undefined ? { redirect } : {}),
});

export function guard(kind: GuardKind, name: string, more: Partial<Guard> = {}): Guard {
  return {
    kind,
    strength: 'required',
    requires: [],
    via: 'decorator',
    name,
    scope: 'endpoint',
    order: 1,
    rejects: [{ status: kind === 'authn' ? 401 : 403 }],
    location: { file: 'guards', line: 7 },
    evidence: [],
    ...more,
  };
}

export const authn = (name = 'login_required', more: Partial<Guard> = {}): Guard => guard('authn', name, more);
export const authz = (requires: string[], more: Partial<Guard> = {}): Guard => guard('authz', 'role', { requires, ...more });
export const optional = (name = 'maybe_user', more: Partial<Guard> = {}): Guard =>
  authn(name, { strength: 'optional', rejects: [], ...more });

export const broken = (kind: GuardKind, reason: IneffectiveReason, name = 'check', line = 30): Ineffective => ({
  kind,
  name,
  reason,
  location: { file: 'guards', line },
  evidence: [],
});

export const gap = (line = 50, hides: Gap['hides'] = ['guards']): Gap => ({
  why: 'unresolved-call',
  says: '`helper` could not be resolved',
  hides,
  location: { file: 'helpers', line },
});

export const outcome = (trigger: Trigger, status: number | undefined, more: Partial<Outcome> = {}): Outcome => ({
  trigger,
  via: 'raise',
  location: { file: 'handlers', line: 60 },
  ...(status !== undefined ? { status } : {}),
  ...more,
});

export const effect = (kind: EffectKind): Effect => ({ kind, location: { file: 'handlers', line: 61 } });

export interface EndpointSpec extends Partial<Omit<Endpoint, 'access'>> {
  access?: Partial<Record<Persona, Verdict>>;
}

/** `GET /x`; access follows from the guards unless it is given. */
export function endpoint(side: Side, name: string, spec: EndpointSpec = {}, line = 1): Endpoint {
  const [method = 'GET', path = '/'] = name.split(' ');
  const guards = spec.guards ?? [];
  const of = (kinds: GuardKind[]): Guard | undefined =>
    guards.find(g => kinds.includes(g.kind) && g.strength === 'required' && !g.afterEffect);
  const verdict = (g: Guard | undefined): Verdict => (g ? { verdict: 'refused', ...g.rejects[0] } : admitted);
  const location = { file: FILE[side], line };
  return {
    method,
    path,
    slash: 'exact',
    handler: `handler_${line}`,
    location,
    route: location,
    ineffective: [],
    outcomes: [],
    inputs: [],
    effects: [],
    gaps: [],
    ...spec,
    guards,
    access: {
      anonymous: verdict(of(['authn', 'signature', 'authz', 'ownership'])),
      signedIn: verdict(of(['authz', 'ownership'])),
      entitled: admitted,
      ...spec.access,
    },
  };
}

export type Spec = Record<string, EndpointSpec | EndpointSpec[]>;

export function contract(side: Side, spec: Spec, more: Partial<Contract> = {}): Contract {
  let line = 0;
  const endpoints = Object.entries(spec).flatMap(([name, e]) =>
    (Array.isArray(e) ? e : [e]).map(one => {
      line += 10;
      return endpoint(side, name, one, line);
    }),
  );
  return {
    version: 1,
    side,
    frameworks: [side === 'python' ? { name: 'flask', version: '3.0.0' } : { name: 'axum', version: '0.8.1' }],
    coverage: { files: 1, parsed: 1, endpoints: endpoints.length, unresolved: 0 },
    endpoints,
    gaps: [],
    problems: [],
    ...more,
  };
}

export function check(python: Spec, rust: Spec, aliases: Alias[] = []): CheckResult {
  return compare(contract('python', python), contract('rust', rust), { aliases });
}

/** `severity rule METHOD /path [persona]` of every finding, in the order of the report. Common causes name how many endpoints. */
export function lines(result: CheckResult): string[] {
  return result.findings.map(f => {
    const verdict = f.verdict === 'cannot-tell' ? '?' : '';
    const many = f.endpoints ? ` x${f.endpoints.length}` : '';
    return `${f.severity}${verdict} ${f.rule} ${f.endpoint.method} ${f.endpoint.path}${many}${f.persona ? ` ${f.persona}` : ''}`;
  });
}

export const found = (python: Spec, rust: Spec, aliases: Alias[] = []): string[] => lines(check(python, rust, aliases));
