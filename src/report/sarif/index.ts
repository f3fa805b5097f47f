/**
 * SARIF 2.1.0, in the shape that GitHub code scanning, GitLab, DefectDojo and SonarQube all read: paths relative to the root of the
 * repository under one base, rules with help and scores, the port's place first and the original's linked from the message.
 */
import { createHash } from 'node:crypto';
import { checks } from '../../checks/index.js';
import type { CheckMeta } from '../../checks/types.js';
import { endpointKey } from '../../contract/path-template.js';
import { jsonText } from '../../contract/serialize.js';
import type { Evidence } from '../../contract/types.js';
import type { CheckResult, Finding, SourceMap } from '../../findings/types.js';
import { escapeText } from '../escape.js';
import { lineAt } from '../terminal/frame.js';
import { CWE, CWE_VERSION } from './cwe.js';
import { lineHashes } from './line-hash.js';
import { descriptors, notifications } from './notifications.js';
import { artifact, type Roots } from './uri.js';

export interface SarifOptions {
  /** Version of parity. */
  version: string;
  /** Exit code of the process, and why. */
  exitCode: number;
  exitCodeDescription?: string;
  /** Paths of the two sides relative to the root of the repository (`''` for the root itself). */
  roots?: Roots;
  /** Page of a rule, without the rule's id at the end. */
  informationUri?: string;
}

/** What GitHub shows of a run; it does not choose the gravest itself, so they are chosen here. */
const MOST = 5000;

/** A whole log, two spaces, a newline at the end. Findings come sorted by severity, so that a cut keeps the gravest. */
export function render(result: CheckResult, options: SarifOptions): string {
  const metas = checks.map(c => c.meta);
  const cwes = [...new Set(metas.flatMap(m => m.cwe))].sort((a, b) => a - b);
  const shown = result.findings.slice(0, MOST);
  const hashes = new Map<string, string[]>();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'parity',
            fullName: `parity ${options.version}`,
            semanticVersion: options.version,
            ...(options.informationUri ? { informationUri: options.informationUri } : {}),
            rules: metas.map(m => rule(m, cwes)),
            notifications: descriptors(result),
            supportedTaxonomies: [{ name: 'CWE', index: 0, guid: guid('taxonomy:CWE') }],
          },
        },
        taxonomies: [
          {
            name: 'CWE',
            version: CWE_VERSION,
            organization: 'MITRE',
            guid: guid('taxonomy:CWE'),
            isComprehensive: false,
            shortDescription: { text: 'The Common Weakness Enumeration' },
            taxa: cwes.map(n => ({ id: `CWE-${n}`, shortDescription: { text: CWE[n] ?? `CWE-${n}` } })),
          },
        ],
        automationDetails: { id: 'parity/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'Root of the repository.' } } },
        invocations: [
          {
            executionSuccessful: options.exitCode === 0 || options.exitCode === 1,
            exitCode: options.exitCode,
            ...(options.exitCodeDescription ? { exitCodeDescription: options.exitCodeDescription } : {}),
            toolExecutionNotifications: notifications(result, options.roots, result.findings.length - shown.length),
          },
        ],
        results: shown.map(f => resultOf(f, result, options.roots, metas, hashes)),
      },
    ],
  };
  return jsonText(log);
}

/** A name must not repeat the id but for its case. */
const nameOf = (id: string): string => (id.includes('-') ? pascal(id) : `Protection${pascal(id)}`);
const pascal = (id: string): string => id.replace(/(?:^|-)([a-z])/g, (_, c: string) => c.toUpperCase());

function rule(m: CheckMeta, cwes: readonly number[]) {
  const tags = [
    ...(m.score ? ['security'] : ['maintainability']),
    ...m.cwe.map(n => `external/cwe/cwe-${n}`),
    ...(m.cwe.some(n => ACCESS.has(n)) ? ['external/owasp/a01-2021'] : []),
  ];
  return {
    id: m.id,
    name: nameOf(m.id),
    shortDescription: { text: m.title },
    fullDescription: { text: m.description },
    help: {
      text: `${m.description} ${m.help}`,
      markdown: `${m.description}\n\n**What to do:** ${m.help}\n\n\`parity explain ${m.id}\` shows an example.`,
    },
    defaultConfiguration: { level: m.severity },
    properties: {
      tags,
      precision: m.precision,
      'problem.severity': m.severity === 'note' ? 'recommendation' : m.severity,
      ...(m.score ? { 'security-severity': m.score.toFixed(1) } : {}),
    },
    relationships: m.cwe.map(n => ({
      target: { id: `CWE-${n}`, index: cwes.indexOf(n), toolComponent: { name: 'CWE', index: 0, guid: guid('taxonomy:CWE') } },
      kinds: ['superset'],
    })),
  };
}

/** Weaknesses that OWASP counts under broken access control. */
const ACCESS = new Set([285, 288, 306, 862, 863]);

interface Place extends Evidence {
  side: 'python' | 'rust';
}

/** What stands for the port where nothing of it, and nothing else of its repository, is spoken of. */
const MANIFEST: Place = { file: 'Cargo.toml', line: 1, says: '', side: 'rust' };

