/** Which servers may be asked. A probe sends credentials and, when told to, requests that change data: never to a host by mistake. */

/**
 * Base address of a server.
 * @param allowed names of hosts besides this machine
 * @throws ProbeError when it is no http address, carries credentials, or names a host that was not allowed
 */
export function server(text: string, allowed: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new ProbeError(`${text} is no address such as http://127.0.0.1:8000`);
  if (url.username || url.password || url.search || url.hash)
    throw new ProbeError(
      `${url.protocol}//${url.host}: give scheme, host, port and perhaps a path; credentials belong into the configuration`,
    );
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (!isLoopback(host) && !allowed.some(a => a.toLowerCase() === host))
    throw new ProbeError(`${host} is not this machine; --allow-host ${host} allows it`);
  return url;
}

/** The parser of URLs has written every form of an IPv4 address as four numbers. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** What is wrong is the user's to repair: a setting, an address, a server that does not answer. */
export class ProbeError extends Error {
  override name = 'ProbeError';
}
