import { readFileSync } from 'node:fs';

/** The package's version; `package.json` lies two folders above this file both in `src` and in `dist`. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
