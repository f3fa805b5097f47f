/** Handlers that other code runs as services: `Service::call(&mut Handler::with_state(show, state), request)`. */
import type { Ev, Models } from '../../../program/ev.js';
import { Ok } from '../../../program/make.js';
import type { CallVal, FnVal, Val } from '../../../program/values.js';
import { withState } from '../request.js';
import { callWith } from './layers.js';

const installed = new WeakSet<Models>();

/** Lets a handler run where the service that it was made into is called. Done once per set of models. */
export function installServices(ev: Ev): void {
  const m: Models = ev.models;
  if (installed.has(m)) return;
  installed.add(m);
  const call = m.call.bind(m);
  m.call = (e, c) => served(e, c) ?? call(e, c);
}

function served(ev: Ev, c: CallVal): Val | undefined {
  if (!ev.request || !/^(call|oneshot)$/.test(c.name)) return undefined;
  const at = /(^|::)(Service|ServiceExt)::(call|oneshot)$/.test(c.path) ? c.args.pos[0] : c.recv;
  const made = at && handlerOf(at);
  if (!made) return undefined;
  let answer: Val | undefined;
  withState(ev, made.state, () => (answer = callWith(ev, made.fn, c.place)));
  return answer && Ok(answer);
}

/** The handler that a service was made from, and its state. */
function handlerOf(v: Val): { fn: FnVal; state: Val | undefined } | undefined {
  if (v.t !== 'call') return undefined;
  const [first, second] = v.args.pos;
  if (/(^|::)Handler::with_state$/.test(v.path) && first?.t === 'fn') return { fn: first, state: second };
  if (/^(with_state|into_service)$/.test(v.name) && v.recv?.t === 'fn') return { fn: v.recv, state: first };
  return undefined;
}
