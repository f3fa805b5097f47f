import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made: string[] = [];

/** Makes a temporary folder with these files; a value `{ link }` makes a symbolic link. */
export function tree(files: Record<string, string | Uint8Array | { link: string }>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'parity-test-')));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    const abs = join(root, path);
    mkdirSync(dirname(abs), { recursive: true });
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, abs);
    else writeFileSync(abs, content);
  }
  return root;
}

/** Removes all folders that `tree` made; for `afterAll`. */
export function removeTrees(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}
