/** The command line, parsed and checked; nothing is read or run here. */
import yargs from 'yargs';
import type { Side } from '../contract/types.js';
import type { FailOn } from '../findings/types.js';
import { parseEndpoint } from '../report/explain/index.js';
import { UsageError } from './exit-codes.js';
import { printable } from './io.js';

const FORMATS = ['text', 'json', 'sarif'] as const;
export type Format = (typeof FORMATS)[number];
const FAIL_ON: readonly FailOn[] = ['error', 'warning', 'note', 'none'];
const SIDES: readonly Side[] = ['python', 'rust'];

/** A report and where it goes: a file, or standard output. */
export interface Output {
  format: Format;
  file?: string;
}

export interface CommonArgs {
  outputs: Output[];
  strict: boolean | undefined;
  config: string | undefined;
  color: boolean | undefined;
  timings: boolean;
  cache: boolean;
  cacheDir: string | undefined;
  quiet: boolean;
}

export interface CheckArgs extends CommonArgs {
  command: 'check';
  python: string;
  rust: string;
  failOn: FailOn | undefined;
  probeResults: string | undefined;
}

export interface ProbeArgs extends CommonArgs {
  command: 'probe';
  python: string;
  rust: string;
  pythonUrl: string;
  rustUrl: string;
  /** Hosts besides this machine that may be asked. */
  allowHosts: string[];
  unsafe: boolean;
  /** Seconds for one request. */
  timeout: number;
  concurrency: number;
  failOn: FailOn | undefined;
}

export interface ContractArgs extends CommonArgs {
  command: 'contract';
  dir: string;
  side: Side | undefined;
}

export interface ExplainArgs extends CommonArgs {
  command: 'explain';
  /** A rule, or an endpoint of the two sides. */
  what: { rule: string } | { method?: string; path: string; python: string; rust: string };
}

/** `text` is all there is to print (help, version). */
export interface InfoArgs {
  command: 'info';
  text: string;
}

export type Args = CheckArgs | ContractArgs | ExplainArgs | ProbeArgs | InfoArgs;

const EPILOGUE = `Exit codes:
  0  nothing at or above --fail-on
  1  findings at or above --fail-on
  2  wrong use, wrong configuration, or an internal error
  3  the answer cannot be trusted: a side without endpoints, unreadable sources, or, under --strict, gaps or sources read in part`;

type Raw = Record<string, unknown> & { _: (string | number)[] };

/**
 * Parses the arguments behind the command's name.
 * @throws UsageError when they are not well-formed
 */
