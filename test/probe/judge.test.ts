import { agrees, answered, leadsTo, observe, refusalTargets } from '../../src/probe/judge.js';
import type { Answer } from '../../src/probe/types.js';
import { admitted, authn, authz, check, endpoint, guard, refused, unknown } from '../checks/builder.js';

const st = (status: number, location?: string): Answer => ({ status, ...(location === undefined ? {} : { location }) });
const closed: Answer = { closed: true };
const silent: Answer = { error: 'nothing within 1 s' };

const plain = endpoint('rust', 'GET /a', { guards: [authn()] });
const guarded = endpoint('rust', 'GET /a', { guards: [authn(), guard('csrf', 'csrf', { rejects: [{ status: 403 }] })] });
const forbidding = endpoint('rust', 'GET /a', { guards: [authz(['X']), guard('csrf', 'csrf', { rejects: [{ status: 403 }] })] });
const vague = endpoint('rust', 'GET /a', { guards: [authn('a', { rejects: [{ status: 302 }] })] });
const crashing = endpoint('rust', 'GET /a', { access: { anonymous: { verdict: 'refused', panic: true } } });
const nobody = endpoint('rust', 'GET /a', { access: { anonymous: refused(403), signedIn: refused(403), entitled: refused(403) } });

describe('what an answer says about an anonymous caller', () => {
  const targets = ['/login', '/sign-in/{next}'];
  test.each<[string, Answer, Answer | undefined, typeof plain | undefined, string]>([
    ['success', st(200), undefined, plain, 'admitted'],
    ['created', st(201), st(403), plain, 'admitted'],
    ['401', st(401), undefined, plain, 'refused'],
    ['403', st(403), undefined, undefined, 'refused'],
    ['403 where another check answers so', st(403), undefined, guarded, 'unclear: the answer may come from another check (csrf)'],
    ['403 where that is expected', st(403), st(200), forbidding, 'refused'],
    ['401 for everybody', st(401), st(401), plain, 'unclear: those who are entitled get the same answer'],
    ['403 for everybody, as expected', st(403), st(403), nobody, 'refused'],
    ['sent to sign in', st(302, '/login?next=/a'), undefined, plain, 'refused'],
    ['sent to sign in by a pattern', st(302, '/sign-in/a/'), undefined, plain, 'refused'],
    ['sent to sign in like everybody', st(302, '/login'), st(302, '/login'), plain, 'unclear: those who are entitled get the same answer'],
    ['sent elsewhere', st(303, '/done'), undefined, plain, 'admitted'],
    ['sent elsewhere, others are served', st(303, '/done'), st(200), plain, 'refused'],
    ['sent elsewhere, others as well', st(303, '/done'), st(303, '/done'), plain, 'admitted'],
    [
      'sent elsewhere where that may be a refusal',
      st(302, '/x'),
      undefined,
      vague,
      'unclear: whether the redirect turns the caller away is not known',
    ],
    [
      'sent elsewhere, nothing known',
      st(302, '/x'),
      undefined,
      undefined,
      'unclear: whether the redirect turns the caller away is not known',
    ],
    ['not modified', st(304), undefined, plain, 'unclear: 304 is no answer about the caller'],
    ['not found', st(404), undefined, plain, 'unclear: 404 is no answer about the caller'],
    ['not found by anybody', st(404), st(404), plain, 'unclear: 404 is no answer about the caller'],
    ['not found, others are served', st(404), st(200), plain, 'refused'],
    ['not found, others are sent on after the form', st(404), st(303, '/done'), plain, 'refused'],
    ['not found, others are sent to sign in', st(404), st(303, '/login'), plain, 'unclear: 404 is no answer about the caller'],
    ['too many', st(429), st(200), plain, 'unclear: 429 says nothing about the caller'],
    ['overloaded', st(503), st(200), plain, 'unclear: 503 says nothing about the caller'],
    ['an error', st(500), undefined, plain, 'unclear: 500 is no answer about the caller'],
    ['an error, others are served', st(500), st(200), plain, 'refused'],
    ['closed', closed, undefined, plain, 'unclear: the connection was closed'],
    ['closed, others are served', closed, st(200), plain, 'refused'],
    ['closed where a panic is expected', closed, undefined, crashing, 'refused'],
    ['nothing', silent, st(200), plain, 'unclear: nothing within 1 s'],
  ])('%s', (_, answer, entitled, e, expected) => {
    const seen = observe(answer, { persona: 'anonymous', endpoint: e, entitled, targets });
    expect(seen.why === undefined ? seen.observed : `${seen.observed}: ${seen.why}`).toBe(expected);
  });
});

test.each([
  ['/login', '/login', true],
  ['/login/?next=%2Fa', '/login', true],
  ['/login', 'https://example.org/login', true],
  ['/en/login', '/{lang}/login', true],
  ['/logins', '/login', false],
  ['/', '/login', false],
  ['/', '/', true],
  ['/a.b', '/aXb', false],
  ['/aXb', '/a.b', false],
])('%s leads to %s: %s', (location, target, expected) => expect(leadsTo(location, target)).toBe(expected));

test('an answer agrees with what was claimed, does not, or decides nothing', () => {
  const table: [Parameters<typeof agrees>[0], Answer, 'admitted' | 'refused' | 'unclear', boolean | undefined][] = [
    [undefined, st(200), 'admitted', undefined],
    [unknown, st(200), 'admitted', undefined],
    [admitted, st(200), 'admitted', true],
    [admitted, st(401), 'refused', false],
    [admitted, st(404), 'unclear', undefined],
    [admitted, silent, 'unclear', undefined],
    [refused(401), st(401), 'refused', true],
    [refused(401), st(403), 'refused', false],
    [refused(401), st(200), 'admitted', false],
    [refused(401), st(500), 'unclear', undefined],
    [refused(401), closed, 'refused', false],
    [refused(), st(403), 'refused', true],
    [refused(303, '/login'), st(303, '/login?next=/'), 'refused', true],
    [refused(303, '/login'), st(303, '/other'), 'refused', false],
    [refused(303, '/login'), st(302, '/login'), 'refused', false],
    [refused(303, '/login'), st(303), 'refused', false],
    [{ verdict: 'refused', panic: true }, closed, 'refused', true],
    [{ verdict: 'refused', panic: true }, st(500), 'refused', true],
    [{ verdict: 'refused', panic: true }, st(403), 'refused', false],
  ];
  for (const [claim, answer, observed, expected] of table)
    expect([claim, answer, agrees(claim, answer, { observed })]).toEqual([claim, answer, expected]);
  // Who refuses everybody is believed without a contrast.
  expect(agrees(refused(410), st(410), { observed: 'unclear' }, refused(410))).toBe(true);
  expect(agrees(refused(410), st(404), { observed: 'unclear' }, refused(410))).toBe(false);
});

test('where refusals lead, from both sides; a redirect of another kind of guard is none', () => {
  const result = check(
    { 'GET /a': { guards: [authn('a', { rejects: [{ status: 302, redirect: '/login' }] })] } },
    {
      'GET /a': {
        guards: [guard('state', 's', { rejects: [{ status: 302, redirect: '/setup' }] })],
        access: { signedIn: refused(303, '/plans') },
      },
    },
  );
  expect(refusalTargets(result)).toEqual(['/login', '/plans']);
});

test('answers in words', () => {
  expect([st(200), st(303, '/a?b'), st(201, '/made'), closed, silent].map(answered)).toEqual([
    'answers 200',
    'answers 303 → /a',
    'answers 201',
    'closes the connection',
    'gives no answer (nothing within 1 s)',
  ]);
});
