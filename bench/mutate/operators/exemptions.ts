/** Who is let past a middleware: conditions and lists of paths that exempt more than they should. */
import { insert, losing, type Mutant, mutant, type Operator, replace } from '../mutant.js';
import { argument, type Layer, methodName, receiver } from '../routers.js';
import type { Fn } from '../rust-app.js';
import type { Place, Subject } from '../subject.js';
import { all, field, named, type Source, type Syn, text } from '../syntax.js';

const one = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);

/** What endpoints lose when a layer lets their paths through. */
const exempted = (subject: Subject, l: Layer, which: (p: Place) => boolean) =>
  losing(
    subject,
    subject.places.filter(p => l.covers.has(p.handler) && which(p)),
    p => subject.but(p, subject.exitsOf(p, subject.app.reach(l.runs))),
  );

/** Functions that say of a path whether a layer lets it through: `path.starts_with("/public/") || ..`. */
function exempting(subject: Subject, l: Layer): { fn: Fn; value: Syn; path: string }[] {
  return [...subject.app.reach(l.runs)].flatMap(fn => {
    const value = named(fn.body).at(-1);
    const path = /\b(\w+)\s*\.starts_with\("/.exec(text(fn.source, value))?.[1];
    const yes = text(fn.source, field(fn.node, 'return_type')) === 'bool' && value?.type === 'binary_expression';
    return value && yes && path && fn.params.some(p => text(fn.source, p.pattern) === path) ? [{ fn, value, path }] : [];
  });
}

/** Another reading of a part of a condition. */
type Instead = (n: Syn) => ((holds: (n: Syn) => boolean) => boolean) | undefined;

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const literal = (s: Source, n: Syn | undefined): string | undefined => (n?.type === 'string_literal' ? text(s, n).slice(1, -1) : undefined);

/** Whether the condition holds for an endpoint, as far as its words say it; what they do not say does not hold. */
function holds(s: Source, n: Syn, p: Place, instead: Instead): boolean {
  const deeper = (x: Syn): boolean => holds(s, x, p, instead);
  const other = instead(n);
  if (other) return other(deeper);
  if (n.type === 'parenthesized_expression') return deeper(named(n)[0]!);
  if (n.type === 'binary_expression') {
    const [left, right] = [field(n, 'left')!, field(n, 'right')!];
    const operator = field(n, 'operator')!.type;
    return operator === '||' ? deeper(left) || deeper(right) : operator === '&&' ? deeper(left) && deeper(right) : false;
  }
  const word = literal(s, argument(n, 0));
  const name = methodName(s, n);
  if (name === 'is_safe') return SAFE.has(p.rust.method);
  if (name === 'starts_with' && word !== undefined) return p.rust.path.startsWith(word);
  return name === 'ends_with' && word !== undefined ? p.rust.path.endsWith(word) : false;
}

/** `/api/v1/` → `/api/v1`, `/api/`, `/api`, ..: the beginnings of a path, from the longest on. */
function beginnings(path: string): string[] {
  const out: string[] = [];
  for (let n = path.length - 1; n > 1; n--) if (path[n] === '/' || path[n - 1] === '/') out.push(path.slice(0, n));
  return out;
}

/** Lists of paths that a layer looks into. */
function lists(subject: Subject, l: Layer): { fn: Fn; list: Syn; array: Syn }[] {
  return [...subject.app.reach(l.runs)].flatMap(fn =>
    all(fn.source.root, 'const_item')
      .filter(c => new RegExp(`\\b${text(fn.source, field(c, 'name'))}\\b`).test(text(fn.source, fn.body)))
      .flatMap(list => {
        const array = all(field(list, 'value'), 'array_expression')[0];
        return array && text(fn.source, array).includes('"/') ? [{ fn, list, array }] : [];
      }),
  );
}

/** `[&str; 3]` → `[&str; 4]`. */
function grown(s: Source, type: Syn | undefined): Mutant['edits'] {
  const length = field(type, 'length');
  return length ? [replace(s, length, String(Number(text(s, length)) + 1))] : [];
}

export const exemptions: Operator[] = [
  {
    name: 'path-exempt',
    title: 'the list of exempt paths grows by one',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        lists(subject, l).flatMap(({ fn, list, array }) => {
          const pairs = named(array)[0]?.type === 'tuple_expression';
          const seen = new Set<string>();
          return subject.places.flatMap(p => {
            const entry = pairs ? `(Method::${p.rust.method}, "${p.rust.path}")` : `"${p.rust.path}"`;
            if (seen.has(entry) || p.rust.path.includes('{') || text(fn.source, array).includes(entry)) return [];
            seen.add(entry);
            const end = array.end - (/,\s*\]$/.exec(text(fn.source, array))?.[0].length ?? 1);
            const edits = [insert(fn.source, end, `, ${entry}`), ...grown(fn.source, field(list, 'type'))];
            const expected = exempted(subject, l, o => o.rust.path === p.rust.path && (!pairs || o.rust.method === p.rust.method));
            return one(mutant('path-exempt', fn.source, list, pairs ? `${p.rust.method} ${p.rust.path}` : p.rust.path, edits, expected));
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
              return one(
                mutant(
                  'prefix-exempt',
                  fn.source,
                  fn.node,
                  exempt,
                  edits,
                  exempted(subject, l, p => p.rust.path === exempt),
                ),
              );
            },
          ),
        ),
      ),
  },
  {
    name: 'prefix-shortened',
    title: 'the beginning of the paths that are exempt is too short',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        exempting(subject, l).flatMap(({ fn, value }) =>
          all(value, 'call_expression').flatMap(call => {
            const own = methodName(fn.source, call) === 'starts_with' ? literal(fn.source, argument(call, 0)) : undefined;
            if (own === undefined) return [];
            for (const begin of beginnings(own)) {
              const more = (p: Place): boolean =>
                holds(fn.source, value, p, n => (n === call ? () => p.rust.path.startsWith(begin) : undefined));
              const expected = exempted(subject, l, more);
              const edits = [replace(fn.source, argument(call, 0)!, `"${begin}"`)];
              if (expected.size > 0) return [mutant('prefix-shortened', fn.source, call, `${own} → ${begin}`, edits, expected)];
            }
            return [];
          }),
        ),
      ),
  },
  {
    name: 'exempt-either',
    title: '`||` instead of `&&` between what exempts a path',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        exempting(subject, l).flatMap(({ fn, value }) =>
          all(value, 'binary_expression').flatMap(b => {
            const operator = field(b, 'operator')!;
            // In a closure it is said of an entry of a list, and not of the path.
            if (operator.type !== '&&' || all(value, 'closure_expression').some(c => c.start < b.start && b.end < c.end)) return [];
            const either: Instead = n => (n === b ? deeper => deeper(field(b, 'left')!) || deeper(field(b, 'right')!) : undefined);
            const expected = exempted(subject, l, p => holds(fn.source, value, p, either));
            return one(mutant('exempt-either', fn.source, b, text(fn.source, b), [replace(fn.source, operator, '||')], expected));
          }),
        ),
      ),
  },
  {
    name: 'list-by-prefix',
    title: 'a path is exempt when one of the list begins with it',
    run: subject =>
      subject.routers.layers.flatMap(l =>
        lists(subject, l).flatMap(({ fn, list, array }) => {
          const s = fn.source;
          const entries = all(array, 'string_literal').map(n => text(s, n).slice(1, -1));
          return all(fn.body, 'call_expression').flatMap(call => {
            const on = receiver(call);
            if (methodName(s, call) !== 'contains' || !on || text(s, on) !== text(s, field(list, 'name'))) return [];
            const path = text(s, argument(call, 0)).replace(/^&/, '');
            const edits = [replace(s, call, `${text(s, on)}.iter().any(|exempt| exempt.starts_with(${path}))`)];
            const expected = exempted(subject, l, p => entries.some(e => e.startsWith(p.rust.path)));
            return one(mutant('list-by-prefix', s, call, '', edits, expected));
          });
        }),
      ),
  },
];