export async function parseArgs(argv: readonly string[], version: string): Promise<Args> {
  let text = '';
  const plain = withoutSeparator(argv);
  const parser = yargs(plain)
    .scriptName('parity')
    .usage('$0 <command>\n\nChecks whether a Rust port of a Python web application still protects what the original protected.')
    .command('check <python> <rust>', 'compare the original in PYTHON with the port in RUST', y =>
      strict(common(y, 'text, json or sarif (default: text)'))
        .positional('python', { type: 'string', describe: 'folder of the Python application' })
        .positional('rust', { type: 'string', describe: 'folder of the Rust port' })
        .option('fail-on', {
          type: 'string',
          requiresArg: true,
          describe: `least severity that fails: ${FAIL_ON.join(', ')} (default: error)`,
        })
        .option('probe-results', {
          type: 'string',
          requiresArg: true,
          describe: 'what parity probe --format json=FILE wrote, to be carried into the reports',
        }),
    )
    .command('contract <dir>', 'print what every endpoint of one application lets happen, and to whom', y =>
      strict(common(y, 'text or json (default: text)'))
        .positional('dir', { type: 'string', describe: 'folder of the application' })
        .option('side', { type: 'string', requiresArg: true, describe: 'python or rust (default: the one with more files)' }),
    )
    .command('explain <what> [python] [rust]', "explain a RULE, or the verdict on one endpoint: explain 'GET /path' PYTHON RUST", y =>
      common(y, 'text')
        .positional('what', { type: 'string', describe: "a rule, or an endpoint such as 'GET /path'" })
        .positional('python', { type: 'string', describe: 'folder of the Python application' })
        .positional('rust', { type: 'string', describe: 'folder of the Rust port' }),
    )
    .command('probe <original> <port>', 'ask two running servers whether the findings of ORIGINAL and PORT are true', y =>
      strict(common(y, 'text or json (default: text)'))
        .positional('original', { type: 'string', describe: 'folder of the Python application' })
        .positional('port', { type: 'string', describe: 'folder of the Rust port' })
        .option('python', { type: 'string', requiresArg: true, describe: 'address of the running original, http://127.0.0.1:8000' })
        .option('rust', { type: 'string', requiresArg: true, describe: 'address of the running port' })
        .option('allow-host', { type: 'string', array: true, requiresArg: true, describe: 'a host besides this machine; repeatable' })
        .option('unsafe-methods', {
          type: 'boolean',
          describe: 'send requests that may change data, too (default: only those that do not)',
        })
        .option('timeout', { type: 'string', requiresArg: true, describe: 'seconds for one request (default: 10)' })
        .option('concurrency', { type: 'string', requiresArg: true, describe: 'requests at once to each server (default: 4)' })
        .option('fail-on', {
          type: 'string',
          requiresArg: true,
          describe: `least severity of a confirmed finding that fails: ${FAIL_ON.join(', ')} (default: error)`,
        }),
    )
    .parserConfiguration({ 'greedy-arrays': false, 'dot-notation': false, 'parse-numbers': false, 'parse-positional-numbers': false })
    .detectLocale(false)
    .locale('en')
    .strict()
    .demandCommand(1, 'a command is needed: check, contract, explain or probe')
    .recommendCommands()
    .epilogue(EPILOGUE)
    .wrap(100)
    .help()
    .alias('help', 'h')
    .version(version)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error instanceof UsageError
        ? error
        : new UsageError(usageMessage(message || error?.message || 'the arguments are not understood'));
    });
  const raw = (await parser.parseAsync(plain, {}, (_error: unknown, _parsed: unknown, output: string) => {
    text = output;
  })) as Raw;
  if (raw.help || raw.version) return { command: 'info', text };
  return toArgs(raw);
}

/** The parser loses what stands behind `--` when a command has positionals; behind it are folders, for which `./-x` is the same. */
function withoutSeparator(argv: readonly string[]): string[] {
  const cut = argv.indexOf('--');
  return cut < 0 ? [...argv] : [...argv.slice(0, cut), ...argv.slice(cut + 1).map(a => (a.startsWith('-') ? `./${a}` : a))];
}

/** The options of every command; `formats` are those that it can print. */
function common<T>(y: import('yargs').Argv<T>, formats: string) {
  return y
    .option('format', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: `FORMAT or FORMAT=FILE, repeatable; FORMAT is ${formats}`,
    })
    .option('config', {
      type: 'string',
      requiresArg: true,
      describe: 'configuration file (default: parity.toml, .yml, .yaml or .json here)',
    })
    .option('color', { type: 'boolean', describe: 'colour the text; --no-color does not (default: on a terminal)' })
    .option('timings', { type: 'boolean', describe: 'print how long each phase took, to standard error' })
    .option('cache', {
      type: 'boolean',
      describe: 'use what earlier runs found out about a side that has not changed; --no-cache does not (default: use it)',
    })
    .option('cache-dir', {
      type: 'string',
      requiresArg: true,
      describe: "where that is kept (default: PARITY_CACHE_DIR, else the user's cache folder)",
    })
    .option('quiet', { type: 'boolean', describe: 'no progress, and no reasons for exit code 3, on standard error' });
}

/** Of the commands that answer for what they did not understand. */
function strict<T>(y: import('yargs').Argv<T>) {
  return y.option('strict', { type: 'boolean', describe: 'end with 3 when anything was not understood' });
}

