/** Where calls that nest are no longer followed, and what is known of a call that is not. */
import { type Called, type Ev, type Frame, isCrash } from './ev.js';
import { raisedPath } from './tries.js';
import type { FnVal, Scope, Val } from './values.js';

const MAX_DEPTH = 48;
/** A function that calls itself with the same again, or with what is as little known, shows nothing new after so many times. */
const MAX_ALIKE = 2;
/** With other arguments, or for an object of another class, it may do something else every time. */
const MAX_AT_ALL = 8;
/** So far into what lists and objects hold are arguments compared. */
const DEEP = 3;

/** Errors that say that the code was used wrongly, and nothing of who may. */
const MISTAKE = /^builtins\.(AssertionError|AttributeError|IndexError|KeyError|NotImplementedError|RuntimeError|TypeError|ValueError)\b/;

/**
 * What a closure brings along besides its arguments: the variables around it as they are when it is called. A block that is awaited where
 * the function around it was left already is made anew each time, with nothing else to tell it by.
 * @returns undefined where it was not called by itself yet
 */
export function broughtAlong(ev: Ev, fn: FnVal): readonly Val[] | undefined {
  if (fn.scope.kind === 'module' || fn.scope.kind === 'class') return undefined;
  for (let f = ev.frame; f; f = f.parent) if (f.def === fn.def) return around(fn.scope);
  return undefined;
}

function around(scope: Scope): Val[] {
  const vs: Val[] = [];
  for (let s: Scope | undefined = scope; s && (s.kind === 'function' || s.kind === 'block'); s = s.parent) vs.push(...s.vars.values());
  return vs;
}

/**
 * Whether a call of `fn` with `inputs` is left out.
 * @returns undefined where it is followed; otherwise `ends`: all that it may come to was met on the way to it, so that this way leads
 *   nowhere new; `hides`: what it does may differ from all that was followed
 */
export function leftOut(
  ev: Ev,
  fn: FnVal,
  inputs: readonly Val[],
  brought?: readonly Val[],
): { ends: boolean; hides: boolean } | undefined {
  const call: Called = { scope: fn.scope, brought, inputs };
  let depth = 0;
  let all = 0;
  let again = 0;
  let raised = false;
  let returned = false;
  let first: Frame | undefined;
  for (let f = ev.frame; f; f = f.parent) {
    depth++;
    if (f.def !== fn.def) continue;
    all++;
    first = f;
    if (!isSame(calledAs(f), call)) continue;
    again++;
    const exits = f.exits ?? [];
    raised ||= exits.some(e => e.kind === 'raise' && !isCrash(e) && !MISTAKE.test(raisedPath(e.val) ?? ''));
    returned ||= exits.some(e => e.kind === 'return');
  }
  if (again >= MAX_ALIKE) return { ends: raised && returned, hides: false };
  if (first) {
    // One that differs in nothing that the code says was followed from elsewhere in the same function.
    const followed = (first.followed ??= []);
    const others = followed.filter(g => isSame(g, call) && !alikeAll(g.inputs, inputs, DEEP, isEqual));
    if (others.length > (isSame(calledAs(first), call) ? again - 1 : again)) return { ends: false, hides: false };
    followed.push(call);
  }
  return all >= MAX_AT_ALL || depth >= MAX_DEPTH ? { ends: false, hides: true } : undefined;
}

const calledAs = (f: Frame): Called => ({ scope: f.fn?.scope, brought: f.brought, inputs: f.given ?? [] });

/** Do two calls of a function differ in nothing that the code says? */
const isSame = (x: Called, y: Called): boolean =>
  (x.scope === y.scope || (x.brought !== undefined && y.brought !== undefined && alikeAll(x.brought, y.brought, DEEP))) &&
  alikeAll(x.inputs, y.inputs, DEEP);

/** Of two things that hold nothing: are they as much as the same? */
type Same = (x: Val, y: Val) => boolean;

const alikeAll = (xs: readonly Val[], ys: readonly Val[], deep: number, same: Same = isAlike): boolean =>
  xs.length === ys.length && xs.every((x, i) => alike(x, ys[i] as Val, deep, same));

function alike(x: Val, y: Val, deep: number, same: Same): boolean {
  if (x === y || deep === 0) return true;
  if (x.t === 'obj' && y.t === 'obj') return x.cls === y.cls && alikeIn(x.fields, y.fields, deep - 1, same);
  if (x.t === 'variant' && y.t === 'variant') return x.tag === y.tag && alikeIn(x.fields, y.fields, deep - 1, same);
  if (x.t === 'map' && y.t === 'map') return alikeIn(x.entries, y.entries, deep - 1, same);
  if (x.t !== 'seq' || y.t !== 'seq') return same(x, y);
  // As a number that grows does, a list that takes in what is not known (`seen.add(id(x))`) counts how deep the call is.
  const more = y.items.slice(x.items.length);
  return alikeAll(x.items, y.items.slice(0, x.items.length), deep - 1, same) && (same === isAlike ? !more.some(said) : more.length === 0);
}

const alikeIn = <K>(xs: ReadonlyMap<K, Val>, ys: ReadonlyMap<K, Val>, deep: number, same: Same): boolean =>
  xs.size === ys.size &&
  [...xs].every(([k, x]) => {
    const y = ys.get(k);
    return y !== undefined && alike(x, y, deep, same);
  });

/**
 * May two values be told apart by what the code says? What is only known when a request comes is all the same; so is a number that grows
 * from call to call (`walk(child, depth + 1)`): it counts how deep the call is.
 */
function isAlike(x: Val, y: Val): boolean {
  if (isEqual(x, y)) return true;
  if (x.t === 'const' && y.t === 'const') return typeof x.v === 'number' && typeof y.v === 'number' && x.v < y.v;
  return !said(x) && !said(y);
}

function isEqual(x: Val, y: Val): boolean {
  if (x.t === 'const' && y.t === 'const') return x.v === y.v;
  return x.t === 'fn' && y.t === 'fn' ? x.def === y.def && x.scope === y.scope : x === y;
}

/** Is it the code that says what this is? */
const said = (x: Val): boolean => /^(const|fn|obj|variant|seq|map|class|ext|native)$/.test(x.t);
