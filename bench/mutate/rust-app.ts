/**
 * A port as its own syntax tells it: functions, types, who calls whom, which router holds which handler. It is made without the
 * program that is tested, so that what a mutation has to change is known from somewhere else.
 */
import { type Edit, type Source, type Syn, above, all, field, named, text, walk } from './syntax.js';

export interface Param {
  node: Syn;
  pattern: Syn;
  type: Syn;
}

export interface Fn {
  source: Source;
  node: Syn;
  name: string;
  /** The type that it is a method of, without its arguments, and the trait that it implements. */
  self?: string;
  trait?: string;
  params: Param[];
  body: Syn;
  isAsync: boolean;
}

/** A reference in a function to functions of the application; without the text of `site` it would not be there. */
interface Edge {
  site: Syn;
  to: Fn[];
}

export interface Structure {
  source: Source;
  node: Syn;
  name: string;
  generics: number;
  /** Names of the fields, or `0`, `1`.. of a tuple, with the text of their types. */
  fields: Map<string, string>;
  tuple: boolean;
}

const EXTRACTORS = new Set(['FromRequestParts', 'FromRequest', 'OptionalFromRequestParts']);

export class RustApp {
  readonly fns: Fn[] = [];
  readonly structs = new Map<string, Structure>();
  readonly aliases = new Map<string, { source: Source; node: Syn }>();
  /** Trait → the types that implement it, with the impl. */
  readonly impls = new Map<string, { type: string; source: Source; node: Syn }[]>();
  readonly enums = new Map<string, { source: Source; node: Syn }>();
  private readonly edgesOf = new Map<Fn, Edge[]>();

  constructor(readonly sources: ReadonlyMap<string, Source>) {
    for (const s of sources.values()) for (const n of walk(s.root)) this.item(s, n);
  }

  private item(s: Source, n: Syn): void {
    const name = text(s, field(n, 'name'));
    if (n.type === 'function_item' && field(n, 'body')) this.fns.push(fnOf(s, n));
    else if (n.type === 'struct_item') this.structs.set(name, structOf(s, n));
    else if (n.type === 'enum_item') this.enums.set(name, { source: s, node: n });
    else if (n.type === 'type_item') this.aliases.set(name, { source: s, node: field(n, 'type')! });
    else if (n.type === 'impl_item' && field(n, 'trait')) {
      const trait = baseName(text(s, field(n, 'trait')));
      this.impls.set(trait, [...(this.impls.get(trait) ?? []), { type: baseName(text(s, field(n, 'type'))), source: s, node: n }]);
    }
  }

  /** The function that the place stands in. */
  fnAt(s: Source, n: Syn): Fn | undefined {
    const item = n.type === 'function_item' ? n : above(n, 'function_item');
    return this.fns.find(f => f.source === s && f.node === item);
  }

  /** Base name and arguments of a type, aliases followed. */
  typeOf(s: Source, type: Syn): { name: string; args: { source: Source; node: Syn }[] } {
    const base = type.type === 'generic_type' ? field(type, 'type')! : type;
    const name = baseName(text(s, base));
    const alias = this.aliases.get(name);
    if (alias && alias.node !== type && type.type !== 'generic_type') return this.typeOf(alias.source, alias.node);
    return { name, args: named(field(type, 'type_arguments')).map(node => ({ source: s, node })) };
  }

  /** What runs to make a value of a parameter's type. */
  extractors(s: Source, type: Syn): Fn[] {
    const { name, args } = this.typeOf(s, type);
    if (name === 'Option' && args[0]) {
      const inner = this.typeOf(args[0].source, args[0].node).name;
      const optional = this.fns.filter(f => f.trait === 'OptionalFromRequestParts' && f.self === inner);
      return optional.length > 0 ? optional : this.extractors(args[0].source, args[0].node);
    }
    return this.fns.filter(f => f.self === name && f.trait && EXTRACTORS.has(f.trait) && f.trait !== 'OptionalFromRequestParts');
  }

  edges(f: Fn): Edge[] {
    const known = this.edgesOf.get(f);
    if (known) return known;
    const out: Edge[] = [];
    // Of an extractor or an ordinary function the parameters are values, of a handler or a middleware they are made from the request.
    if (!f.self) for (const p of f.params) out.push({ site: p.node, to: this.extractors(f.source, p.type) });
    for (const n of walk(f.body)) {
      const to = this.called(f, n);
      if (to.length > 0) out.push({ site: n, to });
    }
    this.edgesOf.set(f, out);
    return out;
  }

  /** All functions that may run when `from` does; what hangs on `without` alone left out. */
  reach(from: readonly Fn[], without: (site: Syn, f: Fn) => boolean = () => false): Set<Fn> {
    const seen = new Set<Fn>(from);
    for (const f of seen) for (const e of this.edges(f)) if (!without(e.site, f)) for (const t of e.to) seen.add(t);
    return seen;
  }

