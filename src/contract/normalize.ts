/** One spelling for every contract, so that equal applications give equal bytes whatever order the files were read in. */
import { joinPath } from './path-template.js';
import type { Contract, Endpoint, Ineffective, Location, Persona, Verdict } from './types.js';
import { PERSONAS } from './types.js';

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const place = (a: Location, b: Location): number => text(a.file, b.file) || a.line - b.line || (a.column ?? 0) - (b.column ?? 0);

/**
 * A copy with endpoints sorted by path, method and place of registration, guards by order, everything else by place, and repeated
 * outcomes, effects and gaps dropped. Paths are made whole (`joinPath`), methods upper-case.
 */
export function normalize(contract: Contract): Contract {
  const endpoints = contract.endpoints.map(normalizeEndpoint);
  // Of two entries with one key the first is the one that is reached; a stable sort keeps that where the places are the same.
  endpoints.sort((a, b) => text(a.path, b.path) || text(a.method, b.method) || place(a.route, b.route) || place(a.location, b.location));
  return {
    ...contract,
    frameworks: [...contract.frameworks].sort((a, b) => text(a.name, b.name) || text(a.version ?? '', b.version ?? '')),
    endpoints,
    gaps: unique(contract.gaps).sort((a, b) => place(a.location, b.location) || text(a.says, b.says)),
    problems: unique(contract.problems).sort(
      (a, b) => text(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || text(a.code, b.code),
    ),
  };
}

function normalizeEndpoint(e: Endpoint): Endpoint {
  const access = {} as Record<Persona, Verdict>;
  for (const p of PERSONAS) access[p] = e.access[p];
  return {
    ...e,
    method: e.method.toUpperCase(),
    path: joinPath(e.path),
    access,
    guards: [...e.guards].sort((a, b) => a.order - b.order || place(a.location, b.location)),
    ineffective: sorted(e.ineffective),
    ...(e.aside ? { aside: sorted(e.aside) } : {}),
    ...(e.alone ? { alone: [...e.alone].sort() } : {}),
    outcomes: unique(e.outcomes).sort((a, b) => place(a.location, b.location) || (a.status ?? 0) - (b.status ?? 0)),
    inputs: unique(e.inputs).sort((a, b) => text(a.in, b.in) || text(a.name, b.name) || place(a.location, b.location)),
    effects: unique(e.effects).sort((a, b) => place(a.location, b.location) || text(a.kind, b.kind)),
    gaps: unique(e.gaps).sort((a, b) => place(a.location, b.location) || text(a.says, b.says)),
  };
}

const sorted = (all: readonly Ineffective[]): Ineffective[] =>
  unique(all).sort((a, b) => place(a.location, b.location) || text(a.reason, b.reason));

function unique<T>(items: readonly T[]): T[] {
  const seen = new Map<string, T>();
  for (const item of items) {
    const key = JSON.stringify(item);
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}
