/** What only Python has: names and imports, attribute lookup, declared types. */
import { leavesOf, onEach } from './alternatives.js';
import type { FnDef, Stmt } from '../facts/types.js';
import { call } from './calls.js';
import { ancestors, keepArguments, libraryBases, superCall } from './classes.js';
import { effort, within } from './effort.js';
import type { Ev } from './ev.js';
import type { Place } from './formula.js';
import { request } from './intern.js';
import { args as mkArgs, attr, ext, native, NONE, op, STR, unknown } from './make.js';
import { typeNew } from './metaclasses.js';
import { applyDecorators } from './python-decorators.js';
import { bound, got, standsFor } from './python-descriptors.js';
import { codeMember } from './python-inspect.js';
import { executed, inNamespace } from './python-namespaces.js';
import { keep, registered } from './python-requests.js';
import { imported, settle } from './python-state.js';
import { everythingOf, fromStar } from './python-stars.js';
import { tyOfAnnotation } from './python-types.js';
import { run } from './statements.js';
import { fillsItself, nameOf } from './spelling.js';
import { type FnVal, type Module, nextId, type Scope, type Val } from './values.js';

export { builtin } from './python-builtins.js';
export { nameOf };

/** So much may any module cost when it is imported (most cost some thousand), and so much the most difficult one. */
const PLAIN = 200_000;
const MODULE = 10_000_000;
/** So much one of its statements: a script that runs the whole application must not hide what follows it. */
const STATEMENT = 2_000_000;

/** Executes a module's top level once, as an import does. */
export function runModule(ev: Ev, m: Module): void {
  if (m.state !== 'new') return;
  m.state = 'running';
  const { pc, sink, frame, tries, crashes, handling, expected, typing, importing } = ev;
  ev.reset();
  m.scope.vars.set('__name__', STR('__main__'));
  m.scope.vars.set('__file__', STR(''));
  const granted = Math.max(0, Math.min(importing.left, Math.max(PLAIN, Math.min(MODULE, importing.more))));
  let left = granted;
  const began = { all: effort.spent, imports: ev.imports };
  for (const s of m.body) {
    if (ev.dead) break;
    const before = effort.spent - ev.imports;
    within(
      Math.min(left, STATEMENT),
      () => ev.journal.apart(() => run(ev, s, m.scope)),
      () => {
        ev.gap('too-deep', 'what the module does here when it is imported reached the bound of the evaluation', ev.place(m, s.at));
        ev.reset();
      },
    );
    settle(ev);
    left -= effort.spent - ev.imports - before;
  }
  ev.imports = began.imports + effort.spent - began.all;
  importing.more -= Math.max(0, granted - left - PLAIN);
  importing.left -= granted - left;
  Object.assign(ev, { pc, sink, frame, tries, crashes, handling, expected, typing });
  m.state = 'done';
}

export function pyName(ev: Ev, id: string, scope: Scope, place: Place): Val {
  let s: Scope | undefined = scope;
  while (s) {
    if (s.kind !== 'class' || s === scope) {
      const v = s.vars.get(id);
      if (v) return v.t === 'late' ? (v.get() ?? unknown(`\`${id}\` is not defined yet`, place)) : v;
    }
    s = s.parent;
  }
  const starred = fromStar(ev, scope.module.scope, id);
  if (starred) return starred;
  return ext(`builtins.${id}`);
}

type Import = Stmt & { s: 'import' };

