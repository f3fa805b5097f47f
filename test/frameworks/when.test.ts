import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { extract } from '../../src/extract.js';
import { discover } from '../../src/project/discover.js';
import { manifest } from '../../src/project/manifest.js';

test('a route depends on the setting that is asked for before it, not on one that is read when the application starts', async () => {
  const root = resolve('fixtures/frameworks/python/fastapi/started');
  const found = await discover(root, 'python');
  const known = await manifest(root, 'python');
  const { contract } = await extract({ root, language: 'python', found, known }, { debug: false });
  expect(contract.endpoints.map(e => [e.path, e.when])).toEqual([
    ['/a', undefined],
    ['/b', 'EXTRA'],
  ]);
});
