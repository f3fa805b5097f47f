// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the form of a variable in the configuration
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { CheckResult } from '../../src/findings/types.js';
import { attach } from '../../src/probe/attach.js';
import { ProbeError, server } from '../../src/probe/hosts.js';
import { type ProbeOptions, probe } from '../../src/probe/run.js';
import type { ProbeSettings, Step } from '../../src/probe/types.js';
import { render } from '../../src/report/probe/index.js';
import { authn, authz, broken, check, effect, gap, guard, outcome } from '../checks/builder.js';
import { type Asked, PERSONAS, type Response, serve, stopServers, who } from './servers.js';

afterEach(stopServers);

type Answers = Record<string, Response | Partial<Record<string, Response>> | ((a: Asked) => Response)>;

/** Answers by method and path, and by who asks. */
const by =
  (table: Answers) =>
  (a: Asked): Response => {
    const answer = table[a.line] ?? 404;
    if (typeof answer === 'function') return answer(a);
    if (typeof answer === 'object' && !('status' in answer)) return (answer as Partial<Record<string, Response>>)[who(a)] ?? 404;
    return answer as Response;
  };

async function run(
  result: CheckResult,
  python: Answers,
  rust: Answers,
  settings: ProbeSettings = { personas: PERSONAS },
  more: Partial<ProbeOptions> = {},
) {
  const [p, r] = [await serve(by(python)), await serve(by(rust))];
  const options = {
    servers: { python: new URL(p.url), rust: new URL(r.url) },
    unsafe: false,
    timeout: 2000,
    concurrency: 2,
    env: {},
    ...more,
  };
  const results = await probe(result, settings, options);
  return {
    results,
    p,
    r,
    said: results.findings.map(f => `${f.verdict} ${f.rule} ${f.endpoint.method} ${f.endpoint.path}: ${f.says}`).sort(),
  };
}

const LOGIN = { status: 303, headers: { location: '/login?next=x' } };
const guarded = { guards: [authn('login_required', { rejects: [{ status: 303, redirect: '/login' }] })] };
const GATE = { anonymous: LOGIN, signedIn: 200, entitled: 200 };
const ROLE = { anonymous: 401, signedIn: 403, entitled: 200 };

