/** Checks that fail open: they stand there and refuse, and somebody gets past who should not. */
import type { Outcome } from '../../../src/contract/types.js';
import { changing, LOST, type Mutant, mutant, type Operator, PATH, replace } from '../mutant.js';
import { argument, methodName, receiver } from '../routers.js';
import type { Fn } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { all, ancestors, field, named, type Source, type Syn, text } from '../syntax.js';
import { type Check, checks } from './conditions.js';
import { decidedBy } from './results.js';

export interface Variant {
  what: string;
  edits: Mutant['edits'];
}

/** An operator that lets somebody past the checks that keep somebody out. */
export function passing(
  name: string,
  title: string,
  variants: (c: Check, subject: Subject) => Variant[],
  which: (o: Outcome) => boolean = () => true,
): Operator {
  return {
    name,
    title,
    run: subject =>
      checks(subject).flatMap(c => {
        const expected = changing(subject, c.places, p => c.exits(p).filter(o => isProtective(o) && which(o)), LOST, PATH);
        return expected.size > 0 ? variants(c, subject).map(v => mutant(name, c.source, c.node, v.what, v.edits, expected)) : [];
      }),
  };
}

/** The condition, and something else that has to hold before anybody is refused. */
export const and = (c: Check, other: string, what = ''): Variant => ({
  what,
  edits: [replace(c.source, c.condition, `${other} && (${text(c.source, c.condition)})`)],
});

const SENT = new Set(['credential', 'csrf', 'signature']);
export const PATH_OF_NAMES = /^\w+(\.\w+)*$/;

/** What was sent and a condition holds against something: arguments of its calls, and what `ct_eq` is asked of. */
function operands(c: Check, subject: Subject): string[] {
  const fn = subject.app.fnAt(c.source, c.node);
  // A row that was looked up, or what an extractor of the application or the state has, is what it is held against.
  const kept = (name: string): boolean => {
    const param = fn?.params.find(p =>
      all(p.pattern, 'identifier')
        .concat(p.pattern)
        .some(n => text(c.source, n) === name),
    );
    if (param)
      return (
        /\bState\b/.test(text(c.source, param.type)) || subject.app.extractors(c.source, param.type).some(f => f.trait !== 'FromRequest')
      );
    const bound = fn && all(fn.body, 'let_declaration').find(l => l.end <= c.node.start && text(c.source, field(l, 'pattern')) === name);
    const value = bound ? text(c.source, field(bound, 'value')) : '';
    // What a function of the application made of it may have been refused there.
    return /\bawait\b/.test(value) || /^\w+\(.*\)\?$/s.test(value);
  };
  const of = all(c.condition, 'call_expression').flatMap(call => {
    const args = named(field(call, 'arguments'));
    return methodName(c.source, call) === 'ct_eq' ? [...args, receiver(call)!] : methodName(c.source, call) ? [] : args;
  });
  const plain = of.map(n =>
    text(c.source, n)
      .replace(/^&/, '')
      .replace(/\.(as_bytes|as_str)\(\)$/, ''),
  );
  return [...new Set(plain.filter(t => PATH_OF_NAMES.test(t) && !kept(t.split('.')[0]!)))];
}

/** How a function reads a header of the request that it was given. */
export function header(fn: Fn | undefined): string | undefined {
  for (const p of fn?.params ?? []) {
    const type = text(fn!.source, p.type).replace(/^&\s*(mut\s+)?/, '');
    if (p.pattern.type !== 'identifier') continue;
    const name = text(fn!.source, p.pattern);
    if (/\bHeaderMap$/.test(type)) return `${name}.get("x-internal")`;
    if (/\bParts$/.test(type)) return `${name}.headers.get("x-internal")`;
    if (/\b(Request|ServiceRequest|HttpRequest)$/.test(type)) return `${name}.headers().get("x-internal")`;
  }
  return undefined;
}

