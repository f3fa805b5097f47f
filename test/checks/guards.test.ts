import { describe, expect, test } from '@jest/globals';
import type { Guard, IneffectiveReason } from '../../src/contract/types.js';
import { admitted, authn, authz, broken, check, effect, found, gap, guard, lines, optional, outcome, refused, unknown } from './builder.js';

describe('guard-missing', () => {
  test('reports each kind of protection that is gone, and who gets in', () => {
    expect(
      found(
        {
          'GET /a': { guards: [authn()] },
          'GET /b': { guards: [authn(), authz(['admin'])] },
          'GET /c': { guards: [authn(), guard('ownership', 'is_author')] },
          'POST /d': { guards: [guard('csrf', 'csrf_protect')] },
          'GET /e': { guards: [guard('rate-limit', 'limit', { rejects: [{ status: 429 }] })] },
          'POST /f': { guards: [guard('signature', 'hmac')] },
        },
        { 'GET /a': {}, 'GET /b': { guards: [authn()] }, 'GET /c': { guards: [authn()] }, 'POST /d': {}, 'GET /e': {}, 'POST /f': {} },
      ),
    ).toEqual([
      'error guard-missing POST /f anonymous',
      'error guard-missing GET /a anonymous',
      'error guard-missing GET /b signedIn',
      'error guard-missing GET /c signedIn',
      'error guard-missing POST /d',
      'warning guard-missing GET /e',
    ]);
  });

  test('one cause, one finding: who gets in without a credential gets past roles and ownership', () => {
    const result = check({ 'GET /a': { guards: [authn(), authz(['ADMIN']), guard('ownership', 'own')] } }, { 'GET /a': {} });
    expect(result.findings.map(f => [f.rule, f.persona])).toEqual([['guard-missing', 'anonymous']]);
    expect(result.findings[0]!.message).toContain('with it goes authorization (`ADMIN`) and the ownership check');
  });

  test.each([
    ['the same guard', { guards: [authn()] }, { guards: [authn('AuthUser', { via: 'extractor' })] }],
    ['a role of any spelling', { guards: [authz(['UserPermission.ADMIN'])] }, { guards: [authz(['Permission::Admin'])] }],
    ['a signature in place of a login', { guards: [authn()] }, { guards: [guard('signature', 'verify', { rejects: [{ status: 401 }] })] }],
    [
      'anonymous requests refused by what was classed otherwise',
      { guards: [authn()] },
      { access: { anonymous: refused(401), signedIn: admitted } },
    ],
    [
      'an ownership test that is an exit',
      { guards: [authn(), guard('ownership', 'own')] },
      { guards: [authn()], outcomes: [outcome('ownership', 403)] },
    ],
    ['a guard of the original that never refuses', { guards: [authn('x', { rejects: [] })] }, {}],
    ['a guard of the original that protects nothing', { ineffective: [broken('authn', 'above-route')] }, {}],
    ['a guard of the original that comes too late', { guards: [authn('x', { afterEffect: true })] }, {}],
    ['a guard that lets this endpoint through', { guards: [authn()], access: { anonymous: admitted } }, {}],
    ['an origin check in place of the form token', { guards: [guard('csrf', 'c')] }, { guards: [guard('origin', 'o')] }],
    [
      'error paths, which are no guards',
      { guards: [guard('state', 's'), guard('input', 'i'), guard('existence', 'e'), guard('other', 'o')] },
      {},
    ],
  ])('is silent about %s', (_, python, rust) => {
    expect(found({ 'POST /a': python }, { 'POST /a': rust })).toEqual([]);
  });

  test('names the guard that the port has elsewhere', () => {
    const rust = { 'GET /a': {}, 'GET /b': { guards: [authn('AuthUser')] }, 'GET /c': { guards: [authn('AuthUser')] } };
    const result = check({ 'GET /a': { guards: [authn()] }, 'GET /b': { guards: [authn()] }, 'GET /c': { guards: [authn()] } }, rust);
    expect(result.findings.map(f => f.help)).toEqual(['2 other endpoints of the port have `AuthUser` for this']);
  });
});

