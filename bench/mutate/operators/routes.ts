/** Where guards are put on: layers, routers, registrations. */
import { endpointKey } from '../../../src/contract/path-template.js';
import { type Expectation, insert, LOST, losing, type Mutant, mutant, type Operator, PATH, replace, STUB, TAKES } from '../mutant.js';
import { argument, type Layer, methodName, outermost, receiver, type Route } from '../routers.js';
import type { Fn } from '../rust-app.js';
import type { Place, Subject } from '../subject.js';
import { all, field, named, type Source, type Syn, text } from '../syntax.js';

/** The text of a call in a chain: `.layer(..)`. */
const link = (s: Source, call: Syn): string => s.text.slice(receiver(call)!.end, call.end);
const unlink = (s: Source, call: Syn) => ({ file: s.path, start: receiver(call)!.end, end: call.end, text: '' });

/** What endpoints lose when a layer no longer stands before some handlers. */
export function uncovered(subject: Subject, l: Layer, handlers: (h: Fn) => boolean) {
  const places = subject.places.filter(p => l.covers.has(p.handler) && handlers(p.handler));
  const lost = losing(subject, places, p => {
    const roots = [p.handler, ...subject.routers.layers.filter(o => o !== l && o.covers.has(p.handler)).flatMap(o => o.runs)];
    const rest = subject.app.reach(roots);
    const lost = subject.exitsOf(p, new Set([...subject.app.reach(l.runs)].filter(f => !rest.has(f))));
    return subject.but(p, lost);
  });
  // Whoever wants what the layer put into the request refuses everybody instead.
  const puts = [...subject.app.reach(l.runs)].some(f => /\bextensions_mut\(\)\s*\.insert\(/.test(text(f.source, f.body)));
  const wants = (f: Fn): boolean => !l.runs.includes(f) && TAKES.test(text(f.source, f.body));
  for (const p of puts ? places : []) {
    const e = lost.get(p.key);
    if (![...p.reached].some(wants)) continue;
    if (e) lost.set(p.key, { ...e, rules: [...e.rules, 'access-tightened'] });
    // Who asks is not known any more where that only decides what he gets.
    else if (lost.size > 0) lost.set(p.key, { rules: [], also: [...LOST, ...PATH] });
  }
  return lost;
}

/** `.layer(..)` in a chain that starts with a router; in a `ServiceBuilder` there are no routes to move. */
function routerLayers(subject: Subject): { layer: Layer; routes: Syn[] }[] {
  return subject.routers.layers.flatMap(layer => {
    const routes: Syn[] = [];
    for (let n = receiver(layer.call); n?.type === 'call_expression'; n = receiver(n))
      if (/^(route|nest|merge|service)$/.test(methodName(layer.source, n) ?? '')) routes.unshift(n);
    return [{ layer, routes }];
  });
}

const one = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);

