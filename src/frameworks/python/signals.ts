/** Signals (blinker) that nobody hears: who sends one gets no answers, and goes on with what it does then. */
import type { PackModels } from '../../packs/models.js';
import type { Ev } from '../../program/ev.js';
import { seq } from '../../program/make.js';
import type { Val } from '../../program/values.js';
import { literal } from './common.js';

const SIGNAL = 'blinker.Signal()';

/** Lets a request know which signals the modules connected nobody to. To be called once, after the modules ran. */
export function useSignals(ev: Ev, models: PackModels): void {
  const heard = new Set<string>();
  for (const c of ev.events) {
    const by = c.fn?.t === 'call' && c.fn.path === `${SIGNAL}.connect_via` ? c.fn : c.path === `${SIGNAL}.connect` ? c : undefined;
    const key = by && keyOf(by.recv);
    if (key !== undefined) heard.add(key);
  }
  models.told.set(`${SIGNAL}.send`, c => {
    const key = keyOf(c.recv);
    return key === undefined || heard.has(key) || !ev.request ? undefined : seq('list', []);
  });
}

/** What tells a signal from others: its name, within the namespace that it belongs to. */
function keyOf(v: Val | undefined): string | undefined {
  if (v?.t !== 'call') return undefined;
  const name = literal(v.args.pos[0]);
  return name !== undefined && v.name === 'signal' ? `${String(v.recv?.id ?? '')} ${name}` : String(v.id);
}
