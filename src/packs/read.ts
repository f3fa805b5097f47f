/** Reads the packs: YAML against a schema, every fault with its file, its place in the data and what to do about it. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import type { Pack } from './types.js';

/** A pack that cannot be used. `pointer` is a JSON pointer into it (empty: the whole file). */
export class PackError extends Error {
  constructor(
    readonly file: string,
    readonly pointer: string,
    readonly says: string,
    readonly hint: string,
  ) {
    super(`${file}${pointer === '' ? '' : ` ${pointer}`}: ${says}; ${hint}`);
    this.name = 'PackError';
  }
}

/**
 * All packs under `dir`, sorted by language and file. Files of one pack name and language are one pack; aliases hold across packs
 * and lead to their last name. `own` has the schema where `dir` has none.
 * @throws PackError when a file is no valid pack or two of them contradict each other
 */
export async function readPacks(dir: string, own: string = dir): Promise<Pack[]> {
  const schemaFile = join(existsSync(join(dir, 'schema')) ? dir : own, 'schema/pack.schema.json');
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<Pack>(
    JSON.parse(await readFile(schemaFile, 'utf8')) as object,
  );
  const out = new Map<string, Pack>();
  const owner = new Map<string, { to: string; file: string }>();
  for (const language of ['python', 'rust'] as const) {
    const folder = join(dir, language);
    const names = existsSync(folder) ? (await readdir(folder)).filter(n => /\.ya?ml$/.test(n)).sort() : [];
    for (const name of names) {
      const file = `${language}/${name}`;
      const pack = parse(await readFile(join(folder, name), 'utf8'), file, validate);
      if (pack.language !== language)
        throw new PackError(
          file,
          '/language',
          `a pack of ${pack.language} lies among those of ${language}`,
          'move the file or correct the language',
        );
      for (const [from, to] of Object.entries(pack.aliases ?? {})) {
        if (to === from || (to.startsWith(from) && /[.:([]/.test(to[from.length] ?? '')))
          throw new PackError(file, pointer(['aliases', from]), 'the alias leads back to itself', 'remove it');
        const other = owner.get(`${language} ${from}`);
        if (other && other.to !== to)
          throw new PackError(
            file,
            pointer(['aliases', from]),
            `${other.file} says that this is ${other.to}`,
            'keep one of the two aliases',
          );
        owner.set(`${language} ${from}`, { to, file });
      }
      merge(out, pack, file);
    }
  }
  const packs = [...out.values()];
  for (const p of packs)
    if (p.aliases) p.aliases = Object.fromEntries(Object.keys(p.aliases).map(from => [from, last(owner, p.language, from)]));
  return packs;
}

function merge(out: Map<string, Pack>, pack: Pack, file: string): void {
  const key = `${pack.language} ${pack.pack}`;
  const before = out.get(key);
  if (!before) {
    out.set(key, pack);
    return;
  }
  for (const name of Object.keys(pack.names ?? {}))
    if (before.names && Object.hasOwn(before.names, name))
      throw new PackError(file, pointer(['names', name]), 'another file of this pack has the same name', 'keep one of the two rows');
  before.names = { ...before.names, ...pack.names };
  before.aliases = { ...before.aliases, ...pack.aliases };
}

/** Follows aliases of aliases; a circle ends where it was entered. */
function last(owner: Map<string, { to: string; file: string }>, language: string, from: string): string {
  const seen = new Set<string>();
  let name = from;
  for (let next = owner.get(`${language} ${name}`); next && !seen.has(name); next = owner.get(`${language} ${name}`)) {
    seen.add(name);
    name = next.to;
  }
  return name;
}

/**
 * One pack from its text; `file` is only for messages.
 * @throws PackError
 */
export function parse(text: string, file: string, validate: ValidateFunction<Pack>): Pack {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines });
  const bad = doc.errors[0];
  if (bad) {
    const { line, col } = lines.linePos(bad.pos[0]);
    throw new PackError(
      `${file}:${line}:${col}`,
      '',
      (bad.message.split('\n')[0] as string).replace(/ at line .*/, ''),
      'correct the YAML',
    );
  }
  const data: unknown = doc.toJS();
  if (!validate(data)) {
    const e = deepest(validate.errors ?? []);
    throw new PackError(file, e?.instancePath ?? '', e?.message ?? 'is not valid', hintFor(e));
  }
  return data;
}

/** The fault that lies deepest says most; those of `anyOf` only say that no branch fitted. */
function deepest(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const depth = (e: ErrorObject): number =>
    e.instancePath.split('/').length * 2 + (e.keyword === 'additionalProperties' || e.keyword === 'enum' ? 1 : 0);
  return [...errors].sort((a, b) => depth(b) - depth(a))[0];
}

function hintFor(e: ErrorObject | undefined): string {
  if (e?.keyword === 'additionalProperties')
    return `remove or correct \`${String((e.params as { additionalProperty?: unknown }).additionalProperty)}\``;
  if (e?.keyword === 'enum')
    return `use one of ${((e.params as { allowedValues?: unknown[] }).allowedValues ?? []).map(String).join(', ')}`;
  if (e?.keyword === 'required') return `add \`${String((e.params as { missingProperty?: unknown }).missingProperty)}\``;
  return 'see rules/schema/pack.schema.json';
}

const pointer = (parts: string[]): string => parts.map(p => `/${p.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
