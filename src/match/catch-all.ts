import { accepts, bySpecificity, fillPath, isLiteral, segments } from '../contract/path-template.js';
import type { Endpoint } from '../contract/types.js';

/**
 * The endpoint that answers whatever lies below a path (`/api/v1/{rest*}`), and so also what `of` answers in the original: the most specific.
 * One that lies at the root answers what nobody else does; that says nothing of `of`.
 */
export function catchAll(of: Endpoint, among: readonly Endpoint[]): Endpoint | undefined {
  const path = fillPath(of.path, () => 'x');
  const all = among.filter(e => {
    const parts = segments(e.path);
    if (!parts.at(-1)?.endsWith('*}') || !isLiteral(parts[0] as string)) return false;
    return (e.method === '*' || e.method === of.method) && accepts(e.path, path);
  });
  return all.sort((a, b) => bySpecificity(a.path, b.path))[0];
}
