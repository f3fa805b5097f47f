/** Format strings of the `format!` family. */
import type { At, Expr } from '../../facts/types.js';

/** Where the format string of a macro stands; -1 is the first string among the arguments. */
const FAMILY: Record<string, number> = {
  __proto__: null as never,
  format: 0,
  format_args: 0,
  print: 0,
  println: 0,
  eprint: 0,
  eprintln: 0,
  panic: 0,
  todo: 0,
  unimplemented: 0,
  unreachable: 0,
  anyhow: 0,
  eyre: 0,
  format_err: 0,
  bail: 0,
  write: 1,
  writeln: 1,
  assert: 1,
  debug_assert: 1,
  ensure: 1,
  assert_eq: 2,
  assert_ne: 2,
  debug_assert_eq: 2,
  debug_assert_ne: 2,
  trace: -1,
  debug: -1,
  info: -1,
  warn: -1,
  error: -1,
};

/** Whether a macro of this name takes a format string. */
export const formats = (name: string): boolean => name in FAMILY;
/** Whether it is one of the logging macros, which have their own argument syntax. */
export const logs = (name: string): boolean => FAMILY[name] === -1;

const PIECE = /\{\{|\}\}|\{\s*([\p{ID_Start}_][\p{ID_Continue}]*|\d+)?\s*(?::([^{}]*))?\}/gu;

/** Puts the arguments into the format string. They are given back unchanged where they do not fit. */
export function fillFormat(name: string, args: Expr[]): Expr[] {
  const place = FAMILY[name];
  const i = place === -1 ? args.findIndex(isText) : place;
  if (i === undefined || i < 0) return args;
  const text = args[i];
  if (text?.k !== 'lit' || typeof text.v !== 'string' || text.of) return args;
  const rest = args.slice(i + 1);
  const used = new Set<Expr>();
  const parts = fill(text.v, rest, used, text.at);
  if (!parts) return args;
  const only = parts.length <= 1 && typeof (parts[0] ?? '') === 'string';
  const filled: Expr = only ? { k: 'lit', v: (parts[0] as string | undefined) ?? '', at: text.at } : { k: 'fmt', parts, at: text.at };
  return [...args.slice(0, i), filled, ...rest.filter(e => !used.has(e))];
}

const isText = (e: Expr): boolean => e.k === 'lit' && typeof e.v === 'string' && !e.of;

/** `name = value` among the arguments. */
function namedArgs(args: Expr[]): Map<string, { arg: Expr; value: Expr }> {
  const out = new Map<string, { arg: Expr; value: Expr }>();
  for (const arg of args) {
    if (arg.k !== 'stmt' || arg.stmt.s !== 'assign' || arg.stmt.op || !arg.stmt.value) continue;
    const [to] = arg.stmt.targets;
    if (to?.p === 'bind') out.set(to.name, { arg, value: arg.stmt.value });
  }
  return out;
}

function fill(text: string, args: Expr[], used: Set<Expr>, at: At): (string | Expr)[] | undefined {
  const parts: (string | Expr)[] = [];
  const named = namedArgs(args);
  const positional = args.filter(a => a.k !== 'stmt');
  let next = 0;
  let from = 0;
  let plain = '';
  const take = (i: number): Expr | undefined => {
    const arg = positional[i];
    if (arg) used.add(arg);
    return arg;
  };
  for (const found of text.matchAll(PIECE)) {
    const before = text.slice(from, found.index);
    if (/[{}]/.test(before)) return undefined;
    plain += before;
    from = found.index + found[0].length;
    if (found[0] === '{{' || found[0] === '}}') {
      plain += found[0][0];
      continue;
    }
    // `{:.*}` takes its precision from an argument of its own
    if (found[2]?.includes('.*') && !take(next++)) return undefined;
    const name = found[1];
    let value: Expr | undefined;
    if (name === undefined) value = take(next++);
    else if (/^\d/.test(name)) value = take(Number(name));
    else {
      const given = named.get(name);
      if (given) used.add(given.arg);
      value = given?.value ?? { k: 'name', id: name, at };
    }
    if (!value) return undefined;
    if (plain) parts.push(plain);
    plain = '';
    parts.push(value);
  }
  const tail = text.slice(from);
  if (/[{}]/.test(tail)) return undefined;
  plain += tail;
  if (plain) parts.push(plain);
  return parts;
}
