/** Finds and reads the Python and Rust sources of an application. */
import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../contract/types.js';
import type { Language } from '../facts/types.js';
import { cargoSource } from './cargo-layout.js';
import { decode } from './decode.js';
import type { Discovery, SourceFile } from './types.js';
import { walk } from './walk.js';

/** In bytes. Nobody writes such a file by hand; a generated one would only cost memory. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Finds the source files under `root` and reads them. What cannot be read becomes a problem; the rest goes on.
 * @param root absolute path of an existing directory
 * @param language read only files of this language and count the others
 */
export async function discover(root: string, language?: Language): Promise<Discovery> {
  const { paths, problems, ignored } = walk(root, name => languageOf(name) !== undefined);
  const out: Discovery = { files: [], problems, skipped: { tests: 0, ignored, otherLanguage: 0 } };
  const isSource = { python: (path: string) => !isPythonTest(path), rust: cargoSource(root) };
  for (const path of paths) {
    const of = languageOf(path)!;
    if (language && of !== language) out.skipped.otherLanguage++;
    else if (!isSource[of](path)) out.skipped.tests++;
    else {
      const file = readSource(root, path, of, out.problems);
      if (file) out.files.push(file);
    }
  }
  return out;
}

function languageOf(name: string): Language | undefined {
  return name.endsWith('.py') ? 'python' : name.endsWith('.rs') ? 'rust' : undefined;
}

function readSource(root: string, path: string, language: Language, problems: Problem[]): SourceFile | undefined {
  const abs = join(root, path);
  const report = (severity: Problem['severity'], code: string, says: string) => problems.push({ severity, code, says, file: path });
  let bytes: Buffer;
  try {
    const { size } = statSync(abs);
    if (size > MAX_BYTES) {
      report('error', 'too-large', `it has ${size} bytes; more than ${MAX_BYTES} are not read`);
      return undefined;
    }
    bytes = readFileSync(abs);
  } catch (error) {
    report('error', 'unreadable', `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    return undefined;
  }
  const { text, code, note } = decode(bytes, language);
  if (code && note) report('warning', code, note);
  if (text === undefined) return undefined;
  // An empty `__init__.py` or `mod.rs` is how a package is made.
  if (text.trim() === '' && !/(^|\/)(__init__\.py|mod\.rs)$/.test(path)) report('note', 'empty', 'it is empty');
  return { path, abs, language, text, hash: hash('sha256', bytes) };
}

function isPythonTest(path: string): boolean {
  const parts = path.split('/');
  const name = parts.pop()!;
  return parts.includes('tests') || name === 'conftest.py' || name.startsWith('test_') || name.endsWith('_test.py');
}

/**
 * Counts the source files under `root` by language without reading them; tests count, too.
 * @param root absolute path of an existing directory
 */
export function census(root: string): Record<Language, number> {
  const counts: Record<Language, number> = { python: 0, rust: 0 };
  for (const path of walk(root, name => languageOf(name) !== undefined).paths) counts[languageOf(path)!]++;
  return counts;
}
