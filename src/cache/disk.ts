/**
 * Texts by key, in files of one folder. Any of them may be missing, cut off, changed or foreign at any time, and other processes
 * read and write at the same time: whatever is not exactly what was written is as if it were not there.
 */
import { hash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SUFFIX = '.entry';
const UNFINISHED = '.tmp';
/** Milliseconds after which an unfinished file was left by a process that died. */
const LEFT = 60 * 60 * 1000;
/** Undefined on Windows, where links need a privilege. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
/** To open a pipe that nobody writes to would never end. */
const NONBLOCK = constants.O_NONBLOCK ?? 0;

export class Disk {
  /**
   * @param folder exists and belongs to this user alone
   * @param most bytes that all entries may have together
   */
  constructor(
    private readonly folder: string,
    private readonly most: number,
  ) {}

  /** The text that was written under `key` (hexadecimal digits), which counts as used now; undefined when there is none to trust. */
  read(key: string): string | undefined {
    let fd: number | undefined;
    try {
      fd = openSync(this.place(key), constants.O_RDONLY | NOFOLLOW | NONBLOCK);
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.size > this.most) return undefined;
      if (process.getuid && (stat.uid !== process.getuid() || stat.mode & 0o022)) return undefined;
      const bytes = readFileSync(fd);
      const border = bytes.indexOf(10);
      const text = bytes.subarray(border + 1);
      if (border < 0 || bytes.toString('latin1', 0, border) !== header(key, text)) return undefined;
      touch(fd);
      return text.toString('utf8');
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /**
   * Keeps `text` under `key`. Who reads meanwhile sees the old one or the new one, never a part.
   * @returns why it could not be kept
   */
  write(key: string, text: string): string | undefined {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > this.most / 4) return 'it is too large';
    const unfinished = join(this.folder, `${key}.${process.pid}.${randomBytes(6).toString('hex')}${UNFINISHED}`);
    try {
      const fd = openSync(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NOFOLLOW, 0o600);
      try {
        writeFileSync(fd, Buffer.concat([Buffer.from(`${header(key, bytes)}\n`), bytes]));
      } finally {
        closeSync(fd);
      }
      renameSync(unfinished, this.place(key));
      this.evict();
      return undefined;
    } catch (error) {
      remove(unfinished);
      return `it cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
    }
  }

  private place(key: string): string {
    return join(this.folder, key + SUFFIX);
  }

  /** Removes what was used longest ago until the rest fits, and what a process that died has left. */
  private evict(): void {
    const entries: { path: string; size: number; used: number }[] = [];
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat?.isFile()) continue;
      if (name.endsWith(SUFFIX)) entries.push({ path, size: stat.size, used: stat.mtimeMs });
      else if (name.endsWith(UNFINISHED) && Date.now() - stat.mtimeMs > LEFT) remove(path);
    }
    let size = entries.reduce((sum, e) => sum + e.size, 0);
    for (const e of entries.sort((a, b) => a.used - b.used)) {
      if (size <= this.most) return;
      remove(e.path);
      size -= e.size;
    }
  }
}

const header = (key: string, text: Uint8Array): string => `parity ${key} ${hash('sha256', text)}`;

/** An entry can be read where it cannot be changed. */
function touch(fd: number): void {
  try {
    const now = new Date();
    futimesSync(fd, now, now);
  } catch {}
}

/** Another process may have been faster. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}
