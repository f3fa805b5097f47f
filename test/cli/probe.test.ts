/** `parity probe` and what `parity check` makes of its results, with two applications and two servers that stand in for them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema } from 'ajv';
import { run } from '../../src/cli/run-command.js';
import { serve, stopServers, who } from '../probe/servers.js';
import { removeTrees, tree } from '../project/tree.js';

afterAll(removeTrees);
afterEach(stopServers);

const PYTHON = `from bottle import abort, get, post, request


def user():
    if request.get_cookie('session', secret='s') is None:
        abort(401)


@get('/list')
def listing():
    user()
    return 'x'


@get('/kept')
def kept():
    user()
    return 'x'


@post('/write')
def write():
    user()
    return 'x'
`;
const RUST = `use axum::{Router, routing::{get, post}};

async fn listing() -> &'static str {
    "x"
}

async fn kept() -> &'static str {
    "x"
}

async fn write() -> &'static str {
    "x"
}

fn main() {
    let app: Router = Router::new().route("/list", get(listing)).route("/kept", get(kept)).route("/write", post(write));
    serve(app);
}
`;
const room = tree({
  'py/app.py': PYTHON,
  'rs/Cargo.toml': '[package]\nname = "port"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n',
  'rs/src/main.rs': RUST,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the form of a variable in the configuration
  'parity.yml': 'probe:\n  personas:\n    signedIn: { headers: { X-Who: "${WHO}" } }\n',
  'wrong.json': '{"version": 1}',
  'text.json': 'no',
});

async function parity(...argv: string[]) {
  const text = { out: '', err: '' };
  const io = { out: (s: string) => void (text.out += s), err: (s: string) => void (text.err += s) };
  const code = await run(argv, { ...io, env: { WHO: 'me' }, cwd: room, terminal: false });
  return { code, ...text };
}
const read = <T>(file: string): T => JSON.parse(readFileSync(join(room, file), 'utf8')) as T;

/** The original turns strangers away; the port does so at `/kept` alone. */
async function servers() {
  const python = await serve(a => (who(a) === 'me' ? 200 : 401));
  const rust = await serve(a => (a.line === 'GET /kept' && who(a) !== 'me' ? 401 : 200));
  return { python, rust, urls: ['--python', python.url, '--rust', rust.url] };
}

const LIST = 'GET /list answers 200 without a credential; the original answers 401';
const KEPT = 'GET /kept answers 401 without a credential; the original answers 401';
const WRITE = 'the port was not asked: the request may change something; --unsafe-methods sends it';

