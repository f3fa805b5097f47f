/** What a handler takes from the request, as its parameter types say. */
import type { Input } from '../../contract/types.js';
import { PackModels } from '../../packs/models.js';
import type { Ev } from '../../program/ev.js';
import type { Ty } from '../../program/values.js';

type In = Omit<Input, 'location'>;

const typeName = (t: Ty | undefined): string | undefined => (t ? (t.cls?.name ?? (t.path.split('::').at(-1) || undefined)) : undefined);

export function inputsOf(ev: Ev, types: Ty[], path: string): In[] {
  const out: In[] = [];
  const params = [...path.matchAll(/\{([^}*]*)\*?\}/g)].map(m => m[1] as string);
  const ofPath = types.find(t => /(^|::)Path$/.test(t.path))?.args[0];
  const tuple = ofPath?.path === '(tuple)' ? ofPath.args : undefined;
  params.forEach((name, i) => {
    const t = tuple ? tuple[i] : ofPath?.cls ? undefined : ofPath;
    const type = typeName(t);
    out.push({ name, in: 'path', required: true, ...(type ? { type } : {}) });
  });
  for (const t of types) {
    const optional = t.path === 'Option';
    const type = optional ? t.args[0] : t;
    const row = type && ev.models instanceof PackModels ? ev.models.row(type.path) : undefined;
    const where = row?.extractor?.in;
    if (!type || !where || where === 'none' || where === 'path') continue;
    const inner = type.args[0];
    if (inner?.cls?.fields.length && (where === 'query' || where === 'form' || where === 'json')) {
      for (const f of inner.cls.fields) {
        const kind = f.type.path.at(-1);
        out.push({
          name: f.name,
          in: where,
          required:
            !optional &&
            kind !== 'Option' &&
            !f.marks.some(
              m =>
                m.expr.k === 'call' &&
                m.expr.fn.k === 'name' &&
                m.expr.fn.id === 'serde' &&
                m.expr.args.some(a => a.name === 'default' || (a.value.k === 'name' && a.value.id === 'default')),
            ),
          ...(kind ? { type: kind } : {}),
        });
      }
      continue;
    }
    const named = typeName(inner ?? type);
    out.push({ name: named ?? where, in: where, required: !optional, ...(named ? { type: named } : {}) });
  }
  return out;
}
