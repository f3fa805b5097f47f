/** What names mean is kept at their module: a contract is the same where every name is looked up each time. */
import { resolve } from 'node:path';
import { lookups } from '../../src/program/rust-lookups.js';
import { analyse } from '../../src/run.js';

afterEach(() => {
  lookups.kept = true;
});

test.each(['blog', 'helpdesk', 'projects'])('the port of `%s`', async app => {
  const root = resolve('fixtures/apps', app, 'rust-faulty');
  const kept = (await analyse(root, 'rust')).contract;
  lookups.kept = false;
  const anew = (await analyse(root, 'rust')).contract;
  expect(kept.endpoints.length).toBeGreaterThan(30);
  expect(kept).toEqual(anew);
});
