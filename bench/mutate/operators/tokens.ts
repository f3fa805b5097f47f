/** What is verified of a token: settings of the library, which no signature and no call in the handler shows. */
import type { Guard } from '../../../src/contract/types.js';
import { type Expectation, LOST, mutant, type Operator, replace } from '../mutant.js';
import { argument } from '../routers.js';
import type { Fn } from '../rust-app.js';
import type { Subject } from '../subject.js';
import { all, field, text } from '../syntax.js';

/** Endpoints that are closed by what a function verifies of a token. */
function verifying(subject: Subject, f: Fn, lost: (g: Guard) => boolean): Map<string, Expectation> {
  const places = subject
    .through(f)
    .filter(p => p.rust.access.anonymous.verdict === 'refused' && p.rust.guards.some(g => g.strength === 'required' && lost(g)));
  return new Map(places.map(p => [p.key, { rules: LOST, also: [] }]));
}

/** An operator that changes the settings as soon as they are made; `lost` says whether a guard of the port depends on them. */
const setting = (name: string, title: string, change: string, lost: (g: Guard) => boolean): Operator => ({
  name,
  title,
  run: subject =>
    subject.app.fns.flatMap(f =>
      all(f.body, 'call_expression').flatMap(call => {
        const made = field(call, 'function');
        if (!made || !/(^|::)Validation::(new|default)$/.test(text(f.source, made))) return [];
        const expected = verifying(subject, f, lost);
        const edit = replace(f.source, call, `{ let mut all = ${text(f.source, call)}; ${change}; all }`);
        return expected.size > 0 ? [mutant(name, f.source, call, '', [edit], expected)] : [];
      }),
    ),
});

export const tokens: Operator[] = [
  setting(
    'token-unsigned',
    'the signature of a token is not verified',
    'all.insecure_disable_signature_validation()',
    g => g.verifies?.signature === true,
  ),
  setting('token-everlasting', 'the expiry of a token is not verified', 'all.validate_exp = false', g => g.verifies?.expiry === true),
  {
    name: 'token-unread',
    title: 'a token is read without the key',
    run: subject =>
      subject.app.fns.flatMap(f =>
        all(f.body, 'call_expression').flatMap(call => {
          const called = field(call, 'function');
          const decodes = called?.type === 'generic_function' && /(^|::)decode$/.test(text(f.source, field(called, 'function')));
          const token = argument(call, 0);
          if (!decodes || !token) return [];
          const expected = verifying(subject, f, g => g.verifies?.signature === true);
          const types = text(f.source, field(called, 'type_arguments'));
          const edit = replace(f.source, call, `jsonwebtoken::dangerous::insecure_decode::${types}(${text(f.source, token)})`);
          return expected.size > 0 ? [mutant('token-unread', f.source, call, '', [edit], expected)] : [];
        }),
      ),
  },
  {
    name: 'token-key-known',
    title: 'the key of the tokens stands in the source',
    run: subject =>
      subject.app.fns.flatMap(f =>
        all(f.body, 'call_expression').flatMap(call => {
          const key = /(^|::)DecodingKey::from_secret$/.test(text(f.source, field(call, 'function'))) ? argument(call, 0) : undefined;
          const expected = verifying(subject, f, g => g.verifies?.signature === true);
          return key && expected.size > 0
            ? [mutant('token-key-known', f.source, call, '', [replace(f.source, key, 'b"secret"')], expected)]
            : [];
        }),
      ),
  },
  {
    name: 'token-claims',
    title: 'no claim of a token has to be there',
    run: subject =>
      subject.app.fns.flatMap(f =>
        all(f.body, 'call_expression').flatMap(call => {
          const made = field(call, 'function');
          if (!made || !/(^|::)Validation::(new|default)$/.test(text(f.source, made))) return [];
          const expected = verifying(subject, f, g => g.verifies?.expiry === true);
          const edit = replace(f.source, call, `{ let mut all = ${text(f.source, call)}; all.required_spec_claims.clear(); all }`);
          const m = mutant('token-claims', f.source, call, '', [edit], expected);
          // A claim that the type has is read from every token, or the token is refused.
          const needs = [...subject.app.structs.values()].some(
            s => /^[iu]\d+$/.test(s.fields.get('exp') ?? '') && new RegExp(`\\bdecode::<${s.name}>`).test(text(f.source, f.body)),
          );
          return expected.size === 0
            ? []
            : [needs ? { ...m, expected: new Map(), equivalent: 'the type of the claims has the expiry' } : m];
        }),
      ),
  },
];
