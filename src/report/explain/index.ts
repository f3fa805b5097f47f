/** The chain of reasoning about one endpoint, on both sides: what stands on the request's way, what it does, and what follows from it. */
import { PROTECTIVE } from '../../checks/protection.js';
import { kind, reason, refusal, verdict } from '../../checks/say.js';
import { accepts, bySpecificity, endpointKey, templateKey } from '../../contract/path-template.js';
import { type Contract, type Endpoint, type Evidence, type Location, PERSONAS } from '../../contract/types.js';
import type { CheckResult, EndpointRef } from '../../findings/types.js';
import { escapeText } from '../escape.js';
import { type Paint, plain } from '../paint.js';

export interface ExplainOptions {
  chalk?: Paint;
}

/** `GET /path` as typed; a missing method stands for all of them. Nothing when it is no endpoint's name. */
export function parseEndpoint(text: string): { method?: string; path: string } | undefined {
  const m = /^\s*(?:([A-Za-z*]+)\s+)?(\/\S*)\s*$/.exec(text);
  if (!m) return undefined;
  return { ...(m[1] ? { method: m[1].toUpperCase() } : {}), path: m[2]! };
}

/**
 * The endpoints of a result that a name means, as the original writes them, then those that only the port has. A path that is no
 * template of either side is one that a client sends: the endpoints that answer it.
 */
export function findEndpoints(result: CheckResult, wanted: { method?: string; path: string }): EndpointRef[] {
  const key = templateKey(wanted.path);
  const named = endpointsWith(result, wanted.method, path => templateKey(path) === key);
  if (named.length > 0 || wanted.path.includes('{')) return named;
  const all = [...result.python.endpoints, ...result.rust.endpoints].filter(
    e => (!wanted.method || e.method === wanted.method || e.method === '*') && accepts(e.path, wanted.path),
  );
  const [first] = all.map(e => e.path).sort(bySpecificity);
  return first === undefined ? [] : endpointsWith(result, wanted.method, path => templateKey(path) === templateKey(first));
}

function endpointsWith(result: CheckResult, method: string | undefined, fits: (path: string) => boolean): EndpointRef[] {
  const means = (e: EndpointRef): boolean => fits(e.path) && (!method || e.method === method || e.method === '*');
  const refs = [
    ...result.pairs.filter(p => means(p.python) || means(p.rust)).map(p => p.endpoint),
    ...result.python.endpoints.filter(means),
    ...result.rust.endpoints.filter(means),
  ];
  const paired = new Map(result.pairs.map(p => [endpointKey(p.rust), p.endpoint]));
  const seen = new Set<string>();
  return refs
    .map(r => paired.get(endpointKey(r)) ?? { method: r.method, path: r.path })
    .filter(r => !seen.has(endpointKey(r)) && seen.add(endpointKey(r)))
    .sort((a, b) => (endpointKey(a) < endpointKey(b) ? -1 : 1));
}

/** Everything that is known about one endpoint. `undefined` when neither side has it. */
export function render(result: CheckResult, endpoint: EndpointRef, options: ExplainOptions = {}): string | undefined {
  const paint = options.chalk ?? plain;
  const views = result.pairs.filter(p => endpointKey(p.endpoint) === endpointKey(endpoint));
  const find = (c: Contract, refs: EndpointRef[]): Endpoint[] => c.endpoints.filter(e => refs.some(r => endpointKey(r) === endpointKey(e)));
  const python = find(result.python, views.length > 0 ? views.map(v => v.python) : [endpoint]);
  const rust = find(result.rust, views.length > 0 ? views.map(v => v.rust) : [endpoint]);
  if (python.length === 0 && rust.length === 0) return undefined;
  const out = [paint.bold(escapeText(`${endpoint.method} ${endpoint.path}`)), ''];
  out.push(...sideText('Python', python, paint), ...sideText('Rust', rust, paint));
  const findings = result.findings.filter(f => [f.endpoint, ...(f.endpoints ?? [])].some(e => endpointKey(e) === endpointKey(endpoint)));
  out.push(paint.bold('What follows'));
  if (views[0]) out.push(`  paired by ${views[0].by}; verdict: ${views[0].verdict}`);
  for (const f of findings) out.push(`  ${f.severity} ${f.rule}: ${escapeText(f.message)}`);
  if (findings.length === 0) out.push('  no findings');
  return `${out.join('\n')}\n`;
}

