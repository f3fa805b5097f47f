/** The names that the code writes out: of roles, permissions, scopes. */
import { leavesOf } from '../program/alternatives.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { isSql, isStatement } from './sql.js';

/** Literal names in values: strings, enum members, constants of libraries. */
export function constantsIn(vs: readonly Val[], deep = 0): string[] {
  const out: string[] = [];
  for (const v of vs) {
    if (deep > 6) break;
    switch (v.t) {
      case 'const':
        if (typeof v.v === 'string' && v.v !== '' && !isSql(v.v)) out.push(v.v);
        else if (typeof v.v === 'number') out.push(String(v.v));
        break;
      case 'variant':
        if (v.of !== 'Option' && v.of !== 'Result') out.push(`${v.of}.${v.tag}`);
        else out.push(...constantsIn([...v.fields.values()], deep + 1));
        break;
      case 'seq':
        out.push(...constantsIn(v.items, deep + 1));
        break;
      case 'ext':
        if (/^[A-Z]/.test(v.path.split(/\.|::/).at(-1) ?? '')) out.push(v.path.split(/\.|::/).slice(-2).join('.'));
        break;
      case 'phi':
        out.push(...constantsIn([v.a, v.b], deep + 1));
        break;
      case 'op':
        if (v.args.some(x => isStatement(x))) break;
        out.push(
          ...constantsIn(
            v.args.filter(x => !(prov(x) & Prov.Credential)),
            deep + 1,
          ),
        );
        break;
      case 'obj': {
        const names = madeWith(v).filter(x => !/\s/.test(x));
        out.push(...(names.length > 0 ? names : [v.cls.name]));
        break;
      }
      case 'item':
        // `levels[Action::Delete]`: what is asked for by name, where the settings say what it takes.
        if (leavesOf(v.key).every(k => k.t === 'variant') && !(prov(v) & Prov.Credential)) out.push(...constantsIn([v.key], deep + 1));
        break;
      case 'call':
        // `levels.get("admin")`: what the name stands for. The keys of a store have parts (`jwt:revoked-before`).
        if (prov(v) & Prov.Credential) break;
        if (v.name === 'get') out.push(...constantsIn(v.args.pos, deep + 1).filter(x => !/[.:/]/.test(x)));
        else if (v.recv && /^(min|max|first|last)$/.test(v.name)) out.push(...constantsIn([v.recv], deep + 1));
        break;
      default:
        break;
    }
  }
  // What only stands between words (`"{} {}"`) names nothing.
  return [...new Set(out)].filter(x => ((x !== '0' && !BOUND.test(x)) || out.length === 1) && /[\p{L}\p{N}*]/u.test(x));
}

/** What an object of a library's class was made with (`Permission(RoleNeed('admin'))`): its class only says that it is one of many. */
function madeWith(v: Val & { t: 'obj' }): string[] {
  const given = v.fields.get('__args__');
  if (given?.t !== 'seq') return [];
  const more = given.rest ? leavesOf(given.rest).flatMap(x => (x.t === 'seq' ? x.items : [])) : [];
  return constantsIn([...given.items, ...more].flatMap(x => (x.t === 'call' ? x.args.pos : [x])));
}

/** What stands for a rank that is not there: the least or the greatest number. */
const BOUND = /^[iu](8|16|32|64|128|size)\.(MIN|MAX)$/;
