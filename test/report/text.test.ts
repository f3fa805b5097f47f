import { describe, expect, test } from '@jest/globals';
import { Chalk } from 'chalk';
import { render as contractText } from '../../src/report/contract-text/index.js';
import { escapeSource, escapeText } from '../../src/report/escape.js';
import { findEndpoints, parseEndpoint, render as explain } from '../../src/report/explain/index.js';
import { render as terminal } from '../../src/report/terminal/index.js';
import { distrust } from '../../src/findings/exit.js';
import { admitted, authn, authz, broken, check, contract, gap, optional } from '../checks/builder.js';
import { hostile, sample } from './sample.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

describe('escaping', () => {
  test.each([
    ['a\u001b[31mb', 'a\\u{1b}[31mb'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u202eabc\u2066', '\\u{202e}abc\\u{2066}'],
    ['\u200b\ufeff\u009b', '\\u{200b}\\u{feff}\\u{9b}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\u{d800}'],
    ['naïve – 日本 🙂', 'naïve – 日本 🙂'],
  ])('%j', (raw, safe) => expect(escapeText(raw)).toBe(safe));

  test('a source line keeps its indentation and its length in bounds', () => {
    expect(escapeSource('\tx\u001b')).toBe('    x\\u{1b}');
    expect(escapeSource('y'.repeat(500))).toHaveLength(160);
  });

  test('no report lets an analysed name through', () => {
    const result = hostile();
    for (const text of [
      terminal(result),
      contractText(result.rust),
      contractText(result.python),
      explain(result, { method: 'GET', path: '/a' })!,
    ])
      expect(text).not.toMatch(UNSAFE);
  });
});

describe('terminal', () => {
  const text = terminal(sample());

  test('a finding shows the port, the original, the personas and the help', () => {
    const block = text.split('\n\n').find(b => b.startsWith('error[guard-missing]'));
    expect(block).toBe(
      [
        'error[guard-missing]: POST /blog/{id}/delete',
        '  `login_required` keeps requests without a valid credential out with 302 → /login; the port has lost authentication and lets them in',
        ' --> rust src/main.rs:3:14',
        '  |',
        '3 | pub async fn delete_blog(Path(id): Path<i64>) -> StatusCode {',
        '  |              ^^^^^^^^^^^ no guard of this kind stands before `delete_blog`',
        '  |',
        '1 | use axum::Router;',
        '  | ^^^^^^^^^^^^^^^^^ the route',
        ' --> python app.py:5:1',
        '  |',
        '5 | @login_required',
        '  | --------------- `login_required` refuses with 302 → /login',
        '  |',
        '  =            python                 rust',
        '  = anonymous  refused, 302 → /login  admitted  ←',
        '  = signedIn   admitted               admitted',
        '  = entitled   admitted               admitted',
        '  = at stake: the handler deletes',
        '  = help: Put the guard before the handler: an extractor in its signature, or a layer that covers its route.',
      ].join('\n'),
    );
  });

  test('one cause for many endpoints lists the first eight', () => {
    const block = text.split('\n\n').find(b => b.startsWith('error[guard-ineffective]'))!;
    expect(block.split('\n')[0]).toBe('error[guard-ineffective]: 10 endpoints');
    expect(block).toContain(`= on: ${Array.from({ length: 8 }, (_, i) => `GET /admin/${i}`).join(', ')} and 2 more\n`);
  });

  test('the summary says what was and was not understood', () => {
    expect(text.split('\n\n').at(-1)).toBe(
      [
        '14 endpoints paired: 1 same, 12 differ, 1 cannot be told',
        'findings: 2 errors, 4 warnings, 0 notes',
        'python  flask 3.0.0: 1 file, 15 endpoints (1 without a counterpart), everything understood that could be read',
        'rust    axum 0.8.1: 1 file, 15 endpoints (1 without a counterpart), 0 routes not resolved, 1 place not understood',
        'warning python could not be parsed broken.py:3',
        '',
      ].join('\n'),
    );
  });

  test('a side without endpoints was not understood either', () => {
    expect(
      terminal(check({ 'GET /a': {} }, {}))
        .split('\n')
        .slice(-3),
    ).toEqual([
      'python  flask 3.0.0: 1 file, 1 endpoint (1 without a counterpart), everything understood',
      'rust    axum 0.8.1: 1 file, 0 endpoints',
      '',
    ]);
  });

  test('colours are the caller’s choice and change nothing else', () => {
    const colored = terminal(sample(), { chalk: new Chalk({ level: 1 }) });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are control sequences
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(text);
    expect(colored).not.toBe(text);
    expect(terminal(sample(), { chalk: new Chalk({ level: 0 }) })).toBe(text);
  });

  test('a cut is said, and so is distrust', () => {
    const cut = terminal(sample(), { most: 1 });
    expect(cut.match(/^(?:error|warning|note)\[/gm)).toHaveLength(1);
    expect(cut).toContain('... and 5 more findings');
    const empty = check({}, {});
    expect(terminal(empty, { distrust: distrust(empty, { failOn: 'error' }) })).toContain(
      'the answer cannot be trusted: no endpoints were found on the Rust side',
    );
  });
});

test('the contract as a table', () => {
  const text = contractText(
    contract('python', {
      'GET /': {},
      'POST /a/{id}': {
        guards: [authn('login', { rejects: [{ status: 303, redirect: '/login' }] }), authz(['ADMIN'], { order: 2 })],
        access: { anonymous: { verdict: 'refused', status: 303, redirect: '/login' } },
      },
      'GET /b': {
        guards: [optional('jwt')],
        ineffective: [broken('authn', 'above-route', 'auth')],
        gaps: [gap()],
        access: { signedIn: admitted },
      },
      'GET /docs': { implicit: true },
    }),
  );
  expect(text).toBe(
    [
      'METHOD  PATH     ANONYMOUS     SIGNED IN  ENTITLED  GUARDS',
      'GET     /        admitted      admitted   admitted  -',
      'POST    /a/{id}  303 → /login  403        admitted  authn:login, authz:role [ADMIN]',
      'GET     /b       admitted      admitted   admitted  authn:jwt?, !auth (above-route), ?',
      '',
      'python: flask 3.0.0; 1 of 1 file parsed, 4 endpoints, 0 routes not resolved, 1 gap',
      '',
    ].join('\n'),
  );
});

describe('explain', () => {
  test('one endpoint, both sides, the whole chain', () => {
    const text = explain(sample(), { method: 'POST', path: '/blog/{x}/delete' })!;
    for (const part of [
      'Python  POST /blog/{id}/delete',
      '1. login_required: authentication, required, decorator, refuses with 302 → /login (app.py:5)',
      'anonymous  refused, 302 → /login',
      'Rust  POST /blog/{id}/delete',
      'handler delete_blog (src/main.rs:3), registered (src/main.rs:1)',
      'paired by path; verdict: differs',
      'error guard-missing:',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('an endpoint that one side lacks, and one that neither has', () => {
    expect(explain(sample(), { method: 'GET', path: '/gone' })).toContain('Rust\n  has no such endpoint');
    expect(explain(sample(), { method: 'GET', path: '/nowhere' })).toBeUndefined();
  });

  test('names of endpoints', () => {
    expect(parseEndpoint('get /a/{id}')).toEqual({ method: 'GET', path: '/a/{id}' });
    expect(parseEndpoint('/a')).toEqual({ path: '/a' });
    expect(parseEndpoint('guard-missing')).toBeUndefined();
    expect(findEndpoints(sample(), { path: '/blog/{n}/delete' })).toEqual([{ method: 'POST', path: '/blog/{id}/delete' }]);
    expect(findEndpoints(sample(), { method: 'GET', path: '/blog/{n}/delete' })).toEqual([]);
    expect(findEndpoints(sample(), { path: '/blog/7/delete' })).toEqual([{ method: 'POST', path: '/blog/{id}/delete' }]);
    expect(findEndpoints(sample(), { method: 'GET', path: '/blog/7/delete' })).toEqual([]);
    expect(findEndpoints(sample(), { path: '/blog/7/8/delete' })).toEqual([]);
    expect(findEndpoints(sample(), { path: '/extra' })).toEqual([{ method: 'POST', path: '/extra' }]);
  });
});