function sideText(side: string, all: readonly Endpoint[], paint: Paint): string[] {
  if (all.length === 0) return [paint.bold(side), '  has no such endpoint', ''];
  return all.flatMap(e => [
    paint.bold(`${side}  `) + escapeText(`${e.method} ${e.path}`),
    ...endpointText(e, paint).map(l => `  ${l}`),
    '',
  ]);
}

function endpointText(e: Endpoint, paint: Paint): string[] {
  const at = (l: Location): string => paint.dim(` (${escapeText(l.file)}:${l.line})`);
  const out = [
    `handler ${escapeText(e.handler)}${at(e.location)}, registered${at(e.route)}${e.when ? `, only with ${escapeText(e.when)}` : ''}`,
  ];
  if (e.stub) out.push(`it is a placeholder: ${escapeText(e.stub.says)}${at(e.stub.location)}`);
  const protective = (k: string): boolean => (PROTECTIVE as readonly string[]).includes(k);
  const evidence = (all: readonly Evidence[]): string[] => all.map(v => `     - ${escapeText(v.says)}${at(v)}`);

  out.push('guards, in the order in which they run:');
  for (const g of e.guards) {
    const how = g.rejects.map(refusal).filter(Boolean).join(', ');
    const asks = g.requires.length > 0 ? `, asks for ${g.requires.join(' and ')}` : '';
    const marks = [
      g.strength,
      g.via,
      g.scope === 'endpoint' ? '' : `for the whole ${g.scope}`,
      g.unless ? `unless ${g.unless} is unset` : '',
      g.waived ? `unless ${g.waived} is sent` : '',
      g.presenceOnly ? 'presence only' : '',
      g.verifies?.signature === false ? 'signature not verified' : '',
      g.verifies?.expiry === false ? 'expiry not verified' : '',
      g.afterEffect ? 'after the first effect' : '',
    ];
    out.push(
      `  ${g.order}. ${escapeText(`${g.name}: ${protective(g.kind) ? kind(g.kind) : g.kind}, ${marks.filter(Boolean).join(', ')}${asks}${how ? `, refuses with ${how}` : ''}`)}${at(g.location)}`,
    );
    out.push(...evidence(g.evidence));
  }
  if (e.guards.length === 0) out.push('  none');
  if (e.ineffective.length > 0) out.push('guards that protect nothing:');
  for (const i of e.ineffective) out.push(`  ! ${escapeText(`${i.name}: ${reason(i.reason)}`)}${at(i.location)}`, ...evidence(i.evidence));
  if (e.aside?.length) out.push('guards of its router that stand before other routes only:');
  for (const i of e.aside ?? []) out.push(`  ${escapeText(`${i.name}: ${kind(i.kind)}`)}${at(i.location)}`, ...evidence(i.evidence));
  if (e.outcomes.length > 0) out.push('exits that are not success:');
  for (const o of e.outcomes) out.push(`  ${escapeText(refusal(o) || 'unknown')} on ${o.trigger}, by ${o.via}${at(o.location)}`);
  if (e.effects.length > 0) out.push('effects:');
  for (const f of e.effects) out.push(`  ${f.kind}${f.name ? ` ${escapeText(f.name)}` : ''}${at(f.location)}`);
  if (e.gaps.length > 0) out.push('not understood:');
  for (const g of e.gaps) out.push(`  ? ${escapeText(g.says)}; it may hide ${g.hides.join(', ')}${at(g.location)}`);
  out.push('what becomes of a request:');
  for (const p of PERSONAS) {
    const v = e.access[p];
    out.push(`  ${p.padEnd(9)}  ${escapeText(verdict(v))}${v.why ? `: ${escapeText(v.why)}` : ''}${v.location ? at(v.location) : ''}`);
  }
  return out;
}
