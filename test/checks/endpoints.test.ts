import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/checks/compare.js';
import { authn, authz, check, contract, effect, found, gap, guard, lines, outcome, unknown } from './builder.js';

describe('endpoint-missing', () => {
  test('accounts for all that belongs to the endpoint, and suggests what is near', () => {
    const result = check(
      { 'DELETE /blog/{id}/post/{post}': { guards: [authn(), authz(['x'])], outcomes: [outcome('existence', 404)] } },
      { 'DELETE /blog/{id}/posts/{post}': {} },
    );
    expect(lines(result)).toEqual([
      'warning endpoint-extra DELETE /blog/{id}/posts/{post} anonymous',
      'warning endpoint-missing DELETE /blog/{id}/post/{post}',
    ]);
    expect(result.findings[1]!.help).toContain('did you mean `DELETE /blog/{id}/posts/{post}`');
  });

  test('suggests among many, and only what has a word in common', () => {
    const far = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`GET /left${i}/old`, { handler: `p${i}` }]));
    const other = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`GET /right${i}/new`, { handler: `r${i}` }]));
    const result = check({ ...far, 'GET /reports/{id}/summary': {} }, { ...other, 'GET /reports/{id}/summaries': {} });
    const suggested = result.findings.filter(f => f.rule === 'endpoint-missing' && f.help?.startsWith('did you mean'));
    expect(suggested.map(f => [f.endpoint.path, f.rust.map(e => e.says)])).toEqual([
      ['/reports/{id}/summary', ['`GET /reports/{id}/summaries` comes nearest']],
    ]);
  });

  test('says what answers there instead, once for all', () => {
    const python = { 'GET /v1/a': {}, 'GET /v1/b/{id}/x': {}, 'GET /v1/c': {}, 'POST /v1/c': {}, 'GET /v2/c': {}, 'GET /d': {} };
    const result = check(python, { 'GET /v1/{rest*}': {}, 'GET /v1/b/{rest*}': {}, 'GET /{rest*}': {} });
    expect(result.findings.filter(f => f.rule === 'endpoint-missing').map(f => [f.endpoint.method, f.endpoint.path, f.message])).toEqual([
      ['POST', '/v1/c', 'the port has no such route'],
      ['GET', '/d', 'the port has no such route'],
      ['GET', '/v1/a', 'the port has no such route; only `GET /v1/{rest*}` answers there'],
      ['GET', '/v1/b/{id}/x', 'the port has no such route; only `GET /v1/b/{rest*}` answers there'],
      ['GET', '/v1/c', 'the port has no such route; only `GET /v1/{rest*}` answers there'],
      ['GET', '/v2/c', 'the port has no such route'],
    ]);
    const many = { 'GET /v1/a': {}, 'GET /v1/b': {}, 'GET /v1/c': {} };
    expect(
      check(many, { 'GET /v1/{rest*}': {} })
        .findings.filter(f => f.rule === 'endpoint-missing')
        .map(f => f.message),
    ).toEqual(['the port has no routes for 3 endpoints of the original; only `GET /v1/{rest*}` answers there']);
  });

  test('cannot tell where routes of the port were not resolved, one for all', () => {
    const python = contract('python', { 'GET /a': {}, 'GET /b': {}, 'GET /c': {}, 'GET /d': {} });
    const rust = contract('rust', { 'GET /d': {} }, { gaps: [gap(9, ['endpoints'])] });
    expect(lines(compare(python, rust))).toEqual(['warning? endpoint-missing GET /a x3']);
  });
});

describe('endpoint-extra', () => {
  test('an open one that changes something is a warning, others are notes', () => {
    expect(
      found(
        { 'GET /': {} },
        {
          'GET /': {},
          'POST /open': {},
          'GET /run': { effects: [effect('execute')] },
          'GET /health': {},
          'POST /guarded': { guards: [authn()] },
          'POST /unclear': { access: { anonymous: unknown } },
        },
      ),
    ).toEqual([
      'warning endpoint-extra GET /run anonymous',
      'warning endpoint-extra POST /open anonymous',
      'note endpoint-extra GET /health anonymous',
      'note endpoint-extra POST /guarded',
      'note? endpoint-extra POST /unclear',
    ]);
  });
});

