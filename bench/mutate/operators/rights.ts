/** What a guard asks for: roles, scopes, whose row it is; and how it answers. */
import type { Outcome } from '../../../src/contract/types.js';
import { ANSWER, changing, type Expectation, LOST, losing, type Mutant, mutant, type Operator, PATH, replace } from '../mutant.js';
import { argument, methodName, receiver } from '../routers.js';
import { baseName, type Fn } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { above, all, ancestors, field, named, type Source, type Syn, text } from '../syntax.js';
import { checks } from './conditions.js';

const word = (s: string): string => s.replace(/^.*(::|\.)/, '').toLowerCase();

/** What a right is called in the code: of a role and all above it (`role >= Role::Editor`) the least, of several otherwise each. */
function calledBy(subject: Subject, right: string): string[] {
  const names = right.split('|').map(word);
  const order = variants(subject, right.replace(/\..*$/, '')).map(word);
  const above = order.slice(order.indexOf(names[0] as string));
  return names.length > 1 && above.length === names.length && above.every(n => names.includes(n)) ? names.slice(0, 1) : names;
}

/** How often a place asks for a role or scope of this name in its guards. */
export const asking = (subject: Subject, p: Place, name: string): number =>
  p.rust.guards.filter(g => g.kind === 'authz' && g.requires.some(r => calledBy(subject, r).includes(word(name)))).length;

/** The variants of an enum of the application, in their order. */
export function variants(subject: Subject, name: string): string[] {
  const found = subject.app.enums.get(name);
  return found ? all(found.node, 'enum_variant').map(v => text(found.source, field(v, 'name'))) : [];
}

/** Endpoints before which the name at this place decides: in a check, a call whose refusal leaves, a layer, a constant of a type. */
function decides(subject: Subject, s: Source, n: Syn): Place[] {
  const layer = subject.routers.layers.find(
    l => l.source === s && argument(l.call, 0)!.start <= n.start && n.end <= argument(l.call, 0)!.end,
  );
  if (layer) return subject.places.filter(p => layer.covers.has(p.handler));
  const check = checks(subject).find(c => c.source === s && c.condition.start <= n.start && n.end <= c.condition.end);
  if (check) return check.places;
  const constant = above(n, 'const_item');
  const impl = constant && above(constant, 'impl_item');
  // The constant of a type that stands for a role: what is generic in that type asks for it.
  if (impl && field(impl, 'trait'))
    return subject.places.filter(p =>
      p.rust.guards.some(
        g =>
          g.kind === 'authz' &&
          g.requires.some(r => calledBy(subject, r).join() === word(text(s, field(n, 'name')))) &&
          subject.app.fns.some(f => subject.app.structs.get(f.self ?? '')?.generics && subject.standsIn(g.location, f)),
      ),
    );
  const tried = above(n, 'try_expression');
  const fn = subject.app.fnAt(s, n);
  const call = tried && above(n, 'call_expression');
  if (!fn || !call || call.start < tried.start) return [];
  const runs = subject.app.reach(subject.app.edges(fn).find(e => e.site === call)?.to ?? []);
  return subject.through(fn).filter(p => subject.exitsOf(p, runs).some(isProtective));
}

function asked(subject: Subject, name: string, places: readonly Place[]): Map<string, Expectation> {
  return new Map(places.filter(p => asking(subject, p, name) > 0).map(p => [p.key, { rules: LOST, also: ANSWER }]));
}

/** The same name elsewhere on the way of every endpoint: then nothing is lost. */
const elsewhere = (subject: Subject, name: string, places: readonly Place[]): boolean =>
  places.length > 0 && places.every(p => asking(subject, p, name) > 1);

/** Enums of the application that errors are made of. */
const errors = (subject: Subject): Set<string> =>
  new Set(
    ['IntoResponse', 'ResponseError'].flatMap(t => (subject.app.impls.get(t) ?? []).map(i => i.type)).filter(t => subject.app.enums.has(t)),
  );

interface ErrorSite {
  source: Source;
  /** `AppError::Forbidden("..")`, or without arguments. */
  node: Syn;
  /** `AppError::`. */
  prefix: string;
  variant: string;
  /** Text of the arguments with their parentheses. */
  args: string;
  fn: Fn;
  places: Place[];
  exits: (p: Place) => Outcome[];
}

