/** What each persona makes of a condition. Unknown (undefined) means that the request can be such that either holds. */
import type { Persona } from '../contract/types.js';
import { type Atom, atomsOf, type F, type Memo, truth, type Truth } from '../program/formula.js';
import { prov } from '../program/make.js';
import { isAsSent, isFixed } from '../program/ops.js';
import { MISSED } from '../program/patterns.js';
import { otherBefore } from '../program/readings.js';
import { Prov, type Val } from '../program/values.js';
import { depth } from './depth.js';
import { callerFirst, ranksNobody } from './asked.js';
import { unexpired } from './expiry.js';
import { AGAINST, type Trigger } from './triggers.js';

export interface Assumptions {
  /** Failures of the infrastructure (a database that is down): taken not to happen. */
  ignored?: ReadonlySet<Atom>;
  /** Values of atoms that the persona leaves open. */
  given?: ReadonlyMap<Atom, boolean>;
  /** The entitled persona has every role, permission and ownership that is asked about, instead of whichever helps. */
  granted?: boolean;
  /** The persona sends one of the credentials that are read, whichever serves; otherwise it sends all of them. */
  either?: boolean;
  /** Settings without a default are not set, where nothing else decides. */
  unset?: boolean;
  /** Of what is asked for, what even the entitled persona does not have. */
  lacks?: (t: Trigger) => boolean;
}

/** Whether a question about a setting alone is answered by its not being set. */
const unset = (a: Atom): Truth => {
  const v = a.args[0];
  if (!v || a.args.some(x => prov(x) !== Prov.Setting)) return undefined;
  const usual = v.t === 'sym' ? v.store?.get('@default') : undefined;
  if (a.kind === 'fails') return usual?.t === 'const' ? usual.v === null : true;
  if (a.kind === 'truthy' && v.t === 'sym') return usual?.t === 'const' ? Boolean(usual.v) : false;
  return undefined;
};

/** A memo of its own, which takes what was decided from `below`. */
function above(below: Memo): Memo {
  const own = new Map<F, Truth>();
  return {
    has: f => own.has(f) || below.get(f) !== undefined,
    get: f => own.get(f) ?? below.get(f),
    set: (f, t) => own.set(f, t),
  };
}

export class Assignment {
  private memo: Memo = new Map<F, Truth>();
  private readonly lives = new Map<Val, boolean>();
  private readonly own = new Map<Atom, Truth>();

  private readonly ignored: ReadonlySet<Atom>;
  private given: Pick<ReadonlyMap<Atom, boolean>, 'get'>;
  private readonly granted: boolean;
  private readonly either: boolean;
  private readonly unset: boolean;
  private readonly lacks: ((t: Trigger) => boolean) | undefined;

  /**
   * @param persona whose request it is
   * @param kinds what atoms are about, as far as they decide a refusal
   */
  constructor(
    readonly persona: Persona,
    private readonly kinds: ReadonlyMap<Atom, Trigger>,
    private readonly assumed: Assumptions = {},
  ) {
    this.ignored = assumed.ignored ?? new Set();
    this.given = assumed.given ?? new Map();
    this.granted = assumed.granted ?? false;
    this.either = assumed.either ?? false;
    this.unset = assumed.unset ?? false;
    this.lacks = assumed.lacks;
  }

  /** The same persona on a request on which these hold, too. */
  with(more: ReadonlyMap<Atom, boolean>): Assignment {
    const out = new Assignment(this.persona, this.kinds, this.assumed);
    out.given = { get: a => more.get(a) ?? this.given.get(a) };
    // What was decided without them stays decided.
    out.memo = above(this.memo);
    return out;
  }

  of(f: F): Truth {
    return truth(f, a => this.atom(a), this.memo);
  }

  private atom(a: Atom): Truth {
    if (this.own.has(a)) return this.own.get(a);
    this.own.set(a, undefined);
    const t = this.decide(a);
    this.own.set(a, t);
    return t;
  }

