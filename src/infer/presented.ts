/**
 * Credentials under names of the application's own: a user name and a password that every request carries in its parameters. What is
 * sent says nothing of it; that something which stands before the handler holds it against a secret does.
 */
import { leavesOf } from '../program/alternatives.js';
import { allAtoms, type Atom, atomsOf, conjuncts, type F, literals, someAtom, truth } from '../program/formula.js';
import { prov, sym } from '../program/make.js';
import { Prov, type SymVal, type Val } from '../program/values.js';
import { lookedUpAlike } from './alike.js';
import { atomsWhere } from './among.js';
import { isTextSent } from './depth.js';
import { mentions } from './passwords.js';
import { inBody, type Run } from './request.js';
import type { Way, Ways } from './ways.js';

/**
 * The parameters that a layer before the handler looks an account up by, and holds against what is kept for it; or which it holds against
 * a key that everybody shares; and what it may be sent in place of a credential, or is looked up as one. A handler that does so by itself is the one that signs
 * people in, and gives nothing here, unless it takes the key from a header as well.
 * @returns each with the credential that it is
 */
export function presented(ways: Ways, run: Run): Map<Val, SymVal> {
  const out = new Map<Val, SymVal>();
  if (run.entries.length === 0) return out;
  const seen = new Map<Val, number>();
  const held = heldAgainst(ways.all);
  for (const w of ways.all) {
    if (w.answer.ok) continue;
    const before = !inBody(w.frame, run.handler);
    if (before && w.triggers.some(t => t.secret && t.kind === 'input'))
      for (const a of w.atoms) for (const v of a.args) collect(v, out, new Set());
    for (const a of w.atoms) for (const v of a.args) either(v, out, seen);
    const wrong = held(w);
    // Held against the same as what a header brings: the same secret, sent in another way.
    for (const a of wrong) if (wrong.some(b => b !== a && isSentAlike(b, a))) for (const x of a.args) read(x, out);
    for (const a of wrong)
      if (isKey(a, w) && (before || wrong.some(x => isSentElsewhere(x, a)))) for (const v of a.args) collect(v, out, new Set());
  }
  for (const p of missed(ways.all)) {
    const { path } = p as SymVal;
    out.set(p, sym(p.name, Prov.Credential, { ...(path === undefined ? {} : { path }), sent: true }));
  }
  for (const p of lookedUpAlike(ways.all, KEY))
    out.set(p, sym(p.name, Prov.Credential, { ...(p.path === undefined ? {} : { path: p.path }), sent: true }));
  return out;
}

/**
 * What a refusal held something against that did not fit. It is only looked for among those comparisons that can say anything here: they are
 * few, and what is asked on the many ways through an endpoint is much.
 */
function heldAgainst(all: readonly Way[]): (w: Way) => Atom[] {
  const equals = allAtoms(all.filter(w => !w.answer.ok).map(w => w.cond)).filter(a => a.kind === 'eq');
  const keys = equals.filter(isOfKey);
  const shared = new Set<Val>([...equals.filter(isOfText), ...keys].flatMap(a => a.args.filter(v => v.t !== 'const')));
  const telling = new Set(equals.filter(a => a.args.some(v => shared.has(v))));
  const among = atomsWhere(a => telling.has(a));
  return w => {
    const asked = among(w.cond);
    const told = asked.size > 0 ? literals(w.cond) : undefined;
    return [...asked].filter(a => told?.get(a) !== true);
  };
}

/** Is a header or a cookie held against something? */
const isOfText = (a: Atom): boolean => a.args.some(isTextSent);

/** Is what a header brings held, by `b`, against the same as by `a`? */
const isSentAlike = (b: Atom, a: Atom): boolean => b.args.some(v => v.t !== 'const' && a.args.includes(v)) && isOfText(b);

/**
 * Parameters that stand in for a credential: who sends none is asked who he is (401), and who sends one that nothing is found by is
 * turned away as well (`if token: file = by_token(token) .. elif not user: abort(401)`).
 */
function missed(all: readonly Way[]): Set<Parameter> {
  const out = new Set<Parameter>();
  const proven = all.some(isProof);
  const ofCredential = new Map<F, boolean>();
  // Ways share most of what was asked.
  const known = new Map<F, readonly Parameter[]>();
  for (const w of all) {
    if (w.answer.status !== 401) continue;
    // `match headers.get("x-key") { None => find(query.account).await.ok_or(UNAUTHORIZED)?, .. }`, where the key is looked up as well. A form to
    // sign in that leads on whoever has a session already does not ask whose it is.
    if (proven && [...literals(w.cond)].some(([a, holds]) => isLacking(a, holds)))
      for (const a of w.atoms)
        for (const v of a.args)
          if (prov(v) & Prov.External && prov(v) & Prov.Input && !(prov(v) & Prov.Credential)) for (const p of parametersOf(v)) out.add(p);
    // Who sends neither: what is asked for alone is what a form asks for.
    if (!someAtom(w.cond, a => a.args.some(v => prov(v) & Prov.Credential), ofCredential)) continue;
    for (const c of conjuncts(w.cond)) {
      let demanded = known.get(c);
      if (!demanded) known.set(c, (demanded = demandedBy(c)));
      for (const p of demanded) if (all.some(x => x !== w && isCheck(x, p))) out.add(p);
    }
  }
  return out;
}

