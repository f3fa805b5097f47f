/** Changes of the original: a guard that is added there has to be missed in the port, another name for a function changes nothing. */
import { ANSWER, LOST, type Mutant, mutant, type Operator, PATH } from '../mutant.js';
import type { Place, Subject } from '../subject.js';
import { type Router, routers, top } from './refactorings.js';
import { all, appended, type Edit, field, named, offsetAt, type Source, type Syn, text, walk } from '../syntax.js';

/** A check of a credential as each framework writes it: lines for the top of the module, and for the handler. */
const CHECK: Record<string, { imports: string; lines: string } | undefined> = {
  bottle: {
    imports: 'from bottle import abort as refuse_, request as asked_\n',
    lines: "if asked_.get_header('X-Api-Token') is None:\n    refuse_(401)\n",
  },
  flask: {
    imports: 'from flask import abort as refuse_, request as asked_\n',
    lines: "if 'X-Api-Token' not in asked_.headers:\n    refuse_(401)\n",
  },
};

/** For frameworks that make their parameters: a dependency of the route. */
const DEPENDENCY =
  'from fastapi import Depends as Needs_, Header as Sent_, HTTPException as Refusal_\n\n\ndef needs_token_(x_api_token: str | None = Sent_(None)):\n    if x_api_token is None:\n        raise Refusal_(401)\n\n\n';

const fnOf = (subject: Subject, p: Place): { source: Source; node: Syn } | undefined => {
  const source = subject.originals.get(p.python.location.file);
  if (!source) return undefined;
  const at = offsetAt(source, p.python.location.line, p.python.location.column ?? 1);
  const node = all(source.root, 'function_definition').find(
    f =>
      f.start <= at && at <= field(f, 'body')!.end && !all(field(f, 'body'), 'function_definition').some(g => g.start <= at && at <= g.end),
  );
  return node && { source, node };
};

function added(subject: Subject, p: Place): Edit[] | undefined {
  const fn = fnOf(subject, p);
  if (!fn) return undefined;
  const { source, node } = fn;
  const file = source.path;
  const head = top(source);
  const check = CHECK[`${subject.python.frameworks[0]?.name}`];
  if (check) {
    const first = named(field(node, 'body'))[0]!;
    const indent = /[ \t]*$/.exec(source.text.slice(0, first.start))![0];
    const lines = check.lines.replace(/\n(?=.)/g, `\n${indent}`);
    return [
      { file, start: head, end: head, text: check.imports },
      { file, start: first.start, end: first.start, text: `${lines}${indent}` },
    ];
  }
  const decorator = node.parent?.type === 'decorated_definition' ? all(node.parent, 'decorator')[0] : undefined;
  const args = all(decorator, 'argument_list')[0];
  if (!args || text(source, args).includes('dependencies')) return undefined;
  return [{ file, start: head, end: head, text: DEPENDENCY }, appended(source, args, 'dependencies=[Needs_(needs_token_)]')];
}

/** The check for a whole router: a plugin, a hook, or a dependency of the router. */
function hooked(subject: Subject, r: Router): Edit[] | undefined {
  const s = r.source;
  const file = s.path;
  const framework = `${subject.python.frameworks[0]?.name}`;
  const check = CHECK[framework];
  if (!check) {
    const args = field(r.call, 'arguments');
    if (!args || text(s, args).includes('dependencies')) return undefined;
    return [{ file, start: top(s), end: top(s), text: DEPENDENCY }, appended(s, args, 'dependencies=[Needs_(needs_token_)]')];
  }
  const lines = (by: string): string => check.lines.replace(/^(?=.)/gm, by);
  const own =
    framework === 'flask'
      ? `def asks_():\n${lines('    ')}\n\n${r.name}.before_request(asks_)\n`
      : `def asks_(view):\n    def wrapper(*args, **kwargs):\n${lines('        ')}        return view(*args, **kwargs)\n\n    return wrapper\n\n\n${r.name}.install(asks_)\n`;
  const at = s.text.indexOf('\n', r.statement.end) + 1;
  return [
    { file, start: top(s), end: top(s), text: check.imports },
    { file, start: at, end: at, text: `\n\n${own}\n` },
  ];
}

