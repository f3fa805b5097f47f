/** What guards of libraries ask for, and what they answer, as values. */
import { and, not, type Place, TRUE } from '../program/formula.js';
import { atom, attr, bool, constant, seq, STR, sym } from '../program/make.js';
import { Prov, type SymVal, type Val } from '../program/values.js';
import { values } from './arguments.js';

/** The caller's credential as library guards test it; one for all of them. */
export const CREDENTIAL: SymVal = sym('credential', Prov.Credential);
export const PRINCIPAL = attr(CREDENTIAL, 'principal');

/** What a library guard answers; `by` names the guard, for frameworks where the application can replace the answer. */
export const replyOf = (by: string, r: { status?: number; redirect?: string }, endpoint?: Val): Val =>
  sym('reply', Prov.None, {
    path: '@reply',
    store: new Map<string, Val>([
      ['by', STR(by)],
      ...(r.status !== undefined ? [['status', constant(r.status)] as [string, Val]] : []),
      ...(r.redirect !== undefined ? [['redirect', STR(r.redirect)] as [string, Val]] : []),
      ...(endpoint !== undefined ? [['endpoint', endpoint] as [string, Val]] : []),
    ]),
  });

/** A requirement that is a class of the application goes by its name. */
export const byName = (v: Val): Val => (v.t === 'class' ? STR(v.name) : v.t === 'obj' ? STR(v.cls.name) : v);

/** Whether the caller has all of what is asked for; undefined where that is not known. */
export function granted(wanted: Val | undefined, place: Place): Val | undefined {
  if (!wanted || (wanted.t === 'seq' ? wanted.rest !== undefined : wanted.t !== 'const')) return undefined;
  const each = values(wanted).map(w =>
    w.t === 'const' && w.v === 'authenticated'
      ? not(atom('fails', [CREDENTIAL], place))
      : atom('in', [attr(PRINCIPAL, 'granted'), seq('list', [w])], place),
  );
  return bool(each.reduce(and, TRUE));
}