describe('a guard of many endpoints', () => {
  const limit = guard('rate-limit', 'limiter', { via: 'middleware', scope: 'app', rejects: [{ status: 429 }] });
  const three = (g: (name: string) => object) => Object.fromEntries(['GET /a', 'GET /b', 'POST /c'].map(n => [n, g(n)]));

  test('is one finding where it says nothing of who is asking, and leaves the refusals to be compared', () => {
    const python = three(() => ({ guards: [limit] }));
    const result = check(
      python,
      three(() => ({})),
    );
    expect(lines(result)).toEqual(['warning guard-missing GET /a x3']);
    expect(result.findings[0]?.message).toBe(
      '`limiter` keeps such requests out with 429; the port has lost the rate limit, on 3 endpoints',
    );
    const both = three(() => ({ guards: [limit, authn('user')] }));
    expect(
      found(
        both,
        three(() => ({ guards: [authn('User', { rejects: [{ status: 403 }] })] })),
      ),
    ).toEqual(['warning refusal-changed GET /a x3 anonymous', 'warning guard-missing GET /a x3']);
  });

  test('is one finding for each endpoint where its loss lets somebody in, or it stands before this one alone', () => {
    const user = authn('user', { via: 'middleware', scope: 'app' });
    expect(
      found(
        three(() => ({ guards: [user] })),
        three(() => ({})),
      ),
    ).toHaveLength(3);
    expect(
      found(
        three(() => ({ guards: [{ ...limit, scope: 'endpoint' as const }] })),
        three(() => ({})),
      ),
    ).toHaveLength(3);
  });
});

describe('unverified', () => {
  test('a gap that may hide the guard makes it a warning that cannot tell, one for a common place', () => {
    expect(
      found(
        { 'GET /a': { guards: [authn(), authz(['x'])] }, 'GET /b': { guards: [authn()] }, 'GET /c': { guards: [authn()] } },
        { 'GET /a': { gaps: [gap(50)] }, 'GET /b': { gaps: [gap(50)] }, 'GET /c': { gaps: [gap(99)] } },
      ),
    ).toEqual(['warning? unverified GET /a x2 anonymous', 'warning? unverified GET /c anonymous']);
  });

  test('a persona whose verdict is unknown is never claimed to get in', () => {
    expect(found({ 'DELETE /a': { guards: [authn()] } }, { 'DELETE /a': { access: { anonymous: unknown } } })).toEqual([
      'warning? unverified DELETE /a anonymous',
    ]);
  });

  test('an ineffective guard beside a gap is not claimed either', () => {
    expect(
      found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': { gaps: [gap()], ineffective: [broken('authn', 'logs-only')] } }),
    ).toEqual(['warning? unverified GET /a anonymous']);
  });

  test('a role that could not be read is not claimed to be lost', () => {
    expect(found({ 'GET /a': { guards: [authz(['admin'])] } }, { 'GET /a': { guards: [authz([])] } })).toEqual([
      'warning? unverified GET /a signedIn',
    ]);
  });

  test('a gap of the original is a note', () => {
    expect(found({ 'GET /a': { gaps: [gap()], access: { anonymous: unknown } } }, { 'GET /a': {} })).toEqual([
      'note? unverified GET /a anonymous',
    ]);
  });

  test.each([
    ['the guard is there beside the gap', { guards: [authn()] }, { guards: [authn()], gaps: [gap()] }],
    ['the gap hides no guards', {}, { gaps: [gap(1, ['outcomes'])] }],
    ['the original asks for nothing', {}, { gaps: [gap()], access: { anonymous: unknown } }],
    ['the port refuses what the original may', { gaps: [gap()], access: { anonymous: unknown } }, { guards: [authn()] }],
  ])('is silent where %s', (_, python, rust) => {
    expect(found({ 'GET /a': python }, { 'GET /a': rust })).toEqual([]);
  });
});

