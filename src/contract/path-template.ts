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

/** Whether a template is one for a path as a client sends it. */
export function accepts(template: string, path: string): boolean {
  let end = 0;
  let pattern = '';
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  for (const m of template.matchAll(PARAM)) {
    pattern += `${literal(template.slice(end, m.index))}${m[2] ? '.+' : '[^/]+'}`;
    end = m.index + m[0].length;
  }
  return new RegExp(`^${pattern}${literal(template.slice(end))}$`).test(joinPath(path));
}

/** Compares templates for the same path: the one that routers ask first (literal text before parameters before catch-alls) is less. */
export function bySpecificity(a: string, b: string): number {
  const rank = (segment: string | undefined): number =>
    segment === undefined ? 3 : isLiteral(segment) ? 0 : segment.includes('*}') ? 2 : 1;
  const [x, y] = [segments(a), segments(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) if (rank(x[i]) !== rank(y[i])) return rank(x[i]) - rank(y[i]);
  return 0;
}
