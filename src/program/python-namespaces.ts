/** Modules as values, copies of libraries among them, and folders of them that have no `__init__.py` (namespace packages). */
import type { Ev } from './ev.js';
import { ext } from './make.js';
import { runModule } from './python.js';
import { type Module, nextId, type Val } from './values.js';

/** Folders in which an application keeps its own copies of libraries. */
const COPIES = /(?:^|\.)(?:_?vendor(?:ed|s)?|_?third_?party|_?extern(?:al)?)\.((\w+)(?:\.\w+)*)$/;

/**
 * The name under which a library is installed of which `module` is a copy that came with the application. Only what the packs speak of is
 * taken for the library: anything else says more by its code.
 */
export function copyOf(ev: Ev, module: Module): string | undefined {
  const [, name, root] = COPIES.exec(module.name) ?? [];
  return root !== undefined && ev.models.named(root) ? name : undefined;
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