describe('guard-weakened', () => {
  test('required to optional', () => {
    expect(found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': { guards: [optional()] } })).toEqual([
      'error guard-weakened GET /a anonymous',
    ]);
  });

  test.each<[string, string[], string[], string[]]>([
    ['replaced', ['admin'], ['author'], ['error guard-weakened GET /a signedIn']],
    ['widened', ['admin'], ['admin|author'], ['error guard-weakened GET /a signedIn']],
    ['partly lost', ['admin', 'staff'], ['admin'], ['error guard-weakened GET /a signedIn']],
    ['narrowed', ['admin|author'], ['admin'], []],
    ['one asked for on top', ['admin'], ['admin', 'staff'], []],
    ['alternatives in another order and spelling', ['Role.OWNER_ADMIN|Role.MANAGER'], ['Role::Manager|Role::OwnerAdmin'], []],
    ['a scope with a separator', ['articles:write'], ['scope:articles.write'], []],
  ])('a role %s', (_, python, rust, expected) => {
    // The other endpoints make both words known on both sides, so that neither is taken for a new name.
    const rest = { 'GET /k': { guards: [authz(['admin'])] }, 'GET /l': { guards: [authz(['author'])] } };
    expect(found({ 'GET /a': { guards: [authz(python)] }, ...rest }, { 'GET /a': { guards: [authz(rust)] }, ...rest })).toEqual(expected);
  });

  test('a role that became ownership is a warning', () => {
    expect(found({ 'GET /a': { guards: [authz(['admin'])] } }, { 'GET /a': { guards: [guard('ownership', 'own')] } })).toEqual([
      'warning guard-weakened GET /a signedIn',
    ]);
  });

  test('a guard that nobody meets where its secret is not set, unless that of the original is one, too', () => {
    const open = { guards: [authn('x', { unless: 'TOKEN' })] };
    expect(found({ 'GET /a': { guards: [authn()] }, 'GET /b': open }, { 'GET /a': open, 'GET /b': open })).toEqual([
      'error guard-ineffective GET /a anonymous',
    ]);
  });

  test('a right that is only asked for while a setting is there, beside others that always are', () => {
    const python = { guards: [authn(), authz(['admin']), authz(['agent'])] };
    const port = (more: Partial<Guard>) => ({ guards: [authn('User'), authz(['admin'], more), authz(['agent'])] });
    expect(found({ 'GET /a': python }, { 'GET /a': port({ unless: 'CHECKED' }) })).toEqual(['error guard-ineffective GET /a signedIn']);
    expect(found({ 'GET /a': python }, { 'GET /a': port({}) })).toEqual([]);
  });

  test('a check of the account that can be switched off, beside that of the credential', () => {
    const confirmed = (more: Partial<Guard> = {}) => ({ guards: [authn(), authn('Confirmed', { rejects: [{ status: 403 }], ...more })] });
    expect(found({ 'GET /a': confirmed() }, { 'GET /a': confirmed({ unless: 'CHECKED' }) })).toEqual([
      'error guard-ineffective GET /a anonymous',
    ]);
    expect(found({ 'GET /a': confirmed() }, { 'GET /a': confirmed({ waived: 'x-internal' }) })).toHaveLength(1);
    expect(found({ 'GET /a': confirmed({ waived: 'x-other' }) }, { 'GET /a': confirmed({ unless: 'CHECKED' }) })).toEqual([]);
    // A second check of the same thing is none of the original's.
    expect(found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': { guards: [authn(), authn('Again', { unless: 'CHECKED' })] } })).toEqual(
      [],
    );
  });

  test('a password that is not held against anything where it is not sent', () => {
    const wrong = (unless?: string) => ({ outcomes: [outcome('credential', 401, { secret: true, ...(unless ? { unless } : {}) })] });
    expect(found({ 'POST /login': wrong() }, { 'POST /login': wrong('password') })).toEqual(['error guard-missing POST /login anonymous']);
    expect(found({ 'POST /login': wrong('password') }, { 'POST /login': wrong('password') })).toEqual([]);
    expect(found({ 'POST /login': wrong() }, { 'POST /login': wrong() })).toEqual([]);
  });

  test('an optional identity that is lost matters as far as it is read', () => {
    expect(
      found(
        {
          'GET /a': { guards: [optional('o', { unused: false })] },
          'GET /b': { guards: [optional()] },
          'GET /c': { guards: [optional('o', { unused: true })] },
        },
        { 'GET /a': {}, 'GET /b': {}, 'GET /c': {} },
      ),
    ).toEqual(['warning guard-weakened GET /a signedIn', 'note guard-weakened GET /b signedIn']);
  });

  test('is silent about an optional identity that is kept or became more', () => {
    expect(
      found(
        { 'GET /a': { guards: [optional()] }, 'GET /b': {} },
        { 'GET /a': { guards: [optional('x')] }, 'GET /b': { guards: [optional()] } },
      ),
    ).toEqual([]);
  });
});

describe('requirement-renamed', () => {
  const uses = (words: string[]) => Object.fromEntries(words.map((w, i) => [`GET /${i}`, { guards: [authz([w])] }]));

  test('one word for another everywhere is a note, not many findings', () => {
    expect(found(uses(['ADMIN', 'ADMIN', 'author']), uses(['superuser', 'superuser', 'author']))).toEqual([
      'note requirement-renamed GET /0 x2',
    ]);
  });

  test.each([
    ['on one endpoint only', ['ADMIN', 'author'], ['superuser', 'author']],
    ['not without exception', ['ADMIN', 'ADMIN', 'ADMIN'], ['superuser', 'superuser', 'operator']],
  ])('%s it is a finding for each', (_, python, rust) => {
    const result = found(uses(python), uses(rust));
    expect(new Set(result.map(l => l.split(' ').slice(0, 2).join(' ')))).toEqual(new Set(['error guard-weakened']));
    expect(result).toHaveLength(python.filter((w, i) => w !== rust[i]).length);
  });

  test('two words that fall together are a loss', () => {
    expect(found(uses(['a', 'a', 'b', 'b']), uses(['x', 'x', 'x', 'x']))).toEqual(
      [0, 1, 2, 3].map(i => `error guard-weakened GET /${i} signedIn`),
    );
  });
});

