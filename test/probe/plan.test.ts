import { type Subject, plan, settingsOf, subjects } from '../../src/probe/plan.js';
import type { ProbeSettings } from '../../src/probe/types.js';
import { check, effect } from '../checks/builder.js';

const one = (python: string | undefined, rust: string | undefined, inputs: 'json' | 'form' | undefined = undefined): Subject => {
  const more = inputs ? { inputs: [{ name: 'x', in: inputs, location: { file: 'a', line: 1 } } as const] } : {};
  return subjects(check(python ? { [python]: more } : {}, rust ? { [rust]: more } : {}))[0]!;
};
const CREDENTIALS = {
  personas: { signedIn: {}, entitled: { headers: { A: 'b' }, query: { k: 'v' }, form: { csrf: 't' } } },
} satisfies ProbeSettings;
const planned = (s: Subject, settings: ProbeSettings = {}, side: 'python' | 'rust' = 'rust') =>
  plan(s, side, 'entitled', settingsOf({ ...CREDENTIALS, ...settings }, side), true);

test('every endpoint once, those that change something later, deletions last; what the framework made is left out', () => {
  const result = check(
    {
      'DELETE /a': {},
      'POST /b': {},
      'GET /c': {},
      'GET /gone': {},
      'GET /writes': { effects: [effect('write')] },
      'GET /docs': { implicit: true },
    },
    {
      'GET /c': {},
      'POST /b': {},
      'POST /more': { effects: [effect('delete')] },
      'DELETE /a': {},
      'GET /writes': {},
      'GET /docs': { implicit: true },
    },
  );
  const all = subjects(result).filter(s => !s.python?.implicit);
  expect(all.map(s => [`${s.endpoint.method} ${s.endpoint.path}`, s.unsafe, s.python !== undefined, s.rust !== undefined])).toEqual([
    ['GET /c', false, true, true],
    ['GET /gone', false, true, false],
    ['POST /b', true, true, true],
    ['GET /writes', true, true, true],
    ['DELETE /a', true, true, true],
    ['POST /more', true, false, true],
  ]);
});

test('a handler of every method is asked by the one that the other side names', () => {
  const s = one('POST /a', '* /a');
  expect([s.ask.python.method, s.ask.rust.method]).toEqual(['POST', 'POST']);
  expect(one('* /a', '* /a').ask.rust.method).toBe('GET');
});

test('values of parameters: by name on either side, special ones over common ones, else a guess', () => {
  const s = one('GET /a/{user_id}/{rest*}', 'GET /a/{id}/{tail*}');
  const settings = { parameters: { user_id: '7', rest: 'x y/z' }, rust: { parameters: { tail: 'q' } } };
  expect(planned(s, settings, 'python')).toMatchObject({ path: '/a/7/x%20y/z', guessed: [] });
  expect(planned(s, settings)).toMatchObject({ path: '/a/7/q', guessed: [] });
  expect(planned(s, { requests: [{ endpoint: 'get /a/{x}/{y*}', parameters: { id: '8' } }] })).toMatchObject({
    path: '/a/8/1',
    guessed: ['tail'],
  });
});

test('what is sent: credentials, then what is special, of bodies the last one', () => {
  const s = one('POST /a', 'POST /a', 'json');
  expect(planned(s)).toEqual({ method: 'POST', path: '/a', guessed: [], message: { headers: { A: 'b' }, query: { k: 'v' }, json: {} } });
  expect(planned(s, { requests: [{ endpoint: 'POST /a', json: { x: 1 }, headers: { C: 'd' } }] })).toMatchObject({
    message: { headers: { A: 'b', C: 'd' }, json: { x: 1 } },
  });
  expect(
    planned(s, {
      requests: [
        { endpoint: 'POST /a', json: 1 },
        { endpoint: 'POST /a', form: { f: 'g' } },
      ],
    }),
  ).toMatchObject({
    message: { form: { f: 'g', csrf: 't' } },
  });
  expect(
    planned(s, {
      requests: [
        { endpoint: 'POST /a', form: { f: 'g' } },
        { endpoint: 'POST /a', body: 'raw' },
      ],
    }),
  ).toEqual({
    method: 'POST',
    path: '/a',
    guessed: [],
    message: { headers: { A: 'b' }, query: { k: 'v' }, body: 'raw' },
  });
  expect(planned(one('POST /a', 'POST /a', 'form'))).toMatchObject({ message: { form: { csrf: 't' } } });
  expect(planned(one('GET /a', 'GET /a'))).toEqual({
    method: 'GET',
    path: '/a',
    guessed: [],
    message: { headers: { A: 'b' }, query: { k: 'v' } },
  });
});

test('why there is none', () => {
  const s = one('POST /a', 'POST /a');
  expect(plan(s, 'rust', 'signedIn', {}, true)).toEqual({ why: 'the configuration has no credential for signedIn' });
  expect(plan(s, 'rust', 'anonymous', {}, false)).toEqual({ why: 'the request may change something; --unsafe-methods sends it' });
  expect(plan(one('WS /a', 'WS /a'), 'rust', 'anonymous', {}, true)).toEqual({ why: 'websockets are not tried' });
  const skip = { requests: [{ endpoint: 'POST /a', skip: 'it sends letters', personas: ['anonymous' as const] }] };
  expect(plan(s, 'rust', 'anonymous', skip, true)).toEqual({ why: 'it sends letters' });
  expect(planned(s, skip)).toMatchObject({ path: '/a' });
});
