// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the form of a variable in the configuration
/** Credentials that are not valid: who sends one is to be turned away like who sends none. */
import type { CheckResult } from '../../src/findings/types.js';
import { agreesInvalid, observe } from '../../src/probe/judge.js';
import { probe } from '../../src/probe/run.js';
import type { Answer, ProbeSettings } from '../../src/probe/types.js';
import { authn, broken, check, endpoint, outcome, refused } from '../checks/builder.js';
import { type Asked, type Response, serve, stopServers } from './servers.js';

afterEach(stopServers);

/** The cookie or token that was sent. */
const sent = (a: Asked): string => a.headers.cookie ?? a.headers.authorization ?? 'nothing';

const settings: ProbeSettings = {
  personas: { entitled: { headers: { Authorization: 'right' } } },
  invalid: {
    'a made-up token': { headers: { Authorization: 'made-up' } },
    'a cookie that was tampered with': {
      login: [{ request: 'POST /in', capture: { cookie: 'cookie:sid' } }],
      cookies: { sid: '${cookie}x' },
    },
  },
};

async function run(result: CheckResult, python: (a: Asked) => Response, rust: (a: Asked) => Response) {
  const started = (answer: (a: Asked) => Response) =>
    serve(a => (a.line === 'POST /in' ? { status: 200, headers: { 'set-cookie': 'sid=s1; Path=/' } } : answer(a)));
  const [p, r] = [await started(python), await started(rust)];
  const servers = { python: new URL(p.url), rust: new URL(r.url) };
  const results = await probe(result, settings, { servers, unsafe: false, timeout: 2000, concurrency: 1, env: {} });
  const cells = results.cells.flatMap(c => (c.invalid === undefined ? [] : [`${c.side} ${c.invalid}: ${c.observed} ${c.agrees}`]));
  return { cells, findings: results.findings.map(f => `${f.verdict} ${f.rule}: ${f.says}`), asked: new Set(r.log.map(sent)) };
}

const bare = { guards: [authn('has_token', { presenceOnly: true })] };
const right = (a: Asked): Response => (sent(a) === 'right' ? 200 : 401);
const any = (a: Asked): Response => (sent(a) === 'nothing' ? 401 : 200);

test('a guard that is content with any credential is shown to be', async () => {
  const port = { ...bare, ineffective: [broken('authn', 'presence-only', 'has_token')] };
  const { cells, findings, asked } = await run(check({ 'GET /a': { guards: [authn()] } }, { 'GET /a': port }), right, any);
  expect(findings).toEqual(['confirmed guard-ineffective: GET /a answers 200 with a made-up token; the original answers 401']);
  expect(cells.sort()).toEqual([
    'python a cookie that was tampered with: refused true',
    'python a made-up token: refused true',
    'rust a cookie that was tampered with: admitted true',
    'rust a made-up token: admitted true',
  ]);
  expect([...asked].sort()).toEqual(['made-up', 'nothing', 'right', 'sid=s1x']);
});

test('one that was said to verify, and does not, is told', async () => {
  const { cells, findings } = await run(check({ 'GET /a': { guards: [authn()] } }, { 'GET /a': { guards: [authn()] } }), right, any);
  expect(findings).toEqual([]);
  expect(cells.filter(c => c.endsWith('false'))).toEqual([
    'rust a made-up token: admitted false',
    'rust a cookie that was tampered with: admitted false',
  ]);
});

test.each<[string, Parameters<typeof endpoint>[2], Answer, boolean | undefined]>([
  ['turned away by another status', { guards: [authn()] }, { status: 403 }, true],
  ['let in', { guards: [authn()] }, { status: 200 }, false],
  ['not told', { guards: [authn()] }, { status: 404 }, undefined],
  [
    'given what everybody gets',
    { access: { anonymous: refused(501), signedIn: refused(501), entitled: refused(501) } },
    { status: 501 },
    true,
  ],
  ['let in where any will do', bare, { status: 200 }, true],
  ['turned away where any will do', bare, { status: 401 }, undefined],
  ['served where everybody is', {}, { status: 200 }, true],
  ['turned away where everybody is served', {}, { status: 401 }, false],
  ['turned away where what is sent has to be valid', { outcomes: [outcome('credential', 401)] }, { status: 401 }, true],
])('%s', (_, about, answer, expected) => {
  const e = endpoint('rust', 'GET /a', about);
  const seen = observe(answer, { persona: 'anonymous', endpoint: e, entitled: undefined, targets: [] });
  expect(agreesInvalid(e, answer, seen)).toBe(expected);
});
