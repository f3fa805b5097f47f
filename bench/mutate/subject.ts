/** A pair, ready to be mutated: what parity says of it, and what its own syntax says of which function stands before which endpoint. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { compare } from '../../src/checks/compare.js';
import { endpointKey } from '../../src/contract/path-template.js';
import type { Contract, Endpoint, Guard, Location, Outcome } from '../../src/contract/types.js';
import type { Finding } from '../../src/findings/types.js';
import { analyse } from '../../src/run.js';
import { initParser } from '../../src/syntax/parser.js';
import { Routers } from './routers.js';
import { said } from './judge.js';
import { type Fn, RustApp } from './rust-app.js';
import { apply, type Edit, offsetAt, parse, parses, type Source, type Syn, untested } from './syntax.js';

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

/** Where a pair is. */
export interface Folders {
  name: string;
  python: string;
  rust: string;
  /** Of a pair of fixtures: the folder of both, with the manifest that cargo needs. */
  folder?: string;
}

/** Triggers of those exits that keep somebody out; the others are error paths. */
const PROTECTIVE = new Set(['credential', 'authz', 'ownership', 'csrf', 'origin', 'signature', 'rate-limit']);
export const isProtective = (o: Outcome): boolean =>
  PROTECTIVE.has(o.trigger) && !(PERSONAL.has(o.trigger) && o.status !== undefined && UNSERVED.has(o.status));
/** Of these, answers that say what is wrong with the request deny nobody anything. */
const PERSONAL = new Set(['credential', 'authz', 'ownership']);
const UNSERVED = new Set([400, 409, 412, 422, 428]);

/** What the server could not do, whoever asked for whatever. */
const failsItself = (o: Outcome): boolean => o.panic === true || o.status === 500;

export class Subject {
  readonly app: RustApp;
  readonly routers: Routers;
  readonly places: Place[] = [];
  readonly framework: string;
  /** Endpoints of the port whose handler has no function of its own in the syntax: their mutants are not made. */
  readonly without: string[] = [];
  /** What is reported of the pair as it stands: `rule`, and `rule endpoint`. */
  readonly before: ReadonlySet<string>;
  private readonly exitsAt = new Map<Place, Outcome[]>();

  private constructor(
    readonly folders: Folders,
    readonly sources: ReadonlyMap<string, Source>,
    readonly originals: ReadonlyMap<string, Source>,
    readonly python: Contract,
    readonly rust: Contract,
  ) {
    this.app = new RustApp(sources);
    this.routers = new Routers(this.app);
    this.framework = `${rust.frameworks[0]?.name}`;
    const result = compare(python, rust);
    this.before = new Set(said(result.findings).flatMap(f => [f.rule, `${f.rule} ${f.at}`]));
    for (const pair of result.pairs) {
      const mine = (c: Contract, side: 'python' | 'rust') =>
        c.endpoints.find(e => e.method === pair[side].method && e.path === pair[side].path && e.handler === pair[side].handler)!;
      const [p, r] = [mine(python, 'python'), mine(rust, 'rust')];
      const handler = this.app.fns.find(
        f => f.source.path === r.location.file && this.at(r.location) <= f.node.end && this.at(r.location) >= f.node.start,
      );
      if (!handler) {
        this.without.push(`${endpointKey(p)} at ${r.location.file}:${r.location.line}`);
        continue;
      }
      const roots = [handler, ...this.routers.layers.filter(l => l.covers.has(handler)).flatMap(l => l.runs)];
      this.places.push({ key: endpointKey(p), python: p, rust: r, handler, roots, reached: this.app.reach(roots) });
    }
  }

