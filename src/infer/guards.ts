/** Guards, read from the refusals: each piece of code that turned the request away, for each reason that it had. */
import { accepts, joinPath } from '../contract/path-template.js';
import type { Guard, Location, Persona, Verdict } from '../contract/types.js';
import type { Route } from '../frameworks/types.js';
import { type Atom, literals, type Place, truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { type CallVal, Prov, type Token, type Val } from '../program/values.js';
import type { Run } from './request.js';
import type { Answer } from './responses.js';
import { indispensable as stands } from './access.js';
import { wanted } from './enough.js';
import { impostors } from './impostor.js';
import { opening } from './open.js';
import { isForm, isThere } from './presence.js';
import { chain, selection, statement } from './selection.js';
import { OWN_KEY, tableOf } from './sql.js';
import { verified } from './tokens.js';
import { GUARD_KINDS, type Trigger } from './triggers.js';
import { unitOf } from './units.js';
import { plain, type Way, type Ways } from './ways.js';

export function guardsOf(
  ways: Ways,
  run: Run,
  access: Record<Persona, Verdict>,
  route: Route,
  where: (p: Place) => Location,
  tokens: ReadonlyMap<string, Token>,
): Guard[] {
  const tooLate = afterEffect(run);
  const out = new Map<string, Guard & { seq: number }>();
  const refusals = new Map<string, Way[]>();
  for (const w of ways.all) {
    if (w.answer.ok || (w.atoms.length > 0 && w.atoms.every(a => ways.infra.has(a)))) continue;
    const unit = unitOf(w, route, run.handler);
    const asks = unit.via === 'inline' && unit.name === route.handlerName ? asker(w, run) : undefined;
    for (const t of wanted(w)) {
      const kind = t.kind === 'state' && isRefusal(w.answer) ? 'state' : t.kind;
      if (t.backwards) continue;
      if (!GUARD_KINDS.has(kind) && !(kind === 'state' && unit.via !== 'inline')) continue;
      // A missing row that only happens to be the caller's is a 404 like any other when the caller's id alone was asked for.
      const key = `${kind}:${unit.key}`;
      const refusal = plain(w.answer);
      const known = out.get(key);
      const all = refusals.get(key);
      const requires = rightsOf(t, route);
      for (const r of known ? requires : []) if (!known?.requires.includes(r)) known?.requires.push(r);
      // A refusal for many reasons of one kind is one.
      if (all?.at(-1) === w) continue;
      if (all) all.push(w);
      else refusals.set(key, [w]);
      const says = `${unit.name} ends the request${describe(w.answer)}`;
      if (known) {
        if (!known.rejects.some(r => JSON.stringify(r) === JSON.stringify(refusal))) known.rejects.push(refusal);
        const at = where(w.place);
        if (!known.evidence.some(e => e.says === says && e.file === at.file && e.line === at.line && e.column === at.column))
          known.evidence.push({ says, ...at });
        if (!bare(kind, w)) delete known.presenceOnly;
        continue;
      }
      const late = (unit.via === 'inline' || unit.via === 'middleware') && kind !== 'state' && tooLate(w);
      out.set(key, {
        kind,
        strength: access.anonymous.verdict === 'refused' || kind !== 'authn' ? 'required' : 'optional',
        requires,
        via: unit.via,
        name: (kind === 'authn' ? asks : undefined) ?? unit.name,
        scope: unit.scope,
        order: 0,
        rejects: [refusal],
        ...(bare(kind, w) ? { presenceOnly: true } : {}),
        ...(late ? { afterEffect: true } : {}),
        location: where(w.place),
        evidence: [{ says, ...where(w.place) }],
        seq: w.seq,
      });
    }
  }
  if (![...out.values()].some(g => g.kind === 'ownership')) {
    const own = run.effects.find(e => e.effect !== 'read' && e.body && ownRows(e.call));
    if (own) {
      const place = where(own.call.place);
      out.set('ownership:rows', {
        kind: 'ownership',
        strength: 'required',
        requires: [],
        via: 'inline',
        name: own.call.name,
        scope: 'endpoint',
        order: 0,
        rejects: [],
        location: place,
        evidence: [{ says: `\`${own.call.name}\` reaches only rows of the caller's own`, ...place }],
        seq: own.call.seq,
      });
    }
  }
  for (const [key, g] of out) {
    const by = refusals.get(key) ?? [];
    if (GUARD_KINDS.has(g.kind)) Object.assign(g, opening(by, ways, g.kind));
    const told = indispensable(ways, by, access, g);
    if (told !== undefined) g.indispensable = told;
    const token = g.kind === 'authn' ? verified(by, tokens) : undefined;
    if (token) g.verifies = token;
    if (g.kind === 'authn' && by.length > 0 && by.every(isForm)) g.by = 'form';
    if (g.kind === 'ownership' && by.length > 0) g.by = manner(by.flatMap(owned));
  }
  // What another guard verifies of the same token is verified.
  const read = [...out.values()].filter(g => g.verifies);
  for (const k of ['signature', 'expiry'] as const)
    if (read.some(g => g.verifies?.[k])) for (const g of read) if (!g.verifies?.[k]) delete g.verifies?.[k];
  for (const g of read) if (g.verifies && Object.keys(g.verifies).length === 0) delete g.verifies;
  const asking = [...out].filter(([, g]) => g.kind === 'authn' && !g.presenceOnly);
  impostors(
    ways,
    asking.map(([, g]) => g),
    asking.flatMap(([key]) => refusals.get(key) ?? []),
  );
  // Who is asked later whose the credential is has not been taken at his word.
  if ([...out.values()].some(g => !g.presenceOnly && !isOpen(g) && g.verifies?.signature !== false && ASKS_WHO.has(g.kind)))
    for (const g of out.values()) if (g.kind === 'authn') delete g.presenceOnly;
  const list = [...out.values()].sort((a, b) => a.seq - b.seq);
  return list.map(({ seq: _seq, ...g }, i) => ({ ...g, order: i + 1 }));
}

/** Whether a way out comes after the handler's first effect, and for another reason than that this failed. */
export function afterEffect(run: Run): (w: Way) => boolean {
  const first = run.effects.find(e => e.effect !== 'read' && e.body)?.call;
  const ran = first ? literals(first.pc) : new Map<Atom, boolean>();
  // A write that finds only the caller's own rows is checked by itself; who would not have come to it was refused before, wherever the
  // answer was made.
  return w =>
    first !== undefined &&
    w.seq > first.seq &&
    truth(w.cond, a => ran.get(a), new Map()) !== false &&
    !w.atoms.some(a => a.args.some(v => chain(v).includes(first)) || isCounted(a, first));
}

/** Is it how many there are left by a row that the effect itself counted (`update .. set used = used + 1 returning used`)? */
const isCounted = (a: Atom, first: CallVal): boolean =>
  a.kind === 'lt' && a.args.some(v => v.t === 'const') && a.args.some(v => v.t === 'attr' && chain(v.of).includes(first));

/** Whether nobody gets past the guard who lacks the right that it asks for, whatever other rights he has. */
function indispensable(ways: Ways, by: readonly Way[], access: Record<Persona, Verdict>, g: Guard): boolean | undefined {
  if (g.kind !== 'authz' && g.kind !== 'ownership') return undefined;
  const own = new Set(g.requires.flatMap(r => r.split('|')));
  const lacks = (t: Trigger): boolean =>
    t.kind === g.kind && (g.kind === 'ownership' || t.requires.some(r => r.split('|').every(word => own.has(word))));
  // With one right alone nothing can stand in for it.
  const others = [...ways.kinds.values()].some(t => (t.kind === 'authz' || t.kind === 'ownership') && !lacks(t));
  if (!others && access.signedIn.verdict === 'refused') return true;
  return stands(ways, by, lacks);
}

const ASKS_WHO: ReadonlySet<string> = new Set(['authn', 'authz', 'ownership', 'signature']);

const isOpen = (g: Guard): boolean => g.unless !== undefined || g.waived !== undefined;

const bare = (kind: string, w: Way): boolean => (kind === 'signature' && isPresence(w)) || (kind === 'authn' && isThere(w));

/** Is it only asked whether there is a signature? One that is verified is held against what was sent, or against a key. */
const isPresence = (w: Way): boolean =>
  w.atoms.every(a => a.args.every(v => (prov(v) & (Prov.Input | Prov.External | Prov.Setting | Prov.State)) === 0));

/** Are the rows that the statement changes chosen by what was asked for and by who asks? */
const ownRows = (c: CallVal): boolean => {
  const by = selection(c) ?? 0;
  return (by & Prov.Credential) !== 0 && (by & Prov.Input) !== 0;
};

/** The function that the handler called to learn what it decides by. */
function asker(w: Way, run: Run): string | undefined {
  const calls: CallVal[] = [];
  const visit = (v: Val, depth: number): void => {
    if (depth > 6 || calls.length) return;
    if (v.t === 'call') {
      if (v.frame) calls.push(v);
      else [...(v.recv ? [v.recv] : []), ...v.args.pos].forEach(x => visit(x, depth + 1));
    } else if (v.t === 'op') v.args.forEach(x => visit(x, depth + 1));
    else if (v.t === 'attr' || v.t === 'item') visit(v.of, depth + 1);
  };
  for (const a of w.atoms) a.args.forEach(v => visit(v, 0));
  for (let f = calls[0]?.frame; f; f = f.parent) if (f.parent?.def !== undefined && f.parent.def === run.handler) return f.name;
  return undefined;
}

/** How it is asked whose it is. */
const manner = (asked: readonly Atom[]): Guard['by'] =>
  asked.length > 0 && asked.every(isUnlike) ? 'keys' : asked.every(a => a.kind === 'eq') ? 'comparison' : 'row';

/** Are the own numbers of rows of two tables compared? They are counted apart, and equal only by chance. */
function isUnlike(a: Atom): boolean {
  const rows = a.args.map(v => (v.t === 'attr' && OWN_KEY.test(v.name) ? v.of : undefined));
  const differ = (of: (row: Val) => unknown): boolean => {
    const known = rows.map(r => r && of(r));
    return known.every(x => x !== undefined) && new Set(known).size > 1;
  };
  return a.kind === 'eq' && (differ(classOf) || differ(r => tableOf(statement(chain(r)) ?? '')));
}

const classOf = (row: Val): unknown => ('ty' in row && row.ty && 'cls' in row.ty ? row.ty.cls : undefined);

/** What was asked of whose it is. */
const owned = (w: Way): Atom[] => {
  const asked = w.atoms.filter((_, i) => w.triggers[i]?.kind === 'ownership');
  return [...asked, ...(w.enough ?? []).flatMap(r => (r.trigger.kind === 'ownership' ? [r.atom] : []))];
};

const isRefusal = (a: Answer): boolean => (a.status ?? 0) >= 300;
const describe = (a: Answer): string =>
  a.panic
    ? ' by a panic'
    : a.redirect !== undefined
      ? ` with ${String(a.status ?? 302)} to ${a.redirect}`
      : a.status !== undefined
        ? ` with ${String(a.status)}`
        : a.error !== undefined
          ? ` with ${a.error}`
          : '';

/**
 * The names of rights that are asked for. What a policy is asked about the request itself, by its path and method, is called by no name: each
 * endpoint would have one of its own.
 */
function rightsOf(t: Trigger, route: Route): string[] {
  const isOwnPath = (word: string): boolean => word.startsWith('/') && accepts(joinPath(route.path), word);
  return t.requires.flatMap(r => {
    const words = r.split('|');
    const asked = words.some(isOwnPath);
    const rest = words.filter(
      word => word !== `Method.${route.method}` && !(asked && (isOwnPath(word) || word.toUpperCase() === route.method)),
    );
    return rest.length > 0 ? [rest.join('|')] : [];
  });
}
