/** Refusals that travel as values: `check(..)?;`, `.ok_or(..)?`, `let .. else`. */
import { changing, logged, LOST, losing, type Mutant, mutant, type Operator, replace, ANSWER } from '../mutant.js';
import type { Fn } from '../rust-app.js';
import { isProtective, type Place, type Subject } from '../subject.js';
import { above, all, field, named, type Source, type Syn, text } from '../syntax.js';

/** A call of a function of the application as a statement, whose refusal leaves by `?`. */
export interface CallSite {
  source: Source;
  statement: Syn;
  /** The call without `.await` and `?`. */
  call: Syn;
  awaited: boolean;
  callees: Set<Fn>;
  fn: Fn;
}

export function callSites(subject: Subject): CallSite[] {
  return subject.app.fns.flatMap(fn =>
    all(fn.body, 'expression_statement').flatMap(statement => {
      const tried = named(statement)[0];
      if (tried?.type !== 'try_expression') return [];
      const inner = named(tried)[0]!;
      const awaited = inner.type === 'await_expression';
      const call = awaited ? named(inner)[0]! : inner;
      const callees = subject.app.edges(fn).find(e => e.site === call)?.to;
      return callees ? [{ source: fn.source, statement, call, awaited, callees: subject.app.reach(callees), fn }] : [];
    }),
  );
}

/** The exits of a call are lost where the same functions do not run in another way as well. */
export function dropping(name: string, title: string, edit: (c: CallSite, subject: Subject) => Mutant['edits'] | undefined): Operator {
  return {
    name,
    title,
    run: subject =>
      callSites(subject).flatMap(c => {
        const edits = edit(c, subject);
        if (!edits) return [];
        const left = (p: Place) => subject.app.reach(p.roots, (site, f) => f === c.fn && site === c.call);
        const expected = losing(subject, subject.through(c.fn), p => {
          const rest = left(p);
          return subject.but(p, subject.exitsOf(p, new Set([...c.callees].filter(f => !rest.has(f)))));
        });
        return expected.size > 0 ? [mutant(name, c.source, c.statement, text(c.source, field(c.call, 'function')), edits, expected)] : [];
      }),
  };
}

/** `x.ok_or(refusal)`, with the `?` behind it where there is one. */
interface Absence {
  source: Source;
  /** The call of `ok_or`. */
  call: Syn;
  /** With the `?`. */
  whole: Syn;
  value: Syn;
  places: Place[];
}

export function absences(subject: Subject): Absence[] {
  return subject.app.fns.flatMap(fn =>
    all(fn.body, 'call_expression').flatMap(call => {
      const callee = field(call, 'function');
      if (callee?.type !== 'field_expression' || !/^ok_or(_else)?$/.test(text(fn.source, field(callee, 'field')))) return [];
      const tried = call.parent?.type === 'try_expression' ? call.parent : undefined;
      const places = subject.through(fn).filter(p => subject.exitsIn(p, fn.source, call).length > 0);
      return places.length > 0 ? [{ source: fn.source, call, whole: tried ?? call, value: field(callee, 'value')!, places }] : [];
    }),
  );
}