  private decide(a: Atom): Truth {
    // Failing and lacking are what does not happen.
    if (this.ignored.has(a)) return a.kind === 'truthy';
    const t = this.judge(a);
    return t ?? this.given.get(a) ?? (this.unset ? unset(a) : undefined);
  }

  private judge(a: Atom): Truth {
    const xs = a.args.map(v => this.resolve(v));
    const first = xs[0];
    if (first && a.kind === 'fails') {
      const known = absent(first);
      if (known !== undefined) return known;
    }
    if (first && a.kind === 'truthy') {
      const known = absent(first);
      if (known === true) return false;
      if (first.t === 'const') return Boolean(first.v);
    }
    // An empty text is on no list that somebody keeps.
    const [sought, list] = a.kind === 'truthy' && first?.t === 'call' && first.name === 'contains' ? [first.args.pos[0], first.recv] : xs;
    if ((a.kind === 'in' || list !== xs[1]) && sought && list && prov(list) & KEPT && isNothing(this.resolve(sought))) return false;
    const kind = this.kinds.get(a)?.kind;
    // Every persona sends what a browser of its own would: the form's token, its origin, a signature that fits.
    if (kind === 'origin' && a.kind === 'truthy' && first && spelled(first)) return undefined;
    // An address is text: a number that it was a part of making (how long an answer is) is none that fits.
    if (kind === 'origin' && a.kind === 'eq' && xs.some(v => v.t === 'const' && typeof v.v === 'number')) return undefined;
    if (kind === 'csrf' || kind === 'signature' || kind === 'origin')
      return a.kind === 'fails' || a.kind === 'raises'
        ? this.kinds.get(a)?.inverted === true
        : a.kind === 'truthy' || a.kind === 'eq' || a.kind === 'in'
          ? !this.kinds.get(a)?.inverted
          : undefined;
    // A header that is a credential only because its absence is answered so, or because of what it is held against, on either side.
    const sides = a.kind === 'eq' ? xs : xs.slice(0, 1);
    if (kind === 'authn' && sides.some(v => prov(v) & Prov.Header) && !sides.some(v => prov(v) & Prov.Credential))
      return (a.kind === 'fails') === (this.persona === 'anonymous');
    // What stands for a credential that was not sent fits nothing that is kept.
    if (
      (a.kind === 'eq' || a.kind === 'in') &&
      this.persona === 'anonymous' &&
      (a.kind === 'eq' ? a.args : a.args.slice(0, 1)).some(
        (v, i) => v.t === 'phi' && prov(v) & Prov.Credential && (isFixed(xs[i] as Val) || (xs[i]?.t === 'const' && isAsSent(v))),
      )
    )
      return false;
    // Where there is no credential to be checked (`decode(None)`) the check fails, too.
    if (
      this.persona === 'anonymous' &&
      kind === 'authn' &&
      this.kinds.get(a)?.denies &&
      first &&
      a.name === undefined &&
      this.empty(first, a.kind !== 'truthy')
    )
      return a.kind === 'fails' || a.kind === 'raises' ? true : a.kind === 'truthy' ? false : undefined;
    // Who has no role has the rank that stands for none.
    if (
      kind === 'authz' &&
      a.kind === 'lt' &&
      (this.persona !== 'entitled' || this.kinds.get(a)?.inverted) &&
      xs.some((x, i) => isFixed(x) && x !== a.args[i])
    )
      return this.lacksRank(a, xs);
    if (kind === 'authz' && !a.args.some(v => prov(v) & Prov.Credential) && ranksNobody(a)) return this.lacksRank(a, xs);
    // How much is left is counted, whoever it is counted for.
    if (kind === 'rate-limit' && a.kind === 'lt') return undefined;
    if (!xs.some(v => this.live(v))) return undefined;
    // Whether a row is there, or the database answers, is the same for everybody, whatever else the query was given.
    if ((kind === 'existence' || kind === 'state') && (a.kind === 'truthy' || a.kind === 'fails' || a.kind === 'raises' || a.kind === 'is'))
      return undefined;
    // Nobody's credential is among those that are not accepted any more.
    if (kind === 'authn' && this.kinds.get(a)?.inverted && (a.kind === 'fails' || a.kind === 'truthy')) return a.kind === 'fails';
    if (this.persona === 'anonymous') {
      switch (a.kind) {
        case 'fails':
          return true;
        case 'raises':
          return a.name === undefined ? true : undefined;
        case 'truthy':
        case 'eq':
        case 'in':
          return false;
        case 'lt':
          // Who is nobody has no rank.
          return kind !== 'authz' || this.kinds.get(a)?.inverted ? undefined : this.lacksRank(a, xs);
        default:
          return undefined;
      }
    }
    if (kind === 'authz' || kind === 'ownership') {
      if (this.kinds.get(a)?.inverted)
        return a.kind === 'lt'
          ? (otherBefore(a.name ?? '<', xs) ?? this.lacksRank(a, xs))
          : a.kind === 'truthy' || a.kind === 'eq' || a.kind === 'in' || a.kind === 'is'
            ? false
            : undefined;
      if (this.persona === 'entitled' && !this.lacks?.(this.kinds.get(a) as Trigger)) return this.granted ? this.holds(a, xs) : undefined;
      switch (a.kind) {
        case 'fails':
        case 'raises':
          return true;
        case 'truthy':
          return negative(a) ? undefined : false;
        case 'eq':
        case 'in':
          return false;
        // `role < REQUIRED` holds for who has none, and `role >= REQUIRED` does not, unless what he is read as says otherwise.
        case 'lt':
          return otherBefore(a.name ?? '<', xs) ?? this.lacksRank(a, xs);
        case 'is':
          return a.name === MISSED;
        default:
          return undefined;
      }
    }
    // What a valid credential says of its bearer is not nothing (`row.owner.unwrap_or_default() == user.id`).
    if (a.kind === 'eq' && xs.some(isNothing)) return false;
    // A credential that is valid has not run out.
    const inTime = a.kind === 'lt' ? unexpired(a.name, xs) : undefined;
    if (inTime !== undefined) return inTime;
    // The credential itself, and the account behind it, are there and in order.
    if (xs.length === 1 && first && (prov(first) & Prov.Input) === 0) {
      if (this.either && depth(first) === 0) return undefined;
      if (a.kind === 'fails' || a.kind === 'raises') return depth(first) <= 1 || first.t === 'call' || first.t === 'op' ? false : undefined;
      if (a.kind === 'truthy' && depth(first) === 0) return true;
    }
    return undefined;
  }

