/** Checks whose failure nobody heeds: they are made on this request, and whoever fails them is served all the same. */
import type { Endpoint, Guard, GuardKind, Ineffective, IneffectiveReason, Location } from '../contract/types.js';
import type { Dropped, Frame } from '../program/ev.js';
import { allAtoms, and, type Atom, atomsOf, conjuncts, type F, type Place, someAtom, TRUE } from '../program/formula.js';
import { prov } from '../program/make.js';
import { split } from '../program/ops.js';
import { Prov } from '../program/values.js';
import { LOGGER } from './identity.js';
import { Assignment } from './personas.js';
import type { Run } from './request.js';
import { triggerOf } from './triggers.js';
import type { Ways } from './ways.js';

/** A check, and the condition under which it fails. */
interface Asked {
  by: Dropped;
  fails: F;
}

const ABOUT: ['anonymous' | 'signedIn', ReadonlySet<GuardKind>][] = [
  ['anonymous', new Set(['authn'])],
  ['signedIn', new Set(['authz', 'ownership'])],
];

const SAYS = {
  'logs-only': 'whoever fails the check is only logged here, and the request goes on',
  'optional-unchecked': 'an identity that could not be had is taken as well, and nothing asks whether there is one',
  swallowed: 'that the check failed is dropped here, and the request goes on',
} as const;

/**
 * The first such check for each persona that is admitted; none where the endpoint makes use of its answer.
 * @param told what is known about the endpoint already: its guards, and other checks that protect nothing
 */
export function unheeded(
  run: Run,
  ways: Ways,
  access: Endpoint['access'],
  told: readonly (Pick<Guard, 'kind'> & Partial<Guard>)[],
  where: (p: Place) => Location,
): Ineffective[] {
  const open = ABOUT.filter(
    ([p, kinds]) => access[p].verdict === 'admitted' && !told.some(g => kinds.has(g.kind) && g.strength !== 'optional'),
  );
  if (open.length === 0) return [];
  const known = new Map<F, boolean>();
  const ofCaller = (a: Atom): boolean => a.args.some(v => prov(v) & Prov.Credential);
  const asked = run.dropped.flatMap((by): Asked[] => {
    const fails = failure(by);
    return fails && fails.f !== 'false' && someAtom(fails, ofCaller, known) ? [{ by, fails }] : [];
  });
  const messages = [
    ...run.dropped.filter(d => d.how === 'logged').map(d => ({ pc: d.pc ?? TRUE, place: d.place, frame: d.frame })),
    ...run.events.filter(c => LOGGER.test(c.path)).map(c => ({ pc: c.pc, place: c.place, frame: c.frame })),
  ];
  // Nobody is turned away by it: it may be asked here alone.
  const kinds = new Map(ways.kinds);
  for (const a of allAtoms([...asked.map(x => x.fails), ...messages.map(m => m.pc)]))
    if (!kinds.has(a)) kinds.set(a, triggerOf(a, undefined));
  const ignored = new Set([...ways.infra, ...[...kinds].filter(([, t]) => t.infra).map(([a]) => a)]);
  const entitled = new Assignment('entitled', kinds, { ignored, given: ways.normal, granted: true });

  for (const [persona, about] of open) {
    const as = new Assignment(persona, kinds, { ignored, given: ways.normal });
    const hits = (f: F): boolean => {
      const [mine, best] = [as.of(f), entitled.of(f)];
      return (mine !== false && best === false) || (mine === true && best !== true);
    };
    const borne = new Map<F, boolean>();
    const bears = (f: F): boolean => someAtom(f, a => about.has(kinds.get(a)?.kind as GuardKind), borne);
    const logged = messages.find(m => hits(m.pc) && bears(m.pc) && !decides(ways, m.pc, about));
    if (logged) {
      // Written by a function that was called because the check had failed.
      let { frame, place } = logged;
      for (; frame?.parent && hits(frame.pc) && bears(frame.pc); frame = frame.parent) place = frame.site;
      return [note(about, 'logs-only', frame?.name ?? 'check', place, where)];
    }
    // An identity that is made use of where there is one is optional.
    if (told.some(g => about.has(g.kind))) continue;
    let first: Asked | undefined;
    for (const a of asked)
      if (first ? within(first.by, a.by) && hits(a.fails) : hits(a.fails) && bears(a.fails) && !decides(ways, a.fails, about)) first = a;
    if (!first || serves(run, about)) continue;
    const { by } = first;
    const taken = extractor(by);
    if (taken) return [note(about, 'optional-unchecked', taken.name, taken.place, where)];
    return [note(about, 'swallowed', by.name || 'check', by.place, where)];
  }
  return [];
}

function note(
  about: ReadonlySet<GuardKind>,
  reason: keyof typeof SAYS & IneffectiveReason,
  name: string,
  place: Place,
  where: (p: Place) => Location,
): Ineffective {
  const at = where(place);
  return { kind: about.has('authn') ? 'authn' : 'authz', name, reason, location: at, evidence: [{ says: SAYS[reason], ...at }] };
}

function failure(d: Dropped): F | undefined {
  if (d.how === 'caught') return d.pc;
  return d.how === 'asked' && d.pc ? and(d.pc, split(d.val, d.place).fail) : undefined;
}

/** Does what was asked decide how a request ends? */
function decides(ways: Ways, f: F, about: ReadonlySet<GuardKind>): boolean {
  const own = new Set(atomsOf(last(f)).filter(a => about.has(triggerOf(a, undefined).kind)));
  const seen = new Set<F>();
  return !about.has('authn') && ways.all.some(w => atomsOf(w.cond, seen).some((a: Atom) => own.has(a)));
}

const last = (f: F): F => conjuncts(f).at(-1) ?? f;

/** Is the identity in what is answered, or in what is written? */
const serves = (run: Run, about: ReadonlySet<GuardKind>): boolean =>
  about.has('authn') && run.exits.some(e => e.kind === 'return' && (prov(e.val) & Prov.Credential) !== 0);

/** Was `inner` asked by the function that `outer` is the answer of? */
function within(inner: Dropped, outer: Dropped): boolean {
  for (let f = inner.frame; f; f = f.parent) if (f.site.at === outer.place.at && f.site.file === outer.place.file) return true;
  return false;
}

/** The parameter of the handler that a check was made for. */
function extractor(d: Dropped): { name: string; place: Place } | undefined {
  let site = d.place;
  let found: { name: string; place: Place } | undefined;
  for (let f: Frame | undefined = d.frame; f; f = f.parent) {
    if (f.role?.startsWith('extractor:')) found = { name: f.name, place: site };
    site = f.site;
  }
  return found;
}