export const results: Operator[] = [
  dropping('call-removed', 'the call of the check is deleted', c => [replace(c.source, c.statement, '')]),
  dropping('result-ignored', '`let _ =` instead of `?`', c => [
    replace(c.source, c.statement, `let _ = ${text(c.source, c.call)}${c.awaited ? '.await' : ''};`),
  ]),
  dropping('result-ok', '`.ok()` instead of `?`', c => [
    replace(c.source, c.statement, `${text(c.source, c.call)}${c.awaited ? '.await' : ''}.ok();`),
  ]),
  dropping('result-logged', '`if let Err(e)` that only logs', (c, subject) => [
    replace(c.source, c.statement, `if let Err(_error) = ${text(c.source, c.call)}${c.awaited ? '.await' : ''} { ${logged(subject)} }`),
  ]),
  dropping('not-awaited', 'the future of the check is never awaited', c =>
    c.awaited ? [replace(c.source, c.statement, `let _ = ${text(c.source, c.call)};`)] : undefined,
  ),
  {
    name: 'unwrap',
    title: '`.unwrap()` instead of an error: the connection closes',
    run: subject =>
      absences(subject).flatMap(a => {
        if (a.whole === a.call) return [];
        const edits = [replace(a.source, a.whole, `${text(a.source, a.value)}.unwrap()`)];
        const expected = changing(subject, a.places, p => subject.exitsIn(p, a.source, a.call), ANSWER, LOST);
        return expected.size > 0 ? [mutant('unwrap', a.source, a.call, '', edits, expected)] : [];
      }),
  },
  {
    name: 'else-passes',
    title: 'a `let .. else` that refuses becomes an `unwrap`',
    run: subject =>
      subject.app.fns.flatMap(fn =>
        all(fn.body, 'let_declaration').flatMap(n => {
          const other = field(n, 'alternative');
          if (!other) return [];
          const places = subject.through(fn).filter(p => subject.exitsIn(p, fn.source, other).length > 0);
          const bound = named(field(n, 'pattern'))[1];
          if (places.length === 0 || !/^Some\(/.test(text(fn.source, field(n, 'pattern'))) || !bound) return [];
          const edits = [replace(fn.source, n, `let ${text(fn.source, bound)} = ${text(fn.source, field(n, 'value'))}.unwrap();`)];
          const expected = changing(subject, places, p => subject.exitsIn(p, fn.source, other), ANSWER, LOST);
          return expected.size > 0 ? [mutant('else-passes', fn.source, n, '', edits, expected)] : [];
        }),
      ),
  },
  {
    name: 'arm-passes',
    title: 'the refusing arm of a `match` lets through',
    run: subject =>
      subject.app.fns.flatMap(fn =>
        all(fn.body, 'match_arm').flatMap(arm => {
          const value = field(arm, 'value')!;
          if (!/^Err\(/.test(text(fn.source, value))) return [];
          const siblings = named(arm.parent).map(a => text(fn.source, field(a, 'value')));
          if (!siblings.includes('Ok(())')) return [];
          const expected = losing(subject, subject.through(fn), p => subject.exitsIn(p, fn.source, value));
          return expected.size > 0 ? [mutant('arm-passes', fn.source, arm, '', [replace(fn.source, value, 'Ok(())')], expected)] : [];
        }),
      ),
  },
  {
    name: 'helper-passes',
    title: 'a function that checks answers yes to everything',
    run: subject =>
      subject.app.fns.flatMap(fn => {
        const returns = text(fn.source, field(fn.node, 'return_type'));
        const yes = returns === 'bool' ? 'true' : /^(\w+::)*Result<\(\)/.test(returns) ? 'Ok(())' : undefined;
        // What a handler returns is an answer.
        if (!yes || fn.trait || subject.places.some(p => p.handler === fn) || text(fn.source, fn.body) === `{ ${yes} }`) return [];
        const expected =
          yes === 'true'
            ? losing(subject, subject.through(fn), p => decidedBy(subject, p, fn))
            : losing(subject, subject.through(fn), p => subject.exitsOf(p, subject.app.reach([fn])));
        return expected.size > 0
          ? [mutant('helper-passes', fn.source, fn.node, fn.name, [replace(fn.source, fn.body, `{ ${yes} }`)], expected)]
          : [];
      }),
  },
];

/** Exits of an endpoint whose condition calls the function. */
export function decidedBy(subject: Subject, p: Place, fn: Fn) {
  return [...p.reached].flatMap(f =>
    subject.app
      .edges(f)
      .filter(e => e.to.includes(fn))
      .flatMap(e => {
        const decision = DECISIONS.flatMap(d => {
          const n = above(e.site, d.node);
          const asked = field(n, d.asks);
          return n && asked && asked.start <= e.site.start && e.site.end <= asked.end && (!d.only || field(n, d.only)) ? [n] : [];
        });
        return decision.flatMap(n => subject.exitsIn(p, f.source, n).filter(isProtective));
      }),
  );
}

/** Where a yes or no decides: nodes, and the field that asks. */
const DECISIONS = [
  { node: 'if_expression', asks: 'condition', only: undefined },
  { node: 'let_declaration', asks: 'value', only: 'alternative' },
  { node: 'match_expression', asks: 'value', only: undefined },
];
