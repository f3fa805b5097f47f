/** Middleware that lets through: before it has asked, or although it refused. */
import { ANSWER, insert, type Mutant, mutant, type Operator, replace } from '../mutant.js';
import type { Layer } from '../routers.js';
import type { Fn } from '../rust-app.js';
import type { Subject } from '../subject.js';
import { all, named, text, walk } from '../syntax.js';
import { checks } from './conditions.js';
import { uncovered } from './routes.js';

/** A function that a layer runs and that lets through by its last expression, made of its parameters alone. */
export interface Passing {
  layer: Layer;
  fn: Fn;
  /** `Ok(next.run(request).await)`. */
  passes: string;
}

export function passings(subject: Subject): Passing[] {
  return subject.routers.layers.flatMap(layer =>
    layer.runs.flatMap(fn => {
      const tail = named(fn.body).at(-1);
      const bound = new Set(fn.params.flatMap(p => [...walk(p.pattern)].filter(n => n.type === 'identifier').map(n => text(fn.source, n))));
      if (!tail || fn.self || !/\bnext\.(run|call)\(/.test(text(fn.source, tail))) return [];
      const free = all(tail, 'identifier').some(n => !bound.has(text(fn.source, n)) && text(fn.source, n) !== 'Ok');
      return free ? [] : [{ layer, fn, passes: text(fn.source, tail) }];
    }),
  );
}

const one = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);

export const middleware: Operator[] = [
  {
    name: 'layer-returns',
    title: 'the middleware goes on before it has asked',
    run: subject =>
      passings(subject).flatMap(({ layer, fn, passes }) => {
        const at = fn.body.start + 1;
        const lost = uncovered(subject, layer, () => true);
        const early = `\n    if true { return ${passes}; }`;
        return one(mutant('layer-returns', fn.source, fn.node, fn.name, [insert(fn.source, at, early)], lost));
      }),
  },
  {
    name: 'refusal-passes',
    title: 'the middleware lets through where it refused',
    run: subject =>
      passings(subject).flatMap(({ layer, fn, passes }) =>
        checks(subject)
          .filter(c => subject.app.fnAt(c.source, c.node) === fn)
          .flatMap(c => {
            const lost = uncovered(subject, layer, h => c.places.some(p => p.handler === h));
            const only = new Map([...lost].filter(([key]) => c.places.some(p => p.key === key)));
            // Whoever is let through without what the layer puts into the request is refused by the one that wants it.
            for (const [key, e] of only) if (e.rules.includes('access-tightened')) only.set(key, { ...e, rules: [...e.rules, ...ANSWER] });
            return one(mutant('refusal-passes', c.source, c.node, fn.name, [replace(c.source, c.exit, `return ${passes}`)], only));
          }),
      ),
  },
  {
    name: 'layer-if-method',
    title: 'the middleware asks nothing of one method',
    run: subject =>
      passings(subject).flatMap(({ layer, fn, passes }) => {
        const request = /\bnext\.(?:run|call)\((\w+)\)/.exec(passes)?.[1];
        const methods = [...new Set(subject.places.filter(p => layer.covers.has(p.handler)).map(p => p.rust.method))];
        return request === undefined
          ? []
          : methods.flatMap(m => {
              const early = `\n    if ${request}.method() == "${m}" { return ${passes}; }`;
              const lost = uncovered(subject, layer, h => subject.places.some(p => p.handler === h && p.rust.method === m));
              return one(
                mutant('layer-if-method', fn.source, fn.node, `${fn.name} ${m}`, [insert(fn.source, fn.body.start + 1, early)], lost),
              );
            });
      }),
  },
];
