/** Signing in: the steps that a persona takes before its requests, and what they leave behind. */
import { ProbeError } from './hosts.js';
import { expand, newSession, type Reply, type Sender, type Session, send } from './send.js';
import type { PersonaSettings, Step } from './types.js';

/**
 * @returns the session, and how many requests it took
 * @throws ProbeError when a step is not answered, is refused, or lacks what it should yield
 */
export async function signIn(base: URL, who: PersonaSettings | undefined, sender: Sender): Promise<{ session: Session; requests: number }> {
  const session = newSession();
  const steps = who?.login ?? [];
  for (const step of steps) {
    const [method = '', path = ''] = step.request.trim().split(/\s+/, 2);
    const { request: _, capture, ...message } = step;
    const reply = await send(base, { method, path, message }, session, sender, true);
    if (!('status' in reply.answer) || reply.answer.status >= 400) {
      const how =
        'status' in reply.answer
          ? `answers ${reply.answer.status}`
          : 'error' in reply.answer
            ? reply.answer.error
            : 'closes the connection';
      throw new ProbeError(`signing in at ${base.host} failed: ${step.request} ${how}`);
    }
    keepCookies(session, reply);
    for (const [name, from] of Object.entries(capture ?? {})) session.values.set(name, captured(from, reply, session, step));
  }
  for (const [name, text] of Object.entries(who?.cookies ?? {})) session.cookies.set(name, expand(text, session, sender.env));
  return { session, requests: steps.length };
}

function keepCookies(session: Session, reply: Reply): void {
  for (const line of reply.headers?.getSetCookie() ?? []) {
    const [pair = '', ...attributes] = line.split(';');
    const cut = pair.indexOf('=');
    const name = pair.slice(0, cut).trim();
    if (cut < 0 || name === '') continue;
    const gone = attributes.some(a => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(a));
    if (gone) session.cookies.delete(name);
    else session.cookies.set(name, pair.slice(cut + 1).trim());
  }
}

function captured(from: string, reply: Reply, session: Session, step: Step): string {
  const cut = from.indexOf(':');
  const [how, what] = [from.slice(0, cut), from.slice(cut + 1)];
  const value =
    how === 'json'
      ? pointed(reply.text ?? '', what)
      : how === 'header'
        ? reply.headers?.get(what)
        : how === 'cookie'
          ? session.cookies.get(what)
          : how === 'field'
            ? field(reply.text ?? '', what)
            : undefined;
  if (value === undefined || value === null) throw new ProbeError(`signing in: the answer to ${step.request} has no ${from}`);
  return value;
}

/** What a JSON pointer (RFC 6901) leads to, as text. */
function pointed(text: string, pointer: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value === undefined || value === null ? undefined : String(value);
}

/** The value of the first `<input>` of this name. */
function field(html: string, name: string): string | undefined {
  for (const [tag] of html.matchAll(/<(?:input|meta)\b[^<>]*>/gi)) {
    const attribute = (a: string): string | undefined => {
      const [, q1, q2, bare] = new RegExp(`\\s${a}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? [];
      return q1 ?? q2 ?? bare;
    };
    if (attribute('name') === name) return unescapeHtml(attribute('value') ?? attribute('content') ?? '');
  }
  return undefined;
}

const ENTITIES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#34': '"' }));
const unescapeHtml = (text: string): string => text.replace(/&(#?\w+);/g, (all, name: string) => ENTITIES.get(name.toLowerCase()) ?? all);
