/**
 * Prints facts as compact S-expressions, one statement a line and bodies indented, for comparison with a written expectation.
 * Every field is printed (absent ones are not), so that nothing can change unseen. Statements show their place as `line:column`;
 * with `places: 'all'` so do expressions, patterns and everything else that has one.
 */
import { type At, columnOf, type FileFacts, lineOf, type Stmt } from '../../src/facts/types.js';

export interface PrintOptions {
  places?: 'statements' | 'all';
}

type Fields = Record<string, unknown>;

export function printFacts(facts: FileFacts, options: PrintOptions = {}): string {
  const printer = new Printer(options.places === 'all');
  printer.statements(facts.body, 0);
  for (const error of facts.errors) printer.lines.push(`error ${place(error.at)} to ${place(error.end)}: ${error.says}`);
  return `${printer.lines.join('\n')}\n`;
}

const place = (at: At): string => `${lineOf(at)}:${columnOf(at)}`;

class Printer {
  readonly lines: string[] = [];

  constructor(private readonly all: boolean) {}

  statements(body: Stmt[], depth: number): void {
    for (const statement of body) this.statement(statement as unknown as Fields, depth);
  }

  /** `line:column kind field:value ...`, then each list of statements under its field's name. */
  private statement(statement: Fields, depth: number): void {
    const { s, at, fn, ...rest } = statement;
    // A function's fields stand directly in its statement.
    const fields = (fn ? { ...(fn as Fields), ...rest } : rest) as Fields;
    delete fields.at;
    const bodies: [string, Stmt[]][] = [];
    const words = [place(at as At), String(s)];
    for (const [key, value] of Object.entries(fields)) {
      if (isBody(value)) bodies.push([key, value]);
      else if (key === 'handlers') for (const handler of value as Fields[]) bodies.push(this.handler(handler));
      else words.push(...this.field(key, value));
    }
    this.lines.push('  '.repeat(depth) + words.join(' '));
    for (const [key, body] of bodies) {
      this.lines.push(`${'  '.repeat(depth + 1)}${key}:`);
      this.statements(body, depth + 2);
    }
  }

  private handler({ body, at, ...rest }: Fields): [string, Stmt[]] {
    const words = Object.entries(rest).flatMap(([key, value]) => this.field(key, value));
    return [[`except ${place(at as At)}`, ...words].join(' '), body as Stmt[]];
  }

  /** A field. `false` and an empty list are not worth a word, but `A()` is another pattern than `A`. */
  private field(key: string, value: unknown): string[] {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0 && key !== 'items')) return [];
    if (value === true) return [key];
    if (key === 'end') return [`${key}:${place(value as At)}`];
    if (['expr', 'value', 'name', 'pat'].includes(key)) return [this.value(value)];
    return [`${key}:${this.value(value)}`];
  }

  private value(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(item => this.value(item)).join(' ')}]`;
    if (typeof value === 'string') return /^[\w$.:*]+$/.test(value) ? value : JSON.stringify(value);
    if (typeof value !== 'object' || value === null) return String(value);
    const fields = value as Fields;
    const text = this.common(fields) ?? this.generic(fields);
    return this.all && typeof fields.at === 'number' ? `${text}@${place(fields.at)}` : text;
  }

  /** The shorter forms of what is frequent. */
  private common(v: Fields): string | undefined {
    switch (v.k ?? v.p) {
      case undefined:
        return isArgument(v) ? this.argument(v) : undefined;
      case 'lit':
        return v.k ? `${v.of ? String(v.of)[0] : ''}${JSON.stringify(v.v)}` : undefined;
      case 'name':
        return String(v.id);
      case 'member':
        return `(. ${this.value(v.of)} ${v.name})`;
      case 'call':
        return v.types ? undefined : `(${['call', this.value(v.fn), ...(v.args as Fields[]).map(arg => this.argument(arg))].join(' ')})`;
      case 'bin':
        return `(${v.op} ${this.value(v.l)} ${this.value(v.r)})`;
      case 'un':
        return `(${v.op} ${this.value(v.of)})`;
      case 'bind':
        return v.p && !v.sub ? String(v.name) : undefined;
      default:
        return undefined;
    }
  }

  private argument(arg: Fields): string {
    const star = arg.spread ? '*'.repeat(arg.spread as number) : '';
    return `${arg.name === undefined ? '' : `${arg.name}=`}${star}${this.value(arg.value)}`;
  }

  private generic(v: Fields): string {
    const words: string[] = [];
    const kind = v.k ?? v.p ?? v.t ?? v.s;
    if (kind !== undefined) words.push(String(kind));
    for (const [key, value] of Object.entries(v)) {
      if (key === 'at' || (['k', 'p', 't', 's'].includes(key) && value === kind)) continue;
      if (isBody(value)) words.push(`${key}:{${value.map(item => this.inline(item)).join('; ')}}`);
      else if (key === 'parts')
        words.push((value as unknown[]).map(part => (typeof part === 'string' ? JSON.stringify(part) : this.value(part))).join(' '));
      else words.push(...this.field(key, value));
    }
    return `(${words.join(' ')})`;
  }

  /** A statement within an expression. */
  private inline(statement: Stmt): string {
    return `${place(statement.at)} ${this.generic(statement as unknown as Fields)}`;
  }
}

function isArgument(v: Fields): boolean {
  return 'value' in v && Object.keys(v).every(key => ['value', 'name', 'spread'].includes(key));
}

function isBody(value: unknown): value is Stmt[] {
  return Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'object' && item !== null && 's' in item);
}
