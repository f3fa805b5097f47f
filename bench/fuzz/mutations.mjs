// @ts-check
/** Ways to spoil a source text. Each is a function of the text and of the seed only, so that a case can be repeated. */

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {(text: string, rng: Random, other: string) => string} Mutation */

/** Words, numbers, strings, runs of spaces, line ends, and everything else one by one. */
const TOKEN = /[\p{L}_][\p{L}\p{N}_]*|\d[\w.]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[ \t]+|\r?\n|[\s\S]/gu;

/** All of the text, in pieces. @param {string} text @returns {string[]} */
export const tokens = text => text.match(TOKEN) ?? [];

/** @param {string[]} all @param {number} i */
const of = (all, i) => all[i] ?? '';

/** Indices of tokens that are not blank. @param {string[]} all */
const solid = all => all.flatMap((t, i) => (t.trim() === '' ? [] : [i]));

/** What a name may hold to break out of a report: escape sequences, markup, workflow commands, marks that reorder a line. */
export const HOSTILE = [
  '\u001b[31m\u001b]0;x\u0007',
  '\u009b2J',
  '<script>alert(1)</script>',
  '<img src=x onerror=y>',
  '](https://x.example) **b** `c` ~~d~~ | e',
  '\n::error file=x::y',
  '\r::add-mask::z',
  '%0A::warning::w',
  '##[group]g',
  '\u202egnp.exe',
  '\u2066\u200b\ufeff',
  '\u2028\u2029',
  '\u{e0041}\u{e007f}',
  '@everyone #1 GH-1',
  '__proto__',
  'constructor',
  'toString',
];

/** @type {Record<string, Mutation>} */
export const MUTATIONS = {
  'cut at a token': (text, rng) => {
    const all = tokens(text);
    return all.slice(0, rng.below(all.length + 1)).join('');
  },
  'cut anywhere': (text, rng) => text.slice(0, rng.below(text.length + 1)),
  'cut in front': (text, rng) => text.slice(rng.below(text.length + 1)),
  'tokens deleted': (text, rng) => {
    const all = tokens(text);
    const places = solid(all);
    for (let n = 1 + rng.below(3); n > 0 && places.length > 0; n--) all[rng.pick(places)] = '';
    return all.join('');
  },
  'tokens duplicated': (text, rng) => {
    const all = tokens(text);
    const places = solid(all);
    for (let n = 1 + rng.below(3); n > 0 && places.length > 0; n--) {
      const at = rng.pick(places);
      all[at] = `${all[at]}${all[at]}`;
    }
    return all.join('');
  },
  'tokens swapped': (text, rng) => {
    const all = tokens(text);
    const places = solid(all);
    if (places.length < 2) return text;
    for (let n = 1 + rng.below(3); n > 0; n--) {
      const [a, b] = [rng.pick(places), rng.pick(places)];
      [all[a], all[b]] = [of(all, b), of(all, a)];
    }
    return all.join('');
  },
  'names swapped': (text, rng) => {
    const all = tokens(text);
    const words = solid(all).filter(i => /^[\p{L}_]/u.test(of(all, i)));
    if (words.length < 2) return text;
    const [a, b] = [all[rng.pick(words)], all[rng.pick(words)]];
    return all.map(t => (t === a ? b : t === b ? a : t)).join('');
  },
  'lines deleted': (text, rng) => {
    const lines = text.split('\n');
    lines.splice(rng.below(lines.length), 1 + rng.below(4));
    return lines.join('\n');
  },
  'lines moved': (text, rng) => {
    const lines = text.split('\n');
    const moved = lines.splice(rng.below(lines.length), 1 + rng.below(6));
    lines.splice(rng.below(lines.length + 1), 0, ...moved);
    return lines.join('\n');
  },
  'lines indented': (text, rng) => {
    const lines = text.split('\n');
    const from = rng.below(lines.length);
    for (let i = from; i < Math.min(lines.length, from + 1 + rng.below(10)); i++) lines[i] = `    ${lines[i]}`;
    return lines.join('\n');
  },
  'files joined': (text, _rng, other) => `${text}\n${other}`,
  'files interleaved': (text, rng, other) => {
    const [a, b] = [text.split('\n'), other.split('\n')];
    const at = rng.below(a.length + 1);
    const from = rng.below(b.length + 1);
    return [...a.slice(0, at), ...b.slice(from, from + 1 + rng.below(30)), ...a.slice(at)].join('\n');
  },
  'random characters': (text, rng) => {
    let out = text;
    for (let n = 1 + rng.below(8); n > 0; n--) {
      const at = rng.below(out.length + 1);
      const point = rng.pick([rng.below(128), rng.below(256), rng.below(0x10000), rng.below(0x110000)]);
      out = out.slice(0, at) + String.fromCodePoint(point) + out.slice(at + rng.below(2));
    }
    return out;
  },
  'hostile strings': (text, rng) => {
    const all = tokens(text);
    const strings = solid(all).filter(i => /^["'].+/s.test(of(all, i)));
    if (strings.length === 0) return text;
    for (let n = 1 + rng.below(4); n > 0; n--) {
      const at = rng.pick(strings);
      const said = rng.pick(HOSTILE);
      // Written out, and as the language's own escapes: a name may come from either.
      const written = rng.below(2) === 0 ? said.replace(/[\r\n]/g, ' ') : escaped(said, of(all, at).charAt(0));
      all[at] = of(all, at).slice(0, -1) + written + of(all, at).slice(-1);
    }
    return all.join('');
  },
};

/** As a string literal has it in both languages: only characters below 128 have a common form. @param {string} text @param {string} quote */
function escaped(text, quote) {
  return [...text]
    .map(c => {
      const point = /** @type {number} */ (c.codePointAt(0));
      if (c === '\n') return '\\n';
      if (c === '\r') return '\\r';
      if (c === quote || c === '\\') return `\\${c}`;
      return point < 32 ? `\\x${point.toString(16).padStart(2, '0')}` : c;
    })
    .join('');
}

/** Bytes that no editor wrote. @param {Random} rng @param {number} length */
export function randomBytes(rng, length) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = rng.below(256);
  return bytes;
}
