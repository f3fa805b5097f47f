import { type Args, parseArgs } from '../../src/cli/args.js';

const parse = (...argv: string[]) => parseArgs(argv, '9.9.9');
const message = async (...argv: string[]) =>
  parse(...argv).then(
    () => 'accepted',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const COMMON = {
  outputs: [{ format: 'text' }],
  strict: undefined,
  config: undefined,
  color: undefined,
  timings: false,
  cache: true,
  cacheDir: undefined,
  quiet: false,
};

describe('what is understood', () => {
  const CASES: [string[], Args][] = [
    [['check', 'py', 'rs'], { command: 'check', ...COMMON, python: 'py', rust: 'rs', failOn: undefined } as Args],
    [
      [
        'check',
        '--format',
        'json',
        'py',
        'rs',
        '--format=sarif=out=1.sarif',
        '--format',
        'text=t.txt',
        '--fail-on',
        'note',
        '--fail-on=none',
        '--strict',
      ],
      {
        command: 'check',
        ...COMMON,
        outputs: [{ format: 'json' }, { format: 'sarif', file: 'out=1.sarif' }, { format: 'text', file: 't.txt' }],
        strict: true,
        python: 'py',
        rust: 'rs',
        failOn: 'none',
      } as Args,
    ],
    [
      ['check', '--no-color', '--timings', '--no-cache', '--cache-dir', 'c', '--quiet', '--config', 'p.toml', '--', '-py', '1.50'],
      {
        command: 'check',
        ...COMMON,
        color: false,
        timings: true,
        cache: false,
        cacheDir: 'c',
        quiet: true,
        config: 'p.toml',
        python: './-py',
        rust: '1.50',
        failOn: undefined,
      } as Args,
    ],
    [['contract', 'd', '--side', 'rust', '--color'], { command: 'contract', ...COMMON, color: true, dir: 'd', side: 'rust' } as Args],
    [['explain', 'guard-missing'], { command: 'explain', ...COMMON, what: { rule: 'guard-missing' } } as Args],
    [
      ['explain', 'delete /a/{id}', 'py', 'rs'],
      { command: 'explain', ...COMMON, what: { method: 'DELETE', path: '/a/{id}', python: 'py', rust: 'rs' } } as Args,
    ],
    [['explain', '/a', 'py', 'rs'], { command: 'explain', ...COMMON, what: { path: '/a', python: 'py', rust: 'rs' } } as Args],
  ];
  test.each(CASES)('%j', async (argv, expected) => expect(await parse(...argv)).toEqual(expected));

  test('help and version are texts', async () => {
    expect(await parse('--version')).toEqual({ command: 'info', text: '9.9.9' });
    const help = await parse('--help');
    expect(help.command === 'info' && help.text).toMatch(
      /parity check <python> <rust>[\s\S]*parity contract <dir>[\s\S]*parity explain <what>[\s\S]*Exit codes:/,
    );
    const check = await parse('check', '--help');
    expect(check.command === 'info' && check.text).toMatch(/--fail-on/);
  });
});

describe('what is not', () => {
  test.each<[string[], string]>([
    [[], 'a command is needed: check, contract, explain or probe'],
    [['chek', 'a', 'b'], 'did you mean check?'],
    [['check'], 'two folders are needed, 0 given: parity check PYTHON RUST'],
    [['check', 'a'], 'two folders are needed, 1 given: parity check PYTHON RUST'],
    [['check', 'a', 'b', 'c'], 'unknown argument: c'],
    [['check', 'a', 'b', '--fial-on', 'error'], 'unknown arguments: fial-on, fialOn'],
    [['check', 'a', ''], 'an argument is empty; a folder is expected'],
    [['check', 'a', 'b', '--fail-on', 'fatal'], '--fail-on fatal: expected one of error, warning, note, none'],
    [['check', 'a', 'b', '--fail-on'], 'not enough arguments following: fail-on'],
    [['check', 'a', 'b', '--format', 'xml'], '--format xml: expected one of text, json, sarif'],
    [['check', 'a', 'b', '--format', 'json='], "--format json=: a file name is needed behind '='"],
    [
      ['check', 'a', 'b', '--format', 'json', '--format', 'text'],
      'only one --format can go to standard output; give the others a file: --format json=report.json',
    ],
    [['check', 'a', 'b', '--format', 'json=x', '--format', 'text=x'], 'two --format options write to x'],
    [['check', 'a', 'b', '--format', '\u001b[31m'], '--format \\u{1b}[31m: expected one of text, json, sarif'],
    [['contract'], 'an argument is missing: parity contract DIR, parity explain RULE'],
    [['contract', 'a', '--side', 'go'], '--side go: expected one of python, rust'],
    [['contract', 'a', '--format', 'sarif'], 'parity contract has no --format sarif; it has text and json'],
    [['explain', 'GET /a', 'py', 'rs', '--format', 'json'], 'parity explain has no --format json; it has text'],
    [['explain', 'GET /a'], "explain 'GET /a' needs both folders: parity explain 'GET /a' PYTHON RUST"],
    [['explain', 'guard-missing', 'py', 'rs'], "explain guard-missing: folders belong to an endpoint, such as 'GET /path'"],
    [['explain', 'guard-missing', '--strict'], 'unknown argument: strict'],
  ])('%j', async (argv, expected) => expect(await message(...argv)).toBe(`UsageError: ${expected}`));
});
