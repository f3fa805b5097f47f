/** What is found in small axum and actix-web applications, exact in both directions. */
import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../src/run.js';
import { cases, compare } from './harness.js';

for (const framework of ['axum', 'actix']) {
  describe(framework, () => {
    test.each(cases('rust', framework))('%s', async name => {
      const { expected, found, repaired } = await compare('rust', framework, name);
      expect(expected.length).toBeGreaterThan(0);
      expect(found).toEqual(expected);
      expect(repaired).toEqual([]);
    });
  });
}

const gapsOf = async (fixture: string): Promise<string[]> => {
  const dir = fileURLToPath(new URL(`../../fixtures/frameworks/rust/${fixture}`, import.meta.url));
  const { contract } = await analyse(dir, 'rust', {});
  return contract.gaps.map(g => `${g.location.line} ${g.says}, hides ${g.hides.join(', ')}`);
};

test('what leads to no route while a program starts hides none, however much it does', async () => {
  expect(await gapsOf('axum/busy-start')).toEqual([]);
});

test('an attribute that nobody has described is said once for each function', async () => {
  const dir = fileURLToPath(new URL('../../fixtures/frameworks/rust/axum/unread', import.meta.url));
  const { contract } = await analyse(dir, 'rust', {});
  const marked = contract.endpoints.filter(e => e.handler === 'marked');
  expect(marked.map(e => e.gaps.map(g => `${g.location.line} ${g.says}`))).toEqual([
    ['13 the attribute `sealed` is not described', '15 the attribute `signed` is not described'],
  ]);
});

test('methods of libraries on what routes are made of may register more', async () => {
  expect(await gapsOf('axum/unread')).toEqual([
    '23 `guarded_by` on a router is not described, hides endpoints',
    '27 `guarded_by` on what answers a path is not described, hides endpoints',
  ]);
  expect(await gapsOf('actix/unread')).toEqual([
    '28 `leptos_routes` on an application or a scope is not described, hides endpoints',
    '31 `guarded_by` on a resource is not described, hides endpoints',
    '32 `guarded_by` on an application or a scope is not described, hides endpoints',
    '33 a route of a resource is not known, hides endpoints, guards',
  ]);
});