  private called(f: Fn, n: Syn): Fn[] {
    const s = f.source;
    if (n.type === 'identifier' && n.parent?.type === 'arguments') return this.free(s, text(s, n));
    if (n.type !== 'call_expression') return [];
    let fn = field(n, 'function')!;
    const turbofish = fn.type === 'generic_function' ? named(field(fn, 'type_arguments'))[0] : undefined;
    if (fn.type === 'generic_function') fn = field(fn, 'function')!;
    if (fn.type === 'identifier') return this.free(s, text(s, fn));
    if (fn.type === 'scoped_identifier') return this.scoped(s, text(s, field(fn, 'path')), text(s, field(fn, 'name')), f);
    if (fn.type !== 'field_expression') return [];
    const method = text(s, field(fn, 'field'));
    if (method === 'extract_with_state' || method === 'extract') {
      const type = turbofish ?? annotated(n);
      return type ? this.extractors(s, type) : [];
    }
    // What comes after a middleware is no method of the application.
    const on = text(s, field(fn, 'value'));
    if (f.params.some(p => text(s, p.pattern) === on && /\bNext\b/.test(text(s, p.type)))) return [];
    return this.fns.filter(x => x.self && x.name === method && (!x.trait || this.impls.has(x.trait)) && !EXTRACTORS.has(x.trait ?? ''));
  }

  free(s: Source, name: string): Fn[] {
    const found = this.fns.filter(f => !f.self && f.name === name);
    const here = found.filter(f => f.source === s);
    return here.length > 0 ? here : found;
  }

  private scoped(s: Source, path: string, name: string, f: Fn): Fn[] {
    const type = baseName(path.replace(/::<.*$/, '')) === 'Self' ? f.self : baseName(path.replace(/::<.*$/, ''));
    const methods = this.fns.filter(x => x.self === type && x.name === name && x.trait !== 'OptionalFromRequestParts');
    if (methods.length > 0) return methods;
    const found = this.fns.filter(x => !x.self && x.name === name);
    const inModule = found.filter(x => moduleOf(x.source.path).at(-1) === type);
    if (inModule.length > 0) return inModule;
    // `diesel::update` is a library's.
    const own = path.split('::').some(p => /^(crate|self|super)$/.test(p) || [...this.sources.keys()].some(f => moduleOf(f).includes(p)));
    return own ? this.free(s, name) : [];
  }
}

/** `let CurrentUser { user, .. } = ..`, `let Params(id) = ..`, `let x: CurrentUser = ..`. */
function annotated(call: Syn): Syn | undefined {
  const bound = above(call, 'let_declaration');
  if (!bound) return undefined;
  return field(bound, 'type') ?? field(field(bound, 'pattern'), 'type');
}

/** `src/routes/users.rs` → `routes`, `users`. */
export const moduleOf = (path: string): string[] =>
  path
    .replace(/^.*\bsrc\//, '')
    .replace(/(\/mod)?\.rs$/, '')
    .split('/');

/** `crate::auth::RequireRole<R>` → `RequireRole`. */
export const baseName = (type: string): string =>
  type
    .replace(/<.*$/s, '')
    .replace(/^&?\s*(mut\s+)?/, '')
    .split('::')
    .at(-1)!
    .trim();

function fnOf(source: Source, node: Syn): Fn {
  const impl = above(node, 'impl_item');
  const trait = field(impl, 'trait');
  return {
    source,
    node,
    name: text(source, field(node, 'name')),
    ...(impl ? { self: baseName(text(source, field(impl, 'type'))) } : {}),
    ...(trait ? { trait: baseName(text(source, trait)) } : {}),
    params: named(field(node, 'parameters'))
      .filter(p => p.type === 'parameter')
      .map(p => ({ node: p, pattern: field(p, 'pattern')!, type: field(p, 'type')! })),
    body: field(node, 'body')!,
    isAsync: /\basync\b/.test(source.text.slice(node.start, field(node, 'name')!.start)),
  };
}

function structOf(source: Source, node: Syn): Structure {
  const body = field(node, 'body');
  const tuple = body?.type === 'ordered_field_declaration_list';
  const fields = new Map<string, string>();
  if (tuple) for (const [i, t] of body!.children.filter(c => c.field === 'type').entries()) fields.set(String(i), text(source, t));
  else for (const d of all(body, 'field_declaration')) fields.set(text(source, field(d, 'name')), text(source, field(d, 'type')));
  const generics = named(field(node, 'type_parameters')).length;
  return { source, node, name: text(source, field(node, 'name')), generics, fields, tuple };
}

/** Takes one element out of a list of the syntax (parameters, arguments, elements), with the comma that belongs to it. */
export function without(s: Source, element: Syn): Edit {
  const siblings = element.parent!.children;
  const i = siblings.indexOf(element);
  const next = siblings[i + 1];
  const before = siblings[i - 1];
  if (next && s.text[next.start] === ',') {
    const after = siblings[i + 2];
    return { file: s.path, start: element.start, end: after?.named ? after.start : next.end, text: '' };
  }
  if (before && s.text[before.start] === ',') return { file: s.path, start: before.start, end: element.end, text: '' };
  return { file: s.path, start: element.start, end: element.end, text: '' };
}
