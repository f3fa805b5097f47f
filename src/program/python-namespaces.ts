/** Modules as values, and folders of them that have no `__init__.py` (namespace packages). */
import type { Ev } from './ev.js';
import { ext } from './make.js';
import { runModule } from './python.js';
import { type Module, nextId, type Val } from './values.js';

/** A module of the program, executed as an import does. */
export function executed(ev: Ev, module: Module): Val {
  runModule(ev, module);
  return { t: 'module', module, id: nextId(), p: 0 };
}

/** What `folder.name` is where the folder is no package and holds modules of the program. */
export function inNamespace(ev: Ev, folder: string, name: string): Val | undefined {
  const found = ev.program.inNamespace(folder, name);
  return found === 'namespace' ? ext(`${folder}.${name}`) : found && executed(ev, found);
}
