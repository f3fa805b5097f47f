/** One request to a running server. The only place that opens connections. */
import { ProbeError } from './hosts.js';
import type { Answer, Message } from './types.js';

/** What a persona has gathered by signing in. */
export interface Session {
  cookies: Map<string, string>;
  /** Captured values by name. */
  values: Map<string, string>;
}

export const newSession = (): Session => ({ cookies: new Map(), values: new Map() });

export interface Request {
  method: string;
  /** Encoded, without the query. */
  path: string;
  message: Message;
}

export interface Sender {
  /** Milliseconds for one request. */
  timeout: number;
  /** Variables of the environment, for `${NAME}`. */
  env: Readonly<Record<string, string | undefined>>;
}

export interface Reply {
  answer: Answer;
  headers?: Headers;
  /** Of the body, no more than `MOST` characters, and only where it was asked for. */
  text?: string;
}

const MOST = 1_000_000;
/** Of a location, which is printed. */
const LONGEST = 500;

/** Method and target, to be read: values of the query as the configuration has them, so that no secret is shown. */
export function target(r: Request): string {
  const query = Object.entries(r.message.query ?? {}).map(([k, v]) => `${k}=${v}`);
  return `${r.method} ${r.path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/**
 * Sends a request and never follows a redirect, but for one to the same path with or without a slash at its end.
 * A connection that breaks is an answer; a setting that names an unknown variable is not.
 * @throws ProbeError
 */
export async function send(base: URL, r: Request, session: Session, sender: Sender, wantText = false): Promise<Reply> {
  const first = await once(base, r, session, sender, wantText);
  const moved = slashed(base, r.path, first.answer);
  return moved === undefined ? first : once(base, { ...r, path: moved }, session, sender, wantText);
}

async function once(base: URL, r: Request, session: Session, sender: Sender, wantText: boolean): Promise<Reply> {
  const fill = (text: string): string => expand(text, session, sender.env);
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/$/, '') + r.path;
  for (const [k, v] of Object.entries(r.message.query ?? {})) url.searchParams.append(k, fill(v));
  const headers = new Headers({ accept: '*/*', connection: 'close', 'user-agent': 'parity' });
  const body = await encode(r.message, headers, fill);
  for (const [k, v] of Object.entries(r.message.headers ?? {})) {
    try {
      headers.set(k, fill(v));
    } catch (error) {
      if (error instanceof ProbeError) throw error;
      throw new ProbeError(`the header ${k} of the configuration cannot be sent`);
    }
  }
  if (session.cookies.size > 0) {
    const own = headers.get('cookie');
    headers.set('cookie', [...(own ? [own] : []), ...[...session.cookies].map(([k, v]) => `${k}=${v}`)].join('; '));
  }
  try {
    const response = await fetch(url, {
      method: r.method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(sender.timeout),
    });
    const text = wantText ? await read(response) : undefined;
    if (!wantText) await response.body?.cancel();
    const location = response.headers.get('location');
    return {
      answer: { status: response.status, ...(location === null ? {} : { location: relative(location, url, base).slice(0, LONGEST) }) },
      headers: response.headers,
      ...(text === undefined ? {} : { text }),
    };
  } catch (error) {
    return { answer: failure(error, sender.timeout) };
  }
}

/** Without origin and base path where these are the server's own, so that both sides can be compared. */
function relative(location: string, from: URL, base: URL): string {
  if (!URL.canParse(location, from.href)) return location;
  const url = new URL(location, from);
  if (url.host !== base.host) return url.href;
  const prefix = base.pathname.replace(/\/$/, '');
  const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : url.pathname;
  return path + url.search;
}

/** The path to which a redirect leads that only adds or drops the slash at the end. */
function slashed(base: URL, path: string, a: Answer): string | undefined {
  if (!('status' in a) || a.location === undefined || ![301, 302, 307, 308].includes(a.status)) return undefined;
  const to = relative(a.location, base, base).replace(/\?.*$/, '');
  return to !== path && to.replace(/\/$/, '') === path.replace(/\/$/, '') && to !== '' ? to : undefined;
}

/** Whole, so that it is sent in one piece: a server may answer and close before it has read a body that comes in parts. */
async function encode(
  m: Message,
  headers: Headers,
  fill: (text: string) => string,
): Promise<string | URLSearchParams | Uint8Array<ArrayBuffer> | undefined> {
  const fields = Object.entries(m.form ?? {}).map(([k, v]) => [k, fill(v)] as const);
  if (m.files) {
    const form = new FormData();
    for (const [k, v] of fields) form.append(k, v);
    for (const [k, f] of Object.entries(m.files)) form.append(k, new Blob([f.text]), f.name);
    const whole = new Response(form);
    headers.set('content-type', whole.headers.get('content-type') ?? '');
    return new Uint8Array(await whole.arrayBuffer());
  }
  if (m.form) return new URLSearchParams(Object.fromEntries(fields));
  if (m.json !== undefined) {
    headers.set('content-type', 'application/json');
    return JSON.stringify(m.json, (_, v: unknown) => (typeof v === 'string' ? fill(v) : v));
  }
  return m.body;
}

/** @throws ProbeError when a name is neither captured nor in the environment */
export function expand(text: string, session: Session, env: Sender['env']): string {
  return text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => {
    const value = session.values.get(name) ?? env[name];
    if (value === undefined) throw new ProbeError(`\${${name}} is neither captured by signing in nor set in the environment`);
    return value;
  });
}

async function read(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MOST) break;
  }
  return text.slice(0, MOST);
}

function failure(error: unknown, timeout: number): Answer {
  if ((error as Error).name === 'TimeoutError') return { error: `nothing within ${timeout / 1000} s` };
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  if (cause?.code === 'UND_ERR_SOCKET' || cause?.code === 'ECONNRESET') return { closed: true };
  return { error: cause?.code ?? cause?.message ?? (error as Error).message };
}