describe('findings', () => {
  test('a lost guard: confirmed, refuted, or left open', async () => {
    const names = ['GET /open', 'GET /shut', 'GET /both', 'GET /torn', 'GET /none'];
    const result = check(Object.fromEntries(names.map(n => [n, guarded])), Object.fromEntries(names.map(n => [n, {}])));
    const { said } = await run(
      result,
      { 'GET /open': GATE, 'GET /shut': GATE, 'GET /both': 200, 'GET /torn': GATE, 'GET /none': GATE },
      { 'GET /open': 200, 'GET /shut': GATE, 'GET /both': 200, 'GET /torn': 500 },
    );
    expect(said).toEqual([
      'confirmed guard-missing GET /open: GET /open answers 200 without a credential; the original answers 303 → /login',
      'refuted guard-missing GET /both: GET /both answers 200 without a credential; the original answers 200',
      'refuted guard-missing GET /shut: GET /shut answers 303 → /login without a credential; the original answers 303 → /login',
      'untried guard-missing GET /none: GET /none answers 404 without a credential; the original answers 303 → /login, which decides nothing: 404 is no answer about the caller',
      'untried guard-missing GET /torn: GET /torn answers 500 without a credential; the original answers 303 → /login, which decides nothing: 500 is no answer about the caller',
    ]);
  });

  test('a lost role shows in who is only signed in', async () => {
    const result = check({ 'GET /a': { guards: [authn(), authz(['ADMIN'])] } }, { 'GET /a': { guards: [authn()] } });
    const { said } = await run(result, { 'GET /a': ROLE }, { 'GET /a': { ...ROLE, signedIn: 200 } });
    expect(said).toEqual([
      'confirmed guard-missing GET /a: GET /a answers 200 for somebody who is only signed in; the original answers 403',
    ]);
  });

  test('a common cause: one confirmation is enough, and the sentence counts', async () => {
    const names = ['GET /a', 'GET /b', 'GET /c'];
    const layer = { ineffective: [broken('authn', 'layer-order', 'require_auth', 1)] };
    const result = check(Object.fromEntries(names.map(n => [n, guarded])), Object.fromEntries(names.map(n => [n, layer])));
    const python = { 'GET /a': GATE, 'GET /b': GATE, 'GET /c': GATE };
    expect((await run(result, python, { 'GET /a': GATE, 'GET /b': 200, 'GET /c': 500 })).said).toEqual([
      'confirmed guard-ineffective GET /a: GET /b answers 200 without a credential; the original answers 303 → /login (confirmed for 1 of 3 endpoints, refuted for 1, not to be tried for 1)',
    ]);
    expect((await run(result, python, python)).said).toEqual([
      'refuted guard-ineffective GET /a: GET /a answers 303 → /login without a credential; the original answers 303 → /login (confirmed for 0 of 3 endpoints, refuted for 3)',
    ]);
  });

  test('what could not be told statically is told by the answers', async () => {
    const result = check({ 'GET /a': guarded, 'GET /b': guarded }, { 'GET /a': { gaps: [gap(1)] }, 'GET /b': { gaps: [gap(2)] } });
    const { said } = await run(result, { 'GET /a': GATE, 'GET /b': GATE }, { 'GET /a': GATE, 'GET /b': 200 });
    expect(said).toEqual([
      'confirmed unverified GET /b: GET /b answers 200 without a credential; the original answers 303 → /login',
      'refuted unverified GET /a: GET /a answers 303 → /login without a credential; the original answers 303 → /login',
    ]);
  });

  test('another refusal, and one that the original does not have', async () => {
    const result = check(
      { 'GET /a': guarded, 'GET /b': guarded, 'GET /c': {}, 'GET /d': {} },
      {
        'GET /a': { guards: [authn()] },
        'GET /b': { guards: [authn()] },
        'GET /c': { guards: [authn()] },
        'GET /d': { guards: [authn()] },
      },
    );
    const { said } = await run(
      result,
      { 'GET /a': GATE, 'GET /b': GATE, 'GET /c': 200, 'GET /d': 200 },
      { 'GET /a': { ...GATE, anonymous: 401 }, 'GET /b': GATE, 'GET /c': { ...GATE, anonymous: 401 }, 'GET /d': 200 },
    );
    expect(said).toEqual([
      'confirmed access-tightened GET /c: GET /c answers 401 without a credential; the original answers 200',
      'confirmed refusal-changed GET /a: GET /a answers 401 without a credential; the original answers 303 → /login',
      'refuted access-tightened GET /d: GET /d answers 200 without a credential; the original answers 200',
      'refuted refusal-changed GET /b: GET /b answers 303 → /login without a credential; the original answers 303 → /login',
    ]);
  });

  test('endpoints that one side lacks', async () => {
    const result = check({ 'GET /a': {}, 'GET /b': {}, 'GET /c': {} }, { 'GET /a': {}, 'GET /x': {}, 'GET /y': {}, 'GET /z': {} });
    const { said } = await run(
      result,
      { 'GET /a': 200, 'GET /b': { entitled: 200, anonymous: 401, signedIn: 401 }, 'GET /c': 200, 'GET /y': 200 },
      { 'GET /a': 200, 'GET /c': 200, 'GET /x': 200, 'GET /y': 200, 'GET /z': 401 },
    );
    expect(said).toEqual([
      'confirmed endpoint-extra GET /x: GET /x answers 200 without a credential; the original answers 404',
      'confirmed endpoint-missing GET /b: GET /b answers 404 for somebody who is entitled; the original answers 200',
      'refuted endpoint-extra GET /y: GET /y answers 200 without a credential; the original answers 200',
      'refuted endpoint-missing GET /c: GET /c answers 200 for somebody who is entitled; the original answers 200',
      'untried endpoint-extra GET /z: GET /z answers 401 without a credential; the original answers 404, which decides nothing',
    ]);
  });

  test('what guards all paths turns callers away from those that do not exist, too', async () => {
    const result = check({ 'GET /a': {}, 'GET /b': {}, 'GET /c': {} }, { 'GET /a': {}, 'GET /x': {}, 'GET /y': {} });
    const { said } = await run(
      result,
      { 'GET /a': 200, 'GET /b': 200, 'GET /c': 200, 'GET /x': 401, 'GET /y': GATE },
      { 'GET /a': 200, 'GET /b': 403, 'GET /c': { entitled: 303, anonymous: 303, signedIn: 303 }, 'GET /x': 401, 'GET /y': 200 },
    );
    expect(said).toEqual([
      'refuted endpoint-extra GET /y: GET /y answers 200 without a credential; the original answers 200',
      'untried endpoint-extra GET /x: GET /x answers 401 without a credential; the original answers 401, which decides nothing',
      'untried endpoint-missing GET /b: GET /b answers 403 for somebody who is entitled; the original answers 200, which decides nothing',
      'untried endpoint-missing GET /c: GET /c answers 303 for somebody who is entitled; the original answers 200, which decides nothing',
    ]);
  });

  test('what is lost where no persona meets it, and a method that was not asked for, stay open', async () => {
    const broke = { ineffective: [broken('authn', 'verdict-dropped', 'verify_password')] };
    const result = check({ 'GET /a': { outcomes: [outcome('credential', 401)] }, 'GET /b': {} }, { 'GET /a': broke, '* /b': {} });
    expect((await run(result, { 'GET /a': 200, 'GET /b': 200 }, { 'GET /a': 200, 'GET /b': 200 })).said).toEqual([
      'untried guard-ineffective GET /a: it treats none of the three personas otherwise; the configuration does not say which request fails for credential (lacking)',
      'untried method-widened GET /b: another method would have to be sent; another method may change something; --unsafe-methods sends it',
    ]);
  });

  describe('what no persona meets is tried with a request that lacks one thing', () => {
    const settings: ProbeSettings = {
      personas: { ...PERSONAS, entitled: { headers: { 'X-Who': 'entitled' }, form: { token: 'right' } } },
      lacking: { csrf: { form: { token: 'wrong' } }, existence: { parameters: { id: '999' } } },
    };
    const csrf = { guards: [guard('csrf', 'csrf', { rejects: [{ status: 400 }] })], effects: [effect('write')] };
    const lost = check({ 'POST /a': csrf }, { 'POST /a': { effects: [effect('write')] } });
    const ask = async (python: Answers, rust: Answers) => (await run(lost, python, rust, settings, { unsafe: true })).said;

    test('a form token', async () => {
      expect(lost.findings.map(f => [f.rule, f.persona, f.about])).toEqual([['guard-missing', undefined, 'csrf']]);
      const kept: Answers = { 'POST /a': a => (a.body === 'token=wrong' ? 400 : 200) };
      const port = (status: number): string =>
        `guard-missing POST /a: POST /a answers ${status} without a right form token; the original answers`;
      expect(await ask(kept, { 'POST /a': 200 })).toEqual([`confirmed ${port(200)} 400`]);
      expect(await ask(kept, kept)).toEqual([`refuted ${port(400)} 400`]);
      expect(await ask({ 'POST /a': 200 }, kept)).toEqual([`untried ${port(400)} 200, which decides nothing: the original serves it`]);
      const broken = ', which decides nothing: the original does not serve the right request either';
      expect(await ask({ 'POST /a': 400 }, kept)).toEqual([`untried ${port(400)} 400${broken}`]);
      expect(await ask(kept, { 'POST /a': 400 })).toEqual([`untried ${port(400)} 400${broken.replace('original', 'port')}`]);
    });

    test('a row that is not there', async () => {
      const names = ['GET /a/{id}', 'GET /b/{id}', 'GET /c/{id}'];
      const result = check(
        Object.fromEntries(names.map(n => [n, { outcomes: [outcome('existence', 404)] }])),
        Object.fromEntries(names.map((n, i) => [n, { outcomes: i === 0 ? [] : [outcome('existence', i === 1 ? 500 : 422)] }])),
      );
      const there = { 'GET /a/1': 200, 'GET /b/1': 200, 'GET /c/1': 200 };
      const { said } = await run(result, there, { ...there, 'GET /a/999': 200, 'GET /b/999': 'close' }, settings);
      expect(said).toEqual([
        'confirmed outcome-changed GET /b/{id}: GET /b/999 closes the connection for what does not exist; the original answers 404',
        'confirmed outcome-missing GET /a/{id}: GET /a/999 answers 200 for what does not exist; the original answers 404',
        'refuted outcome-changed GET /c/{id}: GET /c/999 answers 404 for what does not exist; the original answers 404',
      ]);
    });

    test('a password, in the body that the endpoint reads', async () => {
      const broke = { ineffective: [broken('authn', 'verdict-dropped', 'verify_password')] };
      const result = check({ 'POST /in': { outcomes: [outcome('credential', 401)] } }, { 'POST /in': broke });
      const request = {
        endpoint: 'POST /in',
        json: { name: 'n', password: 'right' },
        lacking: { credential: { json: { password: 'wrong' }, form: { x: 'y' } } },
      };
      const { said, r } = await run(
        result,
        { 'POST /in': a => (a.body.includes('wrong') ? 401 : 200) },
        { 'POST /in': 200 },
        { personas: PERSONAS, requests: [request] },
        { unsafe: true },
      );
      expect(said).toEqual([
        'confirmed guard-ineffective POST /in: POST /in answers 200 with a wrong credential; the original answers 401',
      ]);
      expect(r.log.at(-1)?.body).toBe('{"name":"n","password":"wrong"}');
    });

    test('a method that the original does not answer', async () => {
      const result = check({ 'POST /a': {}, 'POST /b': {}, 'POST /c': {} }, { '* /a': {}, '* /b': {}, '* /c': {} });
      const python = { 'GET /a': 405, 'GET /b': 405, 'GET /c': 200 };
      const { said } = await run(result, python, { 'GET /a': 400, 'GET /b': 405, 'GET /c': 200 }, settings, { unsafe: true });
      expect(said).toEqual([
        'confirmed method-widened POST /a: GET /a answers 400 for somebody who is entitled; the original answers 405',
        'refuted method-widened POST /b: GET /b answers 405 for somebody who is entitled; the original answers 405',
        'untried method-widened POST /c: GET /c answers 200 for somebody who is entitled; the original answers 200, which decides nothing: the original answers this method, too',
      ]);
    });
  });

  test('a placeholder answers with an error', async () => {
    const stub = { stub: { says: 'todo!()', location: { file: 'a', line: 1 } } };
    const result = check({ 'GET /a': {}, 'GET /b': {}, 'GET /c': {} }, { 'GET /a': stub, 'GET /b': stub, 'GET /c': stub });
    const { said } = await run(
      result,
      { 'GET /a': 200, 'GET /b': 200, 'GET /c': 200 },
      { 'GET /a': 'close', 'GET /b': 501, 'GET /c': 200 },
    );
    expect(said).toEqual([
      'confirmed stub-handler GET /a: GET /a closes the connection for somebody who is entitled',
      'confirmed stub-handler GET /b: GET /b answers 501 for somebody who is entitled',
      'untried stub-handler GET /c: GET /c answers 200 for somebody who is entitled, which decides nothing',
    ]);
  });

  test('what no answer shows, and what was not sent', async () => {
    const result = check(
      { 'GET /a': { outcomes: [outcome('existence', 404)] }, 'POST /b': guarded, 'GET /c': { guards: [authn(), authz(['X'])] } },
      { 'GET /a': { outcomes: [outcome('existence', 422)] }, 'POST /b': {}, 'GET /c': { guards: [authn()] } },
    );
    const { said, p, r } = await run(result, { 'GET /a': 200, 'GET /c': ROLE }, { 'GET /a': 200, 'GET /c': ROLE }, {});
    expect(said).toEqual([
      'untried guard-missing GET /c: the port was not asked: the configuration has no credential for signedIn',
      'untried guard-missing POST /b: the port was not asked: the request may change something; --unsafe-methods sends it',
      'untried outcome-changed GET /a: no answer to the three personas shows it; the configuration has no credential for entitled',
    ]);
    expect([...p.log, ...r.log].map(a => a.line).sort()).toEqual(['GET /a', 'GET /a', 'GET /c', 'GET /c']);
  });
});

