/** Where guards are put on: layers, routers, registrations. */
import { endpointKey } from '../../../src/contract/path-template.js';
import { type Expectation, insert, LOST, losing, type Mutant, mutant, type Operator, PATH, replace, STUB, TAKES } from '../mutant.js';
import { argument, type Layer, methodName, outermost, receiver, type Route } from '../routers.js';
import type { Fn } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { field, type Source, type Syn, text } from '../syntax.js';

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
    name: 'layer-if-set',
    title: 'the layer is added only where a setting is there',
    run: subject =>
      subject.routers.layers.flatMap(l => {
        const { source, call } = l;
        const on = receiver(call)!;
        const guard = argument(call, 0)!;
        const set = 'std::env::var("GUARDED").is_ok()';
        const chain = methodName(source, call) !== 'wrap';
        const edits = chain
          ? [
              insert(source, on.start, '({ let open = '),
              { file: source.path, start: on.end, end: call.end, text: `; if ${set} { open${link(source, call)} } else { open } })` },
            ]
          : [replace(source, guard, `actix_web::middleware::Condition::new(${set}, ${text(source, guard)})`)];
        // What a builder becomes with a layer is another type.
        if (chain && /\bServiceBuilder\b/.test(text(source, on))) return [];
        const expected = uncovered(subject, l, () => true);
        for (const [key, e] of expected) {
          const kept = subject.places.some(p => p.key === key && subject.exitsOf(p, subject.app.reach(l.runs)).some(isProtective));
          // What is refused of a state of the server depends on a setting anyway; and without what the layer puts there, all are refused.
          if (!kept || e.rules.includes('access-tightened')) expected.set(key, { rules: [], also: [...e.rules, ...e.also] });
        }
        return one(mutant('layer-if-set', source, call, label(subject, l), edits, expected));
      }),
  },
  {
    name: 'layer-discarded',
    title: 'the layer is put on a copy of the router that nobody uses',
    run: subject =>
      routerLayers(subject).flatMap(({ layer, routes: of }) => {
        const { source, call } = layer;
        const on = receiver(call)!;
        if (methodName(source, call) === 'wrap' || of.length === 0) return [];
        const edits = [
          insert(source, on.start, '({ let open = '),
          { file: source.path, start: on.end, end: call.end, text: `; let _guarded = open.clone()${link(source, call)}; open })` },
        ];
        return one(
          mutant(
            'layer-discarded',
            source,
            call,
            label(subject, layer),
            edits,
            uncovered(subject, layer, () => true),
          ),
        );
      }),
  },
  {
    name: 'layer-kind',
    title: '`.layer(..)` for `.route_layer(..)`, and the other way round',
    run: subject =>
      routerLayers(subject).flatMap(({ layer, routes: of }): Mutant[] => {
        const { source, call } = layer;
        const name = field(field(call, 'function'), 'field')!;
        const other = { layer: 'route_layer', route_layer: 'layer' }[text(source, name)];
        if (other === undefined || of.length === 0) return [];
        const m = mutant('layer-kind', source, call, label(subject, layer), [replace(source, name, other)], new Map());
        return [{ ...m, equivalent: 'both stand before the routes that were added; they differ where there is none' }];
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
    name: 'method-outside',
    title: 'one method of a route is added behind the layer that should cover it',
    run: subject =>
      routerLayers(subject).flatMap(({ layer, routes: of }) =>
        methodName(layer.source, layer.call) === 'wrap'
          ? []
          : of.flatMap(call => {
              const { source } = layer;
              const methods = argument(call, 1);
              const before = methods && receiver(methods);
              const handler = methods && argument(methods, 0);
              if (methodName(source, call) !== 'route' || !methods || !before || !handler) return [];
              const held = new Set(subject.routers.handlers(source, methods));
              for (const h of subject.routers.handlers(source, before)) held.delete(h);
              const path = text(source, argument(call, 0));
              const late = `.route(${path}, axum::routing::${methodName(source, methods)}(${text(source, handler)}))`;
              const edits = [replace(source, methods, text(source, before)), insert(source, layer.call.end, late)];
              return one(
                mutant(
                  'method-outside',
                  source,
                  call,
                  `${methodName(source, methods)} ${path}`,
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
];

const label = (subject: Subject, l: Layer): string =>
  `${methodName(l.source, l.call)} ${l.runs.map(f => (f.self ? f.self : f.name)).join(' ')} of ${subject.places.filter((p: Place) => l.covers.has(p.handler)).length}`;

/** The route is a link of the chain that the layer ends. */
const within = (r: Route, l: Layer): boolean => r.source === l.source && outermost(r.call) === outermost(l.call);
