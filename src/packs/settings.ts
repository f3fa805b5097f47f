/** Settings that an application reads from a class, a module or a mapping of its own: what they are when nothing else sets them. */
import type { Ev } from '../program/ev.js';
import { NONE } from '../program/make.js';
import { pyAttribute, runModule } from '../program/python.js';
import type { CallArgs, Val } from '../program/values.js';

/** The usual value of each setting that a call fills in: from the members of its first argument, whatever form that has, and its keywords. */
export function settingsOf(ev: Ev, a: CallArgs): Map<string, Val> {
  const out = new Map<string, Val>();
  const take = (entries: Iterable<[string, Val]>): void => {
    for (const [k, v] of entries) if (/^[A-Z][A-Z0-9_]*$/.test(k) && v.t === 'const' && !out.has(k)) out.set(k, v);
  };
  const read = (v: Val | undefined, depth: number): void => {
    if (!v || depth > 6) return;
    switch (v.t) {
      case 'const':
        if (typeof v.v === 'string') read(imported(ev, v.v), depth + 1);
        return;
      case 'class':
        take(v.members);
        return;
      case 'obj':
        take(v.fields);
        take(v.cls.members);
        return;
      case 'module':
        take(v.module.scope.vars);
        return;
      case 'map':
        take(v.entries);
        return;
      case 'late':
        read(v.get(), depth + 1);
        return;
      case 'phi':
        read(v.a, depth + 1);
        read(v.b, depth + 1);
        return;
      // One of several, by a name that is given from outside.
      case 'item':
        if (v.of.t === 'map') for (const x of v.of.entries.values()) read(x, depth + 1);
        return;
      default:
    }
  };
  read(a.pos[0], 0);
  take(a.kw);
  return out;
}

/** What a dotted name stands for: a module of the application, or a member of one. */
function imported(ev: Ev, dotted: string): Val | undefined {
  const from = ev.program.modules[0];
  const parts = dotted.split(/[.:]/);
  for (let n = parts.length; from && n > 0; n--) {
    const module = ev.program.pythonModule(parts.slice(0, n).join('.'), 0, from);
    if (!module) continue;
    runModule(ev, module);
    let v: Val = { t: 'module', module, id: 0, p: 0 };
    for (const p of parts.slice(n)) v = pyAttribute(ev, v, p, { file: module.file, at: 0 });
    return v;
  }
  return NONE;
}
