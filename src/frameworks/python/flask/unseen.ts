/** Blueprints and the like of which not all is seen: nobody registers them, or nothing is put on them. */
import type { Ev, GapNote } from '../../../program/ev.js';
import type { CallVal, Val } from '../../../program/values.js';
import { constructorArgs } from './arguments.js';
import { type Node, placeOf, type Registry } from './registry.js';

/** Those that hold something and are registered nowhere. */
export function orphans(registry: Registry): ReadonlySet<Node> {
  const registered = registrations(registry);
  return new Set([...registry.nodes.values()].filter(n => n.kind !== 'app' && !isEmpty(n) && !registered.has(n.key)));
}

/** What they may hide. */
export function unseen(registry: Registry, ev: Ev): GapNote[] {
  const says = (n: Node, what: string, place = placeOf(n)): GapNote => ({
    why: 'dynamic-route',
    says: what,
    place,
    hides: ['endpoints'],
  });
  const registered = registrations(registry);
  const used = new Set(ev.events.flatMap(c => (c.recv ? [root(c.recv)] : [])));
  // Code that is loaded while the application runs fills those that are made for it; one with a name of its own is just empty.
  const hollow = [...registry.nodes.values()].filter(
    n => n.kind === 'blueprint' && n.name === '' && isEmpty(n) && !used.has(n.value) && !serves(n),
  );
  return [
    ...[...orphans(registry)].map(n =>
      says(
        n,
        `the ${n.kind} \`${n.name}\` is never registered on an application that can be seen`,
        (n.routes[0] ?? n.children[0])?.event.place,
      ),
    ),
    ...hollow.flatMap(n => {
      const by = registered.get(n.key);
      return by ? says(n, 'a blueprint is registered whose name is computed, and nothing that is read puts a route on it', by.place) : [];
    }),
  ];
}

const registrations = (registry: Registry): ReadonlyMap<string, CallVal> =>
  new Map([...registry.nodes.values()].flatMap(n => n.children.map(c => [c.key, c.event] as const)));

const isEmpty = (n: Node): boolean => n.routes.length + n.children.length === 0;

/** What members are taken from, and calls are made on, in the end. */
function root(v: Val): Val {
  if (v.t === 'attr' || v.t === 'item') return root(v.of);
  return v.t === 'call' && v.recv ? root(v.recv) : v;
}

/** A blueprint may be there for its pages, files or commands alone. */
const serves = (n: Node): boolean =>
  ['static_folder', 'static_url_path', 'template_folder', 'cli_group'].some(k => constructorArgs(n.value).kw.has(k));
