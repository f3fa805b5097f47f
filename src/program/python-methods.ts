/** Methods of Python's strings, lists, sets and dicts whose contents are known. */
import { alternatives, onEach } from './alternatives.js';
import type { Ev } from './ev.js';
import { keyOf } from './keys.js';
import { fill, has, isIn, partly, perhaps, someIn } from './filling.js';
import { and, type F, FALSE, not, type Place, TRUE } from './formula.js';
import { bool, constant, joined, MAX_TEXT, NONE, op, phi, seq, STR, sym, variant } from './make.js';
import { chosenFrom, placeIn } from './tables.js';
import { equal, member, truthy } from './ops.js';
import { elementOf } from './patterns.js';
import { matches } from './regex.js';
import { lacking, ofSets } from './sets.js';
import { getFrom, pairsFrom } from './sourced.js';
import { type CallArgs, Prov, type Val } from './values.js';

const text = (v: Val | undefined): string | undefined => (v?.t === 'const' && typeof v.v === 'string' ? v.v : undefined);
const textOf = (s: string | undefined): Val | undefined => (s === undefined ? undefined : STR(s));

const WHERE = { match: 'start', search: 'anywhere', fullmatch: 'whole' } as const;
const MATCH = variant('re', 'Match');

/** `re.match(pattern, text)` and its kin, where both are known and nothing else was given. */
export function regex(pattern: Val | undefined, name: string, more: readonly Val[]): Val | undefined {
  const source = text(pattern);
  const subject = text(more[0]);
  const where = WHERE[name as keyof typeof WHERE] as (typeof WHERE)[keyof typeof WHERE] | undefined;
  const is = source === undefined || subject === undefined || !where || more.length > 1 ? undefined : matches(source, subject, where);
  return is === undefined ? undefined : is ? MATCH : NONE;
}

function onString(s: string, name: string, a: CallArgs): Val | undefined {
  const x = text(a.pos[0]);
  switch (name) {
    case 'lower':
    case 'casefold':
      return STR(s.toLowerCase());
    case 'upper':
      return STR(s.toUpperCase());
    case 'title':
    case 'capitalize':
      return STR(s.charAt(0).toUpperCase() + s.slice(1));
    case 'strip':
      return a.pos.length ? (x === undefined ? undefined : STR(trim(s, x, true, true))) : STR(s.trim());
    case 'lstrip':
      return a.pos.length ? (x === undefined ? undefined : STR(trim(s, x, true, false))) : STR(s.trimStart());
    case 'rstrip':
      return a.pos.length ? (x === undefined ? undefined : STR(trim(s, x, false, true))) : STR(s.trimEnd());
    case 'startswith':
    case 'endswith': {
      const p = a.pos[0];
      const options = p?.t === 'seq' ? p.items.map(text) : [x];
      if (options.some(o => o === undefined)) return undefined;
      return constant(options.some(o => (name === 'startswith' ? s.startsWith(o as string) : s.endsWith(o as string))));
    }
    case 'split':
      return a.pos.length && x === undefined
        ? undefined
        : seq('list', (x === undefined ? s.split(/\s+/).filter(Boolean) : s.split(x)).map(STR));
    case 'partition':
    case 'rpartition': {
      if (x === undefined) return undefined;
      const i = name === 'partition' ? s.indexOf(x) : s.lastIndexOf(x);
      const parts = i >= 0 ? [s.slice(0, i), x, s.slice(i + x.length)] : name === 'partition' ? [s, '', ''] : ['', '', s];
      return seq('tuple', parts.map(STR));
    }
    case 'rsplit':
      return x === undefined ? undefined : seq('list', s.split(x).map(STR));
    case 'replace': {
      const y = text(a.pos[1]);
      return x === undefined || y === undefined ? undefined : textOf(joined(s.split(x), y));
    }
    case 'removeprefix':
      return x === undefined ? undefined : STR(s.startsWith(x) ? s.slice(x.length) : s);
    case 'removesuffix':
      return x === undefined ? undefined : STR(s.endsWith(x) ? s.slice(0, s.length - x.length) : s);
    case 'join': {
      const xs = a.pos[0];
      if (xs?.t !== 'seq' || xs.rest) return undefined;
      const parts = xs.items.map(text);
      return parts.some(p => p === undefined) ? undefined : textOf(joined(parts as string[], s));
    }
    case 'format': {
      let i = 0;
      let known = true;
      let size = 0;
      const out = s.replace(/\{(\w*)(?:![rsa])?(?::[^}]*)?\}/g, (_m, k: string) => {
        const v = k === '' ? a.pos[i++] : /^\d+$/.test(k) ? a.pos[Number(k)] : a.kw.get(k);
        if (v?.t === 'const' && (size += String(v.v).length) <= MAX_TEXT) return String(v.v);
        known = false;
        return '';
      });
      return known ? STR(out) : op('fmt', [STR(s), ...a.pos, ...a.kw.values()]);
    }
    case 'encode':
    case 'decode':
      return STR(s);
    case 'isdigit':
      return constant(/^\d+$/.test(s));
    case 'count':
      return x === undefined ? undefined : constant(s.split(x).length - 1);
    case 'find':
      return x === undefined ? undefined : constant(s.indexOf(x));
    default:
      return undefined;
  }
}

