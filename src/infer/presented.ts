/**
 * Credentials under names of the application's own: a user name and a password that every request carries in its parameters. What is
 * sent says nothing of it; that something which stands before the handler holds it against a secret does.
 */
import { atomsOf } from '../program/formula.js';
import { sym } from '../program/make.js';
import { Prov, type SymVal, type Val } from '../program/values.js';
import { inBody, type Run } from './request.js';
import type { Ways } from './ways.js';

/**
 * The parameters that a layer before the handler looks an account up by, and holds against what is kept for it. A handler that does so by
 * itself is the one that signs people in, and gives nothing here.
 * @returns each with the credential that it is
 */
export function presented(ways: Ways, run: Run): Map<Val, SymVal> {
  const out = new Map<Val, SymVal>();
  if (run.entries.length === 0) return out;
  for (const w of ways.all)
    if (!w.answer.ok && !inBody(w.frame, run.handler) && w.triggers.some(t => t.secret && t.kind === 'input'))
      for (const a of w.atoms) for (const v of a.args) collect(v, out, new Set());
  return out;
}

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
