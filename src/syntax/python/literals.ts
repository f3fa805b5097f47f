/** Values of Python literals: numbers, and strings with their prefixes, quotes and escapes. */

const QUOTE = /^([A-Za-z]{0,3})("""|'''|"|'|`)/;

/** How a string literal is written. `open` and `close` are the lengths of what stands before and behind its content. */
export interface StringForm {
  raw: boolean;
  bytes: boolean;
  /** An f-string (or a template string, which has the same parts). */
  format: boolean;
  /** Python 2 backquotes: the `repr` of an expression. */
  backquoted: boolean;
  open: number;
  close: number;
}

/** Reads prefix and quotes of the literal `source`. A literal that ends too early has no closing quote. */
export function stringForm(source: string): StringForm {
  const found = QUOTE.exec(source);
  const prefix = (found?.[1] ?? '').toLowerCase();
  const quote = found?.[2] ?? '';
  const open = prefix.length + quote.length;
  return {
    raw: prefix.includes('r'),
    bytes: prefix.includes('b'),
    format: prefix.includes('f') || prefix.includes('t'),
    backquoted: quote === '`',
    open,
    close: source.length >= open + quote.length && source.endsWith(quote) ? quote.length : 0,
  };
}

const SIMPLE: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\\'"abfnrtv\n])/g;
const BYTES_ESCAPE = /\\(?:x[0-9a-fA-F]{2}|[0-7]{1,3}|[\\'"abfnrtv\n])/g;

/**
 * The value of string content (what stands between the quotes). Bytes are given as characters 0 to 255. An unknown escape stays as
 * written, as in Python, and so does `\N{NAME}`.
 */
export function decode(content: string, form: StringForm): string {
  let value = content.includes('\r') ? content.replace(/\r\n?/g, '\n') : content;
  if (form.format && /[{}]/.test(value)) {
    // The braces of `\N{NAME}` are not doubled.
    value = value.replace(form.raw ? /\{\{|\}\}/g : /\\N\{[^}]{1,100}\}|\{\{|\}\}/g, found => (found.length === 2 ? found[0]! : found));
  }
  if (form.raw || !value.includes('\\')) return value;
  return value.replace(form.bytes ? BYTES_ESCAPE : ESCAPE, found => {
    const kind = found[1]!;
    const simple = SIMPLE[kind];
    if (simple !== undefined) return simple;
    const code = /[0-7]/.test(kind) ? Number.parseInt(found.slice(1), 8) : Number.parseInt(found.slice(2), 16);
    if (form.bytes) return String.fromCharCode(code & 255);
    return code <= 0x10ffff ? String.fromCodePoint(code) : found;
  });
}

export interface NumberValue {
  value: number;
  /** `3j` */
  imaginary: boolean;
}

/** The value of a number literal, also of the Python 2 forms `0777` and `10L`; undefined when it is beyond a double. */
export function numberValue(source: string): NumberValue | undefined {
  let digits = source.replaceAll('_', '');
  const hex = /^0x/i.test(digits);
  const imaginary = !hex && /j$/i.test(digits);
  if (imaginary || /l$/i.test(digits)) digits = digits.slice(0, -1);
  const value = !imaginary && /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return Number.isFinite(value) ? { value, imaginary } : undefined;
}
