/** The program: modules of one application, how a name finds its module, and the tables that are built once for all of it. */
import { STANDARD_MODULES } from './python-standard.js';
import type { Expr, FileFacts, Stmt } from '../facts/types.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { nextId, type Cls, type FnVal, type Impl, type Module, type Scope, type Val } from './values.js';
import { libraryBases } from './classes.js';

export interface ProgramFile {
  /** Relative to the root, with `/`. */
  path: string;
  facts: FileFacts;
  text: string;
}

/** A Rust crate of the analysed tree. */
export interface CrateInput {
  /** As it is written in paths: underscores. */
  name: string;
  /** Relative to the root, '' for the root itself. */
  dir: string;
  /** Entry files relative to the root: library first, then binaries. */
  entries: string[];
  /** Names of dependencies as written in code → what they are: a crate of the tree or the library's real name. */
  renames: Map<string, string>;
  features: string[];
  /** Folders below `dir` into which the build script writes. */
  written?: string[];
}

/** Parses Rust text that stands in no file, such as the tokens of a macro; undefined where it does not parse. */
export interface RustText {
  expr(text: string, at: number): Expr | undefined;
  block(text: string, at: number): { body: Stmt[]; value?: Expr } | undefined;
  items(text: string, at: number): Stmt[] | undefined;
}

export type Expander = (ev: Ev, name: string, tokens: string, scope: Scope, place: Place) => Val | undefined;

/** A `macro_rules!` of the application. */
export interface Macro {
  rules: { pattern: string; body: string }[];
  module: Module;
}

export class Program {
  readonly modules: Module[] = [];
  readonly impls: { stmt: Stmt & { s: 'impl' }; scope: Scope }[] = [];
  linked = false;
  /** Counts the changes to items and impls. */
  items = 0;
  /** `use` leaves that are being resolved: a cycle resolves to nothing. */
  readonly resolving = new Set<string[]>();
  readonly implementors = new Map<Cls, Impl[]>();
  /** Impls of the application's traits for library types, by the type's path; `*` for blanket impls. */
  readonly libraryImpls = new Map<string, Impl[]>();
  readonly methods = new Map<string, FnVal[]>();
  readonly macros = new Map<string, Macro[]>();
  readonly features = new Set<string>();
  /** Versions of the dependencies, by package. */
  versions: ReadonlyMap<string, string> = new Map();
  expand: Expander = () => undefined;
  rustText: RustText | undefined;

  private readonly byDotted = new Map<string, Module[]>();
  private readonly crates = new Map<string, Module>();
  private readonly renames = new Map<string, Map<string, string>>();
  private readonly seen = new Map<string, Set<string>>();

  constructor(
    readonly files: ProgramFile[],
    readonly language: 'python' | 'rust',
    rootName: string,
    crates: CrateInput[] = [],
  ) {
    if (language === 'python') this.addPython(rootName);
    else this.addRust(crates);
  }

  // ---------------------------------------------------------------------------------------------- Python

  private addPython(rootName: string): void {
    this.files.forEach((f, file) => {
      const parts = f.path.replace(/\.py$/, '').split('/');
      const isPackage = parts.at(-1) === '__init__';
      if (isPackage) parts.pop();
      const name = parts.join('.') || rootName;
      const module = this.module(name, file, f.facts.body, 'python');
      if (isPackage) module.isPackage = true;
      // A module is found by every tail of its path: which directories are import roots is not written anywhere.
      const all = [rootName, ...parts];
      for (let i = 0; i < all.length; i++) {
        const key = all.slice(i).join('.');
        const list = this.byDotted.get(key);
        if (list) list.push(module);
        else this.byDotted.set(key, [module]);
      }
    });
  }

