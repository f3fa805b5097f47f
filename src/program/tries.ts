/** What `try` catches: exits matched with handlers, what a library may raise, and the order of exception classes. */
import { leavesOf } from './alternatives.js';
import type { Stmt } from '../facts/types.js';
import { type Ev, type Exit, isCrash, without } from './ev.js';
import { evaluate } from './expressions.js';
import { merged } from './filling.js';
import { and, type F, FALSE, join, not, or, since } from './formula.js';
import { capture } from './loops.js';
import { atom, prov, sym } from './make.js';
import { runBlock } from './statements.js';
import { type CallVal, nextId, Prov, type Scope, type Val } from './values.js';

type Try = Stmt & { s: 'try' };

export function runTry(ev: Ev, s: Try, scope: Scope): void {
  const base = ev.pc;
  const outside = ev.sink.length;
  const catches = s.handlers.length > 0;
  let exits: Exit[];
  const outer = ev.crashes;
  if (catches) {
    ev.tries++;
    ev.crashes = { asked: 0, plain: 0 };
  }
  try {
    exits = capture(ev, () => runBlock(ev, s.body, scope));
  } finally {
    if (catches) ev.tries--;
    ev.crashes = outer;
  }
  const end = ev.pc;
  let open = exits.filter(e => e.kind === 'raise');
  for (const e of exits) if (e.kind !== 'raise') ev.sink.push(e);

  const nothing = new Map();
  const afterElse = ev.journal.branch(() => {
    ev.pc = end;
    if (!ev.dead) runBlock(ev, s.else, scope);
  });
  let result = afterElse;
  let reached = ev.pc;
  for (const h of s.handlers) {
    // The class that is named is asked for where the body was left, which may be nowhere else.
    ev.pc = base;
    const types = h.types ? evaluate(ev, h.types, scope) : undefined;
    const mine: Exit[] = [];
    const left: Exit[] = [];
    for (const e of open) {
      const m = catchesError(ev, e, types);
      if (m === true) mine.push(e);
      else if (m === false) left.push(e);
      else {
        // Either may be: the handler gets its share, the rest goes on.
        mine.push({ ...e, cond: and(e.cond, m) });
        left.push({ ...e, cond: and(e.cond, not(m)) });
      }
    }
    open = left;
    if (mine.length === 0) continue;
    const caught = or(mine.map(e => since(e.cond, base)));
    let handlerEnd: F = FALSE;
    const writes = ev.journal.branch(() => {
      ev.pc = and(base, caught);
      if (ev.dead) return;
      ev.handling.push(mine);
      if (h.name) {
        const named = mine.length > FEW ? alike(mine, base) : mine;
        ev.write(
          scope.vars,
          h.name,
          named
            .map(e => e.val)
            .reduce(
              (a, b, i) => (a === b ? a : { t: 'phi', c: since((named[i] as Exit).cond, base), a: b, b: a, id: nextId() }),
              (named[0] as Exit).val,
            ),
        );
      }
      runBlock(ev, h.body, scope);
      ev.handling.pop();
      handlerEnd = ev.pc;
    });
    if (handlerEnd === FALSE) {
      if (ev.request) ev.answered.push({ cond: and(base, caught), errors: mine.map(e => e.val) });
      continue;
    }
    const [first] = mine;
    if (ev.request && first)
      ev.dropped.push({
        val: first.val,
        place: first.place,
        frame: ev.frame,
        how: 'caught',
        pc: and(base, caught),
        name: first.frame?.name,
      });
    if (reached === FALSE) {
      result = writes;
      reached = handlerEnd;
    } else {
      const before = result;
      result = ev.journal.branch(() => {
        ev.journal.merge(writes, before, (x, y) => merged(caught, x, y));
      });
      reached = join(base, [reached, handlerEnd]);
    }
  }
  // What a library call might raise and nobody here asked for goes on as one crash.
  const crashes = open.filter(isCrash);
  for (const e of open) if (!isCrash(e)) ev.sink.push(e);
  const crash = crashes[0];
  if (crash) ev.sink.push({ ...crash, cond: and(base, or(crashes.map(e => since(e.cond, base)))) });
  ev.journal.merge(result, nothing, x => x);
  // Whoever did not leave goes on, whatever happened on the way: that he came through the body or a handler says nothing more.
  const gone = ev.sink.slice(outside);
  if (reached !== FALSE && gone.every(isCrash)) ev.pc = gone.length === 0 ? base : and(base, without(gone, base));
  else ev.pc = reached;
  if (s.finally.length) {
    // A return there replaces whatever the rest was about to do.
    if (s.finally.at(-1)?.s === 'return') {
      ev.sink.length = outside;
      ev.pc = base;
    }
    const alive = ev.pc;
    if (alive === FALSE) ev.pc = base;
    const before = ev.sink.length;
    runBlock(ev, s.finally, scope);
    if (alive === FALSE) {
      const returned = ev.sink.slice(before).some(e => e.kind === 'return');
      ev.pc = FALSE;
      if (returned) ev.sink.splice(0, before, ...ev.sink.slice(0, before).filter(e => e.kind !== 'raise' || !exits.includes(e)));
    }
  }
}

