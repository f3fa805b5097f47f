/** Path templates of axum: `:id` and `*rest` up to 0.7, `{id}` and `{*rest}` from 0.8 on. */

/** A template in normal form (`{name}`, `{name*}`); `minor` is that of axum 0.x. */
export function template(path: string, minor: number): string {
  const old = minor < 8;
  return path
    .split('/')
    .map(seg => {
      if (old || /^[:*]/.test(seg)) {
        if (seg.startsWith(':')) return `{${seg.slice(1)}}`;
        if (seg.startsWith('*')) return `{${seg.slice(1)}*}`;
        if (old) return seg;
      }
      return seg
        .replace(/\{\*(\w+)\}/g, '{$1*}')
        .replace(/\{\{/g, '{')
        .replace(/\}\}/g, '}');
    })
    .join('/');
}

/** A template in normal form as axum 0.`minor` writes it. */
export const written = (template: string, minor: number): string =>
  template.replace(/\{([^}*]*)(\*?)\}/g, (_m, name: string, many: string) => (minor < 8 ? `${many || ':'}${name}` : `{${many}${name}}`));

/** Inner path under a prefix, as `nest` joins them. */
export function join(prefix: string, inner: string): string {
  const p = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (inner === '/' || inner === '') return p === '' ? '/' : p;
  return `${p}${inner.startsWith('/') ? '' : '/'}${inner}`;
}

/** Without a trailing slash, but for a bare `/`. */
export const tidy = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') || '/' : path === '' ? '/' : path);
