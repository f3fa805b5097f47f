/**
 * Pairs the endpoints of two contracts. A key is the method and the template without parameter names; what is looser than a key
 * (a handler of every method, a prefix, a suffix, a catch-all) is tried only on what is left, and said. Similarity never pairs.
 */
import { endpointKey, joinPath, templateKey, withoutStars, withoutSuffixes } from '../contract/path-template.js';
import type { Contract, Endpoint, Problem } from '../contract/types.js';
import type { PairedBy } from '../findings/types.js';
import { commonPrefix } from './prefix.js';
import type { Alias, Match, Pair } from './types.js';

/** Pairs two contracts. Pure; the order of the endpoints decides only which of two equal ones comes first. */
export function match(python: Contract, rust: Contract, aliases: readonly Alias[] = []): Match {
  const m = new Matcher(own(python.endpoints), own(rust.endpoints));
  m.round('path', key => key);
  if (aliases.length > 0) {
    m.round('alias', key => key, renamer(aliases));
    m.notes.push(...idle(aliases, python, rust));
  }
  const prefix = commonPrefix(m.left(), m.right(), m.pairs.length);
  if (prefix) {
    const renamed = renamer([{ from: prefix.from || '/', to: prefix.to || '/' }]);
    m.round('prefix', key => key, renamed);
    m.notes.push(prefixNote(prefix.from, prefix.to, prefix.pairs));
    m.loose(renamed);
  }
  m.loose(path => path);
  return m.result(python.endpoints, rust.endpoints);
}

/** Endpoints that somebody wrote. HEAD and OPTIONS are answered by the frameworks beside a GET, and are no endpoints of their own then. */
function own(endpoints: readonly Endpoint[]): Endpoint[] {
  const gets = new Set(endpoints.filter(e => e.method === 'GET' || e.method === '*').map(e => templateKey(e.path)));
  return endpoints.filter(e => !e.implicit && e.method !== 'OPTIONS' && !(e.method === 'HEAD' && gets.has(templateKey(e.path))));
}

class Matcher {
  readonly pairs: Pair[] = [];
  readonly notes: Problem[] = [];
  private readonly pairedPython = new Set<Endpoint>();
  private readonly pairedRust = new Set<Endpoint>();

  constructor(
    private readonly python: readonly Endpoint[],
    private readonly rust: readonly Endpoint[],
  ) {}

  left(): Endpoint[] {
    return this.python.filter(e => !this.pairedPython.has(e));
  }

  right(): Endpoint[] {
    return this.rust.filter(e => !this.pairedRust.has(e));
  }

  /**
   * Pairs what is left where the forms of both templates agree: first by equal methods, then a handler of every method with each
   * concrete one. A concrete method that has its own endpoint on the other side is not answered by the one of every method.
   */
  round(by: PairedBy, form: (template: string) => string, rename: (path: string) => string = p => p): void {
    const template = (e: Endpoint, side: 'python' | 'rust'): string => form(templateKey(side === 'python' ? rename(e.path) : e.path));
    const index = new Map<string, Endpoint[]>();
    for (const r of this.right()) {
      const k = `${r.method} ${template(r, 'rust')}`;
      index.set(k, [...(index.get(k) ?? []), r]);
    }
    for (const p of this.left()) {
      const found = index.get(`${p.method} ${template(p, 'python')}`) ?? [];
      // Two of the original with one key (a converter tells them apart) meet those of the port in order; the last one serves the rest.
      const r = found.find(e => !this.pairedRust.has(e)) ?? found.at(-1);
      if (r) this.add(p, r, by);
    }
    // The other one may have paired already, as when both sides have `GET` and only one has the rest under `*`.
    const any = by === 'path' ? 'any-method' : by;
    const byPath = (side: readonly Endpoint[], of: 'python' | 'rust'): Map<string, Endpoint[]> => {
      const at = new Map<string, Endpoint[]>();
      for (const e of side) {
        if (e.method === 'WS') continue;
        const k = template(e, of);
        at.set(k, [...(at.get(k) ?? []), e]);
      }
      return at;
    };
    const rustAt = byPath(this.rust, 'rust');
    for (const p of this.left()) {
      if (p.method === 'WS') continue;
      for (const r of rustAt.get(template(p, 'python')) ?? []) {
        if (p.method === '*' ? r.method !== '*' && !this.pairedRust.has(r) : r.method === '*') this.add(p, r, any);
      }
    }
  }