/** Every place where an error of the application is made that leaves an endpoint. */
function errorSites(subject: Subject): ErrorSite[] {
  const kinds = errors(subject);
  return subject.app.fns.flatMap(fn => {
    if (fn.self && kinds.has(fn.self)) return [];
    const s = fn.source;
    return all(fn.body, 'scoped_identifier').flatMap(n => {
      const type = baseName(text(s, field(n, 'path')));
      if (!kinds.has(type) || /pattern$/.test(n.parent?.type ?? '')) return [];
      const call = n.parent?.type === 'call_expression' && field(n.parent, 'function') === n ? n.parent : undefined;
      const node = call ?? n;
      const through = subject.through(fn);
      // The exit stands somewhere around it, at the nearest that has one.
      const whole = [node, ...ancestors(node)]
        .slice(0, 8)
        .find(a => a.start >= fn.body.start && through.some(p => subject.exitsIn(p, s, a).length > 0));
      const exits = (p: Place): Outcome[] => (whole ? subject.exitsIn(p, s, whole) : []);
      const places = through.filter(p => exits(p).length > 0);
      // Several errors in one expression: which exit is whose is not known.
      if (
        !whole ||
        places.length === 0 ||
        all(whole, 'scoped_identifier').filter(x => kinds.has(baseName(text(s, field(x, 'path'))))).length > 1
      )
        return [];
      const prefix = `${text(s, field(n, 'path'))}::`;
      return [
        {
          source: s,
          node,
          prefix,
          variant: text(s, field(n, 'name')),
          args: call ? text(s, field(call, 'arguments')) : '',
          fn,
          places,
          exits,
        },
      ];
    });
  });
}

/** Shape of a variant: the text of what it carries. */
function shapes(subject: Subject, type: string): Map<string, string> {
  const found = subject.app.enums.get(type)!;
  return new Map(
    all(found.node, 'enum_variant').map(v => [text(found.source, field(v, 'name')), text(found.source, field(v, 'body'))] as const),
  );
}

/** How a variant answers, as far as an endpoint of the clean port shows it. */
function answersOf(sites: readonly ErrorSite[]): Map<string, Outcome> {
  const out = new Map<string, Outcome>();
  for (const x of sites) for (const p of x.places) for (const o of x.exits(p)) if (!out.has(x.variant)) out.set(x.variant, o);
  return out;
}

/** An operator that lets an error be another one. */
function answering(
  name: string,
  title: string,
  other: (x: ErrorSite, answers: Map<string, Outcome>, shape: Map<string, string>) => string | undefined,
): Operator {
  return {
    name,
    title,
    run: subject => {
      const sites = errorSites(subject);
      const answers = answersOf(sites);
      return sites.flatMap(x => {
        const instead = other(x, answers, shapes(subject, baseName(x.prefix.slice(0, -2))));
        if (!instead) return [];
        const expected = changing(subject, x.places, x.exits, ANSWER, [...PATH, ...ANSWER]);
        for (const [key, e] of expected) {
          const p = x.places.find(q => q.key === key)!;
          if (!x.exits(p).some(isProtective)) expected.set(key, { ...e, rules: [...ANSWER, ...PATH] });
        }
        if (expected.size === 0) return [];
        // Where the same answer is given for another reason as well, the change may be seen and need not.
        for (const p of x.places) if (!expected.has(p.key)) expected.set(p.key, { rules: [], also: [...ANSWER, ...PATH] });
        return [
          mutant(name, x.source, x.node, `${x.variant} → ${instead}`, [replace(x.source, x.node, `${x.prefix}${instead}`)], expected),
        ];
      });
    },
  };
}

