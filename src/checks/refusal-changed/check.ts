import type { Outcome, Persona, Refusal, Verdict } from '../../contract/types.js';
import { atStake } from '../../findings/severity.js';
import type { EndpointRef, Severity } from '../../findings/types.js';
import type { Pair } from '../../match/types.js';
import { answeredOtherwise } from '../account.js';
import { answers } from '../outcomes.js';
import { enforced, working } from '../protection.js';
import { guardPlaces, handlerPlace, names, persona, refusal } from '../say.js';
import type { Check, Draft } from '../types.js';

export const check: Check = {
  meta: {
    id: 'refusal-changed',
    title: 'The port refuses in another way',
    description:
      'The same callers are turned away, with another status, to another place, with an error instead of a redirect, or by a panic.',
    cwe: [755, 248],
    severity: 'warning',
    score: 3.1,
    precision: 'high',
    help: 'Answer as the original does, or declare the change: clients and browsers act on the status and the target.',
  },
  run(ctx) {
    const drafts: Draft[] = [];
    for (const pair of ctx.match.pairs) {
      if (ctx.claimed(pair, 'all') || ctx.claimed(pair, 'refusal')) continue;
      let before = '';
      for (const who of ['anonymous', 'signedIn'] as const) {
        const ours = pair.python.access[who];
        const theirs = pair.rust.access[who];
        if (ours.verdict !== 'refused' || theirs.verdict !== 'refused') continue;
        const change = changed(ours, theirs);
        if (!change) continue;
        const key = `${refusal(ours)}\0${refusal(theirs)}`;
        // Where both personas meet the same refusal the second says nothing new.
        if (key === before) continue;
        before = key;
        drafts.push(draft(pair, who, change, this.meta.help));
      }
      if (before === '') drafts.push(...unseen(pair, this.meta.help), ...closed(pair, this.meta.help));
    }
    return drafts;
  },
};

interface Change {
  severity: Severity;
  says: string;
}

function draft(pair: Pair, who: Persona, change: Change, help: string): Draft {
  const ours = pair.python.access[who];
  const theirs = pair.rust.access[who];
  const text = `${change.says}: ${refusal(ours)} in the original, ${refusal(theirs)} in the port, for ${persona(who)}`;
  const place = (side: 'python' | 'rust') => {
    const e = pair[side];
    const v = e.access[who];
    const kinds = who === 'anonymous' ? ['authn', 'signature', 'authz', 'ownership'] : ['authz', 'ownership'];
    const guard = kinds.flatMap(k => e.guards.filter(g => g.kind === k && g.strength === 'required'))[0];
    if (v.location) return [{ ...v.location, says: `refused with ${refusal(v)}` }, ...(guard ? guardPlaces(guard).slice(0, 1) : [])];
    return guard ? guardPlaces(guard).slice(0, 2) : [handlerPlace(e, 'the handler')];
  };
  return {
    subject: pair,
    severity: change.severity,
    persona: who,
    atStake: atStake(pair.python, pair.rust),
    invariant: `refusal:${who}`,
    message: text,
    python: place('python'),
    rust: place('rust'),
    help,
    group: {
      key: `${who}\0${refusal(ours)}\0${refusal(theirs)}`,
      least: 3,
      message: (all: EndpointRef[]) => `${text}, on ${all.length} endpoints`,
    },
  };
}

/**
 * A guard that answers otherwise, or by a panic, where the personas do not show it: it stands before some rows only, or another guard
 * turns the same callers away before.
 */
