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

const TEMPLATE = { type: 'string', pattern: '^/' };
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
  const file = given === undefined ? NAMES.map(name => join(io.cwd, name)).find(existsSync) : resolve(io.cwd, given);
  if (file === undefined) return {};
  const name = printable(given ?? file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the configuration ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = await parse(extname(file), text);
  } catch (error) {
    throw new UsageError(`the configuration ${name} is not well-formed: ${printable(String((error as Error).message).split('\n')[0]!)}`);
  }
  const { Ajv } = await import('ajv');
  const validate = new Ajv({ strictTypes: false }).compile<Config>(SCHEMA);
  const config = value ?? {};
  if (validate(config)) return config;
  const [error] = validate.errors ?? [];
  const extra = error?.params.additionalProperty === undefined ? '' : `: ${printable(String(error.params.additionalProperty))}`;
  throw new UsageError(`the configuration ${name} is wrong: ${error?.instancePath || 'it'} ${error?.message ?? 'does not fit'}${extra}`);
}

async function parse(extension: string, text: string): Promise<unknown> {
  if (extension === '.toml') return (await import('smol-toml')).parse(text);
  if (extension === '.json') return JSON.parse(text);
  return (await import('yaml')).parse(text);
}
