/**
 * Functions that configure an application which a library builds: a builder or a platform is handed `|cfg| { cfg.service(..); }`, makes
 * the application itself, and calls it.
 */
import type { FnDef, TypeRef } from '../../../facts/types.js';
import { walk, type Written } from '../../../facts/walk.js';
import type { Ev, GapNote } from '../../../program/ev.js';
import { tyOf } from '../../../program/rust.js';
import type { CallVal, FnVal, Scope, Val } from '../../../program/values.js';
import { isApp } from './app.js';
import { rootName } from './routes.js';

export interface Hosted {
  /** The function that is handed over. */
  fn: FnVal;
  /** What it is handed to. */
  to: CallVal;
  /** It says itself that it takes a configuration; otherwise that shows in what it does with its parameter. */
  typed: boolean;
}

/** What calls of libraries were handed to configure an application with; each function once. */
export function hosted(ev: Ev, events: readonly CallVal[]): Hosted[] {
  const seen = new Set<FnDef>();
  const out: Hosted[] = [];
  for (const to of events) {
    if (to.name === 'configure' && to.recv && isPart(to.recv)) continue;
    for (const v of [...to.args.pos, ...to.args.kw.values()]) {
      if (v.t !== 'fn' || seen.has(v.def)) continue;
      const how = configuring(ev, v.def, v.scope);
      if (how === undefined) continue;
      seen.add(v.def);
      out.push({ fn: v, to, typed: how === 'typed' });
    }
  }
  return out;
}

/** An application, a scope, or what a configure function is given: what is configured there is read with it. */
const isPart = (v: Val): boolean => isApp(v) || v.t === 'sym' || /(^|::)(scope|Scope::new|ServiceConfig)(::|$)/.test(rootName(v));

/** Does the body of a function hold a closure that configures an application? */
export function holdsConfiguring(ev: Ev, { def, scope }: FnVal): boolean {
  let found = false;
  walk([def.body, def.value], n => {
    if (n.k === 'fn') found ||= ['typed', 'used'].includes(configuring(ev, n.fn as unknown as FnDef, scope) ?? '');
    return !found;
  });
  return found;
}

/** By what a function shows that it configures an application: its type, what it calls on its parameter, or perhaps whom it hands it to. */
function configuring(ev: Ev, def: FnDef, scope: Scope): 'typed' | 'used' | 'passed' | undefined {
  const [p] = def.params;
  if (!p || def.params.length > 1 || p.pat.p !== 'bind') return undefined;
  if (p.type) return isConfig(ev, p.type, scope) ? 'typed' : undefined;
  const { name } = p.pat;
  let how: 'used' | 'passed' | undefined;
  walk([def.body, def.value], n => {
    // Macros register, too: `routes!(cfg, auth)`.
    if (n.k === 'macro' && new RegExp(`^\\s*${name}\\s*(,|$)`).test(n.tokens ?? '')) how = 'used';
    if (n.k !== 'call') return true;
    if (n.fn?.k === 'member' && /^(service|configure|route)$/.test(n.fn.name ?? '') && startsAt(n.fn, name)) how = 'used';
    const [a] = (n.args ?? []) as { value?: Written }[];
    // A closure that gives something back may be any (`|x| f(x)`).
    if (how === undefined && def.value === undefined && n.args?.length === 1 && a?.value?.k === 'name' && a.value.id === name)
      how = 'passed';
    return true;
  });
  return how;
}

const isConfig = (ev: Ev, r: TypeRef, scope: Scope): boolean => {
  const t = tyOf(ev, r, scope);
  const named = /(^|::)ServiceConfig$/.test(t.path) && !t.cls;
  return named || r.args.some(a => isConfig(ev, a, scope));
};

/** Is a chain of calls one on this variable? */
function startsAt(member: Written, name: string): boolean {
  let of: (Written & { of?: Written }) | undefined = member;
  for (let i = 0; of && i < 500; i++) {
    if (of.k === 'name') return of.id === name;
    of = of.k === 'call' ? of.fn : of.k === 'member' ? of.of : undefined;
  }
  return false;
}

/** What a library that builds an application does besides is not known. */
export const builtElsewhere = (to: CallVal): GapNote => ({
  why: 'dynamic-route',
  says: `\`${to.path || to.name}\` builds the application that is configured here: what else it registers is not known`,
  place: to.place,
  hides: ['endpoints'],
});