/** Does the original lie outside of the port's repository? */
const isElsewhere = (roots: Roots | undefined): boolean => roots !== undefined && roots.python === undefined;

function resultOf(f: Finding, result: CheckResult, roots: Roots | undefined, metas: readonly CheckMeta[], hashes: Map<string, string[]>) {
  const mark =
    (side: 'python' | 'rust') =>
    (e: Evidence): Place => ({ ...e, side });
  const elsewhere = isElsewhere(roots);
  // Without a place in the port (an endpoint that it lacks) the original's place stands first: an alert needs one.
  const [first = MANIFEST, ...rest] = [...f.rust.map(mark('rust')), ...(elsewhere ? [] : f.python.map(mark('python')))];
  const related = rest.slice(0, 20);
  const title = f.endpoints ? `${f.endpoints.length} endpoints` : `\`${f.endpoint.method} ${f.endpoint.path}\``;
  const text = `${title}: ${f.message}`;
  const links = [
    ...related.map((p, i) => `- [${linkText(p)}](${i + 1}): ${unlinked(p.says)}`),
    ...(elsewhere ? f.python.slice(0, 20).map(p => `- in the original, ${unlinked(`${p.file}:${p.line}: ${p.says}`)}`) : []),
  ];
  const listed = f.endpoints ? `\n\nEndpoints: ${f.endpoints.map(e => `\`${unlinked(`${e.method} ${e.path}`)}\``).join(', ')}` : '';
  const probed = f.probe && f.probe.verdict !== 'untried' ? `\n\n${pascal(f.probe.verdict)}: ${unlinked(f.probe.says)}` : '';
  const hash = lineHash(first, result.sources[first.side], hashes);
  return {
    ruleId: f.rule,
    ruleIndex: metas.findIndex(m => m.id === f.rule),
    level: f.severity,
    kind: 'fail',
    message: { text: unlinked(text) + probed + listed + (links.length > 0 ? `\n\n${links.join('\n')}` : '') },
    locations: [
      {
        id: 0,
        ...location(first, result, roots),
        logicalLocations: [{ fullyQualifiedName: endpointKey(f.endpoint), kind: 'resource' }],
      },
    ],
    relatedLocations: related.map((p, i) => ({ id: i + 1, message: { text: unlinked(p.says) }, ...location(p, result, roots) })),
    ...(f.python.length > 0 && f.rust.length > 0 && !elsewhere ? { codeFlows: [flow(f, result, roots)] } : {}),
    partialFingerprints: { ...(hash ? { primaryLocationLineHash: hash } : {}), 'parityContract/v1': f.fingerprint },
    fingerprints: { 'parityContract/v1': f.fingerprint },
    properties: {
      verdict: f.verdict,
      endpoint: `${f.endpoint.method} ${f.endpoint.path}`,
      ...(f.endpoints ? { endpoints: f.endpoints.map(e => `${e.method} ${e.path}`) } : {}),
      ...(f.persona ? { persona: f.persona } : {}),
      ...(f.about ? { about: f.about } : {}),
      ...(f.atStake ? { atStake: f.atStake } : {}),
      ...(f.help ? { help: f.help } : {}),
      ...(f.probe ? { probe: f.probe } : {}),
    },
  };
}

/** From what the original does to what the port does. */
function flow(f: Finding, result: CheckResult, roots: Roots | undefined) {
  const steps: Place[] = [...f.python.map(e => ({ ...e, side: 'python' as const })), ...f.rust.map(e => ({ ...e, side: 'rust' as const }))];
  return {
    threadFlows: [
      { locations: steps.slice(0, 20).map(p => ({ location: { message: { text: unlinked(p.says) }, ...location(p, result, roots) } })) },
    ],
  };
}

function location(p: Place, result: CheckResult, roots: Roots | undefined) {
  const text = result.sources[p.side].get(p.file);
  const line = text === undefined ? undefined : lineAt(text, p.line);
  return { physicalLocation: { artifactLocation: artifact(p.file, p.side, roots), region: region(p, line) } };
}

function region(p: Evidence, line: string | undefined) {
  if (line === undefined) return { startLine: p.line, ...(p.column ? { startColumn: p.column } : {}) };
  const startColumn = Math.min(p.column ?? line.length - line.trimStart().length + 1, line.length + 1);
  return {
    startLine: p.line,
    startColumn,
    endLine: p.line,
    endColumn: Math.max(line.length, startColumn) + 1,
    snippet: { text: line.slice(0, 400) },
  };
}

function lineHash(p: Place, sources: SourceMap, hashes: Map<string, string[]>): string | undefined {
  const text = sources.get(p.file);
  if (text === undefined) return undefined;
  const key = `${p.side}:${p.file}`;
  const all = hashes.get(key) ?? lineHashes(text);
  hashes.set(key, all);
  return all[p.line];
}

/** Text that opens no link of its own: analysed names may hold brackets. */
const unlinked = (s: string): string => escapeText(s).replaceAll('](', '] (');
const linkText = (p: Place): string => escapeText(`${p.file}:${p.line}`).replace(/[[\]\\]/g, c => `\\${c}`);

/** A GUID that is the same in every run. */
function guid(of: string): string {
  const h = createHash('sha256').update(of).digest('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}
