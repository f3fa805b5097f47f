import { describe, expect, test } from '@jest/globals';
import { match } from '../../src/match/match.js';
import type { Alias } from '../../src/match/types.js';
import { contract, type Spec } from '../checks/builder.js';

function pairing(python: string[] | Spec, rust: string[] | Spec, aliases: Alias[] = []) {
  const spec = (s: string[] | Spec): Spec => (Array.isArray(s) ? Object.fromEntries(s.map(n => [n, {}])) : s);
  const m = match(contract('python', spec(python)), contract('rust', spec(rust)), aliases);
  const name = (e: { method: string; path: string }) => `${e.method} ${e.path}`;
  return {
    pairs: m.pairs.map(p => `${name(p.python)} = ${name(p.rust)} (${p.by})`).sort(),
    missing: m.missing.map(name),
    extra: m.extra.map(name),
    notes: m.notes.map(n => n.code),
  };
}

describe('keys', () => {
  test('names of parameters do not matter, methods, literals and catch-alls do', () => {
    expect(
      pairing(['GET /a/{id}', 'POST /a/{id}', 'GET /b', 'GET /c/{p*}'], ['GET /a/{slug}', 'GET /b', 'PUT /b', 'GET /c/{rest*}']),
    ).toEqual({
      pairs: ['GET /a/{id} = GET /a/{slug} (path)', 'GET /b = GET /b (path)', 'GET /c/{p*} = GET /c/{rest*} (path)'],
      missing: ['POST /a/{id}'],
      extra: ['PUT /b'],
      notes: [],
    });
  });

  test('a handler of every method pairs with each concrete one, both ways', () => {
    expect(pairing(['* /a', 'GET /b', 'POST /b'], ['GET /a', 'POST /a', '* /b']).pairs).toEqual([
      '* /a = GET /a (any-method)',
      '* /a = POST /a (any-method)',
      'GET /b = * /b (any-method)',
      'POST /b = * /b (any-method)',
    ]);
  });

  test('a concrete method with its own route is not answered by the one of every method', () => {
    expect(pairing(['GET /a', 'POST /a'], ['GET /a', '* /a'])).toMatchObject({
      pairs: ['GET /a = GET /a (path)', 'POST /a = * /a (any-method)'],
      extra: [],
    });
  });

  test('a websocket is no handler of every method', () => {
    expect(pairing(['WS /a'], ['* /a'])).toMatchObject({ pairs: [], missing: ['WS /a'], extra: ['* /a'] });
  });
});

describe('what is looser than a key', () => {
  test('a literal suffix that the port strips itself is a pair with a note', () => {
    expect(pairing(['GET /ical/{token}.ics', 'GET /x'], ['GET /ical/{token}', 'GET /x'])).toEqual({
      pairs: ['GET /ical/{token}.ics = GET /ical/{token} (suffix)', 'GET /x = GET /x (path)'],
      missing: [],
      extra: [],
      notes: ['path-suffix'],
    });
  });

  test('literals that differ are no pair', () => {
    expect(pairing(['GET /a/{t}.ics'], ['GET /b/{t}'])).toMatchObject({ pairs: [], missing: ['GET /a/{t}.ics'] });
  });

  test('a catch-all pairs with a plain parameter only where nothing else does', () => {
    expect(pairing(['GET /f/{p*}', 'GET /f/{id}'], ['GET /f/{id}', 'GET /z'])).toMatchObject({
      pairs: ['GET /f/{id} = GET /f/{id} (path)'],
      missing: ['GET /f/{p*}'],
      extra: ['GET /z'],
    });
    expect(pairing(['GET /f/{p*}'], ['GET /f/{p}'])).toMatchObject({
      pairs: ['GET /f/{p*} = GET /f/{p} (catch-all)'],
      notes: ['path-catch-all'],
    });
  });
});