/** Functions of the application whose name is nobody else's: no variable, attribute, keyword or text is called the same. */
function renamable(subject: Subject): { name: string; source: Source; node: Syn; edits: Edit[] }[] {
  const sources = [...subject.originals.values()];
  const words = new Map<string, { source: Source; node: Syn }[]>();
  const taken = new Set<string>();
  for (const source of sources)
    for (const n of walk(source.root)) {
      if (n.type === 'identifier') {
        const name = text(source, n);
        words.set(name, [...(words.get(name) ?? []), { source, node: n }]);
        const uses = n.parent;
        if (uses?.type === 'keyword_argument' && n.field === 'name') taken.add(name);
        if (uses && /parameter/.test(uses.type)) taken.add(name);
        // A method of a library may be called the same.
        if (uses?.type === 'attribute' && n.field === 'attribute') taken.add(name);
        if (uses?.type === 'assignment' && n.field === 'left') taken.add(name);
      } else if (n.type === 'string_content') for (const w of text(source, n).match(/\w+/g) ?? []) taken.add(w);
    }
  return sources.flatMap(source =>
    source.root.children.flatMap(n => {
      const fn = n.type === 'decorated_definition' ? field(n, 'definition') : n;
      const name = fn?.type === 'function_definition' ? text(source, field(fn, 'name')) : undefined;
      const uses = name ? (words.get(name) ?? []) : [];
      if (!fn || !name || taken.has(name) || name.startsWith('_') || uses.length < 2) return [];
      const defined = uses.filter(u => u.node.parent?.type === 'function_definition' && u.node.field === 'name');
      if (defined.length !== 1) return [];
      return [
        {
          name,
          source,
          node: fn,
          edits: uses.map(u => ({ file: u.source.path, start: u.node.start, end: u.node.end, text: `${name}_again` })),
        },
      ];
    }),
  );
}

export const original: Operator[] = [
  {
    name: 'original-guarded',
    title: 'a guard is added in the original',
    side: 'python',
    run: subject =>
      subject.places
        .filter(p => p.python.guards.every(g => g.kind !== 'authn') && p.python.access.anonymous.verdict === 'admitted')
        .flatMap(p => {
          const edits = added(subject, p);
          const fn = fnOf(subject, p);
          if (!edits || !fn) return [];
          const alike = subject.places.filter(o => o.python.handler === p.python.handler);
          const expected = new Map(alike.map(o => [o.key, { rules: LOST, also: [] }]));
          return [mutant('original-guarded', fn.source, fn.node, p.key, edits, expected)];
        }),
  },
  {
    name: 'original-hooked',
    title: 'a guard is added before all routes of a router of the original',
    side: 'python',
    run: subject =>
      routers(subject).flatMap(r => {
        const edits = hooked(subject, r);
        const places = subject.places.filter(p => p.python.location.file === r.source.path);
        const open = (p: Place): boolean =>
          p.python.guards.every(g => g.kind !== 'authn') && p.python.access.anonymous.verdict === 'admitted';
        // Where somebody is turned away already, one reason more may be told and need not.
        const expected = new Map(
          places.map(p => [p.key, open(p) ? { rules: LOST, also: ANSWER } : { rules: [], also: [...LOST, ...ANSWER, ...PATH] }]),
        );
        return edits && places.some(open) ? [mutant('original-hooked', r.source, r.statement, r.name, edits, expected)] : [];
      }),
  },
  {
    name: 'original-renamed',
    title: 'a function of the original gets another name',
    side: 'python',
    run: subject =>
      renamable(subject).map((r): Mutant => {
        const m = mutant('original-renamed', r.source, r.node, r.name, r.edits, new Map());
        return { ...m, equivalent: 'the name is used for this function alone' };
      }),
  },
];
