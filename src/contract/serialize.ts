import { normalize } from './normalize.js';
import type { Contract } from './types.js';

/** Keys in the order in which they are written; what is not named here follows in alphabetical order. */
const ORDER = [
  'version',
  'side',
  'frameworks',
  'name',
  'coverage',
  'files',
  'parsed',
  'method',
  'path',
  'slash',
  'handler',
  'kind',
  'strength',
  'verdict',
  'status',
  'redirect',
  'location',
  'file',
  'line',
  'column',
  'route',
  'access',
  'anonymous',
  'signedIn',
  'entitled',
  'guards',
  'requires',
  'via',
  'scope',
  'order',
  'rejects',
  'ineffective',
  'aside',
  'alone',
  'outcomes',
  'inputs',
  'sent',
  'effects',
  'endpoints',
  'gaps',
  'problems',
  'evidence',
  'says',
];
const RANK = new Map(ORDER.map((k, i) => [k, i]));

/** The JSON of `parity contract DIR --format json`: normalised, keys in a fixed order, two spaces, a newline at the end. */
export function serialize(contract: Contract): string {
  return stableJson(normalize(contract));
}

/** Control characters above those that JSON escapes by itself, and marks that reorder or hide text: a report is also looked at. */
const INVISIBLE = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** JSON with two spaces and a newline at the end; whatever cannot be seen is written as an escape, which reads as the same text. */
export function jsonText(value: unknown): string {
  const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value, null, 2).replace(INVISIBLE, c => c.split('').map(hex).join(''))}\n`;
}

/** JSON with a fixed order of keys, two spaces, a newline at the end. Undefined values are left out. */
export function stableJson(value: unknown): string {
  return jsonText(ordered(value));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  const rank = (k: string): number => RANK.get(k) ?? ORDER.length;
  const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  for (const k of keys) {
    const v = (value as Record<string, unknown>)[k];
    if (v !== undefined) out[k] = ordered(v);
  }
  return out;
}
