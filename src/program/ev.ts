/**
 * The evaluator's state: one path condition, one sink of exits, one stack of frames. The functions that evaluate
 * statements, expressions and calls stand in their own files and take this as their first argument.
 */
import type { Gap } from '../contract/types.js';
import type { FnDef, TypeRef } from '../facts/types.js';
import { merged } from './filling.js';
import { and, beyond, type F, join, not, or, type Place, since, TRUE, FALSE } from './formula.js';
import { Journal, type Write } from './journal.js';
import { given } from './left.js';
import { phi, NONE } from './make.js';
import { leaveBehind, type Outlived, outlived, Outliving } from './outliving.js';
import type { Program } from './program.js';
import type { CallVal, FnVal, Module, Scope, SymVal, Val } from './values.js';

/** How control leaves a function (or a loop), under which condition, and from where. */
export interface Exit {
  kind: 'return' | 'raise' | 'panic' | 'break' | 'continue';
  val: Val;
  cond: F;
  place: Place;
  frame: Frame | undefined;
  /** Order of events within one run. */
  seq: number;
  label?: string;
  /** Rust: it left by `?`. */
  propagated?: boolean;
  /** It was only taken with a value that is not None. */
  some?: boolean;
  /** The call whose result decided: `check(..)?`. */
  from?: Frame | undefined;
}

/** What a call began with: the variables around it, and those as they were then where it is a closure that is called by itself. */
export interface Called {
  scope: Scope | undefined;
  brought: readonly Val[] | undefined;
  inputs: readonly Val[];
}

/** One active call. `role` is set by whoever knows it: frameworks for hooks, dependencies and so on. */
export interface Frame {
  parent: Frame | undefined;
  name: string;
  def?: FnDef;
  fn?: FnVal;
  /** What it was called with, the instance first. */
  given?: readonly Val[];
  /** The variables around a closure that is called by itself, as they were then. */
  brought?: readonly Val[] | undefined;
  /** The calls of itself that were followed in it. */
  followed?: Called[];
  /** How it was left so far. */
  exits?: readonly Exit[];
  role?: string;
  /** Where the called code is defined. */
  place: Place;
  /** Where it was called from. */
  site: Place;
  depth: number;
  /** Under which condition it was called. */
  pc: F;
  /** What it wrote to values that outlive it, by how it was left. */
  outlived?: Outlived;
}

export interface GapNote extends Omit<Gap, 'location'> {
  place: Place;
}

/** A result that was computed and thrown away. */
export interface Dropped {
  val: Val;
  place: Place;
  frame: Frame | undefined;
  /**
   * `logged`: nothing was thrown away, a message was written under `pc`. `constant`: a question about the caller that is always answered with
   * yes. `dead`, `gated`, `commented`: a check that never runs, is not compiled by default, or stands in a comment. `asked`: what a function of the application gave, which may
   * be a failure. `caught`: what it raised, under `pc`, was caught, and the request went on.
   */
  how:
    | 'statement'
    | 'underscore'
    | 'propagated'
    | 'not-awaited'
    | 'logged'
    | 'constant'
    | 'dead'
    | 'gated'
    | 'commented'
    | 'asked'
    | 'caught';
  /** Under which condition it was come to. */
  pc?: F;
  /** What was called, as it is written. */
  name?: string | undefined;
  /** It was made of something that has a name, and is there still. */
  kept?: true;
  /** Of code that never runs: how it would have left. */
  exit?: Exit;
}