test('what is confirmed fails, and goes into every report', async () => {
  const { urls, rust } = await servers();
  const probed = await parity('probe', ...urls, 'py', 'rs', '--format', 'json=probe.json', '--format', 'text');
  expect([probed.code, probed.err]).toEqual([1, '']);
  expect(probed.out).toBe(`confirmed: error[guard-missing] GET /list
  ${LIST}
refuted: error[guard-missing] GET /kept
  ${KEPT}
not tried: error[guard-missing] POST /write
  ${WRITE}

1 answer other than parity says:
  rust GET /kept as anonymous answers 401; parity says admitted

3 findings: 1 confirmed, 1 refuted, 1 not tried
8 requests: 7 answers as parity says, 1 otherwise, 0 that decide nothing
`);
  expect(new Set(rust.log.map(a => a.line))).toEqual(new Set(['GET /list', 'GET /kept']));

  const checked = await parity(
    'check',
    'py',
    'rs',
    '--probe-results',
    'probe.json',
    '--format',
    'text',
    '--format',
    'json=r.json',
    '--format',
    'sarif=r.sarif',
  );
  expect([checked.code, checked.err]).toEqual([1, '']);
  expect(checked.out.match(/= (confirmed|refuted|not tried): .*/g)?.sort()).toEqual([
    `= confirmed: ${LIST}`,
    `= not tried: ${WRITE}`,
    `= refuted: ${KEPT}`,
  ]);
  expect(checked.out).toContain('\nasked running servers: 1 confirmed, 1 refuted, 1 not tried\n');

  type Probed = { verdict: string; says: string };
  const json = read<{ summary: { probe: object }; findings: { endpoint: { path: string }; probe: Probed }[] }>('r.json');
  const schema = JSON.parse(readFileSync('src/report/json/schema.json', 'utf8')) as AnySchema;
  expect(new Ajv({ allowUnionTypes: true }).validate(schema, json)).toBe(true);
  expect(json.summary.probe).toEqual({ confirmed: 1, refuted: 1, untried: 1 });
  const expected = [
    ['/kept', { verdict: 'refuted', says: KEPT }],
    ['/list', { verdict: 'confirmed', says: LIST }],
    ['/write', { verdict: 'untried', says: WRITE }],
  ];
  expect(json.findings.map(f => [f.endpoint.path, f.probe]).sort()).toEqual(expected);

  type Sarif = { runs: { results: { message: { text: string }; properties: { endpoint: string; probe: Probed } }[] }[] };
  const results = read<Sarif>('r.sarif').runs[0]!.results;
  expect(results.map(r => [r.properties.endpoint.split(' ')[1], r.properties.probe]).sort()).toEqual(expected);
  expect(results.flatMap(r => /\n\n(Confirmed|Refuted|Untried): .*/.exec(r.message.text)?.[0].trim() ?? []).sort()).toEqual([
    `Confirmed: ${LIST}`,
    `Refuted: ${KEPT}`,
  ]);
});

test('the gate, and what is asked when everything may be', async () => {
  const { urls, rust } = await servers();
  expect((await parity('probe', ...urls, 'py', 'rs', '--fail-on', 'none')).code).toBe(0);
  const all = await parity('probe', ...urls, 'py', 'rs', '--unsafe-methods');
  expect(all.out).toContain(
    'confirmed: error[guard-missing] POST /write\n  POST /write answers 200 without a credential; the original answers 401\n',
  );
  expect(rust.log.filter(a => a.line === 'POST /write').map(who)).toEqual(['anonymous', 'me']);
});

test.each<[string, string[], RegExp]>([
  [
    'no address',
    ['--python', 'http://127.0.0.1:1'],
    /^parity: parity probe needs the address of the running server: --rust http:\/\/127\.0\.0\.1:8000\n$/,
  ],
  [
    'another host',
    ['--python', 'http://127.0.0.1:1', '--rust', 'http://example.org'],
    /^parity: example\.org is not this machine; --allow-host example\.org allows it\n$/,
  ],
  ['no number', ['--timeout', 'x', '--python', 'a', '--rust', 'b'], /^parity: --timeout x: expected a whole number from 1 to 600\n$/],
  [
    'a format',
    ['--format', 'sarif', '--python', 'a', '--rust', 'b'],
    /^parity: parity probe has no --format sarif; it has text and json\n$/,
  ],
])('wrong use of probe: %s', async (_, argv, says) => {
  const { code, out, err } = await parity('probe', 'py', 'rs', ...argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(says);
});

test.each([
  ['gone.json', 'parity: the probe results gone.json cannot be read (ENOENT)\n'],
  ['text.json', 'parity: the probe results text.json are no JSON; parity probe --format json=FILE writes them\n'],
  ['wrong.json', "parity: the probe results wrong.json are wrong: it must have required property 'requests'\n"],
])('wrong results: %s', async (file, says) =>
  expect(await parity('check', 'py', 'rs', '--probe-results', file)).toEqual({ code: 2, out: '', err: says }),
);

test('a server that does not answer', async () => {
  const { urls } = await servers();
  stopServers();
  const { code, out, err } = await parity('probe', ...urls, 'py', 'rs');
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^parity: the (python|rust) server 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)\n$/);
});
