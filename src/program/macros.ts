/** Rust macros: the standard ones by their meaning, those of libraries as calls, those of the application as what they are: unread. */
import type { Expr } from '../facts/types.js';
import { external } from './calls.js';
import type { Ev } from './ev.js';
import { awaited, evaluate } from './expressions.js';
import { not, type Place } from './formula.js';
import { args as mkArgs, atom, constant, Err, NONE, op, seq, STR, sym, UNIT } from './make.js';
import { equal, split, truthy } from './ops.js';
import { convertError, errorType, typeOfValue } from './rust.js';
import { configured } from './rust-cfg.js';
import { whenReady } from './rust-futures.js';
import { born } from './rust-collections.js';
import { head } from './rust-names.js';
import { Prov, type Scope, type Val } from './values.js';

type MacroExpr = Expr & { k: 'macro' };

export function macro(ev: Ev, e: MacroExpr, scope: Scope, place: Place): Val {
  const name = e.path.at(-1) ?? '';
  const args = (): Val[] => (e.args ?? []).map(a => evaluate(ev, a, scope));
  if (isOwn(ev, e.path, scope, place)) {
    const expanded = ev.program.expand(ev, name, e.tokens, scope, place);
    if (expanded) return expanded;
    ev.gap('opaque-macro', `the macro \`${name}!\` is not expanded`, place);
    return op(`${name}!`, args());
  }
  switch (name) {
    case 'concat': {
      const parts = args();
      const text = parts.every(x => x.t === 'const') ? parts.map(x => String(x.v)).join('') : undefined;
      return text === undefined ? op('fmt', parts) : STR(text);
    }
    case 'format':
    case 'format_args':
    case 'eyre':
      return args()[0] ?? STR('');
    case 'println':
    case 'print':
    case 'eprintln':
    case 'eprint':
    case 'dbg':
    case 'trace':
    case 'debug':
    case 'info':
    case 'warn':
    case 'error':
    case 'log':
    case 'event':
    case 'span':
    case 'debug_span':
    case 'info_span':
      // `status = status.as_u16()` names a field of the message; nothing is assigned.
      for (const a of e.args ?? []) evaluate(ev, a.k === 'stmt' && a.stmt.s === 'assign' && a.stmt.value ? a.stmt.value : a, scope);
      ev.dropped.push({ val: UNIT, place, frame: ev.frame, how: 'logged', pc: ev.pc });
      return UNIT;
    case 'write':
    case 'writeln':
      args();
      return UNIT;
    case 'vec':
    case 'smallvec':
    case 'array':
      return born(ev, seq('list', args()));
    case 'json':
      return args()[0] ?? op('json', []);
    case 'panic':
    case 'unreachable':
    case 'todo':
    case 'unimplemented':
      args();
      ev.exit('panic', op(name, []), place);
      return NONE;
    // What is deployed is a release build.
    case 'debug_assert':
    case 'debug_assert_eq':
    case 'debug_assert_ne':
      return UNIT;
    case 'assert': {
      const c = truthy(args()[0] ?? NONE, place);
      ev.exitIf(not(c), 'panic', op('assert', []), place);
      return UNIT;
    }
    case 'assert_eq':
    case 'assert_ne': {
      const [a, b] = args();
      if (a && b) {
        const eq = equal(a, b, place);
        ev.exitIf(name === 'assert_ne' ? eq : not(eq), 'panic', op('assert', []), place);
      }
      return UNIT;
    }
    case 'anyhow':
    case 'report':
    case 'format_err': {
      const a = args();
      return a[0] && typeOfValue(a[0])?.cls ? a[0] : op('anyhow', a);
    }
    case 'bail': {
      const a = args();
      ev.exit('return', Err(toError(ev, a, scope, place)), place);
      return NONE;
    }
    case 'ensure': {
      const [test, ...rest] = e.args ?? [];
      if (!test) return UNIT;
      const c = truthy(evaluate(ev, test, scope), place);
      ev.branch(
        c,
        () => UNIT,
        () => {
          ev.exit(
            'return',
            Err(
              toError(
                ev,
                rest.map(r => evaluate(ev, r, scope)),
                scope,
                place,
              ),
            ),
            place,
          );
          return NONE;
        },
      );
      return UNIT;
    }
    case 'try_join':
    case 'join': {
      const xs = args().map(a => awaited(ev, a));
      if (name === 'join') return seq('tuple', xs);
      const oks: Val[] = [];
      for (const x of xs) {
        if (ev.dead) return NONE;
        const s = split(x, place);
        if (s.fail.f !== 'false')
          ev.exitIf(s.fail, 'return', convertError(ev, s.err ?? op('err', [x]), scope, place), place, { propagated: true });
        oks.push(s.ok);
      }
      return { t: 'variant', of: 'Result', tag: 'Ok', fields: new Map([['0', seq('tuple', oks)]]), id: -2 };
    }
    case 'select':
      return select(ev, e, scope, place);
    case 'try_outcome':
    case 'r#try': {
      const x = args()[0];
      if (!x) return NONE;
      const s = split(x, place);
      ev.exitIf(s.fail, 'return', Err(s.err ?? op('err', [x])), place, { propagated: true });
      return s.ok;
    }
    case 'env':
    case 'option_env':
    case 'dotenv':
      return sym(`env ${e.tokens.slice(0, 40)}`, Prov.Setting);
    case 'include_str':
    case 'include_bytes':
      return sym('file', Prov.None);
    case 'stringify':
    case 'file':
    case 'module_path':
      return STR(e.tokens.trim());
    case 'line':
    case 'column':
      return op(name, []);
    case 'cfg': {
      const is = configured(ev, e.args?.[0]);
      return is === undefined ? sym('cfg', Prov.Setting) : constant(is);
    }
    case 'ready':
      return whenReady(args()[0] ?? NONE);
    case 'pin':
    case 'addr_of':
      return args()[0] ?? NONE;
    case 'matches':
      return args()[0] ?? NONE;
    default:
      break;
  }
  const path = ev.models.canonical(libraryPath(ev, e.path, scope));
  // `login_required!(Backend, login_url = "/login")`: named arguments parse as assignments.
  const named = new Map<string, Val>();
  const plain: Val[] = [];
  for (const a of e.args ?? []) {
    const target = a.k === 'stmt' && a.stmt.s === 'assign' ? a.stmt.targets[0] : undefined;
    if (a.k === 'stmt' && a.stmt.s === 'assign' && target?.p === 'bind' && a.stmt.value)
      named.set(target.name, evaluate(ev, a.stmt.value, scope));
    else if (a.k === 'stmt' && a.stmt.s === 'assign' && target?.p === 'target' && target.expr.k === 'name' && a.stmt.value)
      named.set(target.expr.id, evaluate(ev, a.stmt.value, scope));
    else plain.push(evaluate(ev, a, scope));
  }
  return external(ev, `${path}!`, undefined, undefined, mkArgs(plain, named), place, name);
}

