/** The whole chain of reasoning about one endpoint, on both sides. */
import chalk from 'chalk';
import { templateKey } from '../contract/path-template.js';
import {
  type Contract,
  type Endpoint,
  type Evidence,
  type Location,
  PERSONAS,
  type Refusal,
  type Side,
  type Verdict,
} from '../contract/types.js';
import type { CheckResult, EndpointRef, Finding, PairView } from '../findings/types.js';
import { printable } from './io.js';

/** What was asked for: `*` is every method; parameter names do not matter. */
export interface EndpointQuery {
  method: string;
  path: string;
}

export interface Explained {
  pair?: Pick<PairView, 'by' | 'verdict'>;
  python: Endpoint[];
  rust: Endpoint[];
  findings: Finding[];
}

/** The endpoints of both sides that answer the query, with their counterparts; one entry for each method. */
export function explainEndpoint(result: CheckResult, query: EndpointQuery): Explained[] {
  const wanted = (e: EndpointRef): boolean =>
    templateKey(e.path) === templateKey(query.path) && (query.method === '*' || e.method === '*' || e.method === query.method);
  const same = (a: EndpointRef, b: EndpointRef): boolean => a.method === b.method && a.path === b.path;
  const of = (contract: Contract, ref: EndpointRef): Endpoint[] => contract.endpoints.filter(e => same(e, ref));
  const about = (refs: EndpointRef[]): Finding[] =>
    result.findings.filter(f => [f.endpoint, ...(f.endpoints ?? [])].some(e => refs.some(r => same(e, r))));

  const out: Explained[] = result.pairs
    .filter(pair => wanted(pair.python) || wanted(pair.rust))
    .map(pair => ({
      pair: { by: pair.by, verdict: pair.verdict },
      python: of(result.python, pair.python),
      rust: of(result.rust, pair.rust),
      findings: about([pair.endpoint, pair.python, pair.rust]),
    }));
  const shown = new Set(out.flatMap(e => [...e.python, ...e.rust]));
  for (const side of ['python', 'rust'] as const) {
    for (const endpoint of result[side].endpoints) {
      if (shown.has(endpoint) || !wanted(endpoint)) continue;
      out.push({ python: [], rust: [], findings: about([endpoint]), [side]: [endpoint] });
    }
  }
  return out;
}

/** As text; chalk's level decides on colours. Every name from the analysed code is made printable. */
export function renderEndpoint(explained: Explained): string {
  const { pair, python, rust, findings } = explained;
  const lines = [
    ...side('python', python),
    '',
    ...side('rust', rust),
    '',
    pair ? `Paired by ${pair.by}; the verdict is ${chalk.bold(pair.verdict)}.` : 'It has no counterpart.',
    ...findings.map(f => `  ${level(f)} ${f.rule}: ${printable(f.message)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const level = (f: Finding): string =>
  (f.severity === 'error' ? chalk.red : f.severity === 'warning' ? chalk.yellow : chalk.blue)(f.severity);

function side(name: Side, endpoints: Endpoint[]): string[] {
  const title = chalk.bold(name === 'python' ? 'Python' : 'Rust');
  if (endpoints.length === 0) return [`${title}  none`];
  return endpoints.flatMap(e => [
    `${title}  ${chalk.bold(`${printable(e.method)} ${printable(e.path)}`)}  ${printable(e.handler)}  ${place(e.location)}`,
    `  registered at ${place(e.route)}${e.when ? `, only with ${printable(e.when)}` : ''}`,
    ...section(
      'who gets in',
      PERSONAS.map(p => `${p.padEnd(9)}  ${verdict(e.access[p])}`),
    ),
    ...section(
      'guards, in the order in which they run',
      [...e.guards].sort((a, b) => a.order - b.order).flatMap(g => [guard(g), ...evidence(g.evidence)]),
    ),
    ...section(
      'looks like a guard, protects nothing',
      e.ineffective.flatMap(i => [`${printable(i.name)} (${i.kind}): ${i.reason}  ${place(i.location)}`, ...evidence(i.evidence)]),
    ),
    ...section(
      'other ends',
      e.outcomes.map(o => `${refusal(o)} on ${o.trigger} (${o.via})  ${place(o.location)}`),
    ),
    ...section(
      'effects',
      e.effects.map(f => `${f.kind}${f.name ? ` ${printable(f.name)}` : ''}  ${place(f.location)}`),
    ),
    ...section('a placeholder', e.stub ? [`${printable(e.stub.says)}  ${place(e.stub.location)}`] : []),
    ...section(
      'not understood',
      e.gaps.map(g => `${printable(g.says)} (may hide ${g.hides.join(', ')})  ${place(g.location)}`),
    ),
  ]);
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`  ${chalk.dim(title)}`, ...lines.map(line => `    ${line}`)];
}

const evidence = (all: Evidence[]): string[] => all.map(e => `  ${chalk.dim('because')} ${printable(e.says)}  ${place(e)}`);
const place = (l: Location): string => chalk.cyan(`${printable(l.file)}:${l.line}`);

function guard(g: Endpoint['guards'][number]): string {
  const notes = [
    g.strength === 'optional' ? 'optional' : '',
    g.requires.length > 0 ? `requires ${g.requires.map(printable).join(' and ')}` : '',
    g.unless ? `unless ${printable(g.unless)}` : '',
    g.presenceOnly ? 'tests presence only' : '',
    g.afterEffect ? 'runs after the first effect' : '',
    g.rejects.length > 0 ? `refuses with ${g.rejects.map(refusal).join(' or ')}` : '',
  ].filter(Boolean);
  return `${g.order}. ${chalk.bold(g.kind)} ${printable(g.name)} (${g.via}, ${g.scope})${notes.length > 0 ? `: ${notes.join('; ')}` : ''}  ${place(g.location)}`;
}

function verdict(v: Verdict): string {
  const by = v.location ? `  ${place(v.location)}` : '';
  if (v.verdict === 'admitted') return `${chalk.green('admitted')}${by}`;
  if (v.verdict === 'unknown') return `${chalk.yellow('unknown')}${v.why ? `: ${printable(v.why)}` : ''}${by}`;
  return `${chalk.red('refused')} ${refusal(v)}${by}`;
}

function refusal(r: Refusal): string {
  if (r.panic) return 'panic';
  const status = r.status === undefined ? (r.error ? printable(r.error) : 'unknown status') : String(r.status);
  return r.redirect === undefined ? status : `${status} to ${printable(r.redirect)}`;
}