describe('method-widened', () => {
  test('every method in place of named ones, and one handler under a further method', () => {
    expect(
      found(
        { 'POST /a': {}, 'GET /b': {}, 'POST /c': {} },
        { '* /a': {}, '* /b': {}, 'POST /c': { handler: 'h' }, 'GET /c': { handler: 'h' } },
      ),
    ).toEqual(['warning method-widened POST /a', 'warning method-widened GET /c', 'note method-widened GET /b']);
  });

  test('another handler under another method is an extra endpoint', () => {
    expect(found({ 'POST /c': {} }, { 'POST /c': { handler: 'h' }, 'GET /c': { handler: 'i' } })).toEqual([
      'note endpoint-extra GET /c anonymous',
    ]);
  });

  test('is silent where the original answers every method', () => {
    expect(found({ '* /a': {}, '* /b': {} }, { '* /a': {}, 'GET /b': {}, 'POST /b': {} })).toEqual([]);
  });
});

describe('stub-handler', () => {
  const stub = { says: '`todo!()`', location: { file: 'src/main.rs', line: 3 } };
  test('accounts for guards and error paths', () => {
    expect(found({ 'GET /a': { guards: [authn()], outcomes: [outcome('existence', 404)] } }, { 'GET /a': { stub } })).toEqual([
      'error stub-handler GET /a',
    ]);
  });

  test('is silent where the original is one, too', () => {
    expect(found({ 'GET /a': { stub } }, { 'GET /a': { stub } })).toEqual([]);
  });
});

describe('error paths', () => {
  const pair = (python: object, rust: object) => found({ 'GET /a': python }, { 'GET /a': rust });

  test.each(['existence', 'input', 'conflict', 'credential'] as const)('an exit on %s that is gone', trigger => {
    expect(pair({ outcomes: [outcome(trigger, 409)] }, {})).toEqual(['warning outcome-missing GET /a']);
  });

  test.each([
    ['another status', outcome('existence', 404), outcome('existence', 422), ['warning outcome-changed GET /a']],
    [
      'a panic',
      outcome('existence', 404),
      outcome('existence', undefined, { via: 'panic', panic: true }),
      ['warning outcome-changed GET /a'],
    ],
    ['what a library chose', outcome('input', 422), outcome('input', 400, { via: 'extractor' }), ['note outcome-changed GET /a']],
    [
      'a crash of the original beside an answer',
      [outcome('existence', 404), outcome('existence', 500)],
      outcome('existence', 422),
      ['warning outcome-changed GET /a'],
    ],
    [
      'a row that is fetched as if it were there',
      outcome('existence', 404),
      [outcome('existence', 404), outcome('existence', 500, { via: 'propagate' })],
      ['warning outcome-changed GET /a'],
    ],
    [
      'a missing row, where only bad input has the answer',
      outcome('existence', 404),
      [outcome('input', 404), outcome('existence', 500)],
      ['warning outcome-changed GET /a'],
    ],
    ['one server error for another', outcome('other', 504), outcome('other', 502), ['note outcome-changed GET /a']],
  ])('%s', (_, python, rust, expected) => {
    expect(pair({ outcomes: [python].flat() }, { outcomes: [rust].flat() })).toEqual(expected);
  });

  test('a failure of the server is not named beside an answer', () => {
    const result = check(
      { 'GET /a': { outcomes: [outcome('existence', 404)] } },
      { 'GET /a': { outcomes: [outcome('existence', 422), outcome('existence', 500)] } },
    );
    expect(result.findings.map(f => f.message)).toEqual(['the original answers a missing row with 404; the port answers with 422']);
  });

  test('a guard that answers the same somewhere else hides no error path', () => {
    const user = authn('user', { rejects: [{ status: 401 }, { status: 404 }] });
    const row = outcome('existence', 404);
    expect(pair({ guards: [user], outcomes: [row] }, { guards: [authn('User')] })).toEqual(['warning outcome-missing GET /a']);
    const own = { ...user, evidence: [{ ...row.location, says: 'it ends the request' }] };
    expect(pair({ guards: [own], outcomes: [row] }, { guards: [authn('User')] })).toEqual([]);
  });

  test.each([
    ['the status is met on another trigger', { outcomes: [outcome('existence', 404)] }, { outcomes: [outcome('other', 404)] }],
    ['the status of the port is not known', { outcomes: [outcome('existence', 404)] }, { outcomes: [outcome('existence', undefined)] }],
    ['outcomes may be hidden', { outcomes: [outcome('existence', 404)] }, { gaps: [gap(1, ['outcomes'])] }],
    ['a state or something else has no exit', { outcomes: [outcome('state', 503), outcome('other', 500)] }, {}],
    ['the port has an exit more', {}, { outcomes: [outcome('conflict', 422)] }],
    ['the original crashes', { outcomes: [outcome('existence', 500)] }, {}],
    ['the server of the port may fail', { outcomes: [outcome('state', 403)] }, { outcomes: [outcome('state', 500)] }],
    [
      'the server fails on purpose beside the answer',
      { outcomes: [outcome('existence', 404)] },
      { outcomes: [outcome('existence', 404), outcome('existence', 500)] },
    ],
    [
      'the guard refuses so',
      { guards: [guard('ownership', 'own', { rejects: [{ status: 404 }] })], outcomes: [outcome('existence', 404)] },
      { guards: [guard('ownership', 'own', { rejects: [{ status: 404 }] })] },
    ],
    [
      'it belongs to a guard',
      { outcomes: [outcome('authz', 403), outcome('ownership', 403), outcome('existence', 404, { via: 'guard' })] },
      {},
    ],
    ['the credential is that of a guard', { guards: [authn()], outcomes: [outcome('credential', 422)] }, { guards: [authn()] }],
    [
      'both redirect',
      { outcomes: [outcome('state', 302, { redirect: '/setup' })] },
      { outcomes: [outcome('state', 303, { redirect: '/setup' })] },
    ],
  ])('is silent where %s', (_, python, rust) => {
    expect(pair(python, rust)).toEqual([]);
  });

  test('two triggers with two answers are two findings', () => {
    const result = check(
      { 'POST /login': { outcomes: [outcome('existence', 404), outcome('credential', 404)] } },
      { 'POST /login': { outcomes: [outcome('existence', 422), outcome('credential', 401)] } },
    );
    expect(result.findings.map(f => f.message).sort()).toEqual([
      'the original answers a missing row with 404; the port answers with 422',
      'the original answers a wrong credential with 404; the port answers with 401',
    ]);
  });

  test('what the libraries answer by themselves is one note for all', () => {
    const all = (status: number, via: 'framework' | 'extractor') =>
      Object.fromEntries([1, 2].map(i => [`POST /${i}`, { outcomes: [outcome('input', status, { via })] }]));
    expect(found(all(422, 'framework'), all(400, 'extractor'))).toEqual(['note outcome-changed POST /1 x2']);
    expect(found(all(422, 'framework'), all(422, 'extractor'))).toEqual([]);
  });
});

