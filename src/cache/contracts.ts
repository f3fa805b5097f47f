/**
 * Contracts of earlier runs. The key holds everything that a contract is made from, so that an entry is right or is not found:
 * the files with their contents, what the manifests say, the language, and this very build of parity with its grammars and rules.
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contract, Side } from '../contract/types.js';
import { rulesDir } from '../packs/load.js';
import type { Discovery, Manifest } from '../project/types.js';
import { Disk } from './disk.js';
import { prepare } from './location.js';

/** Bytes of all contracts together; one of a large application has some two million. */
const MOST = 128 * 1024 * 1024;

/** The place of one contract. */
export interface Entry {
  read(): Contract | undefined;
  /** Failing is no error: the next run makes it anew. */
  write(contract: Contract): void;
}

/** All that the analysis of one side reads. */
export interface Inputs {
  /** Absolute path of the folder; its name is part of the contract's making, its place is not. */
  root: string;
  language: Side;
  found: Discovery;
  known: Manifest;
}

export class ContractCache {
  /** Whether there is a cache or why not, and what was found in it for each side, as sentences. */
  readonly notes: string[] = [];
  private disk: Disk | undefined;
  private build = '';

  /**
   * The cache in `folder`. One that cannot be used finds nothing, keeps nothing, and says why.
   * @param folder absolute path; undefined where the environment names none
   * @param apart absolute paths of folders whose authors are not trusted
   * @param options what tells builds of parity apart, and bytes that all entries may have together
   */
  constructor(folder: string | undefined, apart: readonly string[], options: { build?: string; most?: number } = {}) {
    const inner = folder && join(folder, 'contracts');
    const why = inner ? prepare(inner, apart) : 'the environment names no folder for it';
    this.notes.push(why ? `no cache${inner ? ` in ${inner}` : ''}: ${why}` : `cache: ${inner}`);
    if (why || !inner) return;
    this.disk = new Disk(inner, options.most ?? MOST);
    this.build = options.build ?? identity();
  }

  /** Where the contract of `inputs` is kept; undefined where nothing is. */
  entry(inputs: Inputs): Entry | undefined {
    const { disk, notes } = this;
    if (!disk) return undefined;
    const { language } = inputs;
    const key = keyOf(inputs, this.build);
    return {
      read: () => {
        const contract = parsed(disk.read(key), language);
        notes.push(`cache: ${language}: ${contract ? 'as in an earlier run' : 'not there'}`);
        return contract;
      },
      write: contract => {
        const why = disk.write(key, JSON.stringify(contract));
        if (why) notes.push(`cache: ${language}: not kept: ${why}`);
      },
    };
  }
}

/** Hexadecimal. */
function keyOf({ root, language, found, known }: Inputs, build: string): string {
  const files = found.files.map(f => [f.path, f.hash]);
  const all = [build, process.version, language, basename(root), files, found.problems, known];
  return hash(
    'sha256',
    JSON.stringify(all, (_key, value: unknown) => (value instanceof Map ? [...value] : value)),
  );
}

function parsed(text: string | undefined, side: Side): Contract | undefined {
  try {
    const contract = JSON.parse(text ?? 'null') as Contract | null;
    return contract?.version === 1 && contract.side === side ? contract : undefined;
  } catch {
    return undefined;
  }
}

let build: string | undefined;

/**
 * What tells this build from every other one: the contents of all files that run and of the rules, read anew by every process, since
 * who works on parity changes them in place.
 */
function identity(): string {
  build ??= identityOf();
  return build;
}

function identityOf(): string {
  const program = fileURLToPath(new URL('..', import.meta.url));
  const rules = rulesDir();
  const built = rules.startsWith(program);
  // Beside what runs lie documents, and the sources of the rules that were read when parity was built.
  const runs = built ? /\.(js|json|wasm)$/ : /\.(ts|json|ya?ml)$/;
  const files = [program, ...(built ? [] : [rules])].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap(name => (runs.test(name) ? join(folder, name) : [])),
  );
  // It names the exact versions of the libraries, the grammars among them.
  files.push(join(program, '../package.json'));
  return hash(
    'sha256',
    files
      .sort()
      .map(file => `${relative(program, file)} ${hash('sha256', readFileSync(file))}`)
      .join('\n'),
  );
}
