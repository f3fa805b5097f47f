/** The report for people: each finding with its code on both sides and what becomes of each persona, then what was understood. */
import { endpointKey } from '../../contract/path-template.js';
import { PERSONAS, type Side } from '../../contract/types.js';
import { verdict } from '../../checks/say.js';
import type { CheckResult, Finding, PairView, Severity } from '../../findings/types.js';
import { escapeText } from '../escape.js';
import { count, type Paint, plain } from '../paint.js';
import { frames } from './frame.js';

export interface TerminalOptions {
  /** An instance of chalk; without one there are no colours. */
  chalk?: Paint;
  /** Show no more findings than this; the summary counts all. */
  most?: number;
  /** Sentences of why the answer cannot be trusted (`distrust`). */
  distrust?: readonly string[];
}

const LISTED = 8;

/** Text with `\n` line ends and one at the end. */
export function render(result: CheckResult, options: TerminalOptions = {}): string {
  const paint = options.chalk ?? plain;
  const views = new Map(result.pairs.map(p => [endpointKey(p.endpoint), p]));
  const shown = result.findings.slice(0, options.most ?? Infinity);
  const blocks = shown.map(f => block(f, result, views.get(endpointKey(f.endpoint)), paint));
  const rest = result.findings.length - shown.length;
  if (rest > 0) blocks.push(paint.dim(`... and ${count(rest, 'more finding')}`));
  blocks.push(summary(result, paint, options.distrust ?? []));
  return `${blocks.join('\n\n')}\n`;
}

const COLOR: Record<Severity, 'red' | 'yellow' | 'cyan'> = { error: 'red', warning: 'yellow', note: 'cyan' };

function block(f: Finding, result: CheckResult, pair: PairView | undefined, paint: Paint): string {
  const color = paint[COLOR[f.severity]];
  const gutter = String(Math.max(1, ...[...f.python, ...f.rust].map(e => e.line))).length;
  const pad = ' '.repeat(gutter);
  const where = f.endpoints ? count(f.endpoints.length, 'endpoint') : escapeText(`${f.endpoint.method} ${f.endpoint.path}`);
  const lines = [`${paint.bold(color(`${f.severity}[${f.rule}]`))}${paint.bold(`: ${where}`)}`];
  lines.push(`${pad} ${escapeText(f.message)}`);
  lines.push(...frames(f.rust, result.sources.rust, { mark: '^', color, paint, gutter, label: 'rust' }));
  lines.push(...frames(f.python, result.sources.python, { mark: '-', color: paint.blue, paint, gutter, label: 'python' }));
  lines.push(`${pad} ${paint.blue('|')}`);
  const row = (label: string, text: string): string => `${pad} ${paint.blue('=')} ${paint.bold(label)}${text}`;
  if (f.endpoints) {
    const all = f.endpoints.slice(0, LISTED).map(e => escapeText(`${e.method} ${e.path}`));
    const more = f.endpoints.length - all.length;
    lines.push(row('on: ', all.join(', ') + (more > 0 ? ` and ${more} more` : '')));
  }
  if (pair) lines.push(...access(pair, f).map(line => row('', line)));
  if (f.atStake && f.atStake !== 'read') lines.push(row('at stake: ', STAKE[f.atStake]));
  if (f.probe && f.probe.verdict !== 'untried') lines.push(row(`${f.probe.verdict}: `, escapeText(f.probe.says)));
  if (f.probe?.verdict === 'untried') lines.push(row('not tried: ', escapeText(f.probe.says)));
  if (f.help) lines.push(row('help: ', escapeText(f.help)));
  return lines.join('\n');
}

const STAKE = { write: 'the handler writes', delete: 'the handler deletes', execute: 'the handler executes', send: 'the handler sends' };

/** One line for each persona, those whose verdict changes marked. */
function access(pair: PairView, f: Finding): string[] {
  const rows = PERSONAS.map(p => [p, escapeText(verdict(pair.python.access[p])), escapeText(verdict(pair.rust.access[p]))] as const);
  const width = Math.max('python'.length, ...rows.map(r => r[1].length));
  const name = Math.max(...PERSONAS.map(p => p.length));
  const line = (a: string, b: string, c: string): string => `${a.padEnd(name)}  ${b.padEnd(width)}  ${c}`;
  return [line('', 'python', 'rust'), ...rows.map(([p, a, b]) => line(p, a, b) + (p === f.persona && a !== b ? '  ←' : ''))].map(l =>
    l.trimEnd(),
  );
}

function summary(result: CheckResult, paint: Paint, distrust: readonly string[]): string {
  const s = result.summary;
  const lines = [
    paint.bold(`${count(s.pairs, 'endpoint')} paired`) +
      `: ${paint.green(`${s.same} same`)}, ${s.differs} ${s.differs === 1 ? 'differs' : 'differ'}, ${s.cannotTell} cannot be told`,
    `findings: ${paint.red(count(s.findings.error, 'error'))}, ${paint.yellow(count(s.findings.warning, 'warning'))}, ${paint.cyan(count(s.findings.note, 'note'))}`,
    ...(s.probe ? [`asked running servers: ${s.probe.confirmed} confirmed, ${s.probe.refuted} refuted, ${s.probe.untried} not tried`] : []),
    side('python', result, paint),
    side('rust', result, paint),
  ];
  const problems = result.problems.slice(0, 20).map(p => {
    const at = p.file ? ` ${escapeText(p.file)}${p.line ? `:${p.line}` : ''}` : '';
    return `${paint[COLOR[p.severity]](p.severity)} ${p.side ? paint.dim(`${p.side} `) : ''}${escapeText(p.says)}${paint.dim(at)}`;
  });
  if (result.problems.length > problems.length)
    problems.push(paint.dim(`... and ${count(result.problems.length - problems.length, 'more problem')}`));
  lines.push(...problems);
  for (const why of distrust) lines.push(paint.bold(paint.red(`the answer cannot be trusted: ${escapeText(why)}`)));
  return lines.join('\n');
}

function side(name: Side, result: CheckResult, paint: Paint): string {
  const s = result.summary[name];
  const parse = s.parsed === s.files ? count(s.files, 'file') : `${s.parsed} of ${count(s.files, 'file')}`;
  const unread = result.problems.some(p => p.side === name && p.severity !== 'note');
  const understood =
    s.gaps + s.unresolved > 0
      ? `, ${count(s.unresolved, 'route')} not resolved, ${count(s.gaps, 'place')} not understood`
      : s.endpoints === 0
        ? ''
        : unread
          ? ', everything understood that could be read'
          : ', everything understood';
  const framework = s.frameworks.map(escapeText).join(', ') || 'no framework';
  const unpaired = s.endpoints === 0 ? '' : ` (${s.unpaired} without a counterpart)`;
  return `${paint.dim(name.padEnd(6))}  ${framework}: ${parse}, ${count(s.endpoints, 'endpoint')}${unpaired}${understood}`;
}
