/**
 * Path templates: `{name}` for a parameter, `{name*}` for a catch-all, literal text around a parameter kept (`/ical/{token}.ics`).
 * Two endpoints are the same one when their templates agree after the names of the parameters are dropped.
 */

const PARAM = /\{([^{}/]*?)(\*)?\}/g;

/**
 * A whole path from its parts (prefixes, mounts, the route's own): one `/` between parts, a leading one, none at the end but a bare `/`.
 */
export function joinPath(...parts: string[]): string {
  const joined = `/${parts.join('/')}`.replace(/\/{2,}/g, '/');
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

/** Every check asks for those of the same endpoints. */
const known = new Map<string, string>();
const MOST = 20_000;

/** The template without parameter names: `/blog/{id}/{rest*}` is `/blog/{}/{*}`. */
export function templateKey(path: string): string {
  let key = known.get(path);
  if (key === undefined) {
    key = joinPath(path).replace(PARAM, (_, _name: string, star?: string) => (star ? '{*}' : '{}'));
    if (known.size >= MOST) known.clear();
    known.set(path, key);
  }
  return key;
}

/** The identity of an endpoint: method and template without names (`DELETE /articles/{}`). */
export function endpointKey(e: { method: string; path: string }): string {
  return `${e.method.toUpperCase()} ${templateKey(e.path)}`;
}

/** Names of the parameters, in order; catch-alls without their star. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(PARAM)].map(m => m[1] ?? '');
}

/** The template with each parameter replaced, in order; a catch-all's value may hold `/`. */
export function fillPath(path: string, value: (name: string, index: number) => string): string {
  let index = 0;
  return path.replace(PARAM, (_, name: string, star?: string) => {
    const text = value(name, index++);
    return star ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text);
  });
}

/** The segments of a path; none for a bare `/`. */
export function segments(path: string): string[] {
  return joinPath(path).split('/').filter(Boolean);
}

/** Whether a segment holds no parameter. */
export const isLiteral = (segment: string): boolean => !segment.includes('{');

/** The template with literal text after a parameter removed (`/ical/{}.ics` is `/ical/{}`): a port may strip the suffix itself. */
export function withoutSuffixes(template: string): string {
  return template.replace(/\{(\*?)\}[^/{}]+(?=\/|$)/g, '{$1}');
}

/** The template with catch-alls read as plain parameters. */
export function withoutStars(template: string): string {
  return template.replaceAll('{*}', '{}');
}