describe('prefixes and aliases', () => {
  test('one prefix on one side is detected and said once', () => {
    expect(
      pairing(
        ['GET /users', 'GET /posts', 'POST /posts', 'GET /health'],
        ['GET /api/v1/users', 'GET /api/v1/posts', 'POST /api/v1/posts', 'GET /health'],
      ),
    ).toEqual({
      pairs: [
        'GET /health = GET /health (path)',
        'GET /posts = GET /api/v1/posts (prefix)',
        'GET /users = GET /api/v1/users (prefix)',
        'POST /posts = POST /api/v1/posts (prefix)',
      ],
      missing: [],
      extra: [],
      notes: ['path-prefix'],
    });
  });

  test('a prefix that only the original has', () => {
    expect(pairing(['GET /api/a', 'GET /api/b', 'GET /api/c'], ['GET /a', 'GET /b', 'GET /c'])).toMatchObject({
      missing: [],
      extra: [],
      notes: ['path-prefix'],
    });
  });

  test('two endpoints under a prefix beside many that pair are a coincidence', () => {
    const same = Array.from({ length: 9 }, (_, i) => `GET /p${i}`);
    expect(pairing([...same, 'GET /a', 'GET /b'], [...same, 'GET /v1/a', 'GET /v1/b'])).toMatchObject({
      missing: ['GET /a', 'GET /b'],
      extra: ['GET /v1/a', 'GET /v1/b'],
      notes: [],
    });
  });

  test('an alias renames a path or a prefix, at the border of a segment', () => {
    expect(pairing(['GET /old/{id}', 'GET /older'], ['GET /new/{n}', 'GET /newer'], [{ from: '/old', to: '/new' }])).toMatchObject({
      pairs: ['GET /old/{id} = GET /new/{n} (alias)'],
      missing: ['GET /older'],
      extra: ['GET /newer'],
    });
  });

  test('an alias that speaks of no path is said, once for each side', () => {
    const idle = (aliases: Alias[]): string[] =>
      match(
        contract('python', { 'GET /old/{id}': {}, 'GET /b': {} }),
        contract('rust', { 'GET /new/{n}': {}, 'GET /b': {} }),
        aliases,
      ).notes.map(n => `${n.severity} ${n.code}: ${n.says}`);
    expect(idle([{ from: '/old/{x}', to: '/new' }])).toEqual([]);
    expect(idle([{ from: '/ol', to: '/nothing' }])).toEqual([
      'warning alias-unused: the alias /ol → /nothing does nothing: the original has no path /ol',
      'warning alias-unused: the alias /ol → /nothing does nothing: the port has no path /nothing',
    ]);
    expect(idle([{ from: '/old', to: '/' }])).toEqual([]);
  });
});

describe('what nobody wrote', () => {
  test('HEAD and OPTIONS beside GET, and endpoints made by the framework, are neither missing nor extra', () => {
    expect(
      pairing(
        { 'GET /a': {}, 'HEAD /a': {}, 'OPTIONS /a': {}, 'GET /docs': { implicit: true }, 'GET /static/{f*}': { implicit: true } },
        { 'GET /a': {}, '* /static/{p*}': {}, 'GET /metrics': { implicit: true } },
      ),
    ).toEqual({ pairs: ['GET /a = GET /a (path)'], missing: [], extra: [], notes: [] });
  });
});

test('the second of two equal routes of the port is a duplicate, not an extra one', () => {
  const m = match(contract('python', { 'GET /a': {} }), contract('rust', { 'GET /a': [{ handler: 'first' }, { handler: 'second' }] }));
  expect(m.pairs.map(p => p.rust.handler)).toEqual(['first']);
  expect(m.extra).toEqual([]);
  expect([...m.duplicates].map(([k, all]) => [k, all.map(e => e.handler)])).toEqual([['GET /a', ['first', 'second']]]);
});

test('two routes of the original that a converter tells apart meet those of the port in order', () => {
  const m = match(
    contract('python', { 'GET /a/{x}': [{ handler: 'p1' }, { handler: 'p2' }] }),
    contract('rust', { 'GET /a/{y}': [{ handler: 'r1' }, { handler: 'r2' }] }),
  );
  expect(m.pairs.map(p => `${p.python.handler}=${p.rust.handler}`)).toEqual(['p1=r1', 'p2=r2']);
});
