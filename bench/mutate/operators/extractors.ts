/** Guards that are types of parameters. */
import type { Outcome } from '../../../src/contract/types.js';
import { ANSWER, changing, insert, LOST, losing, type Mutant, mutant, type Operator, PATH, replace, TAKES } from '../mutant.js';
import { argument } from '../routers.js';
import { type Fn, moduleOf, type Param, type Structure, without } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { all, field, named, text, walk } from '../syntax.js';

/** A parameter of a handler or middleware that is made from the request by the application's own code. */
interface Guard {
  fn: Fn;
  param: Param;
  name: string;
  runs: Set<Fn>;
}

function guards(subject: Subject): Guard[] {
  const roots = new Set(subject.places.flatMap(p => p.roots));
  return [...roots]
    .filter(f => !f.self)
    .flatMap(fn =>
      fn.params.flatMap(param => {
        const runs = subject.app.reach(subject.app.extractors(fn.source, param.type));
        const { name } = subject.app.typeOf(fn.source, param.type);
        return runs.size > 0 ? [{ fn, param, name, runs }] : [];
      }),
    );
}

/** Names that a parameter binds and the body uses. */
function used(g: Guard): string[] {
  const bound = new Set(
    [...walk(g.param.pattern)].filter(n => /identifier$/.test(n.type) && n.type !== 'type_identifier').map(n => text(g.fn.source, n)),
  );
  const body = new Set([...all(g.fn.body, 'identifier'), ...all(g.fn.body, 'shorthand_field_identifier')].map(n => text(g.fn.source, n)));
  const macros = all(g.fn.body, 'token_tree')
    .map(n => text(g.fn.source, n))
    .join(' ');
  return [...bound].filter(b => body.has(b) || new RegExp(`\\b${b}\\b`).test(macros));
}

/** Exits that no longer stand on the way of an endpoint when this parameter is another (or none). */
function lostWith(subject: Subject, g: Guard, instead: readonly Fn[]): (p: Place) => Outcome[] {
  return p => {
    const rest = subject.app.reach(p.roots, (site, f) => f === g.fn && site === g.param.node);
    for (const f of subject.app.reach(instead)) rest.add(f);
    // With other arguments the same code asks for something else.
    if (subject.app.structs.get(g.name)?.generics && !again(subject, p, g)) for (const f of own(subject, g)) rest.delete(f);
    const lost = subject.exitsOf(p, new Set([...g.runs].filter(f => !rest.has(f))));
    return subject.but(p, lost);
  };
}

const own = (subject: Subject, g: Guard): Fn[] => subject.app.extractors(g.fn.source, g.param.type);

/** The very same type, arguments and all, for another parameter or in a layer before the endpoint. */
function again(subject: Subject, p: Place, g: Guard): boolean {
  const wanted = text(g.fn.source, g.param.type);
  return (
    p.roots.some(f => f.params.some(o => o !== g.param && text(f.source, o.type) === wanted)) ||
    subject.routers.layers.some(l => l.covers.has(p.handler) && text(l.source, argument(l.call, 0)).includes(wanted))
  );
}

/** A mutant that loses something, or one of which it is proved that the same functions of the guard still run. */
function made(subject: Subject, name: string, g: Guard, what: string, edits: Mutant['edits'], instead: readonly Fn[] = []): Mutant[] {
  const lost = lostWith(subject, g, instead);
  const places = subject.through(g.fn);
  const expected = losing(subject, places, lost);
  // What no layer has put into the request is not there: then everybody is refused.
  if (instead.some(f => TAKES.test(text(f.source, f.body))))
    for (const [key, e] of expected) expected.set(key, { ...e, rules: [...e.rules, 'access-tightened'] });
  const m = mutant(name, g.fn.source, g.param.node, `${g.fn.name} ${what}`, edits, expected);
  if (expected.size > 0) return [m];
  const protects = places.some(p => subject.exitsOf(p, g.runs).some(isProtective));
  const same = places.every(p => lost(p).length === 0);
  return protects && same
    ? [{ ...m, equivalent: 'whatever it refuses is refused on each endpoint for another parameter or by a layer' }]
    : [];
}

