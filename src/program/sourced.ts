/** Mappings of what a request came with, by name (headers, parameters): read from a copy, or come upon as one goes through their pairs. */
import { call, external } from './calls.js';
import type { Ev } from './ev.js';
import { perhaps } from './filling.js';
import { not, type Place } from './formula.js';
import { args as mkArgs, attr, seq, STR } from './make.js';
import { fails } from './ops.js';
import type { CallArgs, Val } from './values.js';

const PAIRS: ReadonlySet<string> = new Set(['items', 'multi_items', 'iteritems', 'raw']);
const KEYS: ReadonlySet<string> = new Set(['keys']);
const COPIES: ReadonlySet<string> = new Set(['copy', 'to_dict']);
/** What makes a text of a name, or of what stands under it, without making another of it. */
const TEXT: ReadonlySet<string> = new Set(['decode', 'encode', 'lower', 'upper', 'casefold', 'title', 'capitalize', 'strip']);

/** The mapping that `v` is, was copied from, or shows the pairs or the names of; undefined where it is none that a library fills. */
export function mappingOf(ev: Ev, v: Val | undefined): Val | undefined {
  if (v?.t === 'call' && v.recv && (PAIRS.has(v.name) || KEYS.has(v.name) || COPIES.has(v.name))) return mappingOf(ev, v.recv);
  if (v?.t === 'attr' && PAIRS.has(v.name)) return mappingOf(ev, v.of);
  if (v?.t === 'map') return v.entries.size === 0 ? mappingOf(ev, v.rest) : undefined;
  const path = v && ev.program.pathOf(v);
  return path !== undefined && ev.models.reads(`${path}.get`) ? v : undefined;
}

/** `of.get(name)` where what `of` holds beside the entries that are known was copied from such a mapping. */
export function getFrom(ev: Ev, of: Val & { t: 'map' }, a: CallArgs, place: Place): Val | undefined {
  const from = a.pos[0]?.t === 'const' ? mappingOf(ev, of.rest) : undefined;
  return from && call(ev, attr(from, 'get'), a, place);
}

/** The pairs of the mapping that all of `of` was copied from. */
export function pairsFrom(ev: Ev, of: Val & { t: 'map' }, place: Place): Val | undefined {
  const from = mappingOf(ev, of);
  const path = from && ev.program.pathOf(from);
  return path === undefined ? undefined : external(ev, `${path}.items`, undefined, from, mkArgs([]), place, 'items');
}

/** The element of such a mapping that `v` stands for a part of: the name (0) or what stands under it (1); a text of either is it still. */
function partOf(ev: Ev, v: Val): { of: Val; part: 0 | 1 } | undefined {
  let x = v;
  while (x.t === 'call' && x.recv && TEXT.has(x.name)) x = x.recv;
  const part = x.t === 'item' && x.key.t === 'const' && (x.key.v === 0 || x.key.v === 1) ? x.key.v : undefined;
  const each = x.t === 'item' ? x.of : x;
  if (each.t !== 'op' || each.op !== 'element') return undefined;
  const from = mappingOf(ev, each.args[0]);
  return from && { of: from, part: part ?? 0 };
}

/** The mapping that a pair was taken from which is put into another, under its own name: `{k.lower(): v for k, v in headers.items()}`. */
export function pairOf(ev: Ev, key: Val, v: Val): Val | undefined {
  const [k, x] = [partOf(ev, key), partOf(ev, v)];
  return k?.part === 0 && x?.part === 1 && k.of === x.of ? k.of : undefined;
}

/** The path of the mapping whose names are gone through, where `v` is such a name. */
export function namedIn(ev: Ev, v: Val): string | undefined {
  const k = partOf(ev, v);
  return k?.part === 0 ? ev.program.pathOf(k.of) : undefined;
}

/**
 * What a loop over such a mapping comes upon: of all that may stand there, the names that what runs in it was seen to ask for
 * (`ev.models.picked`), each where it was sent.
 */
export function picked(ev: Ev, v: Val, place: Place): Val {
  if (ev.models.picked.size === 0) return v;
  const of = mappingOf(ev, v);
  const path = of && ev.program.pathOf(of);
  const names = path === undefined ? undefined : ev.models.picked.get(path);
  if (!of || !names) return v;
  const pairs = v !== of && !(v.t === 'call' && KEYS.has(v.name));
  const each = [...names].map(n => {
    const x = call(ev, attr(of, 'get'), mkArgs([STR(n)]), place);
    return perhaps(pairs ? seq('tuple', [STR(n), x]) : STR(n), not(fails(x, place)));
  });
  return seq('list', each, undefined);
}
