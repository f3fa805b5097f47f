import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import type { Problem } from '../contract/types.js';

/** In bytes; lock files of large workspaces reach a few hundred kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Any table of a parsed TOML, YAML or JSON file. */
export type Table = Record<string, unknown>;

/** Reads files by their path relative to the root and collects what is wrong with them. */
export class ManifestReader {
  readonly problems: Problem[] = [];
  constructor(readonly root: string) {}

  text(path: string): string | undefined {
    const abs = join(this.root, path);
    try {
      const stat = statSync(abs);
      if (!stat.isFile()) return undefined;
      if (stat.size > MAX_BYTES) return this.unread(path, `it has ${stat.size} bytes; more than ${MAX_BYTES} are not read`, 'too-large');
      return readFileSync(abs, 'utf8').replace(/^\uFEFF/, '');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : this.unread(path, `it cannot be read (${code})`, 'unreadable');
    }
  }

  /** Without it the versions of libraries are not known. */
  private unread(file: string, says: string, code: string): undefined {
    if (!this.problems.some(p => p.file === file && p.code === code)) this.problems.push({ severity: 'warning', code, says, file });
  }

  toml(path: string): Table | undefined {
    return this.parsed(path, parseToml);
  }

  /** The parsed file as a table; undefined when it is missing or (with a problem) not well-formed. */
  parsed(path: string, parse: (text: string) => unknown): Table | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    try {
      return table(parse(text));
    } catch (error) {
      const [says = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      this.problems.push({ severity: 'warning', code: 'manifest-syntax', says: `the manifest is not well-formed: ${says}`, file: path });
      return undefined;
    }
  }
}

export const table = (value: unknown): Table =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Table) : {};
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const strings = (value: unknown): string[] => list(value).filter(v => typeof v === 'string');
