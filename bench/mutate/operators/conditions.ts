/** Checks that stand in a body: `if refused { return Err(..) }`. */
import type { Outcome } from '../../../src/contract/types.js';
import { changing, insert, LATE, logged, LOST, losing, type Mutant, mutant, type Operator, replace } from '../mutant.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { above, all, field, named, type Source, type Syn, text } from '../syntax.js';

/** A check that refuses, with the endpoints that it stands before. */
export interface Check {
  source: Source;
  /** The `if`, and the statement that it is. */
  node: Syn;
  statement: Syn;
  condition: Syn;
  exit: Syn;
  places: Place[];
  exits: (p: Place) => Outcome[];
}

/** Ends with a `return` of a refusal. */
function refusing(s: Source, block: Syn | undefined): Syn | undefined {
  const last = named(block).at(-1);
  const value = last?.type === 'expression_statement' ? named(last)[0] : last;
  return value?.type === 'return_expression' && !/^return\s+(Ok|next)\b/.test(text(s, value)) ? value : undefined;
}

const known = new WeakMap<Subject, Check[]>();

export function checks(subject: Subject): Check[] {
  const all = known.get(subject) ?? checksOf(subject);
  known.set(subject, all);
  return all;
}

function checksOf(subject: Subject): Check[] {
  return subject.app.fns.flatMap(f => {
    const through = subject.through(f);
    return all(f.body, 'if_expression').flatMap(node => {
      const exit = refusing(f.source, field(node, 'consequence'));
      const condition = field(node, 'condition');
      const statement = node.parent;
      if (!exit || !condition || condition.type === 'let_condition' || field(node, 'alternative')) return [];
      if (statement?.type !== 'expression_statement') return [];
      const exits = (p: Place) => subject.but(p, subject.exitsIn(p, f.source, node));
      const places = through.filter(p => exits(p).length > 0);
      return places.length > 0 ? [{ source: f.source, node, statement, condition, exit, places, exits }] : [];
    });
  });
}

/** An operator that takes the check away in one of its many manners. */
export function removing(name: string, title: string, edit: (c: Check, subject: Subject) => Mutant['edits'] | undefined): Operator {
  return {
    name,
    title,
    run: subject =>
      checks(subject).flatMap(c => {
        const expected = losing(subject, c.places, c.exits);
        const edits = edit(c, subject);
        return edits && expected.size > 0 ? [mutant(name, c.source, c.node, '', edits, expected)] : [];
      }),
  };
}

/** An operator that makes the condition another one, where the check keeps somebody out. */
export function altering(name: string, title: string, variants: (c: Check) => { what: string; edits: Mutant['edits'] }[]): Operator {
  return {
    name,
    title,
    run: subject =>
      checks(subject).flatMap(c => {
        const expected = changing(subject, c.places, p => c.exits(p).filter(isProtective), LOST, ['access-tightened', 'refusal-changed']);
        return expected.size > 0
          ? variants(c).map(v => ({ ...mutant(name, c.source, c.node, v.what, v.edits, expected), anywhere: ['access-tightened'] }))
          : [];
      }),
  };
}

const indent = (s: Source, n: Syn): string => /[ \t]*$/.exec(s.text.slice(0, n.start))![0];

export function negated(s: Source, condition: Syn): string {
  const own = text(s, condition);
  if (condition.type === 'unary_expression' && own.startsWith('!')) return own.slice(1);
  const equal = condition.type === 'binary_expression' ? field(condition, 'operator')?.type : undefined;
  if (equal === '==' || equal === '!=') {
    const operator = field(condition, 'operator')!;
    return `${s.text.slice(condition.start, operator.start)}${equal === '==' ? '!=' : '=='}${s.text.slice(operator.end, condition.end)}`;
  }
  return `!(${own})`;
}

const OPPOSITE: Record<string, string> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

export const conditions: Operator[] = [
  removing('check-removed', 'the check is deleted', c => [replace(c.source, c.statement, '')]),
  removing('check-commented', 'the check is commented out', c => [
    replace(
      c.source,
      c.statement,
      `${text(c.source, c.statement)
        .replace(/^/gm, '// ')
        .replace(/^\/\/ /, `//\n${indent(c.source, c.statement)}// `)}\n`,
    ),
  ]),
  removing('check-logs', '`return Err(..)` becomes a line in the log', (c, subject) => [
    replace(c.source, c.exit.parent?.type === 'expression_statement' ? c.exit.parent : c.exit, logged(subject)),
  ]),
  removing('check-dropped', 'the refusal is made and not returned', c =>
    text(c.source, c.exit).startsWith('return Err')
      ? [replace(c.source, c.exit, text(c.source, c.exit).replace(/^return Err/, 'let _ = Err::<(), _>'))]
      : undefined,
  ),
  removing('check-never', 'the condition is constantly false', c => [
    replace(c.source, c.condition, `false && (${text(c.source, c.condition)})`),
  ]),
  removing('check-gated', 'the check is compiled with a feature that is off', c => [
    insert(c.source, c.statement.start, '#[cfg(feature = "strict")]\n{ '),
    insert(c.source, c.statement.end, ' }'),
  ]),
  altering('condition-inverted', 'the condition is inverted', c => [
    { what: '', edits: [replace(c.source, c.condition, negated(c.source, c.condition))] },
  ]),
  altering('comparison-reversed', '`<` becomes `>`', c =>
    all(c.condition, 'binary_expression').flatMap(b => {
      const operator = field(b, 'operator')!;
      const other = OPPOSITE[operator.type];
      return other ? [{ what: text(c.source, b), edits: [replace(c.source, operator, other)] }] : [];
    }),
  ),
  // The other way round a check refuses more than before.
  altering('and-for-or', '`&&` instead of `||` between two reasons to refuse', c =>
    all(c.condition, 'binary_expression').flatMap(b => {
      const operator = field(b, 'operator')!;
      return operator.type === '||' ? [{ what: text(c.source, b), edits: [replace(c.source, operator, '&&')] }] : [];
    }),
  ),
  {
    name: 'check-after-effect',
    title: 'the check comes after the effect',
    run: subject =>
      checks(subject).flatMap(c => {
        const block = above(c.statement, 'block')!;
        const after = named(block);
        const effect = after.slice(after.indexOf(c.statement) + 1).find(n => WRITES.test(text(c.source, n)));
        const handled = c.places.filter(p => p.handler === subject.app.fnAt(c.source, c.node));
        // What the check reads has to live on behind the effect, and the effect must not need what stands between.
        if (effect?.type !== 'expression_statement' || handled.length === 0) return [];
        const expected = changing(subject, handled, p => c.exits(p).filter(isProtective), LATE, LOST);
        const edits = [replace(c.source, c.statement, ''), insert(c.source, effect.end, `\n${text(c.source, c.statement)}`)];
        return expected.size > 0 ? [mutant('check-after-effect', c.source, c.node, '', edits, expected)] : [];
      }),
  },
];

export const WRITES = /\b(INSERT|UPDATE|DELETE)\b[\s\S]*\.(execute|fetch_one)\(/;