describe('guard-ineffective', () => {
  const reasons: IneffectiveReason[] = [
    'above-route',
    'layer-order',
    'optional-unchecked',
    'logs-only',
    'wrong-polarity',
    'dead-code',
    'cfg-gated',
    'fail-open',
    'not-registered',
  ];
  test.each(reasons)('%s names the reason and claims the missing guard', reason => {
    const result = check({ 'POST /a': { guards: [authn(), authz(['x'])] } }, { 'POST /a': { ineffective: [broken('authn', reason)] } });
    expect(result.findings.map(f => `${f.severity} ${f.rule} ${f.persona}`)).toEqual(['error guard-ineffective anonymous']);
    expect(result.findings[0]!.rust).toEqual([expect.objectContaining({ file: 'guards', line: 30 })]);
  });

  test('one layer that covers nothing is one finding', () => {
    const ineffective = [broken('authn', 'layer-order', 'require_auth')];
    expect(
      found(
        { 'GET /a': { guards: [authn()] }, 'POST /b': { guards: [authn()] }, 'GET /c': {} },
        { 'GET /a': { ineffective }, 'POST /b': { ineffective }, 'GET /c': { ineffective } },
      ),
    ).toEqual(['error guard-ineffective GET /a x2 anonymous']);
  });

  test('a guard that tests only the presence of a credential', () => {
    const rust = { 'GET /a': { guards: [authn('has_token', { presenceOnly: true })] } };
    expect(found({ 'GET /a': { guards: [authn()] } }, rust)).toEqual(['error guard-ineffective GET /a anonymous']);
    expect(found({ 'GET /a': { guards: [authn('x', { presenceOnly: true })] } }, rust)).toEqual([]);
  });

  test('a guard that does not verify the signature of the token', () => {
    const rust = { 'GET /a': { guards: [authn('Claims', { verifies: { signature: false } })] } };
    expect(found({ 'GET /a': { guards: [authn()] } }, rust)).toEqual(['error guard-ineffective GET /a anonymous']);
    expect(found({ 'GET /a': { guards: [authn('x', { verifies: { signature: false } })] } }, rust)).toEqual([]);
    const beside = { 'GET /a': { guards: [...rust['GET /a'].guards, authn('key')] } };
    expect(found({ 'GET /a': { guards: [authn()] } }, beside)).toEqual([]);
  });

  test('tokens that never expire, once for all endpoints', () => {
    const claims = (expiry?: boolean) => ({
      guards: [authn('Claims', { verifies: { signature: true, ...(expiry !== undefined && { expiry }) } })],
    });
    const all = (expiry?: boolean) => ({ 'GET /a': claims(expiry), 'GET /b': claims(expiry) });
    expect(found(all(true), all(false))).toEqual(['warning guard-weakened GET /a x2 anonymous']);
    expect(found(all(false), all(false))).toEqual([]);
    expect(found(all(), all(false))).toEqual([]);
    expect(found(all(true), all())).toEqual([]);
    expect(found(all(false), all(true))).toEqual([]);
  });

  test('a password check whose verdict is thrown away, in a handler that has no guard', () => {
    const python = { 'POST /login': { outcomes: [outcome('credential', 401)] } };
    expect(
      found(python, {
        'POST /login': { ineffective: [broken('authn', 'verdict-dropped', 'verify')], outcomes: [outcome('credential', 401)] },
      }),
    ).toEqual(['error guard-ineffective POST /login anonymous']);
    expect(found(python, { 'POST /login': { outcomes: [outcome('credential', 401)] } })).toEqual([]);
    expect(found({ 'POST /login': {} }, { 'POST /login': { ineffective: [broken('authn', 'verdict-dropped', 'verify')] } })).toEqual([]);
  });

  test('is no guard that is lost where the original asks for no credential, and refuses a wrong one', () => {
    const python = { access: { anonymous: admitted }, guards: [optional()], outcomes: [outcome('credential', 403)] };
    const rust = { guards: [optional('Maybe')], ineffective: [broken('authn', 'logs-only')] };
    expect(found({ 'GET /a': python }, { 'GET /a': rust })).toEqual(['warning outcome-missing GET /a']);
    const unread = { ...python, guards: [optional('maybe_user', { unused: true })] };
    expect(found({ 'GET /a': unread }, { 'GET /a': rust })).toEqual(['error guard-ineffective GET /a anonymous']);
  });

  test('is silent beside a guard that works', () => {
    expect(
      found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': { guards: [authn()], ineffective: [broken('authn', 'dead-code')] } }),
    ).toEqual([]);
  });
});

describe('effect-before-guard', () => {
  test('a guard behind a write', () => {
    const late = authn('x', { afterEffect: true });
    expect(
      found(
        { 'POST /a': { guards: [authn()] }, 'POST /b': { guards: [authn()] } },
        {
          'POST /a': { guards: [late], effects: [effect('write')] },
          'POST /b': { ineffective: [broken('authn', 'after-effect')], effects: [effect('delete')] },
        },
      ),
    ).toEqual(['error effect-before-guard POST /b anonymous', 'error effect-before-guard POST /a anonymous']);
  });

  test('is silent about a read, and where the original is no better', () => {
    const late = guard('ownership', 'x', { afterEffect: true });
    expect(
      found(
        { 'GET /a': { guards: [guard('ownership', 'x')] } },
        { 'GET /a': { guards: [late], effects: [effect('read')], access: { anonymous: refused(403), signedIn: refused(403) } } },
      ),
    ).toEqual([]);
    expect(found({ 'POST /a': { guards: [late] } }, { 'POST /a': { guards: [late], effects: [effect('write')] } })).toEqual([]);
  });
});

