/** Changes of the original that keep its meaning: nothing may be reported of them. */
import { type Mutant, mutant, type Operator } from '../mutant.js';
import { without } from '../rust-app.js';
import type { Subject } from '../subject.js';
import { all, appended, type Edit, field, named, type Source, type Syn, text, walk } from '../syntax.js';

/** A function at the top of a module, with its decorators from the top to the bottom. */
interface Def {
  source: Source;
  fn: Syn;
  /** With the decorators. */
  whole: Syn;
  name: string;
  decorators: Syn[];
}

function defs(source: Source): Def[] {
  return source.root.children.flatMap(n => {
    const fn = n.type === 'decorated_definition' ? field(n, 'definition') : n;
    if (fn?.type !== 'function_definition') return [];
    return [{ source, fn, whole: n, name: text(source, field(fn, 'name')), decorators: n.children.filter(c => c.type === 'decorator') }];
  });
}

/** `router = APIRouter(..)` at the top of a module, and how one of its kind is made and joined. */
const ROUTERS: Record<string, { make: string; join: (outer: string) => string; call: RegExp }> = {
  bottle: { make: 'Bottle()', join: o => `${o}.merge(second_)`, call: /^Bottle\(\)$/ },
  flask: { make: "Blueprint('second_', __name__)", join: o => `${o}.register_blueprint(second_)`, call: /^Blueprint\(/ },
  fastapi: { make: 'APIRouter()', join: o => `${o}.include_router(second_)`, call: /^APIRouter\(/ },
};

export interface Router {
  source: Source;
  name: string;
  statement: Syn;
  call: Syn;
}

const frameworkOf = (subject: Subject): string => `${subject.python.frameworks[0]?.name}`;

export function routers(subject: Subject): Router[] {
  const kind = ROUTERS[frameworkOf(subject)];
  return [...subject.originals.values()].flatMap(source =>
    source.root.children.flatMap(statement => {
      const assigned = named(statement)[0];
      const call = field(assigned, 'right');
      if (assigned?.type !== 'assignment' || call?.type !== 'call' || !kind?.call.test(text(source, call))) return [];
      return [{ source, name: text(source, field(assigned, 'left')), statement, call }];
    }),
  );
}

const lineOf = (s: Source, at: number): number => s.text.lastIndexOf('\n', at - 1) + 1;
const insertAt = (s: Source, at: number, what: string): Edit => ({ file: s.path, start: at, end: at, text: what });
const endOf = (s: Source): Edit['start'] => s.text.length;
/** `app` in `@app.get('/x')`. */
const routedBy = (d: Def, router: string): Syn[] => d.decorators.filter(n => new RegExp(`^@${router}\\.\\w+\\(`).test(text(d.source, n)));
const uses = (subject: Subject, name: string): number =>
  [...subject.originals.values()].reduce((n, s) => n + all(s.root, 'identifier').filter(i => text(s, i) === name).length, 0);

function same(name: string, at: Source, node: Syn, what: string, edits: Edit[], why: string): Mutant {
  return { ...mutant(name, at, node, what, edits, new Map()), equivalent: why };
}

const TOP = new Set(['import_statement', 'import_from_statement', 'future_import_statement']);
/** Behind the imports. */
export function top(s: Source): number {
  const last = s.root.children.filter(n => TOP.has(n.type)).at(-1);
  return last ? s.text.indexOf('\n', last.end) + 1 : 0;
}

/** Names that a function binds: parameters, and what it assigns to. */
function bound(s: Source, fn: Syn): Set<string> {
  const out = new Set<string>();
  for (const n of walk(fn)) {
    const uses_ = n.parent;
    if (n.type !== 'identifier' || !uses_) continue;
    const parameter = /parameter/.test(uses_.type) && n.field !== 'type' && n.field !== 'value';
    if (parameter || ((uses_.type === 'assignment' || uses_.type === 'for_statement') && n.field === 'left')) out.add(text(s, n));
    if (uses_.type === 'pattern_list' || uses_.type === 'as_pattern_target') out.add(text(s, n));
  }
  return out;
}

const read = (s: Source, n: Syn): Set<string> => new Set(all(n, 'identifier').map(i => text(s, i)));

/** `if ..: abort(..)`, with nothing behind it. */
function plainCheck(s: Source, n: Syn): boolean {
  const inner = named(field(n, 'consequence'));
  return n.type === 'if_statement' && !field(n, 'alternative') && inner.length === 1 && /^(raise\b|abort\()/.test(text(s, inner[0]));
}

export const refactorings: Operator[] = [
  {
    name: 'original-split',
    title: 'a router or blueprint of the original becomes two',
    side: 'python',
    run: subject => {
      const kind = ROUTERS[frameworkOf(subject)];
      return routers(subject).flatMap(r => {
        const s = r.source;
        const routed = defs(s).filter(d => routedBy(d, r.name).length > 0);
        const moved = routed.slice(Math.ceil(routed.length / 2));
        // A plugin belongs to the application that the route was made with, a name of an endpoint to its blueprint.
        const tied = new RegExp(`\\b${r.name}\\.(install|add_hook|hook)\\b`).test(s.text);
        const called = moved.some(d => [...subject.originals.values()].some(o => new RegExp(`['"]\\w+\\.${d.name}['"]`).test(o.text)));
        // A hook of the application may ask which blueprint the route belongs to.
        const name = /\(\s*['"](\w+)['"]/.exec(text(s, r.statement))?.[1];
        const asked = [...subject.originals.values()].some(o => new RegExp(`request\\.blueprint\\b.*['"]${name}['"]`).test(o.text));
        if (!kind || moved.length === 0 || tied || called || asked) return [];
        const renamed = moved.flatMap(d =>
          routedBy(d, r.name).map(n => ({ file: s.path, start: n.start + 1, end: n.start + 1 + r.name.length, text: 'second_' })),
        );
        const edits = [
          insertAt(s, s.text.indexOf('\n', r.statement.end) + 1, `second_ = ${kind.make}\n`),
          ...renamed,
          insertAt(s, endOf(s), `\n\n${kind.join(r.name)}\n`),
        ];
        return [same('original-split', s, r.statement, r.name, edits, 'the second one is a part of the first')];
      });
    },
  },
  {
    name: 'original-moved',
    title: 'a guard of the original moves: from hook to decorator, from decorator to plugin, from router to router',
    side: 'python',
    run: subject => MOVES[frameworkOf(subject)]?.(subject) ?? [],
  },
  {
    name: 'original-reordered',
    title: 'the first route of a module of the original is registered last',
    side: 'python',
    run: subject =>
      routers(subject).flatMap(r => {
        const s = r.source;
        const [first, ...others] = defs(s).filter(d => routedBy(d, r.name).length > 0);
        // What is called elsewhere in the module has to stand before.
        if (!first || others.length === 0 || uses(subject, first.name) > 1) return [];
        const edits = [
          { file: s.path, start: first.whole.start, end: first.whole.end, text: '' },
          insertAt(s, endOf(s), `\n\n${text(s, first.whole)}\n`),
        ];
        return [same('original-reordered', s, first.fn, first.name, edits, 'no two routes of the module answer the same request')];
      }),
  },
  {
    name: 'original-extracted',
    title: 'a check of the original becomes a function of its own',
    side: 'python',
    run: subject =>
      [...subject.originals.values()].flatMap(s =>
        defs(s).flatMap(d => {
          const body = named(field(d.fn, 'body'));
          const check = body.find(n => plainCheck(s, n));
          if (!check || !subject.places.some(p => p.python.handler.endsWith(`.${d.name}`) && p.python.location.file === s.path)) return [];
          const own = bound(s, d.fn);
          const given = [...read(s, check)].filter(n => own.has(n)).join(', ');
          const lines = text(s, check).replace(/\n {4}/g, '\n');
          const edits = [
            insertAt(s, lineOf(s, d.whole.start), `def check_of_${d.name}(${given}):\n    ${lines.replace(/\n/g, '\n    ')}\n\n\n`),
            { file: s.path, start: check.start, end: check.end, text: `check_of_${d.name}(${given})` },
          ];
          return [same('original-extracted', s, check, d.name, edits, 'the function does what stood there, with the same values')];
        }),
      ),
  },
  {
    name: 'original-inlined',
    title: 'a function of the original that checks is written out where it is called',
    side: 'python',
    run: subject =>
      [...subject.originals.values()].flatMap(s => {
        const own = defs(s);
        return own.flatMap(caller =>
          named(field(caller.fn, 'body')).flatMap(statement => {
            const assigned =
              statement.type === 'expression_statement' && named(statement)[0]?.type === 'assignment' ? named(statement)[0] : undefined;
            const call = assigned ? field(assigned, 'right') : named(statement)[0];
            const helper = call?.type === 'call' ? own.find(d => d.name === text(s, field(call, 'function'))) : undefined;
            if (!call || !helper || helper.decorators.length > 0 || helper === caller) return [];
            const lines = written(s, caller, helper, call, assigned && text(s, field(assigned, 'left')));
            if (!lines) return [];
            const edits = [{ file: s.path, start: statement.start, end: statement.end, text: lines }];
            return [
              same(
                'original-inlined',
                s,
                statement,
                `${helper.name} in ${caller.name}`,
                edits,
                'the same statements run, with the same values',
              ),
            ];
          }),
        );
      }),
  },
];

/** The body of a helper with its arguments as local variables; undefined where names would meet. */
function written(s: Source, caller: Def, helper: Def, call: Syn, result: string | undefined): string | undefined {
  const parameters = named(field(helper.fn, 'parameters'));
  const args = named(field(call, 'arguments'));
  if (parameters.length !== args.length || parameters.some(p => p.type !== 'identifier') || args.some(a => a.type === 'keyword_argument'))
    return undefined;
  const body = named(field(helper.fn, 'body')).filter(n => !(n.type === 'expression_statement' && named(n)[0]?.type === 'string'));
  const returns = all(field(helper.fn, 'body'), 'return_statement');
  const last = body.at(-1);
  // One return at the end, or none.
  if (returns.length > 1 || (returns[0] && returns[0] !== last) || (result === undefined) !== (returns.length === 0) || !last)
    return undefined;
  const theirs = bound(s, caller.fn);
  const names = parameters.map(p => text(s, p));
  const locals = [...bound(s, helper.fn)].filter(n => !names.includes(n));
  const taken = (n: string, i: number): boolean => theirs.has(n) && text(s, args[i]) !== n;
  if (names.some(taken) || locals.some(n => theirs.has(n) && n !== result)) return undefined;
  const given = names.flatMap((n, i) => (text(s, args[i]) === n ? [] : [`${n} = ${text(s, args[i])}`]));
  const rest = body.filter(n => n !== returns[0]).map(n => text(s, n));
  const value = returns[0] && named(returns[0])[0] ? text(s, named(returns[0])[0]) : undefined;
  if (result !== undefined && value === undefined) return undefined;
  return [...given, ...rest, ...(result !== undefined && value !== result ? [`${result} = ${value}`] : [])].join('\n    ');
}

const MOVES: Record<string, ((subject: Subject) => Mutant[]) | undefined> = {
  /** `@app.get('/x')` above `@guard` → `@app.get('/x', apply=[guard])`, where nobody else calls the function. */
  bottle: subject =>
    [...subject.originals.values()].flatMap(s =>
      defs(s).flatMap(d => {
        const at = d.decorators.findIndex(n => !/^@\w+\.(get|post|put|patch|delete|route)\(/.test(text(s, n)));
        const [routes, guards] = [d.decorators.slice(0, at), d.decorators.slice(at)];
        if (at < 1 || uses(subject, d.name) > 1 || routes.some(n => text(s, n).includes('apply='))) return [];
        const list = guards.map(n => text(s, n).slice(1)).join(', ');
        const edits = [
          ...routes.map(n => insertAt(s, n.end - 1, `, apply=[${list}]`)),
          { file: s.path, start: lineOf(s, guards[0]!.start), end: s.text.indexOf('\n', guards.at(-1)!.end) + 1, text: '' },
        ];
        return [same('original-moved', s, d.fn, d.name, edits, 'what is applied wraps the function as a decorator does')];
      }),
    ),
  /** `bp.before_request(guard)` → a decorator on each view of the blueprint. */
  flask: subject =>
    routers(subject).flatMap(r => {
      const s = r.source;
      const hook = s.root.children.find(n => new RegExp(`^${r.name}\\.before_request\\(\\w+\\)$`).test(text(s, n)));
      const views = defs(s).filter(d => routedBy(d, r.name).length > 0);
      // Views that are classes are registered otherwise.
      if (!hook || views.length === 0 || new RegExp(`\\b${r.name}\\.add_url_rule`).test(s.text)) return [];
      const guard = /\((\w+)\)/.exec(text(s, hook))![1]!;
      const decorator = [
        'def guarded_(view):',
        '    @wraps_(view)',
        '    def wrapper(*args, **kwargs):',
        `        refusal = ${guard}()`,
        '        return refusal if refusal is not None else view(*args, **kwargs)',
        '',
        '    return wrapper',
      ].join('\n');
      const edits = [
        insertAt(s, 0, 'from functools import wraps as wraps_\n\n'),
        { file: s.path, start: hook.start, end: hook.end, text: `\n\n${decorator}` },
        ...views.map(d => insertAt(s, lineOf(s, d.fn.start), '@guarded_\n')),
      ];
      return [same('original-moved', s, hook, `${guard} of ${r.name}`, edits, 'the hook of the blueprint stands before just these views')];
    }),
  /** `include_router(x.router, dependencies=[..])` → `APIRouter(.., dependencies=[..])`; a dependency of a route → of its function. */
  fastapi: subject => [...included(subject), ...ofRoutes(subject)],
};

function included(subject: Subject): Mutant[] {
  const all_ = routers(subject);
  return [...subject.originals.values()].flatMap(s =>
    all(s.root, 'call').flatMap(call => {
      const [what] = named(field(call, 'arguments'));
      const list = named(field(call, 'arguments')).find(a => /^dependencies=/.test(text(s, a)));
      const module = /\.include_router$/.test(text(s, field(call, 'function'))) ? /^(\w+)\.router$/.exec(text(s, what))?.[1] : undefined;
      const router = all_.find(r => r.name === 'router' && r.source.path.endsWith(`/${module}.py`));
      if (!list || !router || text(router.source, router.call).includes('dependencies')) return [];
      const needed = read(s, field(list, 'value')!);
      const imports = s.root.children.filter(n => TOP.has(n.type) && [...read(s, n)].some(n_ => needed.has(n_)));
      const edits: Edit[] = [
        without(s, list),
        insertAt(router.source, top(router.source), imports.map(n => `${text(s, n)}\n`).join('')),
        appended(router.source, field(router.call, 'arguments')!, text(s, list)),
      ];
      return [same('original-moved', s, call, `dependencies of ${module}`, edits, 'the router is included nowhere else')];
    }),
  );
}

function ofRoutes(subject: Subject): Mutant[] {
  return [...subject.originals.values()].flatMap(s =>
    defs(s).flatMap(d => {
      const list = d.decorators.flatMap(n => all(n, 'keyword_argument')).find(a => text(s, field(a, 'name')) === 'dependencies');
      const value = list && named(field(list, 'value'));
      const parameters = field(d.fn, 'parameters');
      if (!list || value?.length !== 1 || !parameters || d.decorators.length !== 1) return [];
      const edits = [without(s, list), appended(s, parameters, `needed_=${text(s, value[0])}`)];
      return [same('original-moved', s, d.fn, d.name, edits, 'a dependency is solved wherever it is asked for')];
    }),
  );
}