describe('guard-repeated-inline', () => {
  const inline = (n: number, via: 'inline' | 'extractor' = 'inline') =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`GET /${i}`, { guards: [authn('auth::require_user_id', { via })] }]));

  test('a guard called in four handlers is a note that names the extractor', () => {
    const result = check(inline(4), inline(4));
    expect(lines(result)).toEqual(['note guard-repeated-inline GET /0 x4']);
    expect(result.findings[0]!.message).toContain('`RequireUserId: FromRequestParts`');
    expect(result.summary).toMatchObject({ pairs: 4, same: 4, differs: 0 });
  });

  test('is silent about three handlers, and about extractors', () => {
    expect(found(inline(3), inline(3))).toEqual([]);
    expect(found(inline(4), inline(4, 'extractor'))).toEqual([]);
  });
});

describe('duplicate-route', () => {
  test('a second route that admits whom the first refuses is a warning', () => {
    expect(found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': [{ guards: [authn()] }, {}] })).toEqual([
      'warning duplicate-route GET /a anonymous',
    ]);
  });

  test('with the same access it is a note', () => {
    expect(found({ 'GET /a': {} }, { 'GET /a': [{}, {}] })).toEqual(['note duplicate-route GET /a']);
  });

  test('is silent about one handler under both spellings, and about alternatives of the build', () => {
    expect(found({ 'GET /a': {} }, { 'GET /a': [{ handler: 'h' }, { handler: 'h' }] })).toEqual([]);
    expect(found({ 'GET /a': {} }, { 'GET /a': [{ when: 'feature x' }, { when: 'not(feature x)' }] })).toEqual([]);
  });
});
