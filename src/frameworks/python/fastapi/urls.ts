/** Paths by the names of their routes: what `url_for` gives, and where a redirect to a named route leads. */
import { STR, sym } from '../../../program/make.js';
import { Prov, type Val } from '../../../program/values.js';
import type { Flat } from './flatten.js';
import { definitionOf } from './params.js';
import { template } from './paths.js';
import { textOf } from '../text.js';
import type { Node } from './registry.js';

/** Where a route is: its raw template, and the applications around it. */
export type Home = Pick<Flat, 'apps' | 'path'>;

/** Paths by the names of their routes. */
export class Urls {
  private readonly byName = new Map<string, { path: string; apps: readonly Node[] }[]>();

  constructor(routes: readonly Flat[]) {
    for (const r of routes) {
      const name = textOf(r.entry.args.kw.get('name')) ?? definitionOf(r.entry.handler)?.def.name;
      if (name === undefined) continue;
      const list = this.byName.get(name);
      const e = { path: template(r.path).path, apps: r.apps };
      if (list) list.push(e);
      else this.byName.set(name, [e]);
    }
  }

  /** The URL of a name as seen from a route: its own application first. */
  of(name: string | undefined, kw: ReadonlyMap<string, Val>, from: Home): Val {
    const all = name === undefined ? undefined : (this.byName.get(name) ?? this.byName.get(name.split(':').at(-1) as string));
    const home = from.apps.at(-1);
    const hit = all?.find(u => u.apps.at(-1) === home && sameStart(u.path, from)) ?? all?.find(u => u.apps.at(-1) === home) ?? all?.[0];
    if (!hit) return sym('url', Prov.None, { path: 'starlette.datastructures.URL()', present: true });
    return STR(hit.path.replace(/\{([^}*]*)\*?\}/g, (m, n: string) => textOf(kw.get(n)) ?? m));
  }
}
/** Of a router that is included twice, the copy without parameters in front is the usual one. */
const sameStart = (path: string, from: Home): boolean =>
  path.split('/')[1]?.startsWith('{') === template(from.path).path.split('/')[1]?.startsWith('{');
