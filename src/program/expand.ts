/** Expanding the application's own `macro_rules!`: rules are matched token by token, and the result is read as Rust again. */
import type { Stmt } from '../facts/types.js';
import { spend } from './effort.js';
import type { Ev } from './ev.js';
import { evaluate } from './expressions.js';
import type { Expander, Macro } from './program.js';
import { defineItems } from './rust.js';
import { blockOf, runBlock } from './statements.js';
import { UNIT } from './make.js';
import { PASTE, paste } from './paste.js';
import type { Module } from './values.js';

interface Token {
  text: string;
  /** It stood apart from the token before it. */
  spaced: boolean;
}

/** A group with its delimiters is one tree. */
type Tree = Token | { open: string; close: string; items: Tree[]; spaced: boolean };
const isGroup = (t: Tree | undefined): t is Exclude<Tree, Token> => t !== undefined && 'items' in t;
const isToken = (t: Tree | undefined, text: string): boolean => t !== undefined && !isGroup(t) && t.text === text;

const TOKEN =
  /(?:b|c)?r(#*)"[\s\S]*?"\1|(?:b|c)?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\(?:u\{[^}]*\}|x..|[\s\S])|[^'\\])'|'\w+|(?:r#)?[\p{ID_Start}_][\p{ID_Continue}]*|\d[\w.]*|::|=>|->|\.\.=|\.\.|&&|\|\||[=!<>+\-*/%^&|]=|\S/uy;
const CLOSE: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
/** What is made of a longer text, or is longer, is not followed: as many code units. */
const MAX_TEXT = 400_000;
const MAX_NESTING = 24;

const BLANK = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//uy;
/** A macro is given a doc comment as the attribute that it stands for (The Rust Reference, "Doc comments"). */
const DOC = /\/\/(?:(!)|\/(?!\/))([^\n]*)|\/\*(?:(!)|\*(?![*/]))([\s\S]*?)\*\//uy;

/** The tokens of `text`; of its doc comments, too, where `docs` asks for them. */
function tokens(text: string, docs: boolean): Token[] {
  const out: Token[] = [];
  let i = 0;
  let spaced = false;
  const next = (r: RegExp): RegExpExecArray | null => {
    r.lastIndex = i;
    const m = r.exec(text);
    if (m) i += m[0].length;
    return m;
  };
  while (i < text.length) {
    const doc = docs ? next(DOC) : null;
    if (doc) {
      const inner = (doc[1] ?? doc[3]) ? ['!'] : [];
      const said = JSON.stringify(doc[2] ?? doc[4] ?? '');
      out.push(...['#', ...inner, '[', 'doc', '=', said, ']'].map(t => ({ text: t, spaced: t === '#' })));
      spaced = true;
    } else if (next(BLANK)) spaced = true;
    else {
      const m = next(TOKEN);
      if (!m) break;
      out.push({ text: m[0], spaced });
      spaced = false;
    }
  }
  return out;
}

function trees(ts: Token[], at: { i: number }, close?: string): Tree[] {
  const out: Tree[] = [];
  while (at.i < ts.length) {
    const t = ts[at.i++] as Token;
    if (t.text === close) return out;
    const end = CLOSE[t.text];
    out.push(end ? { open: t.text, close: end, items: trees(ts, at, end), spaced: t.spaced } : t);
  }
  return out;
}

const read = (text: string, docs = false): Tree[] => trees(tokens(text, docs), { i: 0 });

function write(ts: readonly Tree[]): string {
  let out = '';
  for (const t of ts) {
    if (t.spaced && out !== '') out += ' ';
    out += isGroup(t) ? `${t.open}${write(t.items)}${t.close}` : t.text;
  }
  return out;
}

// ------------------------------------------------------------------------------------------------ patterns

type Bound = Tree[] | { many: Bindings[] };
type Bindings = Map<string, Bound>;

type Part =
  | { k: 'fragment'; name: string; kind: string }
  | { k: 'repeat'; parts: Part[]; separator?: Tree; op: string }
  | { k: 'group'; open: string; parts: Part[] }
  | { k: 'token'; text: string };

/** What stands between two rounds of a repetition, if anything does, and where its operator is. */
function separated(ts: readonly Tree[], at: number): [separator: Tree | undefined, operator: number] {
  return ['*', '+', '?'].some(op => isToken(ts[at], op)) ? [undefined, at] : [ts[at], at + 1];
}

function parts(ts: readonly Tree[]): Part[] {
  const out: Part[] = [];
  for (let i = 0; i < ts.length; i++) {
    const t = ts[i] as Tree;
    const next = ts[i + 1];
    if (isToken(t, '$') && isGroup(next) && next.open === '(') {
      const [separator, j] = separated(ts, i + 2);
      const op = ts[j];
      out.push({ k: 'repeat', parts: parts(next.items), op: op && !isGroup(op) ? op.text : '*', ...(separator ? { separator } : {}) });
      i = j;
    } else if (isToken(t, '$') && next && !isGroup(next) && isToken(ts[i + 2], ':')) {
      const kind = ts[i + 3];
      out.push({ k: 'fragment', name: next.text, kind: kind && !isGroup(kind) ? kind.text : 'tt' });
      i += 3;
    } else if (isGroup(t)) out.push({ k: 'group', open: t.open, parts: parts(t.items) });
    else out.push({ k: 'token', text: t.text });
  }
  return out;
}

const IDENT = /^(?:r#)?[\p{ID_Start}_]\p{ID_Continue}*$/u;

/** What a type or a path ends before (The Rust Reference, "Follow-set Ambiguity Restrictions"). */
const AFTER_TYPE = new Set([',', ';', ':', '=>', '=', '|', 'as', 'where']);

/** How many trees a fragment takes from `i` on; 0 when it does not fit. */
function extent(kind: string, ts: readonly Tree[], i: number): number {
  const t = ts[i];
  if (!t) return kind === 'vis' ? 0 : -1;
  const until = (stop: (x: Tree) => boolean): number => {
    let j = i;
    while (j < ts.length && !stop(ts[j] as Tree)) j++;
    return j > i ? j - i : -1;
  };
  switch (kind) {
    case 'ident':
      return !isGroup(t) && IDENT.test(t.text) ? 1 : -1;
    case 'lifetime':
      return !isGroup(t) && t.text.startsWith("'") ? 1 : -1;
    case 'literal':
      return isGroup(t) ? -1 : t.text === '-' ? 2 : /^["'\d]|^[bcr]+#*"|^(true|false)$/.test(t.text) ? 1 : -1;
    case 'tt':
      return 1;
    case 'block':
      return isGroup(t) && t.open === '{' ? 1 : -1;
    case 'vis':
      return isToken(t, 'pub') ? (isGroup(ts[i + 1]) && (ts[i + 1] as Exclude<Tree, Token>).open === '(' ? 2 : 1) : 0;
    case 'ty':
    case 'path': {
      let angle = 0;
      return until(x => {
        if (isGroup(x)) return x.open === '{' && angle === 0;
        if (x.text === '<') angle++;
        else if (x.text === '>') angle--;
        return angle < 0 || (angle === 0 && AFTER_TYPE.has(x.text));
      });
    }
    case 'pat':
    case 'pat_param':
      return until(x => isToken(x, '=>') || isToken(x, ',') || isToken(x, '=') || isToken(x, 'if'));
    case 'stmt':
      return until(x => isToken(x, ';'));
    case 'item':
    case 'meta':
      return until(x => isToken(x, ',') && kind === 'meta');
    default:
      return until(x => isToken(x, ',') || isToken(x, ';') || isToken(x, '=>'));
  }
}

function match(ps: readonly Part[], ts: readonly Tree[], start: number, out: Bindings): number {
  let i = start;
  for (const p of ps) {
    switch (p.k) {
      case 'token':
        if (!isToken(ts[i], p.text)) return -1;
        i++;
        break;
      case 'group': {
        const t = ts[i];
        if (!isGroup(t) || t.open !== p.open || match(p.parts, t.items, 0, out) !== t.items.length) return -1;
        i++;
        break;
      }
      case 'fragment': {
        const size = extent(p.kind, ts, i);
        if (size < 0) return -1;
        out.set(p.name, p.kind === 'expr' ? asOne(ts.slice(i, i + size)) : ts.slice(i, i + size));
        i += size;
        break;
      }
      case 'repeat': {
        const rounds: Bindings[] = [];
        while (i < ts.length && rounds.length < 500) {
          let from = i;
          if (rounds.length && p.separator) {
            if (isGroup(p.separator) || !isToken(ts[from], p.separator.text)) break;
            from++;
          }
          const inner: Bindings = new Map();
          const to = match(p.parts, ts, from, inner);
          if (to <= from) break;
          rounds.push(inner);
          i = to;
          if (p.op === '?') break;
        }
        if (p.op === '+' && rounds.length === 0) return -1;
        for (const name of namesOf(p.parts)) out.set(name, { many: rounds });
        break;
      }
    }
  }
  return i;
}

/** An expression stays one wherever it is put: `!$c` denies all of it (The Rust Reference, "Forwarding fragments"). */
const asOne = (ts: Tree[]): Tree[] => (ts.length > 1 ? [{ open: '(', close: ')', items: ts, spaced: true }] : ts);

const namesOf = (ps: readonly Part[]): string[] =>
  ps.flatMap(p => (p.k === 'fragment' ? [p.name] : p.k === 'token' ? [] : namesOf(p.parts)));

// ------------------------------------------------------------------------------------------------ bodies

const isMany = (b: Bound | undefined): b is { many: Bindings[] } => b !== undefined && !Array.isArray(b);

function substitute(ts: readonly Tree[], bound: Bindings, crate: string): Tree[] | undefined {
  const out: Tree[] = [];
  for (let i = 0; i < ts.length; i++) {
    const t = ts[i] as Tree;
    const next = ts[i + 1];
    if (isToken(t, '$') && isGroup(next) && next.open === '(') {
      const [separator, j] = separated(ts, i + 2);
      const rounds = used(next.items)
        .map(n => bound.get(n))
        .find(isMany)?.many;
      if (!rounds) return undefined;
      for (const [k, r] of rounds.entries()) {
        const inner = substitute(next.items, new Map([...bound, ...r]), crate);
        if (!inner) return undefined;
        if (k > 0 && separator) out.push(separator);
        out.push(...inner.map((x, n) => (n === 0 ? { ...x, spaced: true } : x)));
      }
      i = j;
    } else if (isToken(t, '$') && next && !isGroup(next)) {
      i++;
      if (next.text === 'crate') {
        out.push({ text: crate, spaced: t.spaced });
        continue;
      }
      const b = bound.get(next.text);
      if (!b || isMany(b)) return undefined;
      out.push(...b.map((x, n) => (n === 0 ? { ...x, spaced: true } : x)));
    } else if (isGroup(t)) {
      const items = substitute(t.items, bound, crate);
      if (!items) return undefined;
      out.push({ ...t, items });
    } else out.push(t);
  }
  return out;
}

const used = (ts: readonly Tree[]): string[] =>
  ts.flatMap((t, i) =>
    isGroup(t) ? used(t.items) : isToken(t, '$') && ts[i + 1] && !isGroup(ts[i + 1]) ? [(ts[i + 1] as Token).text] : [],
  );

/** The text that the first fitting rule makes of `input`, where `$crate` is called `crate`; undefined when none fits. */
export function expandText(rules: readonly { pattern: string; body: string }[], input: string, crate = 'crate'): string | undefined {
  if (input.length > MAX_TEXT) return undefined;
  const given = read(input, true);
  for (const r of rules) {
    const bound: Bindings = new Map();
    if (match(parts(read(r.pattern)), given, 0, bound) !== given.length) continue;
    const made = substitute(read(r.body), bound, crate);
    const text = made && write(made);
    return text !== undefined && text.length <= MAX_TEXT ? text : undefined;
  }
  return undefined;
}

/** What it costs to match a macro's rules and to parse what they make, beside the length of the text. */
const EXPANDED = 1000;

let nesting = 0;

/** The text that a macro of the application, or one that only joins identifiers, makes of `input`; undefined when it is another. */
function expanded(ev: Ev, name: string, input: string, m: Module): string | undefined {
  const macro = macroOf(ev, name, m);
  if (!macro) return PASTE.has(name) ? paste(input) : undefined;
  spend(EXPANDED + input.length);
  const made = expandText(macro.rules, input, crateOf(macro.module, m));
  spend(made?.length ?? 0);
  return made;
}

/** Of several macros of one name, the one that is nearest to `m`: of its own file, then of its crate. */
function macroOf(ev: Ev, name: string, m: Module): Macro | undefined {
  const all = ev.program.macros.get(name);
  return all?.findLast(x => x.module.file === m.file) ?? all?.findLast(x => rootOf(x.module) === rootOf(m)) ?? all?.at(-1);
}

const rootOf = (m: Module): Module => (m.parent ? rootOf(m.parent) : m);

/** How code in `from` calls the crate of `m`. */
function crateOf(m: Module, from: Module): string {
  return rootOf(m) === rootOf(from) ? 'crate' : (m.crate ?? 'crate');
}

/** Runs an expanded macro where it stands: its `return` and `?` leave the function around it. */
export const expander: Expander = (ev, name, input, scope, place) => {
  const text = nesting < MAX_NESTING ? expanded(ev, name, input, scope.module) : undefined;
  const block = text === undefined ? undefined : ev.program.rustText?.block(text, place.at);
  if (!block) return undefined;
  nesting++;
  try {
    const inner = blockOf(scope);
    runBlock(ev, block.body, inner);
    return block.value && !ev.dead ? evaluate(ev, block.value, inner) : UNIT;
  } finally {
    nesting--;
  }
};

/** Enters the items that macros make at the top of modules and in impls, and those that these make in turn. */
export function expandItems(ev: Ev): void {
  const made = (s: Stmt, m: Module, deep: number): Stmt[] | undefined => {
    if (s.s !== 'expr' || s.expr.k !== 'macro') return undefined;
    const name = s.expr.path.at(-1) ?? '';
    const text = deep < MAX_NESTING ? expanded(ev, name, s.expr.tokens, m) : undefined;
    if (text === undefined && ev.program.macros.has(name))
      ev.gap('opaque-macro', `\`${name}!\` is not expanded: what it defines is not known`, ev.place(m, s.at));
    return text === undefined ? undefined : ev.program.rustText?.items(text, s.at);
  };
  const enter = (body: readonly Stmt[], m: Module, deep: number): void => {
    for (const s of body) {
      const items = made(s, m, deep);
      if (!items) continue;
      defineItems(ev, items, m.scope);
      enter(items, m, deep + 1);
    }
  };
  const filled = (body: readonly Stmt[], m: Module, deep: number): Stmt[] =>
    body.flatMap(s => {
      const items = made(s, m, deep);
      return items ? filled(items, m, deep + 1) : [s];
    });
  for (const m of ev.program.modules) enter(m.body, m, 0);
  for (const i of ev.program.impls)
    if (i.stmt.body.some(s => s.s === 'expr')) i.stmt = { ...i.stmt, body: filled(i.stmt.body, i.scope.module, 0) };
}