  /** Finds what `import name` (or `from ..name import`, with a level) means in `from`; undefined for a library. */
  pythonModule(name: string, level: number, from: Module): Module | undefined {
    if (level > 0) {
      const here = from.name.split('.');
      const base = here.slice(0, here.length - level + (from.isPackage ? 1 : 0));
      const dotted = [...base, ...(name ? [name] : [])].join('.');
      return (
        this.exactly(dotted) ??
        (base.length === 0 ? this.nearest(name, from) : undefined) ??
        (name === '' ? undefined : this.nearest(dotted, from))
      );
    }
    return this.exactly(name) ?? this.nearest(name, from);
  }

  private exactly(dotted: string): Module | undefined {
    const all = this.byDotted.get(dotted)?.filter(m => m.name === dotted) ?? [];
    // A package comes before a module of the same name.
    return all.find(m => m.isPackage) ?? all[0];
  }

  /** What `folder.name` is where the folder has no `__init__.py`: a module, or a folder of modules again. */
  inNamespace(folder: string, name: string): Module | 'namespace' | undefined {
    const dotted = `${folder}.${name}`;
    this.folders ??= new Set(this.modules.flatMap(m => [...m.name.matchAll(/\./g)].map(dot => m.name.slice(0, dot.index))));
    return this.exactly(dotted) ?? (this.folders.has(dotted) ? 'namespace' : undefined);
  }
  private folders: Set<string> | undefined;

  /** Whether modules in a folder are parts of a package: within one, a bare name does not mean the file next to it. */
  private isPackage(dir: string): boolean {
    this.packages ??= new Set(this.files.flatMap(f => (f.path.endsWith('/__init__.py') ? f.path.slice(0, -'/__init__.py'.length) : [])));
    return this.packages.has(dir);
  }
  private packages: Set<string> | undefined;

  /** Whether `name` is a module of the standard library, or of a package that the manifest names. */
  isLibrary(name: string): boolean {
    const root = name.split('.')[0] ?? '';
    return STANDARD_MODULES.has(root) || this.versions.has(root.replaceAll('_', '-').toLowerCase());
  }

  private nearest(dotted: string, from: Module): Module | undefined {
    // A module that names itself means the library of the same name.
    const all = this.byDotted.get(dotted)?.filter(m => m !== from);
    if (!all?.length) return undefined;
    const here = (this.files[from.file]?.path ?? '').split('/');
    const shared = (m: Module): number => {
      const there = (this.files[m.file]?.path ?? '').split('/');
      let i = 0;
      while (i < here.length && here[i] === there[i]) i++;
      return i * 1000 - there.length;
    };
    // `import json` next to an unrelated `x/json.py` is the library: a bare name must lie beside its importer or at the top.
    const fits = dotted.includes('.')
      ? all
      : all.filter(m => {
          const dir = (this.files[m.file]?.path ?? '')
            .replace(/(\/__init__)?\.py$/, '')
            .split('/')
            .slice(0, -1)
            .join('/');
          const mine = here.slice(0, -1).join('/');
          return (
            dir === '' ||
            (!(STANDARD_MODULES.has(dotted) && this.isPackage(dir)) &&
              (mine === dir || mine.startsWith(`${dir}/`)) &&
              !this.versions.has(dotted.replaceAll('_', '-').toLowerCase())) ||
            (m.name === dotted && !STANDARD_MODULES.has(dotted))
          );
        });
    // Imports begin at a folder above the importer, and hardly ever at one that is itself a part of a package.
    const above = (m: Module): number => {
      const path = (this.files[m.file]?.path ?? '').replace(/(\/__init__)?\.py$/, '').split('/');
      const root = path.slice(0, Math.max(0, path.length - dotted.split('.').length));
      return root.some((x, i) => x !== here[i]) ? 0 : this.isPackage(root.join('/')) ? 1 : 2;
    };
    const best = fits.length > 1 && dotted.includes('.') ? Math.max(...fits.map(above)) : 0;
    return (best > 0 ? fits.filter(m => above(m) === best) : fits).sort((a, b) => shared(b) - shared(a))[0];
  }

  // ---------------------------------------------------------------------------------------------- Rust

