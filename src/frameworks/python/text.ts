/** Literal text of values: paths, prefixes, names. */
import { prov } from '../../program/make.js';
import { Prov, type Val } from '../../program/values.js';
import { usually } from './usual.js';

/** The text of a value; undefined where a part of it is not literal. */
export function textOf(v: Val | undefined): string | undefined {
  if (!v) return undefined;
  switch (v.t) {
    case 'const':
      return v.v === null ? '' : String(v.v);
    // A setting that nobody has set.
    case 'sym':
      return textOf(v.store?.get('@default'));
    case 'phi': {
      const usual = usually(v.c);
      if (usual !== undefined) return textOf(usual ? v.a : v.b);
      const [a, b] = [v.a, v.b].map(x => (isSwitch(x) ? undefined : textOf(x)));
      return a === undefined || a === '' ? (b ?? a) : a;
    }
    case 'variant':
      return textOf(v.fields.get('value'));
    case 'op': {
      if (v.op !== '+' && v.op !== 'fmt' && v.op !== 'str' && v.op !== 'cast') return undefined;
      const parts = v.args.map(textOf);
      return parts.every(p => p !== undefined) ? parts.join('') : undefined;
    }
    default:
      return undefined;
  }
}

/** A setting that was read as on or off is no text. */
const isSwitch = (v: Val): boolean => v.t === 'const' && typeof v.v === 'boolean';

/** Said of a path that begins with a setting, where that has no default. */
export const UNPLACED = 'the path begins with a setting, which is taken to be empty';

/**
 * What follows in a path on the setting that it begins with (`settings.root.rstrip('/') + '/api'`): whoever serves the application
 * elsewhere than at the root sets that one. Undefined where anything else is not literal.
 */
export function behindSetting(v: Val | undefined): string | undefined {
  if (!v) return undefined;
  if (v.t !== 'op' || (v.op !== '+' && v.op !== 'fmt')) return fromOutside(v) ? '' : undefined;
  const parts = v.args.flatMap(x => (x.t === 'op' && x.op === v.op ? x.args : [x]));
  if (!parts[0] || !fromOutside(parts[0])) return undefined;
  const rest = parts.slice(1).map(textOf);
  const text = rest.join('');
  return rest.every(t => t !== undefined) && (text === '' || text.startsWith('/')) ? text : undefined;
}

/** A setting, or a part of what a library gave: not what the application calculates, nor what it is handed. */
function fromOutside(v: Val): boolean {
  if (prov(v) & Prov.Setting) return true;
  let x: Val | undefined = v;
  for (let i = 0; x && i < 12; i++) {
    if (x.t === 'attr' || x.t === 'item') x = x.of;
    else if (x.t === 'call') {
      if (!x.recv) return x.fn?.t === 'ext' && !x.path.startsWith('builtins.');
      x = x.recv;
    } else return x.t === 'ext';
  }
  return false;
}
