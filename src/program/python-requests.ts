/** What belongs to the running request alone: values that stand for what a function gives in it, and objects that are new in each. */
import { callback, external } from './calls.js';
import type { Ev } from './ev.js';
import { type F, FALSE, type Place, TRUE } from './formula.js';
import { args as mkArgs, STR } from './make.js';
import type { Program } from './program.js';
import type { Val } from './values.js';

/**
 * What `v` stands for in the running request (`current_user = LocalProxy(find_user)`); `v` itself where it is no such proxy, or no
 * request runs.
 */
export function behind(ev: Ev, v: Val, place: Place): Val {
  if (v.t !== 'call' || !isProxy(v.path) || !ev.request) return v;
  const find = v.args.pos[0];
  return find?.t === 'fn' || find?.t === 'native' || find?.t === 'obj' ? callback(ev, find, mkArgs(), place) : v;
}

/** Of what stands for something else: also where it decorates the function that gives it. */
export const isProxy = (path: string): boolean => path === 'werkzeug.local.LocalProxy';

/** Puts `v` into an object of a library (`g.user = v`), under its API path. */
export function keep(ev: Ev, path: string, name: string, v: Val): void {
  const key = ev.models.canonical(`${path}.${name}`);
  ev.write(ev.globals, key, v);
  if (!ev.request || ev.kept.get(key) === TRUE || !ev.models.isFresh(ev.models.canonical(path))) return;
  // On a way that has been left already nothing was there.
  if (!ev.kept.has(key)) ev.write(ev.kept, key, FALSE);
  ev.write(ev.kept, key, TRUE);
}

/**
 * What is noted on an entry of a table of a library while the application is put together (`app.view_functions['login'].public = True`) is
 * a registration, as what is put there is.
 */
export function registered(ev: Ev, of: Val & { t: 'item' }, name: string, v: Val, place: Place): void {
  const path = ev.program.pathOf(of);
  if (path !== undefined && !ev.request && of.of.t === 'attr')
    external(ev, `${path}.=`, undefined, of, mkArgs([STR(name), v]), place, '.=');
}

/**
 * Where something is there under `name`, in an object of a library that is empty when a request comes (`flask.g`); undefined where that is
 * not known. Only what the application itself puts there somewhere is known not to be there before.
 * @param path API path of the object
 */
export function kept(ev: Ev, path: string, name: string): F | undefined {
  const object = ev.models.canonical(path);
  if (!ev.request || !ev.models.isFresh(object)) return undefined;
  const key = `${object}.${name}`;
  return ev.kept.get(key) ?? (!ev.globals.has(key) && assigned(ev.program).has(name) ? FALSE : undefined);
}

const names = new WeakMap<Program, ReadonlySet<string>>();

/** Names of all attributes that the program writes to anything. */
function assigned(p: Program): ReadonlySet<string> {
  let out = names.get(p);
  if (!out) names.set(p, (out = new Set(p.files.flatMap(f => [...f.text.matchAll(/\.(\w+)\s*=[^=]/g)].map(m => m[1] as string)))));
  return out;
}
