/** Headers that are asked for by a type: which one that is, and so what it carries. */
import { provenance } from '../../packs/provenance.js';
import { callback } from '../../program/calls.js';
import { type Ev, quietly } from '../../program/ev.js';
import { args as mkArgs } from '../../program/make.js';
import { methodOf } from '../../program/rust-methods.js';
import { Prov, type Ty } from '../../program/values.js';
import { joinText } from './text.js';

/** What the header was made from that is read as a `t`: `Header::name()` of the application's own types says its name. */
export function headerProv(ev: Ev, t: Ty | undefined): number {
  const key = t && nameOf(ev, t);
  return key === undefined ? Prov.Header : provenance('header', key);
}

function nameOf(ev: Ev, t: Ty): string | undefined {
  // A type of a library is called after its header: `IfNoneMatch`.
  if (!t.cls)
    return t.path
      .split('::')
      .at(-1)
      ?.replace(/(?<=[a-z])(?=[A-Z])/g, '-');
  const fn = methodOf(ev, t.cls, 'name');
  return fn && joinText(quietly(ev, () => callback(ev, fn, mkArgs(), { file: fn.module.file, at: fn.def.at })));
}