export function importInto(ev: Ev, s: Import, scope: Scope): void {
  const from = scope.module;
  if (!s.names && !s.star) {
    if (s.as !== undefined) {
      ev.write(scope.vars, s.as, importModule(ev, s.module, 0, from));
      return;
    }
    const top = s.module.split('.')[0] as string;
    importModule(ev, s.module, 0, from);
    ev.write(scope.vars, top, importModule(ev, top, 0, from));
    return;
  }
  const target = importModule(ev, s.module, s.level, from);
  if (s.star) {
    if (target.t === 'module') {
      for (const [k, v] of target.module.scope.vars) if (!k.startsWith('_')) ev.write(scope.vars, k, v);
      for (const g of target.module.scope.globs ?? []) everythingOf(scope, g[0] as string);
    }
    if (target.t === 'ext') everythingOf(scope, target.path);
    return;
  }
  for (const n of s.names ?? []) {
    let v: Val;
    if (target.t === 'module') {
      const found = imported(ev, target.module, n.name);
      const sub = found ? undefined : ev.program.pythonModule(`${target.module.name}.${n.name}`, 0, from);
      if (found) v = found;
      else if (sub) v = executed(ev, sub);
      else {
        const m = target.module;
        // Modules that import a name from each other in a circle: a name that only leads back to itself is not defined.
        let asking = false;
        v = {
          t: 'late',
          name: n.name,
          id: nextId(),
          p: 0,
          get: () => {
            if (asking) return undefined;
            asking = true;
            try {
              const found = m.scope.vars.get(n.name);
              if (!found && m.state === 'done') {
                const starred = fromStar(ev, m.scope, n.name);
                if (starred ?? fillsItself(m)) return starred ?? ext(`${m.name}.${n.name}`);
              }
              return found?.t === 'late' ? found.get() : found;
            } finally {
              asking = false;
            }
          },
        };
      }
    } else if (target.t === 'ext') {
      // A package that imports its own modules by its whole name; one found because somebody extended `sys.path` to it, or named as an installed one.
      const own =
        from.isPackage && `.${from.name}`.endsWith(`.${s.module}`)
          ? ev.program.pythonModule(`${from.name}.${n.name}`, 0, from)
          : s.level === 0 && (s.module.includes('.') || !ev.program.isLibrary(s.module))
            ? ev.program.pythonModule(`${s.module}.${n.name}`, 0, from)
            : undefined;
      if (own) {
        ev.write(scope.vars, n.as ?? n.name, executed(ev, own));
        continue;
      }
      const path = ev.models.canonical(`${target.path}.${n.name}`);
      const source = ev.models.attr(ev, target, n.name, path);
      v = source?.t === 'sym' ? source : ext(path);
    } else v = attr(target, n.name);
    ev.write(scope.vars, n.as ?? n.name, v);
  }
}

/** What `import name` gives in `from`: a module of the program, executed, or the name of a library. */
export function importModule(ev: Ev, name: string, level: number, from: Module): Val {
  const m = ev.program.pythonModule(name, level, from);
  if (!m) return ext(ev.models.canonical(level > 0 ? `${'.'.repeat(level)}${name}` : name));
  return executed(ev, m);
}

export function defineFunction(ev: Ev, def: FnDef, scope: Scope): void {
  const fn: FnVal = { t: 'fn', def, scope, module: scope.module, id: nextId(), p: 0 };
  if (scope.kind === 'class') fn.owner = scope.self;
  // A class scope is no scope for its methods' bodies.
  ev.write(scope.vars, def.name, applyDecorators(ev, def.marks, fn, def.name, scope));
}

export function pyAttribute(ev: Ev, of: Val, name: string, place: Place): Val {
  switch (of.t) {
    case 'module': {
      const v = of.module.scope.vars.get(name);
      if (v) return v.t === 'late' ? (v.get() ?? unknown(name, place)) : v;
      const sub = ev.program.pythonModule(`${of.module.name}.${name}`, 0, of.module);
      if (sub) return executed(ev, sub);
      return (
        fromStar(ev, of.module.scope, name) ?? inNamespace(ev, of.module.name, name) ?? op('missing', [STR(`${of.module.name}.${name}`)])
      );
    }
    case 'late': {
      const v = of.get();
      return v ? pyAttribute(ev, v, name, place) : unknown(`\`${of.name}\` is not defined yet`, place);
    }
    case 'phi':
      return onEach(ev, of, x => pyAttribute(ev, x, name, place));
    case 'obj': {
      const own = of.fields.get(name);
      if (own) return own;
      const m = of.cls.members.get(name);
      if (m) return bound(ev, m, of, place);
      if (name === '__class__') return of.cls;
      if (name === '__dict__') return { t: 'map', entries: of.fields, id: nextId() };
      const any = of.cls.members.get('__getattr__');
      if (any?.t === 'fn' && !name.startsWith('__')) return call(ev, { ...any, self: of }, mkArgs([STR(name)]), place);
      return modelled(ev, of, name);
    }
    case 'class': {
      const m = of.members.get(name);
      if (m) return m.t === 'fn' && m.role === 'class' ? { ...m, self: of } : (got(ev, m, NONE, of, place) ?? m);
      if (name === '__name__') return STR(of.name);
      return ancestors(of, name) ?? modelled(ev, of, name);
    }
    case 'variant': {
      const f = of.fields.get(name);
      if (f) return f;
      const m = of.cls?.members.get(name);
      return m ? bound(ev, m, of, place) : attr(of, name);
    }
    case 'fn': {
      const a = of.attrs?.get(name);
      if (a) return a;
      if (name === '__name__') return STR(of.def.name);
      if (name === '__wrapped__' && of.wraps) return of.wraps.inner;
      return attr(of, name);
    }
    case 'native':
      // What stands for a function has what was noted on it.
      return standsFor(of) ? pyAttribute(ev, of.of as Val, name, place) : modelled(ev, of, name);
    case 'super':
      return (
        superCall(ev, of.cls, of.self, name, place) ?? (name === '__new__' ? typeNew(ev, of.cls) : undefined) ?? inherited(ev, of, name)
      );
    case 'ext': {
      const own = /(?:^|\.)([A-Z]\w*)$/.exec(of.path)?.[1];
      if (name === '__name__' && own) return STR(own);
      const path = ev.models.canonical(`${of.path}.${name}`);
      return ev.globals.get(path) ?? ev.models.attr(ev, of, name, path) ?? inNamespace(ev, of.path, name) ?? ext(path);
    }
    case 'const':
    case 'seq':
    case 'map':
      // None raises: nothing that is asked of it afterwards holds.
      return of.t === 'const' && of.v === null ? NONE : attr(of, name);
    default: {
      if (of.t === 'sym' || of.t === 'call') {
        const s = of.store?.get(name);
        if (s) return s;
        const made = name === '__class__' && of.t === 'call' ? ev.models.madeOf(of) : undefined;
        if (made !== undefined) return ext(made);
        // An object of a library keeps under its name what it was made with.
        const given = of.t === 'call' && /^[A-Z]/.test(of.name) ? of.args.kw.get(name) : undefined;
        if (given?.t === 'const' && typeof given.v === 'string') return given;
      }
      const cls = 'ty' in of && of.ty && !Array.isArray(of.ty) ? of.ty.cls : undefined;
      // What a lookup of the class made; what is merely declared to be of it may be of a class below.
      if (cls && name === '__class__' && (of.t === 'call' || of.t === 'op')) return cls;
      // What a pack says of the value itself goes before what its class says.
      const described = cls && of.t === 'sym' && of.path !== undefined ? modelled(ev, of, name) : undefined;
      if (described && described.t !== 'attr') return described;
      const m = cls ? cls.members.get(name) : codeMember(of, name);
      if (m?.t === 'fn') return bound(ev, m, of, place);
      if (m && (m.t === 'class' || !cls)) return m;
      const declared = cls?.annotations?.get(name);
      if (declared) return attr(of, name, tyOfAnnotation(ev, declared.ann, (cls as { scope: Scope }).scope));
      if (m && CONSTANT.test(name) && isLiteral(m)) return m;
      return modelled(ev, of, name);
    }
  }
}