describe('a guard of the original behind a first effect', () => {
  const late = guard('ownership', 'x', { afterEffect: true });
  const keeps = { guards: [authn(), late], access: { signedIn: refused(403) } };
  const right = (requires: string[]) => guard('authz', 'y', { requires, afterEffect: true });

  test('is missing where the port lets in whom it keeps out', () => {
    expect(found({ 'POST /a': keeps }, { 'POST /a': { guards: [authn()] } })).toEqual(['error guard-missing POST /a signedIn']);
    const backwards = { guards: [authn()], ineffective: [broken('ownership', 'wrong-polarity')] };
    expect(found({ 'POST /a': keeps }, { 'POST /a': backwards })).toEqual(['error guard-ineffective POST /a signedIn']);
    const asks = { guards: [authn(), right(['admin'])], access: { signedIn: refused(403) } };
    expect(found({ 'POST /a': asks }, { 'POST /a': { guards: [authn(), right(['editor'])] } })).toEqual([
      'error guard-weakened POST /a signedIn',
    ]);
  });

  test('is there wherever the port has it', () => {
    expect(found({ 'POST /a': keeps }, { 'POST /a': keeps })).toEqual([]);
    expect(found({ 'POST /a': keeps }, { 'POST /a': { guards: [authn(), late], effects: [effect('write')] } })).toEqual([]);
    expect(found({ 'POST /a': keeps }, { 'POST /a': { guards: [authn(), guard('ownership', 'x')] } })).toEqual([]);
    expect(found({ 'POST /a': { guards: [authn(), late] } }, { 'POST /a': { guards: [authn()] } })).toEqual([]);
  });
});

describe('access-tightened', () => {
  test('says who is turned away, once for a common guard', () => {
    const guards = [authn('AuthUser')];
    expect(
      found(
        { 'GET /a': { guards: [optional()] }, 'GET /b': { guards: [authn()] }, 'GET /c': {}, 'GET /d': {}, 'GET /e': {} },
        {
          'GET /a': { guards: [authn('Other')] },
          'GET /b': { guards: [authn(), authz(['x'])] },
          'GET /c': { guards },
          'GET /d': { guards },
          'GET /e': { guards },
        },
      ),
    ).toEqual([
      'warning access-tightened GET /a anonymous',
      'warning access-tightened GET /c x3 anonymous',
      'warning access-tightened GET /b signedIn',
    ]);
  });

  test('is silent where the original may refuse, too', () => {
    expect(found({ 'GET /a': { gaps: [gap()] } }, { 'GET /a': { guards: [authn()] } })).toEqual([]);
  });
});

describe('refusal-changed', () => {
  const by = (reject: object) => ({ guards: [authn('g', { rejects: [reject] })] });
  test.each<[string, object, object, string[]]>([
    ['another status', { status: 401 }, { status: 403 }, ['warning']],
    ['a redirect to an error', { status: 302, redirect: '/login' }, { status: 401 }, ['warning']],
    ['an error to a redirect', { status: 401 }, { status: 303, redirect: '/login' }, ['warning']],
    ['another target', { status: 302, redirect: '/login' }, { status: 303, redirect: '/signin' }, ['warning']],
    ['a redirect that sends the form again', { status: 302, redirect: '/login' }, { status: 307, redirect: '/login' }, ['note']],
    ['a panic', { status: 403 }, { panic: true }, ['warning']],
    ['a crash that became an answer', { status: 500 }, { status: 403 }, ['note']],
    ['the same target by another redirect', { status: 302, redirect: '/login?next=/a' }, { status: 303, redirect: '/login' }, []],
    ['the same status', { status: 401 }, { status: 401 }, []],
    ['an unknown status', { error: 'Forbidden' }, { status: 403 }, []],
  ])('%s', (_, python, rust, expected) => {
    expect(found({ 'GET /a': by(python) }, { 'GET /a': by(rust) })).toEqual(expected.map(s => `${s} refusal-changed GET /a anonymous`));
  });

  test('the same change on three endpoints is one, on two it is two', () => {
    const all = (n: number, reject: object) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`GET /${i}`, by(reject)]));
    expect(found(all(3, { status: 401 }), all(3, { status: 403 }))).toEqual(['warning refusal-changed GET /0 x3 anonymous']);
    expect(found(all(2, { status: 401 }), all(2, { status: 403 }))).toHaveLength(2);
  });

  test('who is signed in and meets another refusal', () => {
    expect(
      found(
        { 'PUT /a': { guards: [authn(), guard('ownership', 'own', { rejects: [{ status: 404 }] })] } },
        { 'PUT /a': { guards: [authn(), guard('ownership', 'own', { rejects: [{ status: 403 }] })] } },
      ),
    ).toEqual(['warning refusal-changed PUT /a signedIn']);
  });

  test('is no echo of a guard that is lost', () => {
    expect(
      found({ 'GET /a': { guards: [authn(), authz(['x'])] } }, { 'GET /a': { guards: [authn('g', { rejects: [{ status: 403 }] })] } }),
    ).toEqual(['error guard-missing GET /a signedIn']);
  });
});

