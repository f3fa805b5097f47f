/** Credentials in the URL: whoever opens a connection from a browser can give his nowhere else. */
import { provenance } from '../../packs/provenance.js';
import type { Ev } from '../../program/ev.js';
import { prov, sym, UNIT } from '../../program/make.js';
import { type CallVal, Prov, type Ty, type Val } from '../../program/values.js';

/** Set while a request runs that opens a connection. */
const OPENS = 'rust:opens';
/** What of the URL stands behind the question mark, unread. */
const PATH = 'http::Uri().query()';
export const QUERY = sym('query', Prov.Input, { path: PATH });

const last = (t: Ty): string => t.path.split('::').at(-1) ?? '';

/** Notes that the handler with these parameters opens a connection: it takes an upgrade, or the stream of a request that has no body. */
export function opens(ev: Ev, params: readonly Ty[], method: Val | undefined): void {
  const get = method?.t === 'ext' && method.path.endsWith('::GET');
  if (params.some(t => last(t) === 'WebSocketUpgrade' || (get && /(^|::)web::Payload$/.test(t.path)))) ev.write(ev.globals, OPENS, UNIT);
}

/** `params.token` of `Query(params)`, where a connection is opened with it. */
export const inParameters = (ev: Ev, of: Val, name: string): Val | undefined =>
  ev.globals.has(OPENS) && isParameters(of) ? named(ev, name) : undefined;

/** `params.get("token")`: of the parameters with which a connection is opened, or of those that a layer reads from the URL by itself. */
export function inUrl(ev: Ev, c: CallVal): Val | undefined {
  const key = c.args.pos[0];
  if ((c.name !== 'get' && c.name !== 'remove') || !c.recv || key?.t !== 'const' || typeof key.v !== 'string') return undefined;
  if (!(prov(c.recv) & Prov.Input)) return undefined;
  const read = fromQuery(c.recv);
  return (read && inLayer(ev)) || (ev.globals.has(OPENS) && (read || isParameters(c.recv))) ? named(ev, key.v) : undefined;
}

function named(ev: Ev, name: string): Val | undefined {
  if (provenance('connection', name) !== Prov.Credential) return undefined;
  const id = `rust:value:query:${name}`;
  const known = ev.globals.get(id);
  if (known) return known;
  const v = sym(name, Prov.Credential, { path: PATH, sent: true });
  ev.write(ev.globals, id, v);
  return v;
}

/** What `Query` gives: itself, or what it wraps. */
function isParameters(v: Val): boolean {
  const of = v.t === 'attr' && v.name === '0' ? v.of : v;
  return of.t === 'sym' && of.ty !== undefined && /(^|::)(Query|OptionalQuery)$/.test(of.ty.path);
}

/** Is it the text behind the question mark, taken apart? */
function fromQuery(v: Val): boolean {
  let x: Val | undefined = v;
  for (let i = 0; x && i < 12; i++) {
    if (x.t === 'sym' && x.path === PATH) return true;
    x = x.t === 'op' ? x.args[0] : x.t === 'call' ? (x.recv ?? x.args.pos[0]) : x.t === 'attr' ? x.of : undefined;
  }
  return false;
}

function inLayer(ev: Ev): boolean {
  for (let f = ev.frame; f; f = f.parent) if (f.role !== undefined) return /^(middleware|extractor|hook)/.test(f.role);
  return false;
}
