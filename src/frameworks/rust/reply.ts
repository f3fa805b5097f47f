/** Responses that a framework or library gives by itself, in the form in which the packs give theirs. */
import { STR, constant, sym } from '../../program/make.js';
import { Prov, type Val } from '../../program/values.js';

/** A response of which only the status (and the redirect's target) is known. */
export const reply = (status: number, redirect?: string): Val =>
  sym('reply', Prov.None, {
    path: '@reply',
    store: new Map<string, Val>([
      ['status', constant(status)],
      ...(redirect === undefined ? [] : [['redirect', STR(redirect)] as [string, Val]]),
    ]),
  });
