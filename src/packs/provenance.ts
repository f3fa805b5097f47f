/** From where a value was read to what it was made from. */
import { leavesOf } from '../program/alternatives.js';
import { Prov, type Val } from '../program/values.js';
import type { SourceKind } from './types.js';

/** Cookies that carry a login or registration through its steps: whoever has one is not yet anybody. */
const FLOW =
  /(^|[-_.])(login|registration|signup|oauth2?|oidc)[-_](session|state|flow|nonce|verifier)|(^|[-_.])(pkce|code)[-_](verifier|challenge)/;

/**
 * A parameter of the URL under which whoever opens a connection from a browser sends his credential: no header can be given there. The last
 * word says what it is: `session_id` names a conversation as often as a login, and is none.
 */
const CONNECTING = /(^|[-_.])(auth|authorization|bearer|jwt|secret)$|api[-_]?key$|token$|^(key|session)$/;

/** Headers by which a proxy that signs users in says who they are (oauth2-proxy and its like); the other `X-Forwarded-` say where a request came from. */
const VOUCHED = /^(x-)?(forwarded|remote)-(user|email|preferred-username|groups|access-token|id-token)$/;

/** What a value from `kind` of source, under `key`, was made from. Names of headers and cookies are protocol, not guesswork. */
export function provenance(kind: SourceKind, key: string): number {
  const k = key.toLowerCase();
  switch (kind) {
    case 'credential':
    case 'session':
    case 'claim':
    case 'principal':
      return /csrf|xsrf/.test(k) ? Prov.Csrf : Prov.Credential;
    case 'cookie':
      return /csrf|xsrf/.test(k)
        ? Prov.Csrf
        : FLOW.test(k)
          ? Prov.Header
          : /^(theme|lang|language|locale|tz|timezone|consent|flash|dark_?mode)$/.test(k)
            ? Prov.Header
            : Prov.Credential;
    case 'header':
      if (/csrf|xsrf/.test(k)) return Prov.Csrf;
      if (/signature|x-hub-/.test(k)) return Prov.Signature;
      if (VOUCHED.test(k)) return Prov.Credential;
      if (/^(origin|host|referer|x-forwarded-.*|x-real-ip|sec-fetch-.*)$/.test(k)) return Prov.Origin;
      if (/^(idempotency|sec-websocket)-key$/.test(k)) return Prov.Header;
      if (/auth(?!or(?!i[sz]))|token|api[-_]?key|[-_]key$|session|secret|cookie|x-user|user-id|credential|bearer/.test(k))
        return Prov.Credential;
      return Prov.Header;
    case 'query':
    case 'form':
    case 'json':
    case 'body':
    case 'path':
    case 'file':
      return /csrf|xsrf/.test(k) ? Prov.Csrf : Prov.Input;
    case 'connection':
      return CONNECTING.test(k) ? Prov.Credential : Prov.Input;
    case 'setting':
      return Prov.Setting;
    case 'clock':
      return Prov.Clock;
    case 'random':
      return Prov.Random;
    case 'csrf':
      return Prov.Csrf;
    case 'origin':
      return Prov.Origin;
    case 'rate':
      return Prov.Rate;
    case 'state':
      return Prov.State;
    case 'signature':
      return Prov.Signature;
    case 'external':
      return Prov.External;
    default:
      return Prov.None;
  }
}

/** Headers and cookies whose name is a setting (`header.unwrap_or(AUTHORIZATION)`) are what they are by default, under a name that is known. */
export function usually(kind: SourceKind, key: Val | undefined): number | undefined {
  if (key?.t !== 'phi' || (kind !== 'header' && kind !== 'cookie')) return undefined;
  const named = leavesOf(key).flatMap(x => {
    const text = x.t === 'const' ? x.v : x.t === 'ext' ? /(?:^|::)header::([A-Z0-9_]+)$/.exec(x.path)?.[1]?.replace(/_/g, '-') : undefined;
    return typeof text === 'string' ? [provenance(kind, text)] : [];
  });
  return named.find(p => p === Prov.Credential) ?? named[0];
}

/** Claims that name the bearer, or the token itself (RFC 7519, 4.1). */
export const REGISTERED = /^(sub|identity|iss|aud|exp|nbf|iat|jti|type|fresh)$/;

/** Keys of a session that say what its owner may do, not who he is. */
export const FACT = /role|admin|perm|group|scope|^is_|staff|superuser/i;
