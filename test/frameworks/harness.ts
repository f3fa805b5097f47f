/**
 * Framework fixtures: small real files with what is expected of them written beside the code.
 *
 * A comment `# $ ..` (Python) or `// $ ..` (Rust) belongs to the line that it ends; standing alone it belongs to the next line that
 * is more than such a comment. Several expectations on one line are separated by ` ; `. One is either
 *
 *     METHOD /path anonymous=V signedIn=V entitled=V guards=G    on the line of the handler's definition
 *     METHOD /path open                                          the same with every persona admitted and no guard
 *     METHOD /path named=NAME,NAME                               the names of all its guards, for endpoints where it is asked; `~` where only presence is
 *                                                                tested, `[signature,!expiry]` what of a token is verified, and is not
 *     ineffective=REASON                                         on the line of a guard that protects nothing
 *
 * `V` is `ok`, a status, `status:/target` for a redirect, `500!` for a panic, `error` without a known status, `?` for unknown.
 * `G` is a comma-separated list of kinds, each with what it asks for in parentheses; `?` marks an optional guard, `!NAME` one that nobody
 * meets while the secret NAME is not set, `~` a signature of which only the presence is tested (for credentials it is not shown: here a header mostly stands for one that is checked); `-` stands
 * for none. `MISSING:` before an expectation says that it is right and not found yet, `SPURIOUS:` that it is wrong and still reported;
 * either fails as soon as it is repaired.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contract, Endpoint, Guard, Side, Verdict } from '../../src/contract/types.js';
import { PERSONAS } from '../../src/contract/types.js';
import { analyse } from '../../src/run.js';

const ROOT = fileURLToPath(new URL('../../fixtures/frameworks/', import.meta.url));
const EXTENSION: Record<Side, string> = { python: '.py', rust: '.rs' };
const METHOD = /^(GET|POST|PUT|DELETE|PATCH|OPTIONS|HEAD|TRACE|CONNECT|WS|\*) \//;

export interface Expected {
  text: string;
  defect?: 'MISSING' | 'SPURIOUS';
}

/** Names of the cases of one framework, sorted. */
export function cases(side: Side, framework: string): string[] {
  return readdirSync(join(ROOT, side, framework)).sort();
}

function files(dir: string, extension: string): string[] {
  return readdirSync(dir)
    .sort()
    .flatMap(name => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? files(path, extension) : name.endsWith(extension) ? [path] : [];
    });
}

const canonical = (text: string): string => {
  const m = /^(\S+ \S+) open$/.exec(text);
  return (m ? `${m[1]} anonymous=ok signedIn=ok entitled=ok guards=-` : text).replace(
    /guards=(\S+)/,
    (_, g: string) => `guards=${split(g).sort().join()}`,
  );
};

/** Splits at commas outside of parentheses. */
function split(list: string): string[] {
  return list.match(/(?:\([^)]*\)|[^,(])+/g) ?? [];
}

/**
 * What the comments of one file expect.
 * @throws Error when a comment is no expectation
 */
export function expectations(text: string, file: string, side: Side): Expected[] {
  const mark = side === 'python' ? /(?:^|\s)# \$ (.*)$/ : /(?:^|\s)\/\/ \$ (.*)$/;
  const out: Expected[] = [];
  let waiting: string[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    const m = mark.exec(line);
    const own = m ? (m[1] as string).split(' ; ') : [];
    if (m && line.slice(0, m.index).trim() === '') {
      waiting.push(...own);
      return;
    }
    for (const raw of [...waiting, ...own]) {
      const d = /^(MISSING|SPURIOUS): /.exec(raw);
      const body = raw.slice(d?.[0].length ?? 0).trim();
      if (!METHOD.test(body) && !/^ineffective=[a-z-]+$/.test(body)) throw new Error(`${file}:${i + 1} holds no expectation: ${raw}`);
      out.push({ text: `${file}:${i + 1} ${canonical(body)}`, ...(d ? { defect: d[1] as 'MISSING' | 'SPURIOUS' } : {}) });
    }
    waiting = [];
  });
  if (waiting.length > 0) throw new Error(`${file} ends with an expectation that belongs to no line`);
  return out;
}

function said(v: Verdict): string {
  if (v.verdict === 'admitted') return 'ok';
  if (v.verdict === 'unknown') return '?';
  if (v.panic) return '500!';
  if (v.redirect !== undefined) return `${v.status ?? ''}:${v.redirect}`;
  return v.status === undefined ? 'error' : String(v.status);
}

const guard = (g: Guard): string =>
  `${g.kind}${g.requires.length ? `(${g.requires.join('+')})` : ''}${g.strength === 'optional' ? '?' : ''}${g.unless === undefined ? '' : `!${g.unless}`}${g.waived === undefined ? '' : `^${g.waived}`}${g.presenceOnly && g.kind === 'signature' ? '~' : ''}`;

function endpoint(e: Endpoint): string {
  const access = PERSONAS.map(p => `${p}=${said(e.access[p])}`).join(' ');
  return `${e.location.file}:${e.location.line} ${e.method} ${e.path} ${access} guards=${e.guards.map(guard).sort().join() || '-'}`;
}

/** What is known to be verified of a token, and `!` what is known not to be. */
function verified(g: Guard): string {
  const known = (['signature', 'expiry'] as const).flatMap(k => (g.verifies?.[k] === undefined ? [] : [`${g.verifies[k] ? '' : '!'}${k}`]));
  return known.length > 0 ? `[${known.join()}]` : '';
}

const named = (e: Endpoint): string =>
  `${e.location.file}:${e.location.line} ${e.method} ${e.path} named=${[...new Set(e.guards.map(g => `${g.name}${g.presenceOnly ? '~' : ''}${verified(g)}`))].sort().join() || '-'}`;

/** What a contract says, in the words of the expectations. Implicit endpoints are not asked about. */
function facts(contract: Contract): string[] {
  const out = contract.endpoints.filter(e => !e.implicit).map(endpoint);
  const lost = new Set<string>();
  for (const e of contract.endpoints)
    for (const i of e.ineffective) lost.add(`${i.location.file}:${i.location.line} ineffective=${i.reason}`);
  return [...out, ...lost].sort();
}

/** Both directions of one case: nothing missing, nothing invented, and no known defect that is none any more. */
export async function compare(
  side: Side,
  framework: string,
  name: string,
): Promise<{ expected: string[]; found: string[]; repaired: string[] }> {
  const dir = join(ROOT, side, framework, name);
  const wanted = files(dir, EXTENSION[side]).flatMap(f =>
    expectations(readFileSync(f, 'utf8'), relative(dir, f).replaceAll('\\', '/'), side),
  );
  const { contract } = await analyse(dir, side, {});
  const names = wanted.flatMap(w => /^.* named=/.exec(w.text) ?? []);
  const found = [...facts(contract), ...contract.endpoints.map(named).filter(n => names.some(start => n.startsWith(start)))].sort();
  const repaired = wanted
    .filter(w => (w.defect === 'MISSING' && found.includes(w.text)) || (w.defect === 'SPURIOUS' && !found.includes(w.text)))
    .map(w => `${w.defect}: ${w.text}`);
  const spurious = new Set(wanted.filter(w => w.defect === 'SPURIOUS').map(w => w.text));
  return {
    expected: wanted
      .filter(w => w.defect === undefined)
      .map(w => w.text)
      .sort(),
    found: found.filter(f => !spurious.has(f)),
    repaired,
  };
}
