/** Modules as values, copies of libraries among them, and folders of them that have no `__init__.py` (namespace packages). */
import type { Ev } from './ev.js';
import { ext } from './make.js';
import { runModule } from './python.js';
import { type Module, nextId, type Val } from './values.js';

/** Folders in which an application keeps its own copies of libraries. */
const COPIES = /(?:^|\.)(?:_?vendor(?:ed|s)?|_?third_?party|_?extern(?:al)?)\.((\w+)(?:\.\w+)*)$/;

/** So many of the names that the packs know of a library a module defines that is a copy of it, wherever it stands. */
const ENOUGH = 8;

/**
 * The name under which a library is installed of which `module` is a copy that came with the application, in a folder for such copies or as
 * the one file that the library consists of (`bottle.py`). Only what the packs speak of is taken for the library: anything else says more by
 * its code.
 */
export function copyOf(ev: Ev, module: Module): string | undefined {
  if (module.language !== 'python') return undefined;
  if (!copies.has(module)) copies.set(module, asFile(ev, module) ?? inFolder(ev, module));
  return copies.get(module);
}
const copies = new WeakMap<Module, string | undefined>();

function inFolder(ev: Ev, module: Module): string | undefined {
  const [, name, root] = COPIES.exec(module.name) ?? [];
  return root !== undefined && ev.models.named(root) ? name : undefined;
}

function asFile(ev: Ev, module: Module): string | undefined {
  const name = module.name.split('.').at(-1) as string;
  if (module.isPackage || !ev.models.named(name)) return undefined;
  const own = module.body.flatMap(s =>
    s.s === 'fn'
      ? [s.fn.name]
      : s.s === 'class'
        ? [s.name]
        : s.s === 'assign'
          ? s.targets.flatMap(t => (t.p === 'bind' ? [t.name] : []))
          : [],
  );
  return new Set(own.filter(n => ev.models.named(`${name}.${n}`))).size >= ENOUGH ? name : undefined;
}

/** A module of the program, executed as an import does. */
export function executed(ev: Ev, module: Module): Val {
  const library = copyOf(ev, module);
  if (library !== undefined) return ext(library);
  runModule(ev, module);
  return { t: 'module', module, id: nextId(), p: 0 };
}

/** What `folder.name` is where the folder is no package and holds modules of the program. */
export function inNamespace(ev: Ev, folder: string, name: string): Val | undefined {
  const found = ev.program.inNamespace(folder, name);
  return found === 'namespace' ? ext(`${folder}.${name}`) : found && executed(ev, found);
}
