/** The configuration file: what a team says about its port, once, instead of on every command line. */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import type { FailOn } from '../findings/types.js';
import type { Alias } from '../match/types.js';
import { PROBE_SCHEMA } from '../probe/settings.js';
import type { ProbeSettings } from '../probe/types.js';
import { UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';

export interface Config {
  /** Paths that the port serves under another name. */
  aliases?: Alias[];
  /** As the options of the same name, which win. */
  'fail-on'?: FailOn;
  strict?: boolean;
  /** How running servers are asked. */
  probe?: ProbeSettings;
}

const NAMES = ['parity.toml', 'parity.yml', 'parity.yaml', 'parity.json'];

const TEMPLATE = { type: 'string', pattern: '^/', description: 'a path that begins with /' };
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    aliases: {
      type: 'array',
      items: { type: 'object', additionalProperties: false, required: ['from', 'to'], properties: { from: TEMPLATE, to: TEMPLATE } },
    },
    'fail-on': { enum: ['error', 'warning', 'note', 'none'] },
    strict: { type: 'boolean' },
    probe: PROBE_SCHEMA,
  },
};

/**
 * Reads the given file, else the `parity.*` file in the current folder, else nothing.
 * @throws UsageError when it is missing, not well-formed, or says something unknown
 */
export async function loadConfig(given: string | undefined, io: Io): Promise<Config> {
  const here = given === undefined ? NAMES.filter(name => existsSync(join(io.cwd, name))) : [];
  if (here.length > 1)
    throw new UsageError(`there is more than one configuration: ${here.join(', ')}; keep one, or name one with --config`);
  const file = given === undefined ? here.map(name => join(io.cwd, name))[0] : resolve(io.cwd, given);
  if (file === undefined) return {};
  const extension = extname(file).toLowerCase();
  const name = printable(given ?? here[0]!);
  if (!READ.has(extension)) throw new UsageError(`the configuration ${name} has none of the endings ${[...READ.keys()].join(', ')}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the configuration ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = await READ.get(extension)!(text);
  } catch (error) {
    const { message, line, column } = error as Error & { line?: number; column?: number };
    const at = line === undefined ? '' : ` at line ${line}, column ${column}`;
    throw new UsageError(`the configuration ${name} is not well-formed: ${printable(message.split('\n')[0]!.replace(/:$/, ''))}${at}`);
  }
  const { Ajv } = await import('ajv');
  const validate = new Ajv({ strictTypes: false, verbose: true }).compile<Config>(SCHEMA);
  const config = value ?? {};
  if (validate(config)) return config;
  const { configError } = await import('./config-error.js');
  throw new UsageError(configError(name, extension, text, validate.errors![0]!));
}

const yaml = async (text: string): Promise<unknown> => {
  const document = (await import('yaml')).parseDocument(text, { logLevel: 'silent' });
  const [flaw] = [...document.errors, ...document.warnings];
  if (flaw) throw flaw;
  return document.toJS();
};

const READ = new Map<string, (text: string) => Promise<unknown>>([
  ['.toml', async text => (await import('smol-toml')).parse(text)],
  ['.yml', yaml],
  ['.yaml', yaml],
  ['.json', async text => JSON.parse(text)],
]);