export const routes: Operator[] = [
  {
    name: 'layer-dropped',
    title: 'the layer is deleted',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        one(
          mutant(
            'layer-dropped',
            l.source,
            l.call,
            label(subject, l),
            [unlink(l.source, l.call)],
            uncovered(subject, l, () => true),
          ),
        ),
      ),
  },
  {
    name: 'feature-gated-layer',
    title: 'the layer is added with a feature only',
    run: subject =>
      subject.routers.layers.flatMap(l => {
        const { source, call } = l;
        const on = receiver(call)!;
        // In parentheses: a block that begins a statement ends it.
        const gated = `; #[cfg(feature = "guarded")] let gated = gated${link(source, call)}; gated })`;
        const edits = [insert(source, on.start, '({ let gated = '), { file: source.path, start: on.end, end: call.end, text: gated }];
        return one(
          mutant(
            'feature-gated-layer',
            source,
            call,
            label(subject, l),
            edits,
            uncovered(subject, l, () => true),
          ),
        );
      }),
  },
  {
    name: 'layer-moved',
    title: 'the layer stands before the routes that it should cover',
    run: subject =>
      routerLayers(subject).flatMap(({ layer, routes: of }) => {
        if (methodName(layer.source, layer.call) === 'wrap' || of.length === 0) return [];
        const edits = [
          unlink(layer.source, layer.call),
          insert(layer.source, receiver(of[0]!)!.end, link(layer.source, layer.call).replace('.route_layer(', '.layer(')),
        ];
        return one(
          mutant(
            'layer-moved',
            layer.source,
            layer.call,
            label(subject, layer),
            edits,
            uncovered(subject, layer, () => true),
          ),
        );
      }),
  },
  {
    name: 'route-outside',
    title: 'one route is added behind the layer that should cover it',
    run: subject =>
      routerLayers(subject).flatMap(({ layer, routes: of }) =>
        methodName(layer.source, layer.call) === 'wrap' || of.length < 2
          ? []
          : of.flatMap(call => {
              const held = new Set(subject.routers.handlers(layer.source, call));
              for (const h of subject.routers.handlers(layer.source, receiver(call)!)) held.delete(h);
              const edits = [unlink(layer.source, call), insert(layer.source, layer.call.end, link(layer.source, call))];
              const what = text(layer.source, argument(call, 0));
              return one(
                mutant(
                  'route-outside',
                  layer.source,
                  call,
                  what,
                  edits,
                  uncovered(subject, layer, h => held.has(h)),
                ),
              );
            }),
      ),
  },
  {
    name: 'route-twice',
    title: 'the handler is registered a second time, outside the layer',
    run: subject =>
      routerLayers(subject).flatMap(({ layer }) =>
        subject.routers.routes
          .filter(r => methodName(r.source, r.call) === 'route' && r.handlers.some(h => layer.covers.has(h)))
          .filter(r => within(r, layer))
          .flatMap(r => {
            const places = subject.places.filter(p => r.handlers.includes(p.handler));
            if (uncovered(subject, layer, h => r.handlers.includes(h)).size === 0) return [];
            const old = text(r.source, argument(r.call, 0));
            const path = `"/legacy${old.slice(1)}`;
            const edits = [
              insert(
                layer.source,
                layer.call.end,
                link(r.source, r.call).replace(old, () => path),
              ),
            ];
            const expected = new Map<string, Expectation>();
            for (const p of places) {
              const tail = old.slice(1, -1);
              const base = tail === '/' ? p.rust.path : p.rust.path.slice(0, -tail.length);
              const key = endpointKey({ method: p.rust.method, path: `${base}/legacy${tail === '/' ? '' : tail}` });
              expected.set(key, { rules: ['endpoint-extra', 'duplicate-route'], also: [] });
            }
            return [mutant('route-twice', r.source, r.call, old, edits, expected)];
          }),
      ),
  },
  {
    name: 'route-dropped',
    title: 'the route is deleted',
    run: subject =>
      subject.routers.routes.flatMap(r => {
        const places = subject.places.filter(p => r.handlers.includes(p.handler));
        const expected = new Map(places.map(p => [p.key, { rules: ['endpoint-missing'], also: [] }]));
        return one(mutant('route-dropped', r.source, r.call, text(r.source, argument(r.call, 0)), [unlink(r.source, r.call)], expected));
      }),
  },
  {
    name: 'method-any',
    title: 'the handler is registered for every method',
    run: subject =>
      subject.routers.routes.flatMap(r => {
        const fn = field(argument(r.call, 1), 'function');
        if (r.handlers.length !== 1 || fn?.type !== 'identifier') return [];
        const expected = new Map(
          subject.places.filter(p => r.handlers.includes(p.handler)).map(p => [p.key, { rules: ['method-widened'], also: [] }]),
        );
        const edits = [replace(r.source, fn, 'axum::routing::any')];
        return one(mutant('method-any', r.source, r.call, text(r.source, argument(r.call, 0)), edits, expected));
      }),
  },
  {
    name: 'handler-stub',
    title: 'the body of the handler is a placeholder',
    run: subject =>
      [...new Set(subject.places.map(p => p.handler))].map(h => {
        const expected = new Map(
          subject
            .through(h)
            .filter(p => p.handler === h)
            .map(p => [p.key, { rules: STUB, also: [] }]),
        );
        return mutant('handler-stub', h.source, h.node, h.name, [replace(h.source, h.body, '{ todo!() }')], expected);
      }),
  },
  {
    name: 'path-exempt',
    title: 'the list of exempt paths grows by one',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        l.runs.flatMap(f => {
          const lists = [...all(f.source.root, 'const_item')].filter(c =>
            new RegExp(`\\b${text(f.source, field(c, 'name'))}\\b`).test(text(f.source, f.body)),
          );
          return lists.flatMap(list => {
            const array = all(field(list, 'value'), 'array_expression')[0];
            const size = field(list, 'type');
            if (!array || !text(f.source, array).includes('"')) return [];
            return subject.places
              .filter(p => l.covers.has(p.handler) && !p.rust.path.includes('{') && !text(f.source, array).includes(`"${p.rust.path}"`))
              .flatMap(p => {
                const edits = [insert(f.source, array.end - 1, `, "${p.rust.path}"`), ...grown(f.source, size)];
                const alike = subject.places.filter(o => o.rust.path === p.rust.path);
                const expected = losing(subject, alike, o => subject.exitsOf(o, subject.app.reach([f])));
                return one(mutant('path-exempt', f.source, list, p.rust.path, edits, expected));
              });
          });
        }),
      ),
  },
  {
    name: 'prefix-exempt',
    title: 'the condition that exempts paths holds for one more',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        exempting(subject, l).flatMap(({ fn, value, path }) =>
          [...new Set(subject.places.filter(p => l.covers.has(p.handler) && !p.rust.path.includes('{')).map(p => p.rust.path))].flatMap(
            exempt => {
              const edits = [insert(fn.source, value.end, ` || ${path} == "${exempt}"`)];
              const alike = subject.places.filter(p => p.rust.path === exempt);
              const expected = losing(subject, alike, p => {
                const lost = subject.exitsOf(p, subject.app.reach(l.runs));
                return subject.but(p, lost);
              });
              return one(mutant('prefix-exempt', fn.source, fn.node, exempt, edits, expected));
            },
          ),
        ),
      ),
  },
];