describe('requests', () => {
  const result = check(
    { 'GET /a/{id}': guarded, 'POST /b': { ...guarded, effects: [effect('write')] }, 'DELETE /c': guarded },
    { 'GET /a/{key}': guarded, 'POST /b': guarded, 'DELETE /c': guarded },
  );

  test('nothing that may change something without being told to', async () => {
    const { p, r, results } = await run(result, { 'GET /a/1': GATE }, { 'GET /a/1': GATE });
    expect(new Set([...p.log, ...r.log].map(a => a.line))).toEqual(new Set(['GET /a/1']));
    expect([results.requests, results.summary]).toEqual([6, { confirmed: 0, refuted: 0, untried: 0, agree: 6, differ: 0, unclear: 0 }]);
  });

  test('then one by one, deletions last, the least entitled first; the data is put back before each', async () => {
    const before: string[] = [];
    const { r } = await run(result, {}, {}, { personas: PERSONAS }, { unsafe: true, before: async side => void before.push(side) });
    expect(r.log.slice(3).map(a => `${a.line} ${who(a)}`)).toEqual([
      'POST /b anonymous',
      'POST /b signedIn',
      'POST /b entitled',
      'DELETE /c anonymous',
      'DELETE /c signedIn',
      'DELETE /c entitled',
    ]);
    expect(before.filter(s => s === 'rust')).toHaveLength(6);
  });

  test('signing in: cookies, captured values, variables; and again before what may end the session', async () => {
    let sessions = 0;
    const answers: Answers = {
      'GET /login': {
        status: 200,
        text: '<form><input type=hidden value="a&amp;b" name="csrf"></form>',
        headers: { 'set-cookie': 'pre=1; Path=/' },
      },
      'POST /login': a => ({
        status: a.body === 'csrf=a%26b&password=geheim' && a.headers.cookie === 'pre=1' ? 200 : 400,
        headers: { 'set-cookie': [`sid=${++sessions}; HttpOnly`, 'pre=; Max-Age=0'] },
        text: '{"token": {"a/b": 7}}',
      }),
      'GET /a/1': a => (a.headers.cookie ? 200 : LOGIN),
    };
    const login: Step[] = [
      { request: 'GET /login', capture: { csrf: 'field:csrf' } },
      {
        request: 'POST /login',
        form: { csrf: '${csrf}', password: '${SECRET}' },
        capture: { token: 'json:/token/a~1b', sid: 'cookie:sid' },
      },
    ];
    const persona = { login, headers: { Authorization: 'Bearer ${token}', 'X-Sid': '${sid}' }, form: { csrf: '${csrf}' } };
    const { r, results } = await run(
      result,
      answers,
      answers,
      { personas: { entitled: persona } },
      { unsafe: true, env: { SECRET: 'geheim' } },
    );
    const asked = r.log.filter(a => !a.line.endsWith('/login') && a.headers.cookie);
    expect(asked.map(a => [a.line, a.headers.cookie === `sid=${a.headers['x-sid']}`, a.headers.authorization, a.body])).toEqual([
      ['GET /a/1', true, 'Bearer 7', ''],
      ['POST /b', true, 'Bearer 7', 'csrf=a%26b'],
      ['DELETE /c', true, 'Bearer 7', 'csrf=a%26b'],
    ]);
    expect(new Set(asked.map(a => a.headers.cookie)).size).toBe(3);
    expect(results.requests).toBe(2 * (3 + 3 + 3 * 2));
    expect(JSON.stringify(results)).not.toContain('geheim');
  });

  test.each<[string, ProbeSettings, Answers, RegExp]>([
    [
      'refused',
      { personas: { entitled: { login: [{ request: 'POST /in' }] } } },
      { 'POST /in': 401 },
      /^signing in at 127\.0\.0\.1:\d+ failed: POST \/in answers 401$/,
    ],
    [
      'nothing to capture',
      { personas: { entitled: { login: [{ request: 'POST /in', capture: { t: 'json:/a' } }] } } },
      { 'POST /in': { status: 200, text: '{"b": 1}' } },
      /^signing in: the answer to POST \/in has no json:\/a$/,
    ],
    [
      'no such variable',
      { personas: { entitled: { headers: { A: '${NONE}' } } } },
      {},
      /^\$\{NONE\} is neither captured by signing in nor set in the environment$/,
    ],
    [
      'a header that is none',
      { personas: { entitled: { headers: { 'A b': 'c' } } } },
      {},
      /^the header A b of the configuration cannot be sent$/,
    ],
  ])('a credential that cannot be had ends the probe: %s', async (_, settings, answers, says) => {
    await expect(run(result, answers, answers, settings)).rejects.toThrow(says);
  });

  test('forms with files, JSON, and a body as it stands', async () => {
    const three = check({ 'POST /a': {}, 'POST /b': {}, 'POST /c': {} }, { 'POST /a': {}, 'POST /b': {}, 'POST /c': {} });
    const settings: ProbeSettings = {
      requests: [
        { endpoint: 'POST /a', form: { x: 'y' }, files: { f: { name: 'n.txt', text: 'content' } } },
        { endpoint: 'POST /b', json: { x: ['${V}', 1] } },
        { endpoint: 'POST /c', body: '<a/>', headers: { 'content-type': 'text/xml' }, query: { q: 'ä ${V}' } },
      ],
    };
    const { r, results } = await run(three, {}, {}, settings, { unsafe: true, env: { V: 'v' } });
    const [a, b, c] = r.log;
    expect(a!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(a!.body).toMatch(/name="x"\r\n\r\ny\r\n[\s\S]*name="f"; filename="n\.txt"[\s\S]*\r\n\r\ncontent\r\n/);
    expect([b!.headers['content-type'], b!.body]).toEqual(['application/json', '{"x":["v",1]}']);
    expect([c!.line, c!.headers['content-type'], c!.body]).toEqual(['POST /c?q=%C3%A4+v', 'text/xml', '<a/>']);
    // What a variable holds is not printed.
    expect(results.cells.find(x => x.side === 'rust' && x.endpoint.path === '/c')?.request).toBe('POST /c?q=ä ${V}');
  });

  test('a redirect is not followed, but for a slash at the end', async () => {
    const two = check({ 'GET /a': {}, 'GET /b': {} }, { 'GET /a': {}, 'GET /b': {} });
    const answers: Answers = {
      'GET /base/a': a => ({ status: 307, headers: { location: `http://${a.headers.host}/base/a/` } }),
      'GET /base/a/': 200,
      'GET /base/b': { status: 302, headers: { location: 'http://elsewhere.invalid/b/' } },
    };
    const [p, r] = [await serve(by(answers)), await serve(by(answers))];
    const servers = { python: new URL(`${p.url}/base`), rust: new URL(`${r.url}/base/`) };
    const results = await probe(two, {}, { servers, unsafe: false, timeout: 2000, concurrency: 1, env: {} });
    expect(r.log.map(a => a.line)).toEqual(['GET /base/a', 'GET /base/a/', 'GET /base/b']);
    expect(results.cells.filter(c => c.side === 'rust' && c.answer).map(c => c.answer)).toEqual([
      { status: 200 },
      { status: 302, location: 'http://elsewhere.invalid/b/' },
    ]);
  });

  test('no more than so many at once, each with its time', async () => {
    let [now, most] = [0, 0];
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`GET /${i}`, {}]));
    const [p, r] = [await serve(() => 200), await serve(() => 200)];
    const original = globalThis.fetch;
    globalThis.fetch = async (...args) => {
      if (String(args[0]).startsWith(r.url)) most = Math.max(most, ++now);
      try {
        return await original(...args);
      } finally {
        if (String(args[0]).startsWith(r.url)) now--;
      }
    };
    try {
      await probe(
        check(many, many),
        {},
        { servers: { python: new URL(p.url), rust: new URL(r.url) }, unsafe: false, timeout: 2000, concurrency: 3, env: {} },
      );
    } finally {
      globalThis.fetch = original;
    }
    expect(most).toBe(3);
  });

  test('a server that is silent or gone', async () => {
    const two = check({ 'GET /a': {}, 'GET /b': {} }, { 'GET /a': {}, 'GET /b': {} });
    const { results } = await run(two, { 'GET /a': 200, 'GET /b': 200 }, { 'GET /a': 'never', 'GET /b': 200 }, {}, { timeout: 300 });
    expect(results.cells.find(c => c.side === 'rust' && c.persona === 'anonymous')).toMatchObject({
      answer: { error: 'nothing within 0.3 s' },
      observed: 'unclear',
      why: 'nothing within 0.3 s',
    });
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`GET /${i}`, {}]));
    const gone = { python: new URL((await serve(() => 200)).url), rust: new URL((await serve(() => 200)).url) };
    stopServers();
    await expect(probe(check(many, many), {}, { servers: gone, unsafe: false, timeout: 500, concurrency: 2, env: {} })).rejects.toThrow(
      /^the (python|rust) server 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)$/,
    );
  });
});

