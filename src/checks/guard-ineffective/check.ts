import type { EndpointRef } from '../../findings/types.js';
import { alongWith, kept, lossDraft, lossSeverity, ofSort } from '../losses.js';
import { ineffectivePlaces, reason } from '../say.js';
import type { Check } from '../types.js';

export const check: Check = {
  meta: {
    id: 'guard-ineffective',
    title: 'A guard of the port protects nothing',
    description: 'The port has something that looks like the guard of the original and keeps nobody out, for a reason that is named.',
    cwe: [863, 696, 252],
    severity: 'error',
    score: 9.1,
    precision: 'high',
    help: 'Make the guard refuse before the handler runs, and have its verdict decide.',
  },
  run(ctx) {
    return ofSort(ctx, ['ineffective']).map(({ pair, loss }) => {
      const broken = loss.ineffective!;
      const why = reason(broken.reason);
      const fails = broken.reason === 'layer-order' ? 'does not protect this route' : 'protects nothing';
      const message = `\`${broken.name}\` ${fails}: ${why}. In the original ${
        loss.python.length > 0 ? kept(loss) : 'a wrong credential is refused'
      }${alongWith(loss)}`;
      return {
        ...lossDraft(pair, loss),
        invariant: `${loss.kind}:ineffective:${broken.reason}`,
        severity: lossSeverity(pair, loss),
        message,
        rust: [...ineffectivePlaces(broken).slice(0, 4)],
        help: HELP[broken.reason] ?? this.meta.help,
        group: {
          key: [loss.kind, broken.reason, broken.name, broken.location.file, broken.location.line].join('\0'),
          least: 2,
          message: (all: EndpointRef[]) =>
            `\`${broken.name}\` protects none of ${all.length} endpoints: ${why}. In the original ${kept(loss)}${alongWith(loss)}`,
        },
      };
    });
  },
};

const HELP: Record<string, string> = {
  'above-route': 'put the guard below the attribute or decorator that registers the route',
  'layer-order':
    'attach the guard where it covers this route: axum layers cover the routes added before them, `route_layer` only those of the same router',
  'optional-unchecked': 'take the identity itself instead of an `Option` of it, or return an error when it is `None`',
  'logs-only': 'return the refusal where the check fails',
  'always-passes': 'make the check depend on the credential of the request',
  'wrong-polarity': 'invert the condition',
  'verdict-dropped': 'use the result: return an error when it is `false` or `Err`',
  'not-awaited': 'await the check and use its result',
  'dead-code': 'move the check to where it runs on every request',
  'cfg-gated': 'remove the condition, or make the build without it fail',
  'commented-out': 'make the comment code again, or put another check in its place',
  'presence-only': 'verify the credential: signature, expiry, and that the session exists',
  'signature-unverified': 'verify the signature with the key before anything is read out of the token',
  'password-unverified': 'hold the password that was sent against the one of the account',
  'fail-open': 'refuse when the setting is absent, or do not start without it',
  'duplicate-route': 'remove the second registration',
  'not-registered': 'attach the guard to the router or take it as an extractor',
  swallowed: 'let the refusal leave the handler',
};