  /** What a port may do inside a handler instead of in the path: strip a literal suffix, take a whole rest of the path as one parameter. */
  loose(rename: (path: string) => string): void {
    const before = this.pairs.length;
    this.round('suffix', withoutSuffixes, rename);
    for (const p of this.pairs.slice(before)) {
      this.notes.push(
        note('path-suffix', `${p.python.method} ${p.python.path} is taken for ${p.rust.path}, which has no literal suffix`, p.rust),
      );
    }
    const middle = this.pairs.length;
    this.round('catch-all', withoutStars, rename);
    for (const p of this.pairs.slice(middle)) {
      this.notes.push(
        note(
          'path-catch-all',
          `${p.python.method} ${p.python.path} is taken for ${p.rust.path}: one of them accepts further segments`,
          p.rust,
        ),
      );
    }
  }

  private add(python: Endpoint, rust: Endpoint, by: PairedBy): void {
    this.pairs.push({ key: endpointKey(python), python, rust, by });
    this.pairedPython.add(python);
    this.pairedRust.add(rust);
  }

  result(allPython: readonly Endpoint[], allRust: readonly Endpoint[]): Match {
    // An endpoint that one side writes and the framework of the other makes (`/static/..`) is neither missing nor extra.
    const madeBy = (all: readonly Endpoint[]): Endpoint[] => all.filter(e => e.implicit);
    const covered = (e: Endpoint, made: readonly Endpoint[]): boolean =>
      made.some(
        i =>
          (i.method === e.method || i.method === '*' || e.method === '*') &&
          withoutStars(templateKey(i.path)) === withoutStars(templateKey(e.path)),
      );
    const byKey = new Map<string, Endpoint[]>();
    for (const e of this.rust) byKey.set(endpointKey(e), [...(byKey.get(endpointKey(e)) ?? []), e]);
    const duplicates = new Map<string, Endpoint[]>();
    const second = new Set<Endpoint>();
    for (const [k, all] of byKey) {
      // Two alternatives of the build never exist at once; one handler under `/x` and `/x/` is one endpoint.
      const apart = all.filter((e, i) => !all.slice(0, i).some(f => (e.when ?? f.when) !== undefined && e.when !== f.when));
      if (all.length > 1) for (const e of all) if (!this.pairedRust.has(e)) second.add(e);
      if (apart.length < 2) continue;
      const first = apart.find(e => this.pairedRust.has(e)) ?? apart[0]!;
      duplicates.set(k, [first, ...apart.filter(e => e !== first)]);
    }
    for (const all of byKey.values()) if (all.every(e => second.has(e))) second.delete(all[0]!);
    const right = this.right().filter(e => !second.has(e) && !covered(e, madeBy(allPython)));
    return {
      pairs: this.pairs,
      missing: this.left().filter(e => !covered(e, madeBy(allRust))),
      extra: right,
      duplicates,
      notes: this.notes,
    };
  }
}

/** Replaces the first alias that is the path itself or a prefix of it at a segment's border. */
function renamer(aliases: readonly Alias[]): (path: string) => string {
  const table = aliases.map(a => ({ from: templateKey(a.from), to: joinPath(a.to) })).sort((a, b) => b.from.length - a.from.length);
  return path => {
    const template = templateKey(path);
    for (const { from, to } of table) {
      if (template === from) return to;
      if (from === '/') return joinPath(to, template);
      if (template.startsWith(`${from}/`)) return joinPath(to, template.slice(from.length));
    }
    return path;
  };
}

/** Aliases that speak of no path of the side that they name: misspelt, or left over. */
function idle(aliases: readonly Alias[], python: Contract, rust: Contract): Problem[] {
  const none = (path: string, side: Contract): boolean => {
    const key = templateKey(path);
    return key !== '/' && !side.endpoints.some(e => `${templateKey(e.path)}/`.startsWith(`${key}/`));
  };
  return aliases.flatMap(a => {
    const sides = [
      ...(none(a.from, python) ? [`the original has no path ${a.from}`] : []),
      ...(none(a.to, rust) ? [`the port has no path ${a.to}`] : []),
    ];
    return sides.map(
      (says): Problem => ({ severity: 'warning', code: 'alias-unused', says: `the alias ${a.from} → ${a.to} does nothing: ${says}` }),
    );
  });
}

function prefixNote(from: string, to: string, pairs: number): Problem {
  const all = `${pairs} endpoints pair`;
  const says =
    from && to
      ? `the port serves under ${to} what the original serves under ${from}: ${all} so`
      : to
        ? `the port serves everything under ${to}: ${all} after it is dropped`
        : `the port does not have the original's prefix ${from}: ${all} after it is dropped`;
  return { severity: 'note', code: 'path-prefix', says };
}

const note = (code: string, says: string, at: Endpoint): Problem => ({
  severity: 'note',
  code,
  says,
  file: at.route.file,
  line: at.route.line,
});