describe('hosts', () => {
  test.each(['http://127.0.0.1:80', 'http://127.1/x', 'https://localhost:8443', 'http://[::1]:1/', 'http://2130706433/'])(
    '%s is this machine',
    url => expect(server(url, []).href).toBeTruthy(),
  );
  test.each([
    ['http://example.org', [], 'example.org is not this machine; --allow-host example.org allows it'],
    [
      'http://127.0.0.1.example.org',
      ['example.org'],
      '127.0.0.1.example.org is not this machine; --allow-host 127.0.0.1.example.org allows it',
    ],
    ['http://localhost.example.org/', [], 'localhost.example.org is not this machine; --allow-host localhost.example.org allows it'],
    ['http://0.0.0.0:1', [], '0.0.0.0 is not this machine; --allow-host 0.0.0.0 allows it'],
    ['file:///etc/passwd', [], 'file:///etc/passwd is no address such as http://127.0.0.1:8000'],
    ['127.0.0.1:80', [], '127.0.0.1:80 is no address such as http://127.0.0.1:8000'],
    ['http://a:b@127.0.0.1', [], 'http://127.0.0.1: give scheme, host, port and perhaps a path; credentials belong into the configuration'],
    ['http://127.0.0.1/?a', [], 'http://127.0.0.1: give scheme, host, port and perhaps a path; credentials belong into the configuration'],
  ])('%s %j', (url, allowed, says) => expect(() => server(url, allowed as string[])).toThrow(new ProbeError(says as string)));
  test('one that was named', () => expect(server('https://Staging.Example.org', ['staging.example.ORG']).host).toBe('staging.example.org'));
});