  private holds(a: Atom, xs: Val[]): Truth {
    switch (a.kind) {
      case 'fails':
      case 'raises':
        return false;
      case 'truthy':
        return !negative(a);
      case 'eq':
      case 'in':
        return true;
      case 'is':
        return a.name !== MISSED;
      case 'lt': {
        const lacks = this.lacksRank(a, xs);
        return lacks === undefined ? undefined : !lacks;
      }
      default:
        return undefined;
    }
  }

  private lacksRank(a: Atom, xs: Val[]): Truth {
    const left = xs[0] && (xs.some(v => this.live(v)) ? this.live(xs[0]) : callerFirst(a));
    const o = a.name ?? '<';
    return left ? o.startsWith('<') : o.startsWith('>');
  }

  /** `v` with the conditions that this persona decides taken out. */
  private resolve(v: Val, guard = 0): Val {
    let x = v;
    for (let i = guard; x.t === 'phi' && i < 60; i++) {
      const t = this.of(x.c);
      if (t === undefined) return x;
      x = t ? x.a : x.b;
    }
    return x;
  }

  /**
   * Was a call given nothing at all where the caller's credential would stand? An empty text is nothing to what fails by itself (`decode("")`);
   * what merely compares it may find it equal.
   */
  private empty(v: Val, texts: boolean, guard = 0): boolean {
    if (v.t === 'op' && v.op === 'ok' && v.args[0]) return this.empty(v.args[0], texts, guard + 1);
    if (v.t !== 'call' || guard > 10) return false;
    const all = [...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()];
    const parts = all.filter(x => prov(x) & Prov.Credential);
    // What it is held against may be just as empty.
    const alone = all.every(x => parts.includes(x) || (prov(x) === 0 && !isNothing(x)));
    return (
      parts.length > 0 &&
      parts.every(x => {
        const r = this.resolve(x);
        return absent(r) === true || ((texts || alone) && isNothing(r)) || this.empty(r, texts, guard + 1);
      })
    );
  }