/** The parameters that must be sent for `c` not to hold, whatever the settings are. */
function demandedBy(c: F): Parameter[] {
  const asked = atomsOf(c);
  return asked.flatMap(a => {
    const p = a.args[0];
    if (!p || !(isParameter(p) || isField(p)) || (a.kind !== 'truthy' && a.kind !== 'fails')) return [];
    if (asked.some(x => x !== a && x.args.some(v => prov(v) & ~Prov.Setting))) return [];
    const said = (sent: boolean): boolean | undefined => truth(c, x => (x === a ? sent === (a.kind === 'truthy') : true), new Map());
    return said(false) === true && said(true) === false ? [p as Parameter] : [];
  });
}

/** Is it asked whether a credential was sent, and was none? */
const isLacking = (a: Atom, holds: boolean): boolean => {
  const v = a.args[0];
  return v !== undefined && isTextSent(v) && (a.kind === 'fails' ? holds : a.kind === 'truthy' && !holds);
};

const REFUSED: ReadonlySet<number | undefined> = new Set([401, 403]);

/** Is somebody turned away because nothing is found by the credential, or it proves nothing? */
const isProof = (w: Way): boolean =>
  REFUSED.has(w.answer.status) && w.atoms.some(a => a.args.some(v => prov(v) & Prov.Credential && prov(v) & Prov.External));

/** Is somebody turned away because nothing is found by `p`, or it proves nothing? */
const isCheck = (w: Way, p: Parameter): boolean =>
  REFUSED.has(w.answer.status) && w.atoms.some(a => a.args.some(v => v !== p && (prov(v) & Prov.External) !== 0 && parametersOf(v).has(p)));

type Parameter = SymVal | (Val & { t: 'attr' });

/** All of a query or a body, as an extractor of Rust reads it. */
const isWhole = (v: Val): boolean => v.t === 'sym' && v.prov === Prov.Input && v.path?.includes('::') === true;

/** One of those (`Query(asked)`, `asked.account`). */
const isField = (v: Val): boolean => v.t === 'attr' && v.of.t === 'attr' && v.of.name === '0' && isWhole(v.of.of);

/** The parameters that `v` is made from. */
function parametersOf(v: Val | undefined, out = new Set<Parameter>(), seen = new Set<Val>()): Set<Parameter> {
  if (!v || seen.has(v) || seen.size > PARTS) return out;
  seen.add(v);
  if (isField(v)) out.add(v as Parameter);
  else if (v.t === 'sym' && isParameter(v) && !isWhole(v)) out.add(v);
  else for (const x of partsOf(v)) parametersOf(x, out, seen);
  return out;
}

/** What a value is made from. */
function partsOf(v: Val): Val[] {
  switch (v.t) {
    case 'attr':
      return [v.of];
    case 'item':
      return v.key ? [v.of, v.key] : [v.of];
    case 'op':
      return v.args;
    case 'call':
      return [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()];
    case 'phi':
      return [v.a, v.b];
    case 'seq':
      return v.items;
    case 'map':
      return [...v.entries.values()];
    case 'bool':
      return atomsOf(v.f).flatMap(a => a.args);
    default:
      return [];
  }
}

/** In so many parts of a value parameters are looked for. */
const PARTS = 400;

/**
 * What is taken from a parameter where the header or the cookie was not sent is the same credential.
 * @param seen how near each value was come upon: what a request is made of is shared by all that is asked of it
 * @param inside whether `v` is an alternative of one whose alternatives were looked at
 */
function either(v: Val, out: Map<Val, SymVal>, seen: Map<Val, number>, deep = 0, inside = false): void {
  if (deep > DEEP || (prov(v) & (Prov.Credential | Prov.Input)) !== (Prov.Credential | Prov.Input)) return;
  if (deep >= (seen.get(v) ?? DEEP + 1)) return;
  seen.set(v, deep);
  if (v.t === 'phi' && !inside) {
    const leaves = leavesOf(v);
    if (leaves.some(isTextSent)) for (const x of leaves) read(x, out);
  }
  for (const x of partsOf(v)) either(x, out, seen, deep + 1, v.t === 'phi');
}