  /** Reads a pair. An application that is its own original is read once. */
  static async of(folders: Folders): Promise<Subject> {
    await initParser();
    const rust = await analyse(folders.rust, 'rust');
    const itself = folders.python === folders.rust;
    const python = itself ? rust : await analyse(folders.python, 'python');
    const read = (side: 'python' | 'rust', texts: ReadonlyMap<string, string>) =>
      new Map([...texts].map(([path, text]) => [path, untested(parse(side, path, text))]));
    return new Subject(
      folders,
      read('rust', rust.sources),
      itself ? new Map() : read('python', python.sources),
      python.contract,
      rust.contract,
    );
  }

  get name(): string {
    return this.folders.name;
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
    const { contract } = await analyse(this.folders.rust, 'rust', { overlay: apply(this.sources, edits) });
    return compare(this.python, contract).findings;
  }

  /** Findings of the pair with these edits in the original. */
  async findingsOfOriginal(edits: readonly Edit[]): Promise<readonly Finding[]> {
    const { contract } = await analyse(this.folders.python, 'python', { overlay: apply(this.originals, edits) });
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
    const known = this.exitsAt.get(p);
    if (known) return known;
    const exits = p.rust.outcomes.filter(
      o => ((o.status ?? 0) < 500 || o.trigger === 'state') && (isProtective(o) || !failsItself(o)) && this.original(p, o),
    );
    this.exitsAt.set(p, exits);
    return exits;
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

  /** Whether other guards ask for all that is lost with these exits. */
  isImplied(p: Place, lost: readonly Outcome[]): boolean {
    const rest = this.exits(p).filter(o => !lost.includes(o));
    return lost.length > 0 && lost.every(o => impliedBy(p, o, rest));
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

  /** Without those that only turn away a second time who has no valid credential. */
  but(p: Place, lost: readonly Outcome[]): Outcome[] {
    const right = (o: Outcome): boolean =>
      p.rust.guards.some(
        g =>
          (g.kind === 'authz' || g.kind === 'ownership') && g.evidence.some(e => e.file === o.location.file && e.line === o.location.line),
      );
    return this.stillAuthenticates(p, lost) ? lost.filter(o => o.trigger !== 'credential' || right(o)) : [...lost];
  }

  /** The exits among these whose answer, for that trigger, the endpoint gives nowhere else. */
  only(p: Place, changed: readonly Outcome[]): Outcome[] {
    const rest = this.exits(p).filter(o => !changed.includes(o));
    const alike = (a: Outcome, b: Outcome): boolean =>
      a.status === b.status && a.redirect === b.redirect && (a.trigger === b.trigger || !isProtective(b));
    return changed.filter(o => !rest.some(r => alike(r, o)));
  }
}

/** Does another guard, of whose exits one is left, ask for no more than some of the roles of which the guard of this exit asks for any? */
function impliedBy(p: Place, o: Outcome, rest: readonly Outcome[]): boolean {
  const of = (exit: Outcome): Guard[] =>
    p.rust.guards.filter(g => g.kind === 'authz' && g.evidence.some(e => e.file === exit.location.file && e.line === exit.location.line));
  const [lost, ...more] = of(o);
  const within = (r: string, any: string): boolean => r.split('|').every(x => any.split('|').includes(x));
  return (
    lost !== undefined &&
    more.length === 0 &&
    lost.requires.length > 0 &&
    lost.requires.every(r => rest.flatMap(of).some(g => g !== lost && g.requires.some(q => q !== r && within(q, r))))
  );
}

/** The pairs under `root` that have a clean port: `python/` and `rust-clean/`. */
export function pairsIn(root: string): Folders[] {
  return readdirSync(root)
    .sort()
    .map(name => pairIn(join(root, name)))
    .filter(p => existsSync(p.rust) && existsSync(p.python));
}

export const pairIn = (folder: string): Folders => ({
  name: basename(folder),
  python: join(folder, 'python'),
  rust: join(folder, 'rust-clean'),
  folder,
});

/** A pair anywhere; the same folder twice is an application that is held against itself. */
export const pairOf = (python: string, rust: string): Folders => ({
  name: basename(resolve(rust)),
  python: resolve(python),
  rust: resolve(rust),
});
