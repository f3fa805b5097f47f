/** Middleware of Rust: code around the rest of the request's way. */
import { awaited } from '../../program/expressions.js';
import type { Ev } from '../../program/ev.js';
import { and, FALSE, not, or, type F, type Place, since } from '../../program/formula.js';
import { native, None_, phi, sym } from '../../program/make.js';
import { type CallVal, nextId, Prov, type Val } from '../../program/values.js';
import { layer } from '../layers.js';
import type { LayerScope } from '../types.js';
import { answer } from './render.js';
import { extensionsOf } from './extensions.js';
import { isInner } from './request.js';

/** What the inner service answers; one for all, so that it is told from what a middleware answers itself. */
const INNER: Val = sym('response', Prov.None, { path: 'response' });

/**
 * Runs a middleware with the inner service as `next`. What it answers without having asked `next` ends the request; after it,
 * the path condition is that under which `next` was asked.
 */
export function around(ev: Ev, scope: LayerScope, name: string, place: Place, run: (next: Val) => Val): void {
  const base = ev.pc;
  let passed: F = FALSE;
  const handed: Handed[] = [];
  // Asking gives a future: the request goes on where that is awaited.
  const next = native('next', (_a, at) => {
    const state = { ran: false };
    return {
      t: 'coro',
      id: nextId(),
      p: 0,
      name: 'next',
      place: at,
      state,
      run: () => {
        state.ran = true;
        passed = or([passed, ev.pc]);
        handed.push({ when: ev.pc, extensions: extensionsOf(ev) });
        return INNER;
      },
    };
  });
  const from = ev.events.length;
  const v = layer(ev, 'middleware', scope, name, place, () => awaited(ev, run(next)));
  // A library function that was given a closure may ask `next` in it; that a middleware never does is far less likely.
  if (!ev.dead && passed === FALSE && ev.events.slice(from).some(handsOver)) {
    ev.gap('unknown-middleware', `\`${name}\` hands the request to a library function that is not described`, place);
    return;
  }
  if (!ev.dead && passed !== ev.pc) {
    if (passed !== FALSE) ev.pc = and(ev.pc, not(relative(passed, base)));
    answer(ev, v, place, fromInner);
  }
  ev.pc = passed;
  handOn(ev, handed, base);
}

/** The request as it was when `next` was asked. */
interface Handed {
  when: F;
  extensions: Map<string, Val>;
}

/** What comes next sees the request as it was handed on, wherever the middleware returned after that. */
function handOn(ev: Ev, handed: readonly Handed[], base: F): void {
  const now = extensionsOf(ev);
  for (const key of new Set([...now.keys(), ...handed.flatMap(h => [...h.extensions.keys()])])) {
    const values = handed.map(h => h.extensions.get(key) ?? None_);
    const last = values.at(-1);
    if (!last) continue;
    const v = values.reduceRight((rest, x, i) => (x === rest ? rest : phi(relative((handed[i] as Handed).when, base), x, rest)), last);
    if (v !== now.get(key)) ev.write(ev.globals, key, v);
  }
}

const handsOver = (e: CallVal): boolean => e.args.pos.some(a => a.t === 'fn' && a.def.kind === 'closure' && a.def.params.length === 0);

const relative = (f: F, base: F): F => (f.f === 'or' ? or(f.xs.map(x => since(x, base))) : since(f, base));

/** Is it the inner response, or made from it? */
function fromInner(v: Val, depth = 0): boolean {
  if (isInner(v)) return true;
  if (depth > 12) return false;
  switch (v.t) {
    case 'call':
      return (v.recv !== undefined && fromInner(v.recv, depth + 1)) || v.args.pos.some(a => fromInner(a, depth + 1));
    case 'op':
      return v.args.some(a => fromInner(a, depth + 1));
    case 'seq':
      return v.items.some(a => fromInner(a, depth + 1));
    case 'attr':
    case 'item':
      return fromInner(v.of, depth + 1);
    case 'variant':
      return [...v.fields.values()].some(a => fromInner(a, depth + 1));
    default:
      return false;
  }
}
