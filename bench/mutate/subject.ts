/** A clean pair, ready to be mutated: what parity says of it, and what its own syntax says of which function stands before which endpoint. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compare } from '../../src/checks/compare.js';
import { endpointKey } from '../../src/contract/path-template.js';
import type { Contract, Endpoint, Location, Outcome } from '../../src/contract/types.js';
import type { Finding } from '../../src/findings/types.js';
import { analyse } from '../../src/run.js';
import { initParser } from '../../src/syntax/parser.js';
import { Routers } from './routers.js';
import { type Fn, RustApp } from './rust-app.js';
import { apply, type Edit, offsetAt, parse, parses, type Source, type Syn } from './syntax.js';

/** An endpoint of both sides with the functions of the port that run when it is asked for. */
export interface Place {
  key: string;
  python: Endpoint;
  rust: Endpoint;
  handler: Fn;
  /** The handler, and what layers run before it. */
  roots: Fn[];
  reached: Set<Fn>;
}

/** Triggers of those exits that keep somebody out; the others are error paths. */
const PROTECTIVE = new Set(['credential', 'authz', 'ownership', 'csrf', 'origin', 'signature', 'rate-limit']);
export const isProtective = (o: Outcome): boolean => PROTECTIVE.has(o.trigger);

export class Subject {
  readonly app: RustApp;
  readonly routers: Routers;
  readonly places: Place[] = [];
  readonly framework: string;

  private constructor(
    readonly name: string,
    readonly folder: string,
    readonly sources: ReadonlyMap<string, Source>,
    readonly originals: ReadonlyMap<string, Source>,
    readonly python: Contract,
    readonly rust: Contract,
  ) {
    this.app = new RustApp(sources);
    this.routers = new Routers(this.app);
    this.framework = `${rust.frameworks[0]?.name}`;
    for (const pair of compare(python, rust).pairs) {
      const mine = (c: Contract, side: 'python' | 'rust') =>
        c.endpoints.find(e => e.method === pair[side].method && e.path === pair[side].path && e.handler === pair[side].handler)!;
      const [p, r] = [mine(python, 'python'), mine(rust, 'rust')];
      const handler = this.app.fns.find(
        f => f.source.path === r.location.file && this.at(r.location) <= f.node.end && this.at(r.location) >= f.node.start,
      );
      if (!handler) throw new Error(`${name}: no function at ${r.location.file}:${r.location.line} for ${endpointKey(p)}`);
      const roots = [handler, ...this.routers.layers.filter(l => l.covers.has(handler)).flatMap(l => l.runs)];
      this.places.push({ key: endpointKey(p), python: p, rust: r, handler, roots, reached: this.app.reach(roots) });
    }
  }

  /** Reads the pair in `folder` (`python/` and `rust-clean/`). Throws where a handler of the port is not found in its syntax. */
  static async of(folder: string): Promise<Subject> {
    await initParser();
    const python = await analyse(join(folder, 'python'), 'python');
    const rust = await analyse(join(folder, 'rust-clean'), 'rust');
    const read = (side: 'python' | 'rust', texts: ReadonlyMap<string, string>) =>
      new Map([...texts].map(([path, text]) => [path, parse(side, path, text)]));
    const name = folder.replace(/\/$/, '').split('/').at(-1)!;
    return new Subject(name, folder, read('rust', rust.sources), read('python', python.sources), python.contract, rust.contract);
  }

  private at(l: Location): number {
    const s = this.sources.get(l.file);
    return s ? offsetAt(s, l.line, l.column ?? 1) : -1;
  }

  standsIn(l: Location, f: Fn): boolean {
    return l.file === f.source.path && this.at(l) >= f.node.start && this.at(l) < f.node.end;
  }

  /** Findings of the pair with these edits in the port. */
  async findings(edits: readonly Edit[]): Promise<readonly Finding[]> {
    const { contract } = await analyse(join(this.folder, 'rust-clean'), 'rust', { overlay: apply(this.sources, edits) });
    return compare(this.python, contract).findings;
  }