function toArgs(raw: Raw): Args {
  const shared: CommonArgs = {
    outputs: outputs((raw.format as string[] | undefined) ?? []),
    strict: raw.strict as boolean | undefined,
    config: last(raw.config),
    color: raw.color as boolean | undefined,
    timings: raw.timings === true,
    cache: raw.cache !== false,
    cacheDir: last(raw['cache-dir']),
    quiet: raw.quiet === true,
  };
  switch (raw._[0]) {
    case 'check':
      return {
        command: 'check',
        ...shared,
        python: path(raw.python),
        rust: path(raw.rust),
        failOn: choice('--fail-on', last(raw['fail-on']), FAIL_ON),
        probeResults: last(raw['probe-results']),
      };
    case 'probe':
      onlyFormats(shared.outputs, 'probe', ['text', 'json']);
      return {
        command: 'probe',
        ...shared,
        python: path(raw.original),
        rust: path(raw.port),
        pythonUrl: address('--python', last(raw.python)),
        rustUrl: address('--rust', last(raw.rust)),
        allowHosts: (raw['allow-host'] as string[] | undefined) ?? [],
        unsafe: raw['unsafe-methods'] === true,
        timeout: number('--timeout', last(raw.timeout), 10, 600),
        concurrency: number('--concurrency', last(raw.concurrency), 4, 64),
        failOn: choice('--fail-on', last(raw['fail-on']), FAIL_ON),
      };
    case 'contract':
      onlyFormats(shared.outputs, 'contract', ['text', 'json']);
      return { command: 'contract', ...shared, dir: path(raw.dir), side: choice('--side', last(raw.side), SIDES) };
    default:
      onlyFormats(shared.outputs, 'explain', ['text']);
      return { command: 'explain', ...shared, what: explained(raw) };
  }
}

function outputs(given: string[]): Output[] {
  const all = given.map((text): Output => {
    const cut = text.indexOf('=');
    const format = choice('--format', cut < 0 ? text : text.slice(0, cut), FORMATS)!;
    if (cut < 0) return { format };
    const file = text.slice(cut + 1);
    if (file === '') throw new UsageError(`--format ${printable(text)}: a file name is needed behind '='`);
    return { format, file };
  });
  if (all.filter(o => o.file === undefined).length > 1) {
    throw new UsageError('only one --format can go to standard output; give the others a file: --format json=report.json');
  }
  const files = all.flatMap(o => o.file ?? []);
  const twice = files.find((file, i) => files.indexOf(file) !== i);
  if (twice !== undefined) throw new UsageError(`two --format options write to ${printable(twice)}`);
  return all.length > 0 ? all : [{ format: 'text' }];
}

function explained(raw: Raw): ExplainArgs['what'] {
  const what = path(raw.what).trim();
  const endpoint = parseEndpoint(what);
  if (!endpoint) {
    if (raw.python !== undefined) throw new UsageError(`explain ${printable(what)}: folders belong to an endpoint, such as 'GET /path'`);
    return { rule: what };
  }
  if (raw.python === undefined || raw.rust === undefined) {
    throw new UsageError(`explain '${printable(what)}' needs both folders: parity explain '${printable(what)}' PYTHON RUST`);
  }
  return { ...endpoint, python: path(raw.python), rust: path(raw.rust) };
}

function onlyFormats(given: Output[], command: string, allowed: readonly Format[]): void {
  const other = given.find(o => !allowed.includes(o.format));
  if (other) throw new UsageError(`parity ${command} has no --format ${other.format}; it has ${allowed.join(' and ')}`);
}

function choice<T extends string>(option: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined;
  throw new UsageError(`${option} ${printable(value)}: expected one of ${allowed.join(', ')}`);
}

function address(option: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`parity probe needs the address of the running server: ${option} http://127.0.0.1:8000`);
  return value;
}

/** A whole number from 1 to `most`. */
function number(option: string, value: string | undefined, otherwise: number, most: number): number {
  if (value === undefined) return otherwise;
  const n = Number(value);
  if (Number.isInteger(n) && n >= 1 && n <= most) return n;
  throw new UsageError(`${option} ${printable(value)}: expected a whole number from 1 to ${most}`);
}

/** Of a scalar option that was given more than once, the last one counts. */
function last(value: unknown): string | undefined {
  return (Array.isArray(value) ? value.at(-1) : value) as string | undefined;
}

function path(value: unknown): string {
  const text = String(value ?? '');
  if (text === '') throw new UsageError('an argument is empty; a folder is expected');
  return text;
}

/** The parser speaks of "non-option arguments"; its users think of folders. */
function usageMessage(message: string): string {
  const [, got, need] = /Not enough non-option arguments: got (\d+), need at least (\d+)/.exec(message) ?? [];
  if (need === '2') return `two folders are needed, ${got} given: parity check PYTHON RUST`;
  if (need === '1') return 'an argument is missing: parity contract DIR, parity explain RULE';
  return printable(message.charAt(0).toLowerCase() + message.slice(1)).replaceAll('\\n', ' ');
}
