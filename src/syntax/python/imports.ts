/** Lowers the forms of `import`. */
import type { Stmt } from '../../facts/types.js';
import type { Node } from '../parser.js';
import { at, type Context } from './context.js';

/** `import a.b as c, d`: one statement for each module. */
export function importModules(c: Context, node: Node): Stmt[] {
  return c.kids(node).map(kid => {
    const { name, as } = imported(c, kid);
    return { s: 'import', module: name, level: 0, ...(as !== undefined && { as }), at: at(node) };
  });
}

/** `from ..a import b as c`, `from a import *` */
export function importFrom(c: Context, node: Node): Stmt {
  const [module, ...rest] = c.kids(node);
  const place = at(node);
  if (!module) return { s: 'opaque', why: 'syntax error', at: place };
  const [level, name] = module.type === 'relative_import' ? relative(c, module) : [0, dotted(c, module)];
  if (rest[0]?.type === 'wildcard_import') return { s: 'import', module: name, level, star: true, at: place };
  return { s: 'import', module: name, level, names: rest.map(kid => imported(c, kid)), at: place };
}

/** `from __future__ import a` */
export function importFuture(c: Context, node: Node): Stmt {
  return { s: 'import', module: '__future__', level: 0, names: c.kids(node).map(kid => imported(c, kid)), at: at(node) };
}

function relative(c: Context, node: Node): [level: number, module: string] {
  const [prefix, name] = c.kids(node);
  return [prefix ? c.slice(prefix).replace(/[^.]/g, '').length : 0, name ? dotted(c, name) : ''];
}

function imported(c: Context, node: Node): { name: string; as?: string } {
  if (node.type !== 'aliased_import') return { name: dotted(c, node) };
  const [name, alias] = c.kids(node);
  return { name: name ? dotted(c, name) : '', ...(alias && { as: c.name(alias) }) };
}

function dotted(c: Context, node: Node): string {
  return node.type === 'dotted_name'
    ? c
        .kids(node)
        .map(kid => c.name(kid))
        .join('.')
    : '';
}
