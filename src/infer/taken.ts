/** What somebody else has already: a conflict, which keeps nobody out. */
import { conjuncts, type F, not } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { UNSERVED } from './unserved.js';
import type { Way } from './ways.js';

/**
 * `other = find(email); if other and other != me: abort(400)`: an account that was looked up by what was sent is not the caller's own,
 * and where there is none the request goes on.
 * @param turned what has turned requests away so far
 */
export function heldByAnother(w: Way, turned: ReadonlyMap<F, boolean>): boolean {
  const [a] = w.atoms;
  if (!a || w.atoms.length > 1 || a.kind !== 'eq' || a.args.length !== 2 || !UNSERVED.has(w.answer.status ?? 0)) return false;
  const found = a.args.map(itself).find(v => prov(v) & Prov.Input && !(prov(v) & Prov.Credential));
  if (!found || !a.args.some(v => prov(v) & Prov.Credential)) return false;
  return conjuncts(w.cond).some(f => says(f) === found && !turned.has(not(f)));
}

/** The row that a value is, or whose own key it is. */
const itself = (v: Val): Val => (v.t === 'attr' && /^(id|pk|uuid|uid|guid)$/.test(v.name) ? row(v.of) : row(v));
const row = (v: Val): Val => (v.t === 'op' && v.op === 'ok' && v.args[0] ? v.args[0] : v);

/** What a condition says to be there. */
function says(f: F): Val | undefined {
  const a = f.f === 'not' ? f.x : f;
  if (a.f !== 'atom' || a.kind !== (f.f === 'not' ? 'fails' : 'truthy')) return undefined;
  return a.args[0] && row(a.args[0]);
}