export const rights: Operator[] = [
  {
    name: 'role-swapped',
    title: 'a lower role is asked for',
    run: subject =>
      [...subject.sources.values()].flatMap(s =>
        all(s.root, 'scoped_identifier').flatMap(n => {
          const role = text(s, field(n, 'name'));
          const order = variants(subject, baseName(text(s, field(n, 'path'))));
          const lower = order[order.indexOf(role) - 1];
          if (!lower) return [];
          const expected = asked(subject, role, decides(subject, s, n));
          return expected.size > 0
            ? [mutant('role-swapped', s, n, `${role} → ${lower}`, [replace(s, field(n, 'name')!, lower)], expected)]
            : [];
        }),
      ),
  },
  {
    name: 'role-type-swapped',
    title: 'the guard is taken with the type of another role',
    run: subject =>
      [...subject.sources.values()].flatMap(s =>
        all(s.root, 'type_arguments').flatMap(list => {
          const [arg] = named(list);
          const param = above(list, 'parameter');
          if (!arg || named(list).length !== 1 || arg.type !== 'type_identifier' || !param) return [];
          const own = text(s, arg);
          const [, trait] = [...subject.app.impls].flatMap(([t, of]) => (of.some(i => i.type === own) ? [of, t] : [])) as [
            unknown,
            string?,
          ];
          const value = (type: string): string => constantOf(subject, trait ?? '', type);
          const types = (subject.app.impls.get(trait ?? '') ?? []).map(i => i.type);
          const order = variants(subject, /^(\w+)::/.exec(value(own))?.[1] ?? '');
          const rank = (type: string): number => order.indexOf(value(type).replace(/^.*::/, ''));
          const lower = types.find(t => rank(t) >= 0 && rank(t) === rank(own) - 1);
          const fn = subject.app.fnAt(s, list);
          if (!lower || !fn || !new RegExp(`\\b${lower}\\b`).test(s.text)) return [];
          const expected = asked(
            subject,
            value(own),
            subject.through(fn).filter(p => p.handler === fn),
          );
          return expected.size > 0 ? [mutant('role-type-swapped', s, arg, `${own} → ${lower}`, [replace(s, arg, lower)], expected)] : [];
        }),
      ),
  },
  {
    name: 'role-dropped',
    title: 'one of several scopes is no longer asked for',
    run: subject =>
      [...subject.sources.values()].flatMap(s =>
        [...all(s.root, 'array_expression'), ...all(s.root, 'token_tree').filter(t => s.text[t.start] === '[')].flatMap(list => {
          const words = all(list, 'string_literal');
          if (words.length < 2 || named(list).some(x => x.type !== 'string_literal')) return [];
          const names = words.map(w => text(s, w).slice(1, -1));
          const places = reading(subject, s, list).filter(p => names.every(n => asking(subject, p, n) > 0));
          return words.flatMap((_, i): Mutant[] => {
            const rest = names.filter((__, j) => j !== i).map(n => `"${n}"`);
            const m = mutant(
              'role-dropped',
              s,
              list,
              names[i]!,
              [replace(s, list, `[${rest.join(', ')}]`)],
              asked(subject, names[i]!, places),
            );
            if (places.length === 0) return [];
            return elsewhere(subject, names[i]!, places)
              ? [{ ...m, expected: new Map(), equivalent: 'the same scope is asked for by another guard on each endpoint' }]
              : [m];
          });
        }),
      ),
  },
  {
    name: 'owner-dropped',
    title: 'the query no longer asks whose row it is',
    run: subject =>
      subject.app.fns.flatMap(fn => {
        const s = fn.source;
        const through = subject.through(fn);
        return all(fn.body, 'call_expression').flatMap(call => {
          const exits = (p: Place): Outcome[] => around(subject, p, fn, call).filter(o => o.trigger === 'ownership');
          const places = through.filter(p => exits(p).length > 0);
          const edits = places.length > 0 ? (byFilter(s, call) ?? byStatement(s, call)) : undefined;
          if (!edits) return [];
          const expected = losing(subject, places, exits);
          return expected.size > 0 ? [mutant('owner-dropped', s, call, '', edits, expected)] : [];
        });
      }),
  },
  answering('status-changed', 'the refusal or error is another one of the same kind', (x, answers, shape) => {
    const own = answers.get(x.variant);
    const others = [...answers].filter(
      ([v, o]) => v !== x.variant && shape.get(v) === shape.get(x.variant) && o.status !== own?.status && !o.redirect && !own?.redirect,
    );
    return others[0] ? `${others[0][0]}${x.args}` : undefined;
  }),
  answering('redirect-to-error', 'an error in place of the redirect', (x, answers, shape) => {
    if (answers.get(x.variant)?.redirect === undefined) return undefined;
    const plain = [...answers].find(([v, o]) => o.redirect === undefined && shape.get(v) === "(&'static str)");
    return plain && `${plain[0]}("Refused.")`;
  }),
  answering('error-to-redirect', 'a redirect in place of the error', (x, answers, shape) => {
    if (answers.get(x.variant)?.redirect !== undefined) return undefined;
    return [...answers].find(([v, o]) => o.redirect !== undefined && !shape.get(v))?.[0];
  }),
  {
    name: 'csrf-dropped',
    title: 'the form token or the origin is no longer checked',
    run: subject =>
      checks(subject).flatMap(c => {
        const exits = (p: Place): Outcome[] => c.exits(p).filter(o => o.trigger === 'csrf' || o.trigger === 'origin');
        const expected = losing(subject, c.places, exits);
        return expected.size > 0
          ? [
              mutant(
                'csrf-dropped',
                c.source,
                c.node,
                '',
                [replace(c.source, c.condition, `false && (${text(c.source, c.condition)})`)],
                expected,
              ),
            ]
          : [];
      }),
  },
];