function unseen(pair: Pair, help: string): Draft[] {
  return (['authz', 'ownership', 'csrf', 'rate-limit', 'signature'] as const).flatMap(kind => {
    const ours = enforced(pair.python, kind).filter(g => g.rejects.some(r => !r.panic));
    const theirs = working(pair.rust, kind).filter(g => g.rejects.length > 0);
    const [g] = theirs;
    const was = ours.flatMap(o => o.rejects).find(r => !r.panic);
    const answers = [...new Set(theirs.flatMap(t => t.rejects.map(refusal)))];
    const is = g?.rejects[0];
    if (!g || !was || !is || answers.length !== 1) return [];
    if (
      !is.panic &&
      (!(plain(is) || isRedirect(is)) ||
        !ours.every(o => o.rejects.every(plain)) ||
        ours.some(o => o.rejects.some(r => r.status === is.status)))
    )
      return [];
    const text = is.panic
      ? `${names(theirs.map(t => t.name))} refuses by a panic, which closes the connection; the original answers with ${refusal(was)}`
      : `${names(theirs.map(t => t.name))} answers with ${refusal(is)}, the original with ${refusal(was)}`;
    return [
      {
        subject: pair,
        severity: 'warning' as const,
        atStake: atStake(pair.python, pair.rust),
        about: kind,
        invariant: `refusal:${kind}:unseen`,
        message: text,
        python: guardPlaces(ours[0]!).slice(0, 2),
        rust: theirs.slice(0, 2).flatMap(t => guardPlaces(t).slice(0, 2)),
        help,
        group: {
          key: ['unseen', kind, g.location.file, g.location.line].join('\0'),
          least: 2,
          message: (all: EndpointRef[]) => `${text}, on ${all.length} endpoints`,
        },
      },
    ];
  });
}

/** Those whose account is closed, whom no persona shows. */
const closed = (pair: Pair, help: string): Draft[] =>
  answeredOtherwise(pair).map(({ word, ours, theirs }) => {
    const text = `the status of the refusal changed: ${answers(ours)} in the original, ${answers(theirs)} in the port, for those whom \`${word}\` turns away`;
    const place = (all: readonly Outcome[]) =>
      all.slice(0, 2).map(o => ({ ...o.location, says: `asks \`${word}\` and refuses with ${refusal(o)}` }));
    return {
      subject: pair,
      severity: 'warning' as const,
      atStake: atStake(pair.python, pair.rust),
      about: 'credential' as const,
      invariant: `refusal:account:${word}`,
      message: text,
      python: place(ours),
      rust: place(theirs),
      help,
      group: {
        key: `account\0${word}\0${answers(ours)}\0${answers(theirs)}`,
        least: 2,
        message: (all: EndpointRef[]) => `${text}, on ${all.length} endpoints`,
      },
    };
  });

/** An answer of which only the status matters, and that somebody meant. */
const plain = (r: Refusal): boolean => r.status !== undefined && r.status >= 400 && r.status < 500;

/** What differs between two refusals that a caller can tell apart; nothing where one of them is not known. */
function changed(ours: Verdict, theirs: Verdict): Change | undefined {
  if (theirs.panic)
    return ours.panic ? undefined : { severity: 'warning', says: 'the port refuses by a panic, which closes the connection' };
  if (ours.panic) return undefined;
  const from = isRedirect(ours);
  const to = isRedirect(theirs);
  if (from && to) {
    const a = target(ours.redirect);
    const b = target(theirs.redirect);
    if (a !== undefined && b !== undefined && a !== b) return { severity: 'warning', says: 'the refusal leads elsewhere' };
    // 301, 302 and 303 all make a browser ask with GET; 307 and 308 send the form again.
    if (ours.status !== undefined && theirs.status !== undefined && repeats(ours.status) !== repeats(theirs.status)) {
      return { severity: 'note', says: 'the redirect treats the method otherwise' };
    }
    return undefined;
  }
  if (from && theirs.status !== undefined) return { severity: 'warning', says: 'a redirect became an error' };
  if (to && ours.status !== undefined) return { severity: 'warning', says: 'an error became a redirect' };
  if (ours.status === undefined || theirs.status === undefined || ours.status === theirs.status) return undefined;
  // A crash of the original is no answer that anybody relies on.
  return { severity: ours.status >= 500 ? 'note' : 'warning', says: 'the status of the refusal changed' };
}

const isRedirect = (v: Refusal): boolean => v.redirect !== undefined || (v.status !== undefined && v.status >= 300 && v.status < 400);
const repeats = (status: number): boolean => status === 307 || status === 308;

/** The path of a redirect, without what carries the way back; nothing where it is not literal. */
function target(redirect: string | undefined): string | undefined {
  if (redirect === undefined) return undefined;
  const path = redirect
    .replace(/^https?:\/\/[^/]+/, '')
    .replace(/[?#].*$/, '')
    .replace(/\{[^}]*\}/g, '{}');
  return path.length > 1 ? path.replace(/\/$/, '') : path || '/';
}
