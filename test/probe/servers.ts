/** Small servers on the loopback address that answer as a test says, and remember what they were asked. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** Method and target. */
  line: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A status, one with headers and a text, or `close` and `never`. */
export type Response = number | { status: number; headers?: Record<string, string | string[]>; text?: string } | 'close' | 'never';

const open: Server[] = [];

export async function serve(answer: (asked: Asked) => Response): Promise<{ url: string; log: Asked[] }> {
  const log: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = { line: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(parts).toString() };
      log.push(asked);
      const r = answer(asked);
      if (r === 'never') return;
      if (r === 'close') {
        request.socket.destroy();
        return;
      }
      const { status, headers = {}, text = '' } = typeof r === 'number' ? { status: r } : r;
      response.writeHead(status, headers).end(text);
    });
  });
  open.push(server);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

export function stopServers(): void {
  for (const s of open.splice(0)) {
    s.close();
    s.closeAllConnections();
  }
}

/** Who asks, by the header that the settings below send. */
export const who = (a: Asked): string => String(a.headers['x-who'] ?? 'anonymous');

export const PERSONAS = {
  signedIn: { headers: { 'X-Who': 'signedIn' } },
  entitled: { headers: { 'X-Who': 'entitled' } },
};