describe('what a guard is made of', () => {
  const password = outcome('credential', 401, { secret: true });

  test('a password that nothing is held against', () => {
    const account = outcome('existence', 404, { location: { file: 'handlers', line: 58 } });
    const login = { access: { anonymous: admitted }, outcomes: [password, account] };
    expect(found({ 'POST /login': login }, { 'POST /login': { outcomes: [account] } })).toEqual([
      'error guard-missing POST /login anonymous',
    ]);
    expect(found({ 'POST /login': login }, { 'POST /login': { outcomes: [password, account] } })).toEqual([]);
    const other = outcome('credential', 401);
    expect(found({ 'POST /login': login }, { 'POST /login': { outcomes: [other, account] } })).toEqual([
      'error guard-missing POST /login anonymous',
    ]);
    // A 401 that nothing explains may be it.
    expect(found({ 'POST /login': login }, { 'POST /login': { outcomes: [{ ...other, unclear: true }, account] } })).toEqual([]);
    const hidden = { outcomes: [account], gaps: [gap()] };
    expect(found({ 'POST /login': login }, { 'POST /login': hidden }).filter(f => f.includes('guard-missing'))).toEqual([]);
  });

  test('one of several checks of the account, where nothing gives its answer', () => {
    const confirmed = authn('confirmed', { rejects: [{ status: 403 }] });
    const python = { 'POST /a': { guards: [authn(), confirmed] } };
    expect(found(python, { 'POST /a': { guards: [authn('User')] } })).toEqual(['error guard-weakened POST /a']);
    expect(found(python, { 'POST /a': { guards: [authn('User')], outcomes: [outcome('credential', 403)] } })).toEqual([]);
    const bare = { 'POST /a': { guards: [authn(), { ...confirmed, presenceOnly: true }] } };
    expect(found(bare, { 'POST /a': { guards: [authn('User')] } })).toEqual([]);
    // 403 is what this application answers without any credential: the first of two guards is no further check.
    const scheme = authn('header', { rejects: [{ status: 403 }] });
    const forbids = { 'POST /a': { guards: [scheme, authn('user', { rejects: [{ status: 403 }, { status: 404 }] })] } };
    expect(found(forbids, { 'POST /a': { guards: [authn('User', { rejects: [{ status: 403 }] })] } })).toEqual([]);
    expect(found(forbids, { 'POST /a': { guards: [authn('User')] } })).toEqual(['warning refusal-changed POST /a anonymous']);
  });

  test('a credential that is only there', () => {
    const bare = { guards: [authn('has_key', { presenceOnly: true })] };
    expect(found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': bare })).toEqual(['error guard-ineffective GET /a anonymous']);
    expect(found({ 'GET /a': bare }, { 'GET /a': bare })).toEqual([]);
  });

  test('a check of the wrong polarity, unless the original has it as well', () => {
    const python = { guards: [authn(), guard('ownership', 'own')] };
    const rust = { guards: [authn('User'), guard('ownership', 'Member')], ineffective: [broken('ownership', 'wrong-polarity')] };
    expect(found({ 'GET /a': python }, { 'GET /a': rust })).toEqual(['error guard-ineffective GET /a signedIn']);
    expect(found({ 'GET /a': { ...python, ineffective: rust.ineffective } }, { 'GET /a': rust })).toEqual([]);
  });
});

describe('a right that nobody gets in without', () => {
  const access = { anonymous: refused(401), signedIn: refused(403), entitled: admitted };
  const strict = (name: string) => authz(['AGENT'], { name, indispensable: true });
  const either = (name: string) => authz(['Agent'], { name, indispensable: false });

  test('is missed where another right is enough', () => {
    const result = check(
      { 'GET /notes': { access, guards: [authn(), strict('agents_only'), strict('visible')] } },
      { 'GET /notes': { access, guards: [authn(), either('Visible')] } },
    );
    expect(result.findings.map(f => [f.rule, f.severity, f.message])).toEqual([
      [
        'guard-weakened',
        'error',
        'in the original nobody gets past `agents_only` and `visible` without `AGENT`; in the port another right is enough (`Visible`)',
      ],
    ]);
  });

  test('is missed where it is one of several that are enough, and some get in without any', () => {
    const open = { anonymous: refused(401), signedIn: admitted, entitled: admitted };
    const python = { access, guards: [authn(), strict('agents_only')] };
    const rust = (g: ReturnType<typeof strict>) => check({ 'GET /a': python }, { 'GET /a': { access: open, guards: [authn(), g] } });
    expect(rust(either('Visible')).findings.map(f => [f.rule, f.message])).toEqual([
      ['guard-weakened', 'in the original nobody gets past `agents_only` without `AGENT`; in the port another right is enough (`Visible`)'],
    ]);
    expect(rust(authz(['Agent'])).findings.map(f => f.rule)).toEqual(['guard-ineffective']);
  });

  test('is missed of ownership, too', () => {
    const own = (indispensable: boolean) => [authn(), guard('ownership', 'own', { indispensable })];
    expect(found({ 'GET /a': { access, guards: own(true) } }, { 'GET /a': { access, guards: own(false) } })).toEqual([
      'error guard-weakened GET /a signedIn',
    ]);
  });

  test.each([
    ['is asked for beside it', [strict('Agent'), either('Visible')]],
    ['is asked for, as far as is known', [authz(['Agent'])]],
  ])('is not missed where it %s', (_, guards) => {
    const python = { access, guards: [authn(), strict('agents_only')] };
    expect(found({ 'GET /a': python }, { 'GET /a': { access, guards: [authn(), ...guards] } })).toEqual([]);
  });

  test('is missed where it stands before some rows only', () => {
    const open = { anonymous: admitted, signedIn: admitted, entitled: admitted };
    const draft = { access: open, guards: [strict('drafts')] };
    expect(found({ 'GET /a': draft }, { 'GET /a': { access: open } })).toEqual(['error guard-missing GET /a']);
    expect(found({ 'GET /a': draft }, { 'GET /a': draft })).toEqual([]);
    expect(found({ 'GET /a': { access: open, guards: [either('drafts')] } }, { 'GET /a': { access: open } })).toEqual([]);
  });
});

describe('a right that keeps out those who have it', () => {
  const access = { anonymous: refused(401), signedIn: admitted, entitled: admitted };
  const python = { access, guards: [authn(), authz(['!is_superuser'], { indispensable: false })] };

  test('is missed', () => {
    expect(found({ 'DELETE /me': python }, { 'DELETE /me': { access, guards: [authn()] } })).toEqual(['error guard-missing DELETE /me']);
    const other = { access, guards: [authn(), authz(['!Staff'], { indispensable: false })] };
    expect(found({ 'DELETE /me': python }, { 'DELETE /me': other })).toEqual(['error guard-weakened DELETE /me signedIn']);
  });

  test('is not missed where it is kept, nor one that only some rows are behind', () => {
    expect(found({ 'DELETE /me': python }, { 'DELETE /me': python })).toEqual([]);
    const some = { access, guards: [authn(), authz(['is_superuser'], { indispensable: false })] };
    expect(found({ 'DELETE /me': some }, { 'DELETE /me': { access, guards: [authn()] } })).toEqual([]);
  });
});

describe('an ownership check that refuses others', () => {
  const guards = (by: 'row' | 'comparison') => [authn(), guard('ownership', 'own', { by })];
  const python = { access: { anonymous: refused(401), signedIn: refused(403), entitled: admitted }, guards: guards('comparison') };
  const open = { anonymous: refused(401), signedIn: admitted, entitled: admitted };

  test('keeps nobody out', () => {
    expect(found({ 'PUT /a': python }, { 'PUT /a': { access: open, guards: guards('comparison') } })).toEqual([
      'error guard-ineffective PUT /a signedIn',
    ]);
  });

  test('is none where the query decides', () => {
    expect(found({ 'PUT /a': python }, { 'PUT /a': { access: open, guards: guards('row') } })).toEqual([]);
    expect(found({ 'PUT /a': python }, { 'PUT /a': python })).toEqual([]);
  });
});

describe('several checks of a credential', () => {
  const access = { anonymous: refused(302, '/login'), signedIn: admitted, entitled: admitted };
  const login = { rejects: [{ status: 302, redirect: '/login' }] };
  const original = [authn('login_required', login), authn('confirmed', { rejects: [{ status: 302, redirect: '/unconfirmed' }] })];
  const port = (...guards: Guard[]) => ({ 'GET /a': { access, guards } });

  test('another page that some of those who are signed in are led to', () => {
    expect(found(port(...original), port(authn('User', login)))).toEqual(['error guard-weakened GET /a']);
    expect(found(port(...original), port(...original))).toEqual([]);
  });

  test('may have another answer in the port', () => {
    const forbidden = authn('User', { rejects: [...login.rejects, { status: 403 }] });
    expect(found(port(...original), port(forbidden))).toEqual([]);
  });

  test('that of a right turns away whoever has no role at all, too', () => {
    const at = { location: { file: 'guards', line: 9 }, rejects: [{ status: 403 }] };
    const closed = { anonymous: refused(401), signedIn: refused(403), entitled: admitted };
    const python = { access: closed, guards: [authn(), authn('role', at), authz(['ADMIN'], at)] };
    expect(found({ 'GET /a': python }, { 'GET /a': { access: { ...access, anonymous: refused(401) }, guards: [authn()] } })).toEqual([
      'error guard-missing GET /a signedIn',
    ]);
  });
});

describe('two ownership checks', () => {
  const access = { anonymous: refused(401), signedIn: refused(403), entitled: admitted };
  const member = guard('ownership', 'member', { by: 'row', indispensable: true });
  const author = guard('ownership', 'author', { by: 'comparison', indispensable: true });
  const with_ = (...guards: (typeof member)[]) => ({ 'DELETE /a': { access, guards: [authn(), ...guards] } });

  test('the row that links the caller is not found by a comparison', () => {
    expect(found(with_(member, author), with_(author))).toEqual(['error guard-weakened DELETE /a signedIn']);
  });

  test('both may be one query', () => {
    expect(found(with_(member, author), with_(member))).toEqual([]);
    expect(found(with_(member), with_(author))).toEqual([]);
  });

  test('the same query that stands elsewhere for the row alone compares nothing', () => {
    const show = { 'GET /a': { access, guards: [authn(), member] } };
    const other = { ...member, location: { file: 'guards', line: 8 } };
    expect(found({ ...with_(member, author), ...show }, { ...with_(member), ...show })).toEqual([
      'error guard-weakened DELETE /a signedIn',
    ]);
    expect(found({ ...with_(member, author), ...show }, { ...with_(other), ...show })).toEqual([]);
    expect(found({ ...with_(member, author), ...show }, { ...with_(member, author), ...show })).toEqual([]);
  });
});

test('a handler that answers two endpoints of the original has not been registered twice', () => {
  const handler = { location: { file: 'handlers', line: 3 } };
  const twice = { ...handler, ineffective: [broken('authn', 'duplicate-route')] };
  const guarded = { ...handler, guards: [authn()] };
  expect(found({ 'GET /a': { guards: [authn()] } }, { 'GET /a': twice })).toEqual(['error guard-ineffective GET /a anonymous']);
  expect(found({ 'GET /a': { guards: [authn()] }, 'GET /b': { guards: [authn()] } }, { 'GET /a': twice, 'GET /b': guarded })).toEqual([
    'error guard-missing GET /a anonymous',
  ]);
});

describe('refusals that the personas do not show', () => {
  test('a guard before some rows that refuses by a panic', () => {
    const access = { anonymous: admitted, signedIn: admitted, entitled: admitted };
    const member = guard('ownership', 'member', { by: 'row' });
    const python = { access, guards: [member] };
    expect(found({ 'GET /a': python }, { 'GET /a': { access, guards: [{ ...member, rejects: [{ panic: true }] }] } })).toEqual([
      'warning refusal-changed GET /a',
    ]);
    expect(found({ 'GET /a': python }, { 'GET /a': python })).toEqual([]);
  });

  test.each([
    ['another status', { status: 403 }, ['warning refusal-changed POST /a']],
    ['a redirect', { status: 303, redirect: '/login' }, ['warning refusal-changed POST /a']],
    ['the same', { status: 400 }, []],
    ['a failure of the server', { status: 500 }, []],
  ])('a form token that is refused with %s', (_, is, expected) => {
    const form = (r: { status: number; redirect?: string }) => ({ 'POST /a': { guards: [guard('csrf', 'form', { rejects: [r] })] } });
    expect(found(form({ status: 400 }), form(is))).toEqual(expected);
  });

  test('a password that is checked after the effect', () => {
    const wrong = outcome('credential', 401, { secret: true });
    const late = { ...wrong, afterEffect: true };
    expect(found({ 'POST /login': { outcomes: [wrong] } }, { 'POST /login': { outcomes: [late], effects: [effect('write')] } })).toEqual([
      'error effect-before-guard POST /login anonymous',
    ]);
    expect(found({ 'POST /login': { outcomes: [late] } }, { 'POST /login': { outcomes: [late] } })).toEqual([]);
  });

  test('nobody gets in at all', () => {
    const access = { anonymous: refused(401), signedIn: refused(401), entitled: refused(401) };
    expect(found({ 'GET /a': { guards: [authn(), authz(['ADMIN'])] } }, { 'GET /a': { access, guards: [authn()] } })).toEqual([
      'warning access-tightened GET /a entitled',
    ]);
  });
});