/** Meaning of library names, given by the packs. Each may decline (undefined), and then the general rule holds. */
export interface Models {
  /** The one name of a library thing that has several. */
  canonical(path: string): string;
  /** A library class whose instances hold settings: their fields come from outside, whatever default is written. */
  isSettings(path: string): boolean;
  /** The class of what a call made or raised, where it is one of an error. */
  madeOf(c: CallVal): string | undefined;
  /** A library object that is empty when a request comes. */
  isFresh(path: string): boolean;
  /** Parameters of the request that runs, and the credentials that they turned out to be. */
  readonly shown: ReadonlyMap<Val, SymVal>;
  /** The names that what runs asks for as it goes through the headers or parameters of the request, by the path of those. */
  readonly picked: ReadonlyMap<string, ReadonlySet<string>>;
  /** Does it read what stands under a name (its first argument) in what comes from outside? */
  reads(path: string): boolean;
  /** Is anything said about this name? */
  known(path: string): boolean;
  /** Is anything said about it, its instances or its members? */
  named(path: string): boolean;
  call(ev: Ev, call: CallVal): Val | undefined;
  /** What `with` gives that enters the context manager of a library, where that decides something. */
  enter(ev: Ev, manager: CallVal): Val | undefined;
  attr(ev: Ev, of: Val, name: string, path: string): Val | undefined;
  /** Provenance of what a call reads, where it is a source. */
  source(call: CallVal): number | undefined;
  /** Is `sub` the same exception class as `sup`, or a subclass? undefined = not known. */
  isError(sub: string, sup: string): boolean | undefined;
  /** Is this the error of a query that found no row? */
  missed(path: string): boolean;
  /** Does it give an answer to the request, or begin one? */
  answers(path: string): boolean;
  /** A library decorator that returns what it decorates (or something that behaves like it). */
  transparent(path: string): boolean;
  /** One that returns what it decorates, and calls it once for the same arguments. */
  caches(path: string): boolean;
  wraps(path: string): boolean;
}

/** How many of the last conditions before a return are remembered. */
const ASKED = 16;

export class Ev {
  pc: F = TRUE;
  sink: Exit[] = [];
  frame: Frame | undefined;
  journal = new Journal();
  /** > 0: an exception that leaves a library call would be caught. */
  tries = 0;
  /** Library calls of the innermost `try` that may have raised so far: about the request, and others. */
  crashes = { asked: 0, plain: 0 };
  /** Exits that the running exception handler caught. */
  handling: Exit[][] = [];
  /** Every call into a library, in order. */
  events: CallVal[] = [];
  /** Attributes written to library objects (`g.user`), by API path; those of one request when it runs. */
  globals = new Map<string, Val>();
  /** Where the running request put them into objects that are new in each. */
  kept = new Map<string, F>();
  gaps: GapNote[] = [];
  dropped: Dropped[] = [];
  /** Code that never runs is being tried out: what it hands on reaches nobody. */
  trying = false;
  /** What was raised, and answered where it was caught, and under which condition. */
  answered: { cond: F; errors: readonly Val[] }[] = [];
  /** Rust, outside of requests: calls in code that never runs or is not compiled by default, by what they are made on. */
  leftOut = new Map<Val, { call: CallVal; how: 'dead' | 'gated' | 'commented' }[]>();
  /** Conditions under which the application has raised something, and so did not start. */
  unstarted: F[] = [];
  /** Settings without which the application does not start. */
  required = new Set<Val>();
  seq = 0;
  /** Effort that went into modules when they were imported. */
  imports = 0;
  /** What is literal about the request that runs; undefined outside of one. */
  request: { method: Val; path: Val; endpoint?: Val; blueprint?: Val } | undefined;
  /** A function whose being reached is recorded: the path condition at each entry. */
  watch: { def: FnDef | undefined; entries: F[] } = { def: undefined, entries: [] };
  /** How often a path went back to the start of an endless loop: such paths end nowhere. */
  retried = 0;
  /** The call in which a loop runs of which one round stands for all. */
  rounds: Frame | undefined;
  /** Rust: the declared type of the variable whose value is being computed; it decides what generic calls give. */
  expected: { type: TypeRef; scope: Scope } | undefined;
  /** What running modules may still cost together, above what any may and at all: what they hold stays. */
  readonly importing = { more: 20_000_000, left: 50_000_000 };
  /** Names of modules that functions have assigned to (`global`). */
  readonly refilled = new Map<Map<string, Val>, Set<string>>();
  /** How many types that name each other are being looked up. */
  typing = 0;
  /** The call that returned last. */
  last: Frame | undefined;
  /** Which call was the first to return where it had asked this. */
  decided = new Map<F, Frame>();
  /** Functions that some code has called, for finding those that nobody calls. */
  called = new Set<FnDef>();
  /** Hears of every call into a library that may hand a task to others to run. */
  spawned: ((c: CallVal) => void) | undefined;
  /** The statement that is nothing but a call, whose result nobody looks at. */
  unused: Place | undefined;
  /** What a call of a function may cost that has no part in what is looked for at present. */
  aside: ((def: FnDef) => number | undefined) | undefined;

