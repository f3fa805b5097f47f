/**
 * Regular expressions over texts that are known, as lists of exempt paths use them. The pattern is the analysed application's: only such
 * are tried as take little time on any text.
 */

/** Patterns and texts up to this length, so many repetitions without an end, so many in all. */
const LONGEST = 120;
const ENDLESS = 2;
const REPEATED = 4;

/**
 * Does `written`, a pattern of Python's `re` or Rust's `regex`, match `text`? undefined where that is not tried.
 * @param where whether the match has to begin with the text, to be all of it, or may be anywhere in it
 */
export function matches(written: string, text: string, where: 'start' | 'whole' | 'anywhere'): boolean | undefined {
  if (written.length > LONGEST || text.length > LONGEST) return undefined;
  const flags = /^\(\?([ims]+)\)/.exec(written)?.[1] ?? '';
  const pattern = flags ? written.slice(flags.length + 3) : written;
  // What is escaped and what stands in brackets repeats nothing.
  const plain = pattern
    .replace(/\\[1-9]/g, '(x)*')
    .replace(/\\./g, 'x')
    .replace(/\[\^?\]?[^\]]*\]/g, 'x')
    .replace(/\(\?(:|P?<\w+>|[=!]|<[=!])/g, '(');
  // A group that is repeated may take exponential time.
  if (/\)[*+{]|\(\?/.test(plain)) return undefined;
  if ((plain.match(/[*+]|,\}/g) ?? []).length > ENDLESS || (plain.match(/[*+?{]/g) ?? []).length > REPEATED) return undefined;
  const body = pattern
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replace(/\\[zZ]/g, '$');
  try {
    return new RegExp(where === 'anywhere' ? body : `^(?:${body})${where === 'whole' ? '$' : ''}`, [...new Set(flags)].join('')).test(text);
  } catch {
    return undefined;
  }
}
