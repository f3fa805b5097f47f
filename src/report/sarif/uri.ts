/**
 * Where the two sides lie, relative to the root of the repository; `''` for the root itself. `python` is undefined where the original lies
 * outside of the port's repository: a path of it would be taken for one of the port's.
 */
export interface Roots {
  python: string | undefined;
  rust: string;
}

/** A location's artifact: relative to the root of the repository including the side's own folder, percent-encoded. */
export function artifact(file: string, side: 'python' | 'rust', roots: Roots | undefined): { uri: string; uriBaseId: string } {
  const root = (roots?.[side] ?? '').replace(/^\.?\/+|\/+$/g, '').replace(/^\.$/, '');
  const path = root === '' ? file : `${root}/${file}`;
  return {
    uri: path
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .split('/')
      .filter(Boolean)
      .map(encodeURIComponent)
      .join('/'),
    uriBaseId: 'SRCROOT',
  };
}
