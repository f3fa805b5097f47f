/** The file that `parity probe --format json` wrote, for `parity check --probe-results`. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ProbeResults } from '../probe/types.js';
import { UsageError } from './exit-codes.js';
import { type Io, printable } from './io.js';

/** @throws UsageError when it cannot be read or is not of this form */
export async function loadProbeResults(file: string, io: Io): Promise<ProbeResults> {
  const name = printable(file);
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new UsageError(`the probe results ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`the probe results ${name} are no JSON; parity probe --format json=FILE writes them`);
  }
  const { Ajv } = await import('ajv');
  const schema = JSON.parse(readFileSync(new URL('../probe/schema.json', import.meta.url), 'utf8')) as object;
  const validate = new Ajv({ strictTypes: false }).compile<ProbeResults>(schema);
  if (validate(value)) return value;
  const [error] = validate.errors ?? [];
  throw new UsageError(
    `the probe results ${name} are wrong: ${printable(`${error?.instancePath || 'it'} ${error?.message ?? 'does not fit'}`)}`,
  );
}