/** `select! { pattern = future => body, .. }`: any of its arms may be the one that runs. */
function select(ev: Ev, e: MacroExpr, scope: Scope, place: Place): Val {
  const arms = e.tokens.length > 20_000 ? [] : selectArms(e.tokens);
  const parse = ev.program.rustText;
  let out: Val = op('select', []);
  for (const [i, arm] of arms.entries()) {
    const source =
      parse?.expr(`{ let ${arm.pattern} = ${arm.future}.await; ${arm.body} }`, place.at) ??
      parse?.expr(`{ ${arm.future}.await; ${arm.body} }`, place.at);
    if (!source) {
      ev.gap('opaque-macro', 'an arm of `select!` is not read', place);
      continue;
    }
    const before = out;
    const run = (): Val => evaluate(ev, source, scope);
    out = ev.branch(atom('flag', [STR(`select ${String(place.at)} ${String(i)}`)], place), run, () => before);
    if (ev.dead) return NONE;
  }
  return out;
}

function selectArms(tokens: string): { pattern: string; future: string; body: string }[] {
  const out: { pattern: string; future: string; body: string }[] = [];
  const text = tokens.replace(/^\s*biased\s*;/, '');
  let i = 0;
  const upTo = (stop: (at: number) => boolean): string => {
    const from = i;
    let depth = 0;
    for (; i < text.length; i++) {
      const c = text[i] as string;
      if (c === '"') {
        for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
        continue;
      }
      if (depth === 0 && stop(i)) break;
      if ('([{'.includes(c)) depth++;
      else if (')]}'.includes(c)) {
        depth--;
        if (depth === 0 && c === '}' && closes) {
          i++;
          break;
        }
      }
    }
    return text.slice(from, i).trim();
  };
  let closes = false;
  while (i < text.length && out.length < 16) {
    const pattern = upTo(k => text[k] === '=' && text[k + 1] !== '=' && text[k - 1] !== '=');
    if (i >= text.length) break;
    if (text[i + 1] === '>') {
      // `else => body`
      i += 2;
      closes = /^\s*\{/.test(text.slice(i));
      const body = upTo(k => text[k] === ',');
      closes = false;
      out.push({ pattern: '_', future: 'async {}', body });
    } else {
      i++;
      const future = upTo(k => text[k] === '=' && text[k + 1] === '>').replace(/,\s*if\b[\s\S]*$/, '');
      i += 2;
      closes = /^\s*\{/.test(text.slice(i));
      const body = upTo(k => text[k] === ',');
      closes = false;
      out.push({ pattern: pattern.replace(/^,/, '').trim() || '_', future, body });
    }
    while (i < text.length && /[\s,]/.test(text[i] as string)) i++;
  }
  return out;
}

/** Is it a macro of the application, whatever macros of libraries have the same name? What is imported by its name is what it is imported as. */
function isOwn(ev: Ev, path: readonly string[], scope: Scope, place: Place): boolean {
  const [first] = path;
  if (first === undefined || !ev.program.macros.has(path.at(-1) ?? '')) return false;
  if (path.length > 1) return head(ev, first, scope, place)?.t === 'module';
  const v = evaluate(ev, { k: 'name', id: first, at: place.at }, scope);
  return v.t !== 'ext' || !v.path.includes('::');
}

const libraryPath = (ev: Ev, path: string[], scope: Scope): string => {
  if (path.length > 1) return path.join('::');
  const v = evaluate(ev, { k: 'name', id: path[0] as string, at: 0 }, scope);
  return v.t === 'ext' ? v.path : (path[0] as string);
};

/** The error that `bail!`/`ensure!` make: the given value where it is one, else an opaque message of the function's error type. */
function toError(ev: Ev, a: Val[], scope: Scope, place: Place): Val {
  void place;
  const first = a[0];
  if (first && typeOfValue(first)?.cls) return first;
  const t = errorType(ev, scope);
  return op('anyhow', a.length ? a : [STR('error')], t);
}
