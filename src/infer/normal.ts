/** What settings and state are taken to be while the application does its work. */
import { type Atom, allAtoms, type F, last, literals, refuting, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { failed } from './failures.js';
import { lastName } from './asked.js';

interface Exiting {
  cond: F;
  answer: { ok: boolean; status?: number | undefined };
}

const REQUEST = Prov.Credential | Prov.Input | Prov.Header | Prov.Csrf | Prov.Signature | Prov.Origin | Prov.Rate;

/**
 * Settings and state as they are when the application does its work: a switch that only turns requests away is off; any other
 * stands on the side on which most of what can happen to the request lies. (Under a maintenance switch everybody gets the same
 * page; that says nothing about who may come in.)
 * @param leads whether the handler itself leads the request on, which may be its answer as well as a refusal
 */
export function normalOperation<W extends Exiting>(
  ways: readonly W[],
  entries: readonly F[],
  leads: (w: W) => boolean,
): Map<Atom, boolean> {
  const votes = new Map<Atom, number>();
  const free = (a: Atom): boolean => a.kind !== 'flag' && !a.args.some(v => prov(v) & REQUEST);
  const vote = (a: Atom, n: number): void => void votes.set(a, (votes.get(a) ?? 0) + n);
  // That nothing broke is not what a request is turned away for.
  const breaks = new Set(ways.flatMap(w => (w.answer.ok || (w.answer.status ?? 500) < 500 ? [] : (brokenBy(w.cond) ?? []))));
  for (const w of ways) {
    const known = [...literals(w.cond)];
    const last = lastOf(w.answer.ok ? w.cond : without(w.cond, breaks));
    // Where the failure is answered by which error it was, that it failed is what led here.
    const cause = last?.atom.kind === 'is' && last.atom.args[0] ? failed(last.atom.args[0]) : undefined;
    const failure = cause && known.find(([a, holds]) => holds && a.kind === 'fails' && a.args[0] === cause)?.[0];
    if (!w.answer.ok && failure && free(failure)) vote(failure, -1000);
    else if (!w.answer.ok && last && free(last.atom) && !leads(w)) vote(last.atom, last.holds ? -1000 : 1000);
    else for (const [a, holds] of known) if (free(a)) vote(a, holds ? 1 : -1);
  }
  for (const f of entries) for (const [a, holds] of literals(f)) if (free(a)) vote(a, holds ? 1 : -1);
  const normal = new Map([...votes].filter(([, n]) => n !== 0).map(([a, n]) => [a, n > 0]));
  // What every success needs that asks for it (a transaction that is done, a switch that is on) is so, in however many ways is answered that
  // it is not.
  const served = ways.filter(w => w.answer.ok).map(w => w.cond);
  const needed = new Map<Atom, boolean | undefined>();
  for (const [a, holds] of served.flatMap(f => [...literals(f)]))
    needed.set(a, needed.has(a) && needed.get(a) !== holds ? undefined : holds);
  for (const [a, holds] of needed) if (holds !== undefined && normal.has(a)) normal.set(a, holds);
  // What is only asked while the application is being developed protects nobody.
  for (const a of allAtoms(ways.map(w => w.cond)))
    if (a.kind === 'truthy' && (isDevelopment(a.args[0]) || (free(a) && isMaintenance(a.args[0])))) normal.set(a, false);
  // A layer that answers some requests itself (files of the same path) leaves the others to the handler: those are asked about.
  const memo = new Map<F, boolean | undefined>();
  const impossible = (all: readonly F[]): boolean => all.length > 0 && all.every(f => truth(f, a => normal.get(a), memo) === false);
  if (impossible(entries)) {
    for (const a of allAtoms(entries)) normal.delete(a);
    memo.clear();
  }
  // Votes on one question know nothing of those on another: together they must leave a way on which the request is served, by the handler
  // where it can be.
  const behind = (presumed: Iterable<[Atom, boolean]>): boolean => {
    const within = entries.map(f => ({ f, given: new Map([...presumed, ...literals(f)]), memo: new Map<F, boolean | undefined>() }));
    return served.some(f => {
      const refutes = refuting(f);
      return within.some(e => truth(f, a => e.given.get(a), e.memo) !== false && !refutes(e.f));
    });
  };
  if (impossible(served) || (!behind(normal) && behind([]))) for (const a of allAtoms(served)) normal.delete(a);
  return normal;
}

/** The switch that closes the application to all but those who work on it (`MAINTENANCE_MODE`, `site.maintenance`), wherever it is kept. */
const isMaintenance = (v: Val | undefined): boolean =>
  v !== undefined && /(^|_)maintenance(_mode)?$|^maintenance_(mode|enabled|active|on)$/i.test(v.t === 'sym' ? v.name : (lastName(v) ?? ''));

/** The switch with which a framework runs for those who work on the application. */
export const isDevelopment = (v: Val | undefined): boolean =>
  v?.t === 'sym' && (v.prov & Prov.Setting) !== 0 && /(^|[._])(debug|testing)$/i.test(v.name);

/** What failed last on a way. */
function brokenBy(f: F): Atom | undefined {
  const end = lastOf(f);
  return end?.holds && (end.atom.kind === 'fails' || end.atom.kind === 'raises') ? end.atom : undefined;
}

/** The condition without the failures at its end that did not happen. */
function without(f: F, breaks: ReadonlySet<Atom>): F {
  let rest = f;
  while (rest.f === 'and' && rest.x.f === 'not' && rest.x.x.f === 'atom' && breaks.has(rest.x.x)) rest = rest.prev;
  return rest;
}

/** The last condition of a way, where it is one question. */
function lastOf(f: F): { atom: Atom; holds: boolean } | undefined {
  const x = last(f);
  if (x.f === 'atom') return { atom: x, holds: true };
  return x.f === 'not' && x.x.f === 'atom' ? { atom: x.x, holds: false } : undefined;
}
