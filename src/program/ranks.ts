/** What comes before what, whoever asks: members of enums, and dates that are over whenever the code runs. */
import type { Place } from './formula.js';
import { phi, prov, variant } from './make.js';
import { equal, less } from './ops.js';
import { Prov, type Val } from './values.js';

/** The first date that a library knows, and the one that computers count from. */
const FIRST = /(^|\.|::)(datetime\.(datetime|date)\.min|UNIX_EPOCH|MIN_UTC)$/;
/** What spells a date otherwise, or moves it by no more than hours. */
const RESPELT = /^(replace|astimezone|date|timestamp|with_timezone|naive_utc|fromtimestamp|utcfromtimestamp)$/;

/** What `a < b` comes to where one side is such a date and the other is now: undefined for anything else. */
export function before(a: Val, b: Val): boolean | undefined {
  return isPast(a) && isNow(b) ? true : isNow(a) && isPast(b) ? false : undefined;
}

function isPast(v: Val, depth = 0): boolean {
  if (v.t === 'const') return typeof v.v === 'number' && v.v <= 0;
  if (v.t === 'ext') return FIRST.test(v.path);
  if (v.t !== 'call' || depth > 4 || !RESPELT.test(v.name)) return false;
  const of = /fromtimestamp$/.test(v.name) ? v.args.pos[0] : v.recv;
  return of ? isPast(of, depth + 1) : FIRST.test(v.path.slice(0, -v.name.length).replace(/(\.|::)$/, ''));
}

/** What the clock says, and nothing that was computed with it (how long something has taken). */
const isNow = (v: Val): boolean =>
  prov(v) === Prov.Clock && (v.t === 'sym' || (v.t === 'call' && v.recv !== undefined && RESPELT.test(v.name) && isNow(v.recv)));

/** Is `v` the lowest member of its enum? */
export const least = (v: Val): boolean => outermost(v, (other, mine) => other < mine);

/** Is it the highest? */
export const greatest = (v: Val): boolean => outermost(v, (other, mine) => other > mine);

function outermost(v: Val, beyond: (other: number, mine: number) => boolean): boolean {
  if (v.t !== 'variant' || !v.cls?.variants || v.cls.variants.size < 2) return false;
  const mine = ordinal(v);
  for (const tag of v.cls.variants.keys()) {
    const m = v.cls.members.get(tag);
    const other = m?.t === 'variant' ? ordinal(m) : v.cls.variants.get(tag)?.index;
    if (typeof mine !== 'number' || typeof other !== 'number' || beyond(other, mine)) return false;
  }
  return true;
}

export function ordinal(v: Val): string | number | undefined {
  if (v.t === 'const' && (typeof v.v === 'string' || typeof v.v === 'number')) return v.v;
  if (v.t === 'variant') {
    const value = v.fields.get('value');
    if (value?.t === 'const' && typeof value.v === 'number') return value.v;
    return v.cls?.variants?.get(v.tag)?.index;
  }
  return undefined;
}

const ORDER = {
  Less: variant('std::cmp::Ordering', 'Less'),
  Equal: variant('std::cmp::Ordering', 'Equal'),
  Greater: variant('std::cmp::Ordering', 'Greater'),
};

/** `a.cmp(&b)`. */
export const ordering = (a: Val, b: Val, place: Place): Val =>
  phi(less('<', a, b, place), ORDER.Less, phi(equal(a, b, place), ORDER.Equal, ORDER.Greater));
