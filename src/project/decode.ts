/** Bytes of a source file to text. */
import type { Language } from '../facts/types.js';

/** `note` says what was wrong; without `text` there is nothing to analyse. */
export interface Decoded {
  text?: string;
  code?: 'binary' | 'encoding';
  note?: string;
}

/** PEP 263: a declaration of the encoding, valid in the first two lines. */
const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

/** Python's names of encodings that the Encoding Standard spells otherwise. */
const ALIASES: Record<string, string> = {
  __proto__: null as never,
  'latin-1': 'latin1',
  latin_1: 'latin1',
  cp1252: 'windows-1252',
  cp1251: 'windows-1251',
  'utf-8-sig': 'utf-8',
};

/**
 * Decodes as UTF-8; else as Python's declared encoding; else as Latin-1, which never fails and keeps all ASCII, so that
 * the code can still be read (with a note). A byte order mark is dropped.
 */
export function decode(bytes: Uint8Array, language: Language): Decoded {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
  if (utf16)
    return { text: strictly(utf16, bytes) ?? '', code: 'encoding', note: `encoded in ${utf16}, which no ${language} compiler reads` };
  if (bytes.includes(0)) return { code: 'binary', note: 'it holds zero bytes and is no source text' };
  const declared = language === 'python' ? declaredEncoding(bytes) : undefined;
  const text = declared === undefined ? strictly('utf-8', bytes) : (strictly(declared, bytes) ?? strictly('utf-8', bytes));
  if (text !== undefined) return { text };
  return { text: strictly('latin1', bytes) ?? '', code: 'encoding', note: 'it is not valid UTF-8 and was read as Latin-1' };
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 400)).toString('latin1');
  for (const line of head.split(/\r\n|\r|\n/, 2)) {
    const name = CODING.exec(line)?.[1]?.toLowerCase();
    if (name) return ALIASES[name] ?? name;
  }
  return undefined;
}

function strictly(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
