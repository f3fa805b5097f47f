/** What parity reads of the applications that are labelled may only become better, and the scorer has to be able to say no. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Label, type Labels, score, summary } from '../../bench/corpus/score.mjs';
import type { Contract } from '../../src/contract/types.js';
import { analyse } from '../../src/run.js';
import { authn, authz, contract } from '../checks/builder.js';

const CORPUS = 'bench/corpus';
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;
const floors = json<Record<string, ReturnType<typeof summary>>>(CORPUS, 'floors.json');
const files = readdirSync(join(CORPUS, 'labels')).sort();

test('every application with labels has floors', () => {
  expect(files.map(f => basename(f, '.json'))).toEqual(Object.keys(floors));
});

// Above its floor as well: `npm run corpus -- --raise` writes down what became better, so that it stays.
test.each(files)('%s stands at its floors', async file => {
  const labels = json<Labels>(CORPUS, 'labels', file);
  const { contract: read } = await analyse(join('fixtures/apps', labels.app, labels.root ?? '.'), labels.language);
  expect(summary(score(read, labels))).toEqual(floors[basename(file, '.json')]);
});

describe('the scorer', () => {
  const label = (text: string, more: Partial<Label> = {}): Label => {
    const [method, path] = text.split(' ') as [string, string];
    return { method, path, file: 'a.py', line: 1, ...more };
  };
  const against = (read: Contract, ...endpoints: Label[]) => {
    const { tallies, misses } = score(read, { app: 'x', language: 'python', endpoints });
    return { tallies, misses: misses.map(m => `${m.subject} ${m.endpoint}: ${m.says} (${m.place})`) };
  };
  const refused = { status: 401 };

  test('agrees with what is right, whatever parameters are called', () => {
    const read = contract('python', { 'GET /a/{id}': { guards: [authn('g', { rejects: [refused] })] }, 'GET /b': {} });
    const { tallies, misses } = against(read, label('GET /a/{x}/', { authn: 'required', authnFailure: refused }), label('get /b'));
    expect(misses).toEqual([]);
    expect(tallies).toEqual({
      endpoints: { right: 2, labelled: 2, said: 2 },
      authn: { right: 1, labelled: 1, said: 1 },
      authz: { right: 0, labelled: 0, said: 0 },
      refusals: { right: 1, labelled: 1, said: 1 },
    });
  });

  test('names what is missing, what is made up, and where', () => {
    const read = contract('python', {
      'GET /a': {},
      'GET /b': { guards: [authn('g', { rejects: [refused] }), authz(['ADMIN'])] },
      'GET /extra': {},
    });
    const { tallies, misses } = against(
      read,
      label('GET /a', { authn: 'required', authz: ['ADMIN'], authnFailure: refused }),
      label('GET /b'),
      label('GET /gone', { authn: 'required', authz: ['ADMIN'], authnFailure: refused }),
    );
    expect(misses).toEqual([
      'authn GET /a: labelled required, said none (a.py:1)',
      'authz GET /a: labelled ["ADMIN"], said nothing (a.py:1)',
      'refusals GET /a: labelled 401, said nothing (a.py:1)',
      'authn GET /b: labelled none, said required (a.py:1)',
      'authz GET /b: not labelled (a.py:1)',
      'endpoints GET /gone: not found (a.py:1)',
      expect.stringMatching(/^endpoints GET \/extra: not labelled \(/),
    ]);
    expect(tallies).toEqual({
      endpoints: { right: 2, labelled: 3, said: 3 },
      authn: { right: 0, labelled: 2, said: 1 },
      authz: { right: 0, labelled: 2, said: 1 },
      refusals: { right: 0, labelled: 2, said: 0 },
    });
  });

  test('another status, and a redirect that leads elsewhere, are no match', () => {
    const read = contract('python', {
      'GET /a': { guards: [authn('g', { rejects: [{ status: 403 }] })] },
      'GET /b': { guards: [authn('g', { rejects: [{ status: 302, redirect: '/home' }] })] },
      'GET /c': { guards: [authn('g', { rejects: [{ status: 302, redirect: '/login?next={}' }] })] },
    });
    const { tallies } = against(
      read,
      label('GET /a', { authn: 'required', authnFailure: refused }),
      label('GET /b', { authn: 'required', authnFailure: { redirect: '/login' } }),
      label('GET /c', { authn: 'required', authnFailure: { redirect: '/login' } }),
    );
    expect(tallies.refusals).toEqual({ right: 1, labelled: 3, said: 3 });
  });

  test('where the configuration decides, both answers are right', () => {
    const read = contract('python', { 'GET /a': {}, 'GET /b': {} });
    const { tallies, misses } = against(
      read,
      label('GET /a', { authn: 'required', ambiguous: true, authnFailure: refused }),
      label('GET /b', { authn: 'required', authnAcceptable: ['none'] }),
    );
    expect(misses).toEqual([]);
    expect(tallies.authn).toEqual({ right: 0, labelled: 0, said: 0 });
  });

  test('an endpoint of every method stands for each; what a framework adds need not be labelled', () => {
    const read = contract('python', { '* /a': {}, 'GET /docs': { implicit: true }, 'HEAD /b': {} });
    expect(against(read, label('GET /a'), label('POST /a')).misses).toEqual([]);
  });
});