/** Takes note of a parameter, or of what is read by a name from a query, as a credential. */
function read(x: Val, out: Map<Val, SymVal>): void {
  const named = isParameter(x) ? undefined : readIn(x);
  if (isParameter(x)) collect(x, out, new Set());
  else if (named) out.set(named.v, sym(named.name, Prov.Credential, { sent: true }));
}

/**
 * What is taken by a name from a query that is read as a whole (`query.get("token")`, `pair.strip_prefix("token=")`,
 * `pairs.find(|(k, _)| k == "token")`), in what is made of it: taken from what is read, or put together from its characters.
 */
function readIn(v: Val): { v: Val; name: string } | undefined {
  return (prov(v) & ~Prov.External) === Prov.Input ? keyedIn(v) : undefined;
}

/** @param whole what asked for one of those that fit, where `v` is what those are */
function keyedIn(v: Val | undefined, whole?: Val, deep = 0): { v: Val; name: string } | undefined {
  if (!v || deep > DEEP) return undefined;
  const into = (x: Val | undefined, of = whole): { v: Val; name: string } | undefined => keyedIn(x, of, deep + 1);
  switch (v.t) {
    case 'call': {
      const key = v.name === 'get' ? v.args.pos[0] : undefined;
      return key?.t === 'const' && typeof key.v === 'string' ? { v, name: key.v } : into(v.recv);
    }
    case 'op': {
      const key = v.op === 'strip_prefix' ? v.args[1] : undefined;
      if (key?.t === 'const' && typeof key.v === 'string') return { v, name: key.v.replace(/=$/, '') };
      const one = v.op === 'find' || v.op === 'next' ? v : whole;
      const name = one && (v.op === 'find' || v.op === 'where') ? keptBy(v.args[1]) : undefined;
      if (one && name !== undefined) return { v: one, name };
      for (const x of v.op === 'fmt' ? v.args : v.args.slice(0, 1)) {
        const found = into(x, one);
        if (found) return found;
      }
      return undefined;
    }
    case 'item':
      return into(v.of);
    case 'seq':
      return v.items.length === 0 ? into(v.rest) : undefined;
    case 'phi':
      return into(v.a) ?? into(v.b);
    default:
      return undefined;
  }
}

/** The name that pairs are held against: those of another name are left out. */
function keptBy(fits: Val | undefined): string | undefined {
  if (fits?.t !== 'bool') return undefined;
  for (const [a, holds] of literals(fits.f))
    for (const x of a.kind === 'eq' && holds ? a.args : []) if (x.t === 'const' && typeof x.v === 'string' && x.v !== '') return x.v;
  return undefined;
}

const isParameter = (v: Val): v is SymVal => v.t === 'sym' && v.prov === Prov.Input;

/** Does the server keep what has to be sent, and ask who it is that does not send it (401), or say so of what is named for what it is? */
const isKey = (a: Atom, w: Way): boolean => isOfKey(a) && (w.answer.status === 401 || (w.answer.status === 403 && mentions(KEY, a.args)));

/** Is a parameter held against what the server keeps? */
const isOfKey = (a: Atom): boolean => a.args.some(isParameter) && a.args.some(isKept);

/** Is the same key taken from a header, too? */
const isSentElsewhere = (other: Atom, a: Atom): boolean =>
  other.args.some(v => prov(v) & Prov.Credential) && other.args.some(v => isKept(v) && a.args.includes(v));

/** A setting, or what is kept elsewhere for all callers alike. */
const isKept = (v: Val): boolean => prov(v) === Prov.Setting || (prov(v) & ~(Prov.Setting | Prov.State)) === Prov.External;

const KEY = /api_?key|token|secret|auth/i;

/** So deep are values taken apart: what is asked of a credential stands near it. */
const DEEP = 24;

function collect(v: Val, out: Map<Val, SymVal>, seen: Set<Val>, deep = 0): void {
  if (seen.has(v) || deep > DEEP) return;
  seen.add(v);
  const into = (x: Val | undefined): void => void (x && collect(x, out, seen, deep + 1));
  switch (v.t) {
    case 'sym':
      // One parameter by its name; the body as a whole holds more than credentials.
      if (v.prov === Prov.Input && v.path !== undefined && !v.path.startsWith(v.name))
        out.set(v, sym(v.name, Prov.Credential, { path: v.path, sent: true }));
      return;
    case 'attr':
      into(v.of);
      return;
    case 'item':
      into(v.of);
      into(v.key);
      return;
    case 'op':
      v.args.forEach(into);
      return;
    case 'call':
      into(v.recv);
      v.args.pos.forEach(into);
      v.args.kw.forEach(into);
      return;
    case 'phi':
      into(v.a);
      into(v.b);
      return;
    case 'bool':
      for (const a of atomsOf(v.f)) a.args.forEach(into);
      return;
    default:
  }
}
