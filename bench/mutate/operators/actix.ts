/** What only routers of actix-web can lose: resources are found in the order in which they were registered, and a scope covers its own. */
import { type Expectation, insert, type Mutant, mutant, type Operator, replace } from '../mutant.js';
import { argument, type Layer, methodName, receiver, type Route } from '../routers.js';
import { type Fn, moduleOf } from '../rust-app.js';
import type { Place, Subject } from '../subject.js';
import { above, all, field, type Source, type Syn, text } from '../syntax.js';
import { uncovered } from './routes.js';

/** `.service(web::scope(..).wrap(..))`, with the routes of functions of the application behind the wrap. */
function guardedScopes(subject: Subject): { layer: Layer; service: Syn; route: Route; place: Place }[] {
  return subject.routers.layers.flatMap(layer => {
    const service = methodName(layer.source, layer.call) === 'wrap' ? above(layer.call, 'call_expression') : undefined;
    const outer = service && serviceOf(layer.source, service);
    if (!outer) return [];
    return subject.routers.routes.flatMap(route => {
      const [handler] = route.handlers;
      const place = subject.places.find(p => p.handler === handler);
      const plain = route.handlers.length === 1 && argument(route.call, 1) !== undefined && handler && !handler.self;
      return plain && place && layer.covers.has(handler) && within(layer, handler) ? [{ layer, service: outer, route, place }] : [];
    });
  });
}

/** The `.service(..)` that the node is an argument of. */
function serviceOf(s: Source, n: Syn): Syn | undefined {
  let x: Syn | undefined = n;
  while (x && !(methodName(s, x) === 'service' && receiver(x))) x = above(x, 'call_expression');
  return x;
}

/** The path of the scope that a call is a link of, as it is written. */
function scopePath(s: Source, call: Syn): string | undefined {
  let n: Syn | undefined = call;
  while (n && receiver(n)) n = receiver(n);
  const path = n && /\bscope$/.test(text(s, field(n, 'function'))) ? argument(n, 0) : undefined;
  return path && text(s, path);
}

/** The wrap stands on a scope, not on the whole application. */
const within = (l: Layer, _handler: Fn): boolean => /\bweb::scope\b/.test(text(l.source, l.call));

/** `/users/{user_id:\d+}` with the prefix of its scopes: the patterns of the parameters stay as they were written. */
function whole(p: Place, r: Route): string {
  const own = text(r.source, argument(r.call, 0)).replace(/^r?"|"$/g, '');
  const plain = own.replace(/\{(\w+):[^}]*\}/g, '{$1}');
  return `${p.rust.path.slice(0, p.rust.path.length - plain.length)}${own}`;
}

/** The route registered before the scope that guards it. */
function before(subject: Subject, at: { layer: Layer; service: Syn; route: Route; place: Place }): Mutant['edits'] {
  const { layer, service, route, place } = at;
  const handler = route.handlers[0]!;
  const path = ['crate', ...moduleOf(handler.source.path), handler.name].filter(m => m !== 'main').join('::');
  const method = text(route.source, argument(route.call, 1)).replace(/\.to\(.*$/s, `.to(${path})`);
  const hidden = !/^\s*pub\b/.test(text(handler.source, handler.node));
  return [
    insert(layer.source, receiver(service)!.end, `.route(r"${whole(place, route)}", ${method})`),
    ...(hidden ? [insert(handler.source, handler.node.start, 'pub ')] : []),
    ...shown(subject, handler),
    ...opened(layer, handler),
  ];
}

/** Types of the handler's parameters that only its own module sees. */
function shown(subject: Subject, handler: Fn): Mutant['edits'] {
  const named_ = handler.params.flatMap(p => all(p.type, 'type_identifier').map(n => text(handler.source, n)));
  return [...new Set(named_)].flatMap(name => {
    const item = subject.app.structs.get(name);
    const at = item?.source === handler.source ? item.node.children.find(c => c.type === 'struct') : undefined;
    return item && at && !/^pub/.test(text(item.source, item.node)) ? [insert(item.source, at.start, 'pub ')] : [];
  });
}

/** Modules on the way to the handler are made visible where they are declared. */
function opened(layer: Layer, handler: Fn): Mutant['edits'] {
  const name = moduleOf(handler.source.path).at(-1);
  const item = all(layer.source.root, 'mod_item').find(m => text(layer.source, field(m, 'name')) === name);
  return item && !/^pub/.test(text(layer.source, item)) ? [insert(layer.source, item.start, 'pub ')] : [];
}

const only = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);

export const actix: Operator[] = [
  {
    name: 'route-shadowed',
    title: 'the route is registered a second time, before the scope that guards it',
    run: subject =>
      guardedScopes(subject).flatMap(at => {
        const expected = new Map<string, Expectation>();
        for (const [key, e] of uncovered(subject, at.layer, h => h === at.place.handler))
          expected.set(key, { rules: [...e.rules, 'duplicate-route'], also: [...e.also, 'duplicate-route'] });
        return only(
          mutant(
            'route-shadowed',
            at.route.source,
            at.route.call,
            text(at.route.source, argument(at.route.call, 0)),
            before(subject, at),
            expected,
          ),
        );
      }),
  },
  {
    name: 'scope-left',
    title: 'the route is moved out of the scope that guards it',
    run: subject =>
      guardedScopes(subject).flatMap(at => {
        const { route } = at;
        const edits = [
          ...before(subject, at),
          { file: route.source.path, start: receiver(route.call)!.end, end: route.call.end, text: '' },
        ];
        const expected = uncovered(subject, at.layer, h => h === at.place.handler);
        return only(mutant('scope-left', route.source, route.call, text(route.source, argument(route.call, 0)), edits, expected));
      }),
  },
  {
    name: 'wrap-order',
    title: 'the wrap is put on a second scope of the same path, behind the one that has the routes',
    run: subject =>
      subject.routers.layers.flatMap(layer => {
        const { source, call } = layer;
        const inner = methodName(source, call) === 'wrap' && receiver(call) ? above(call, 'call_expression') : undefined;
        const service = inner && serviceOf(source, inner);
        const path = scopePath(source, call);
        if (!service || path === undefined) return [];
        const wrap = source.text.slice(receiver(call)!.end, call.end);
        const edits = [
          { file: source.path, start: receiver(call)!.end, end: call.end, text: '' },
          insert(source, service.end, `.service(web::scope(${path})${wrap})`),
        ];
        const expected = uncovered(subject, layer, () => true);
        return only(mutant('wrap-order', source, call, path, edits, expected));
      }),
  },
  {
    name: 'route-any',
    title: 'the route is registered for every method',
    run: subject =>
      subject.routers.routes.flatMap(r => {
        const getter = all(argument(r.call, 1), 'scoped_identifier').find(n =>
          /^web::(get|post|put|patch|delete)$/.test(text(r.source, n)),
        );
        if (!getter || r.handlers.length !== 1) return [];
        const places = subject.places.filter(p => r.handlers.includes(p.handler));
        const expected = new Map(places.map(p => [p.key, { rules: ['method-widened'], also: [] }]));
        return only(
          mutant('route-any', r.source, r.call, text(r.source, argument(r.call, 0)), [replace(r.source, getter, 'web::route')], expected),
        );
      }),
  },
];