/** `a != b` and `!a.ct_eq(b)` with one side on both sides, where nobody is refused then: it must come out as `no`. */
function reflexive(s: Source, within: Syn, refuses = true): Variant[] {
  const denied = (n: Syn): boolean =>
    [...ancestors(n)].filter(a => a.start >= within.start && a.end <= within.end && isNot(s, a)).length % 2 === 1;
  const compared = all(within, 'binary_expression').flatMap((b): [Syn, Syn][] => {
    const operator = field(b, 'operator')!.type;
    const never = /^(<|>|!=)$/.test(operator);
    return (never || /^(<=|>=|==)$/.test(operator)) && never !== (denied(b) === refuses) ? [[field(b, 'left')!, field(b, 'right')!]] : [];
  });
  const equal = all(within, 'call_expression').flatMap((c): [Syn, Syn][] =>
    methodName(s, c) === 'ct_eq' && argument(c, 0) && denied(c) === refuses ? [[receiver(c)!, argument(c, 0)!]] : [],
  );
  return [...compared, ...equal]
    .flatMap(([l, r]) => [
      [l, r],
      [r, l],
    ])
    .filter(([kept]) => PATH_OF_NAMES.test(text(s, kept).replace(/\.as_bytes\(\)$/, '')))
    .map(([kept, other]) => ({ what: text(s, kept), edits: [replace(s, other!, text(s, kept))] }));
}

export const isNot = (s: Source, n: Syn): boolean => n.type === 'unary_expression' && text(s, n).startsWith('!');

/** One reason to refuse among several: without it the others still refuse. */
const alone = (c: Check): boolean => !all(c.condition, 'binary_expression').some(b => field(b, 'operator')!.type === '||');

export const open: Operator[] = [
  passing('check-if-set', 'the check is made only where a setting is there', c => [and(c, 'std::env::var("CHECKED").is_ok()')]),
  passing('check-if-debug', 'the check is made only in debug builds', c => [and(c, 'cfg!(debug_assertions)')]),
  // A header of its own cannot be sent by another site's form: against that, it protects as well.
  passing(
    'check-if-header',
    'whoever sends a header is not checked',
    (c, subject) => {
      const sent = header(subject.app.fnAt(c.source, c.node));
      return sent ? [and(c, `${sent}.is_none()`)] : [];
    },
    o => o.trigger !== 'csrf' && o.trigger !== 'origin',
  ),
  passing(
    'check-if-filled',
    'the check is made only where what was sent is not empty',
    (c, subject) => operands(c, subject).map(o => and(c, `!${o}.is_empty()`, o)),
    o => SENT.has(o.trigger),
  ),
  passing(
    'check-presence',
    'what was sent only has to be there',
    (c, subject) => operands(c, subject).map(o => ({ what: o, edits: [replace(c.source, c.condition, `${o}.is_empty()`)] })),
    o => SENT.has(o.trigger),
  ),
  passing('check-itself', 'something is compared with itself', c => (alone(c) ? reflexive(c.source, c.condition) : [])),
  {
    name: 'comparison-itself',
    title: 'a function that compares compares something with itself',
    run: subject =>
      subject.app.fns.flatMap(fn => {
        if (text(fn.source, field(fn.node, 'return_type')) !== 'bool') return [];
        const expected = changing(subject, subject.through(fn), p => decidedBy(subject, p, fn), LOST, PATH);
        const tail = named(fn.body).at(-1);
        // One of several alternatives decides for some of the endpoints only.
        if (expected.size === 0 || !tail || all(tail, 'closure_expression').length > 0) return [];
        return reflexive(fn.source, tail, false).map(v =>
          mutant('comparison-itself', fn.source, fn.node, `${fn.name} ${v.what}`, v.edits, expected),
        );
      }),
  },
  passing('check-or-true', 'what is asked for, or else `true`', c => {
    if (c.condition.type !== 'unary_expression' || !text(c.source, c.condition).startsWith('!')) return [];
    const asked = named(c.condition)[0]!;
    return [{ what: '', edits: [replace(c.source, asked, `(true || ${text(c.source, asked)})`)] }];
  }),
  {
    name: 'all-for-any',
    title: 'one of several scopes is enough',
    run: subject =>
      checks(subject).flatMap(c =>
        all(c.condition, 'call_expression').flatMap(call => {
          if (methodName(c.source, call) !== 'all') return [];
          const several = (p: Place): boolean => p.rust.guards.some(g => g.kind === 'authz' && g.requires.length > 1);
          const expected = new Map(c.places.filter(several).map(p => [p.key, { rules: LOST, also: [] }]));
          const edits = [replace(c.source, field(field(call, 'function'), 'field')!, 'any')];
          return expected.size > 0 ? [mutant('all-for-any', c.source, c.node, '', edits, expected)] : [];
        }),
      ),
  },
];