/** Functions that say of a path whether a layer lets it through: `path.starts_with("/public/") || ..`. */
function exempting(subject: Subject, l: Layer): { fn: Fn; value: Syn; path: string }[] {
  return [...subject.app.reach(l.runs)].flatMap(fn => {
    const value = named(fn.body).at(-1);
    const path = /\b(\w+)\s*\.starts_with\("/.exec(text(fn.source, value))?.[1];
    const yes = text(fn.source, field(fn.node, 'return_type')) === 'bool' && value?.type === 'binary_expression';
    return value && yes && path && fn.params.some(p => text(fn.source, p.pattern) === path) ? [{ fn, value, path }] : [];
  });
}

/** `[&str; 3]` → `[&str; 4]`. */
function grown(s: Source, type: Syn | undefined): Mutant['edits'] {
  const length = field(type, 'length');
  return length ? [replace(s, length, String(Number(text(s, length)) + 1))] : [];
}

const label = (subject: Subject, l: Layer): string =>
  `${methodName(l.source, l.call)} ${l.runs.map(f => (f.self ? f.self : f.name)).join(' ')} of ${subject.places.filter((p: Place) => l.covers.has(p.handler)).length}`;

/** The route is a link of the chain that the layer ends. */
const within = (r: Route, l: Layer): boolean => r.source === l.source && outermost(r.call) === outermost(l.call);
