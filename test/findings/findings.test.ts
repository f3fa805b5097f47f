import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/checks/compare.js';
import { distrust, exitCode } from '../../src/findings/exit.js';
import { fingerprint } from '../../src/findings/fingerprint.js';
import { serialize } from '../../src/contract/serialize.js';
import { normalizeRequirement } from '../../src/checks/requirements.js';
import { endpointKey, joinPath, paramNames, templateKey, withoutSuffixes } from '../../src/contract/path-template.js';
import { authn, broken, check, contract, effect, gap, guard, type Spec } from '../checks/builder.js';

describe('fingerprint', () => {
  const of = (python: Spec, rust: Spec) => check(python, rust).findings.map(f => f.fingerprint);

  test('depends on rule, endpoint and invariant', () => {
    const all = [
      fingerprint('a', 'GET /', 'x'),
      fingerprint('b', 'GET /', 'x'),
      fingerprint('a', 'GET /y', 'x'),
      fingerprint('a', 'GET /', 'y'),
      fingerprint('aG', 'ET /', 'x'),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(all.every(f => /^[0-9a-f]{32}$/.test(f))).toBe(true);
  });

  test('outlives other lines, other names of parameters and of guards', () => {
    const before = of({ 'GET /a/{id}': { guards: [authn()] } }, { 'GET /a/{id}': {} });
    const after = of(
      { 'GET /': {}, 'GET /a/{post}': { guards: [authn('renamed', { location: { file: 'moved.py', line: 99 } })] } },
      { 'GET /': {}, 'GET /a/{p}': {} },
    );
    expect(before).toHaveLength(1);
    expect(after).toEqual(before);
  });

  test('two causes that only their places tell apart have two', () => {
    const ids = of(
      {
        'GET /a': { guards: [authn()] },
        'GET /b': { guards: [authn()] },
        'GET /c': { guards: [authn()] },
        'GET /d': { guards: [authn()] },
      },
      Object.fromEntries(
        ['a', 'b', 'c', 'd'].map((p, i) => [`GET /${p}`, { ineffective: [broken('authn', 'layer-order', 'layer', i < 2 ? 1 : 2)] }]),
      ),
    );
    expect(new Set(ids).size).toBe(2);
  });
});

test('order: severity, who, what is at stake, endpoint', () => {
  const lost = { guards: [authn()] };
  const result = check(
    {
      'GET /z': lost,
      'GET /a': { guards: [guard('rate-limit', 'r')] },
      'GET /b': { guards: [authn(), guard('authz', 'role')] },
      'GET /c': lost,
      'DELETE /y': lost,
      'GET /x': { ...lost, effects: [effect('execute')] },
    },
    { 'GET /z': {}, 'GET /a': {}, 'GET /b': lost, 'GET /c': {}, 'DELETE /y': {}, 'GET /x': {} },
  );
  expect(result.findings.map(f => f.endpoint.path)).toEqual(['/x', '/y', '/c', '/z', '/b', '/a']);
});

test('endpoints in any order give the same findings', () => {
  const python = contract('python', {
    'GET /a': { guards: [authn()] },
    'GET /b': { guards: [guard('authz', 'r', { requires: ['x'] })] },
    'GET /c': {},
  });
  const rust = contract('rust', { 'GET /a': {}, 'GET /b': {}, 'POST /d': {} });
  const shuffled = compare(
    { ...python, endpoints: [...python.endpoints].reverse() },
    { ...rust, endpoints: [...rust.endpoints].reverse() },
  );
  expect(shuffled.findings).toEqual(compare(python, rust).findings);
  expect(shuffled.pairs).toEqual(compare(python, rust).pairs);
});

describe('exit code', () => {
  const clean = check({ 'GET /a': {} }, { 'GET /a': {} });
  const bad = check({ 'GET /a': { guards: [authn()] } }, { 'GET /a': {} });
  const noted = check({ 'GET /a': {} }, { 'GET /a': {}, 'GET /b': {} });

  test('0 and 1 by the gate', () => {
    expect(exitCode(clean, { failOn: 'note' })).toBe(0);
    expect(exitCode(bad, { failOn: 'error' })).toBe(1);
    expect(exitCode(bad, { failOn: 'none' })).toBe(0);
    expect(exitCode(noted, { failOn: 'warning' })).toBe(0);
    expect(exitCode(noted, { failOn: 'note' })).toBe(1);
  });

  test('3 when a side has no endpoints of its own, whatever else was found', () => {
    expect(exitCode(check({ 'GET /a': { guards: [authn()] } }, {}), { failOn: 'none' })).toBe(3);
    expect(exitCode(check({ 'GET /docs': { implicit: true } }, { 'GET /a': {} }), { failOn: 'none' })).toBe(3);
    expect(distrust(check({}, {}), { failOn: 'error' })).toEqual([
      'no endpoints were found on the Python side',
      'no endpoints were found on the Rust side',
    ]);
  });

  test('3 when sources could not be read', () => {
    const python = contract(
      'python',
      { 'GET /a': {} },
      { problems: [{ severity: 'error', code: 'unreadable', says: 'no permission', file: 'a.py' }] },
    );
    const rust = contract(
      'rust',
      { 'GET /a': {} },
      { problems: [{ severity: 'warning', code: 'empty', says: 'empty file', file: 'b.rs' }] },
    );
    expect(distrust(compare(python, rust), { failOn: 'error' })).toEqual(['1 source could not be read on the Python side']);
  });

  test('files that were read only in part count only under --strict, and once each', () => {
    const warn = (code: string, file: string) => ({ severity: 'warning' as const, code, says: '', file });
    const problems = [warn('syntax-error', 'a.py'), warn('syntax-error', 'a.py'), warn('link-outside', 'b'), warn('encoding', 'c.py')];
    const partly = compare(contract('python', { 'GET /a': {} }, { problems }), contract('rust', { 'GET /a': {} }));
    expect(distrust(partly, { failOn: 'error' })).toEqual([]);
    expect(distrust(partly, { failOn: 'error', strict: true })).toEqual(['2 files were read only in part on the Python side (--strict)']);
  });

  test('gaps count only under --strict', () => {
    const gappy = check({ 'GET /a': {} }, { 'GET /a': { gaps: [gap()] } });
    expect(exitCode(gappy, { failOn: 'error' })).toBe(0);
    expect(exitCode(gappy, { failOn: 'error', strict: true })).toBe(3);
    expect(exitCode(clean, { failOn: 'error', strict: true })).toBe(0);
  });
});

test('summary: pairs by verdict, what is unpaired and what was not understood', () => {
  const result = check(
    { 'GET /a': {}, 'GET /b': { guards: [authn()] }, 'GET /c': { guards: [authn()] }, 'GET /d': {} },
    { 'GET /a': {}, 'GET /b': {}, 'GET /c': { gaps: [gap()] }, 'GET /e': {}, 'GET /f': {} },
  );
  expect(result.summary).toMatchObject({
    pairs: 3,
    same: 1,
    differs: 1,
    cannotTell: 1,
    findings: { error: 1, warning: 2, note: 2 },
    python: { unpaired: 1, gaps: 0 },
    rust: { unpaired: 2, gaps: 1 },
  });
});

test('one finding for a handler of every method that pairs with several', () => {
  expect(check({ '* /a': { guards: [authn()] } }, { 'GET /a': {}, 'POST /a': {} }).findings.map(f => f.endpoint)).toEqual([
    { method: '*', path: '/a' },
  ]);
});

describe('path templates', () => {
  test('keys', () => {
    expect(endpointKey({ method: 'get', path: '/blog/{blog_id}/x/{rest*}/' })).toBe('GET /blog/{}/x/{*}');
    expect(templateKey('/')).toBe('/');
    expect(templateKey('/ical/{token}.ics')).toBe('/ical/{}.ics');
    expect(joinPath('/api/', '/v1', 'x/')).toBe('/api/v1/x');
    expect(joinPath('', '/')).toBe('/');
    expect(paramNames('/a/{b}/{c*}')).toEqual(['b', 'c']);
    expect(withoutSuffixes('/ical/{}.ics/{}-x')).toBe('/ical/{}/{}');
    expect(withoutSuffixes('/a/x-{}')).toBe('/a/x-{}');
  });
});

test.each([
  ['UserPermission.ADMIN', 'admin'],
  ['models.UserPermission.ADMIN', 'admin'],
  ['Permission::Admin', 'admin'],
  ['crate::auth::Permission::BlogEditor', 'blogeditor'],
  ['Role.OWNER.value', 'owner'],
  ['role:blog_editor', 'blogeditor'],
  ['articles.write', 'articleswrite'],
  ['articles:write', 'articleswrite'],
  ['"admin"', 'admin'],
  ['>= 3', '3'],
  ['is_admin', 'admin'],
  ['isAdmin', 'admin'],
  ['issuer', 'issuer'],
])('the requirement %s is %s', (text, word) => {
  expect(normalizeRequirement(text)).toBe(word);
});

test('a contract serialises to the same bytes in whatever order it was found', () => {
  const c = contract('rust', {
    'POST /b': { guards: [authn(), guard('csrf', 'c', { order: 2 })] },
    'GET /b': {},
    'GET /a': { outcomes: [] },
  });
  expect(serialize({ ...c, endpoints: [...c.endpoints].reverse() })).toBe(serialize(c));
  expect(JSON.parse(serialize(c)).endpoints.map((e: { method: string; path: string }) => `${e.method} ${e.path}`)).toEqual([
    'GET /a',
    'GET /b',
    'POST /b',
  ]);
});