  /** Does the caller's credential still take part in `v` for this persona? */
  private live(v: Val, guard = 0): boolean {
    if ((prov(v) & Prov.Credential) === 0 || guard > 60) return false;
    const memo = this.lives.get(v);
    if (memo !== undefined) return memo;
    this.lives.set(v, false);
    const r = this.compute(v, guard);
    this.lives.set(v, r);
    return r;
  }

  private compute(v: Val, guard: number): boolean {
    const some = (vs: Iterable<Val>): boolean => {
      let from = false;
      for (const x of vs) {
        if (this.live(x, guard + 1)) return true;
        from ||= (prov(x) & Prov.Credential) !== 0;
      }
      // What a request put into a collection is not in it any more when the request has ended: it was there when this was made.
      return !from;
    };
    switch (v.t) {
      case 'sym':
        return true;
      case 'phi': {
        const t = this.of(v.c);
        return t === undefined ? this.live(v.a, guard + 1) || this.live(v.b, guard + 1) : this.live(t ? v.a : v.b, guard + 1);
      }
      case 'attr':
        return this.live(v.of, guard + 1);
      case 'item':
        return this.live(v.of, guard + 1) || this.live(v.key, guard + 1);
      case 'op':
        return some(v.args);
      case 'bool':
        return some(atomsOf(v.f).flatMap(a => a.args));
      case 'call':
        return some([
          ...(v.recv ? [v.recv] : []),
          ...(v.fn ? [v.fn] : []),
          ...v.args.pos,
          ...v.args.kw.values(),
          ...(v.args.rest ? [v.args.rest] : []),
          ...(v.args.kwRest ? [v.args.kwRest] : []),
        ]);
      case 'seq':
        return some(v.items) || (v.rest ? this.live(v.rest, guard + 1) : false);
      case 'map':
        return some(v.entries.values()) || (v.rest ? this.live(v.rest, guard + 1) : false);
      case 'obj':
      case 'variant':
        return some(v.fields.values());
      case 'super':
        return this.live(v.self, guard + 1);
      case 'unknown':
        return v.from ? some(v.from) : false;
      case 'native':
        return v.of ? this.live(v.of, guard + 1) : false;
      default:
        return false;
    }
  }
}

const KEPT = Prov.Setting | Prov.External | Prov.State;

/** The text that stands for none. */
const isNothing = (v: Val): boolean =>
  v.t === 'op' && v.op === 'str' && v.args[0]
    ? isNothing(v.args[0])
    : (v.t === 'const' && v.v === '') || (v.t === 'op' && v.op === 'default' && v.args.length === 0);

/** Known to be absent (true) or there (false), whoever asks. */
function absent(v: Val): boolean | undefined {
  if (v.t === 'const') return v.v === null;
  if (v.t === 'variant') return v.tag === 'None' || v.tag === 'Err';
  if (v.t === 'obj' || v.t === 'seq' || v.t === 'map' || v.t === 'fn' || v.t === 'class') return false;
  return undefined;
}

/** Whether a text is asked how it is written (`origin.contains('*')`), by what nobody keeps: it does not say yet whether the text fits. */
function spelled(v: Val): boolean {
  const by = v.t === 'call' ? v.args.pos : v.t === 'op' ? v.args.slice(1) : [];
  return by.length > 0 && by.every(x => prov(x) === 0);
}

/** Attributes whose presence is against their bearer. */
const negative = (a: Atom): boolean => {
  const v = a.args[0];
  return AGAINST.test(v?.t === 'attr' || v?.t === 'call' ? v.name : '');
};
