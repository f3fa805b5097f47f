/** The request that a route runs with: method and path are literal, everything else comes from outside. */
import { STR } from '../program/make.js';
import type { Val } from '../program/values.js';

export interface SampleRequest {
  method: Val;
  /** A path that matches the template: `/users/{id}` gives `/users/p1`; a catch-all gives two segments. */
  path: Val;
  /** Sample value of each parameter, by name. */
  params: Map<string, string>;
}

/** Makes the request for a template in normal form; `numeric` names the parameters that only take digits. */
export function sampleRequest(method: string, template: string, numeric: ReadonlySet<string> = new Set()): SampleRequest {
  const params = new Map<string, string>();
  const path = template.replace(/\{([^}*]*)(\*?)\}/g, (_m, name: string, many: string) => {
    const v = many ? 'p1/p2' : numeric.has(name) ? '1' : 'p1';
    params.set(name, v);
    return v;
  });
  return { method: STR(method === '*' || method === 'WS' ? 'GET' : method), path: STR(path), params };
}