/** Refusals beside a query, or where the function is called that makes it. */
export function around(subject: Subject, p: Place, fn: Fn, call: Syn): Outcome[] {
  const sites = [...p.reached].flatMap(f => subject.app.edges(f).flatMap(e => (e.to.includes(fn) ? [{ s: f.source, n: e.site }] : [])));
  return [{ s: fn.source, n: call }, ...sites].flatMap(x => subject.exitsIn(p, x.s, statementOf(x.n)));
}

/** Endpoints on whose way a function runs that has the value at this place in it, or names the constant that it is. */
function reading(subject: Subject, s: Source, n: Syn): Place[] {
  const constant = above(n, 'const_item') ?? above(n, 'static_item');
  const fn = subject.app.fnAt(s, n);
  if (!constant || fn) return fn ? subject.through(fn) : subject.places;
  const name = new RegExp(`\\b${text(s, field(constant, 'name'))}\\b`);
  const shared = /^pub\b/.test(text(s, constant));
  return subject.places.filter(p => [...p.reached].some(f => (f.source === s || shared) && name.test(text(f.source, f.body))));
}

/** The value of the constant that an impl of the trait for the type has. */
function constantOf(subject: Subject, trait: string, type: string): string {
  const impl = (subject.app.impls.get(trait) ?? []).find(i => i.type === type);
  const constant = impl && all(impl.node, 'const_item')[0];
  return constant ? text(impl.source, field(constant, 'value')) : '';
}

const statementOf = (n: Syn): Syn =>
  [n, ...ancestors(n)].find(x => /^(let_declaration|expression_statement)$/.test(x.type) || x.parent?.parent?.type === 'function_item') ??
  n;

/** `.filter(posts::author_id.eq(user.id))`. */
function byFilter(s: Source, call: Syn): Mutant['edits'] | undefined {
  const asks = methodName(s, call) === 'filter' ? text(s, argument(call, 0)) : '';
  if (!/::\w+_id\.eq\(\w+(\.\w+)*\.id\)$/.test(asks)) return undefined;
  return [{ file: s.path, start: receiver(call)!.end, end: call.end, text: '' }];
}

/** `.. AND user_id = ?` with its `.bind(..)`. */
function byStatement(s: Source, call: Syn): Mutant['edits'] | undefined {
  const literal = argument(call, 0);
  const sql = literal?.type === 'string_literal' ? text(s, literal) : '';
  const found = / AND \w+_id = \?/.exec(sql);
  if (!literal || !found || !/^"(SELECT|UPDATE|DELETE)\b/.test(sql)) return undefined;
  const nth = sql.slice(0, found.index + found[0].length).split('?').length - 1;
  let bind: Syn | undefined;
  let n = 0;
  for (let c: Syn | undefined = call; c; c = c.parent?.type === 'field_expression' ? c.parent.parent : undefined)
    if (methodName(s, c) === 'bind' && ++n === nth) bind = c;
  if (!bind || !/^\w+(\.\w+)*id$/.test(text(s, argument(bind, 0)))) return undefined;
  return [
    { file: s.path, start: literal.start + found.index, end: literal.start + found.index + found[0].length, text: '' },
    { file: s.path, start: receiver(bind)!.end, end: bind.end, text: '' },
  ];
}
