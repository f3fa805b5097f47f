/** What was sent with the request, on which something depends: of what is asked, and what proves something. */
import type { Location, Sent } from '../contract/types.js';
import type { Route } from '../frameworks/types.js';
import { leavesOf } from '../program/alternatives.js';
import { type Atom, allAtoms, type Place } from '../program/formula.js';
import { prov } from '../program/make.js';
import { type CallVal, Prov, type Val } from '../program/values.js';
import type { Run } from './request.js';
import { chain, selection } from './selection.js';
import { holdsSecret } from './passwords.js';
import type { Ways } from './ways.js';

/** @returns undefined where nothing depends on what was sent */
export function sentOf(ways: Ways, run: Run, route: Route, where: (p: Place) => Location): Sent | undefined {
  const params = route.inputs.flatMap(i => (i.in === 'path' ? [i.name] : []));
  const atoms = allAtoms(ways.all.map(w => w.cond)).filter(isAsked);
  const asked = new Set<string>();
  const readings: CallVal[] = [];
  const seen = new Set<Val>();
  for (const a of atoms) for (const v of a.args) visit(v, [], seen, params, asked, readings);
  const named = (vs: readonly Val[]): Set<string> => {
    const out = new Set<string>();
    for (const v of vs) visit(v, [], new Set(), params, out, []);
    out.delete(WHOLE);
    return out;
  };
  const refused = ways.all.flatMap(w => (w.answer.ok ? [] : w.atoms));
  const held = named([...readings.flatMap(r => (r.token?.signature ? given(r) : [])), ...refused.flatMap(compared)]);
  // Beside what is compared, what selects the row is its name.
  const proofs = held.size > 0 ? held : new Set(refused.flatMap(a => secret(named(selecting(a)))));
  // What decides which rows a statement is about is asked by it, whatever comes of it.
  for (const e of run.events) if (e.query || chain(e).some(c => c.query)) for (const v of given(e)) visit(v, [], seen, params, asked, []);
  if (asked.size === 0) return undefined;
  const [first] = readings;
  const all = (k: 'signature' | 'expiry'): boolean | undefined =>
    readings.some(r => r.token?.[k]) ? true : readings.every(r => r.token?.[k] === false) ? false : undefined;
  const [signature, expiry] = [all('signature'), all('expiry')];
  return {
    asked: [...asked].sort(),
    proofs: [...proofs].sort(),
    ...(first
      ? { token: { ...(signature !== undefined && { signature }), ...(expiry !== undefined && { expiry }), location: where(first.place) } }
      : {}),
  };
}

/** More than whether the framework could read it. */
const isAsked = (a: Atom): boolean =>
  !((a.kind === 'fails' || a.kind === 'truthy') && a.args.every(v => v.t === 'sym' || (v.t === 'op' && v.op === 'malformed')));

/** What is held against a value of a row. A password proves something, too, and is compared as one. */
function compared(a: Atom): Val[] {
  if (a.kind !== 'eq' || holdsSecret(a) || ofCaller(a)) return [];
  const sent = a.args.filter(isSent);
  return sent.length === 1 && a.args.some(v => !isSent(v) && prov(v) & Prov.External && !isFoundBy(v, sent[0] as Val)) ? sent : [];
}

/** That what was found by a name has this name proves nothing. */
function isFoundBy(v: Val, sent: Val): boolean {
  let row = v;
  while (row.t === 'attr' || row.t === 'item') row = row.of;
  return chain(row).some(c => given(c).includes(sent));
}

/** What selects a row that has to be found; of an account that a credential may have found instead, what finds it without one. */
function selecting(a: Atom): Val[] {
  const [v] = a.args;
  if (!v || a.kind !== 'fails') return [];
  return leavesOf(v).flatMap(x => (prov(x) & Prov.Credential || selection(x) === undefined ? [] : chain(x).flatMap(given).filter(isSent)));
}

/** What proves something, of what selects a row: the only thing, or what is called so. */
const secret = (names: ReadonlySet<string>): string[] => [...names].filter(n => names.size === 1 || PROOF.test(n));
const PROOF = /token|secret|code|otp|nonce|signature|key|hash/i;

const ofCaller = (a: Atom): boolean => a.args.some(v => prov(v) & Prov.Credential);

/** It is what was sent, in whatever spelling, and nothing that was found with it. */
const isSent = (v: Val): boolean => (prov(v) & Prov.Input) !== 0 && !(prov(v) & (Prov.External | Prov.Credential));

const given = (c: CallVal): Val[] => [...c.args.pos, ...c.args.kw.values(), ...(c.args.rest ? [c.args.rest] : [])];

/** Stands for all that a body or a query holds. */
const WHOLE = '*';

/** Collects the names of what was sent that takes part in a value, and the tokens that are read from it. */
function visit(v: Val, path: readonly string[], seen: Set<Val>, params: readonly string[], out: Set<string>, readings: CallVal[]): void {
  if (!(prov(v) & Prov.Input)) return;
  const on = (x: Val, further: readonly string[] = []): void => visit(x, further, seen, params, out, readings);
  switch (v.t) {
    case 'sym':
      for (const name of namesOf(v, path, params)) out.add(name);
      return;
    case 'attr':
      on(v.of, [v.name, ...path]);
      return;
    case 'item':
      on(v.of, v.key.t === 'const' && typeof v.key.v === 'string' ? [v.key.v, ...path] : path);
      on(v.key);
      return;
    default:
      break;
  }
  if (v.t === 'op' && v.op === 'ok' && v.args[0]) {
    on(v.args[0], path);
    return;
  }
  if (seen.has(v) || seen.size >= MOST) return;
  seen.add(v);
  switch (v.t) {
    case 'call':
      // One that is kept in a row was not sent.
      if (v.token && given(v).some(isSent)) readings.push(v);
      for (const x of [...(v.recv ? [v.recv] : []), ...given(v)]) on(x);
      return;
    case 'op':
      for (const x of v.args) on(x);
      return;
    case 'phi':
      on(v.a, path);
      on(v.b, path);
      return;
    case 'seq':
      for (const x of v.items) on(x);
      return;
    case 'obj':
    case 'variant':
      for (const x of v.fields.values()) on(x);
      return;
    case 'map':
      for (const x of v.entries.values()) on(x);
      return;
    case 'bool':
      for (const a of allAtoms([v.f])) for (const x of a.args) on(x);
      return;
    default:
      out.add(WHOLE);
  }
}

/** `body.token` is `token`; so is `Json(body).token`, and the parameter of a path by its place. */
function namesOf(v: Val & { t: 'sym' }, path: readonly string[], params: readonly string[]): string[] {
  // A parameter of a library's type is one value, by whichever of its members it is asked.
  if (v.ty && !v.ty.cls && !v.path?.includes('::')) return [v.name];
  const names = path.filter(p => !/^\d+$/.test(p));
  if (names.length > 0) return names;
  // What an extractor holds is reached through it, or by its place in it.
  if (!v.path?.includes('::')) return path.length === 0 ? [v.name] : [WHOLE];
  if (v.name !== 'Path') return [WHOLE];
  const at = path.length > 1 ? params[Number(path[1])] : params.length === 1 ? params[0] : undefined;
  return at === undefined ? params.slice() : [at];
}

/** So many values are looked at. */
const MOST = 5000;
