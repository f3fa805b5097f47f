/** Failures of the infrastructure (a database that is down) that happen to end a request: they say nothing of who may come in. */
import { type Atom, truth, type Truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { MISSED } from '../program/patterns.js';
import { Prov, type Val } from '../program/values.js';
import { failed } from './failures.js';
import type { Trigger } from './triggers.js';
import type { Way } from './ways.js';

/** Of all that was asked (`kinds`), what only tells whether the server could do its part. */
export function infrastructure(all: readonly Way[], kinds: ReadonlyMap<Atom, Trigger>): Set<Atom> {
  const infra = new Set<Atom>([...kinds].filter(([, t]) => t.infra).map(([a]) => a));
  // A query that is asked which error it failed with tells a missing row from a broken database by itself.
  const told = new Set([...kinds.keys()].filter(a => a.name === MISSED).map(a => failed(a.args[0] as Val)));
  for (const w of all)
    if (!w.answer.ok && (w.answer.status ?? 500) >= 500)
      // Whatever a library raised, and the application answers with a server error, was not the caller's doing.
      for (const a of w.atoms)
        if (
          !unsent(a) &&
          !isLeftOut(a) &&
          !(w.answer.panic && foundNothing(a, kinds)) &&
          (a.kind === 'raises' ? a.name === undefined || !explicit(w) : a.kind === 'fails' && !explicit(w) && !told.has(a.args[0]))
        )
          infra.add(a);
  // A lookup whose failure is answered with 404 looks for a row, whatever else it may fail with; so does one that alone decides another
  // answer to the caller (`409`, where the row is there already).
  const asksRow = (w: Way): boolean => w.answer.status === 404 || ((w.answer.status ?? 500) < 500 && w.atoms.length === 1);
  for (const w of all) if (!w.answer.ok && asksRow(w)) for (const a of w.atoms) if (!kinds.get(a)?.infra) infra.delete(a);
  for (const a of wanted(all, kinds, infra)) infra.delete(a);
  return infra;
}

/**
 * The lookups without whose finding nothing there is no success (a name that must still be free, a day on which nothing ended), whatever else is made of the same answer
 * somewhere: an answer of the database that success takes for granted is no failure of it.
 */
function wanted(all: readonly Way[], kinds: ReadonlyMap<Atom, Trigger>, infra: ReadonlySet<Atom>): Atom[] {
  const rows = [...infra].filter(
    a => a.kind === 'fails' && (kinds.get(a)?.kind === 'existence' || a.args.every(v => isMember(v) || isReading(v))),
  );
  // What is called twice asks its questions twice.
  const isSame = (a: Atom, b: Atom): boolean => a === b || (a.kind === b.kind && a.at.file === b.at.file && a.at.at === b.at.at);
  const passes = (w: Way, but?: Atom): Truth =>
    truth(w.cond, a => (!(but && isSame(a, but)) && infra.has(a) ? false : undefined), new Map());
  if (rows.length === 0) return rows;
  const lost = all.filter(w => w.answer.ok && passes(w) === false);
  return rows.filter(row => lost.some(w => passes(w, row) !== false));
}

/** That a library raised something, where all that is answered to it is that it failed, and not that it is another's. */
export function onlyFailed(all: readonly Way[], kinds: ReadonlyMap<Atom, Trigger>): Atom[] {
  const failed = new Map<Val | undefined, boolean>();
  for (const w of all)
    if (!w.answer.ok)
      for (const a of w.atoms) failed.set(a.args[0], failed.get(a.args[0]) !== false && w.triggers.every(t => t.kind === 'state'));
  return [...kinds]
    .filter(([a, t]) => a.kind === 'raises' && a.name === undefined && t.kind === 'ownership' && failed.get(a.args[0]) === true)
    .map(([a]) => a);
}

/** Written by the application as a refusal, not a failure that happens to end the request. */
const explicit = (w: Way): boolean => w.kind === 'raise' || (w.answer.status !== undefined && w.answer.status !== 500);

/** That the caller sent no credential, or none that can be read, is his own doing, however it ends. */
const unsent = (a: Atom): boolean =>
  a.kind === 'fails' && a.args.every(v => (v.t === 'sym' && prov(v) === Prov.Credential) || (v.t === 'call' && v.token !== undefined));

const isMember = (v: Val): v is Val & { t: 'attr' | 'item' } => v.t === 'attr' || v.t === 'item';

/** How a text is read: that it is none of such a form (no address, but a name) is no failure, either. */
const isReading = (v: Val): boolean => v.t === 'op' && v.op !== 'ok' && v.op !== 'either';

/** A part of the request that the caller may leave out, as it is: where nothing is done with it, nothing fails. */
const isLeftOut = (a: Atom): boolean => a.kind === 'fails' && a.args.every(isPart);
const isPart = (v: Val): boolean => isMember(v) && prov(v) === Prov.Input && (v.of.t === 'sym' || isPart(v.of));

/** The database has answered, and has no row that is the caller's: that this ends in a panic is no failure of the infrastructure. */
const foundNothing = (a: Atom, kinds: ReadonlyMap<Atom, Trigger>): boolean =>
  a.kind === 'fails' && a.args[0]?.t === 'op' && a.args[0].op === 'ok' && kinds.get(a)?.kind === 'ownership';