  private readonly outliving = new Outliving();

  constructor(
    readonly program: Program,
    readonly models: Models,
  ) {
    for (const s of [this.globals, this.kept]) this.outliving.add(s);
  }

  /** Forgets what ran: code that ran before, and was perhaps cut off, has no part in what comes now. */
  reset(): void {
    this.pc = TRUE;
    this.sink = [];
    this.frame = undefined;
    this.decided.clear();
    this.tries = 0;
    this.crashes = { asked: 0, plain: 0 };
    this.handling = [];
    this.expected = undefined;
    this.typing = 0;
  }

  get dead(): boolean {
    return this.pc === FALSE;
  }

  /** @param owner the value whose store it is, of those that calls share */
  write(store: Map<string, unknown>, key: string, value: unknown, owner?: Val): void {
    this.outliving.written(this, store, key, owner);
    this.journal.write(store, key, value);
  }

  /** From now on what is written to `store` holds after the call that wrote it, on whichever way it was left. */
  outlives(store: Map<string, Val>): Map<string, Val> {
    this.outliving.add(store);
    return store;
  }

  /** Keeps what a way wrote that ends in returns, or leaves a loop. */
  private leave(writes: Map<Write['store'], Map<string, unknown>>, from: number): void {
    if (writes.size === 0) return;
    for (const e of this.sink.slice(from)) this.journal.leftBy(e.kind, e.label)?.keep(e.cond, writes);
    const { frame } = this;
    const kept = frame ? [...writes].filter(([store]) => this.outliving.outlives(store, frame)) : [];
    if (kept.length === 0) return;
    const returns = this.sink.slice(from).filter(e => e.kind === 'return');
    if (returns.length > 0) frame?.outlived?.left.push({ cond: or(returns.map(e => e.cond)), writes: kept });
  }

  place(module: Module, at: number): Place {
    return { file: module.file, at };
  }

  gap(why: GapNote['why'], says: string, place: Place, hides: GapNote['hides'] = ['guards', 'outcomes']): void {
    if (this.gaps.some(g => g.place.at === place.at && g.place.file === place.file && g.why === why)) return;
    this.gaps.push({ why, says, place, hides });
  }

  exit(kind: Exit['kind'], val: Val, place: Place, extra: Partial<Exit> = {}): void {
    if (this.dead) return;
    if (kind === 'return' && this.frame && this.request && !this.trying) this.decide(this.frame);
    if (kind === 'raise' && !this.request && this.tries === 0 && this.pc !== TRUE) this.unstarted.push(this.pc);
    this.sink.push({ kind, val, cond: this.pc, place, frame: this.frame, seq: this.seq++, ...extra });
    this.journal.leftBy(kind, extra.label)?.left(this.pc);
    this.pc = FALSE;
  }

  /** Remembers what was asked, in the call that returns now, on the way to this return. */
  private decide(frame: Frame): void {
    let p: F = this.pc;
    for (let i = 0; p !== frame.pc && i < ASKED; i++) {
      const asked = p.f === 'and' ? p.x : p;
      if (!this.decided.has(asked)) this.decided.set(asked, frame);
      if (p.f !== 'and') break;
      p = p.prev;
    }
  }

  /** Leaves with `val` under `c` only, and goes on without it. */
  exitIf(c: F, kind: Exit['kind'], val: Val, place: Place, extra: Partial<Exit> = {}): void {
    const cond = and(this.pc, c);
    if (cond === FALSE) return;
    this.sink.push({ kind, val, cond, place, frame: this.frame, seq: this.seq++, ...extra });
    this.pc = c === TRUE ? FALSE : and(this.pc, not(c));
  }

