/**
 * Names of the tracked files, read from `.git/index`. A tracked file belongs to the application even where `.gitignore`
 * names it (the usual Python template ignores `lib/`). Git itself is not run: a hostile repository's configuration can make it
 * execute programs.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ENTRY_HEADER = 62;
const EXTENDED = 0x4000;

/** The folder at or above `from` that holds `.git`, or undefined. */
export function gitTop(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Paths relative to `top`, with `/`. Empty when there is no index or it is in a form that is not understood. */
export function trackedFiles(top: string): string[] {
  try {
    return readIndex(readFileSync(join(gitFolder(top), 'index')));
  } catch {
    return [];
  }
}

/** In a linked work tree `.git` is a file that says where the folder is. */
function gitFolder(top: string): string {
  const git = join(top, '.git');
  if (statSync(git).isDirectory()) return git;
  const [, target] = /^gitdir: (.+)$/m.exec(readFileSync(git, 'utf8')) ?? [];
  return target ? resolve(top, target.trim()) : git;
}

function readIndex(bytes: Buffer): string[] {
  const version = bytes.readUInt32BE(4);
  if (bytes.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) return [];
  const names: string[] = [];
  let previous = Buffer.alloc(0);
  let offset = 12;
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const start = offset;
    offset += ENTRY_HEADER + (bytes.readUInt16BE(start + ENTRY_HEADER - 2) & EXTENDED ? 2 : 0);
    let kept = 0;
    if (version === 4) {
      const strip = readVarint(bytes, offset);
      offset = strip.next;
      kept = previous.length - strip.value;
    }
    const end = bytes.indexOf(0, offset);
    if (end < 0 || kept < 0) return [];
    previous = Buffer.concat([previous.subarray(0, kept), bytes.subarray(offset, end)]);
    names.push(previous.toString('utf8'));
    // Versions 2 and 3 pad an entry with 1 to 8 zero bytes to a multiple of 8.
    offset = version === 4 ? end + 1 : start + ((end - start + 8) & ~7);
  }
  return names;
}

/** Git's offset encoding: 7 bits a byte, each continuation adds one. */
function readVarint(bytes: Buffer, from: number): { value: number; next: number } {
  let next = from;
  let byte = bytes.readUInt8(next++);
  let value = byte & 127;
  while (byte & 128) {
    byte = bytes.readUInt8(next++);
    value = (value + 1) * 128 + (byte & 127);
  }
  return { value, next };
}
