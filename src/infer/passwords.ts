/** Passwords and other secrets of an account: where what was sent is held against them. */
import { conditionsOf, leavesOf } from '../program/alternatives.js';
import { type Atom, atomsOf } from '../program/formula.js';
import { prov } from '../program/make.js';
import { Prov, type Val } from '../program/values.js';
import { failed } from './failures.js';

/** Functions that compare secrets. */
export const COMPARES =
  /^(compare_digest|constant_time_compare|safe_str_cmp|verify|verify_(password|encoded|raw|hash|and_update|slice|truncated_(left|right))|check_password|check_password_hash|checkpw)$/;

/** Two things held against each other; that a password is there, or long enough, is a question about one. */
export const isHeld = (a: Atom): boolean => {
  const known = (v: Val): boolean => prov(v) !== 0;
  if (a.kind === 'eq') return a.args.length > 1 && a.args.every(v => v.t !== 'const');
  const v = a.args[0] && told(a.args[0]);
  // How a text is made is held against a pattern, which nobody has to know.
  return (
    v?.t === 'call' &&
    !/^(re|regex)(\.|::)/.test(v.path) &&
    [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()].filter(known).length > 1
  );
};

/** What was given where it did not fail. */
const told = (v: Val): Val => (v.t === 'op' && v.op === 'ok' ? (v.args[0] ?? v) : v);

/** A function that compares secrets says no, or fails. */
export const answersSecret = (a: Atom): boolean =>
  a.args.some(v => {
    const given = (a.kind === 'is' || a.kind === 'eq' ? failed(v) : undefined) ?? v;
    // The answer, with another hash to be kept from now on beside it.
    const answer = told(given);
    const x = answer.t === 'item' ? answer.of : answer;
    return x.t === 'call' && COMPARES.test(x.name);
  });

/** The stored half of a password check. */
export const SECRET = /^(hashed_?)?(password|passwd|pwd|passphrase)(_?(hash|digest))?$|^(totp|otp|mfa)_?secret$/i;

/** Is something held against the secret of an account? */
export const holdsSecret = (a: Atom): boolean => answersSecret(a) || (mentions(SECRET, a.args) && isHeld(a));

/** A truth value that says whether what was sent is the secret of an account. */
export function isSecretCheck(v: Val): boolean {
  if (!leavesOf(v).every(x => x.t === 'bool' || (x.t === 'const' && typeof x.v === 'boolean'))) return false;
  // That a password was sent at all, or is long enough, is no verdict on it.
  return conditionsOf(v).some(c => atomsOf(c).some(a => mentions(SECRET, a.args) && holdsSecret(a)));
}

/** Is one of these named so, or made from what is? */
export function mentions(what: RegExp, vs: readonly Val[], deep = 0): boolean {
  if (deep > 8) return false;
  return vs.some(v => {
    // The password with which the server opens its own database is part of every row.
    if (deep > 0 && !(prov(v) & (Prov.Credential | Prov.Input))) return false;
    switch (v.t) {
      case 'sym':
        return what.test(v.name);
      case 'attr':
        return what.test(v.name) || mentions(what, [v.of], deep + 1);
      case 'item':
        return mentions(what, [v.key, v.of], deep + 1) || (v.key.t === 'const' && what.test(String(v.key.v)));
      case 'op':
        return mentions(what, v.args, deep + 1);
      case 'call':
        return mentions(what, [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()], deep + 1);
      case 'phi':
        return mentions(what, [v.a, v.b], deep + 1);
      default:
        return false;
    }
  });
}
