/** The values of Rust literals. */
import type { At, Expr } from '../../facts/types.js';

const SIMPLE: Record<string, string> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\', '"': '"', "'": "'" };
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F_]{1,12})\}|\r?\n\s*|([\s\S]))/g;

const decode = (raw: string): string => {
  const text = raw.includes('\r') ? raw.replaceAll('\r\n', '\n') : raw;
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (whole, hex?: string, code?: string, one?: string) => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    if (code) {
      const point = Number.parseInt(code.replaceAll('_', ''), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
    }
    if (one === undefined) return '';
    return SIMPLE[one] ?? whole;
  });
};

/** A string literal of any kind: plain, raw, byte or C. */
export function stringLiteral(written: string, at: At): Expr {
  const open = written.indexOf('"');
  const prefix = written.slice(0, open);
  const raw = prefix.includes('r');
  const hashes = raw ? prefix.length - prefix.indexOf('r') - 1 : 0;
  const inner = written.slice(open + 1, Math.max(open + 1, written.length - 1 - hashes));
  const v = raw ? inner.replaceAll('\r\n', '\n') : decode(inner);
  return prefix.startsWith('b') ? { k: 'lit', v, at, of: 'bytes' } : { k: 'lit', v, at };
}

/** `'a'` is a char, `b'a'` a byte (written as its character). */
export function charLiteral(written: string, at: At): Expr {
  const byte = written.startsWith('b');
  return { k: 'lit', v: decode(written.slice(byte ? 2 : 1, -1)), at, of: byte ? 'bytes' : 'char' };
}

/** An integer of any base, with or without suffix. */
export function intLiteral(written: string): number {
  const digits = written.replaceAll('_', '');
  const based = /^0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)/.exec(digits);
  return based ? Number(based[0]) : Number.parseInt(digits, 10);
}

/** A float, with or without suffix. */
export const floatLiteral = (written: string): number => Number.parseFloat(written.replaceAll('_', ''));

/** A number, or opaque when no JSON can hold it. */
export const numberExpr = (v: number, at: At): Expr =>
  Number.isFinite(v) ? { k: 'lit', v, at } : { k: 'opaque', why: 'number out of range', at };

/** The number literal `written`, possibly negative, or undefined when it is none. */
export function numberLiteral(written: string, at: At): Expr | undefined {
  const minus = written.startsWith('-');
  const digits = minus ? written.slice(1).trimStart() : written;
  if (!/^\d/.test(digits)) return undefined;
  const float = !/^0[xob]/.test(digits) && /^[\d_]+(?:\.|[eE]|_*f(?:32|64)$)/.test(digits);
  const value = float ? floatLiteral(digits) : intLiteral(digits);
  return numberExpr(minus ? -value : value, at);
}
