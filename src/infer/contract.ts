/** The contract of one side: every adapter asked for its endpoints, each endpoint run and read. */
import type { Contract, Gap, Location, Problem, Side } from '../contract/types.js';
import { columnOf, lineOf } from '../facts/types.js';
import type { Adapter, Found, Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import type { Ev } from '../program/ev.js';
import type { Place } from '../program/formula.js';
import { readEndpoint } from './endpoint.js';

export interface ContractInput {
  side: Side;
  ev: Ev;
  models: PackModels;
  adapters: readonly Adapter[];
  versions: ReadonlyMap<string, string>;
  problems: Problem[];
  files: { total: number; parsed: number };
  /** `parity --debug`: errors are thrown, not turned into problems. */
  debug?: boolean;
}

export function buildContract(input: ContractInput): Contract {
  const { ev, models, versions, side } = input;
  const problems = [...input.problems];
  const file = (i: number): string => ev.program.files[i]?.path ?? '?';
  const where = (p: Place): Location => ({ file: file(p.file), line: lineOf(p.at), column: columnOf(p.at) });
  const contract: Contract = {
    version: 1,
    side,
    frameworks: [],
    coverage: { files: input.files.total, parsed: input.files.parsed, endpoints: 0, unresolved: 0 },
    endpoints: [],
    gaps: [],
    problems,
  };
  const guarded = <T>(what: string, at: Place | undefined, fn: () => T): T | undefined => {
    try {
      return fn();
    } catch (e) {
      if (input.debug) throw e;
      const l = at ? where(at) : undefined;
      problems.push({
        severity: 'error',
        code: 'internal',
        says: `${what}: ${e instanceof Error ? e.message : String(e)}`,
        ...(l ? { file: l.file, line: l.line } : {}),
      });
      return undefined;
    }
  };
  for (const adapter of input.adapters) {
    if (adapter.language !== side || !adapter.uses(ev)) continue;
    const found: Found | undefined = guarded(`${adapter.name}: reading the routes`, undefined, () => adapter.find(ev));
    if (!found) continue;
    const version = versions.get(adapter.package ?? adapter.name);
    contract.frameworks.push({ name: adapter.name, ...(version ? { version } : {}) });
    contract.gaps.push(...found.gaps.map((g): Gap => ({ why: g.why, says: g.says, hides: g.hides, location: where(g.place) })));
    for (const route of unique(found.routes)) {
      const e = guarded(`${route.method} ${route.path}`, route.location, () => readEndpoint({ ev, models, file }, route, found));
      if (e) contract.endpoints.push(e);
    }
  }
  contract.coverage.endpoints = contract.endpoints.length;
  contract.coverage.unresolved = contract.gaps.filter(g => g.hides.includes('endpoints')).length;
  return contract;
}

/** One registration seen twice (two entry points that build the same application) is one endpoint. */
function unique(routes: Route[]): Route[] {
  const seen = new Set<string>();
  return routes.filter(r => {
    const key = `${r.method} ${r.path} ${String(r.location.file)}:${String(r.location.at)} ${String(r.route.file)}:${String(r.route.at)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
