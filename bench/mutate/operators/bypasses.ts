/** Ways past a check that still stands there: whom it believes, of whom it asks, and which way round it answers. */
import { changing, insert, LATE, LOST, losing, type Mutant, mutant, type Operator, PATH, replace } from '../mutant.js';
import { methodName, receiver } from '../routers.js';
import { baseName, type Fn } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { above, all, ancestors, field, named, type Source, type Syn, text } from '../syntax.js';
import { type Check, checks, negated, removing, WRITES } from './conditions.js';
import { needed, chain } from './defaults.js';
import { and, header, isNot, PATH_OF_NAMES, passing, type Variant } from './open.js';
import { callSites, decidedBy, dropping } from './results.js';
import { around, asking, variants } from './rights.js';

const one = (m: Mutant): Mutant[] => (m.expected.size > 0 ? [m] : []);
/** A condition that was turned round refuses more elsewhere. */
const turned = (m: Mutant): Mutant => ({ ...m, anywhere: ['access-tightened', 'refusal-changed'] });

/** How a function reads the method of the request that it was given. */
function methodOf(fn: Fn | undefined): string | undefined {
  const read = header(fn);
  if (read?.includes('.headers().get(')) return read.replace(/\.headers\(\)\.get\(.*$/, '.method()');
  return read?.includes('.headers.get(') ? read.replace(/\.headers\.get\(.*$/, '.method') : undefined;
}

/** What an operator needs to read a value that the request was sent with. */
const sentIn = (c: Check, subject: Subject, name: string): string | undefined =>
  header(subject.app.fnAt(c.source, c.node))?.replace('x-internal', name);

/** The enum of the application that a role is a variant of: `Role::Editor`, or a constant of a type, `R::MINIMUM`. */
function rolesOf(subject: Subject, s: Source, role: Syn): string[] | undefined {
  const type = baseName(text(s, field(role, 'path')));
  const found = subject.app.enums.has(type) ? type : constantType(subject, text(s, field(role, 'name')));
  const at = found && subject.app.enums.get(found);
  if (!at) return undefined;
  const module = at.source.path.replace(/^.*\bsrc\//, '').replace(/(\/mod)?\.rs$/, '');
  return variants(subject, found).map(v => `crate::${module.replaceAll('/', '::')}::${found}::${v}`);
}

function constantType(subject: Subject, name: string): string | undefined {
  for (const of of subject.app.impls.values())
    for (const i of of)
      for (const c of all(i.node, 'const_item'))
        if (text(i.source, field(c, 'name')) === name) return baseName(text(i.source, field(c, 'type')));
  return undefined;
}

/** Comparisons of a check: the operator and both sides. */
const comparisons = (c: Check): { operator: string; left: Syn; right: Syn }[] =>
  all(c.condition, 'binary_expression').map(b => ({
    operator: field(b, 'operator')!.type,
    left: field(b, 'left')!,
    right: field(b, 'right')!,
  }));

export const bypasses: Operator[] = [
  passing(
    'check-if-token',
    'whoever sends a word that stands in the source is not checked',
    (c, subject) => {
      const sent = sentIn(c, subject, 'x-dev-token');
      return sent ? [and(c, `${sent}.is_none_or(|sent| sent != "letmein")`)] : [];
    },
    o => o.trigger !== 'csrf' && o.trigger !== 'origin',
  ),
  {
    name: 'check-if-method',
    title: 'the check is made of one method only',
    run: subject =>
      checks(subject).flatMap(c => {
        const asked = methodOf(subject.app.fnAt(c.source, c.node));
        const methods = [...new Set(c.places.map(p => p.rust.method))];
        return asked
          ? methods.flatMap(m => {
              const expected = changing(
                subject,
                c.places.filter(p => p.rust.method === m),
                p => c.exits(p).filter(isProtective),
                LOST,
                PATH,
              );
              const edits = [replace(c.source, c.condition, `${asked} != "${m}" && (${text(c.source, c.condition)})`)];
              return one(mutant('check-if-method', c.source, c.node, `not ${m}`, edits, expected));
            })
          : [];
      }),
  },
  passing(
    'role-sent',
    'the role is the one that the request names',
    (c, subject) => {
      const sent = sentIn(c, subject, 'x-role');
      return comparisons(c).flatMap(({ operator, left, right }): Variant[] => {
        const roles = /^[<>]=?$/.test(operator) && right.type === 'scoped_identifier' ? rolesOf(subject, c.source, right) : undefined;
        if (!sent || !roles || !PATH_OF_NAMES.test(text(c.source, left))) return [];
        const arms = roles.slice(1).map((r, i) => `Some(b"${i + 1}") => ${r}, `);
        const value = `(match ${sent}.map(|sent| sent.as_bytes()) { ${arms.join('')}_ => ${roles[0]} })`;
        return [{ what: text(c.source, left), edits: [replace(c.source, left, value)] }];
      });
    },
    o => o.trigger === 'authz',
  ),
  passing(
    'identity-sent',
    'who asks is what the request says',
    (c, subject) => {
      const sent = sentIn(c, subject, 'x-user-id');
      const value = `${sent}.and_then(|sent| sent.to_str().ok()).and_then(|sent| sent.parse().ok()).unwrap_or(0)`;
      return comparisons(c).flatMap(({ operator, right }): Variant[] => {
        const id = [right, ...all(right, 'field_expression')].find(n => /^\w+(\.\w+)*\.id$/.test(text(c.source, n)));
        return sent && id && operator === '!=' ? [{ what: text(c.source, id), edits: [replace(c.source, id, value)] }] : [];
      });
    },
    o => o.trigger === 'ownership',
  ),
  passing(
    'owner-confused',
    'the number of the row is compared with that of the account',
    c =>
      comparisons(c).flatMap(({ operator, left, right }): Variant[] => {
        const column =
          left.type === 'field_expression' && /_id$/.test(text(c.source, field(left, 'field'))) ? field(left, 'field') : undefined;
        if (!column || operator !== '!=') return [];
        const row = text(c.source, field(left, 'value'));
        // A column that may be empty is compared with a number that is there.
        const value = /^Some\(/.test(text(c.source, right)) ? `Some(${row}.id)` : `${row}.id`;
        return [{ what: text(c.source, left), edits: [replace(c.source, left, value)] }];
      }),
    o => o.trigger === 'ownership',
  ),
  passing('none-passes', 'nobody counts as somebody', c =>
    all(c.condition, 'call_expression').flatMap((call): Variant[] => {
      const denied = [...ancestors(call)].filter(a => a.start >= c.condition.start && a.end <= c.condition.end && isNot(c.source, a));
      if (methodName(c.source, call) !== 'is_some_and' || denied.length % 2 === 0) return [];
      return [{ what: '', edits: [replace(c.source, field(field(call, 'function'), 'field')!, 'is_none_or')] }];
    }),
  ),
  removing('verdict-ignored', 'what the function answers is not looked at', c => {
    const asked = c.condition.type === 'unary_expression' && isNot(c.source, c.condition) ? named(c.condition)[0] : undefined;
    if (asked?.type !== 'call_expression' && asked?.type !== 'try_expression') return undefined;
    return [replace(c.source, c.statement, `let _ = ${text(c.source, asked)};`)];
  }),
  removing('verdict-is-ok', 'it is asked whether there was an answer, and not which', c => {
    const tried = c.condition.type === 'unary_expression' && isNot(c.source, c.condition) ? named(c.condition)[0] : undefined;
    if (tried?.type !== 'try_expression') return undefined;
    return [replace(c.source, tried, `${text(c.source, named(tried)[0])}.is_ok()`)];
  }),
  {
    name: 'comparison-inverted',
    title: 'a function that compares answers the other way round',
    run: subject =>
      subject.app.fns.flatMap(fn => {
        const s = fn.source;
        const tail = named(fn.body).at(-1);
        if (text(s, field(fn.node, 'return_type')) !== 'bool' || !tail || !/expression$/.test(tail.type)) return [];
        const expected = changing(subject, subject.through(fn), p => decidedBy(subject, p, fn), LOST, PATH);
        const equal = methodName(s, tail) === 'into' ? receiver(tail) : undefined;
        const edits = [equal ? replace(s, equal, `(!${text(s, equal)})`) : replace(s, tail, negated(s, tail))];
        return one(turned(mutant('comparison-inverted', s, fn.node, fn.name, edits, expected)));
      }),
  },
  {
    name: 'filter-inverted',
    title: 'of a row just the wrong ones are taken',
    run: subject =>
      needed(subject).flatMap(({ source, value, exits, places }) =>
        [...chain(value)].flatMap(call => {
          const closure = methodName(source, call) === 'filter' ? named(field(call, 'arguments'))[0] : undefined;
          const body = closure?.type === 'closure_expression' ? field(closure, 'body') : undefined;
          if (!body || body.type === 'block') return [];
          const expected = changing(subject, places, p => exits(p).filter(isProtective), LOST, PATH);
          const edits = [replace(source, body, negated(source, body))];
          return one(turned(mutant('filter-inverted', source, call, text(source, closure), edits, expected)));
        }),
      ),
  },
  {
    name: 'role-order',
    title: 'the order of the roles is reversed',
    run: subject =>
      [...subject.app.enums].flatMap(([name, { source, node }]) => {
        const each = all(node, 'enum_variant');
        const names = variants(subject, name);
        const ordered = new RegExp(`derive\\([^)]*\\bPartialOrd\\b[^)]*\\)\\]\\s*(#\\[[^\\]]*\\]\\s*)*(pub )?enum ${name}\\b`).test(
          source.text,
        );
        const places = subject.places.filter(p => names.slice(1).some(n => asking(subject, p, n) > 0));
        if (!ordered || names.length < 2 || places.length === 0) return [];
        const edits = each.map((v, i) => replace(source, v, text(source, each[each.length - 1 - i])));
        const m = mutant('role-order', source, node, name, edits, new Map());
        // A number of its own is what a variant is ordered by, wherever it stands.
        if (each.every(v => field(v, 'value'))) return [{ ...m, equivalent: 'each role has a number of its own, and is ordered by it' }];
        return [
          turned({ ...m, expected: new Map(places.map(p => [p.key, { rules: LOST, also: ['access-tightened', 'refusal-changed'] }])) }),
        ];
      }),
  },
  dropping('result-defaulted', '`.unwrap_or_default()` instead of `?`', c => [
    replace(c.source, c.statement, `${text(c.source, c.call)}${c.awaited ? '.await' : ''}.unwrap_or_default();`),
  ]),
  dropping('call-if-set', 'the function that checks is called only where a setting is there', c => [
    replace(c.source, c.statement, `if std::env::var("CHECKED").is_ok() { ${text(c.source, c.statement)} }`),
  ]),
  {
    name: 'call-after-effect',
    title: 'the function that checks is called after the effect',
    run: subject =>
      callSites(subject).flatMap(c => {
        const block = above(c.statement, 'block')!;
        const after = named(block);
        const effect = after
          .slice(after.indexOf(c.statement) + 1)
          .find(n => WRITES.test(text(c.source, n)) || STORES.test(text(c.source, n)));
        const handled = subject.places.filter(p => p.handler === c.fn);
        if (effect?.type !== 'expression_statement' || handled.length === 0) return [];
        const refused = (p: Place) => subject.but(p, subject.exitsOf(p, c.callees)).filter(isProtective);
        const expected = changing(subject, handled, refused, [...LATE, ...LOST]);
        const edits = [replace(c.source, c.statement, ''), insert(c.source, effect.end, `\n${text(c.source, c.statement)}`)];
        return one(mutant('call-after-effect', c.source, c.statement, text(c.source, field(c.call, 'function')), edits, expected));
      }),
  },
  {
    name: 'arm-widened',
    title: 'the arm of a `match` that lets in takes what another one refused',
    run: subject =>
      refusingArms(subject).flatMap(({ fn, arm, value, before }) => {
        const passes = before.find(a => /^Ok\(/.test(text(fn.source, field(a, 'value'))));
        const pattern = field(passes, 'pattern');
        const own = field(arm, 'pattern')!;
        if (!pattern || field(own, 'condition') || all(pattern, 'identifier').length + all(own, 'identifier').length > 0) return [];
        const expected = losing(subject, subject.through(fn), p => subject.exitsIn(p, fn.source, value));
        return one(mutant('arm-widened', fn.source, arm, '', [insert(fn.source, pattern.end, ` | ${text(fn.source, own)}`)], expected));
      }),
  },
  {
    name: 'arm-dropped',
    title: 'the refusing arm of a `match` is deleted',
    run: subject =>
      refusingArms(subject).flatMap(({ fn, arm, value }) => {
        if (!field(field(arm, 'pattern'), 'condition')) return [];
        const expected = losing(subject, subject.through(fn), p => subject.exitsIn(p, fn.source, value).filter(isProtective));
        return one(mutant('arm-dropped', fn.source, arm, '', [replace(fn.source, arm, '')], expected));
      }),
  },
  {
    name: 'query-either',
    title: 'the query takes a row that fits in one way only',
    run: subject =>
      subject.app.fns.flatMap(fn =>
        all(fn.body, 'call_expression').flatMap(call => {
          const places = subject.through(fn).filter(p => around(subject, p, fn, call).some(isProtective));
          const edits = places.length > 0 ? either(fn.source, call) : undefined;
          const expected = changing(subject, places, p => around(subject, p, fn, call).filter(isProtective), LOST, PATH);
          return edits ? one(mutant('query-either', fn.source, call, '', edits, expected)) : [];
        }),
      ),
  },
  {
    name: 'row-unasked',
    title: 'the query no longer asks whether the account or key is still good',
    run: subject =>
      subject.app.fns.flatMap(fn =>
        all(fn.body, 'call_expression').flatMap(call => {
          const places = subject.through(fn).filter(p => around(subject, p, fn, call).some(isProtective));
          const edits = places.length > 0 ? unconditional(fn.source, call) : undefined;
          const expected = changing(subject, places, p => around(subject, p, fn, call).filter(isProtective), LOST, PATH);
          return edits ? one(mutant('row-unasked', fn.source, call, '', edits, expected)) : [];
        }),
      ),
  },
];

/** `diesel::delete(..).execute(conn)?`. */
const STORES = /\bdiesel::(delete|update|insert_into)\b/;

/** Arms that refuse, with those of the same `match` that stand before them. */
function refusingArms(subject: Subject): { fn: Fn; arm: Syn; value: Syn; before: Syn[] }[] {
  return subject.app.fns.flatMap(fn =>
    all(fn.body, 'match_arm').flatMap(arm => {
      const value = field(arm, 'value')!;
      const siblings = named(arm.parent);
      return /^Err\(/.test(text(fn.source, value)) ? [{ fn, arm, value, before: siblings.slice(0, siblings.indexOf(arm)) }] : [];
    }),
  );
}

/** `WHERE a = ? OR b = ?` for `AND`, and `.or_filter(..)` for the second `.filter(..)`. */
function either(s: Source, call: Syn): Mutant['edits'] | undefined {
  const first = named(field(call, 'arguments'))[0];
  if (!first) return undefined;
  // What the filters after it ask for still has to hold: where only those ask for the owner, nothing is lost.
  const asksWhose = /_id\.eq\(\w+\.id\)/.test(text(s, call));
  if (
    asksWhose &&
    methodName(s, call) === 'filter' &&
    /^\w+::\w+_id\.eq\(/.test(text(s, first)) &&
    methodName(s, receiver(call)!) === 'filter'
  )
    return [replace(s, field(field(call, 'function'), 'field')!, 'or_filter')];
  const found = first.type === 'string_literal' ? /^"SELECT\b.* WHERE \w+ = \?( AND )\w+ = \?/s.exec(text(s, first)) : null;
  if (!found) return undefined;
  const start = first.start + found[0].lastIndexOf(' AND ');
  return [{ file: s.path, start, end: start + 5, text: ' OR ' }];
}

/** `SELECT .. WHERE id = ? AND active`, and `.filter(keys::revoked.eq(false))`. */
function unconditional(s: Source, call: Syn): Mutant['edits'] | undefined {
  const first = named(field(call, 'arguments'))[0];
  if (!first) return undefined;
  if (methodName(s, call) === 'filter' && /^\w+::\w+\.eq\((true|false)\)$/.test(text(s, first)))
    return [{ file: s.path, start: receiver(call)!.end, end: call.end, text: '' }];
  const found = first.type === 'string_literal' ? /^"SELECT\b.* WHERE \w+ = \?( AND (NOT )?\w+)"$/s.exec(text(s, first)) : null;
  if (!found) return undefined;
  const end = first.end - 1;
  return [{ file: s.path, start: end - found[1]!.length, end, text: '' }];
}