/** A name for what no instance changes (PEP 8): it is read of the class through any of them. */
const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

const isLiteral = (v: Val): boolean => v.t === 'const' || (v.t === 'seq' && !v.rest && v.items.every(isLiteral));

/** Under this name an instance holds what stands for the library's own method `name`, where that is known. */
export const inheritedAs = (name: string): string => `@${name}`;

/** A method of a library base, called through `super()`: that of the library on this instance; its constructor keeps what it is given. */
function inherited(ev: Ev, of: Val & { t: 'super' }, name: string): Val {
  const self = of.self;
  if (libraryBases(of.cls).length === 0) return ext('builtins.object.noop');
  const given = self.t === 'obj' ? self.fields.get(inheritedAs(name)) : undefined;
  if (given) return given;
  if (name !== '__init__' || self.t !== 'obj') return modelled(ev, self, name);
  return native('__init__', a => keepArguments(ev, self, a));
}

function modelled(ev: Ev, of: Val, name: string): Val {
  const base = ev.program.pathOf(of);
  const path = base === undefined ? undefined : ev.models.canonical(`${base}.${name}`);
  return (path !== undefined ? ev.models.attr(ev, of, name, path) : undefined) ?? attr(of, name);
}

export function setAttribute(ev: Ev, of: Val, name: string, v: Val, place: Place): void {
  switch (of.t) {
    case 'obj': {
      const m = of.cls.members.get(name);
      if (m?.t === 'fn' && m.sets) call(ev, { ...m.sets, self: of }, mkArgs([v]), place);
      else ev.write(of.fields, name, v, of);
      return;
    }
    case 'class':
      ev.write(of.members, name, v);
      return;
    case 'module':
      ev.write(of.module.scope.vars, name, v);
      return;
    case 'fn':
      ev.write((of.attrs ??= new Map()), name, v);
      return;
    case 'ext':
      return keep(ev, of.path, name, v);
    case 'phi':
      return leavesOf(of).forEach(x => setAttribute(ev, x, name, v, place));
    case 'item':
      registered(ev, of, name, v, place);
      break;
    case 'sym':
    case 'call':
      of.store ??= new Map();
      // Nothing has been decided since it was made: what is returned from here must keep it, though the branch be taken back. What was there
      // before the request is left as it was found, for the next one.
      if (of.t === 'call' && of.pc === ev.pc && !(request.runs && of.id < request.since)) of.store.set(name, v);
      else ev.write(of.store, name, v, of);
      break;
    default:
      break;
  }
  const path = ev.program.pathOf(of);
  if (path === undefined) return;
  const m = ev.models.attr(ev, of, `${name}=`, `${path}.${name}=`);
  if (m?.t === 'native') m.call(mkArgs([v]), place);
}