/** A type of the application with its whole path: the file need not have imported it. */
function pathOf(subject: Subject, type: string): string {
  const item = subject.app.enums.get(type);
  return item ? ['crate', ...moduleOf(item.source.path), type].join('::') : type;
}

const errorOf = (subject: Subject, g: Guard): string => {
  for (const f of subject.app.extractors(g.fn.source, g.param.type)) {
    const impl = f.node.parent?.parent;
    const rejection = all(impl, 'type_item').find(t => /^(Rejection|Error)$/.test(text(f.source, field(t, 'name'))));
    if (rejection) return pathOf(subject, text(f.source, field(rejection, 'type')));
  }
  return pathOf(subject, 'AppError');
};

/** Types of the application that a parameter could take instead: they bind what the pattern and the body need. */
function siblings(subject: Subject, g: Guard): { type: string; runs: Fn[] }[] {
  const own = subject.app.structs.get(g.name);
  if (!own) return [];
  const { args } = subject.app.typeOf(g.fn.source, g.param.type);
  const argument = args.map(a => text(a.source, a.node)).join(', ');
  return [...subject.app.structs.values()].flatMap(other => {
    const runs = subject.app.fns.filter(f => f.self === other.name && /^FromRequest(Parts)?$/.test(f.trait ?? ''));
    if (runs.length === 0 || other.name === own.name || !visible(subject, g, other)) return [];
    const sameArguments = other.generics === own.generics && other.tuple && own.tuple;
    if (other.generics > 0 && !sameArguments) return [];
    const reach = subject.app.reach(runs);
    // It asks for no more: what runs for it runs for the other one, and its own code keeps nobody out.
    const keeps =
      subject.through(g.fn).length > 0 &&
      runs.some(f => !g.runs.has(f) && subject.places.some(p => subject.exitsIn(p, f.source, f.node).some(isProtective)));
    if (keeps || ![...reach].every(f => g.runs.has(f) || runs.includes(f))) return [];
    return binds(g, own, other) ? [{ type: other.generics > 0 ? `${other.name}<${argument}>` : other.name, runs }] : [];
  });
}

const visible = (subject: Subject, g: Guard, other: Structure): boolean =>
  g.fn.source === other.source ||
  new RegExp(`\\b${other.name}\\b`).test(g.fn.source.text) ||
  subject.app.structs.get(g.name)?.source === other.source;

function binds(g: Guard, own: Structure, other: Structure): boolean {
  const pattern = g.param.pattern;
  if (pattern.type === 'tuple_struct_pattern') return own.tuple && other.tuple && own.fields.get('0') === other.fields.get('0');
  const names =
    pattern.type === 'struct_pattern'
      ? named(pattern)
          .filter(n => n.type === 'field_pattern')
          .map(n => text(g.fn.source, field(n, 'name')))
      : [...new RegExp(`\\b${text(g.fn.source, pattern)}\\.(\\w+)`, 'g')[Symbol.matchAll](text(g.fn.source, g.fn.body))].map(m => m[1]!);
  if (pattern.type !== 'struct_pattern' && used(g).length > 0 && names.length === 0) return false;
  return names.every(n => other.fields.has(n) && other.fields.get(n) === own.fields.get(n));
}

