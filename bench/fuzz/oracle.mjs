// @ts-check
/** What must hold of an analysis whatever was analysed. */

/**
 * @typedef {import('../../src/contract/types.js').Contract} Contract
 * @typedef {import('../../src/findings/types.js').CheckResult} CheckResult
 * @typedef {ReadonlyMap<string, string>} Sources text by path
 */

/** Control characters but the line end, marks that reorder or hide text, and line ends that only some programs know. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
/** A line that a runner of GitHub or Azure takes for a command. */
const COMMAND = /^\s*(::\w|##(vso)?\[)/m;

/**
 * What a format may not hold. A format without an entry may hold no invisible character and no command.
 * @type {Record<string, RegExp[]>}
 */
const FORBIDDEN = {
  html: [INVISIBLE, /<script(?![ >][^>]*>)|<img[^>]*onerror|<script>alert/i],
};

/** @param {string} format @param {string} text @returns {string[]} */
export function flawsOfReport(format, text) {
  const flaws = (FORBIDDEN[format] ?? [INVISIBLE, COMMAND]).flatMap(r => {
    const m = r.exec(text);
    return m ? [`${format} report: ${JSON.stringify(text.slice(Math.max(0, m.index - 40), m.index + 40))}`] : [];
  });
  if (format === 'json' || format === 'sarif') {
    try {
      JSON.parse(text);
    } catch (error) {
      flaws.push(`${format} report is no JSON: ${String(error)}`);
    }
  }
  return flaws;
}

/** @param {Contract} contract @param {Sources} sources @returns {string[]} */
export function flawsOfContract(contract, sources) {
  const internal = contract.problems.filter(p => p.code === 'internal').map(p => `internal: ${p.says} (${p.file ?? '?'}:${p.line ?? '?'})`);
  return [...internal, ...outside(contract, sources, contract.side)];
}

/** @param {CheckResult} result @returns {string[]} */
export function flawsOfCheck(result) {
  return [
    ...flawsOfContract(result.python, result.sources.python),
    ...flawsOfContract(result.rust, result.sources.rust),
    ...result.findings.flatMap(f => [
      ...outside(f.python, result.sources.python, `finding ${f.rule}`),
      ...outside(f.rust, result.sources.rust, `finding ${f.rule}`),
    ]),
  ];
}

/** @type {WeakMap<Sources, Map<string, string[]>>} */
const lines = new WeakMap();

/** @param {Sources} sources @param {string} file */
function linesOf(sources, file) {
  let known = lines.get(sources);
  if (!known) lines.set(sources, (known = new Map()));
  let of = known.get(file);
  if (!of) known.set(file, (of = (sources.get(file) ?? '').split('\n')));
  return of;
}

/**
 * Every place below `value` that does not lie in its file.
 * @param {unknown} value
 * @param {Sources} sources
 * @param {string} what
 * @returns {string[]}
 */
function outside(value, sources, what) {
  /** @type {string[]} */
  const flaws = [];
  /** @param {unknown} x */
  const visit = x => {
    if (x === null || typeof x !== 'object') return;
    if (Array.isArray(x)) {
      for (const y of x) visit(y);
      return;
    }
    const place = /** @type {{ file?: unknown; line?: unknown; column?: unknown; severity?: unknown }} */ (x);
    if (typeof place.file === 'string' && typeof place.line === 'number') {
      const at = `${what} points at ${place.file}:${place.line}:${String(place.column ?? '')}`;
      // A problem may be about a file that was not read.
      const known = sources.has(place.file);
      if (!known && place.severity === undefined) flaws.push(`${at}, which was not read`);
      else if (known) {
        const all = linesOf(sources, place.file);
        if (!Number.isInteger(place.line) || place.line < 1 || place.line > all.length) flaws.push(`${at}, behind its end`);
        else if (typeof place.column === 'number' && (place.column < 1 || place.column > (all[place.line - 1] ?? '').length + 1))
          flaws.push(`${at}, behind the end of the line`);
      }
    }
    for (const y of Object.values(x)) visit(y);
  };
  visit(value);
  return flaws;
}
