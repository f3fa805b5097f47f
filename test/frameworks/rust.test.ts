/** What is found in small axum and actix-web applications, exact in both directions. */
import { describe, expect, test } from '@jest/globals';
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
