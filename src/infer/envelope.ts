/** Answers that are made of what another answer carries (`Response(callback + '(' + view().data + ')')`), or of an error. */
import { leavesOf } from '../program/alternatives.js';
import type { CallVal, Val } from '../program/values.js';

/** How deep in its arguments it is looked for: it stands in a text, in a list, in a call or two. */
const DEPTH = 6;

/** What an answer carries, by the names that the frameworks have for it. */
const CONTENT = new Set(['data', 'json', 'body', 'content', 'response', 'text', 'get_data', 'get_json']);

/** The answer whose content `v` is. */
export function carrier(v: Val, isAnswer: (v: CallVal) => boolean): CallVal | undefined {
  const of = v.t === 'attr' && CONTENT.has(v.name) ? v.of : v.t === 'call' && CONTENT.has(v.name) ? v.recv : undefined;
  return of?.t === 'call' && isAnswer(of) ? of : undefined;
}

/** What of the arguments of `c` is the content of another answer, or of one of several; undefined where nothing is. */
export function carried(c: CallVal, isAnswer: (v: CallVal) => boolean): Val | undefined {
  const seen = new Set<Val>();
  const find = (v: Val, depth: number): Val | undefined => {
    if (depth > DEPTH || seen.has(v)) return undefined;
    seen.add(v);
    if (carrier(v, isAnswer)) return v;
    if (v.t === 'phi') return leavesOf(v).some(x => carrier(x, isAnswer)) ? v : undefined;
    for (const x of within(v)) {
      const found = find(x, depth + 1);
      if (found) return found;
    }
    return undefined;
  };
  for (const x of within(c)) {
    const found = find(x, 1);
    if (found) return found;
  }
  return undefined;
}

/** Is it made of one of the errors (`f'<pre>{e}</pre>'`)? */
export function tells(v: Val, errors: ReadonlySet<Val>, depth = 0): boolean {
  if (errors.has(v)) return true;
  if (depth > DEPTH) return false;
  if (v.t === 'attr') return tells(v.of, errors, depth + 1);
  if (v.t === 'phi') return leavesOf(v).every(x => tells(x, errors, depth + 1));
  if (v.t === 'call' && v.recv && tells(v.recv, errors, depth + 1)) return true;
  for (const x of within(v)) if (tells(x, errors, depth + 1)) return true;
  return false;
}

const within = (v: Val): Iterable<Val> =>
  v.t === 'call'
    ? [...v.args.pos, ...v.args.kw.values()]
    : v.t === 'op'
      ? v.args
      : v.t === 'seq'
        ? v.items
        : v.t === 'map'
          ? v.entries.values()
          : [];