describe('results', () => {
  const result = check({ 'GET /a': guarded, 'GET /b': guarded, 'GET /c': guarded }, { 'GET /a': {}, 'GET /b': {}, 'GET /c': guarded });
  const python = { 'GET /a': GATE, 'GET /b': GATE, 'GET /c': GATE };
  const rust = { 'GET /a': 200, 'GET /b': GATE, 'GET /c': 200 };

  test('are as the schema says, and in words', async () => {
    const { results } = await run(result, python, rust);
    const schema = JSON.parse(readFileSync('src/probe/schema.json', 'utf8')) as object;
    const validate = new Ajv({ strictTypes: false }).compile(schema);
    expect([validate(results), validate.errors]).toEqual([true, null]);
    expect(render(results)).toBe(`confirmed: error[guard-missing] GET /a
  GET /a answers 200 without a credential; the original answers 303 → /login
refuted: error[guard-missing] GET /b
  GET /b answers 303 → /login without a credential; the original answers 303 → /login

2 answers other than parity says:
  rust GET /b as anonymous answers 303 → /login; parity says admitted
  rust GET /c as anonymous answers 200; parity says refused with 303 → /login

2 findings: 1 confirmed, 1 refuted, 0 not tried
18 requests: 16 answers as parity says, 2 otherwise, 0 that decide nothing
`);
  });

  test('what a server answers is printed without what could repaint the terminal', async () => {
    const answer = { status: 302, headers: { location: `/\u009b31m${'x'.repeat(5000)}` } };
    const { results } = await run(check({ 'GET /a': {} }, { 'GET /a': guarded }), { 'GET /a': 200 }, { 'GET /a': answer });
    results.cells.push({
      endpoint: { method: 'GET', path: '/a' },
      side: 'rust',
      persona: 'anonymous',
      request: 'GET /\u001b[1m',
      agrees: false,
    });
    const text = render(results);
    expect(text).toContain('GET /\\u{1b}[1m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(Math.max(...text.split('\n').map(l => l.length))).toBeLessThan(800);
  });

  test('are carried over by fingerprint; what has changed since is said', async () => {
    const { results } = await run(result, python, rust);
    const later = attach(check({ 'GET /a': guarded, 'GET /new': guarded }, { 'GET /a': {}, 'GET /new': {} }), results);
    expect(later.findings.map(f => [f.endpoint.path, f.probe?.verdict])).toEqual([
      ['/a', 'confirmed'],
      ['/new', undefined],
    ]);
    expect(later.summary.probe).toEqual({ confirmed: 1, refuted: 0, untried: 0 });
    expect(later.problems.map(p => p.says)).toEqual([
      '1 finding of the probe is no longer reported',
      '1 finding is not in the probe results',
    ]);
    expect(attach(result, results).problems).toEqual([]);
  });
});
