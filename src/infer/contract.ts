/** The contract of one side: every adapter asked for its endpoints, each endpoint run and read. */
import type { Contract, Gap, Location, Problem, Side } from '../contract/types.js';
import { at, columnOf, lineOf } from '../facts/types.js';
import type { Adapter, Found, Route } from '../frameworks/types.js';
import type { PackModels } from '../packs/models.js';
import { effort, within } from '../program/effort.js';
import type { Ev } from '../program/ev.js';
import type { Place } from '../program/formula.js';
import { grow } from '../program/growing.js';
import { release } from '../program/shared.js';
import { readEndpoint, unread } from './endpoint.js';

export interface ContractInput {
  side: Side;
  ev: Ev;
  models: PackModels;
  adapters: readonly Adapter[];
  versions: ReadonlyMap<string, string>;
  problems: Problem[];
  files: { total: number; parsed: number };
  /** Hears how many endpoints of how many are done, of the framework that is read. */
  report?: (done: number, total: number) => void;
  /** Errors are thrown, not turned into problems. */
  debug?: boolean;
}

/** So much may it cost to find the routes of one framework. */
const ROUTES = 30_000_000;
/** So much may any endpoint cost (most cost some ten thousand), ... */
const PLAIN = 1_000_000;
/** ... so much the most difficult one, ... */
const REQUEST = 20_000_000;
/** ... so much all of them together above what any may, ... */
const MORE = 60_000_000;
/** ... and so much all of them at all. */
const ALL = 2_000_000_000;

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
  let purse = MORE;
  let left = ALL;
  const used = input.adapters.filter(a => a.language === side && a.uses(ev));
  release(ev);
  grow(ev);
  // What the modules did as they ran: each request begins an account of its own.
  const { events } = ev;
  for (const adapter of used) {
    ev.events = events;
    const tooMuch = `reading the routes of ${adapter.name} reached the bound of the evaluation`;
    const found: Found | undefined = guarded(`${adapter.name}: reading the routes`, undefined, () =>
      within(
        ROUTES,
        () => adapter.find(ev),
        () => void ev.gap('too-deep', tooMuch, { file: 0, at: at(1, 1) }),
      ),
    );
    // What was cut off while modules ran may have registered anything, and so may what has no parse where the framework is spoken of.
    for (const g of ev.gaps)
      if (
        g.why === 'too-deep' ||
        ((g.why === 'syntax-error' || g.why === 'opaque-macro') && adapter.mentions.test(ev.program.files[g.place.file]?.text ?? ''))
      )
        contract.gaps.push({ why: g.why, says: g.says, hides: ['endpoints', 'guards'], location: where(g.place) });
    ev.gaps = [];
    if (!found) continue;
    const version = versions.get(adapter.package ?? adapter.name);
    contract.frameworks.push({ name: adapter.name, ...(version ? { version } : {}) });
    contract.gaps.push(...found.gaps.map((g): Gap => ({ why: g.why, says: g.says, hides: g.hides, location: where(g.place) })));
    const routes = unique(found.routes);
    for (const [i, route] of routes.entries()) {
      input.report?.(i, routes.length);
      const cx = { ev, models, file };
      const started = effort.spent;
      const e = guarded(`${route.method} ${route.path}`, route.location, () =>
        within(
          Math.min(left, Math.max(PLAIN, Math.min(REQUEST, purse))),
          () => readEndpoint(cx, route, found),
          () => unread(cx, route),
        ),
      );
      const spent = effort.spent - started;
      purse -= Math.max(0, spent - PLAIN);
      left -= spent;
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
