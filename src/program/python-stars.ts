/** `from library import *`: what a name means that is defined nowhere else. */
import type { Ev } from './ev.js';
import { ext } from './make.js';
import type { Scope, Val } from './values.js';

const BUILTINS = new Set(
  `abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr dict
  dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass
  iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr
  slice sorted staticmethod str sum super tuple type vars zip Ellipsis NotImplemented`.split(/\s+/),
);

/** The built-in exceptions, whose names say what they are. */
const BUILT_IN = /^([A-Z]\w*(Error|Warning|Exception|Exit|Interrupt|Iteration|Group)|Exception)$/;

/** Remembers that everything of the library `path` was imported into `scope`. */
export function everythingOf(scope: Scope, path: string): void {
  scope.globs ??= [];
  if (!scope.globs.some(g => g[0] === path)) scope.globs.push([path]);
}

/** What `id` is that is not defined in `scope`: a name of a library of which everything was imported, where there is one. */
export function fromStar(ev: Ev, scope: Scope, id: string): Val | undefined {
  const all = scope.globs?.map(g => `${g[0]}.${id}`) ?? [];
  if (all.length === 0 || id.startsWith('_') || BUILTINS.has(id)) return undefined;
  const known = all.find(p => ev.models.named(ev.models.canonical(p)));
  return known !== undefined ? ext(known) : BUILT_IN.test(id) ? undefined : ext(all[0] as string);
}
