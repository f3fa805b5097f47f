/** Doors that stand open as the settings are taken to be, and that other settings close. */
import { type Atom, conjuncts, type F } from '../program/formula.js';
import { prov } from '../program/make.js';
import { isFixed } from '../program/ops.js';
import { Prov, type Val } from '../program/values.js';
import { isDevelopment } from './normal.js';
import { Assignment, type Assumptions } from './personas.js';
import type { Trigger } from './triggers.js';

/** Questions that the settings answer, and how they have to, for something to hold. */
type Answers = ReadonlyMap<Atom, boolean>;

/** So many ways to answer are kept of each part of a condition, those with the fewest answers. */
const MOST = 6;

/**
 * Settings that let in whoever comes, where the application has another way with them: a switch that asks for credentials is on, a
 * password is set, and a door that is closed unless somebody opens it (`GUESTS = False`) is closed. One that is open by default stays open.
 * @param entries the conditions under which the handler is reached
 * @param served those under which it ends well
 * @returns the fewest settings that have to stand otherwise than in `assumed` for nobody to get in without a credential
 */
export function closed(
  entries: readonly { cond: F }[],
  served: readonly { cond: F }[],
  kinds: ReadonlyMap<Atom, Trigger>,
  assumed: Assumptions & { given: ReadonlyMap<Atom, boolean> },
): Answers {
  const none: Answers = new Map();
  const by = (persona: 'anonymous' | 'entitled', more: Answers): Assignment =>
    new Assignment(persona, kinds, { ...assumed, given: new Map([...assumed.given, ...more]), granted: true });
  const enters = (as: Assignment): boolean => [entries, served].every(xs => xs.some(x => as.of(x.cond) !== false));
  const nobody = by('anonymous', none);
  if (!enters(nobody)) return none;
  const search = new Search(nobody, assumed.given);
  const found = [entries, served].flatMap(xs =>
    search.all(
      xs.map(x => x.cond),
      false,
    ),
  );
  const closes = (more: Answers): boolean => more.size > 0 && !enters(by('anonymous', more)) && enters(by('entitled', more));
  return found.sort((x, y) => x.size - y.size).find(closes) ?? none;
}

/** How settings have to stand for conditions to hold, or not to, for one persona. */
class Search {
  private readonly memo = { true: new Map<F, Answers[]>(), false: new Map<F, Answers[]>() };

  constructor(
    private readonly as: Assignment,
    private readonly given: Answers,
  ) {}

  /** For all of `fs` to come out as `wanted`. */
  all(fs: readonly F[], wanted: boolean): Answers[] {
    return fs.reduce<Answers[]>((sofar, f) => fewest(sofar.flatMap(x => this.of(f, wanted).flatMap(y => together(x, y)))), [new Map()]);
  }

  private of(f: F, wanted: boolean): Answers[] {
    const memo = this.memo[wanted ? 'true' : 'false'];
    const known = memo.get(f);
    if (known) return known;
    const found = this.search(f, wanted);
    memo.set(f, found);
    return found;
  }

  private search(f: F, wanted: boolean): Answers[] {
    if (this.as.of(f) === wanted) return [new Map()];
    switch (f.f) {
      case 'atom':
        return otherwise(f, this.given.get(f)).includes(wanted) ? [new Map([[f, wanted]])] : [];
      case 'not':
        return this.of(f.x, !wanted);
      case 'and':
      case 'or': {
        const parts = f.f === 'and' ? conjuncts(f) : f.xs;
        return (f.f === 'and') === wanted ? this.all(parts, wanted) : fewest(parts.flatMap(x => this.of(x, wanted)));
      }
      default:
        return [];
    }
  }
}

const fewest = (xs: Answers[]): Answers[] => xs.sort((x, y) => x.size - y.size).slice(0, MOST);

/** Both; nothing where they contradict each other. */
function together(x: Answers, y: Answers): Answers[] {
  for (const [a, v] of y) if (x.get(a) === !v) return [];
  return [new Map([...x, ...y])];
}

/** How else a question may be answered that only the settings decide, where that may close a door. */
function otherwise(a: Atom, now: boolean | undefined): boolean[] {
  if (isDevelopment(a.args[0])) return [];
  // What is there when nobody sets it does not come to be missing.
  if (a.kind === 'fails') return a.args.every(isKept) ? [false] : [];
  if (a.kind === 'truthy' && isSetting(a.args[0])) return now !== true ? [true] : usually(a.args[0]) === false ? [false] : [];
  // Which of the ways to sign in is chosen (`AUTH_TYPE == 'none'`).
  if (a.kind === 'eq' || a.kind === 'in')
    return a.args.some(isSetting) && a.args.every(v => isSetting(v) || isWritten(v)) ? [true, false] : [];
  return [];
}

/** What the application was started with, and not what it has stored or was sent. */
const isKept = (v: Val): boolean => isSetting(v) || (v.t === 'attr' ? isKept(v.of) : v.t === 'sym' && v.prov === Prov.State);

const isSetting = (v: Val | undefined): boolean => v !== undefined && prov(v) === Prov.Setting;

const isWritten = (v: Val): boolean => (v.t === 'seq' ? v.items?.every(isFixed) === true : isFixed(v));

/** Whether a setting is on when nobody sets it. */
function usually(v: Val | undefined): boolean | undefined {
  const usual = v?.t === 'sym' ? v.store?.get('@default') : undefined;
  return usual?.t === 'const' && typeof usual.v === 'boolean' ? usual.v : undefined;
}