function trim(s: string, chars: string, left: boolean, right: boolean): string {
  let i = 0;
  let j = s.length;
  if (left) while (i < j && chars.includes(s[i] as string)) i++;
  if (right) while (j > i && chars.includes(s[j - 1] as string)) j--;
  return s.slice(i, j);
}

/** Which of `of` are `x`: how many they are is how often it is in it. */
function fitting(of: Val & { t: 'seq' }, x: Val, place: Place): Val {
  const one = (y: Val): Val => {
    const { it, when } = partly(y);
    return perhaps(it, and(when, equal(it, x, place)));
  };
  return op('len', [seq('list', of.items.map(one), of.rest && one(of.rest))]);
}

/** What is left of `items` where `x` is taken out. */
const without = (items: readonly Val[], x: Val, place: Place): Val[] =>
  items.flatMap(y => {
    const { it, when } = partly(y);
    const left = and(when, not(equal(it, x, place)));
    return left === FALSE ? [] : [perhaps(it, left)];
  });

/** Calls `of.name(..)` where `of` is a known string, list, set or dict; declines otherwise. */
export function builtinMethod(ev: Ev, of: Val, name: string, a: CallArgs, place: Place): Val | undefined {
  // Two sets have nothing in common, whoever is asked.
  if (name === 'isdisjoint' && a.pos[0]) return bool(not(truthy(ofSets('&', of, a.pos[0]) ?? op('&', [of, a.pos[0]]), place)));
  // Where it is not among them, there is no place that it has.
  if (name === 'index' && a.pos[0] && a.pos.length === 1 && ev.tries > 0) {
    ev.exitIf(not(member(a.pos[0], of, place)), 'raise', sym('ValueError', Prov.None, { path: 'builtins.ValueError()' }), place);
    return (of.t === 'seq' ? placeIn(of, a.pos[0], place) : undefined) ?? op('index', [of, a.pos[0]]);
  }
  // The exception itself; what a proxy stands for.
  if (name === 'with_traceback' || name === '_get_current_object') return of;
  if (of.t === 'call' && of.path === 're.compile') return of.args.pos.length === 1 ? regex(of.args.pos[0], name, a.pos) : undefined;
  if (of.t === 'const' && typeof of.v === 'string') return onString(of.v, name, a) ?? op(`str.${name}`, [of, ...a.pos]);
  if (of.t === 'seq') {
    const x = a.pos[0];
    switch (name) {
      case 'append':
      case 'add':
        if (x) {
          fill(ev, of);
          ev.journal.write(of as unknown as Record<string, unknown>, 'items', [...of.items, x]);
        }
        return NONE;
      case 'insert':
        if (a.pos[1]) {
          fill(ev, of);
          const items = a.pos[0]?.t === 'const' && a.pos[0].v === 0 ? [a.pos[1], ...of.items] : [...of.items, a.pos[1]];
          ev.journal.write(of as unknown as Record<string, unknown>, 'items', items);
        }
        return NONE;
      case 'extend':
      case 'update':
        if (x?.t === 'seq') {
          fill(ev, of, someIn(x));
          ev.journal.write(of as unknown as Record<string, unknown>, 'items', [...of.items, ...x.items]);
          if (x.rest) ev.journal.write(of as unknown as Record<string, unknown>, 'rest', x.rest);
        } else if (x) ev.journal.write(of as unknown as Record<string, unknown>, 'rest', elementOf(x));
        return NONE;
      case 'copy':
        return seq(of.kind, of.items, of.rest);
      case 'union':
        return x?.t === 'seq' ? seq('set', [...of.items, ...x.items], of.rest ?? x.rest) : op('union', [of, ...a.pos]);
      case 'issubset':
      case 'issuperset': {
        const [small, large] = name === 'issubset' ? [of, x] : [x, of];
        if (small?.t === 'seq' && !small.rest && large)
          return bool(small.items.map(i => member(i, large, place)).reduce((p, q) => and(p, q), TRUE as F));
        return op(name, [of, ...a.pos]);
      }
      case 'intersection':
        return (x && a.pos.length === 1 ? ofSets('&', seq('set', of.items, of.rest), x) : undefined) ?? op(name, [of, ...a.pos]);
      case 'difference':
        return (x && a.pos.length === 1 ? lacking(seq('set', of.items, of.rest), x, place) : undefined) ?? op(name, [of, ...a.pos]);
      case 'pop':
        return of.items.at(-1) ?? of.rest ?? NONE;
      case 'index':
        return (x && a.pos.length === 1 ? placeIn(of, x, place) : undefined) ?? op(name, [of, ...a.pos]);
      case 'count':
        return x && fitting(of, x, place);
      case 'sort':
      case 'reverse':
        return NONE;
      case 'remove':
      case 'discard':
        if (x) ev.journal.write(of as unknown as Record<string, unknown>, 'items', without(of.items, x, place));
        return NONE;
      case 'clear':
        ev.journal.write(of as unknown as Record<string, unknown>, 'items', []);
        ev.journal.write(of as unknown as Record<string, unknown>, 'rest', undefined);
        return NONE;
      default:
        return undefined;
    }
  }
  const [key, ...rest] = a.pos;
  if (of.t === 'map' && name === 'get' && key?.t === 'phi' && alternatives(key).some(x => x.val.t === 'const'))
    return onEach(ev, key, x => builtinMethod(ev, of, name, { ...a, pos: [x, ...rest] }, place) ?? NONE);
  if (of.t === 'map') {
    const k = a.pos[0] ? keyOf(a.pos[0]) : undefined;
    switch (name) {
      case 'get':
      case 'pop':
      case 'setdefault': {
        if (k !== undefined && of.entries.has(k)) return phi(isIn(of, k), of.entries.get(k) as Val, a.pos[1] ?? NONE);
        if (name === 'setdefault' && k !== undefined && a.pos[1]) {
          fill(ev, of);
          has(ev, of, k);
          ev.write(of.entries, k, a.pos[1], of);
          return a.pos[1];
        }
        if (k !== undefined && !of.rest) return a.pos[1] ?? NONE;
        const chosen = a.pos[1] && k === undefined ? chosenFrom(of, a.pos[0] as Val, a.pos[1], place) : undefined;
        if (chosen) return chosen;
        if (k === undefined && of.entries.size && !of.rest)
          return op('either', [...of.entries.values(), ...(a.pos[1] ? [a.pos[1]] : [NONE]), ...(a.pos[0] ? [a.pos[0]] : [])]);
        return getFrom(ev, of, a, place) ?? op('get', [of.rest ?? of, ...a.pos]);
      }
      case 'keys':
        return seq(
          'list',
          [...of.entries.keys()].map(x => elementOf(of, x)),
          of.rest && op('key', [of.rest]),
        );
      case 'values':
        return seq('list', [...of.entries.values()], of.rest);
      case 'items':
        return (
          pairsFrom(ev, of, place) ??
          seq(
            'list',
            [...of.entries].map(([x, v]) => seq('tuple', [elementOf(of, x), v])),
            of.rest && seq('tuple', [op('key', [of.rest]), of.rest]),
          )
        );
      case 'update': {
        const o = a.pos[0];
        fill(ev, of, a.kw.size > 0 ? TRUE : o?.t === 'map' ? someIn(o) : FALSE);
        const put = (x: string, v: Val): void => {
          has(ev, of, x);
          ev.write(of.entries, x, v, of);
        };
        if (o?.t === 'map') for (const [x, v] of o.entries) put(x, v);
        else if (o) of.rest ??= o;
        for (const [x, v] of a.kw) put(x, v);
        return NONE;
      }
      case 'copy':
        return { ...of, entries: new Map(of.entries), ...(of.has ? { has: new Map(of.has) } : {}) };
      case 'has_key':
        return a.pos[0] ? bool(member(a.pos[0], of, place)) : undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}
