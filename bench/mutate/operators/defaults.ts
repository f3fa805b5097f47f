/** What is there instead of a refusal: a default, whoever it is, somebody else's row, another handler. */
import type { Outcome } from '../../../src/contract/types.js';
import { ANSWER, changing, type Expectation, LOST, losing, type Mutant, mutant, type Operator, PATH, replace } from '../mutant.js';
import { argument, methodName, receiver } from '../routers.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { above, all, field, named, type Source, type Syn, text } from '../syntax.js';
import { type Check, checks } from './conditions.js';
import { absences, dropping } from './results.js';

const one = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);

/** What an endpoint loses that keeps somebody out, and no other guard of it does in the same way. */
const protective = (subject: Subject, places: readonly Place[], exits: (p: Place) => readonly Outcome[]): Map<string, Expectation> =>
  changing(subject, places, p => subject.but(p, exits(p)).filter(isProtective), LOST, PATH);

/** The calls of a chain, from the outside to its start. */
export function* chain(n: Syn | undefined): Generator<Syn> {
  for (let c = n; c; ) {
    if (c.type === 'call_expression') {
      yield c;
      c = receiver(c);
    } else if (c.type === 'try_expression' || c.type === 'await_expression') c = named(c)[0];
    else return;
  }
}

/** Whether what is looked up here is asked about further on, with the same consequence: then its absence is no way past. */
function askedAgain(subject: Subject, source: Source, at: Syn, places: readonly Place[]): boolean {
  const fn = subject.app.fnAt(source, at);
  const bound = above(at, 'let_declaration');
  const names = bound ? [...all(field(bound, 'pattern'), 'identifier'), field(bound, 'pattern')!].map(n => text(source, n)) : [];
  const asks = (c: Check): boolean =>
    c.source === source &&
    c.node.start > at.end &&
    subject.app.fnAt(source, c.node) === fn &&
    all(c.condition, 'identifier').some(n => names.includes(text(source, n)));
  return places.length > 0 && checks(subject).some(c => asks(c) && places.every(p => c.exits(p).some(isProtective)));
}

/** Where a value that is not there refuses: `..ok_or(..)`, and `let Some(x) = .. else { return Err(..) }`. */
export function needed(subject: Subject): { source: Source; value: Syn; exits: (p: Place) => Outcome[]; places: Place[] }[] {
  const called = absences(subject).map(a => ({
    source: a.source,
    value: a.value,
    exits: (p: Place) => subject.exitsIn(p, a.source, a.call),
    places: a.places,
  }));
  const bound = subject.app.fns.flatMap(fn =>
    all(fn.body, 'let_declaration').flatMap(n => {
      const other = field(n, 'alternative');
      const value = field(n, 'value');
      const exits = (p: Place): Outcome[] => (other ? subject.exitsIn(p, fn.source, other) : []);
      const places = subject.through(fn).filter(p => exits(p).length > 0);
      return value && places.length > 0 ? [{ source: fn.source, value, exits, places }] : [];
    }),
  );
  return [...called, ...bound];
}

/** The default of a row is nobody's: what is done with it finds nothing. A default that is asked more is turned away further on, with another answer. */
function ofDefault(p: Place, lost: readonly Outcome[], e: Expectation): Expectation {
  const ofRow = lost.every(o => o.trigger === 'ownership' || o.trigger === 'existence');
  const asksMore = (o: Outcome): boolean => o.trigger === 'authz' || o.trigger === 'ownership' || o.account !== undefined;
  const asked = p.rust.outcomes.some(o => !lost.includes(o) && asksMore(o));
  return { ...e, rules: [...e.rules, ...(ofRow ? PATH : []), ...(asked ? ANSWER : [])] };
}