/** So many errors that one handler catches are told apart. */
const FEW = 8;

/** Of what libraries raised, one for each origin of what they were given (a credential, what was sent): what they raise is not known. */
function alike(all: readonly Exit[], base: F): Exit[] {
  const groups = new Map<unknown, Exit[]>();
  for (const e of all) {
    const by = isCrash(e) ? prov(sym0(e)) : e.val;
    groups.set(by, [...(groups.get(by) ?? []), e]);
  }
  return [...groups.values()].map(of => ({ ...(of[0] as Exit), cond: and(base, or(of.map(e => since(e.cond, base)))) }));
}

/** Does a handler for `types` catch `e`? A formula where it depends on which exception a library raised. */
function catchesError(ev: Ev, e: Exit, types: Val | undefined): boolean | F {
  if (!types) return true;
  if (types.t === 'seq') {
    const parts = types.items.map(t => catchesError(ev, e, t));
    if (parts.includes(true)) return true;
    const some = parts.filter((p): p is F => typeof p !== 'boolean');
    return some.length ? or(some) : false;
  }
  const wanted = errorPath(types);
  if (wanted !== undefined && /(^|\.)(Exception|BaseException)$/.test(wanted)) return true;
  if (isCrash(e)) {
    // Raised inside a library: its own exception classes may come out, the application's may not.
    if (types.t === 'class' && (!types.bases.some(b => b.t !== 'class') || isForeign(sym0(e)))) return false;
    return atom('raises', [sym0(e)], e.place, wanted ?? 'class');
  }
  return inherits(ev, e.val, types);
}

/** A call into a library by its name, with nothing of the application's own that it could call back. */
function isForeign(v: Val): boolean {
  if (v.t !== 'call' || !/^[A-Za-z_]\w*\./.test(v.path)) return false;
  return ![...(v.recv ? [v.recv] : []), ...v.args.pos, ...v.args.kw.values()].some(runs);
}

const runs = (v: Val): boolean =>
  v.t === 'fn' ||
  v.t === 'native' ||
  v.t === 'obj' ||
  v.t === 'class' ||
  v.t === 'coro' ||
  v.t === 'unknown' ||
  (v.t === 'seq' && v.items.some(runs));

const sym0 = (e: Exit): Val => (e.val.t === 'sym' && e.val.store?.get('call')) || e.val;

const errorPath = (v: Val): string | undefined => (v.t === 'ext' ? v.path : undefined);

/** The API path of the exception of a library that was raised: its class, or what made it. */
export const raisedPath = (v: Val): string | undefined =>
  v.t === 'call' || v.t === 'ext' ? v.path : v.t === 'sym' ? v.path?.replace(/\(\)$/, '') : undefined;

export function inherits(ev: Ev, raised: Val, wanted: Val, depth = 0): boolean {
  if (depth > 20) return false;
  if (raised === wanted) return true;
  if (raised.t === 'obj') return inherits(ev, raised.cls, wanted, depth + 1);
  if (raised.t === 'class') return raised.bases.some(b => inherits(ev, b, wanted, depth + 1));
  if (raised.t === 'phi') return leavesOf(raised).some(x => inherits(ev, x, wanted, depth + 1));
  const from = raisedPath(raised);
  if (wanted.t === 'ext' && from !== undefined)
    return ev.models.canonical(from) === ev.models.canonical(wanted.path) || ev.models.isError(from, wanted.path) === true;
  // `Model.DoesNotExist` and other attributes of the application's own classes.
  if (wanted.t === 'attr' && raised.t === 'attr') return wanted.name === raised.name;
  return false;
}

/** So many calls of one `try` that are about the request are told apart by whether they raise; of all others, so many are tried. */
const TOLD_APART = 24;
const TRIED = 3;

/** Inside a `try`, a library call may raise: the handlers are to see it. */
export function mayRaise(ev: Ev, c: CallVal): void {
  if (ev.tries === 0 || !ev.frame || ev.dead || CALM.test(c.name)) return;
  // What has nothing to do with the request may fail at any time: that the handler may run is known after the first of them.
  const asked = (prov(c) & ASKED) !== 0;
  if (asked ? ev.crashes.asked++ >= TOLD_APART : ev.crashes.plain++ >= TRIED) return;
  const a = atom('raises', [c], c.place);
  const error = sym('exception', prov(c), { path: '?', store: new Map([['call', c as Val]]) });
  ev.sink.push({ kind: 'raise', val: error, cond: and(ev.pc, a), place: c.place, frame: ev.frame, seq: ev.seq++ });
  if (asked) ev.pc = and(ev.pc, not(a));
}

/** Methods of texts that do the same with any. */
const CALM =
  /^(lower|upper|casefold|title|capitalize|swapcase|[lr]?strip|r?partition|remove(pre|suf)fix|startswith|endswith|splitlines|zfill|hexdigest|is(digit|alpha|alnum|numeric|decimal|space|upper|lower|ascii))$/;

const ASKED = Prov.Credential | Prov.Input | Prov.Header | Prov.Csrf | Prov.Signature | Prov.Origin;