export const extractors: Operator[] = [
  {
    name: 'extractor-dropped',
    title: 'the parameter that guards is deleted',
    run: subject =>
      guards(subject).flatMap(g =>
        used(g).length > 0 ? [] : made(subject, 'extractor-dropped', g, g.name, [without(g.fn.source, g.param.node)]),
      ),
  },
  {
    name: 'extractor-result',
    title: 'the guard is taken as a `Result` that nobody looks at',
    run: subject =>
      guards(subject).flatMap(g => {
        if (used(g).length > 0 || g.name === 'Option') return [];
        const type = text(g.fn.source, g.param.type);
        const edits = [replace(g.fn.source, g.param.node, `_checked: std::result::Result<${type}, ${errorOf(subject, g)}>`)];
        return made(subject, 'extractor-result', g, g.name, edits);
      }),
  },
  {
    name: 'extractor-option',
    title: 'the guard is taken as an `Option` that nobody looks at',
    run: subject =>
      guards(subject).flatMap(g => {
        const inner = g.name;
        // axum 0.8 asks for an implementation of its own; elsewhere every extractor can be optional.
        const can = subject.framework !== 'axum' || subject.app.fns.some(f => f.trait === 'OptionalFromRequestParts' && f.self === inner);
        if (!can || used(g).length > 0 || inner === 'Option') return [];
        const edits = [replace(g.fn.source, g.param.node, `_checked: Option<${text(g.fn.source, g.param.type)}>`)];
        return made(subject, 'extractor-option', g, inner, edits);
      }),
  },
  {
    name: 'extractor-gated',
    title: 'the guard is a parameter only with a feature that is off',
    run: subject =>
      guards(subject).flatMap(g => {
        if (used(g).length > 0) return [];
        const edits = [insert(g.fn.source, g.param.node.start, '#[cfg(feature = "strict")] ')];
        return made(subject, 'extractor-gated', g, g.name, edits);
      }),
  },
  {
    name: 'extractor-unwrapped',
    title: 'the guard is taken as a `Result` and unwrapped: a panic instead of the refusal',
    run: subject =>
      guards(subject).flatMap(g => {
        if (g.param.pattern.type !== 'identifier' || used(g).length === 0 || g.name === 'Option') return [];
        const [name, type] = [text(g.fn.source, g.param.pattern), text(g.fn.source, g.param.type)];
        const edits = [
          replace(g.fn.source, g.param.node, `${name}: std::result::Result<${type}, ${errorOf(subject, g)}>`),
          { file: g.fn.source.path, start: g.fn.body.start + 1, end: g.fn.body.start + 1, text: `\n    let ${name} = ${name}.unwrap();` },
        ];
        const lost = lostWith(subject, g, []);
        const expected = changing(subject, subject.through(g.fn), p => lost(p).filter(isProtective), ANSWER, [...LOST, ...PATH]);
        return expected.size > 0
          ? [mutant('extractor-unwrapped', g.fn.source, g.param.node, `${g.fn.name} ${g.name}`, edits, expected)]
          : [];
      }),
  },
  {
    name: 'extractor-weakened',
    title: 'the guard is replaced by one that asks for less',
    run: subject =>
      guards(subject).flatMap(g =>
        siblings(subject, g).flatMap(({ type, runs }) => {
          const source = g.fn.source;
          const pattern = text(source, g.param.pattern).replace(new RegExp(`^${g.name}\\b`), type.replace(/<.*/, ''));
          const edits = [replace(source, g.param.node, `${pattern}: ${type}`), ...imported(subject, g, type)];
          return made(subject, 'extractor-weakened', g, `${g.name} → ${type}`, edits, runs).filter(m => !m.equivalent);
        }),
      ),
  },
];

/** A `use` for a type that the file does not know yet: from where it has the type that is replaced. */
function imported(subject: Subject, g: Guard, type: string): Mutant['edits'] {
  const source = g.fn.source;
  const name = type.replace(/<.*/, '');
  const other = subject.app.structs.get(name)!;
  if (other.source === source || all(source.root, 'use_declaration').some(u => new RegExp(`\\b${name}\\b`).test(text(source, u))))
    return [];
  const use = all(source.root, 'use_declaration').find(u => new RegExp(`\\b${g.name}\\b`).test(text(source, u)));
  const path = /^use ([\w:]+)::/.exec(text(source, use))?.[1];
  return use && path ? [{ file: source.path, start: use.start, end: use.start, text: `use ${path}::${name};\n` }] : [];
}