export const defaults: Operator[] = [
  dropping('result-recovered', 'the error becomes `Ok`', c => [
    replace(c.source, c.statement, `${text(c.source, c.call)}${c.awaited ? '.await' : ''}.or_else(|_| Ok(()))?;`),
  ]),
  dropping('check-spawned', 'the check is made in the background', c => {
    const own = text(c.source, c.call);
    if (!c.awaited) return [replace(c.source, c.statement, `std::thread::scope(|s| { s.spawn(|| ${own}); });`)];
    // What a task borrows has to live as long as it.
    return own.includes('&') ? undefined : [replace(c.source, c.statement, `tokio::spawn(async move { let _ = ${own}.await; });`)];
  }),
  {
    name: 'absence-defaulted',
    title: 'whoever is not there is the default of its type',
    run: subject =>
      absences(subject).flatMap(a => {
        if (a.whole === a.call || askedAgain(subject, a.source, a.call, a.places)) return [];
        const edits = [replace(a.source, a.whole, `${text(a.source, a.value)}.unwrap_or_default()`)];
        const exits = (p: Place): Outcome[] => subject.exitsIn(p, a.source, a.call);
        const lost = protective(subject, a.places, exits);
        const expected = new Map(a.places.flatMap(p => (lost.get(p.key) ? [[p.key, ofDefault(p, exits(p), lost.get(p.key)!)]] : [])));
        return one(mutant('absence-defaulted', a.source, a.call, '', edits, expected));
      }),
  },
  {
    name: 'filter-dropped',
    title: 'a row is taken whatever is in it',
    run: subject =>
      needed(subject).flatMap(({ source, value, exits, places }) =>
        [...chain(value)].flatMap(call => {
          const closure = methodName(source, call) === 'filter' ? argument(call, 0) : undefined;
          if (closure?.type !== 'closure_expression') return [];
          const edits = [{ file: source.path, start: receiver(call)!.end, end: call.end, text: '' }];
          const expected = changing(subject, places, p => exits(p).filter(isProtective), LOST, PATH);
          return one(mutant('filter-dropped', source, call, text(source, closure), edits, expected));
        }),
      ),
  },
  {
    name: 'credential-unasked',
    title: 'the query no longer asks for the credential: any row will do',
    run: subject =>
      needed(subject).flatMap(({ source, value, exits, places }) => {
        if (askedAgain(subject, source, value, places)) return [];
        const credential = (p: Place): Outcome[] => exits(p).filter(o => o.trigger === 'credential');
        const expected = changing(subject, places, credential, LOST, PATH);
        return [...chain(value)].flatMap(call => {
          const edits = unasked(source, call);
          return edits ? one(mutant('credential-unasked', source, call, '', edits, expected)) : [];
        });
      }),
  },
  {
    name: 'handler-swapped',
    title: 'the route has a handler that asks for less',
    run: subject =>
      subject.routers.routes.flatMap(r => {
        const [own] = r.handlers;
        const at = all(argument(r.call, 1), 'identifier').find(
          n => n.parent?.type === 'arguments' && own && text(r.source, n) === own.name,
        );
        if (!own || !at || r.handlers.length !== 1) return [];
        const others = subject.app.fns.filter(f => f.source === own.source && f !== own && subject.places.some(p => p.handler === f));
        return others.slice(0, 3).flatMap(other => {
          const places = subject.places.filter(p => p.handler === own);
          const expected = losing(subject, places, p => {
            const rest = subject.app.reach([...p.roots.filter(f => f !== own), other]);
            const exits = subject.exitsOf(p, new Set([...p.reached].filter(f => !rest.has(f))));
            return subject.but(p, exits).filter(isProtective);
          });
          const any = ['outcome-missing', 'outcome-changed', 'refusal-changed', 'access-tightened', 'effect-before-guard', 'unverified'];
          for (const [key, e] of expected) expected.set(key, { ...e, also: [...e.also, ...any] });
          return one(
            mutant('handler-swapped', r.source, r.call, `${own.name} → ${other.name}`, [replace(r.source, at, other.name)], expected),
          );
        });
      }),
  },
];

/** `.filter(keys::digest.eq(..))` of a query, and `WHERE token = ?`, which only asks that something was sent. */
function unasked(s: Source, call: Syn): Mutant['edits'] | undefined {
  const first = argument(call, 0);
  if (!first) return undefined;
  if (methodName(s, call) === 'filter' && /^\w+::\w+\.eq\(\w+\(/.test(text(s, first)))
    return [{ file: s.path, start: receiver(call)!.end, end: call.end, text: '' }];
  const found = first.type === 'string_literal' && above(call, 'await_expression') ? /\bWHERE (\w+) = (\?|\$1)/.exec(text(s, first)) : null;
  if (!found) return undefined;
  const start = first.start + found.index;
  return [{ file: s.path, start, end: start + found[0].length, text: `WHERE ${found[2]} IS NOT NULL` }];
}
