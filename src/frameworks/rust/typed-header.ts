/** Headers that are asked for by a type: which one that is, and so what it carries. */
import { provenance } from '../../packs/provenance.js';
import { callback } from '../../program/calls.js';
import { type Ev, quietly } from '../../program/ev.js';
import { args as mkArgs, constant, variant } from '../../program/make.js';
import { methodOf } from '../../program/rust-methods.js';
import { type CallVal, Prov, type Ty, type Val } from '../../program/values.js';
import { reply } from './reply.js';
import { joinText } from './text.js';

/** What the header was made from that is read as a `t`: `Header::name()` of the application's own types says its name. */
export function headerProv(ev: Ev, t: Ty | undefined): number {
  const key = t && nameOf(ev, t);
  // Of cookies the one that is read says what it carries.
  return key === undefined || /^cookie$/i.test(key) ? Prov.Header : provenance('header', key);
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

const REJECTION = 'axum_extra::typed_header::TypedHeaderRejection';

/** What is answered where such a header is missing, or is there and cannot be read. */
export const headerRejection = (missing: boolean): Val => {
  const v = reply(400) as Val & { t: 'sym' };
  return { ...v, ty: { path: REJECTION, args: [] }, store: new Map([...(v.store ?? []), ['missing', constant(missing)]]) };
};

/** What the rejection of a header says of itself. */
export function onHeaderRejection({ recv, name }: CallVal): Val | undefined {
  const missing = recv?.t === 'sym' && recv.ty?.path === REJECTION ? recv.store?.get('missing') : undefined;
  if (missing?.t !== 'const') return undefined;
  if (name === 'is_missing') return missing;
  return name === 'reason' ? variant(`${REJECTION}Reason`, missing.v ? 'Missing' : 'Error') : undefined;
}