  /** Runs both sides of a condition on the same state and joins what they leave behind. */
  branch(c: F, then: () => Val, otherwise: () => Val): Val {
    if (c === TRUE) return then();
    if (c === FALSE) return otherwise();
    const base = this.pc;
    let va: Val = NONE;
    let vb: Val = NONE;
    let ea: F = FALSE;
    let eb: F = FALSE;
    const before = this.sink.length;
    const wa = this.journal.branch(() => {
      this.pc = and(base, c);
      if (!this.dead) va = then();
      ea = this.pc;
    });
    if (ea === FALSE) this.leave(wa, before);
    const between = this.sink.length;
    const wb = this.journal.branch(() => {
      this.pc = and(base, not(c));
      if (!this.dead) vb = otherwise();
      eb = this.pc;
    });
    if (eb === FALSE) this.leave(wb, between);
    const nothing = new Map();
    if (ea === FALSE) this.journal.merge(nothing, wb, (_x, y) => y);
    else if (eb === FALSE) this.journal.merge(wa, nothing, x => x);
    else this.journal.merge(wa, wb, (x, y) => merged(c, x, y));
    // Where only failures of what was called ended some ways, whoever met none of them goes on, whichever side he came by.
    const gone = this.sink.slice(before);
    if (ea !== FALSE && eb !== FALSE && gone.length > 0 && gone.every(isCrash)) this.pc = and(base, without(gone, base));
    else this.pc = join(base, [ea, eb]);
    if (ea === FALSE) return vb;
    if (eb === FALSE) return va;
    return phi(c, va, vb);
  }

  /** Runs `fn` as the body of a call: its returns become one value, its raises go on to the caller. */
  inFrame(frame: Omit<Frame, 'parent' | 'depth' | 'pc' | 'exits' | 'outlived'>, fn: () => Val): Val {
    const base = this.pc;
    const retried = this.retried;
    const outerSink = this.sink;
    const outerFrame = this.frame;
    const mine: Exit[] = [];
    const behind = outlived();
    this.sink = mine;
    this.frame = { ...frame, parent: outerFrame, depth: (outerFrame?.depth ?? 0) + 1, pc: base, exits: mine, outlived: behind };
    let last: Val = NONE;
    try {
      last = fn();
    } finally {
      this.last = this.frame;
      this.sink = outerSink;
      this.frame = outerFrame;
    }
    const returns = mine.filter(isReturn);
    const leaving = mine.filter(e => e.kind === 'raise' || e.kind === 'panic');
    const end = this.pc;
    outerSink.push(...leaving);
    if (end === FALSE && returns.length === 0) {
      this.pc = FALSE;
      return NONE;
    }
    this.pc = leaving.length === 0 && this.retried === retried ? base : join(base, [end, ...returns.map(r => r.cond)]);
    leaveBehind(this, behind, mine, base);
    return given(mine, isReturn, end, last, base) ?? NONE;
  }
}

const isReturn = (e: Exit): boolean => e.kind === 'return';

/** An exception of unknown class out of a library call. */
export const isCrash = (e: Exit): boolean => e.kind === 'raise' && e.val.t === 'sym' && e.val.path === '?';

/** That none of `exits` was taken since `base`: of each is said what the ones before it leave open. */
export function without(exits: readonly Exit[], base: F): F {
  const settled = new Set<F>();
  return not(or(exits.map(e => beyond(since(e.cond, base), settled))));
}

/** Evaluates what belongs to no request, and is asked for while one runs: under none of its conditions, with none of its exits. */
export function quietly(ev: Ev, fn: () => Val): Val {
  const saved = { pc: ev.pc, sink: ev.sink, frame: ev.frame, tries: ev.tries };
  Object.assign(ev, { pc: TRUE, sink: [], frame: undefined, tries: 0 });
  try {
    return fn();
  } finally {
    Object.assign(ev, saved);
  }
}