  private addRust(crates: CrateInput[]): void {
    const byPath = new Map(this.files.map((f, i) => [f.path, i]));
    const done = new Map<number, Module>();
    for (const c of crates) {
      for (const f of c.features) this.features.add(f);
      for (const [i, entry] of c.entries.entries()) {
        const file = byPath.get(entry);
        if (file === undefined || done.has(file)) continue;
        const root = this.rustModule(c.name, file, c, byPath, done);
        if (i === 0 || !this.crates.has(c.name)) this.crates.set(c.name, root);
        else this.crates.set(`${c.name}#${entry}`, root);
        this.renames.set(c.name, c.renames);
      }
    }
  }

  private rustModule(crate: string, file: number, c: CrateInput, byPath: Map<string, number>, done: Map<number, Module>): Module {
    const f = this.files[file] as ProgramFile;
    const root = this.module(crate, file, f.facts.body, 'rust');
    root.crate = c.name;
    done.set(file, root);
    const dir = f.path.split('/').slice(0, -1).join('/');
    this.children(root, f.facts.body, dir, c, byPath, done);
    return root;
  }

  private children(parent: Module, body: Stmt[], dir: string, c: CrateInput, byPath: Map<string, number>, done: Map<number, Module>): void {
    for (const s of body) {
      if (s.s !== 'mod') continue;
      if (
        s.marks.some(
          m =>
            m.expr.k === 'call' &&
            m.expr.fn.k === 'name' &&
            m.expr.fn.id === 'cfg' &&
            m.expr.args[0]?.value.k === 'name' &&
            m.expr.args[0].value.id === 'test',
        )
      )
        continue;
      const name = `${parent.name}::${s.name}`;
      let m: Module | undefined;
      if (s.body) {
        m = this.module(name, parent.file, s.body, 'rust');
        this.link(parent, m, s.name);
        this.children(m, s.body, `${dir}/${s.name}`, c, byPath, done);
        continue;
      }
      const custom = s.marks.find(k => k.expr.k === 'call' && k.expr.fn.k === 'name' && k.expr.fn.id === 'path')?.expr;
      const given = custom?.k === 'call' && custom.args[0]?.value.k === 'lit' ? String(custom.args[0].value.v) : undefined;
      const here = dir === '' ? '' : `${dir}/`;
      const candidates = given
        ? [normal(`${here}${given}`)]
        : [`${here}${s.name}.rs`, `${here}${s.name}/mod.rs`].map(p => p.replace(/^\//, ''));
      for (const path of candidates) {
        const file = byPath.get(path);
        if (file === undefined) continue;
        const known = done.get(file);
        if (known) {
          // `main.rs` and `lib.rs` of one package often declare the same modules: they are read once.
          if (!known.parent || known.crate !== parent.crate) continue;
          m = known;
          (parent.children ??= new Map()).set(s.name, known);
          break;
        }
        const f = this.files[file] as ProgramFile;
        m = this.module(name, file, f.facts.body, 'rust');
        done.set(file, m);
        this.link(parent, m, s.name);
        const inner = path.endsWith('/mod.rs') ? path.slice(0, -7) : given ? path.split('/').slice(0, -1).join('/') : path.slice(0, -3);
        this.children(m, f.facts.body, inner, c, byPath, done);
        break;
      }
      if (!m && c.written?.some(w => candidates.some(p => p.startsWith(`${c.dir === '' ? '' : `${c.dir}/`}${w}/`)))) {
        m = this.module(name, parent.file, [], 'rust');
        m.generated = true;
        this.link(parent, m, s.name);
      }
    }
  }

  private link(parent: Module, m: Module, name: string): void {
    m.parent = parent;
    if (parent.crate) m.crate = parent.crate;
    (parent.children ??= new Map()).set(name, m);
  }

  /** A crate of the tree by the name that code in `from` uses for it. */
  crate(name: string, from: Module): Val | undefined {
    const real = (from.crate && this.renames.get(from.crate)?.get(name)) || name;
    const m = this.crates.get(real);
    return m && m !== rootOf(from) ? { t: 'module', module: m, id: nextId(), p: 0 } : undefined;
  }

  /** Is there a dependency of this name? Where no manifest was read, any name may be one. */
  isDependency(crate: string): boolean {
    const all = [...this.renames.values()];
    return all.every(m => m.size === 0) || /^(std|core|alloc)$/.test(crate) || all.some(m => [...m.values()].includes(crate));
  }

  /** Can code of the crate `from` name what stands in the crate `to`? Where no manifest was read, any can. */
  sees(from: string | undefined, to: string | undefined): boolean {
    if (from === undefined || to === undefined || from === to || [...this.renames.values()].every(m => m.size === 0)) return true;
    let all = this.seen.get(from);
    if (!all) {
      this.seen.set(from, (all = new Set([from])));
      for (const c of all) for (const d of this.renames.get(c)?.values() ?? []) if (this.crates.has(d)) all.add(d);
    }
    return all.has(to);
  }

  /** The real name of a dependency that the manifest renames. */
  libraryName(name: string, from: Module): string {
    return (from.crate && this.renames.get(from.crate)?.get(name)) || name;
  }

  /** Impls of a trait, those that stand in for tests last. */
  implementorsOf(trait: Cls): Impl[] {
    const all = this.implementors.get(trait) ?? [];
    const fake = (i: Impl): number => (/mock|fake|stub|test|dummy|noop|inmemory/i.test(i.type.path.at(-1) ?? '') ? 1 : 0);
    return [...all].sort((a, b) => fake(a) - fake(b));
  }

  private module(name: string, file: number, body: Stmt[], language: 'python' | 'rust'): Module {
    const m: Module = { name, file, language, body, state: 'new', scope: undefined as unknown as Scope };
    m.scope = { vars: new Map(), module: m, kind: 'module' };
    this.modules.push(m);
    return m;
  }

  /** API path of a value that came from a library: `flask.Flask().route()`; undefined where there is none. */
  pathOf(v: Val): string | undefined {
    switch (v.t) {
      case 'ext':
        return v.path;
      case 'call':
        return v.ty && !v.ty.cls && v.ty.path && v.ty.path !== '(tuple)' ? `${v.ty.path}()` : `${v.path}()`;
      case 'attr': {
        if (v.ty && !v.ty.cls && v.ty.path && /[.:]/.test(v.ty.path)) return `${v.ty.path}()`;
        const base = this.pathOf(v.of);
        return base === undefined ? undefined : `${base}.${v.name}`;
      }
      case 'item': {
        const base = this.pathOf(v.of);
        return base === undefined ? undefined : `${base}[]`;
      }
      case 'sym':
        return (
          v.path ??
          (v.ty && !v.ty.cls && v.ty.path ? `${v.ty.path}()` : undefined) ??
          (v.ty?.cls && v.ty.cls.kind === 'class' ? instancePath(v.ty.cls) : undefined)
        );
      case 'op':
        return v.ty && !v.ty.cls && /[.:]/.test(v.ty.path)
          ? `${v.ty.path}()`
          : v.op === 'ok' && v.args[0]
            ? inner(this.pathOf(v.args[0]))
            : undefined;
      case 'obj':
        return instancePath(v.cls);
      case 'class':
        return libraryBases(v)[0];
      default:
        return undefined;
    }
  }
}

const inner = (p: string | undefined): string | undefined => p;
const instancePath = (cls: Cls): string | undefined => {
  const base = libraryBases(cls)[0];
  return base === undefined ? undefined : `${base}()`;
};

const rootOf = (m: Module): Module => {
  let r = m;
  while (r.parent) r = r.parent;
  return r;
};

const normal = (path: string): string => {
  const out: string[] = [];
  for (const p of path.split('/')) {
    if (p === '' || p === '.') continue;
    if (p === '..') out.pop();
    else out.push(p);
  }
  return out.join('/');
};
