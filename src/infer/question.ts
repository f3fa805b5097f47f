/** Yes/no questions that are put to the caller's account, or to what is kept of it. */
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { columnName } from './columns.js';
import { constantsIn } from './constants.js';
import { depth } from './depth.js';
import { chain, statement } from './selection.js';
import { isStatement } from './sql.js';

/** A value of unknown form is read as one of a type. */
const READ_AS = /^as_(bool|str|string|array|object|array_mut|object_mut|[iuf]64|number)$/;

/** What is asked of something else than the principal, for the sake of what is there. */
export const LOOKUP = /^(async_)?(get|find|fetch|load|select|lookup|retrieve)(_|$)/;

/** What a reply of another server carries its content under. */
const ENVELOPE = /^(data|results?|payload|response|body|json|content)$/;

/** A statement that answers whether there are such rows. */
const EXISTS = /^\s*select\s+(not\s+)?exists\s*\(/i;

/** A yes/no question put to the principal: `user.is_admin`, `user.has_permission("x")`, `"x" in scopes`. */
export function question(v: Val): { name: string; constants: string[]; withRow: boolean } | undefined {
  const column = depth(v) > 1 ? columnName(v) : undefined;
  if (column !== undefined) return { name: column, constants: [], withRow: false };
  if (
    v.t === 'op' &&
    v.args[0] &&
    (v.op === 'not' ||
      v.op === 'ok' ||
      v.op === 'where' ||
      v.op === 'find' ||
      v.op === 'issubset' ||
      v.op === 'intersection' ||
      v.op === '&' ||
      v.op === 'get' ||
      v.op === 'issuperset')
  ) {
    const constants = constantsIn(v.args);
    const inner = question(v.args[0]);
    return constants.length ? { name: v.op, constants, withRow: false } : inner;
  }
  if (v.t === 'sym' && v.principal === 'fact') return { name: v.name, constants: [], withRow: false };
  const holds = v.t === 'attr' ? v.name : v.t === 'item' && v.key.t === 'const' ? String(v.key.v) : '';
  if ((v.t === 'attr' || v.t === 'item') && ENVELOPE.test(holds) && v.of.t === 'call') return question(v.of);
  if (v.t === 'attr' && depth(v.of) >= 1) return { name: v.name, constants: [], withRow: false };
  if (v.t === 'attr' && v.of.t === 'sym') return undefined;
  if (v.t === 'item' && depth(v.of) >= 1 && v.key.t === 'const') return { name: String(v.key.v), constants: [], withRow: false };
  // `SELECT EXISTS (.. WHERE user_id = ? AND right = ?)`: whether a row is kept that gives him the right of this name.
  if (v.t === 'call' && EXISTS.test(statement(chain(v)) ?? '')) {
    const held = chain(v).flatMap(c => c.args.pos.filter(x => !isStatement(x)));
    const constants = constantsIn(held.filter(x => prov(x) === 0));
    if (constants.length > 0 && held.some(x => depth(x) > 0)) return { name: v.name, constants, withRow: false };
  }
  // A row that was looked up is there or not; it answers no question.
  if (
    v.t === 'call' &&
    (v.ty?.cls ||
      v.query ||
      v.token ||
      v.args.pos.some(x => isStatement(x)) ||
      (LOOKUP.test(v.name) && !(v.recv && prov(v.recv) & Prov.Credential)))
  )
    return undefined;
  // `rights["edit"].as_bool()` asks what it is read from.
  if (v.t === 'call' && v.recv && v.args.pos.length === 0 && READ_AS.test(v.name)) return question(v.recv);
  if (v.t === 'call') {
    const all = [...v.args.pos, ...v.args.kw.values()];
    const from = [...(v.recv ? [v.recv] : []), ...all].filter(x => prov(x) & Prov.Credential);
    if (Math.max(0, ...from.map(x => depth(x))) < 1) return undefined;
    const rest = all.filter(x => !(prov(x) & Prov.Credential));
    return { name: v.name, constants: constantsIn(rest), withRow: rest.some(x => prov(x) & (Prov.Input | Prov.External)) };
  }
  return undefined;
}
