/** What the tests of the application pairs share: reading what was written down about a pair, and holding what was found against it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reason } from '../../src/checks/say.js';
import { endpointKey } from '../../src/contract/path-template.js';
import { type Contract, type Endpoint, type IneffectiveReason, PERSONAS, type Verdict } from '../../src/contract/types.js';
import type { CheckResult, Finding } from '../../src/findings/types.js';
import { check } from '../../src/run.js';

/** A planted fault, as `expected-faulty.json` has it (the blog's README says what the fields mean). */
interface Planted {
  rule: string;
  method: string;
  path: string;
  kinds?: string[];
  reason?: string;
  or?: string[];
  optional?: boolean;
  handlers?: string[];
  /** Right and not found yet, with the reason. */
  missing?: string;
  /** Wrong and still reported, with the reason. */
  spurious?: string;
}

/** What an endpoint answers to whom, as `access.json` has it. */
type Access = { method: string; path: string } & Record<(typeof PERSONAS)[number], string | number>;

const ANYWHERE = '* *';
export const at = (e: { method: string; path: string }): string => (e.path === '*' ? ANYWHERE : endpointKey(e));

/** What was found, once for each endpoint. A repeated guard speaks about the port as a whole. */
const places = (f: Finding): string[] => (f.rule === 'guard-repeated-inline' ? [ANYWHERE] : (f.endpoints ?? [f.endpoint]).map(at));

/** Rules that say what was planted: its own, or one that says the same just as well. */
const rules = (p: Planted): string[] => [p.rule, ...(p.or ?? [])];

/** Endpoints that the application wrote, without those that its framework adds. */
export const written = (c: Contract): Endpoint[] => c.endpoints.filter(e => !e.implicit);

/** A folder of `fixtures/apps`: the original in `python`, and its ports. */
export class Pair {
  private readonly folder: string;

  constructor(name: string) {
    this.folder = fileURLToPath(new URL(`../../fixtures/apps/${name}/`, import.meta.url));
  }

  compare(port: string): Promise<CheckResult> {
    return check(join(this.folder, 'python'), join(this.folder, port));
  }

  planted(): Planted[] {
    return this.json('expected-faulty.json');
  }

  access(): Access[] {
    return this.json('access.json');
  }

  private json<T>(name: string): T {
    return JSON.parse(readFileSync(join(this.folder, name), 'utf8')) as T;
  }
}

/** Differences between what was planted and what was reported, in both directions. */
export function differences(planted: readonly Planted[], findings: readonly Finding[]): string[] {
  const found = findings.flatMap(f => places(f).map(place => ({ rule: f.rule, place, message: f.message })));
  const taken = new Set<(typeof found)[number]>();
  const out: string[] = [];
  for (const p of planted) {
    const name = `${p.rule} ${at(p)}`;
    const hit = found.find(f => !taken.has(f) && f.place === at(p) && rules(p).includes(f.rule));
    if (hit) taken.add(hit);
    if (p.missing) {
      if (hit) out.push(`no longer missing: ${name}`);
    } else if (p.spurious) {
      if (!hit) out.push(`no longer spurious: ${name}`);
    } else if (!hit && !p.optional) out.push(`not found: ${name}`);
  }
  for (const f of found) if (!taken.has(f)) out.push(`not planted: ${f.rule} ${f.place}: ${f.message}`);
  return out;
}

/** Reasons that were written down for ineffective guards and are not those that were given. */
export function otherReasons(planted: readonly Planted[], findings: readonly Finding[]): string[] {
  return planted
    .filter(p => p.reason !== undefined && !p.missing)
    .flatMap(p => {
      const said = findings.filter(f => f.rule === 'guard-ineffective' && places(f).includes(at(p)));
      const wanted = reason(p.reason as IneffectiveReason);
      return said.length === 0 || said.some(f => f.message.includes(wanted)) ? [] : [`${at(p)}: ${said[0]!.message}`];
    });
}

/** Kinds of protection that were lost along with another, and are not named in what was reported there. `along` says how each is named. */
export function unnamed(planted: readonly Planted[], findings: readonly Finding[], along: Record<string, RegExp>): string[] {
  return planted
    .filter(p => !p.missing && !p.spurious)
    .flatMap(p => {
      const messages = findings
        .filter(f => rules(p).includes(f.rule) && places(f).includes(at(p)))
        .map(f => f.message)
        .join('\n');
      return (p.kinds ?? [])
        .slice(1)
        .filter(k => !along[k]!.test(messages))
        .map(k => `${at(p)} ${k}`);
    });
}

function shown(v: Verdict): string {
  if (v.verdict !== 'refused') return v.verdict === 'admitted' ? 'ok' : 'unknown';
  if (v.panic) return 'panic';
  return [v.status, v.redirect].filter(x => x !== undefined).join(' ');
}

/** The access matrix as lines that can be compared. */
export function accessOf(endpoints: readonly (Access | Endpoint)[]): string[] {
  return endpoints.map(e => `${at(e)}: ${PERSONAS.map(p => ('access' in e ? shown(e.access[p]) : String(e[p]))).join(' | ')}`).sort();
}
