/** Says what is wrong with a configuration: where it stands, what stands there, and what could. */
import type { ErrorObject } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import { printable } from './io.js';

const TYPES: Record<string, string> = { boolean: 'true or false', string: 'a text', array: 'a list', object: 'keys with values' };

/**
 * One sentence about the first error of a validation with `verbose`.
 * @param extension of the file, with the dot: it decides how the line is found
 */
export function configError(name: string, extension: string, text: string, error: ErrorObject): string {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const unknown = error.keyword === 'additionalProperties' ? String(error.params.additionalProperty) : undefined;
  const line = lineOf(extension, text, unknown === undefined ? path : [...path, unknown]);
  return `the configuration ${name}${line === undefined ? '' : `:${line}`} is wrong: ${printable(sentence(path, unknown, error))}`;
}

function sentence(path: readonly string[], unknown: string | undefined, error: ErrorObject): string {
  const here = path.length > 0 ? `\`${dotted(path)}\`` : 'it';
  const known = error.parentSchema as { properties?: object; description?: string } | undefined;
  if (unknown !== undefined) return `\`${dotted([...path, unknown])}\` is no key; ${Object.keys(known?.properties ?? {}).join(', ')} are`;
  if (error.keyword === 'required') return `${here} lacks \`${String(error.params.missingProperty)}\``;
  const expected =
    error.keyword === 'enum'
      ? `one of ${(error.params.allowedValues as string[]).join(', ')}`
      : error.keyword === 'type'
        ? (TYPES[String(error.params.type)] ?? String(error.params.type))
        : (known?.description ?? error.message ?? 'something else');
  return `${here} is ${shown(error.data)}; expected ${expected}`;
}

/** `aliases[0].from` */
const dotted = (path: readonly string[]): string =>
  path.map((step, i) => (/^\d+$/.test(step) ? `[${step}]` : i > 0 ? `.${step}` : step)).join('');

function shown(value: unknown): string {
  if (Array.isArray(value)) return TYPES.array!;
  if (typeof value === 'object' && value !== null) return TYPES.object!;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function lineOf(extension: string, text: string, path: readonly string[]): number | undefined {
  if (path.length === 0) return undefined;
  if (extension !== '.toml') {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
    const parent = document.getIn(path.slice(0, -1), true) as { items?: { key?: { value?: unknown; range?: number[] } }[] } | undefined;
    const key = parent?.items?.find?.(pair => pair.key?.value === path.at(-1))?.key;
    const node = key ?? (document.getIn(path, true) as { range?: number[] } | undefined);
    return node?.range ? lines.linePos(node.range[0]!).line : undefined;
  }
  // The reader of TOML keeps no places; a key that is written once can only be here.
  const key = path.findLast(step => !/^\d+$/.test(step));
  const found = text.split('\n').flatMap((line, i) => (line.split(/[^\w-]+/).includes(key ?? '') ? [i + 1] : []));
  return found.length === 1 ? found[0] : undefined;
}