  /** Findings of the pair with these edits in the original. */
  async findingsOfOriginal(edits: readonly Edit[]): Promise<readonly Finding[]> {
    const { contract } = await analyse(join(this.folder, 'python'), 'python', { overlay: apply(this.originals, edits) });
    return compare(contract, this.rust).findings;
  }

  parses(edits: readonly Edit[], side: 'python' | 'rust' = 'rust'): boolean {
    const sources = side === 'rust' ? this.sources : this.originals;
    return [...apply(sources, edits).values()].every(text => parses(side, text));
  }

  /** Endpoints on whose way the function runs. */
  through(f: Fn): Place[] {
    return this.places.filter(p => p.reached.has(f));
  }

  /**
   * Exits of an endpoint in a part of the port that the original has as well: the same answer somewhere on the same endpoint. What the
   * port refuses beyond the original is no protection that it could lose, and an error of the server keeps nobody out.
   */
  exitsIn(p: Place, s: Source, n: Syn): Outcome[] {
    return this.exits(p).filter(o => o.location.file === s.path && this.at(o.location) >= n.start && this.at(o.location) < n.end);
  }

  /** Exits of an endpoint that stand in one of these functions. */
  exitsOf(p: Place, fns: ReadonlySet<Fn>): Outcome[] {
    return this.exits(p).filter(o => [...fns].some(f => this.exitsIn(p, f.source, f.node).includes(o)));
  }

  exits(p: Place): Outcome[] {
    return p.rust.outcomes.filter(o => ((o.status ?? 0) < 500 || o.trigger === 'state') && this.original(p, o));
  }

  private original(p: Place, o: Outcome): boolean {
    const answers = [...p.python.outcomes, ...p.python.guards.flatMap(g => g.rejects)];
    return answers.some(a => a.status === o.status || (a.redirect !== undefined && a.redirect === o.redirect));
  }

  /**
   * What an endpoint loses with some of its exits: all that keep somebody out, and of the error paths those whose answer it gives
   * nowhere else. A contract says which answers there are, not how many ways lead to one.
   */
  told(p: Place, lost: readonly Outcome[]): Outcome[] {
    const rest = this.exits(p).filter(o => !lost.includes(o));
    return lost.filter(o => isProtective(o) || !rest.some(r => r.status === o.status && r.redirect === o.redirect));
  }

  /**
   * Whether an endpoint turns away whoever has no valid credential in another way as well, when these exits are gone: another guard
   * with the same answers, made of other exits.
   */
  stillAuthenticates(p: Place, lost: readonly Outcome[]): boolean {
    const credential = lost.filter(o => o.trigger === 'credential');
    const at = new Set(lost.map(o => `${o.location.file}:${o.location.line}`));
    return p.rust.guards.some(
      g =>
        g.kind === 'authn' &&
        g.strength === 'required' &&
        !g.presenceOnly &&
        !g.evidence.some(e => at.has(`${e.file}:${e.line}`)) &&
        credential.every(o => g.rejects.some(r => r.status === o.status && r.redirect === o.redirect)),
    );
  }

  /** The exits among these whose answer, for that trigger, the endpoint gives nowhere else. */
  only(p: Place, changed: readonly Outcome[]): Outcome[] {
    const rest = this.exits(p).filter(o => !changed.includes(o));
    const alike = (a: Outcome, b: Outcome): boolean =>
      a.status === b.status && a.redirect === b.redirect && (a.trigger === b.trigger || !isProtective(b));
    return changed.filter(o => !rest.some(r => alike(r, o)));
  }
}

/** The folders of all pairs under `root` that have a clean port. */
export function pairsIn(root: string): string[] {
  return readdirSync(root)
    .map(name => join(root, name))
    .filter(dir => existsSync(join(dir, 'rust-clean')) && existsSync(join(dir, 'python')))
    .sort();
}
