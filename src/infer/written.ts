/** Questions about how what is kept of the caller is written, which say nothing of what he may do. */
import { leavesOf } from '../program/alternatives.js';
import type { Atom } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';

/** Is it asked of which type a column is, or what stands in one, whichever it is (`for name, value in row.items()`), as a row is read into a model? */
export function asksOfForm(a: Atom, subject: Val): boolean {
  if (a.kind === 'fails' || a.kind === 'raises') return false;
  if (a.args.some(v => v !== subject && prov(v) & Prov.Input)) return false;
  return isTyping(subject) || isCell(subject);
}

/** `issubclass(field.type_, BaseModel)` */
const isTyping = (v: Val): boolean => (v.t === 'call' && v.path === 'builtins.issubclass') || (v.t === 'op' && v.op === 'issubclass');

/** What stands in one of the columns of a row, whichever that is. */
function isCell(v: Val | undefined, deep = 0): boolean {
  if (!v || deep > 12) return false;
  if (v.t === 'item') {
    const each = v.of.t === 'op' && v.of.op === 'element' ? v.of.args[0] : undefined;
    // What a column holds (`user.rights.items()`) may be rights, each with whether he has it.
    const whole = each?.t === 'call' && each.name === 'items' && each.recv?.t !== 'attr' && each.recv?.t !== 'item';
    if (whole && v.key.t === 'const' && Number(v.key.v) === 1) return true;
    return isCell(v.of, deep + 1);
  }
  if (v.t === 'phi') return leavesOf(v).some(x => isCell(x, deep + 1));
  // As it was written there, and read again.
  if (v.t === 'call') return v.name === 'loads' && isCell(v.args.pos[0], deep + 1);
  return v.t === 'op' && isCell(v.args[0], deep + 1);
}
