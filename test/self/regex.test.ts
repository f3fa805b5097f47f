import { describe, expect, test } from '@jest/globals';
import { matches } from '../../src/program/regex.js';

describe('regular expressions of the analysed code', () => {
  test.each([
    ['^/docs(/|$)', '/docs/p1', 'anywhere', true],
    ['^/docs(/|$)', '/docsearch', 'anywhere', false],
    ['docs', '/docs', 'start', false],
    ['/docs', '/docs/p1', 'start', true],
    ['/docs', '/docs/p1', 'whole', false],
    ['/a|/b', '/bc', 'whole', false],
    ['^/v\\d+/(?P<name>[^/]+)$', '/v1/x', 'start', true],
    ['\\A/x\\Z', '/x', 'anywhere', true],
    ['(?i)\\.(css|js)$', '/SITE.Css', 'anywhere', true],
    ['(?is)^/api/.*', '/API/v1', 'anywhere', true],
    ['\\.css$', '/SITE.CSS', 'anywhere', false],
  ] as const)('%s against %s (%s)', (pattern, text, where, is) => expect(matches(pattern, text, where)).toBe(is));

  test.each([
    '(a+)+$',
    '(a|a)*$',
    '(a?){40}a{40}',
    'a?'.repeat(30) + 'a'.repeat(30),
    '.*.*.*.*=',
    '(a)\\1*',
    '(?x)x',
    'a(?i)x',
    '(',
    `${'a'.repeat(200)}`,
  ])('%s is not tried', pattern => expect(matches(pattern, 'a'.repeat(100), 'anywhere')).toBeUndefined());

  test('what is tried takes little time', () => {
    const start = performance.now();
    for (const pattern of ['.*.*=', '[^/]+/[^/]+$', 'a*a*b?c?$', '(a|b)c*d*e?f?$']) matches(pattern, 'a'.repeat(120), 'anywhere');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
